"""Wall time, CPU time and peak memory per stage, as lines of JSON on standard error."""

import json
import resource
import sys
import time
from contextlib import contextmanager


@contextmanager
def stage(peer, name, **more):
    """Measures what is done within, and prints it."""
    wall, cpu = time.perf_counter(), _cpu()
    facts = dict(more)
    yield facts
    line = {
        "peer": peer,
        "stage": name,
        "wall_s": round(time.perf_counter() - wall, 3),
        "cpu_s": round(_cpu() - cpu, 3),
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        **facts,
    }
    print(json.dumps(line), file=sys.stderr, flush=True)


def _cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
