#!/usr/bin/env python3
"""Compares two files of features: every person, standing and feature must be equal.

    compare.py ours.parquet theirs.parquet [--objections opt_outs.parquet ...]

Prints, per column that differs, for how many persons and the first values; exits with 1 if any does. With the objections
of each delivery, whoever took one back with a later delivery is left out.
"""

import argparse
import itertools
import sys

import polars as pl

SHOWN = 3


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("ours")
    parser.add_argument("theirs")
    parser.add_argument("--objections", nargs="*", default=[], help="those of each delivery, the first one first")
    args = parser.parse_args()
    ours, theirs = (pl.read_parquet(path).sort("person_id") for path in (args.ours, args.theirs))
    untold = took_back([pl.read_parquet(path) for path in args.objections])
    problems = compare(*(side.filter(~pl.col("person_id").is_in(untold)) for side in (ours, theirs)))
    for problem in problems:
        print(problem)
    if problems:
        sys.exit(1)
    scored = ours.filter(pl.col("standing") == "scored").height
    print(f"equal: {ours.height} people, {scored} of them scored, {ours.width - 2} features")


def compare(ours, theirs):
    if set(ours.columns) != set(theirs.columns):
        return [f"columns of one side only: {sorted(set(ours.columns) ^ set(theirs.columns))}"]
    ours, theirs = without_alone(ours, theirs), without_alone(theirs, ours)
    if not ours["person_id"].equals(theirs["person_id"]):
        alone = set(ours["person_id"]) ^ set(theirs["person_id"])
        return [f"{len(alone)} people are on one side only, or somebody comes twice"]
    problems = []
    is_alike = ours["standing"] == theirs["standing"]
    for column in ours.columns[1:]:
        left, right = ours[column], theirs[column]
        if column != "standing":
            left, right = (side.filter(is_alike).cast(pl.Int64) for side in (left, right))
        differs = ~left.eq_missing(right)
        count = differs.sum()
        if count:
            first = list(zip(left.filter(differs), right.filter(differs)))[:SHOWN]
            known = (left.is_not_null() & (left != 0)).sum() if column != "standing" else left.len()
            problems.append(f"{column}: {count} people differ ({known} are not zero or empty); ours, theirs: {first}")
    return problems


def took_back(deliveries):
    """Who took an objection back with a later delivery: nothing was kept of them, so the history knows them again with
    the next full delivery, and the peers, who read everything, know more."""
    entry = ["person_id", "objection", "recorded_at"]
    withdrawn = [
        later.filter(pl.col("status") == "withdrawn").join(earlier, on=entry, how="anti")
        for earlier, later in itertools.pairwise(deliveries)
    ]
    return sorted({person for rows in withdrawn for person in rows["person_id"]})


def without_alone(rows, others):
    """Those who object without a record, of whom the history keeps the objection alone, may be on one side only."""
    is_alone = (pl.col("standing") == "objecting") & ~pl.col("person_id").is_in(others["person_id"].implode())
    return rows.filter(~is_alone)


if __name__ == "__main__":
    main()
