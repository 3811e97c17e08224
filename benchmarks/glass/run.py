#!/usr/bin/env python3
"""The additive boosted model and its peers on the same rows, in one run.

    cargo build --release --workspace --bins --examples
    python3 -m venv glass && glass/bin/pip install -r benchmarks/glass/requirements.txt
    glass/bin/python benchmarks/glass/run.py --uci dataset_diabetes.zip --synthetic --out RESULTS
    python3 benchmarks/report.py RESULTS --out docs

The archive is that of UCI "Diabetes 130-US hospitals". Results go to RESULTS as those of benchmarks/run.py do. Seconds of
work (CPU) are told beside those of the clock: on a machine that others use only they can be compared. The peers work on
one thread, so that all of their work is seen. `--rows N` takes so many rows of each, to see whether the command works.
"""

import argparse
import importlib.metadata
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import judge
import numpy as np
import pandas as pd
import synthetic
import uci

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from measuring import machine  # noqa: E402
from measuring.bench import THREADS, Bench  # noqa: E402

PREDICTED = 1_000_000
# How many pairs the peer may have, and how many of ours are compared with it.
UCI_PAIRS, SYNTHETIC_PAIRS = 60, 10
LIBRARIES = ["interpret-core", "lightgbm", "scikit-learn", "pandas", "numpy"]


def main():
    args = arguments()
    bench = Bench(args.out.resolve(), args.out.resolve(), sys.executable)
    args.out.mkdir(parents=True, exist_ok=True)
    if not (args.out / "machine.json").exists():
        machine.describe(bench)
    program = bench.example("glass")
    if args.uci:
        train, test = uci.make(args.uci)
        if args.rows:
            train, test = train[: args.rows * 7 // 10], test[: args.rows * 3 // 10]
        pairs = [int(n) for n in args.pairs.split(",")]
        keep(args.out, "uci", measure(program, train, test, pairs, UCI_PAIRS, args.peers.split(",")))
    if args.synthetic:
        train, test, risk = synthetic.make(args.rows or synthetic.ROWS)
        found = measure(program, train, test, [SYNTHETIC_PAIRS], SYNTHETIC_PAIRS, args.peers.split(","))
        found["models"]["the truth"] = judge.judge(test["label"], risk)
        found["pairs"] = [[f"x{column}" for column in pair] for pair in synthetic.PAIRS]
        keep(args.out, "synthetic", found)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--uci", type=Path, metavar="ZIP", help="the archive of UCI Diabetes 130")
    parser.add_argument("--synthetic", action="store_true", help="200,000 rows whose real risk is known")
    parser.add_argument("--rows", type=int, help="so many rows of each, to try the command")
    parser.add_argument("--pairs", default="0,10,30,60", help="numbers of pairs of ours on UCI")
    parser.add_argument("--peers", default="logistic,lightgbm,interpret", help="which peers, or none")
    parser.add_argument("--out", type=Path, required=True, help="where results go")
    return parser.parse_args()


def keep(out, name, found):
    """As benchmarks/run.py keeps the results of a stage."""
    found |= {"stage": f"glass {name}", "people": None}
    (out / f"all-glass-{name}.json").write_text(json.dumps(found, indent=2) + "\n")


def measure(program, train, test, pairs, their_pairs, wanted):
    labels, features = test.iloc[:, 1], list(test.columns[2:])
    models, risks = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for name, part in (("train", train), ("test", test)):
            write(Path(folder), name, part)
        for n in pairs:
            name = f"ours, {n} pairs"
            models[name], risks[name] = ours(program, folder, n)
            print(name, flush=True)
    plain = {column: f"f{place}" for place, column in enumerate(features)}
    seen, unseen = (part[features].rename(columns=plain) for part in (train, test))
    for name, make in peers(wanted, their_pairs).items():
        model, fit = timed(lambda: make().fit(seen, train.iloc[:, 1]))
        many = pd.concat([unseen] * (PREDICTED // len(unseen) + 1))[:PREDICTED]
        _, predict = timed(lambda: model.predict_proba(many))
        models[name], risks[name] = {"fit": fit, "predict_million": predict}, model.predict_proba(unseen)[:, 1]
        if name.startswith("InterpretML"):
            models[name]["pairs"] = [[features[term] for term in terms] for terms in model.term_features_ if len(terms) == 2]
        print(name, flush=True)
    for name, found in models.items():
        found |= judge.judge(labels, risks[name])
    rival = f"InterpretML, {their_pairs} pairs"
    compared = [name for name in models if name.startswith("ours")] if rival in models else []
    return {
        "rows_each": [len(train), len(test)],
        "columns": len(features),
        "libraries": {name: importlib.metadata.version(name) for name in LIBRARIES},
        "models": models,
        "ours": f"ours, {their_pairs} pairs",
        "rival": rival,
        "auroc_less_rival": {name: judge.compare(labels, risks[name], risks[rival]) for name in compared},
    }


def write(folder, name, part):
    """A matrix as the example reads it: column after column, as a frame has them."""
    (folder / f"{name}.json").write_text(json.dumps({"columns": list(part.columns[2:])}))
    part.iloc[:, 2:].to_numpy(dtype="<f8").T.tofile(folder / f"{name}.f64")
    part.iloc[:, 1].to_numpy(dtype=np.uint8).tofile(folder / f"{name}.u8")


def ours(program, folder, pairs):
    command = [program, "fit", folder, f"pairs={pairs}", f"threads={THREADS}"]
    told = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
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


if __name__ == "__main__":
    main()
