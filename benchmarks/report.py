#!/usr/bin/env python3
"""Writes docs/benchmarks.md from what run.py has measured, and docs/accuracy.md from what glass has; of what was not
measured at all it leaves the page as it is.

    python benchmarks/report.py RESULTS --out docs
"""

import argparse
from pathlib import Path

from reporting import glass, model, promises, sizes
from reporting.results import Results

TOP = """# Benchmarks

Written by `benchmarks/report.py` from what `benchmarks/run.py` measured, in one or several calls on one build, or on another where that is said; nothing in the tables is typed by hand.
Seconds mean nothing on another machine; ratios of stages measured one after another mean more, on machines of one kind.
Where the processor computes SHA-256 by instructions of its own, as here, the full floor, which is half checksums, gains more by that than the nights above it: of 200,000 people one and the same program's first night was 4.0 floors without them and 5.4 with them.
The machine measured before this one (Intel, 2.5 GHz) has none: there, with 243 features for 357 and two million people, the first night was 4.74 full floors and the normal night 9.47 needed floors, of 200,000 people the first night from CSV.gz 2.25 of its floor (15839f8), and a cold build took 10.99 minutes (13862c1).

## Run it

```sh
cargo build --release --workspace --bins --examples
python3 -m venv peers && peers/bin/pip install -r benchmarks/requirements.txt
python3 benchmarks/run.py --sizes 20000,200000,2040000 --data DIR --out RESULTS --python peers/bin/python
python3 benchmarks/report.py RESULTS --out docs
```

`DIR` keeps the data and the models for the next time; `--stages floor,first,normal,tight,duckdb,polars,csv,check,model,build` chooses.
`build` compiles everything anew and is run only if it is named.
How good the model is stands in [accuracy.md](accuracy.md).
"""

TOP_OF_ACCURACY = """# How good the model is

Written by `benchmarks/report.py` from what the scripts in `benchmarks/glass` measured; nothing is typed by hand.
Beside it stand peers on the same rows in the same run, and, where people are synthetic, the real risk itself.

## Run it

```sh
cargo build --release --workspace --bins --examples
python3 -m venv glass && glass/bin/pip install -r benchmarks/glass/requirements.txt
glass/bin/python benchmarks/glass/run.py --uci dataset_diabetes.zip --synthetic --out RESULTS
glass/bin/python benchmarks/glass/population.py --people 2040000 --data DIR --out RESULTS
python3 benchmarks/report.py RESULTS --out docs
```

How the defaults were chosen stands in [benchmarks/glass](../benchmarks/glass/README.md).
"""

ROUNDS = """A shared machine grows slower and faster by a fifth within minutes.
So nights are measured several times, each with its floor taken just before and just after; the median of these ratios is what counts above.
Exponents are the median of the rounds, in each of which the sizes took turns."""

EXPONENTS = "Exponents: 1 grows as the number of people, 2 as its square."

REGRESSION = """The regression that every model is held against, on matrices as large as a night's and a training's.
Nights are scored by the boosted model; at these sizes it is not measured alone, but as part of a night (`reading and scoring`)."""

# The stages that say what they did, part by part.
INSIDE = {
    "first": "first night",
    "normal": "normal night",
    "duckdb": "DuckDB + LightGBM",
    "polars": "polars + scikit-learn",
}

HOW = """## What is measured

| | |
|---|---|
| wall | of the whole process, from its start to its end |
| CPU | user and system seconds of all its threads |
| peak | the most memory that was resident at once |
| data | `earlycall synth`, five years, Parquet: a full delivery to 19 November 2026, and the delta of the day after |
| cache | every file is read once before each stage, so nobody waits for the disk |
| full floor | arrow-rs, 2 threads: SHA-256 of every file, and every column decoded once; before and after every night |
| needed floor | arrow-rs, 2 threads, dictionaries kept: the columns that features need, of both deliveries; before and after every night |
| first night | `earlycall run` on an empty state, to published worklists: checks, settling, features, risks, reasons, lists |
| normal night | the same a day later, with the delta new and the rest settled |
| DuckDB + LightGBM | the same features of the same day from the same two deliveries, by SQL generated from the catalogue, then 300 trees of 31 leaves; to a file of risks, without checks, reasons or lists |
| polars + scikit-learn | the same, with a logistic regression |
| CSV.gz | the full delivery as CSV, each file compressed; its floor decompresses and splits into fields, 2 threads |
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("results", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    results = Results(args.results)
    if results.sizes:
        (args.out / "benchmarks.md").write_text(of_speed(results))
    if results.starting("glass"):
        (args.out / "accuracy.md").write_text(of_accuracy(results))


def of_accuracy(results):
    parts = [TOP_OF_ACCURACY, machine(results, "glass")]
    parts.append("## What it must show\n\n" + promises.as_table(promises.of_the_curves(results)))
    parts.append("## What was found\n\n" + glass.section(results))
    return page(parts)


def of_speed(results):
    parts = [TOP, machine(results)]
    parts.append("## What it must show\n\n" + promises.as_table(promises.of_speed(results)))
    parts.append("## Ratios\n\n" + sizes.ratio_table(results))
    if rounds := sizes.rounds_table(results):
        parts.append(f"## Round by round\n\n{ROUNDS}\n\n{rounds}")
    for n in results.sizes:
        parts.append(f"## {n:,} people\n\n" + sizes.size_table(results, n))
        if missing := sizes.skipped(results, n):
            parts.append(missing)
    if len(results.sizes) > 1:
        parts.append(f"## Growth\n\n{EXPONENTS}\n\n{sizes.growth_table(results)}")
    for name, title in INSIDE.items():
        if any(results.stage(n, name) for n in results.sizes):
            parts.append(f"## Inside: {title}\n\n" + sizes.parts_table(results, name))
    if results.starting("model"):
        parts.append("## The regression alone\n\n" + REGRESSION + "\n\n" + model.model_table(results))
        parts.append("Our side alone, with the matrix in 64 bits:\n\n" + model.memory_table(results))
    if results.starting("glass"):
        curves = promises.as_table(promises.of_the_curves(results))
        parts.append(f"## How good the model is\n\nThe same of [accuracy](accuracy.md), which tells the rest of it:\n\n{curves}")
    return page([*parts, HOW])


def page(parts):
    return "\n\n".join(part.strip() for part in parts) + "\n"


def machine(results, start=""):
    facts, others = results.machine, results.measured_elsewhere(start)
    libraries = ", ".join(f"{name} {version}" for name, version in facts["libraries"].items())
    python = f"{facts['python']} with {libraries}" if libraries else facts["python"]
    return "\n".join(
        [
            "## The machine",
            "",
            f"{facts['cores']} cores ({facts['processor']}), {facts['memory_bytes'] / 1e9:.0f} GB of memory, {facts['system']}.",
            f"Every program may use {facts['threads']} threads.",
            f"{facts['earlycall']} at {facts['commit']}; {python}.",
            *(f"Measured at {commit}: {', '.join(stages)}." for commit, stages in others.items()),
        ]
    )


if __name__ == "__main__":
    main()
