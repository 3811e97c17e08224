"""Our nights: the first, at which every file is new, and a normal one, which brings one day's delivery."""

import json
import shutil

from . import deliveries, floors
from .bench import THREADS
from .child import Failed
from .taken import Taken

TAUGHT_ON = "2026-05-20"
USUAL_MEMORY = "4GB"
LITTLE_MEMORY = "1GB"
DIVIDED_BY = {
    "first": "full floor",
    "normal": "needed floor",
    "tight first": "full floor",
    "tight normal": "needed floor",
}


class Nights:
    """The nights of one size, with their floors if these are wanted: round by round, so that sizes can take turns."""

    def __init__(self, bench, people, wanted):
        self.bench, self.people, self.wanted = bench, people, wanted
        self.taken = Taken(bench, people)
        self.floors = floors.OfNights(self.taken) if "floor" in wanted else None
        self.model = trained(bench, people) if wanted & {"first", "normal", "tight"} else None

    def round(self):
        """A first night and a normal one, floors before and after each; of both only what is asked for."""
        self.take_floors()
        if self.wanted & {"first", "normal"}:
            self.both("", USUAL_MEMORY, self.wanted)

    def with_little_memory(self):
        """Both nights once, if that is wanted."""
        if "tight" in self.wanted:
            self.both("tight ", LITTLE_MEMORY, {"first", "normal"})

    def tell(self):
        """What came of the rounds, and of little memory."""
        measured = {name for name, _ in self.taken.takes} | set(self.taken.failures)
        for stage, beneath in [("full floor", None), ("needed floor", None), *DIVIDED_BY.items()]:
            if stage in measured:
                self.taken.tell(stage, beneath if beneath in measured else None)

    def both(self, prefix, memory, wanted):
        folder = service(self.bench.scratch(self.people) / f"{prefix.strip() or 'usual'}-service", self.model, memory)
        # A normal night needs a first one before it, whether that was asked for or not.
        self.taken.take(f"{prefix}first", lambda: first(self.bench, self.people, folder, f"{prefix}first"))
        self.take_floors()
        if "normal" in wanted:
            self.taken.take(f"{prefix}normal", lambda: normal(self.bench, self.people, folder, f"{prefix}normal"))
            self.take_floors()
        shutil.rmtree(folder)

    def take_floors(self):
        if self.floors:
            self.floors.take()


def service(folder, model, memory=USUAL_MEMORY):
    """An empty service: settings, and a folder that waits for deliveries."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "extracts").mkdir(parents=True)
    sections = {
        "profile": {"kind": "research"},
        "extracts": {"folder": "extracts"},
        "model": {"folder": str(model)},
        "run": {"memory_limit": memory},
    }
    # A string of JSON is one of TOML too.
    lines = [f"[{name}]\n{key} = {json.dumps(value)}" for name, keys in sections.items() for key, value in keys.items()]
    (folder / "earlycall.toml").write_text("\n\n".join(lines) + "\n")
    return folder


def trained(bench, people):
    """The folder of a model for this size; learnt by another service, so that the nights settle everything themselves."""
    model = bench.models() / f"earlycall-{people}"
    if not (model / "current").exists():
        shutil.rmtree(model, ignore_errors=True)
        folder = service(bench.scratch(people) / "training-service", model)
        full = deliveries.full(bench, people)
        deliveries.link(full, folder / "extracts")
        bench.stage(people, "train", lambda: train(bench, people, folder, full))
        shutil.rmtree(folder)
    return model


def train(bench, people, folder, full):
    deliveries.warm(full)
    command = earlycall(bench, "train", folder, TAUGHT_ON)
    return bench.do(command, people, "train") | {"rows": deliveries.rows(full)}


def first(bench, people, folder, step):
    return night(bench, people, folder, deliveries.full(bench, people), deliveries.FULL_DAY, step)


def normal(bench, people, folder, step):
    if not (folder / "out" / "current").exists():
        raise Failed("there was no first night")
    return night(bench, people, folder, deliveries.delta(bench, people), deliveries.DELTA_DAY, step)


def night(bench, people, folder, delivery, index_date, step):
    """A delivery arrives, and the night of its day is run."""
    deliveries.link(delivery, folder / "extracts")
    given = sorted(path.parent for path in folder.glob("extracts/*/manifest.json"))
    deliveries.warm(*given)
    used = bench.do(earlycall(bench, "run", folder, index_date), people, step.replace(" ", "-"))
    published = folder / "out" / "nights" / f"{index_date}.1"
    parts = json.loads((published / "timings.json").read_text())["stages"]
    counts = json.loads((published / "run.json").read_text())["counts"]
    return used | {
        "rows": deliveries.rows(*given),
        "new_rows": deliveries.rows(delivery),
        "scored": counts["scored"],
        "lines": counts["lines"],
        "parts": [
            {
                "part": part["stage"],
                "wall_seconds": round(part["seconds"], 3),
                "cpu_seconds": part.get("cpu_seconds"),
                "peak_memory_bytes": part.get("peak_memory_bytes"),
            }
            for part in parts
        ],
    }


def earlycall(bench, command, folder, index_date):
    settings = ["--config", folder / "earlycall.toml", "--threads", THREADS, "--quiet"]
    return [bench.earlycall, command, *settings, "--index-date", index_date]
