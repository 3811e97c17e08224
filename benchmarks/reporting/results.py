"""The results of a run, and arithmetic on them."""

import json
import math
import statistics


class Results:
    """What `run.py` wrote into a folder."""

    def __init__(self, folder):
        self.machine = json.loads((folder / "machine.json").read_text())
        found = [json.loads(path.read_text()) for path in sorted(folder.glob("*-*.json"))]
        self.by_stage = {(one["people"], one["stage"]): one for one in found}
        self.sizes = sorted({people for people, _ in self.by_stage if people})

    def stage(self, people, name):
        """One stage of one size (none: of no size), or nothing if it is missing, failed or was skipped."""
        one = self.by_stage.get((people, name))
        return one if one and not one.keys() & {"failed", "skipped"} else None

    def measured_elsewhere(self, start):
        """The stages of a beginning that were measured on other commits than the page is of, with their sizes, by commit."""
        others = {}
        for one in self.by_stage.values():
            if one["stage"].startswith(start) and one.get("commit", self.machine["commit"]) != self.machine["commit"]:
                size = f" ({one['people']:,})" if one.get("people") else ""
                others.setdefault(one["commit"], []).append(one["stage"] + size)
        return others

    def of_size(self, people):
        return [one for (size, _), one in self.by_stage.items() if size == people]

    def starting(self, word):
        """Stages of no size whose name starts with a word."""
        return [one for one in self.of_size(None) if one["stage"].startswith(word) and not one.keys() & {"failed", "skipped"}]

    def ratio(self, people, over, under, figure="wall_seconds"):
        """A figure of one stage divided by that of another; where they were measured in turn, the median of the rounds."""
        above, below = self.stage(people, over), self.stage(people, under)
        if above and above.get("beneath") == under:
            return statistics.median(above["ratios"][figure])
        return above[figure] / below[figure] if above and below and below[figure] else None

    def exponent(self, name, few, many, figure):
        """How a figure grows from one size to the next: 1 is as the people do, 2 as their square. Where the sizes took
        turns, the median of the rounds."""
        small, large = self.stage(few, name), self.stage(many, name)
        if not small or not large:
            return None
        # Memory is not taken by rounds.
        in_rounds = lambda one: one["rounds"] if figure in one.get("rounds", [{}])[0] else [one]
        rounds = zip(in_rounds(small), in_rounds(large))
        return statistics.median(exponent(few, of_few[figure], many, of_many[figure]) for of_few, of_many in rounds)


def exponent(few, small, many, large):
    """The power of the number of people by which a figure grows."""
    return math.log(large / small) / math.log(many / few)
