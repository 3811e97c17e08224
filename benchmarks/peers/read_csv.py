"""Reads every column of every CSV file of a delivery with polars, as text, and forgets it."""

import sys
from pathlib import Path

import polars

rows = 0
for path in sorted(Path(sys.argv[1]).rglob("*.csv")):
    rows += polars.read_csv(path, infer_schema=False).height
print(rows)
