"""The floor: what any program must do before it can think about a delivery."""

import json

from . import deliveries


class Floor:
    """One floor of one size: short, so it is taken before and after everything that is divided by it."""

    def __init__(self, taken, stage, how, given):
        self.taken, self.stage, self.how, self.given = taken, stage, how, given

    def take(self):
        """Once more."""
        self.taken.take(self.stage, self.measured)

    def tell(self):
        """What came of it."""
        self.taken.tell(self.stage)

    def measured(self):
        bench, people, step = self.taken.bench, self.taken.people, self.stage.replace(" ", "-")
        deliveries.warm(*self.given)
        used = bench.do([bench.example("floor"), self.how, *self.given], people, step)
        told = json.loads(bench.logs(people, step).with_suffix(".out").read_text())
        return used | {"rows": told["rows"], "bytes": told["bytes"]}


class OfNights:
    """The two floors of the nights, taken together."""

    def __init__(self, taken):
        bench, people = taken.bench, taken.people
        full, delta = deliveries.full(bench, people), deliveries.delta(bench, people)
        self.floors = [Floor(taken, "full floor", "full", [full]), Floor(taken, "needed floor", "needed", [full, delta])]

    def take(self):
        for floor in self.floors:
            floor.take()

    def tell(self):
        for floor in self.floors:
            floor.tell()
