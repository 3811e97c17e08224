"""LightGBM and scikit-learn on the numbers that `kernel` wrote, with `kernel` itself in the same run.

    python benchmarks/peers/model.py explain KERNEL FOLDER ROWS COLUMNS [THREADS]
    python benchmarks/peers/model.py fit|solve KERNEL FOLDER ROWS COLUMNS [THREADS]

KERNEL is the built example, target/release/examples/kernel; FOLDER takes the matrix.
Each side runs twice, the second time in the opposite order. Prints seconds of the clock and of work (of all threads
together), and the ratios of the means. On a busy machine only the work tells, and with one thread at that: waiting
threads of OpenMP spin.
"""

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np


def kernel(program, what, rows, columns, threads, *folder):
    """Runs the kernel; its own clock and work for each line that it prints."""
    command = [program, what, str(rows), str(columns), str(threads), *folder]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    print(told, end="")
    lines = re.findall(r"^(\S.*?), \d+ threads: ([0-9.]+) s, work ([0-9.]+) s", told, re.M)
    return {name: (float(clock), float(worked)) for name, clock, worked in lines}


def read(folder):
    """The matrix, the outcomes and the header."""
    header = json.loads((folder / "matrix.json").read_text())
    shape = (header["rows"], header["columns"])
    x = np.fromfile(folder / "x.f64", dtype="<f8").reshape(shape)
    events = np.fromfile(folder / "events.u8", dtype=np.uint8)
    z = np.fromfile(folder / "z.f32", dtype="<f4").reshape(header["rows"], header["functions"])
    return header, x, z, events


def seconds_of(work):
    clock, worked = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - worked


def lightgbm_side(folder, threads):
    """Seconds of LightGBM's predict alone: 100 trees of 31 leaves, its defaults, on f64 and on f32."""
    import lightgbm

    _, x, _, events = read(folder)
    settings = {"objective": "binary", "num_leaves": 31, "num_threads": threads, "verbosity": -1, "seed": 7}
    taught = lightgbm.Dataset(x[:20_000], events[:20_000])
    booster = lightgbm.train(settings, taught, num_boost_round=100)
    narrow = x.astype(np.float32)
    return {
        "LightGBM predict f64": lambda: booster.predict(x, num_threads=threads),
        "LightGBM predict f32": lambda: booster.predict(narrow, num_threads=threads),
    }


def sklearn_side(folder, threads):
    """Seconds of one scikit-learn fit with the penalty that the kernel chose, by default and to the end."""
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    header, _, z, events = read(folder)

    def fit(tolerance, steps):
        model = LogisticRegression(C=1.0 / header["l2"], solver="lbfgs", tol=tolerance, max_iter=steps)
        with threadpool_limits(threads):
            model.fit(z, events)
        print(f"  {model.n_iter_[0]} iterations at tolerance {tolerance}")

    return {
        "scikit-learn fit, default": lambda: fit(1e-4, 100),
        "scikit-learn fit, tol 1e-8": lambda: fit(1e-8, 2000),
    }


def write(folder, means, works):
    """Writes measured.json: seconds of the clock and of work, of our side and of theirs."""
    sides = {"ours": {}, "theirs": {}}
    for name, (clock, worked) in means.items():
        side = "theirs" if name in works else "ours"
        sides[side][name] = {"wall_seconds": round(clock, 4), "cpu_seconds": round(worked, 3)}
    (folder / "measured.json").write_text(json.dumps(sides, indent=2))


def main():
    what, program, folder, rows, columns = sys.argv[1:6]
    threads = int(sys.argv[6]) if len(sys.argv) > 6 else 2
    kernel(program, what, rows, columns, threads, folder)
    works = {"explain": lightgbm_side, "fit": sklearn_side, "solve": sklearn_side}[what](Path(folder), threads)
    found = {}
    for order in (1, -1):
        sides = [lambda: kernel(program, what, rows, columns, threads)]
        sides += [lambda name=name, work=work: {name: seconds_of(work)} for name, work in works.items()]
        for side in sides[::order]:
            for name, (clock, worked) in side().items():
                print(f"{name}: clock {clock:.3f} s, work {worked:.2f} s", flush=True)
                found.setdefault(name, []).append((clock, worked))
    means = {name: np.mean(seconds, axis=0) for name, seconds in found.items()}
    write(Path(folder), means, works)
    print("\n| ours | theirs | clock, theirs / ours | work, theirs / ours |\n| --- | --- | --- | --- |")
    for ours in (name for name in means if name not in works):
        for theirs in works:
            clock, worked = means[theirs] / means[ours]
            print(f"| {ours} | {theirs} | {clock:.2f} | {worked:.2f} |")


if __name__ == "__main__":
    main()
