"""Checking and settling CSV, every file new, against polars reading the same columns as text."""

import shutil

from . import deliveries, nights
from .bench import PEERS, THREADS


def measure(bench, people):
    delivery = deliveries.made(bench, people, "csv", "plain", ["--until", deliveries.FULL_DAY])
    rows = {"rows": deliveries.rows(delivery)}
    deliveries.warm(delivery)
    read = [bench.python, PEERS / "read_csv.py", delivery]
    threads = {"POLARS_MAX_THREADS": str(THREADS)}
    bench.stage(people, "csv columns", lambda: bench.do(read, people, "csv-columns", threads) | rows)
    folder = nights.service(bench.scratch(people) / "check-service", bench.data / "no-model")
    deliveries.link(delivery, folder / "extracts")
    check = [bench.earlycall, "check", "--threads", THREADS, "--quiet", "--config", folder / "earlycall.toml"]
    bench.stage(people, "check", lambda: bench.do(check, people, "check") | rows)
    shutil.rmtree(folder)
