"""Hospital stays from consultant episodes, in polars: specification 2.1 to 2.3."""

import csv
from collections import defaultdict
from pathlib import Path

import polars as pl

LISTS = Path(__file__).resolve().parents[2] / "data-schemas" / "codelists"
SPELL = ["pid", "provider_code", "spell_id"]
TRANSFER_METHODS = ["2B", "81"]


def codes(name, **wanted):
    """The codes of a list whose other columns have the wanted values."""
    with open(LISTS / name, newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if all(row[key] in values for key, values in wanted.items())]
    return [row.get("code") or row.get("snomed") for row in rows]


def episodes(known, record):
    """Episodes with the persons they are about; what lies after the index date has not happened yet."""
    rows = known.rows("apc_episodes").join(record.lazy(), on="person_id").collect()
    is_over = (pl.col("discharge_date") <= known.t).fill_null(False)
    text = pl.element().str.strip_chars().str.to_uppercase().str.strip_chars_end("†*+-X. ").str.replace_all(".", "", literal=True)
    code = pl.when(text.str.contains(r"^[A-Z][0-9]{2,4}$")).then(text)
    is_well_baby = (pl.col("treatment_function") == "424") & (pl.col("episode_type") == "3")
    return rows.with_columns(
        pl.when(is_over).then("discharge_date").alias("discharge_date"),
        pl.when(is_over).then("discharge_method").fill_null("").alias("discharge_method"),
        pl.when(is_over).then("discharge_destination").fill_null("").alias("discharge_destination"),
        pl.when(pl.col("episode_end") <= known.t).then("episode_end").alias("episode_end"),
        pl.coalesce("episode_start", "admission_date").alias("episode_start"),
        pl.col("episode_order").fill_null(1),
        pl.col("admission_source", "episode_type", "treatment_function").fill_null(""),
        pl.col("is_sdec").fill_null(False),
        (pl.col("is_well_baby").fill_null(False) | is_well_baby.fill_null(False)).alias("is_well_baby"),
        pl.col("diagnoses").list.eval(code.drop_nulls()),
    ).filter(~pl.col("is_well_baby"))


def spells(rows):
    """Hospital provider spells, numbered in the order in which they are linked."""
    rows = rows.with_columns(is_open=pl.col("episode_end").is_null())
    rows = rows.sort(*SPELL, "episode_start", "is_open", "episode_end", "episode_order", "episode_id")
    of_type = lambda *types: pl.col("episode_type").is_in(types).any()
    specialty = pl.col("treatment_function").is_between(pl.lit("700"), pl.lit("727")) | (pl.col("episode_type") == "4")
    first = ["admission_method", "admission_source", "patient_classification", "treatment_function", "is_sdec"]
    found = rows.group_by(SPELL, maintain_order=True).agg(
        pl.col("admission_date").min(),
        pl.when(pl.col("discharge_date").last().is_not_null()).then(pl.col("discharge_date").max()).alias("discharge_date"),
        pl.col(*first).first(),
        pl.col("discharge_method", "discharge_destination").last(),
        pl.col("diagnoses").first().list.first().fill_null("").alias("main_diagnosis"),
        of_type("2", "5").alias("is_delivery"),
        of_type("3", "6").alias("is_birth"),
        specialty.any().alias("is_mental_health"),
    ).with_columns(kind(), is_open=pl.col("discharge_date").is_null())
    found = found.sort("pid", "admission_date", "is_open", "discharge_date", "provider_code", "spell_id")
    return found.with_row_index("spell")


def kind():
    method, of_class = pl.col("admission_method"), pl.col("patient_classification")
    is_maternity = pl.col("is_delivery") | pl.col("treatment_function").is_in(["501", "560", "610"]) | (of_class == "5")
    is_emergency = method.is_in(codes("admission_method.csv", group=["emergency"]) + ["2B"])
    return (
        pl.when(pl.col("is_birth") | is_maternity | method.is_in(["82", "83", "2C", "31", "32"])).then(pl.lit("other"))
        .when(of_class.is_in(["3", "4"])).then(pl.lit("regular_attender"))
        .when(of_class == "2").then(pl.lit("day_case"))
        .when((of_class == "1") & is_emergency & ~pl.col("is_sdec")).then(pl.lit("emergency"))
        .when((of_class == "1") & method.is_in(["11", "12", "13"])).then(pl.lit("elective"))
        .otherwise(pl.lit("other")).alias("kind")
    )


def stays(found):
    """Continuous inpatient spells, and the stay of each spell."""
    linkable = found.filter(~pl.col("patient_classification").is_in(["3", "4"]))
    pairs = linkable.join(linkable, on="pid", suffix="_b").filter(
        pl.col("spell") < pl.col("spell_b"),
        (pl.col("admission_date_b") - pl.col("discharge_date")).dt.total_days().is_between(0, 2),
        pl.col("discharge_destination").is_in(codes("discharge_destination.csv", is_transfer=["true"]))
        | pl.col("admission_source_b").is_in(codes("admission_source.csv", is_transfer=["true"]))
        | pl.col("admission_method_b").is_in(TRANSFER_METHODS),
        ~(
            (pl.col("discharge_destination") == "19")
            & (pl.col("admission_source_b") == "51")
            & (pl.col("admission_method_b") == "21")
        ),
    )
    continues = defaultdict(list)
    for earlier, later in pairs.select("spell", "spell_b").iter_rows():
        continues[later].append(earlier)
    stay_of = {}
    for later in sorted(continues):
        stay_of[later] = max(stay_of.get(earlier, earlier) for earlier in continues[later])
    of_spell = found.with_columns(stay=pl.col("spell").replace(stay_of))
    ends = of_spell.group_by("stay").agg(
        pl.when(pl.col("is_open").any()).then(None).otherwise(pl.col("discharge_date").max()).alias("discharge_date"),
        ((pl.col("discharge_method") == "4") | (pl.col("discharge_destination") == "79")).any().alias("died"),
    )
    first = found.select(pl.col("spell").alias("stay"), "pid", "admission_date", "kind", "main_diagnosis", "is_mental_health")
    return first.join(ends, on="stay"), of_spell.select("stay", *SPELL)


def diagnoses(rows, of_spell):
    """Every code of every stay, once."""
    coded = rows.select(*SPELL, pl.col("diagnoses").alias("code")).explode("code").drop_nulls("code")
    return coded.join(of_spell, on=SPELL).select("stay", "pid", "code").unique()


def items_of(seen, lists):
    """Which of the lists of prefixes, by position, each distinct code starts with."""
    pairs = [
        (code, item)
        for code in seen.unique().to_list()
        for item, prefixes in enumerate(lists)
        if code.startswith(tuple(prefixes))
    ]
    return pl.DataFrame(pairs, schema={"code": pl.String, "item": pl.Int64}, orient="row")
