"""Checking and settling CSV, every file new, against polars reading the same columns as text."""

import shutil

from . import deliveries, nights
from .bench import PEERS, THREADS
from .taken import Taken


def measure(bench, people, rounds):
    delivery = deliveries.made(bench, people, "csv", "plain", deliveries.YEARS, ["--until", deliveries.FULL_DAY])
    rows = {"rows": deliveries.rows(delivery)}
    taken = Taken(bench, people)
    read(taken, delivery, rows)
    for _ in range(rounds):
        check(taken, delivery, rows)
        read(taken, delivery, rows)
    taken.tell("csv columns")
    taken.tell("check", "csv columns")


def read(taken, delivery, rows):
    bench, threads = taken.bench, {"POLARS_MAX_THREADS": str(THREADS)}
    deliveries.warm(delivery)
    command = [bench.python, PEERS / "read_csv.py", delivery]
    taken.take("csv columns", lambda: bench.do(command, taken.people, "csv-columns", threads) | rows)


def check(taken, delivery, rows):
    bench = taken.bench
    folder = nights.service(bench.scratch(taken.people) / "check-service", bench.data / "no-model")
    deliveries.link(delivery, folder / "extracts")
    command = [bench.earlycall, "check", "--threads", THREADS, "--quiet", "--config", folder / "earlycall.toml"]
    taken.take("check", lambda: bench.do(command, taken.people, "check") | rows)
    shutil.rmtree(folder)
