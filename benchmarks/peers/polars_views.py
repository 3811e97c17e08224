"""The views of the catalogue in polars: dated facts of everybody, one frame per view."""

import collections
import csv
import datetime

import polars as pl

import polars_stays as hospital
from polars_known import london_day

TEN_YEARS = 10
RECORDS_MAX = 5


def years_between(born, day):
    """Whole years, as people count birthdays."""
    of_year = lambda date: date.dt.month().cast(pl.Int32) * 100 + date.dt.day()
    return day.dt.year() - born.dt.year() - (of_year(day) < of_year(born)).cast(pl.Int32)


class Views:
    """Everybody's facts on one day."""

    def __init__(self, known, catalogue):
        self.known, self.catalogue, self.t = known, catalogue, known.t
        self.people()
        self.stays()
        self.emergency_care()
        self.prescriptions()
        self.results()
        self.conditions()
        self.scores()
        self.standing()

    def people(self):
        person = self.known.rows("patients").collect().with_row_index("pid")
        into = dict(person.drop_nulls("superseded_by").select("person_id", "superseded_by").iter_rows())
        pid = dict(person.select("person_id", "pid").iter_rows()) if into else {}
        merged_into = collections.Counter(into.values())
        # More records than one person has, merged into one that nobody has sent, are merged into nobody.
        placeholders = {by for by, n in merged_into.items() if n > RECORDS_MAX and by not in pid}
        self.person = person
        whose = [(one, *self.whose(one, into, pid, placeholders)) for one in into]
        schema = {"person_id": pl.String, "of_pid": person.schema["pid"], "of_person": pl.String, "last_named": pl.String,
                  "is_merged": pl.Boolean}
        records = person.select("person_id", "pid").join(pl.DataFrame(whose, schema=schema, orient="row"), on="person_id", how="left")
        records = records.with_columns(pl.col("of_person", "last_named").fill_null(pl.col("person_id")), pl.col("is_merged").fill_null(False))
        self.record = records.select("person_id", pid=pl.coalesce("of_pid", "pid"))
        self.group = records.select("person_id", "of_person", "last_named", "is_merged")
        # Also of a record that was only named.
        self.kin = pl.concat([
            self.group.select("person_id", "of_person"), self.group.select(person_id="of_person", of_person="of_person"),
        ]).unique()

    @staticmethod
    def whose(one, into, pid, placeholders):
        """Of a record: to whom its rows belong, whose record it is, into which it was merged in the end, and whether another
        stands for it."""
        chain = [one]
        while chain[-1] in into and chain[-1] not in chain[:-1]:
            chain.append(into[chain[-1]])
        if chain[-1] in into:
            circle = chain[chain.index(chain[-1]) + 1 :]
            return pid[one], min(circle), min(circle), True
        survivor = [record for record in chain if record in pid][-1]
        believed = [record for record in chain if record not in placeholders]
        return pid[survivor], believed[-1], chain[-1], survivor != one

    def stays(self):
        rows = hospital.episodes(self.known, self.record)
        self.stay, of_spell = hospital.stays(hospital.spells(rows))
        self.coded = hospital.diagnoses(rows, of_spell)
        conditions = [condition["icd10"] for condition in self.catalogue["conditions"]]
        self.condition_of = hospital.items_of(self.coded["code"], conditions)
        ids = [condition["id"] for condition in self.catalogue["conditions"]]
        drugs = self.condition_of.filter(pl.col("item").is_in([ids.index("alcohol_dependence"), ids.index("substance_misuse")]))
        category, main = pl.col("code").str.head(3), pl.col("main_diagnosis")
        marks = self.coded.group_by("stay").agg(
            is_self_harm=(category.is_between(pl.lit("X60"), pl.lit("X84")) | pl.col("code").str.starts_with("Y870")).any(),
            is_alcohol_or_drugs=(category.is_in(["T40", "T51"]) | pl.col("code").is_in(drugs["code"].to_list())).any(),
        )
        is_mental = main.str.starts_with("F") & ~main.str.contains("^(F00|F01|F02|F03|F05|F7)")
        kinds = {"is_emergency": "emergency", "is_elective": "elective", "is_day_case": "day_case",
                 "is_regular_attender": "regular_attender", "is_other": "other"}
        self.hospital_stays = self.stay.join(marks, on="stay", how="left").with_columns(
            *[(pl.col("kind") == of_kind).alias(test) for test, of_kind in kinds.items()],
            day=pl.col("admission_date"),
            end_day=pl.col("discharge_date"),
            is_zero_day=(pl.col("discharge_date") == pl.col("admission_date")).fill_null(False),
            is_psychiatric=pl.col("is_mental_health") | is_mental,
            is_self_harm=pl.col("is_self_harm").fill_null(False),
            is_alcohol_or_drugs=pl.col("is_alcohol_or_drugs").fill_null(False),
        )
        self.discharges = self.hospital_stays.with_columns(day=pl.col("end_day")).drop_nulls("day")
        items = self.coded.join(self.condition_of, on="code").select("stay", "item").unique()
        self.stay_conditions = self.hospital_stays.join(items, on="stay")

    def emergency_care(self):
        rows = self.known.rows("ed_attendances").join(self.record.lazy(), on="person_id").collect()
        self.attendance = rows.with_columns(day=london_day("arrival_at"))
        left = ["left_before_assessment", "left_after_assessment", "left_before_treatment_completed"]
        ambulance = hospital.codes("emergency_care.csv", field=["arrival_mode"], value=["ambulance"])
        kind = pl.col("department_type")
        self.emergency_care_facts = self.attendance.filter(pl.col("attendance_category").is_in(["1", "2", "3"])).with_columns(
            is_ae=kind.is_in(["01", "02", "03", "04"]),
            is_same_day_emergency_care=kind == "05",
            is_major=kind == "01",
            by_ambulance=pl.col("arrival_mode").is_in(ambulance).fill_null(False),
            left_before_treatment=pl.col("discharge_status").is_in(hospital.codes("emergency_care.csv", value=left)).fill_null(False),
        )

    def prescriptions(self):
        sections = self.catalogue["bnf_sections"]
        table = pl.DataFrame({"section": sections, "item": range(len(sections))}, schema={"section": pl.String, "item": pl.Int64})
        of_length = lambda n: table.filter(pl.col("section").str.len_bytes() == n)
        code = pl.col("bnf_code")
        item = pl.coalesce(*[
            code.str.head(n).replace_strict(of_length(n)["section"], of_length(n)["item"], default=None, return_dtype=pl.Int64)
            for n in (2, 4)
        ])
        facts = self.known.rows("gp_prescriptions").select("person_id", "bnf_code", day="issue_date")
        facts = facts.join(self.record.lazy(), on="person_id").select("pid", "bnf_code", "day", item=item)
        columns = [(pl.col("day") > self.before(days)).sum().alias(f"n_{days}d") for days in (30, 90, 180, 365, 1095)]
        for n, condition in enumerate(self.catalogue["conditions"]):
            if needed := condition["needs_medicine"]:
                is_one = pl.any_horizontal(code.str.starts_with(prefix) for prefix in needed["bnf_prefixes"])
                columns.append((is_one & (pl.col("day") > self.before(needed["within_days"]))).any().alias(f"medicine_{n}"))
        columns.append(pl.col("day").max().alias("day"))
        self.issued = facts.group_by("pid", "item").agg(columns).collect(engine="streaming")

    def results(self):
        rows = self.known.rows("gp_events").join(self.record.lazy(), on="person_id").select(
            "pid", "event_date", "snomed_code", "value", "unit")
        measured = rows.drop_nulls("value").filter(pl.col("event_date") > self.before(1095))
        measured = measured.with_columns(unit=pl.col("unit").fill_null("")).join(self.readings().lazy(), on=["snomed_code", "unit"])
        value = pl.col("value")
        amount = pl.when((pl.col("times") == 1) & (pl.col("plus") == 0)).then(value).otherwise(value * pl.col("times") + pl.col("plus"))
        measured = measured.filter((value >= pl.col("above")).fill_null(True), (value < pl.col("below")).fill_null(True))
        measured = measured.with_columns(amount=amount).filter(pl.col("amount").is_between("smallest", "largest"))
        newest = measured.filter(pl.col("event_date") == pl.col("event_date").max().over("pid", "item"))
        # Of two of one day the greater.
        newest = newest.group_by("pid", "item").agg(pl.col("amount").max(), pl.col("event_date").first()).collect()
        milli = (pl.col("amount") * 1000).round(0, mode="half_away_from_zero").cast(pl.Int64)
        self.latest = newest.select("pid", "item", amount=milli, day="event_date")

    def readings(self):
        """How each result is read, by its code and unit (V25, V26); an absent unit is an empty one."""
        def of(name):
            with open(hospital.LISTS / name, newline="") as lines:
                return list(csv.DictReader(lines))
        units, found = of("observation_units.csv"), []
        snomed = of("observation_snomed.csv")
        for item, known in enumerate(of("observations.csv")):
            id, unit = known["observation"], known["unit"]
            ways = {(row["unit"], float(row["multiply_by"]), float(row["add"]), None, None) for row in units if row["observation"] == id}
            percent = [way for way in ways if way[0] == "%"]
            others = {way for way in ways if way[0] != unit}
            ways = others | {(unit, 1.0, 0.0, None, None)}
            if id == "hba1c":
                ways |= {("", 1.0, 0.0, 20.0, None)} | {("", times, plus, None, 20.0) for _, times, plus, _, _ in percent}
            elif not others:
                ways.add(("", 1.0, 0.0, None, None))
            for row in snomed:
                if row["observation"] == id:
                    found += [(item, row["snomed"], *way, float(known["min"]), float(known["max"])) for way in ways]
        schema = {"item": pl.Int64, "snomed_code": pl.String, "unit": pl.String} | {
            name: pl.Float64 for name in ["times", "plus", "above", "below", "smallest", "largest"]}
        return pl.DataFrame(found, schema=schema, orient="row")

    def conditions(self):
        known = self.catalogue["conditions"]
        codes = [(code, item, ends) for item, one in enumerate(known)
                 for ends, of in ((False, "snomed"), (True, "snomed_resolved")) for code in one[of]]
        codes = pl.DataFrame(codes, schema={"snomed_code": pl.String, "item": pl.Int64, "ends": pl.Boolean}, orient="row")
        rules = pl.DataFrame(
            [(n, one["min_age"], one["min_age_at_first_record"], one["not_before"], one["needs_medicine"] is not None,
              one["is_disease"], one["is_coached"]) for n, one in enumerate(known)],
            schema={"item": pl.Int64, "min_age": pl.Int32, "min_first": pl.Int32, "not_before": pl.String,
                    "needs": pl.Boolean, "is_disease": pl.Boolean, "is_coached": pl.Boolean}, orient="row",
        ).with_columns(pl.col("not_before").str.to_date())
        births = self.person.select("pid", "birth_month")
        day, shows = pl.col("event_date"), ~pl.col("ends") & (pl.col("event_date") >= pl.col("not_before")).fill_null(True)
        events = self.known.rows("gp_events").select("person_id", "snomed_code", "event_date")
        events = events.join(codes.lazy(), on="snomed_code").join(rules.lazy(), on="item").join(self.record.lazy(), on="person_id")
        gp = events.group_by("pid", "item").agg(
            first=day.filter(shows).min(), newest=day.filter(shows).max(), ended=day.filter("ends").max()).collect()
        gp = gp.join(rules, on="item").join(births, on="pid").join(self.medicine(known), on=["pid", "item"], how="left")
        may = ~pl.col("needs") | pl.col("has_medicine").fill_null(False) | (self.issued.height == 0)
        has_ended = (pl.col("ended") >= pl.coalesce("newest", "ended")).fill_null(False)
        old = (years_between(pl.col("birth_month"), pl.col("first")) >= pl.col("min_first")).fill_null(True)
        gp = gp.select("pid", "item", has_ended.alias("has_ended"), pl.when(may & old).then("first").alias("gp_day"))
        year = self.t.year - TEN_YEARS
        start = datetime.date(year, self.t.month, min(self.t.day, 28 if self.t.month == 2 and year % 4 else self.t.day))
        seen = self.stay.filter(pl.col("admission_date") > start).select("stay", "admission_date")
        seen = self.coded.join(seen, on="stay").join(self.condition_of, on="code").group_by("pid", "item").agg(
            stay_day=pl.col("admission_date").min())
        both = gp.join(seen, on=["pid", "item"], how="full", coalesce=True).filter(~pl.col("has_ended").fill_null(False))
        both = both.with_columns(day=pl.min_horizontal("gp_day", "stay_day")).drop_nulls("day")
        both = both.join(rules, on="item").join(births, on="pid")
        age = years_between(pl.col("birth_month"), pl.lit(self.t))
        both = both.filter((age >= pl.col("min_age")).fill_null(True))
        for item, one in enumerate(known):
            for other in one["unless"]:
                ruled_out = both.filter(pl.col("item") == other).select("pid", item=pl.lit(item, pl.Int64))
                both = both.join(ruled_out, on=["pid", "item"], how="anti")
        self.conditions_facts = both

    def medicine(self, known):
        has = [self.issued.filter(pl.col(f"medicine_{n}")).select("pid", item=pl.lit(n, pl.Int64)).unique()
               for n, one in enumerate(known) if one["needs_medicine"]]
        return pl.concat(has).with_columns(has_medicine=True)

    def scores(self):
        recent = self.stay.filter(pl.col("admission_date") > self.before(730)).select("stay", "admission_date")
        recent = self.coded.join(recent, on="stay").group_by("pid", "code").agg(day=pl.col("admission_date").max())
        groups = self.catalogue["charlson_groups"]
        group_of = hospital.items_of(recent["code"], [group["icd10"] for group in groups])
        coded = recent.join(group_of, on="code").group_by("pid", "item").agg(pl.col("day").max())
        rules = pl.DataFrame({"item": range(len(groups)), "amount": [g["weight"] for g in groups],
                              "severe": [g["yields_to"] for g in groups]},
                             schema={"item": pl.Int64, "amount": pl.Int64, "severe": pl.Int64})
        coded = coded.join(rules, on="item")
        self.charlson = coded.join(coded.select("pid", severe="item"), on=["pid", "severe"], how="anti")
        with open(hospital.LISTS / "hfrs.csv", newline="") as lines:
            points = {row["icd10"]: round(float(row["points"]) * 10) for row in csv.DictReader(lines)}
        frail = recent.with_columns(code=pl.col("code").str.head(3))
        frail = frail.with_columns(amount=pl.col("code").replace_strict(points, default=None, return_dtype=pl.Int64))
        self.frailty = frail.drop_nulls("amount").group_by("pid", "code").agg(pl.col("day").max(), pl.col("amount").first())

    def standing(self):
        from polars_standing import standing

        self.everybody = standing(self)

    def before(self, days):
        return self.t - datetime.timedelta(days=days)
