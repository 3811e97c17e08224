"""The floor: what any program must do before it can think about a delivery."""

import json

from . import deliveries

TIMES = 3


def measure(bench, people):
    full, delta = deliveries.full(bench, people), deliveries.delta(bench, people)
    bench.stage(people, "full floor", lambda: floor(bench, people, "full", full))
    bench.stage(people, "needed floor", lambda: floor(bench, people, "needed", full, delta))


def floor(bench, people, how, *given):
    """The median of three: floors are short, and everything else is divided by them."""
    deliveries.warm(*given)
    step = f"{how}-floor"
    measured = [bench.do([bench.example("floor"), how, *given], people, step) for _ in range(TIMES)]
    measured.sort(key=lambda one: one["wall_seconds"])
    told = json.loads(bench.logs(people, step).with_suffix(".out").read_text())
    walls = [one["wall_seconds"] for one in measured]
    return measured[TIMES // 2] | {"rows": told["rows"], "bytes": told["bytes"], "walls_seconds": walls}
