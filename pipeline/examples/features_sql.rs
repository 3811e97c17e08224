//! Prints the feature catalogue as SQL for DuckDB, or as JSON, for the peers of the benchmark.
//!
//! `features_sql sql --index-date 2026-11-20 [--config earlycall.toml]`: the script that `benchmarks/peers` runs.
//! `features_sql json`: the same catalogue, code lists and tables as data.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use earlycall::{day::Day, settings::Settings};
use earlycall_schemas::{
    catalogue::{Entry, Feature, ItemList, catalogue},
    codelists::{bnf_sections, charlson_groups, conditions},
    feeds::{Amount, Asked, FeedView, feeds},
    sql,
};
use serde_json::{Value, json};

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// The script.
    Sql {
        /// The index date.
        #[arg(long)]
        index_date: Day,
        /// The settings file; absent: the defaults.
        #[arg(long)]
        config: Option<PathBuf>,
    },
    /// The catalogue, the tables and the code lists.
    Json,
}

fn main() {
    match Cli::parse().what {
        What::Sql { index_date, config } => print!("{}", script(index_date, config)),
        What::Json => println!("{}", serde_json::to_string_pretty(&plan()).expect("plain data")),
    }
}

fn script(index_date: Day, config: Option<PathBuf>) -> String {
    let settings =
        config.map_or_else(Settings::default, |path| Settings::load(&path).unwrap_or_else(|error| panic!("{error}")));
    let lag_days: Vec<(&str, i32)> =
        settings.extracts.lag_days.iter().map(|(table, days)| (table.as_str(), *days)).collect();
    let cohort = &settings.cohort;
    sql::script(&sql::stages(&index_date.to_string(), &lag_days, cohort.minimum_age_years, &cohort.conditions))
}

fn plan() -> Value {
    let feature = |feature: &Feature| {
        let entry = &catalogue().entries()[feature.entry];
        json!({ "name": feature.name, "within_days": feature.within_days, "entry": of_entry(entry) })
    };
    let settings = Settings::default();
    json!({
        "never": sql::NEVER,
        "tables": sql::source_tables().map(of_table).collect::<Vec<_>>(),
        "features": catalogue().features().iter().map(feature).collect::<Vec<_>>(),
        "conditions": conditions().iter().map(|known| of_condition(known, &settings)).collect::<Vec<_>>(),
        "charlson_groups": charlson_groups().iter().map(|group| json!({
            "weight": group.weight,
            "icd10": group.icd10,
            "yields_to": group.yields_to.as_ref().map(|id| position(ItemList::CharlsonGroups, id)),
        })).collect::<Vec<_>>(),
        "feeds": feeds().iter().map(of_feed).collect::<Vec<_>>(),
        "bnf_sections": bnf_sections().iter().map(|section| &section.code).collect::<Vec<_>>(),
        "lag_days": settings.extracts.lag_days,
        "minimum_age_years": settings.cohort.minimum_age_years,
    })
}

fn of_table(table: &earlycall_schemas::table::TableSpec) -> Value {
    let used = table.columns.iter().filter(|column| column.used);
    json!({
        "name": table.name,
        "key": table.key,
        "is_clinical": table.kind == earlycall_schemas::table::TableKind::Clinical,
        "event": table.event,
        "received": table.received,
        "recorded": table.recorded,
        "columns": used.map(|column| json!({
            "name": column.name,
            "type": format!("{:?}", column.dtype),
            "list": column.list,
        })).collect::<Vec<_>>(),
    })
}

fn of_feed(feed: &FeedView) -> Value {
    let amount = feed.amount.as_ref().map(|amount| match amount {
        Amount::ThousandthsOf(value) => json!({ "thousandths_of": value }),
        Amount::MinutesBetween(ends) => json!({ "minutes_between": ends }),
        Amount::NumberOf(list) => json!({ "number_of": list }),
    });
    let asked = |asked: &Asked| json!({ "all_of": asked.all_of, "none_of": asked.none_of });
    let of_test = |(name, of_it): &(String, Asked)| {
        let mut told = asked(of_it);
        told["name"] = json!(name);
        told
    };
    json!({
        "table": feed.table(),
        "day": feed.day,
        "until": feed.until,
        "at_end": feed.at_end,
        "ended": asked(&feed.ended),
        "amount": amount,
        "item": feed.item,
        "counts": asked(&feed.counts),
        "tests": feed.tests.iter().map(of_test).collect::<Vec<_>>(),
    })
}

fn of_entry(entry: &Entry) -> Value {
    json!({
        "view": entry.view.name(),
        "tests": entry.test_names,
        "item": entry.item,
        "take": entry.take.name(),
        "against_days": entry.against_days,
        "from_age_years": entry.from_age_years,
        "feeds": entry.feeds,
    })
}

fn of_condition(known: &earlycall_schemas::codelists::Condition, settings: &Settings) -> Value {
    let text = |codes: &[u64]| codes.iter().map(u64::to_string).collect::<Vec<_>>();
    json!({
        "id": known.id,
        "icd10": known.icd10,
        "snomed": text(&known.snomed),
        "snomed_resolved": text(&known.snomed_resolved),
        "min_age": known.min_age,
        "min_age_at_first_record": known.min_age_at_first_record,
        "not_before": known.not_before.map(|(year, month)| format!("{year:04}-{month:02}-01")),
        "needs_medicine": known.needs_medicine.as_ref().map(|needed| json!({
            "bnf_prefixes": needed.bnf_prefixes,
            "within_days": needed.within_days,
        })),
        "unless": known.unless.iter().map(|id| position(ItemList::Conditions, id)).collect::<Vec<_>>(),
        "is_disease": known.is_disease,
        "is_coached": settings.cohort.conditions.contains(&known.id),
    })
}

fn position(list: ItemList, name: &str) -> Option<usize> {
    list.items().iter().position(|item| item.name == name)
}
