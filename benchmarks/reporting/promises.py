"""What had to be shown: each promise with what was to be reached, what to try for, and what was measured."""

from dataclasses import dataclass

from . import glass
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
    try_for: float | None
    measured: float | None
    unit: str = ""
    is_high: bool = False
    decimals: int = 2

    def keeps(self, bound):
        return self.measured >= bound if self.is_high else self.measured <= bound

    def verdict(self):
        if self.measured is None:
            return "not measured"
        if self.try_for is not None and self.keeps(self.try_for):
            return "what we tried for"
        return "reached" if self.keeps(self.reach) else "**missed**"

    def row(self):
        most = "at least " if self.is_high else "at most "
        bounds = ["" if bound is None else f"{most}{bound:g}{self.unit}" for bound in (self.reach, self.try_for)]
        measured = f"{self.measured:.{self.decimals}f}{self.unit}" if self.measured is not None else ""
        return [self.what, *bounds, measured, self.verdict()]


@dataclass
class Finish:
    """That something comes to its end at all, and with which peak of memory."""

    what: str
    is_tried: bool
    peak: float | None

    def row(self):
        verdict = "what we tried for" if self.peak else "**missed**" if self.is_tried else "not measured"
        return [self.what, "", "finish", f"peak {times(self.peak)} GB" if self.peak else "", verdict]


def of_speed(results):
    """Those of speed and memory, at the largest size that was measured."""
    n = results.sizes[-1] if results.sizes else None
    at = f"{n:,} people: " if n else ""
    ratio = lambda over, under: results.ratio(n, over, under)
    return [
        Promise(f"{at}first night / full floor", 4, 2.5, ratio("first", "full floor")),
        Promise(f"{at}DuckDB + LightGBM / normal night", 2, 5, ratio("duckdb", "normal"), is_high=True),
        Promise(f"{at}normal night / needed floor", 10, 4, ratio("normal", "needed floor")),
        Promise(f"{at}peak memory of both nights", 4, 2, memory(results, n, ["first", "normal"]), " GB"),
        little_memory(results, n),
        *growth(results),
        Promise(f"{csv_size(results)}first night from CSV.gz / decompressing and splitting", 2, 1.3, csv(results)),
        Promise(f"{check_size(results)}checking and settling CSV / polars reading it as text", 2, None, check(results)),
        *of_the_model(results),
        Promise("cold build", 12, 8, build(results), " min"),
    ]


def memory(results, people, names):
    peaks = [results.stage(people, name) for name in names]
    return max(one["peak_memory_bytes"] for one in peaks) / GIGABYTE if all(peaks) else None


def little_memory(results, people):
    at = f"{people:,} people: " if people else ""
    is_tried = (people, "tight first") in results.by_stage
    peak = memory(results, people, ["tight first", "tight normal"])
    return Finish(f'{at}both nights with `memory_limit = "1GB"`', is_tried, peak)


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


def checked(results):
    """The largest size that was checked, if any."""
    sizes = [n for n in results.sizes if results.stage(n, "check") and results.stage(n, "csv columns")]
    return sizes[-1] if sizes else None


def check_size(results):
    n = checked(results)
    return f"{results.stage(n, 'check')['rows']:,} rows: " if n else ""


def check(results):
    n = checked(results)
    return results.ratio(n, "check", "csv columns") if n else None


def of_the_model(results):
    """Of the regression that stands beside the boosted model, at the largest matrices that were measured."""
    explained, fitted = largest(results, "model explain"), largest(results, "model fit")
    alone = largest(results, "kernel fit")
    at = lambda found: f", {shape(found)}" if found else ""
    yield Promise(
        f"LightGBM's predict / scoring and explaining by the regression{at(explained)}", 1, 5, explaining(explained), is_high=True
    )
    yield Promise(f"fitting the regression / one fit of scikit-learn{at(fitted)}", 2, 1, training(fitted))
    memory = alone["peak_memory_bytes"] / GIGABYTE if alone else None
    yield Promise(f"memory of fitting the regression{at(alone)}", 8, None, memory, " GB")


def of_the_curves(results):
    """Those of the boosted model: against InterpretML in the same run, by the work done; and on synthetic people."""
    uci, known = results.stage(None, "glass uci"), results.stage(None, "glass synthetic")
    less = lambda what, found, figure, reach, try_for: Promise(
        f"{what} less InterpretML's", reach, try_for, glass.against(found, figure), is_high=True, decimals=4
    )
    yield less("UCI Diabetes 130: AUROC", uci, "auroc", -0.002, None)
    yield less("UCI Diabetes 130: AUPRC", uci, "auprc", -0.003, None)
    error, slope = glass.calibration(uci)
    yield Promise("UCI Diabetes 130: error in 20 bins / that of 95 of 100 perfect models", 1, None, error)
    yield Promise("UCI Diabetes 130: calibration slope, distance from 1", 0.05, None, slope, decimals=3)
    yield less("data with known truth: AUROC", known, "auroc", -0.001, None)
    yield Promise("data with known truth: true pairs that are not found", 0, None, glass.pairs_missed(known), decimals=0)
    yield from of_the_population(results.stage(None, "glass population"))
    yield Promise("UCI Diabetes 130: fitting / InterpretML's, CPU", 0.2, 0.05, glass.work(uci, "fit"))
    yield Promise("predicting 1 M rows / InterpretML's, CPU", 0.1, None, glass.work(uci, "predict_million"), decimals=3)


def of_the_population(found):
    """The model of a service, on people whose real risk is known."""
    at = "synthetic population: "
    worst, _, n_beyond, _ = glass.cells_off(found) if found else (None, None, None, None)
    less = found["auroc_less_challenger"]["difference"] if found else None
    error = found["error_of_real_risk"] if found else None
    yield Promise(f"{at}AUROC less LightGBM's", -0.002, None, less, is_high=True, decimals=4)
    yield Promise(f"{at}mean difference from the real risk in 20 bins", 0.003, None, error, decimals=4)
    yield Promise(f"{at}observed / expected, farthest from 1 of cells of 1,500 events", 0.1, None, worst, decimals=3)
    yield Promise(f"{at}smaller cells outside their 99.9% interval", 0, None, n_beyond, decimals=0)


def largest(results, start):
    """Of the matrices of one kind the one with most rows."""
    return max(results.starting(start), key=lambda one: int(one["stage"].split()[2]), default=None)


def shape(found):
    """Rows and columns, the end of a stage's name."""
    rows, _, columns = found["stage"].split()[2:]
    return f"{int(rows):,} x {columns}"


def explaining(found):
    """The faster of theirs against the slower of ours."""
    if not found:
        return None
    ours = max(one["wall_seconds"] for name, one in found["ours"].items() if name.startswith("explain"))
    return min(one["wall_seconds"] for one in found["theirs"].values()) / ours


def training(found):
    """Ours, which tries several penalties on five folds, against one fit with a known penalty and the usual tolerance."""
    if not found:
        return None
    theirs = next(one for name, one in found["theirs"].items() if name.endswith("default"))
    return next(iter(found["ours"].values()))["wall_seconds"] / theirs["wall_seconds"]


def build(results):
    found = results.stage(None, "build")
    return found["wall_seconds"] / SECONDS_PER_MINUTE if found else None


def as_table(promises):
    return table(["", "reach", "try for", "measured", ""], [promise.row() for promise in promises])
