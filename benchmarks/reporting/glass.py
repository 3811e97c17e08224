"""The boosted model beside its peers: what it reaches, what it takes, and which pairs it finds."""

from .markdown import seconds, table

WORDS = {
    "uci": "UCI Diabetes 130: readmitted within 30 days, people divided 7 to 3",
    "synthetic": "Data with known truth: twenty columns that matter alone, four pairs that matter together",
}
FIGURES = ("auroc", "auprc", "log_loss", "calibration_slope")


def section(results):
    """All tables that were measured."""
    return "\n\n".join(one_table(found) for found in results.starting("glass"))


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
    n = lambda one: sum(set(pair) in [set(other) for other in one["pairs"]] for pair in true)
    told = [f"{name} {n(one)}" for name, one in found["models"].items() if "pairs" in one]
    return f"Of {len(true)} true pairs found: {', '.join(told)}."


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
