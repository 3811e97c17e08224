"""The data of a size: a full delivery and the next day's delta, made once and used again."""

import json
import os
import shutil

from .child import measure

FULL_DAY = "2026-11-19"
DELTA_DAY = "2026-11-20"
YEARS = 5
SEED = 1


def full(bench, people, kind="parquet", years=YEARS):
    """The folder of the full delivery."""
    return made(bench, people, kind, "full", years, ["--until", FULL_DAY])


def delta(bench, people, years=YEARS):
    """The folder of the delivery of the day after."""
    return made(bench, people, "parquet", "delta", years, ["--delta-from", FULL_DAY, "--until", DELTA_DAY])


def made(bench, people, kind, name, years, days):
    unusual = [f"{years}y"] * (years != YEARS) + [kind] * (kind != "parquet")
    folder = bench.data / "-".join([name, str(people), *unusual])
    if not folder.exists():
        print(f"making {folder.name}", flush=True)
        unfinished = folder.with_name(f"unfinished-{folder.name}")
        shutil.rmtree(unfinished, ignore_errors=True)
        which = ["--people", people, "--years", years, "--seed", SEED, "--last-day", DELTA_DAY]
        command = [bench.earlycall, "synth", *which, "--format", kind, *days, "--out", unfinished]
        measure(command, bench.logs(people, f"synth-{folder.name}"))
        unfinished.rename(folder)
    return next(path.parent for path in folder.glob("*/manifest.json"))


def truth(bench, people, years=YEARS):
    """The real risks of the people of a full delivery."""
    return full(bench, people, years=years).parent / "truth.parquet"


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
