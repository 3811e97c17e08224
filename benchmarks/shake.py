#!/usr/bin/env python3
"""Shakes the rows of deliveries: the same keys and layout, with contents that life seldom brings.

    shake.py EXTRACTS OUT --seed 1

Few people get nearly all rows, so that stays overlap, transfers chain and results tie; codes come from the whole code
lists; registrations, objections and deaths contradict each other; a tenth of what a delta brings are withdrawals.
Every row still obeys the rules that would reject it, but for a few visits sent twice (V27). Parquet only.
"""

import argparse
import csv
import datetime
import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import polars as pl

LISTS = Path(__file__).resolve().parent.parent / "data-schemas" / "codelists"
CROWD = 150
DAYS = 1500


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("extracts", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    folders = sorted(path.parent for path in args.extracts.glob("*/manifest.json"))
    chance = np.random.default_rng(args.seed)
    crowd = None
    for folder in folders:
        target = args.out / folder.name
        shutil.copytree(folder, target)
        manifest = json.loads((target / "manifest.json").read_text())
        if crowd is None:
            crowd = choose_crowd(target, manifest)
        extracted = datetime.datetime.fromisoformat(manifest["extracted_at"].replace("Z", "+00:00"))
        shaker = Shaker(chance, crowd, extracted, manifest["delivery"] == "delta")
        for file in manifest["files"]:
            shake_file(target / file["file"], file, shaker)
        (target / "manifest.json").write_text(json.dumps(manifest, indent=2))


def choose_crowd(folder, manifest):
    """Grown-ups, to whom anything may have happened in the last years."""
    files = [folder / file["file"] for file in manifest["files"] if file["table"] == "patients"]
    people = pl.concat([pl.read_parquet(file) for file in files]).sort("person_id")
    return people.filter(pl.col("birth_month") < datetime.date(2000, 1, 1))["person_id"].to_list()[:CROWD]


def shake_file(path, file, shaker):
    shake = getattr(shaker, file["table"], None)
    if shake is None:
        return
    rows = pl.read_parquet(path)
    if rows.is_empty():
        return
    shaken = rows.with_columns(**shake(rows)).select(rows.columns).cast(dict(rows.schema))
    if "is_deleted" in rows.columns and shaker.is_delta:
        shaken = shaken.with_columns(is_deleted=pl.Series(shaker.chance.random(rows.height) < 0.1))
    key = {"registrations": ["person_id", "practice_code", "start_date"], "deaths": ["person_id", "source"]}
    if file["table"] in key:
        shaken = shaken.unique(key[file["table"]], maintain_order=True)
    shaken.write_parquet(path)
    file["row_count"] = shaken.height
    file["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()


def column(name, field):
    with open(LISTS / name, newline="") as lines:
        return [row[field] for row in csv.DictReader(lines)]


class Shaker:
    """New contents for the rows of each table."""

    def __init__(self, chance, crowd, extracted, is_delta):
        self.chance, self.crowd, self.extracted, self.is_delta = chance, crowd, extracted, is_delta
        self.last_day = extracted.date() - datetime.timedelta(days=1)
        self.unsent = [hashlib.sha256(f"unsent {n}".encode()).hexdigest() for n in range(len(crowd))]
        icd10 = column("condition_icd10.csv", "icd10") + column("charlson_icd10.csv", "icd10")
        odd = ["X600", "X84", "Y870", "Y871", "T401", "T510", "T520", "F051", "F03", "F700", "F412", "R69", "Z000", "J44.9", "I10X"]
        self.icd10 = icd10 + column("hfrs.csv", "icd10") + odd * 5

    def pick(self, values, n, p=None):
        return [values[i] for i in self.chance.choice(len(values), n, p=p)]

    def people(self, n):
        return self.pick(self.crowd, n)

    def days(self, n, within=DAYS):
        """Days up to the day before the extract, half of them in the last months."""
        back = np.where(self.chance.random(n) < 0.5, self.chance.integers(0, 120, n), self.chance.integers(0, within, n))
        return [self.last_day - datetime.timedelta(days=int(days)) for days in back]

    def later(self, days, most):
        """Moments some days after a day, and before the extract."""
        moments = []
        for day in days:
            minutes = int(self.chance.integers(0, most * 1440))
            moment = datetime.datetime.combine(day, datetime.time(), datetime.timezone.utc)
            moments.append(min(moment + datetime.timedelta(minutes=minutes), self.extracted))
        return moments

    def patients(self, rows):
        n = rows.height
        ids = rows["person_id"].to_list()
        # Some of the crowd are merged into the one before them in the order of the keys, so chains form and no circle.
        survivor = {now: before for before, now in zip(self.crowd[::7], self.crowd[1::7])}
        survivor |= {now: before for before, now in zip(self.crowd[1::14], self.crowd[2::14])}
        # Others into records that nobody sends: two into each, and more than one person has into two placeholders.
        survivor |= {now: self.unsent[2 + n // 2] for n, now in enumerate(self.crowd[4::14])}
        survivor |= dict.fromkeys(self.crowd[5::21], self.unsent[0]) | dict.fromkeys(self.crowd[10::21], self.unsent[1])
        return {
            "superseded_by": pl.Series([survivor.get(one) for one in ids], dtype=pl.String),
            "sex": pl.Series(self.pick(["1", "2", "9", "0"], n)),
            "care_home_resident": pl.Series(self.pick([True, False, None], n)),
            "housebound": pl.Series(self.pick([True, False, None], n)),
        }

    def registrations(self, rows):
        n = rows.height
        starts = self.days(n, 3000)
        # Nobody is registered before birth: the young keep the day of the full table.
        starts = [max(new, old) if old else new for new, old in zip(starts, rows["start_date"])]
        starts = [min(start, self.last_day) for start in starts]
        ends = [start + datetime.timedelta(days=int(self.chance.integers(0, 900))) for start in starts]
        ends = [end if end <= self.last_day and self.chance.random() < 0.6 else None for end in ends]
        practices = rows["practice_code"].drop_nulls().unique().sort().to_list() + ["V81997"]
        return {
            "practice_code": pl.Series(self.pick(practices, n)),
            "start_date": pl.Series(starts),
            "end_date": pl.Series(ends, dtype=pl.Date),
            "registration_type": pl.Series(self.pick(["regular", None, "temporary"], n, [0.7, 0.2, 0.1])),
        }

    def gp_events(self, rows):
        n = rows.height
        codes = column("condition_snomed.csv", "snomed") + column("observation_snomed.csv", "snomed") * 3
        units = column("observation_units.csv", "unit") + [None] * 8 + ["furlong", "{score}"]
        days = self.days(n)
        return {
            "person_id": pl.Series(self.people(n)),
            "event_date": pl.Series(days),
            "recorded_at": pl.Series(self.later(days, 20)),
            "snomed_code": pl.Series(self.pick(codes, n)),
            "value": pl.Series(np.round(self.chance.gamma(2.0, 30.0, n), 2)),
            "unit": pl.Series(self.pick(units, n), dtype=pl.String),
        }

    def gp_prescriptions(self, rows):
        n = rows.height
        codes = [code + "011R0AAAPAP" if code[0] in "01" and len(code) == 4 else code for code in column("bnf_sections.csv", "code")]
        return {
            "person_id": pl.Series(self.people(n)),
            "issue_date": pl.Series(self.days(n)),
            "bnf_code": pl.Series(self.pick(codes + ["0301", "0408", "19", "1901", "2102"], n)),
        }

    def apc_episodes(self, rows):
        n = rows.height
        admitted, stays = self.days(n, 700), self.chance.choice([0, 0, 1, 2, 5, 20, -1], n)
        discharged = [day + datetime.timedelta(days=int(days)) if days >= 0 else None for day, days in zip(admitted, stays)]
        discharged = [day if day and day <= self.last_day else None for day in discharged]
        began = [min(day + datetime.timedelta(days=int(self.chance.integers(0, 2))), end or day) for day, end in zip(admitted, discharged)]
        ended = [end if self.chance.random() < 0.8 else (start if end else None) for start, end in zip(began, discharged)]
        # The key names the provider, so a correction must find the same one.
        providers = [["R1H", "RF4", "RQX"][int(hashlib.sha256(one.encode()).hexdigest(), 16) % 3] for one in rows["episode_id"]]
        return {
            "person_id": pl.Series(self.people(n)),
            "provider_code": pl.Series(providers),
            "spell_id": pl.Series([f"s{i}" for i in self.chance.integers(0, 12, n)]),
            "admission_date": pl.Series(admitted),
            "discharge_date": pl.Series(discharged, dtype=pl.Date),
            "episode_start": pl.Series(began),
            "episode_end": pl.Series(ended, dtype=pl.Date),
            "episode_order": pl.Series(self.chance.integers(1, 4, n)),
            "admission_method": pl.Series(self.pick(["21", "22", "28", "2A", "2B", "2C", "2D", "81", "11", "12", "13", "31", "82", "99"], n)),
            "admission_source": pl.Series(self.pick(["19", "51", "49", "87", "54", None], n)),
            "patient_classification": pl.Series(self.pick(["1", "2", "3", "4", "5", "8"], n, [0.7, 0.1, 0.08, 0.04, 0.04, 0.04])),
            "discharge_method": pl.Series([day and self.pick(["1", "4", None], 1, [0.96, 0.01, 0.03])[0] for day in discharged], dtype=pl.String),
            "discharge_destination": pl.Series([day and self.pick(["19", "51", "52", "84", "79", None], 1, [0.5, 0.3, 0.08, 0.08, 0.01, 0.03])[0] for day in discharged], dtype=pl.String),
            "episode_type": pl.Series(self.pick(["1", "2", "3", "4", None], n, [0.9, 0.02, 0.02, 0.03, 0.03])),
            "treatment_function": pl.Series(self.pick(["300", "424", "501", "700", "727", "728", None], n, [0.7, 0.06, 0.04, 0.05, 0.05, 0.05, 0.05])),
            "diagnoses": pl.Series([self.pick(self.icd10, int(self.chance.integers(0, 5))) for _ in range(n)], dtype=pl.List(pl.String)),
            "is_well_baby": pl.Series(self.pick([False, None, True], n, [0.9, 0.07, 0.03])),
            "is_sdec": pl.Series(self.pick([False, None, True], n, [0.8, 0.1, 0.1])),
            "received_at": pl.Series(self.later(admitted, 60)),
        }

    def ed_attendances(self, rows):
        n = rows.height
        arrived = self.later(self.days(n), 1)
        codes = {field: [] for field in ["arrival_mode", "acuity", "discharge_status", "discharge_destination"]}
        for field, code in zip(column("emergency_care.csv", "field"), column("emergency_care.csv", "snomed")):
            codes[field].append(code)
        alive = [code for code in codes["discharge_destination"] if code != "305398007"]
        return {
            "person_id": pl.Series(self.people(n)),
            "provider_code": pl.Series([["R1H", "RF4"][int(hashlib.sha256(one.encode()).hexdigest(), 16) % 2] for one in rows["attendance_id"]]),
            "arrival_at": pl.Series(arrived),
            "departure_at": pl.Series([None] * n, dtype=pl.Datetime("us", "UTC")),
            "department_type": pl.Series(self.pick(["01", "02", "03", "04", "05"], n)),
            "attendance_category": pl.Series(self.pick(["1", "2", "3", "4"], n)),
            "arrival_mode": pl.Series(self.pick(codes["arrival_mode"] + [None], n), dtype=pl.String),
            "acuity": pl.Series(self.pick(codes["acuity"] + [None], n), dtype=pl.String),
            "discharge_status": pl.Series(self.pick(codes["discharge_status"] + [None], n), dtype=pl.String),
            "discharge_destination": pl.Series(self.pick(alive * 30 + ["305398007", None], n), dtype=pl.String),
            "received_at": pl.Series(self.later([moment.date() for moment in arrived], 30)),
        }

    def deaths(self, rows):
        n = rows.height
        days = self.days(n, 300)
        registered = [day + datetime.timedelta(days=int(self.chance.integers(0, 30))) for day in days]
        ids = [a if self.chance.random() < 0.6 else b for a, b in zip(rows["person_id"], self.people(n))]
        # A placeholder and another record that nobody sends are dead.
        ids = ids if self.is_delta else [self.unsent[0], self.unsent[2], *ids[2:]]
        return {
            "person_id": pl.Series(ids),
            "death_date": pl.Series(days),
            "registration_date": pl.Series([day if day <= self.last_day and self.chance.random() < 0.7 else None for day in registered], dtype=pl.Date),
        }

    def opt_outs(self, rows):
        """Of whoever objects nothing is kept, so who takes it back is there again with the next full delivery alone: a
        delta has no such entry, or the peers, who read everything, would know more."""
        n = rows.height
        # A placeholder and another record that nobody sends object too.
        ids = rows["person_id"].to_list()
        ids = ids if self.is_delta else [self.unsent[1], self.unsent[3], *ids[2:]]
        return {
            "person_id": pl.Series(ids),
            "objection": pl.Series(self.pick(["type1", "national_data_opt_out", "programme", "local_shared_record"], n)),
            "status": pl.Series(self.pick(["dissent", "dissent" if self.is_delta else "withdrawn"], n)),
        }


if __name__ == "__main__":
    main()
