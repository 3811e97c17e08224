//! Defects of the short tables: beds, deaths, and objections, none of which may be lost.

use crate::day::Instant;

use crate::synth::{
    dirt::{
        days::{far, long_ago, unknown},
        draft::{Draft, Value},
        kind::{Kind, Site, Sown, words},
    },
    life::Story,
};

/// Beds are few: in a small population none may be hit.
pub(super) const BEDS: &[Kind] = &[
    Kind::twice("person_id", 160),
    Kind::stranger(160),
    Kind::empty("admitted_at", 160),
    Kind::moment("V09", "admitted_at", 160, far),
    Kind::cell("ORDER", "admitted_at", 160, |_, row| {
        row.moment("snapshot_at").map(|at| Value::Moment(Some(Instant(at.0 + 60))))
    }),
    Kind::text("V22", "provider_code", 160, "R1H-"),
];

pub(super) const DEATHS: &[Kind] = &[
    Kind::twice("person_id", 500),
    Kind::stranger(200),
    Kind::empty("death_date", 100),
    Kind::raw("TYPE", "death_date", 100, "14/02/2025"),
    Kind::day("V08", "death_date", 100, unknown),
    Kind::day("V09", "death_date", 100, far),
    Kind::day("V10", "death_date", 100, long_ago),
    Kind::cell("ORDER", "registration_date", 100, |_, row| {
        row.day("registration_date")?;
        Some(Value::Day(Some(row.day("death_date")? - 5)))
    }),
    Kind::text("CODE", "source", 100, "hearsay"),
    Kind::text("V18", "underlying_cause", 200, "S72.001A"),
    Kind::cell("V11", "death_date", 5000, before_the_last_stay),
];

/// A day before the person was last admitted.
fn before_the_last_stay(site: &Site, _: &Draft) -> Option<Value> {
    let story = Story::of(site.world, site.number);
    let last = story.stays.iter().map(|placed| placed.stay.admitted).max()?;
    (last - story.person.born > 60).then_some(Value::Day(Some(last - 20)))
}

pub(super) const OBJECTIONS: &[Kind] =
    &[Kind::twice("person_id", 500), Kind::rows("V06", "person_id", 500, withdrawn_at_once), Kind::stranger(200)];

/// A withdrawal of the very moment of the dissent, which stays.
fn withdrawn_at_once(_: &Site, row: Draft) -> Vec<Sown> {
    if row.text("status") != "dissent" {
        return Vec::new();
    }
    let withdrawal = row.clone().with("status", words("withdrawn"));
    vec![Sown::sound(row), Sown::defect(withdrawal)]
}
