"""What had to be shown: each promise with what was to be reached, what to try for, and what was measured."""

from dataclasses import dataclass

from .markdown import table, times

# Between these sizes growth is judged.
GROWS_FROM, GROWS_TO = 200_000, 2_040_000
GIGABYTE = 1e9
SECONDS_PER_MINUTE = 60


@dataclass
class Promise:
    """A figure, and its bounds. `is_high` says that more is better; `unit` comes after every number."""

    what: str
    reach: float
    try_for: float
    measured: float | None
    unit: str = ""
    is_high: bool = False

    def keeps(self, bound):
        return self.measured >= bound if self.is_high else self.measured <= bound

    def verdict(self):
        if self.measured is None:
            return "not measured"
        if self.keeps(self.try_for):
            return "what we tried for"
        return "reached" if self.keeps(self.reach) else "**missed**"

    def row(self):
        most = "at least " if self.is_high else "at most "
        bounds = [f"{most}{bound:g}{self.unit}" for bound in (self.reach, self.try_for)]
        measured = f"{times(self.measured)}{self.unit}" if self.measured is not None else ""
        return [self.what, *bounds, measured, self.verdict()]


def promises(results):
    """All of them, at the largest size that was measured."""
    n = results.sizes[-1] if results.sizes else None
    at = f"{n:,} people: " if n else ""
    ratio = lambda over, under: results.ratio(n, over, under)
    return [
        Promise(f"{at}first night / full floor", 4, 2.5, ratio("first", "full floor")),
        Promise(f"{at}DuckDB + LightGBM / normal night", 2, 5, ratio("duckdb", "normal"), is_high=True),
        Promise(f"{at}normal night / needed floor", 10, 4, ratio("normal", "needed floor")),
        Promise(f"{at}peak memory of both nights", 4, 2, memory(results, n, ["first", "normal"]), " GB"),
        *growth(results),
        Promise(f"{csv_size(results)}first night from CSV.gz / decompressing and splitting", 2, 1.3, csv(results)),
        Promise("LightGBM's predict / scoring and explaining", 1, 5, explaining(results), is_high=True),
        Promise("training / one fit of scikit-learn", 2, 1, training(results)),
        Promise("memory of training", 8, 8, training_memory(results), " GB"),
        Promise("cold build", 12, 8, build(results), " min"),
    ]


def memory(results, people, names):
    peaks = [results.stage(people, name) for name in names]
    return max(one["peak_memory_bytes"] for one in peaks) / GIGABYTE if all(peaks) else None


def growth(results):
    """The exponents of both nights, by the clock and by the work done."""
    span = f"growth from {GROWS_FROM:,} to {GROWS_TO:,} people: "
    for night in ("first", "normal"):
        for figure, words in (("wall_seconds", "wall"), ("cpu_seconds", "CPU")):
            measured = results.exponent(night, GROWS_FROM, GROWS_TO, figure)
            yield Promise(f"{span}exponent of the {night} night, {words}", 1.05, 1, measured)


def csv_sizes(results):
    return [n for n in results.sizes if results.stage(n, "csv first") and results.stage(n, "csv floor")]


def csv_size(results):
    sizes = csv_sizes(results)
    return f"{sizes[-1]:,} people: " if sizes else ""


def csv(results):
    sizes = csv_sizes(results)
    return results.ratio(sizes[-1], "csv first", "csv floor") if sizes else None


def explaining(results):
    """The faster of theirs against the slower of ours."""
    found = [one for one in results.starting("model") if one["what"] == "explain"]
    if not found:
        return None
    ours = max(one["wall_seconds"] for name, one in found[-1]["ours"].items() if name.startswith("explain"))
    return min(one["wall_seconds"] for one in found[-1]["theirs"].values()) / ours


def largest_fit(results, word):
    """Of the fits of one kind the one with most rows."""
    found = [one for one in results.starting(word + " fit")]
    return max(found, key=lambda one: int(one["stage"].split()[2]), default=None)


def training(results):
    found = largest_fit(results, "model")
    if not found:
        return None
    theirs = next(one for name, one in found["theirs"].items() if name.endswith("default"))
    return next(iter(found["ours"].values()))["wall_seconds"] / theirs["wall_seconds"]


def training_memory(results):
    found = largest_fit(results, "kernel")
    return found["peak_memory_bytes"] / GIGABYTE if found else None


def build(results):
    found = results.stage(None, "build")
    return found["wall_seconds"] / SECONDS_PER_MINUTE if found else None


def as_table(results):
    header = ["", "reach", "try for", "measured", ""]
    return table(header, [promise.row() for promise in promises(results)])
