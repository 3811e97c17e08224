//! Every entry of the catalogue as an aggregate over the facts of its view.
//!
//! Most views are grouped by person at once, each feature a filtered aggregate. Prescriptions come by the hundred and in
//! some eighty sections, so they are grouped by person and section first.

use std::fmt::Write;

use super::NEVER;
use crate::{
    catalogue::{Entry, Feature, Take, View, catalogue},
    codelists::conditions,
};

/// Stands for a rise that is missing, among people with facts: people without have one of 0.
const NO_USUAL: i64 = -2_000_000_000;

/// The view `features`, over one table of aggregates per view.
pub(super) fn features() -> String {
    let mut sql = String::new();
    for view in View::ALL {
        let (columns, from) = match view {
            View::Prescriptions => {
                let by_section = with_entries().filter(|(entry, _)| entry.view == view && is_by_section(entry));
                let pivot =
                    format!("SELECT pid{}\nFROM item_prescriptions GROUP BY pid", named(by_section, from_items));
                write!(
                    sql,
                    "CREATE TEMP TABLE by_prescriptions AS SELECT *\n\
                     FROM person_prescriptions LEFT JOIN ({pivot}) USING (pid);\n\n"
                )
                .expect("writing to a string can't fail");
                continue;
            }
            View::Results => (columns_of(view, from_latest), "latest_result".to_owned()),
            _ => (columns_of(view, aggregate), format!("facts_{}", view.name())),
        };
        writeln!(sql, "CREATE TEMP TABLE by_{} AS SELECT pid{columns}\nFROM {from} GROUP BY pid;\n", view.name())
            .expect("writing to a string can't fail");
    }
    let values: String = with_entries().map(|(entry, feature)| value(entry, feature)).collect();
    let joins: String = View::ALL.iter().map(|view| format!("LEFT JOIN by_{} USING (pid)\n", view.name())).collect();
    write!(
        sql,
        "CREATE TEMP VIEW features AS SELECT person_id, standing{values}\nFROM standing CROSS JOIN feed\n{joins};\n"
    )
    .expect("writing to a string can't fail");
    sql
}

/// Prescriptions by person, and by person and section as far back as any section is asked for; and `medicine`: who was
/// issued what a register asks for.
pub(super) fn prescriptions() -> String {
    let of_view = with_entries().filter(|(entry, _)| entry.view == View::Prescriptions);
    let (by_section, plain): (Vec<_>, Vec<_>) = of_view.partition(|(entry, _)| is_by_section(entry));
    let mut windows: Vec<u32> = by_section.iter().filter_map(|(_, feature)| feature.within_days).collect();
    windows.sort_unstable();
    windows.dedup();
    let mut columns = String::new();
    for days in &windows {
        write!(columns, ",\n    count(*) FILTER (day > getvariable('t') - {days}) AS n_{days}d").expect("as above");
    }
    let mut longest = i64::from(windows.last().copied().unwrap_or(0));
    let mut medicines = Vec::new();
    for (n, condition) in conditions().iter().enumerate() {
        let Some(needed) = &condition.needs_medicine else { continue };
        let prefixes: Vec<String> =
            needed.bnf_prefixes.iter().map(|prefix| format!("starts_with(bnf_code, '{prefix}')")).collect();
        write!(columns, ",\n    max(day) FILTER ({}) AS last_medicine_{n}", prefixes.join(" OR ")).expect("as above");
        medicines.push(format!(
            "    SELECT DISTINCT pid, {n} AS item FROM item_prescriptions\n    \
             WHERE last_medicine_{n} > getvariable('t') - {}",
            needed.within_days
        ));
        longest = longest.max(i64::from(needed.within_days));
    }
    format!(
        "CREATE TEMP TABLE person_prescriptions AS SELECT pid{}\n\
         FROM (SELECT pid, issue_date AS day FROM known_gp_prescriptions JOIN record USING (person_id)) GROUP BY pid;\n\n\
         CREATE TEMP TABLE item_prescriptions AS SELECT pid, item{columns}\n\
         FROM facts_prescriptions WHERE day > getvariable('t') - {longest} GROUP BY pid, item;\n\n\
         CREATE TEMP TABLE medicine AS\n{};\n",
        named(plain.into_iter(), aggregate),
        medicines.join("\n    UNION ALL\n")
    )
}

fn is_by_section(entry: &Entry) -> bool {
    entry.item.is_some() || entry.take == Take::Distinct
}

fn with_entries() -> impl Iterator<Item = (&'static Entry, &'static Feature)> {
    catalogue().features().iter().map(|feature| (&catalogue().entries()[feature.entry], feature))
}

fn columns_of(view: View, expression: fn(&Entry, &Feature) -> String) -> String {
    named(with_entries().filter(|(entry, _)| entry.view == view), expression)
}

fn named<'a>(
    features: impl Iterator<Item = (&'a Entry, &'a Feature)>,
    expression: fn(&Entry, &Feature) -> String,
) -> String {
    features.map(|(entry, feature)| format!(",\n    {} AS \"{}\"", expression(entry, feature), feature.name)).collect()
}

