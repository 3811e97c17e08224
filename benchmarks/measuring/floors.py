"""The floor: what any program must do before it can think about a delivery."""

import json

from . import deliveries

TIMES = 3


class Floor:
    """One floor of one size. It is short, and others are divided by it: it is taken several times, before and after them, so
    that a machine that grows slower meanwhile does so for both. The median stands."""

    def __init__(self, bench, people, stage, how, given):
        self.bench, self.people, self.stage, self.how, self.given = bench, people, stage, how, given
        self.taken = []

    def take(self):
        """Once more."""
        deliveries.warm(*self.given)
        self.taken.append(self.bench.do([self.bench.example("floor"), self.how, *self.given], self.people, self.step))

    def tell(self):
        """What came of it."""
        while len(self.taken) < TIMES:
            self.take()
        self.bench.stage(self.people, self.stage, self.median)

    def median(self):
        told = json.loads(self.bench.logs(self.people, self.step).with_suffix(".out").read_text())
        walls = [one["wall_seconds"] for one in self.taken]
        by_time = sorted(self.taken, key=lambda one: one["wall_seconds"])
        return by_time[len(walls) // 2] | {"rows": told["rows"], "bytes": told["bytes"], "walls_seconds": walls}

    @property
    def step(self):
        return self.stage.replace(" ", "-")


class OfNights:
    """The two floors of the nights, taken together."""

    def __init__(self, bench, people):
        full, delta = deliveries.full(bench, people), deliveries.delta(bench, people)
        self.floors = [
            Floor(bench, people, "full floor", "full", [full]),
            Floor(bench, people, "needed floor", "needed", [full, delta]),
        ]

    def take(self):
        for floor in self.floors:
            floor.take()

    def tell(self):
        for floor in self.floors:
            floor.tell()
