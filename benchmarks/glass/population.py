#!/usr/bin/env python3
"""The model of a service on the synthetic population, whose real risk is known, beside a boosted challenger.

    cargo build --release --workspace --bins --examples
    glass/bin/python benchmarks/glass/population.py --data DIR --out RESULTS

DIR is that of benchmarks/run.py. The model learns on two past index dates and is tested on a later one, by the program
itself: `train`, then `run` of the past night. The challenger, LightGBM, has the same features of the same people and dates.
"""

import argparse
import importlib.metadata
import json
import shutil
import sys
from datetime import date, timedelta
from pathlib import Path

import judge
import lightgbm
import numpy as np
import pandas as pd
from scipy.stats import poisson
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from measuring import deliveries, nights  # noqa: E402
from measuring.bench import THREADS, Bench  # noqa: E402

# The day of whose end, and of a year before it, the truth tells. Half a year before it would not do: stays of the last weeks
# of that window have not been sent yet, so what happened would seem less than it was.
END = date.fromisoformat(deliveries.DELTA_DAY)
TEST = END - timedelta(365)
# One and two years before the test, so that no season is taught that is not judged; over before it begins. The longest
# window of a feature is of three years, which must be there before the first: on an earlier date less would be counted.
TAUGHT = [TEST - timedelta(days) for days in (730, 365)]
YEARS = 6
TRUTH = "p_180d_minus_365"
NEVER, LONG_AGO_DAYS = -1, 3652
BINS = 20
# A cell with as many events must be right to a tenth; one with fewer, within chance.
MANY_EVENTS = 1500
CHANCE = 0.999

CHALLENGER = {"n_estimators": 400, "learning_rate": 0.03, "num_leaves": 20, "min_child_samples": 150, "reg_lambda": 10}
CHALLENGER |= {"colsample_bytree": 0.3, "subsample": 0.7, "subsample_freq": 1, "verbose": -1, "n_jobs": THREADS, "seed": 1}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--people", type=int, default=400_000)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    bench = Bench(args.data.resolve(), args.out.resolve(), sys.executable)
    bench.stage(None, "glass population", lambda: measured(bench, args.people))
    sys.exit(bool(bench.failed))


def measured(bench, people):
    names = [feature["name"] for feature in json.loads(bench.catalogue().read_text())["features"]]
    given = [deliveries.full(bench, people, years=YEARS), deliveries.delta(bench, people, YEARS)]
    folder = nights.service(bench.scratch(people) / "glass-service", bench.scratch(people) / "glass-model")
    for delivery in given:
        deliveries.link(delivery, folder / "extracts")
    dates = [word for day in TAUGHT for word in ("--index-date", day)]
    settings = ["--config", folder / "earlycall.toml", "--threads", THREADS, "--quiet"]
    fitted = bench.do([bench.earlycall, "train", *settings, *dates], people, "glass-train")
    bench.do([bench.earlycall, "run", *settings, "--index-date", TEST], people, "glass-run")
    frames = [frame(bench, people, folder, day) for day in (*TAUGHT, TEST)]
    taught, test = pd.concat(frames[:-1]), frames[-1]
    risks = pd.read_parquet(folder / "out" / "current" / "scores.parquet", columns=["person_id", "risk"])
    truth = pd.read_parquet(deliveries.truth(bench, people, YEARS), columns=["person_id", TRUTH])
    test = test.merge(risks, on="person_id", validate="1:1").merge(truth, on="person_id", validate="1:1")
    test = test[test[TRUTH].notna()]
    models = {
        "ours": test["risk"].to_numpy(),
        "LightGBM": challenger(taught, test, names),
        "logistic regression": logistic(taught, test, names),
        "the truth": test[TRUTH].to_numpy(),
    }
    labels = test["label"].to_numpy()
    found = {name: judge.judge(labels, np.clip(risk, 1e-6, 1 - 1e-6)) for name, risk in models.items()}
    found["ours"] |= {"fit": fitted}
    shutil.rmtree(bench.scratch(people))
    return {
        "rows_each": [len(taught), len(test)],
        "columns": len(names),
        "dates": [str(day) for day in (*TAUGHT, TEST)],
        "libraries": {name: importlib.metadata.version(name) for name in ("lightgbm", "scikit-learn", "numpy")},
        "models": found,
        "auroc_less_challenger": judge.compare(labels, models["ours"], models["LightGBM"]),
        "share_of_discrimination": share(labels, models["ours"], models["the truth"]),
        "error_of_real_risk": error_of_real_risk(models["ours"], models["the truth"]),
        "cells": cells(test),
    }


def frame(bench, people, folder, day):
    """Everybody scored on a date, with every feature, and whether they were admitted; without those who left within the
    window, admitted before or not."""
    path = folder / f"features-{day}.parquet"
    command = [bench.example("features"), "--config", folder / "earlycall.toml", "--threads", THREADS]
    bench.do([*command, "--index-date", day, "--out", path, "--outcomes"], people, f"glass-features-{day}")
    rows = pd.read_parquet(path)
    rows = rows[(rows["standing"] == "scored") & (rows["outcome"] != "left_the_area")]
    # Two million people on three dates fit into the memory of a small machine only so.
    rows = rows.astype(dict.fromkeys(rows.select_dtypes("number").columns, "float32"))
    label = (rows["outcome"] == "admitted").astype(int).rename("label")
    return pd.concat([rows.drop(columns=["standing", "outcome"]), label], axis=1)


def numbers(rows, names, never):
    x = rows[names].astype("float32")
    since = [name for name in names if name.startswith("days_since")]
    x[since] = x[since].where(x[since] != NEVER, never)
    return x.to_numpy()


def challenger(taught, test, names):
    model = lightgbm.LGBMClassifier(**CHALLENGER)
    model.fit(numbers(taught, names, np.inf), taught["label"])
    return model.predict_proba(numbers(test, names, np.inf))[:, 1]


def logistic(taught, test, names):
    model = make_pipeline(
        SimpleImputer(add_indicator=True, keep_empty_features=True), StandardScaler(), LogisticRegression(max_iter=500)
    )
    model.fit(numbers(taught, names, LONG_AGO_DAYS), taught["label"])
    return model.predict_proba(numbers(test, names, LONG_AGO_DAYS))[:, 1]


def share(labels, ours, truth):
    """How far above chance our AUROC is, of how far that of the real risk is."""
    return round((roc_auc_score(labels, ours) - 0.5) / (roc_auc_score(labels, truth) - 0.5), 4)


def error_of_real_risk(ours, truth):
    """Mean absolute difference of our mean risk and the real one, in bins of equal size by our risk."""
    order = np.argsort(ours, kind="stable")
    return round(float(np.mean([abs(ours[rows].mean() - truth[rows].mean()) for rows in np.array_split(order, BINS)])), 5)


def cells(test):
    """Observed and expected by age, sex and deprivation."""
    age = pd.cut(test["age_years"], [0, 39, 64, 74, 84, 200], labels=["18-39", "40-64", "65-74", "75-84", "85+"])
    groups = [age, test["is_male"].fillna(-1), (test["imd_decile"].fillna(-1) + 1) // 2]
    summed = test.groupby(groups, observed=True)[["label", "risk"]].sum()
    found = []
    for cell, one in summed.iterrows():
        low, high = poisson.interval(CHANCE, one["risk"])
        observed = int(one["label"])
        kept = {"observed": observed, "expected": round(float(one["risk"]), 2), "is_large": observed >= MANY_EVENTS}
        found.append({"cell": [str(part) for part in cell], **kept, "is_within_chance": bool(low <= observed <= high)})
    return found


if __name__ == "__main__":
    main()
