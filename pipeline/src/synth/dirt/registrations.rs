//! Defects of `registrations`.

use crate::synth::dirt::{
    days::{far, never, unknown},
    draft::{Draft, Value},
    kind::{Kind, Site, Sown, words},
    reference::UNSHARED,
};

pub(super) const KINDS: &[Kind] = &[
    Kind::twice("person_id", 300),
    Kind::newer("person_id", 100, "end_reason", "other"),
    Kind::text("V05", "practice_code", 100, UNSHARED),
    Kind::stranger(100),
    Kind::empty("start_date", 20),
    Kind::raw("TYPE", "start_date", 20, "31/02/2019"),
    Kind::day("V08", "start_date", 20, unknown),
    Kind::cell("V08", "end_date", 50, |site, row| match row.day("end_date") {
        None => Some(Value::Day(Some(never(site)))),
        Some(_) => None,
    }),
    Kind::day("V09", "start_date", 20, far),
    Kind::text("V22", "practice_code", 20, "F9990"),
    Kind::text("CODE", "registration_type", 50, "guest"),
    Kind::cell("ORDER", "end_date", 50, |_, row| Some(Value::Day(Some(row.day("start_date")? - 1)))),
    Kind::rows("V29", "practice_code", 150, registered_twice),
];

/// The practice that somebody left, or never came to, has them on its list as well.
fn registered_twice(site: &Site, row: Draft) -> Vec<Sown> {
    let practices = &site.world.practices;
    let other = practices.iter().find(|practice| practice.code != row.text("practice_code"));
    let Some(other) = other.filter(|_| row.day("end_date").is_none()) else { return Vec::new() };
    let second = row.clone().with("practice_code", words(&other.code));
    vec![Sown::sound(row), Sown::defect(second)]
}
