//! Defects of the optional tables.

use crate::day::{Day, Instant};

use crate::synth::dirt::{
    days::{far, long_ago},
    draft::{Draft, Value},
    kind::{Kind, Site, Sown, words},
    reference::{OUT_OF_AREA, UNSHARED},
    snomed::with_wrong_check_digit,
};

pub(super) const APPOINTMENTS: &[Kind] = &[
    Kind::twice("appointment_id", 200),
    Kind::newer("appointment_id", 50, "mode", "unknown"),
    Kind::text("V05", "practice_code", 50, UNSHARED),
    Kind::stranger(100),
    Kind::moment("V10", "start_at", 20, long_ago),
    Kind::text("CODE", "status", 50, "arrived"),
];

pub(super) const CLINICS: &[Kind] = &[
    Kind::twice("appointment_id", 200),
    Kind::stranger(100),
    Kind::text("V22", "provider_code", 30, OUT_OF_AREA),
    Kind::text("CODE", "attended", 50, "9"),
];

pub(super) const ENTRIES: &[Kind] = &[
    Kind::twice("entry_id", 300),
    Kind::stranger(200),
    Kind::cell("ORDER", "removed_on", 300, |_, row| {
        row.day("removed_on").and(row.day("referral_date")).map(|day| Value::Day(Some(day - 1)))
    }),
];

pub(super) const COMMUNITY: &[Kind] = &[
    Kind::twice("contact_id", 200),
    Kind::stranger(100),
    Kind::day("V09", "contact_date", 100, far),
    Kind::text("CODE", "team_type", 200, "nurse"),
];

pub(super) const VISITS: &[Kind] = &[
    Kind::twice("visit_id", 100),
    Kind::stranger(100),
    Kind::cell("ORDER", "actual_end", 100, |_, row| ending(row, -600)),
    // At the door and away again, and a carer who never logged out.
    Kind::cell("V40", "actual_end", 150, |_, row| ending(row, 60)),
    Kind::cell("V40", "actual_end", 150, |site, row| {
        let begun = row.moment("actual_start").filter(|&at| Day::of(at) < site.world.params.last_day);
        begun.and_then(|_| ending(row, 13 * 3_600))
    }),
];

pub(super) const REFERRALS: &[Kind] = &[
    Kind::twice("referral_id", 400),
    Kind::cell("ORDER", "outcome_date", 400, |_, row| {
        row.day("outcome_date").and(row.day("referred_at")).map(|day| Value::Day(Some(day - 1)))
    }),
    Kind::cell("ENDED", "outcome_date", 400, |_, row| row.day("outcome_date").map(|_| Value::Day(None))),
];

pub(super) const WARDS: &[Kind] = &[
    Kind::twice("stay_id", 400),
    Kind::cell("ORDER", "end_at", 400, |_, row| {
        row.moment("end_at").and(row.moment("start_at")).map(|at| Value::Moment(Some(Instant(at.0 - 3_600))))
    }),
    Kind::cell("ENDED", "end_at", 400, |_, row| row.moment("end_at").map(|_| Value::Moment(None))),
];

pub(super) const READINGS: &[Kind] = &[
    Kind::twice("reading_id", 100),
    Kind::rows("V39", "taken_at", 200, passed_on_twice),
    Kind::stranger(100),
    Kind::code("V20", "code", 50, with_wrong_check_digit),
    Kind::cell("V25", "value", 200, as_share),
    Kind::cell("V25", "unit", 200, |_, row| (row.text("unit") == "kg").then(|| words("stone"))),
];

pub(super) const TELECARE: &[Kind] = &[
    Kind::twice("event_id", 300),
    Kind::stranger(200),
    Kind::cell("ORDER", "responded_at", 300, |_, row| {
        row.moment("occurred_at").map(|at| Value::Moment(Some(Instant(at.0 - 60))))
    }),
];

pub(super) const MENTAL_HEALTH: &[Kind] =
    &[Kind::twice("contact_id", 200), Kind::stranger(100), Kind::day("V09", "contact_date", 100, far)];

/// So many seconds after the beginning of a visit that took place.
fn ending(row: &Draft, seconds: i64) -> Option<Value> {
    row.moment("actual_end")?;
    row.moment("actual_start").map(|at| Value::Moment(Some(Instant(at.0 + seconds))))
}

/// The same reading once more, by way of another system.
fn passed_on_twice(_: &Site, row: Draft) -> Vec<Sown> {
    let copy = row.clone().with("device_source", words("synthetic-hub"));
    vec![Sown::sound(row), Sown::defect(copy)]
}

/// An oxygen level as a share under the name of per cent.
fn as_share(_: &Site, row: &Draft) -> Option<Value> {
    match row.cell("value") {
        Value::Decimal(Some(value)) if row.text("unit") == "%" => Some(Value::Decimal(Some(value / 100.0))),
        _ => None,
    }
}
