"""The heavy parts of the model alone, against LightGBM and scikit-learn on the same matrix."""

import json
import os
import shutil

from .bench import PEERS, THREADS
from .peers import TWO_THREADS

# What is done, rows and columns: scoring with reasons; learning; learning on three dates of 300,000 people.
SHAPES = [("explain", 1_000_000, 150), ("fit", 300_000, 150), ("fit", 900_000, 243)]

# What a fit of the peer may take: the matrix twice, in 64 and in 32 bits with two functions a column, and a copy.
BYTES_PER_CELL = 8 + 2 * 2 * 4 * 2


def measure(bench, share=1):
    """All shapes, or a share of their rows."""
    for what, rows, columns in SHAPES:
        rows = max(int(rows * share), 5_000)
        name = f"{what} {rows} x {columns}"
        bench.stage(None, f"kernel {name}", lambda: alone(bench, what, rows, columns))
        bench.stage(None, f"model {name}", lambda: compared(bench, what, rows, columns))


def alone(bench, what, rows, columns):
    """Our own program, for its memory: the matrix in 64 bits is in it."""
    return bench.do([bench.example("kernel"), what, rows, columns, THREADS], None, f"kernel-{what}-{rows}")


def compared(bench, what, rows, columns):
    needed, free = rows * columns * BYTES_PER_CELL, available_bytes()
    if needed > free:
        return {"skipped": f"needs about {needed / 1e9:.0f} GB of memory, {free / 1e9:.0f} GB are free"}
    folder = bench.data / "kernel"
    shutil.rmtree(folder, ignore_errors=True)
    command = [bench.python, PEERS / "model.py", what, bench.example("kernel"), folder, rows, columns, THREADS]
    bench.do(command, None, f"model-{what}-{rows}", TWO_THREADS)
    measured = json.loads((folder / "measured.json").read_text())
    shutil.rmtree(folder)
    return {"what": what, "matrix_rows": rows, "columns": columns} | measured


def available_bytes():
    """Memory that nobody uses; Linux counts what it would give back."""
    try:
        with open("/proc/meminfo") as lines:
            known = dict(line.split(":") for line in lines)
        return int(known["MemAvailable"].split()[0]) * 1024
    except OSError:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
