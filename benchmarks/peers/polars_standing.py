"""Where everybody stands, and what is known of the person, in polars."""

import polars as pl

from polars_known import NO_PRACTICE
from polars_views import years_between

COUNTING = ["type1", "national_data_opt_out", "programme"]
DIED = "305398007"
AREAS = 32_844


def standing(views):
    """One row per row of patients: standing, age and attributes."""
    known, record, t = views.known, views.record, views.t
    practices = known.rows("reference_practices").select("practice_code", in_area=pl.lit(True)).collect()
    areas = known.rows("reference_lsoa").select("lsoa21", "imd_rank_2019", resident=pl.lit(True)).collect()
    coached = views.conditions_facts.filter("is_coached").select("pid").unique().with_columns(is_coached=True)
    rows = (
        views.person.join(views.group, on="person_id")
        .join(objecting(views), on="person_id", how="left")
        .join(dead(views), on="of_person", how="left")
        .join(registration(known, record, t), on="pid", how="left")
        .join(practices, on="practice_code", how="left")
        .join(areas, on="lsoa21", how="left")
        .join(coached, on="pid", how="left")
    )
    age = years_between(pl.col("birth_month"), pl.lit(t))
    in_area = pl.when(pl.col("practice_code").is_not_null()).then("in_area").otherwise("resident").fill_null(False)
    is_set = lambda name: pl.col(name).fill_null(False)
    return rows.with_columns(
        pl.when(is_set("is_objecting")).then(pl.lit("objecting"))
        .when(is_set("is_test_patient")).then(pl.lit("test_patient"))
        .when("is_merged").then(pl.lit("merged"))
        .when(is_set("is_disputed")).then(pl.lit("disputed_death"))
        .when(pl.col("died_on").is_not_null()).then(pl.lit("died"))
        .when(~in_area).then(pl.lit("not_in_area"))
        .when(age < views.catalogue["minimum_age_years"]).then(pl.lit("under_age"))
        .when(~is_set("is_coached")).then(pl.lit("no_coached_condition"))
        .otherwise(pl.lit("scored")).alias("standing"),
        age_years=age,
        is_male=pl.col("sex").replace_strict({"1": 1, "2": 0}, default=None, return_dtype=pl.Int64),
        imd_decile=(pl.col("imd_rank_2019") - 1) * 10 // AREAS + 1,
        registered_since=pl.when(is_set("in_area")).then("start_date"),
    )


def objecting(views):
    """Of each record and kind the newest entry counts. An objection by one record is one by all of the person, and one of a
    placeholder by all that are merged into it."""
    rows = views.known.rows("opt_outs").filter(pl.col("objection").is_in(COUNTING))
    rows = rows.with_columns(dissents=pl.col("status") != "withdrawn").collect().sort("recorded_at", "dissents")
    newest = rows.group_by("person_id", "objection", maintain_order=True).last()
    dissent = newest.filter("dissents").select("person_id").unique()
    persons = dissent.join(views.kin, on="person_id")["of_person"].unique()
    is_one = pl.col("of_person").is_in(persons.implode()) | pl.col("last_named").is_in(dissent["person_id"].implode())
    return views.group.filter(is_one).select("person_id", is_objecting=pl.lit(True))


def dead(views):
    """A death by one record is one by all of the person; a later visit under any of them disputes it."""
    reported = views.known.rows("deaths").join(views.kin.lazy(), on="person_id").collect()
    of_person = views.person.select("pid", "person_id").join(views.group, on="person_id").select("pid", "of_person")
    stay, attendance = views.stay.join(of_person, on="pid"), views.attendance.join(of_person, on="pid")
    reports = pl.concat([
        reported.select("of_person", day="death_date"),
        stay.filter(pl.col("died")).drop_nulls("discharge_date").select("of_person", day="discharge_date"),
        attendance.filter(pl.col("discharge_destination") == DIED).select("of_person", "day"),
    ]).group_by("of_person").agg(died_on=pl.col("day").min())
    seen = pl.concat([stay.select("of_person", day="admission_date"), attendance.select("of_person", "day")])
    seen = seen.group_by("of_person").agg(seen_on=pl.col("day").max())
    rows = reports.join(seen, on="of_person", how="left")
    return rows.select("of_person", "died_on", is_disputed=(pl.col("seen_on") > pl.col("died_on")).fill_null(False))


def registration(known, record, t):
    rows = known.rows("registrations").join(record.lazy(), on="person_id").filter(
        pl.col("registration_type").fill_null("regular") == "regular",
        ~pl.col("practice_code").is_in(NO_PRACTICE),
        pl.col("end_date").is_null() | (pl.col("end_date") > t),
    ).collect()
    rows = rows.sort("start_date", "practice_code", descending=[False, True])
    return rows.group_by("pid", maintain_order=True).last().select("pid", "practice_code", "start_date")
