"""What every stage needs to know: programs, folders, and where results go."""

import hashlib
import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from .child import Failed, measure

THREADS = 2
ROOT = Path(__file__).resolve().parent.parent.parent
PEERS = ROOT / "benchmarks" / "peers"


@dataclass
class Bench:
    """One run of the benchmark."""

    data: Path
    out: Path
    python: str
    failed: list = field(default_factory=list)

    @property
    def built(self):
        return Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"

    @property
    def earlycall(self):
        return self.built / "earlycall"

    def example(self, name):
        return self.built / "examples" / name

    def scratch(self, people):
        """What is made while a size is measured, and removed after it."""
        return self.data / f"scratch-{people}"

    def catalogue(self):
        """The feature catalogue as JSON, written where the peers find it."""
        path = self.data / "catalogue.json"
        text = subprocess.run([self.example("features_sql"), "json"], check=True, capture_output=True).stdout
        path.write_bytes(text)
        return path

    def models(self):
        """Where models for this catalogue are kept, ours and the peers': another catalogue needs others."""
        digest = hashlib.sha256(self.catalogue().read_bytes()).hexdigest()
        folder = self.data / f"models-{digest[:8]}"
        folder.mkdir(exist_ok=True)
        return folder

    def do(self, command, people, step, environment=None):
        """Runs a command and measures it; what it prints is kept beside the results."""
        return measure(command, self.logs(people, step), environment)

    def logs(self, people, step):
        return self.out / "logs" / f"{people or 'all'}-{step}"

    def stage(self, people, name, work):
        """Runs one stage and writes its result; a failure is a result too, and the next stage goes on."""
        print(f"{people or ''} {name} ...", flush=True)
        result = {"stage": name, "people": people, "commit": commit()}
        try:
            result |= work()
        except (Failed, OSError, subprocess.SubprocessError) as error:
            result["failed"] = str(error)
            self.failed.append((people, name))
        if result.get("rows") and result.get("wall_seconds"):
            result["rows_per_second"] = round(result["rows"] / result["wall_seconds"])
        path = self.out / f"{people or 'all'}-{name.replace(' ', '-')}.json"
        path.write_text(json.dumps(result, indent=2) + "\n")
        print("  " + told(result), flush=True)


def commit():
    """The commit that is checked out, in short."""
    found = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return found.stdout.strip() or "no commit"


def told(result):
    """One line for whoever waits."""
    if "failed" in result:
        return f"FAILED: {result['failed']}"
    if "skipped" in result:
        return f"skipped: {result['skipped']}"
    if "wall_seconds" not in result:
        return "done"
    gigabytes = result["peak_memory_bytes"] / 1e9
    return f"{result['wall_seconds']:.2f} s wall, {result['cpu_seconds']:.2f} s CPU, {gigabytes:.2f} GB"
