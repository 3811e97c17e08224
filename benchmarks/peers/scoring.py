"""The scoring stage of the peers: everybody who is scored gets a risk."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from measure import stage

BATCH = 100_000
TEN_YEARS_IN_DAYS = 3652


def matrix(batch, names):
    """The features of a batch of rows as numbers for a tree: missing is not a number, never is a long time ago."""
    columns = []
    for name in names:
        values = batch.column(name).to_numpy(zero_copy_only=False).astype(np.float32)
        if name.startswith("days_since"):
            values[values == -1] = np.inf
        columns.append(values)
    return np.column_stack(columns)


def score_lightgbm(connection, catalogue, model, out, threads, peer):
    """Scores straight from the view `features`, batch by batch, and writes person_id and risk."""
    import lightgbm

    names = [feature["name"] for feature in catalogue["features"]]
    booster = lightgbm.Booster(model_file=model)
    schema = pa.schema([("person_id", pa.string()), ("risk", pa.float64())])
    with stage(peer, "features and scores", scored=0) as facts, pq.ParquetWriter(out, schema) as writer:
        rows = connection.sql("FROM features WHERE standing = 'scored'").to_arrow_reader(BATCH)
        for batch in rows:
            risks = booster.predict(matrix(batch, names), num_threads=threads)
            writer.write_batch(pa.record_batch([batch.column("person_id"), pa.array(risks)], schema=schema))
            facts["scored"] += batch.num_rows


def score_sklearn(rows, catalogue, model, out, peer):
    """Scores a frame of features, and writes person_id and risk."""
    import joblib
    import polars as pl

    names = [feature["name"] for feature in catalogue["features"]]
    scored = rows.filter(pl.col("standing") == "scored")
    pipeline = joblib.load(model)
    with stage(peer, "scores", scored=scored.height):
        risks = pipeline.predict_proba(for_regression(scored, names))[:, 1]
        scored.select("person_id").with_columns(risk=pl.Series(risks)).write_parquet(out)


def for_regression(rows, names):
    """The features of rows as numbers for a regression: never is ten years ago, missing is left for the imputer."""
    columns = []
    for name in names:
        values = rows[name].to_numpy().astype(np.float32)
        if name.startswith("days_since"):
            values[values == -1] = TEN_YEARS_IN_DAYS
        columns.append(values)
    return np.column_stack(columns)
