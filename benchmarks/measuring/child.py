"""Runs a program as a child process, and says what it used."""

import os
import subprocess
import sys
import time
from pathlib import Path

BYTES_PER_MAXRSS = 1 if sys.platform == "darwin" else 1024


class Failed(Exception):
    """A child ended otherwise than it should."""


def measure(command, logs, environment=None, ends_with=0):
    """Runs a command to its end, which must be this code; what it printed goes to LOGS.out and LOGS.err.

    Returns wall and CPU seconds (user and system, of all its threads and of children that it waited for) and the peak of
    its resident memory in bytes. What others have written is brought to the disk first, so that nobody pays for it.
    """
    command = [str(word) for word in command]
    out, err = Path(f"{logs}.out"), Path(f"{logs}.err")
    out.parent.mkdir(parents=True, exist_ok=True)
    os.sync()
    with open(out, "wb") as stdout, open(err, "wb") as stderr:
        started = time.perf_counter()
        child = subprocess.Popen(command, stdout=stdout, stderr=stderr, env=os.environ | (environment or {}))
        try:
            _, status, used = os.wait4(child.pid, 0)
        except BaseException:
            child.kill()
            raise
        wall = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != ends_with:
        last = err.read_text(errors="replace").strip().splitlines()[-1:]
        raise Failed(f"{Path(command[0]).name} ended with {child.returncode}: {' '.join(last)}")
    return {
        "wall_seconds": round(wall, 3),
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 3),
        "peak_memory_bytes": used.ru_maxrss * BYTES_PER_MAXRSS,
    }
