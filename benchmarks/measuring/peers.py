"""The same features by other means: DuckDB and LightGBM, polars and scikit-learn, from the deliveries to risks."""

import json
import subprocess

from . import deliveries
from .bench import PEERS, THREADS

TAUGHT_ON_PEOPLE = 20_000
TWO_THREADS = {name: str(THREADS) for name in ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}


def duckdb(bench, people):
    bench.stage(people, "duckdb", lambda: with_duckdb(bench, people))


def polars(bench, people):
    bench.stage(people, "polars", lambda: with_polars(bench, people))


def with_duckdb(bench, people):
    model = taught(bench, "lightgbm")
    command = duckdb_command(bench, people) + ["--score", model]
    return scored(bench, people, "duckdb", command)


def with_polars(bench, people):
    model = taught(bench, "sklearn")
    extracts = both(bench, people)
    asked = ["--extracts", extracts, "--catalogue", bench.catalogue(), "--index-date", deliveries.DELTA_DAY]
    out = ["--score", model, "--out", bench.scratch(people) / "polars.parquet"]
    return scored(bench, people, "polars", [bench.python, PEERS / "polars_features.py", *asked, *out])


def scored(bench, people, peer, command):
    full, delta = deliveries.full(bench, people), deliveries.delta(bench, people)
    deliveries.warm(full, delta)
    used = bench.do(command, people, peer, TWO_THREADS)
    parts = told(bench.logs(people, peer).with_suffix(".err"))
    return used | {
        "rows": deliveries.rows(full, delta),
        "scored": next((part["scored"] for part in parts if "scored" in part), None),
        "parts": [
            {
                "part": part["stage"],
                "wall_seconds": part["wall_s"],
                "cpu_seconds": part["cpu_s"],
                "peak_memory_bytes": part["peak_rss_mb"] << 20,
            }
            for part in parts
        ],
    }


def told(path):
    """The lines of JSON that a peer wrote about its stages; see peers/measure.py."""
    lines = (line for line in path.read_text().splitlines() if line.startswith('{"peer"'))
    return [json.loads(line) for line in lines]


def both(bench, people):
    """A folder of extracts with both deliveries."""
    extracts = bench.scratch(people) / "extracts"
    if not extracts.exists():
        for delivery in (deliveries.full(bench, people), deliveries.delta(bench, people)):
            deliveries.link(delivery, extracts)
    return extracts


def duckdb_command(bench, people):
    """DuckDB's features of both deliveries, by the SQL that the catalogue gives."""
    folder = bench.scratch(people)
    extracts = both(bench, people)
    sql = folder / "features.sql"
    program = [bench.example("features_sql"), "sql", "--index-date", deliveries.DELTA_DAY]
    sql.write_bytes(subprocess.run(program, check=True, capture_output=True).stdout)
    given = ["--extracts", extracts, "--sql", sql, "--catalogue", bench.catalogue()]
    how = ["--threads", THREADS, "--scratch", folder, "--out", folder / "duckdb.parquet"]
    return [bench.python, PEERS / "duckdb_features.py", *given, *how]


def taught(bench, library):
    """A model of a peer for this catalogue, learnt once from a small population: its size doesn't change the work."""
    model = bench.models() / {"lightgbm": "lightgbm.txt", "sklearn": "sklearn.joblib"}[library]
    if not model.exists():
        people = TAUGHT_ON_PEOPLE
        bench.do(duckdb_command(bench, people), people, f"features-for-{library}")
        given = ["--features", bench.scratch(people) / "duckdb.parquet", "--truth", deliveries.truth(bench, people)]
        command = [bench.python, PEERS / f"train_{library}.py", *given, "--catalogue", bench.catalogue()]
        bench.do([*command, "--out", model], people, f"train-{library}", TWO_THREADS)
    return model
