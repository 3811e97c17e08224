#!/usr/bin/env python3
"""Trains and saves a scikit-learn logistic regression, once, for the scoring stage of the polars peer.

    train_sklearn.py --features features.parquet --truth truth.parquet --catalogue catalogue.json --out model.joblib

Outcomes are drawn as in train_lightgbm.py.
"""

import argparse
import json

import joblib
import numpy as np
import polars as pl
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from measure import stage
from scoring import for_regression
from train_lightgbm import real_risks


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--features", required=True)
    parser.add_argument("--truth")
    parser.add_argument("--catalogue", required=True)
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    with open(args.catalogue) as file:
        names = [feature["name"] for feature in json.load(file)["features"]]
    rows = pl.read_parquet(args.features).filter(pl.col("standing") == "scored").sort("person_id")
    outcomes = np.random.default_rng(1).random(rows.height) < real_risks(rows, args.truth)
    numbers = for_regression(rows, names)
    imputer = SimpleImputer(strategy="median", keep_empty_features=True)
    pipeline = make_pipeline(imputer, StandardScaler(), LogisticRegression(max_iter=500))
    with stage("sklearn", "train", people=rows.height, features=len(names)):
        pipeline.fit(numbers, outcomes)
    joblib.dump(pipeline, args.out)
    with stage("sklearn", "predict", people=rows.height, features=len(names)):
        pipeline.predict_proba(numbers)


if __name__ == "__main__":
    main()
