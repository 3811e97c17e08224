#!/usr/bin/env python3
"""Trains and saves a LightGBM model, once, for the scoring stage of the benchmark, and times its predictions alone.

    train_lightgbm.py --features features.parquet --truth truth.parquet --catalogue catalogue.json --out model.txt

An outcome is drawn for everybody from the risk that the synthetic population really has (`p_180d_at_end` of
truth.parquet). Without `--truth` it is drawn from the number of earlier admissions: the time is the same.
"""

import argparse
import json

import lightgbm
import numpy as np
import polars as pl

from measure import stage
from scoring import matrix

PARAMETERS = {"objective": "binary", "num_leaves": 31, "learning_rate": 0.05, "seed": 1, "verbose": -1}
ROUNDS = 300


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--features", required=True)
    parser.add_argument("--truth")
    parser.add_argument("--catalogue", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    with open(args.catalogue) as file:
        names = [feature["name"] for feature in json.load(file)["features"]]
    rows = pl.read_parquet(args.features).filter(pl.col("standing") == "scored").sort("person_id")
    risks = real_risks(rows, args.truth)
    outcomes = np.random.default_rng(1).random(rows.height) < risks
    numbers = matrix(rows.to_arrow(), names)
    with stage("lightgbm", "train", people=rows.height, features=len(names)):
        data = lightgbm.Dataset(numbers, outcomes, feature_name=names)
        booster = lightgbm.train(PARAMETERS | {"num_threads": args.threads}, data, ROUNDS)
    booster.save_model(args.out)
    with stage("lightgbm", "predict", people=rows.height, features=len(names)):
        booster.predict(numbers, num_threads=args.threads)


def real_risks(rows, truth):
    if truth is None:
        return np.clip(0.05 + 0.1 * rows["emergency_admissions_n_365d"].to_numpy(), 0, 0.9)
    known = pl.read_parquet(truth, columns=["person_id", "p_180d_at_end"])
    return rows.join(known, on="person_id", how="left", maintain_order="left")["p_180d_at_end"].fill_null(0).to_numpy()


if __name__ == "__main__":
    main()
