#!/usr/bin/env python3
"""The additive boosted model and its peers on the same rows, in one run.

    cargo build --release --workspace --examples
    python benchmarks/glass/run.py --glass target/release/examples/glass --table uci=DIR --synthetic --out glass.json

A table is a folder with train.parquet and test.parquet: an id, a label of 0 and 1, then numbers. Needs pandas, pyarrow,
scikit-learn, lightgbm and interpret-core. Seconds of work (CPU) are told beside those of the clock: on a machine that
others use only they can be compared. InterpretML works on one thread, so that all of its work is seen.
"""

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path

import judge
import numpy as np
import pandas as pd
import synthetic

PREDICTED = 1_000_000


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--glass", type=Path, required=True, help="the built example")
    parser.add_argument("--table", action="append", default=[], metavar="NAME=DIR")
    parser.add_argument("--synthetic", action="store_true", help="200,000 rows whose real risk is known")
    parser.add_argument("--pairs", default="0,10,30,60", help="numbers of pairs of ours, on tables")
    parser.add_argument("--peers", default="logistic,lightgbm,interpret", help="which peers, or none")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    pairs = [int(n) for n in args.pairs.split(",")]
    results = {}
    for table in args.table:
        name, folder = table.split("=", 1)
        train, test = (pd.read_parquet(f"{folder}/{part}.parquet") for part in ("train", "test"))
        results[name] = measure(args, train, test, pairs, 60)
    if args.synthetic:
        train, test, risk = synthetic.make()
        results["synthetic"] = measure(args, train, test, [10], 10)
        results["synthetic"]["models"]["the truth"] = judge.judge(test.label, risk)
        found = {frozenset(pair) for pair in results["synthetic"]["models"]["ours, 10 pairs"]["pairs"]}
        true = [frozenset(f"x{column}" for column in pair) for pair in synthetic.PAIRS]
        results["synthetic"]["true_pairs_found"] = f"{sum(pair in found for pair in true)} of {len(true)}"
    args.out.write_text(json.dumps(results, indent=2) + "\n")
    print(table_of(results))


def measure(args, train, test, pairs, their_pairs):
    labels, features = test.iloc[:, 1], list(test.columns[2:])
    models, risks = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for name, part in (("train", train), ("test", test)):
            write(Path(folder), name, part)
        for n in pairs:
            name = f"ours, {n} pairs"
            models[name], risks[name] = ours(args.glass, folder, n)
            print(name, flush=True)
    plain = {column: f"f{place}" for place, column in enumerate(features)}
    seen, unseen = (part[features].rename(columns=plain) for part in (train, test))
    for name, make in peers(args.peers.split(","), their_pairs).items():
        model, fit = timed(lambda: make().fit(seen, train.iloc[:, 1]))
        many = pd.concat([unseen] * (PREDICTED // len(unseen) + 1))[:PREDICTED]
        _, predict = timed(lambda: model.predict_proba(many))
        models[name], risks[name] = {"fit": fit, "predict_million": predict}, model.predict_proba(unseen)[:, 1]
        print(name, flush=True)
    for name, found in models.items():
        found |= judge.judge(labels, risks[name])
    rival = f"InterpretML, {their_pairs} pairs"
    compared = [name for name in models if name.startswith("ours")] if rival in models else []
    return {
        "rows": [len(train), len(test)],
        "columns": len(features),
        "models": models,
        "auroc_less_interpret": {name: judge.compare(labels, risks[name], risks[rival]) for name in compared},
    }


def write(folder, name, part):
    """A matrix as the example reads it."""
    (folder / f"{name}.json").write_text(json.dumps({"columns": list(part.columns[2:])}))
    part.iloc[:, 2:].to_numpy(dtype="<f8").tofile(folder / f"{name}.f64")
    part.iloc[:, 1].to_numpy(dtype=np.uint8).tofile(folder / f"{name}.u8")


def ours(program, folder, pairs):
    told = subprocess.run([program, "fit", folder, f"pairs={pairs}", "threads=2"], check=True, capture_output=True)
    told = json.loads(told.stdout)
    kept = {"fit": told["fit"], "predict_million": told["predict_million"], "pairs": told["pairs"]}
    return kept | {"unseen_in_training": told["unseen"]}, np.fromfile(f"{folder}/risks.f64", dtype="<f8")


def peers(wanted, pairs):
    from interpret.glassbox import ExplainableBoostingClassifier
    from lightgbm import LGBMClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    tuned = {"n_estimators": 600, "learning_rate": 0.02, "num_leaves": 20, "min_child_samples": 150, "reg_lambda": 10}
    tuned |= {"colsample_bytree": 0.3, "subsample": 0.7, "subsample_freq": 1, "verbose": -1, "n_jobs": 1}
    all_peers = {
        "logistic": ("logistic regression", lambda: make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))),
        "lightgbm": ("LightGBM", lambda: LGBMClassifier(**tuned)),
        "interpret": (
            f"InterpretML, {pairs} pairs",
            lambda: ExplainableBoostingClassifier(outer_bags=8, interactions=pairs, random_state=1, n_jobs=1),
        ),
    }
    return dict(all_peers[name] for name in wanted if name in all_peers)


def timed(work):
    clock, worked = time.perf_counter(), time.process_time()
    result = work()
    seconds = {"wall_seconds": time.perf_counter() - clock, "cpu_seconds": time.process_time() - worked}
    return result, {name: round(value, 3) for name, value in seconds.items()}


def table_of(results):
    """All of it as a table in Markdown."""
    lines = []
    for name, found in results.items():
        rows, columns = found["rows"], found["columns"]
        lines += ["", f"{name}: {rows[0]} rows to learn from, {rows[1]} to judge by, {columns} columns", ""]
        lines += ["| model | AUROC | AUPRC | log loss | slope | error in 20 bins (95% of the perfect) | fit CPU s | 1 M rows CPU s |"]
        lines += ["|---|---|---|---|---|---|---|---|"]
        for model, one in found["models"].items():
            work = [f"{one[what]['cpu_seconds']:.2f}" if what in one else "" for what in ("fit", "predict_million")]
            errors = f"{one['bin_error']:.4f} ({one['bin_error_of_the_perfect_95']:.4f})"
            figures = [f"{one[what]:.4f}" for what in ("auroc", "auprc", "log_loss", "calibration_slope")]
            lines.append("| " + " | ".join([model, *figures, errors, *work]) + " |")
        for model, difference in found["auroc_less_interpret"].items():
            lines.append(f"\n{model} less InterpretML: {difference['difference']:+.4f} ({difference['low']:+.4f} to {difference['high']:+.4f})")
        if "true_pairs_found" in found:
            lines.append(f"\nTrue pairs found: {found['true_pairs_found']}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
