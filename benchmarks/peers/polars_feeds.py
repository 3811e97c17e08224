"""The optional tables as facts in polars, each as its declaration says, and what is held against the days before."""

import polars as pl

from polars_known import london_day

FEWEST = 3
# Stands for a rise that is missing, among people with facts: people without have one of 0.
NO_USUAL = -2_000_000_000


class Feeds:
    """Facts of everybody, one frame per optional table."""

    def __init__(self, views, catalogue):
        self.views, self.t = views, views.t
        self.tables = {table["name"]: table for table in catalogue["tables"]}
        self.frames = {feed["table"]: self.facts(feed) for feed in catalogue["feeds"]}

    def facts(self, feed):
        name = feed["table"]
        types = {column["name"]: column for column in self.tables[name]["columns"]}
        rows = self.views.known.rows(name).join(self.views.record.lazy(), on="person_id").collect()
        end = self.day_of(types, feed["until"]) if feed["until"] else pl.lit(None, pl.Date)
        rows = rows.with_columns(
            day=self.day_of(types, feed["day"]),
            moment=pl.col(feed["day"]).cast(pl.Int64),
            end_day=pl.when(end <= self.t).then(end),
        )
        rows = self.with_amounts(rows, feed)
        tests = [self.holds(feed, types, test).alias(test["name"]) for test in feed["tests"]]
        tests += [self.is_open(feed).alias("is_open")] if feed["until"] else []
        tests += [pl.col("amount").is_not_null().alias("has_amount")] if feed["amount"] else []
        rows = rows.filter(self.holds(feed, types, feed["counts"])).with_columns(tests)
        return rows.sort("day", "moment", "amount", nulls_last=False)

    @staticmethod
    def is_open(feed):
        """Whether it has not ended, and does not say so without a day."""
        said = [
            (pl.col(name).is_not_null() if values == ["*"] else pl.col(name).is_in(values)).fill_null(False)
            for name, values in feed["ended"]["all_of"].items()
        ]
        ended = pl.col(feed["until"]).is_null() & pl.all_horizontal(*said) if said else pl.lit(False)
        return pl.col("end_day").is_null() & ~ended

    @staticmethod
    def day_of(types, name):
        return london_day(name) if types[name]["type"] == "Timestamp" else pl.col(name)

    def with_amounts(self, rows, feed):
        kind, of = next(iter((feed["amount"] or {"none": None}).items()))
        nothing = pl.lit(None, pl.Int64)
        if kind == "none":
            return rows.with_columns(amount=pl.lit(1, pl.Int64), item=nothing)
        if kind == "number_of":
            n = pl.col(of).list.len().cast(pl.Int64)
            return rows.with_columns(amount=pl.when(n > 0).then(n), item=nothing)
        if kind == "minutes_between":
            minute = lambda name: pl.col(name).dt.epoch("s") // 60
            return rows.with_columns(amount=minute(of[1]) - minute(of[0]), item=nothing)
        readings = self.views.readings().rename({"snomed_code": feed["item"]})
        items = readings.select(feed["item"], "item").unique()
        ways = readings.drop("item").rename({"unit": "sent"})
        value, numbered = pl.col(of), rows.with_row_index("row")
        read = numbered.with_columns(sent=pl.col("unit").fill_null("")).join(ways, on=[feed["item"], "sent"])
        read = read.filter((value >= pl.col("above")).fill_null(True), (value < pl.col("below")).fill_null(True))
        is_plain = (pl.col("times") == 1) & (pl.col("plus") == 0)
        in_unit = pl.when(is_plain).then(value).otherwise(value * pl.col("times") + pl.col("plus"))
        read = read.with_columns(in_unit=in_unit).filter(pl.col("in_unit").is_between("smallest", "largest"))
        milli = (pl.col("in_unit") * 1000).round(0, mode="half_away_from_zero").cast(pl.Int64)
        numbered = numbered.join(read.select("row", amount=milli), on="row", how="left")
        return numbered.join(items, on=feed["item"], how="left")

    def holds(self, feed, types, asked):
        """Whether rows are as they are asked for."""
        wanted = [self.has(feed, types, name, values) for name, values in asked["all_of"].items()]
        unwanted = [~self.has(feed, types, name, values) for name, values in asked["none_of"].items()]
        return pl.all_horizontal(pl.lit(True), *wanted, *unwanted)

    def has(self, feed, types, name, values):
        column, cell = types[name], pl.col(name)
        if column["type"] in ("Date", "Timestamp"):
            found = self.day_of(types, name) <= self.t
        elif column["list"]:
            found = cell.list.len() > 0 if values == ["*"] else cell.list.eval(pl.element().is_in(values)).list.any()
        else:
            found = cell.is_not_null() if values == ["*"] else cell.is_in(values)
        found = found.fill_null(False)
        return found & pl.col("end_day").is_not_null() if name in feed["at_end"] else found


def trend(feature, views, counts):
    """A window held against the days before, or a slope; `counts` tells the facts, of whatever day."""
    entry, days, t = feature["entry"], feature["within_days"], pl.lit(views.t)
    start = pl.lit(views.before(days))
    within = counts & (pl.col("day") > start)
    n, total = within.sum().cast(pl.Int64), pl.col("amount").filter(within).sum()
    if entry["take"] == "slope":
        day = (pl.col("day") - t).dt.total_days().filter(within)
        amount = pl.col("amount").filter(within)
        spread = n * (day * day).sum() - day.sum() * day.sum()
        weekly = 7 * (n * (day * amount).sum() - day.sum() * total)
        return pl.when((n >= FEWEST) & (spread > 0)).then(cut(weekly, spread))
    before = counts & (pl.col("day") <= start) & (pl.col("day") > pl.lit(views.before(entry["against_days"])))
    n_before, total_before = before.sum().cast(pl.Int64), pl.col("amount").filter(before).sum()
    if entry["take"] == "rise":
        length = entry["against_days"] - days
        rise = cut(10 * (n * length - n_before * days), pl.lit(length, pl.Int64))
        return pl.when((n_before > 0) | (n == 0)).then(rise).otherwise(NO_USUAL)
    is_enough = (n >= FEWEST) & (n_before >= FEWEST)
    return pl.when(is_enough).then(cut(total * n_before - total_before * n, n * n_before))


def cut(number, divisor):
    """Whole division that cuts the rest off; polars rounds down."""
    return number.sign() * (number.abs() // divisor)
