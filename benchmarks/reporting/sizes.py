"""Per size what each stage took, and how it grows from one size to the next."""

from .markdown import gigabytes, millions, people, seconds, table, times

# The stages as they are told, in order: name in the results, words, and the floor that they are divided by.
STAGES = [
    ("full floor", "full floor: sha256 of every file, every column decoded", "full floor"),
    ("needed floor", "needed floor: the columns that features need, decoded", "needed floor"),
    ("first", "**first night**, every file new", "full floor"),
    ("normal", "**normal night**, one day's delivery new", "needed floor"),
    ("tight first", "first night with `memory_limit = \"1GB\"`", "full floor"),
    ("tight normal", "normal night with `memory_limit = \"1GB\"`", "needed floor"),
    ("duckdb", "DuckDB + LightGBM, the normal night's risks", "needed floor"),
    ("polars", "polars + scikit-learn, the normal night's risks", "needed floor"),
    ("csv floor", "CSV.gz: decompressed and split into fields", "csv floor"),
    ("csv first", "first night from CSV.gz", "csv floor"),
    ("csv columns", "CSV: every column read as text by polars", "csv columns"),
    ("check", "CSV: checked and settled, and the registers counted", "csv columns"),
    ("train", "training on one index date, every file new", "full floor"),
]


def size_table(results, n):
    """All stages of one size."""
    header = ["", "wall s", "CPU s", "peak GB", "rows, M", "rows per second, M", "wall / its floor"]
    rows = []
    for name, words, floor in STAGES:
        one = results.by_stage.get((n, name))
        if one is None:
            continue
        if "skipped" in one or "failed" in one:
            rows.append([f"{words}: {'skipped' if 'skipped' in one else 'FAILED'}"] + [""] * (len(header) - 1))
            continue
        figures = [seconds(one["wall_seconds"]), seconds(one["cpu_seconds"]), gigabytes(one["peak_memory_bytes"])]
        more = [millions(one["rows"]), millions(one.get("rows_per_second"))]
        rows.append([words, *figures, *more, times(results.ratio(n, name, floor))])
    return table(header, rows)


def skipped(results, n):
    """Why something is missing, a sentence a line."""
    lines = []
    for name, words, _ in STAGES:
        one = results.by_stage.get((n, name), {})
        if reason := one.get("skipped") or one.get("failed"):
            lines.append(f"- {words}: {reason}.")
    return "\n".join(lines)


def parts_table(results, name):
    """What the parts of a stage took, size by size."""
    sizes = [n for n in results.sizes if results.stage(n, name)]
    known = {n: {part["part"]: part for part in results.stage(n, name)["parts"]} for n in sizes}
    order = list(dict.fromkeys(part for n in sizes for part in known[n]))
    header = [""] + [f"{people(n)}: {figure}" for n in sizes for figure in ("wall s", "CPU s", "peak GB")]
    rows = [[part] + [cell for n in sizes for cell in part_cells(known[n].get(part, {}))] for part in order]
    return table(header, rows)


def part_cells(part):
    figures = [seconds(part.get("wall_seconds")), seconds(part.get("cpu_seconds"))]
    return [*figures, gigabytes(part.get("peak_memory_bytes"))]


def growth_table(results):
    """The exponent of each stage from size to size."""
    pairs = list(zip(results.sizes, results.sizes[1:]))
    figures = [("wall_seconds", "wall"), ("cpu_seconds", "CPU"), ("peak_memory_bytes", "memory")]
    header = [""] + [f"{people(few)} to {people(many)}: {word}" for few, many in pairs for _, word in figures]
    rows = []
    for name, words, _ in STAGES:
        cells = [times(results.exponent(name, few, many, figure)) for few, many in pairs for figure, _ in figures]
        if any(cells):
            rows.append([words, *cells])
    return table(header, rows)


def ratio_table(results):
    """The ratios that mean something on another machine too."""
    pairs = [
        ("first night / full floor", "first", "full floor"),
        ("normal night / needed floor", "normal", "needed floor"),
        ("DuckDB + LightGBM / normal night", "duckdb", "normal"),
        ("polars + scikit-learn / normal night", "polars", "normal"),
        ("DuckDB + LightGBM / needed floor", "duckdb", "needed floor"),
        ("first night from CSV.gz / decompressing and splitting", "csv first", "csv floor"),
    ]
    figures = [("wall_seconds", "wall"), ("cpu_seconds", "CPU")]
    header = [""] + [f"{people(n)}: {word}" for n in results.sizes for _, word in figures]
    rows = []
    for words, over, under in pairs:
        rows.append([words] + [times(results.ratio(n, over, under, figure)) for n in results.sizes for figure, _ in figures])
    return table(header, rows)


def rounds_table(results):
    """What each round gave of the stages that were measured in turn with their floor."""
    rows = []
    for n in results.sizes:
        for name, words, floor in STAGES:
            one = results.stage(n, name)
            if one and "ratios" in one:
                each = [[times(ratio) for ratio in one["ratios"][figure]] for figure in ("wall_seconds", "cpu_seconds")]
                rows.append([f"{n:,}: {words} / {floor}", *[", ".join(ratios) for ratios in each]])
    return table(["", "wall", "CPU"], rows) if rows else ""
