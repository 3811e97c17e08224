"""The boosted model beside its peers: what it reaches, what it takes, and which pairs it finds."""

from .markdown import seconds, table

WORDS = {
    "uci": "UCI Diabetes 130: readmitted within 30 days, people divided 7 to 3",
    "synthetic": "Data with known truth: twenty columns that matter alone, four pairs that matter together",
}
FIGURES = ("auroc", "auprc", "log_loss", "calibration_slope")


def section(results):
    """All tables that were measured."""
    tables = {"glass population": population_table}
    return "\n\n".join(tables.get(found["stage"], one_table)(found) for found in results.starting("glass"))


def population_table(found):
    """The model of a service where the real risk is known."""
    taught, judged = found["rows_each"]
    *dates, test = found["dates"]
    libraries = ", ".join(f"{library} {version}" for library, version in found["libraries"].items())
    less = found["auroc_less_challenger"]
    told = [f"{less[figure]:+.4f}" for figure in ("difference", "low", "high")]
    of_regression = found["models"]["ours"]["auroc"] - found["models"]["logistic regression"]["auroc"]
    return "\n\n".join(
        [
            "### The synthetic population: a service's own model, past dates taught and a later one judged",
            f"{taught:,} rows of {' and '.join(dates)} taught and {judged:,} of {test} judged, {found['columns']} features. {libraries}.",
            models(found),
            f"AUROC less LightGBM's: {told[0]} ({told[1]} to {told[2]}); less the regression's: {of_regression:+.4f}. Of the discrimination that the real risk itself has, "
            f"{found['share_of_discrimination']:.1%} is reached; the rest is chance, or in no record. "
            f"Mean difference from the real risk in 20 bins: {found['error_of_real_risk']:.4f}.",
            f"Observed / expected by age, sex and deprivation: {in_words(cells_off(found))}.",
        ]
    )


def in_words(off):
    worst, n_large, n_beyond, n_small = off
    large = f"{n_large} cells of 1,500 events, the farthest {worst:.3f} from 1" if n_large else "no cell of 1,500 events"
    return f"{large}; of {n_small} smaller ones {n_beyond} outside their 99.9% interval"


def cells_off(found):
    """How far the worst large cell is from 1, how many there are, how many small ones are beyond chance, and of how many."""
    large = [cell for cell in found["cells"] if cell["is_large"]]
    small = [cell for cell in found["cells"] if not cell["is_large"]]
    worst = max((abs(cell["observed"] / cell["expected"] - 1) for cell in large), default=None)
    return worst, len(large), sum(not cell["is_within_chance"] for cell in small), len(small)


def one_table(found):
    name = found["stage"].removeprefix("glass ")
    taught, judged = found["rows_each"]
    libraries = ", ".join(f"{library} {version}" for library, version in found["libraries"].items())
    parts = [
        f"### {WORDS[name]}",
        f"{taught:,} rows taught and {judged:,} judged, {found['columns']} columns. {libraries}.",
        models(found),
    ]
    if differences := found["auroc_less_rival"]:
        parts.append(less_rival(found, differences))
    if true := found.get("pairs"):
        parts.append(pairs_found(found, true))
    return "\n\n".join(parts)


def models(found):
    header = ["", "AUROC", "AUPRC", "log loss", "slope", "error in 20 bins", "95% of the perfect", "fit: CPU s"]
    header += ["1 M rows: CPU s"]
    rows = []
    for name, one in found["models"].items():
        figures = [f"{one[figure]:.4f}" for figure in FIGURES]
        errors = [f"{one['bin_error']:.4f}", f"{one['bin_error_of_the_perfect_95']:.4f}"]
        work = [seconds(one[what]["cpu_seconds"]) if what in one else "" for what in ("fit", "predict_million")]
        rows.append([name, *figures, *errors, *work])
    return table(header, rows)


def less_rival(found, differences):
    header = [f"AUROC less {found['rival']}", "difference", "95% from", "to"]
    told = lambda one: [f"{one[figure]:+.4f}" for figure in ("difference", "low", "high")]
    return table(header, [[name, *told(one)] for name, one in differences.items()])


def pairs_found(found, true):
    """How many of the true pairs each model has among its own."""
    told = [f"{name} {n_found(one, true)}" for name, one in found["models"].items() if "pairs" in one]
    return f"Of {len(true)} true pairs found: {', '.join(told)}."


def n_found(model, true):
    """How many of the true pairs a model has among its own."""
    return sum(set(pair) in [set(other) for other in model["pairs"]] for pair in true)


def pairs_missed(found):
    """How many of the true pairs our model does not have."""
    ours, _ = sides(found)
    return len(found["pairs"]) - n_found(ours, found["pairs"]) if ours else None


def calibration(found):
    """Our error in 20 bins over that of 95 of 100 perfect models, and how far our slope is from 1."""
    ours, _ = sides(found)
    return (ours["bin_error"] / ours["bin_error_of_the_perfect_95"], abs(ours["calibration_slope"] - 1)) if ours else (None, None)


def against(found, figure):
    """A figure of ours less that of the rival; none if either was not measured."""
    ours, rival = sides(found)
    return ours[figure] - rival[figure] if ours and rival else None


def work(found, what):
    """Our seconds of work over the rival's."""
    ours, rival = sides(found)
    return ours[what]["cpu_seconds"] / rival[what]["cpu_seconds"] if ours and rival else None


def sides(found):
    models = found["models"] if found else {}
    return [models.get(found[side]) if found else None for side in ("ours", "rival")]
