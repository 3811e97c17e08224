#!/usr/bin/env python3
"""Every feature of everybody, by polars, straight from delivered extracts.

    polars_features.py --extracts extracts --catalogue catalogue.json --index-date 2026-11-20 --out features.parquet

With `--score MODEL`, a scikit-learn model that `train_sklearn.py` has saved, it writes the risk of everybody who is
scored instead. Each stage is measured; see measure.py.
"""

import argparse
import datetime
import json
from pathlib import Path

import polars as pl

from measure import stage
from polars_feeds import NO_USUAL, Feeds, trend
from polars_known import Known
from polars_views import Views

PEER = "polars"


def main():
    args = arguments()
    catalogue = json.loads(Path(args.catalogue).read_text())
    known = Known(catalogue, args.extracts, args.quarantine, args.index_date)
    with stage(PEER, "views"):
        views = Views(known, catalogue)
    with stage(PEER, "features"):
        rows = features(views, catalogue)
    if args.score:
        from scoring import score_sklearn

        score_sklearn(rows, catalogue, args.score, args.out, PEER)
    else:
        with stage(PEER, "write"):
            rows.write_parquet(args.out)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--extracts", required=True, help="one delivery, or a folder of deliveries")
    parser.add_argument("--catalogue", required=True, help="the JSON that the example features_sql prints")
    parser.add_argument("--index-date", required=True, type=datetime.date.fromisoformat)
    parser.add_argument("--out", required=True, help="the Parquet file to write")
    parser.add_argument("--score", help="a saved scikit-learn model: write risks instead of features")
    parser.add_argument("--quarantine", help="the folder `quality` of the settled history: rows that the checks rejected")
    return parser.parse_args()


def features(views, catalogue):
    """One row per row of patients; features only of who is scored."""
    facts = {
        "hospital_stays": views.hospital_stays,
        "discharges": views.discharges,
        "stay_conditions": views.stay_conditions,
        "emergency_care": views.emergency_care_facts,
        "conditions": views.conditions_facts,
        "charlson_groups": views.charlson,
        "frailty_codes": views.frailty,
        "prescriptions": views.issued,
        "results": views.latest,
        "person": person_facts(views),
        **Feeds(views, catalogue).frames,
    }
    rows = views.everybody.select("pid", "person_id", "standing", age="age_years")
    for view, of_view in facts.items():
        make = {"prescriptions": of_issued}.get(view, of_facts)
        columns = [make(f, views).alias(f["name"]) for f in catalogue["features"] if f["entry"]["view"] == view]
        rows = rows.join(of_view.group_by("pid").agg(columns), on="pid", how="left")
    feeds = present(views.known, catalogue)
    names = [feature["name"] for feature in catalogue["features"]]
    return rows.with_columns(shown(f, feeds, catalogue["never"]) for f in catalogue["features"]).select(
        "person_id", "standing", *names
    )


def of_facts(feature, views):
    """A feature over the facts of its view."""
    entry, days, t = feature["entry"], feature["within_days"], pl.lit(views.t)
    counts = pl.all_horizontal(pl.lit(True), *entry["tests"])
    if entry["item"] is not None:
        counts &= pl.col("item") == entry["item"]
    if entry["take"] in ("rise", "shift", "slope"):
        return trend(feature, views, counts)
    start = pl.lit(views.before(days)) if days else None
    if days and entry["take"] != "nights":
        counts &= pl.col("day") > start
    day = pl.col("day").filter(counts)
    match entry["take"]:
        case "count" | "flag":
            return day.len()
        case "sum":
            return pl.col("amount").filter(counts).sum()
        case "nights":
            end = pl.min_horizontal(pl.col("end_day").fill_null(t), t)
            return (end - pl.max_horizontal("day", start)).dt.total_days().clip(0).filter(counts).sum()
        case "distinct":
            return pl.col("item").filter(counts).n_unique()
        case "days_since_last":
            return (t - day.max()).dt.total_days()
        case "days_since_first":
            return (t - day.min()).dt.total_days()
        case "latest" | "value":
            return pl.col("amount").filter(counts).last()


def of_issued(feature, views):
    """A feature over prescriptions that are counted by section already."""
    entry, days = feature["entry"], feature["within_days"]
    counts = pl.col("item") == entry["item"] if entry["item"] is not None else pl.lit(True)
    match entry["take"]:
        case "count":
            return pl.col(f"n_{days}d").filter(counts).sum()
        case "distinct":
            return pl.col("item").filter(pl.col(f"n_{days}d") > 0).drop_nulls().n_unique()
        case "days_since_last":
            day = pl.col("day").filter(pl.col("day") > views.before(days)) if days else pl.col("day")
            return (pl.lit(views.t) - day.max()).dt.total_days()
    raise ValueError(feature["name"])


def person_facts(views):
    """Attributes by their position among the items of a person."""
    attributes = ["age_years", "is_male", "imd_decile", "care_home_resident", "housebound"]
    today = [
        views.everybody.select("pid", item=pl.lit(item), day=pl.lit(views.t), amount=pl.col(name).cast(pl.Int64))
        for item, name in enumerate(attributes)
    ]
    since = views.everybody.select("pid", item=pl.lit(len(attributes)), day="registered_since", amount=pl.lit(1, pl.Int64))
    return pl.concat([*today, since]).drop_nulls()


def present(known, catalogue):
    """The tables with a row that was known; people and areas have no past and are never absent."""
    clinical = [table["name"] for table in catalogue["tables"] if table["is_clinical"]]
    absent = {name for name in clinical if known.rows(name).head(1).collect().is_empty()}
    return {table["name"] for table in catalogue["tables"]} - absent


def shown(feature, feeds, never):
    """Who has no facts has a zero, a never or nothing, as the entry takes them."""
    entry, value = feature["entry"], pl.col(feature["name"]).cast(pl.Int64)
    match entry["take"]:
        case "count" | "sum" | "nights" | "distinct":
            value = value.fill_null(0)
        case "rise":
            value = value.fill_null(0)
            value = pl.when(value != NO_USUAL).then(value)
        case "flag":
            value = value.fill_null(0).clip(0, 1)
        case "days_since_last" | "days_since_first":
            value = value.fill_null(never)
    is_shown = (pl.col("standing") == "scored") & bool(feeds.intersection(entry["feeds"]))
    if entry["from_age_years"]:
        is_shown &= pl.col("age") >= entry["from_age_years"]
    return pl.when(is_shown).then(value).cast(pl.Int32).alias(feature["name"])


if __name__ == "__main__":
    main()
