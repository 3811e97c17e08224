#!/usr/bin/env python3
"""Every feature of everybody, by DuckDB, straight from delivered extracts.

The script comes from the catalogue:

    cargo run --release --workspace --example features_sql -- sql --index-date 2026-11-20 > features.sql
    cargo run --release --workspace --example features_sql -- json > catalogue.json
    duckdb_features.py --extracts extracts --sql features.sql --catalogue catalogue.json --out features.parquet

With `--score MODEL`, a model that `train_lightgbm.py` has saved, it writes the risk of everybody who is scored
instead. Each stage is measured; see measure.py. Rows that the checks reject must not be computed with: `--quarantine`
names the folder that lists them (Parquet only).
"""

import argparse
import json
import tempfile
from pathlib import Path

import duckdb

import deliveries
from measure import stage

PEER = "duckdb"

TYPES = {
    "Date": "DATE",
    "Month": "DATE",
    "Timestamp": "TIMESTAMPTZ",
    "Bool": "BOOLEAN",
    "Int": "INTEGER",
    "Float": "DOUBLE",
}


def main():
    args = arguments()
    catalogue = json.loads(Path(args.catalogue).read_text())
    connection = connect(args)
    found = deliveries.find(args.extracts, args.quarantine)
    for table in catalogue["tables"]:
        connection.execute(relations(connection, table, found))
    for name, sql in stages(Path(args.sql).read_text()):
        with stage(PEER, name):
            if args.profile:
                explain(connection, name, sql)
            else:
                connection.execute(sql)
    if args.score:
        from scoring import score_lightgbm

        score_lightgbm(connection, catalogue, args.score, args.out, args.threads, PEER)
    else:
        with stage(PEER, "write"):
            connection.execute(f"COPY (FROM features) TO '{args.out}' (FORMAT parquet)")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--extracts", required=True, help="one delivery, or a folder of deliveries")
    parser.add_argument("--sql", required=True, help="the script that the example features_sql prints")
    parser.add_argument("--catalogue", required=True, help="the JSON that the example features_sql prints")
    parser.add_argument("--out", required=True, help="the Parquet file to write")
    parser.add_argument("--score", help="a saved LightGBM model: write risks instead of features")
    parser.add_argument("--quarantine", help="the folder `quality` of the settled history: rows that the checks rejected")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", default="8GB")
    parser.add_argument("--scratch", default=tempfile.gettempdir(), help="where to spill what memory doesn't hold")
    parser.add_argument("--profile", action="store_true", help="time every statement of the script")
    return parser.parse_args()


def connect(args):
    connection = duckdb.connect()
    connection.execute(f"SET threads = {args.threads}")
    connection.execute(f"SET memory_limit = '{args.memory}'")
    connection.execute(f"SET temp_directory = '{args.scratch}/duckdb-features'")
    connection.execute("SET preserve_insertion_order = false")
    connection.execute("SET TimeZone = 'UTC'")
    # The joins are written with the small side last. Left to itself, the planner takes the filtered extracts for small
    # and builds its hash tables of them: three times the time, ten times the memory.
    connection.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
    return connection


def stages(script):
    """Name and statements of each stage of a script."""
    for part in script.split("-- stage: ")[1:]:
        name, sql = part.split("\n", 1)
        yield name, sql


def explain(connection, name, sql):
    """Runs statement by statement, each measured."""
    for statement in duckdb.extract_statements(sql):
        with stage(PEER, name, statement=" ".join(statement.query.split())[:70]):
            connection.execute(statement)


def relations(connection, table, found):
    """The views `first_TABLE` and `later_TABLE` over the delivered files."""
    first, later = deliveries.split(found, table["name"])
    columns = [f"{cast('NULL', column)} AS {column['name']}" for column in table["columns"]]
    nothing = "SELECT " + ", ".join(columns)
    empty_first = nothing + ", CAST(NULL AS DATE) AS extracted_on WHERE false"
    empty_later = nothing + ", 1 AS delivery, CAST(NULL AS DATE) AS extracted_on, false AS is_history WHERE false"
    firsts, laters = [], [empty_later]
    if first:
        files = [path for path, _ in first.files[table["name"]]]
        firsts.append(rows(connection, table, files, first.rejected, f"DATE '{first.extracted_on}' AS extracted_on"))
    for number, delivery in enumerate(later, 1):
        for is_history in (False, True):
            files = [path for path, history in delivery.files[table["name"]] if history == is_history]
            if files:
                more = f"{number} AS delivery, DATE '{delivery.extracted_on}' AS extracted_on, {is_history} AS is_history"
                laters.append(rows(connection, table, files, delivery.rejected, more))
    first_sql = "\nUNION ALL ".join(firsts or [empty_first])
    later_sql = "\nUNION ALL ".join(laters)
    return (
        f"CREATE TEMP VIEW first_{table['name']} AS {first_sql};\n"
        f"CREATE TEMP VIEW later_{table['name']} AS {later_sql};\n"
    )


def rows(connection, table, files, rejected, more):
    """A query of the used columns of files; a column that isn't sent is empty."""
    is_csv = not files[0].endswith(".parquet")
    known = {column["name"]: TYPES.get(column["type"], "VARCHAR") for column in table["columns"]}
    sent = header(connection, files[0], is_csv)
    listed = "[" + ", ".join(f"'{file}'" for file in files) + "]"
    dirty = {file: sorted(number - 1 for number in rejected[file]) for file in files if file in rejected}
    if is_csv:
        plain = {column["name"] for column in table["columns"] if column["list"]}
        types = ", ".join(
            f"'{name}': '{'VARCHAR' if name in plain else known.get(name, 'VARCHAR')}'" for name in sent
        )
        source = f"read_csv({listed}, header = true, auto_detect = false, delim = ',', quote = '\"', columns = {{{types}}})"
    else:
        numbered = ", filename = true, file_row_number = true" if dirty else ""
        source = f"read_parquet({listed}{numbered})"
    columns = ", ".join(
        f"{as_sent(column, is_csv) if column['name'] in sent else cast('NULL', column)} AS {column['name']}"
        for column in table["columns"]
    )
    clean = " AND ".join(
        f"NOT (filename = '{file}' AND file_row_number IN ({', '.join(map(str, numbers))}))"
        for file, numbers in dirty.items()
    )
    return f"SELECT {columns}, {more} FROM {source}" + (f" WHERE {clean}" if clean else "")


def header(connection, file, is_csv):
    query = f"SELECT * FROM read_csv('{file}', header = true, all_varchar = true)" if is_csv else f"FROM '{file}'"
    return [column[0] for column in connection.execute(f"DESCRIBE {query}").fetchall()]


def as_sent(column, is_csv):
    return f"string_split({column['name']}, '|')" if is_csv and column["list"] else column["name"]


def cast(value, column):
    kind = TYPES.get(column["type"], "VARCHAR")
    return f"CAST({value} AS {kind}{'[]' if column['list'] else ''})"


if __name__ == "__main__":
    main()
