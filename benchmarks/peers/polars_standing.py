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
        views.person.join(objecting(known, record), on="pid", how="left")
        .join(dead(views), on="pid", how="left")
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
        .when(pl.col("superseded_by").is_not_null()).then(pl.lit("merged"))
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


def objecting(known, record):
    rows = known.rows("opt_outs").join(record.lazy(), on="person_id").filter(pl.col("objection").is_in(COUNTING))
    rows = rows.with_columns(dissents=pl.col("status") != "withdrawn").collect().sort("recorded_at", "dissents")
    newest = rows.group_by("pid", "objection", maintain_order=True).last()
    return newest.filter("dissents").select("pid", is_objecting=pl.lit(True)).unique()


def dead(views):
    reported = views.known.rows("deaths").join(views.record.lazy(), on="person_id").collect()
    reports = pl.concat([
        reported.select("pid", day="death_date"),
        views.stay.filter(pl.col("died")).drop_nulls("discharge_date").select("pid", day="discharge_date"),
        views.attendance.filter(pl.col("discharge_destination") == DIED).select("pid", "day"),
    ]).group_by("pid").agg(died_on=pl.col("day").min())
    seen = pl.concat([views.stay.select("pid", day="admission_date"), views.attendance.select("pid", "day")])
    seen = seen.group_by("pid").agg(seen_on=pl.col("day").max())
    rows = reports.join(seen, on="pid", how="left")
    return rows.select("pid", "died_on", is_disputed=(pl.col("seen_on") > pl.col("died_on")).fill_null(False))


def registration(known, record, t):
    rows = known.rows("registrations").join(record.lazy(), on="person_id").filter(
        pl.col("registration_type").fill_null("regular") == "regular",
        ~pl.col("practice_code").is_in(NO_PRACTICE),
        pl.col("end_date").is_null() | (pl.col("end_date") > t),
    ).collect()
    rows = rows.sort("start_date", "practice_code", descending=[False, True])
    return rows.group_by("pid", maintain_order=True).last().select("pid", "practice_code", "start_date")
