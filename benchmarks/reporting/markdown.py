"""Tables and numbers as Markdown."""


def table(header, rows):
    """A table whose first column is words and whose others are figures."""
    ruler = ["---"] + ["---:"] * (len(header) - 1)
    return "\n".join("| " + " | ".join(row) + " |" for row in [header, ruler, *rows])


def seconds(value):
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def gigabytes(value):
    return "" if value is None else f"{value / 1e9:.2f}"


def millions(value):
    return "" if value is None else f"{value / 1e6:.2f}"


def times(value):
    return "" if value is None else f"{value:.2f}"


def people(value):
    return f"{value:,}"