/// A feature over the facts of its view.
fn aggregate(entry: &Entry, feature: &Feature) -> String {
    let mut conditions = entry.test_names.clone();
    conditions.extend(entry.item.map(|item| format!("item = {item}")));
    if let (Some(days), false) = (feature.within_days, entry.take == Take::Nights) {
        conditions.push(format!("day > getvariable('t') - {days}"));
    }
    let filter = filter(&conditions);
    match entry.take {
        Take::Count | Take::Flag => format!("count(*){filter}"),
        Take::Sum => format!("sum(amount){filter}"),
        Take::Nights => {
            let start =
                feature.within_days.map_or("day".to_owned(), |w| format!("greatest(day, getvariable('t') - {w})"));
            format!("sum(greatest(least(coalesce(end_day, getvariable('t')), getvariable('t')) - {start}, 0)){filter}")
        }
        Take::Distinct => format!("count(DISTINCT item){filter}"),
        Take::DaysSinceLast => format!("getvariable('t') - max(day){filter}"),
        Take::DaysSinceFirst => format!("getvariable('t') - min(day){filter}"),
        Take::Latest if entry.view.feed().is_some() => format!("arg_max(amount, (moment, amount)){filter}"),
        Take::Latest | Take::Value => format!("arg_max(amount, day){filter}"),
        Take::Rise | Take::Shift | Take::Slope => trend(entry, feature, &filter),
    }
}

fn filter(conditions: &[String]) -> String {
    if conditions.is_empty() { String::new() } else { format!(" FILTER ({})", conditions.join(" AND ")) }
}

/// A window held against the days before it, or a slope: whole numbers, with one division that cuts the rest off.
fn trend(entry: &Entry, feature: &Feature, within: &str) -> String {
    let window = i64::from(feature.within_days.expect("a trend has a window"));
    let mut conditions = entry.test_names.clone();
    conditions.extend(entry.item.map(|item| format!("item = {item}")));
    conditions.push(format!("day <= getvariable('t') - {window}"));
    conditions.extend(entry.against_days.map(|days| format!("day > getvariable('t') - {days}")));
    let before = filter(&conditions);
    let sum = |of: &str, filter: &str| format!("coalesce(sum({of}){filter}, 0)");
    match entry.take {
        Take::Rise => {
            let days = i64::from(entry.against_days.expect("a rise is held against days before")) - window;
            format!(
                "CASE WHEN count(*){before} = 0 AND count(*){within} > 0 THEN {NO_USUAL}\n        \
                 ELSE (10 * (count(*){within} * {days} - count(*){before} * {window})) // {days} END"
            )
        }
        Take::Shift => {
            let (sum_within, sum_before) = (sum("amount", within), sum("amount", &before));
            format!(
                "CASE WHEN count(*){within} >= 3 AND count(*){before} >= 3 THEN\n        \
                 ({sum_within} * count(*){before} - {sum_before} * count(*){within}) // (count(*){within} * count(*){before}) END"
            )
        }
        _ => {
            let day = "(day - getvariable('t'))";
            let (n, days, amounts) = (format!("count(*){within}"), sum(day, within), sum("amount", within));
            let squares = sum(&format!("{day} * {day}"), within);
            let products = sum(&format!("{day} * amount"), within);
            format!(
                "CASE WHEN {n} >= 3 AND {n} * {squares} - {days} * {days} > 0 THEN\n        \
                 (7 * ({n} * {products} - {days} * {amounts})) // ({n} * {squares} - {days} * {days}) END"
            )
        }
    }
}

/// A feature over prescriptions that are counted by section already.
fn from_items(entry: &Entry, feature: &Feature) -> String {
    match (entry.take, entry.item, feature.within_days) {
        (Take::Count, Some(item), Some(days)) => format!("sum(n_{days}d) FILTER (item = {item})"),
        (Take::Distinct, None, Some(days)) => format!("count(item) FILTER (n_{days}d > 0)"),
        _ => panic!("{} asks of prescriptions what the script doesn't count by section", feature.name),
    }
}

/// A feature that is the latest of its kind already.
fn from_latest(entry: &Entry, feature: &Feature) -> String {
    let is_latest = entry.take == Take::Latest && feature.within_days == Some(1095);
    let item = entry.item.filter(|_| is_latest).expect("results are taken as the latest of a kind in three years");
    format!("max(amount) FILTER (item = {item})")
}

/// What the view `features` shows: who has no facts has a zero, a never or nothing, as the entry takes them.
fn value(entry: &Entry, feature: &Feature) -> String {
    let name = &feature.name;
    let column = format!("by_{}.\"{name}\"", entry.view.name());
    let known = match entry.take {
        Take::Rise => format!("nullif(coalesce({column}, 0), {NO_USUAL})"),
        Take::Count | Take::Sum | Take::Nights | Take::Distinct => format!("coalesce({column}, 0)"),
        Take::Flag => format!("least(coalesce({column}, 0), 1)"),
        Take::DaysSinceLast | Take::DaysSinceFirst => format!("coalesce({column}, {NEVER})"),
        Take::Latest | Take::Value | Take::Shift | Take::Slope => column,
    };
    let feeds: Vec<String> = entry.feeds.iter().map(|table| format!("feed.{table}")).collect();
    let age = entry.from_age_years.map_or(String::new(), |from| format!(" AND standing.age_years >= {from}"));
    format!(
        ",\n    CAST(CASE WHEN standing = 'scored' AND ({}){age} THEN {known} END AS INTEGER) AS \"{name}\"",
        feeds.join(" OR ")
    )
}
