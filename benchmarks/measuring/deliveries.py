"""The data of a size: a full delivery and the next day's delta, made once and used again."""

import json
import os
import shutil

from .child import measure

FULL_DAY = "2026-11-19"
DELTA_DAY = "2026-11-20"
YEARS = 5
SEED = 1


def full(bench, people, kind="parquet"):
    """The folder of the full delivery."""
    return made(bench, people, kind, "full", ["--until", FULL_DAY])


def delta(bench, people):
    """The folder of the delivery of the day after."""
    return made(bench, people, "parquet", "delta", ["--delta-from", FULL_DAY, "--until", DELTA_DAY])


def made(bench, people, kind, name, days):
    folder = bench.data / (f"{name}-{people}" if kind == "parquet" else f"{name}-{people}-{kind}")
    if not folder.exists():
        print(f"making {folder.name}", flush=True)
        unfinished = folder.with_name(f"unfinished-{folder.name}")
        shutil.rmtree(unfinished, ignore_errors=True)
        which = ["--people", people, "--years", YEARS, "--seed", SEED, "--last-day", DELTA_DAY]
        command = [bench.earlycall, "synth", *which, "--format", kind, *days, "--out", unfinished]
        measure(command, bench.logs(people, f"synth-{name}-{kind}"))
        unfinished.rename(folder)
    return next(path.parent for path in folder.glob("*/manifest.json"))


def truth(bench, people):
    """The real risks of the people of a full delivery."""
    return full(bench, people).parent / "truth.parquet"


def manifest(delivery):
    return json.loads((delivery / "manifest.json").read_text())


def rows(*deliveries):
    """Rows of all files, by the manifests."""
    return sum(file["row_count"] for delivery in deliveries for file in manifest(delivery)["files"])


def link(delivery, extracts):
    """Puts a delivery into a folder of extracts, as hard links: symbolic ones are refused."""
    for folder, _, files in os.walk(delivery):
        target = extracts / delivery.name / os.path.relpath(folder, delivery)
        target.mkdir(parents=True, exist_ok=True)
        for file in files:
            os.link(os.path.join(folder, file), target / file)


def warm(*deliveries):
    """Reads every file, so that all who are measured find them in memory."""
    buffer = bytearray(1 << 20)
    for delivery in deliveries:
        for path in sorted(delivery.rglob("*")):
            if path.is_file():
                with open(path, "rb", buffering=0) as file:
                    while file.readinto(buffer):
                        pass
