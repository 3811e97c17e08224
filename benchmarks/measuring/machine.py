"""What the figures were measured on, and of what; and how long it takes to compile."""

import json
import os
import platform
import shutil
import subprocess

from .bench import ROOT, THREADS, commit

LIBRARIES = ["duckdb", "lightgbm", "polars", "scikit-learn", "numpy", "pyarrow"]


def describe(bench):
    """Writes machine.json."""
    facts = {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_bytes": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"),
        "processor": processor(),
        "system": platform.system(),
        "threads": THREADS,
        "earlycall": said([bench.earlycall, "--version"]),
        "commit": commit(),
        "python": said([bench.python, "--version"]),
        "libraries": libraries(bench),
    }
    (bench.out / "machine.json").write_text(json.dumps(facts, indent=2) + "\n")


def processor():
    try:
        with open("/proc/cpuinfo") as lines:
            return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()


def libraries(bench):
    ask = "import importlib.metadata as m, json, sys\nprint(json.dumps({n: m.version(n) for n in sys.argv[1:]}))"
    return json.loads(said([bench.python, "-c", ask, *LIBRARIES]) or "{}")


def said(command):
    """What a command prints, or nothing if it can't."""
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def build(bench):
    """Compiles everything into an empty folder."""
    target = bench.data / "build"
    shutil.rmtree(target, ignore_errors=True)
    # Packages are fetched before: the network is no part of it. If that fails, the build knows whether it matters.
    subprocess.run(["cargo", "fetch", "--quiet", "--locked"], check=False, cwd=ROOT)
    command = ["cargo", "build", "--release", "--workspace", "--manifest-path", ROOT / "Cargo.toml"]
    bench.stage(None, "build", lambda: bench.do([*command, "--target-dir", target], None, "build"))
    shutil.rmtree(target, ignore_errors=True)
