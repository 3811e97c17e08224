"""Stages that are measured several times, in turn with what they are divided by.

A machine that is shared grows slower and faster by a fifth within minutes. So a stage is compared with the takes of the
other that came just before and just after it, in every round, and the median of these ratios stands.
"""

import statistics

from .child import Failed

FIGURES = ["wall_seconds", "cpu_seconds"]


class Taken:
    """All takes of one size, in their order."""

    def __init__(self, bench, people):
        self.bench, self.people = bench, people
        self.takes = []
        self.failures = {}

    def take(self, stage, work):
        """Once more; after a failure no more."""
        if stage in self.failures:
            return
        print(f"{self.people} {stage} ...", flush=True)
        try:
            self.takes.append((stage, work()))
        except (Failed, OSError) as error:
            self.failures[stage] = error

    def tell(self, stage, beneath=None):
        """Writes what came of a stage: the take of median length, what each took, and how often that of `beneath`."""
        self.bench.stage(self.people, stage, lambda: self.told(stage, beneath))

    def told(self, stage, beneath):
        if stage in self.failures:
            raise self.failures[stage]
        own = [figures for name, figures in self.takes if name == stage]
        by_length = sorted(own, key=lambda one: one["wall_seconds"])
        told = dict(by_length[len(own) // 2])
        told["rounds"] = [{figure: one[figure] for figure in FIGURES} for one in own]
        if beneath:
            told["beneath"] = beneath
            told["ratios"] = {figure: self.ratios(stage, beneath, figure) for figure in FIGURES}
        return told

    def ratios(self, stage, beneath, figure):
        """Each take divided by the mean of its neighbours."""
        found = []
        for at, (name, figures) in enumerate(self.takes):
            if name == stage:
                before = [one[figure] for other, one in self.takes[:at] if other == beneath][-1:]
                after = [one[figure] for other, one in self.takes[at:] if other == beneath][:1]
                if before + after:
                    found.append(round(figures[figure] / statistics.mean(before + after), 4))
        return found
