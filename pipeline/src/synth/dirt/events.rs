//! Defects of `gp_events`.

use crate::synth::dirt::{
    days::{far, long_ago, unknown, unknown_too},
    draft::{Draft, Value},
    kind::{Kind, Site, words},
    reference::UNSHARED,
    snomed::with_wrong_check_digit,
};

pub(super) const KINDS: &[Kind] = &[
    Kind::twice("event_id", 300),
    Kind::newer("event_id", 50, "episodicity", "review"),
    Kind::text("V05", "practice_code", 50, UNSHARED),
    Kind::stranger(100),
    Kind::empty("event_date", 10),
    Kind::raw("TYPE", "event_date", 10, "14/02/2025"),
    Kind::raw("TYPE", "value", 10, "six"),
    Kind::day("V08", "event_date", 30, unknown),
    Kind::moment("V08", "recorded_at", 10, unknown_too),
    Kind::day("V09", "event_date", 30, far),
    Kind::moment("V09", "recorded_at", 10, far),
    Kind::day("V10", "event_date", 20, long_ago),
    Kind::code("V20", "snomed_code", 30, with_wrong_check_digit),
    // The id of a description, and a Read code.
    Kind::text("V20", "snomed_code", 10, "680946014"),
    Kind::text("V20", "snomed_code", 10, "C10F."),
    Kind::text("V22", "practice_code", 10, "F9990"),
    // Assisted conception: the law keeps it out.
    Kind::text("V38", "snomed_code", 20, "52637005"),
    Kind::cell("V25", "value", 150, per_cent),
    Kind::cell("V25", "value", 150, in_grams),
    Kind::cell("V25", "unit", 150, |_, row| (row.text("unit") == "kg").then(|| words("stone"))),
    Kind::cell("V26", "unit", 600, |_, row| (row.text("unit") == "mmol/mol").then(|| words(""))),
];

/// A laboratory's per cent under the name of the other unit.
fn per_cent(_: &Site, row: &Draft) -> Option<Value> {
    let per_cent = ((value_in("mmol/mol", row)? + 23.497) / 10.929 * 10.0).round() / 10.0;
    (per_cent < 20.0).then_some(Value::Decimal(Some(per_cent)))
}

fn in_grams(_: &Site, row: &Draft) -> Option<Value> {
    value_in("kg", row).map(|kg| Value::Decimal(Some((kg * 1000.0).round())))
}

fn value_in(unit: &str, row: &Draft) -> Option<f64> {
    match row.cell("value") {
        Value::Decimal(value) if row.text("unit") == unit => *value,
        _ => None,
    }
}
