#!/usr/bin/env python3
"""Measures everything that docs/benchmarks.md tells, in one run.

    cargo build --release --workspace --bins --examples
    python benchmarks/run.py --sizes 20000,200000,2040000 --data DIR --out RESULTS
    python benchmarks/report.py RESULTS --out docs

Data are made once per size and kept in DIR; models too. Every stage is a child process, measured from outside, and a
JSON object in RESULTS. Of this script the standard library is enough; the peers need benchmarks/requirements.txt in the
Python of `--python`. Two million people take 7 GB of disk for their data and as much again while their nights run.
Whatever DIR has is used as it is: give another DIR to a program that makes other people.
"""

import argparse
import shutil
import sys
from pathlib import Path

from measuring import checking, csv_gz, kernels, machine, nights, peers
from measuring.bench import Bench

STAGES = ["floor", "first", "normal", "tight", "duckdb", "polars", "csv", "check", "model", "build"]
SMALL = 200_000


def main():
    args = arguments()
    for folder in (args.data, args.out):
        folder.mkdir(parents=True, exist_ok=True)
    bench = Bench(args.data.resolve(), args.out.resolve(), args.python)
    machine.describe(bench)
    measure_nights(bench, args)
    for people in args.sizes:
        measure_size(bench, people, args)
    if "model" in args.stages:
        kernels.measure(bench, args.model_share)
    if "build" in args.stages:
        machine.build(bench)
    for people, name in bench.failed:
        print(f"failed: {people or ''} {name}; see {args.out / 'logs'}", file=sys.stderr)
    sys.exit(bool(bench.failed))


def measure_nights(bench, args):
    """The nights and their floors. In each round every size has its turn, so that a slow hour is slow for all of them."""
    if not args.stages & {"floor", "first", "normal", "tight"}:
        return
    try:
        of_sizes = [nights.Nights(bench, people, args.stages) for people in args.sizes]
        for _ in range(args.rounds):
            for of_size in of_sizes:
                of_size.round()
        for of_size in of_sizes:
            of_size.with_little_memory()
            of_size.tell()
    finally:
        clear(bench)


def measure_size(bench, people, args):
    """What else is asked of one size."""
    wanted, is_small = args.stages, people <= SMALL
    try:
        if "duckdb" in wanted:
            peers.duckdb(bench, people)
        if "polars" in wanted:
            if is_small or args.polars_at_any_size:
                peers.polars(bench, people)
            else:
                too_large = {"skipped": f"above {SMALL} people it may need more memory than there is"}
                bench.stage(people, "polars", lambda: too_large)
        if "csv" in wanted and people in args.csv_sizes:
            csv_gz.measure(bench, people, args.rounds)
        if "check" in wanted and is_small:
            checking.measure(bench, people, args.rounds)
    finally:
        clear(bench)


def clear(bench):
    """What stages left behind on the disk is removed."""
    for left in bench.data.glob("scratch-*"):
        shutil.rmtree(left)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    sizes = lambda text: [int(size) for size in text.split(",") if size]
    parser.add_argument("--sizes", type=sizes, default=[20_000], help="numbers of people, with commas between them")
    parser.add_argument("--data", type=Path, required=True, help="where deliveries and models are kept")
    parser.add_argument("--out", type=Path, required=True, help="where results go")
    parser.add_argument("--stages", type=stages, default=set(STAGES) - {"build"}, help=f"some of {','.join(STAGES)}")
    parser.add_argument("--python", default=sys.executable, help="the Python that has benchmarks/requirements.txt")
    parser.add_argument("--csv-sizes", type=sizes, default=[20_000, SMALL], help="sizes that are read from CSV.gz too")
    parser.add_argument("--rounds", type=int, default=3, help="how often nights are measured, in turn with their floors")
    parser.add_argument("--polars-at-any-size", action="store_true", help=f"above {SMALL} people too")
    parser.add_argument("--model-share", type=float, default=1, help="a share of the rows for the stage `model`")
    return parser.parse_args()


def stages(text):
    asked = set(text.split(","))
    if unknown := asked - set(STAGES):
        raise argparse.ArgumentTypeError(f"no stage {', '.join(sorted(unknown))}; there are {', '.join(STAGES)}")
    return asked


if __name__ == "__main__":
    main()
