"""What was known by the index date, as lazy frames of polars: the first delivery, corrected by later ones."""

import polars as pl

import deliveries

TYPES = {
    "Date": pl.Date,
    "Month": pl.Date,
    "Timestamp": pl.Datetime("us", "UTC"),
    "Bool": pl.Boolean,
    "Int": pl.Int32,
    "Float": pl.Float64,
}
NO_PRACTICE = ["", "V81997", "V81998", "V81999"]


def london_day(name):
    return pl.col(name).dt.convert_time_zone("Europe/London").dt.date()


class Known:
    """The delivered tables, as known on one day."""

    def __init__(self, catalogue, extracts, quarantine, t):
        self.tables = {table["name"]: table for table in catalogue["tables"]}
        self.lag_days = catalogue["lag_days"]
        self.found = deliveries.find(extracts, quarantine)
        self.t = t
        self.sharing = None

    def rows(self, name):
        """The rows of a table that count."""
        table = self.tables[name]
        first, later = deliveries.split(self.found, name)
        older = self.sent(table, first, 0, True) if first else self.nothing(table)
        newer = [self.sent(table, delivery, n) for n, delivery in enumerate(later, 1)]
        versions = self.newest(table, older, pl.concat(newer).collect()) if newer else None
        rows = older if not table["is_clinical"] else older.filter(pl.col("known_from") <= self.t)
        if versions is not None:
            rows = pl.concat([rows.join(versions.lazy(), on=table["key"], how="anti"), versions.lazy()])
        rows = rows.filter(~pl.col("is_deleted").fill_null(False)) if "is_deleted" in names(table) else rows
        return self.happened(table, rows).select(names(table))

    def sent(self, table, delivery, number, is_first=False):
        """The rows of one delivery, with the day from which each was known."""
        parts = []
        for file, is_history in delivery.files[table["name"]]:
            part = read(file, table, delivery.rejected.get(file, ()))
            known_from = self.known_from(table, delivery.extracted_on, is_history or is_first)
            parts.append(part.with_columns(known_from.alias("known_from")))
        rows = pl.concat(parts) if parts else self.nothing(table)
        return rows.with_columns(delivery=pl.lit(number), extracted_on=pl.lit(delivery.extracted_on))

    def nothing(self, table):
        schema = {column["name"]: kind(column) for column in table["columns"]}
        more = {"known_from": pl.Date, "delivery": pl.Int32, "extracted_on": pl.Date}
        return pl.LazyFrame(schema=schema | more)

    def known_from(self, table, extracted_on, is_history):
        extracted = pl.lit(extracted_on)
        if table["name"] == "deaths":
            return pl.coalesce("registration_date", "death_date", extracted)
        if table["received"]:
            return pl.coalesce(london_day(table["received"]), extracted)
        if not is_history or not table["event"]:
            return extracted
        event = self.event_day(table)
        day = pl.max_horizontal(event, london_day(table["recorded"])) if table["recorded"] else event
        return (day + pl.duration(days=self.lag_days.get(table["name"], 0))).fill_null(extracted)

    def newest(self, table, older, newer):
        """Of what later deliveries brought, the newest version of each row that was known."""
        key = table["key"]
        if not table["is_clinical"]:
            return newer.sort("delivery").unique(key, keep="last")
        says_when = table["received"] or table["name"] == "deaths"
        before = older.join(newer.lazy().select(key), on=key, how="semi").collect() if says_when else newer.clear()
        dated = pl.concat([before.select(*key, "delivery", "known_from"), newer.select(*key, "delivery", "known_from")])
        dated = dated.sort("delivery").with_columns(older=pl.col("known_from").shift(1).over(key))
        rows = newer.join(dated.select(*key, "delivery", "older"), on=[*key, "delivery"])
        was_known = pl.col("older").is_not_null() & (pl.col("known_from") <= pl.col("older"))
        rows = rows.with_columns(known_from=pl.when(was_known).then("extracted_on").otherwise("known_from"))
        rows = rows.filter(pl.col("known_from") <= self.t).sort("delivery").unique(key, keep="last")
        return rows.select(newer.columns)

    def happened(self, table, rows):
        if not table["is_clinical"]:
            return rows
        rows = rows.filter(self.event_day(table) <= self.t)
        if table["name"] not in ("registrations", "gp_events", "gp_prescriptions", "gp_appointments"):
            return rows
        if self.sharing is None:
            practices = self.rows("reference_practices").filter(pl.col("sharing_agreement")).collect()
            self.sharing = practices["practice_code"].to_list() + NO_PRACTICE
        return rows.filter(pl.col("practice_code").fill_null("").is_in(self.sharing))

    @staticmethod
    def event_day(table):
        is_moment = next(c["type"] for c in table["columns"] if c["name"] == table["event"]) == "Timestamp"
        return london_day(table["event"]) if is_moment else pl.col(table["event"])


def names(table):
    return [column["name"] for column in table["columns"]]


def kind(column):
    plain = TYPES.get(column["type"], pl.String)
    return pl.List(plain) if column["list"] else plain


def read(file, table, rejected):
    """The used columns of one file; a column that isn't sent is empty."""
    is_csv = not file.endswith(".parquet")
    rows = pl.scan_csv(file, infer_schema=False) if is_csv else pl.scan_parquet(file)
    if rejected:
        numbers = [number - 1 for number in rejected]
        rows = rows.with_row_index("row").filter(~pl.col("row").is_in(numbers))
    sent = rows.collect_schema().names()
    return rows.select([value(column, is_csv).alias(column["name"]) if column["name"] in sent
                        else pl.lit(None, kind(column)).alias(column["name"]) for column in table["columns"]])


def value(column, is_csv):
    cell = pl.col(column["name"])
    if not is_csv:
        return cell.cast(kind(column))
    if column["list"]:
        return cell.str.split("|")
    match column["type"]:
        case "Date" | "Month":
            return cell.str.to_date("%Y-%m-%d")
        case "Timestamp":
            return cell.str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="us", time_zone="UTC")
        case "Bool":
            return cell == "true"
    return cell.cast(kind(column))
