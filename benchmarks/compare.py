#!/usr/bin/env python3
"""Compares two files of features: every person, standing and feature must be equal.

    compare.py ours.parquet theirs.parquet

Prints, per column that differs, for how many persons and the first values; exits with 1 if any does.
"""

import argparse
import sys

import polars as pl

SHOWN = 3


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("ours")
    parser.add_argument("theirs")
    args = parser.parse_args()
    ours, theirs = (pl.read_parquet(path).sort("person_id") for path in (args.ours, args.theirs))
    problems = compare(ours, theirs)
    for problem in problems:
        print(problem)
    if problems:
        sys.exit(1)
    scored = ours.filter(pl.col("standing") == "scored").height
    print(f"equal: {ours.height} people, {scored} of them scored, {ours.width - 2} features")


def compare(ours, theirs):
    if set(ours.columns) != set(theirs.columns):
        return [f"columns of one side only: {sorted(set(ours.columns) ^ set(theirs.columns))}"]
    ours, theirs = without_untold(ours, theirs), without_untold(theirs, ours)
    if not ours["person_id"].equals(theirs["person_id"]):
        alone = set(ours["person_id"]) ^ set(theirs["person_id"])
        return [f"{len(alone)} people are on one side only, or somebody comes twice"]
    problems = []
    for column in ours.columns[1:]:
        left, right = ours[column], theirs[column]
        if column != "standing":
            left, right = left.cast(pl.Int64), right.cast(pl.Int64)
        differs = ~left.eq_missing(right)
        count = differs.sum()
        if count:
            first = list(zip(left.filter(differs), right.filter(differs)))[:SHOWN]
            known = (left.is_not_null() & (left != 0)).sum() if column != "standing" else left.len()
            problems.append(f"{column}: {count} people differ ({known} are not zero or empty); ours, theirs: {first}")
    return problems


def without_untold(rows, others):
    """Of whoever objects the history keeps the objection alone: it knows no record that was merged into theirs, and
    those who object without a record. Such people may be on one side only."""
    may_be_alone = pl.col("standing").is_in(["objecting", "merged"])
    return rows.filter(~may_be_alone | pl.col("person_id").is_in(others["person_id"].implode()))


if __name__ == "__main__":
    main()
