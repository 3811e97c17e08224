//! V13 and V14: the episodes of a stay fit together, and a stay ends some day.

use super::{
    Limits,
    oddity::{Oddities, Oddity},
};
use crate::{
    cohort::{
        spells::{by_spell, spells},
        standing::bed_now,
        stay::Spell,
    },
    day::Day,
    history::records::{Episode, Person},
};

/// V13: how the episodes of each stay fit together. The stay is read all the same: from the earliest admission to the
/// latest discharge.
pub(super) fn episodes_that_do_not_fit(episodes: &[Episode], found: &mut Oddities) {
    for (_, of_spell) in by_spell(episodes) {
        let mut orders: Vec<i32> = of_spell.iter().map(|episode| episode.episode_order).collect();
        orders.sort_unstable();
        let is_in_order = (1..).zip(orders).all(|(expected, order)| expected == order);
        found.note(Oddity::EpisodesOutOfOrder, u64::from(!is_in_order));
        let admitted = of_spell.iter().map(|episode| episode.admission_date);
        found.note(Oddity::SeveralAdmissions, u64::from(differ(admitted)));
        let discharged = of_spell.iter().filter_map(|episode| episode.discharge_date);
        found.note(Oddity::SeveralDischarges, u64::from(differ(discharged)));
    }
}

fn differ(mut days: impl Iterator<Item = Day>) -> bool {
    let first = days.next();
    days.any(|day| Some(day) != first)
}

/// V14: notes stays that last longer than likely, and gives the others, which tell where somebody was.
pub(super) fn likely_stays(person: &Person, on: Day, limits: &Limits, found: &mut Oddities) -> Vec<Spell> {
    let has_bed = bed_now(person, on).is_some();
    let mut all = spells(&person.episodes);
    all.retain(|spell| {
        let days = spell.discharge_date.unwrap_or(on) - spell.admission_date;
        let oddity = match spell.discharge_date {
            None if days > limits.open_days_max && !has_bed => Some(Oddity::NeverClosed),
            _ if days > limits.stay_days_max => Some(Oddity::LongStay),
            _ => None,
        };
        oddity.inspect(|oddity| found.note(*oddity, 1)).is_none()
    });
    all
}
