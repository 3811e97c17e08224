//! The registers: people found, against people expected of their ages.
//!
//! A list that is wanting, or of another dialect, finds nobody and fails nowhere. This is where it shows.

use earlycall_schemas::{
    codelists::conditions,
    prevalence::{BANDS, band, prevalence},
};
use serde::Serialize;

use crate::{
    cohort::{
        self, Circumstances,
        headcount::Headcount,
        one_fate::Fates,
        pass::{self, Pass},
        standing::Standing,
    },
    day::Day,
    error::Result,
    features::Feeds,
    history::{History, records::Person},
    progress::Progress,
    settings::Settings,
};

/// The registers on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Registers {
    /// As known on this day.
    pub index_date: Day,
    /// Everybody who was looked at: in the area, alive, not objecting, and old enough to be scored.
    pub n_people: u64,
    /// Each register of the GP contract.
    pub registers: Vec<Register>,
}

/// One register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Register {
    /// The id of the condition.
    pub condition: &'static str,
    /// People whose GP record puts them on it.
    pub found: u64,
    /// People with a diagnosis of it in hospital alone, who are not on it.
    pub in_hospital_alone: u64,
    /// People expected of these ages in England.
    pub expected: u64,
    /// Whether the two are so far apart that the list or the data should be looked at.
    pub is_far: bool,
}

/// Counts the registers on an index date, and by the way how many people each practice has.
///
/// # Errors
/// * [`crate::error::Kind::Storage`] when the history cannot be read.
pub fn registers(
    history: &History,
    settings: &Settings,
    index_date: Day,
    threads: usize,
    progress: &Progress,
) -> Result<(Registers, Headcount)> {
    let view = history.view(index_date);
    let threads = pass::threads_within(&settings.run, history, threads);
    let feeds = history.newest_events(&view, threads)?;
    let feeds = Feeds::new(feeds.keys().map(String::as_str));
    let fates = Fates::of(history, &view, &feeds, settings, threads)?;
    let at = Circumstances::of(&history.reference, index_date, &feeds, settings, &fates);
    let pass = Pass { history, view, at, threads, steps: progress.steps("buckets") };
    let counts = pass.over_everybody(|people| Counts::of(people, &at))?;
    let counts = counts.into_iter().fold(Counts::none(), Counts::and);
    Ok((counts.told(index_date), counts.headcount))
}

/// People by age, by condition, and by practice.
struct Counts {
    headcount: Headcount,
    people: [u64; BANDS],
    found: Vec<u64>,
    in_hospital_alone: Vec<u64>,
}

impl Counts {
    fn none() -> Counts {
        let none = vec![0; conditions().len()];
        Counts { headcount: Headcount::default(), people: [0; BANDS], found: none.clone(), in_hospital_alone: none }
    }

    fn of(people: &[Person], at: &Circumstances) -> Counts {
        let mut counts = Counts::none();
        for person in people {
            let assessed = cohort::assess(person, at);
            counts.headcount.note(&assessed, at.reference);
            // Nobody else's conditions are looked at.
            if !matches!(assessed.standing, Standing::Scored | Standing::NoCoachedCondition) {
                continue;
            }
            counts.people[band(at.index_date.years_since(assessed.birth_month))] += 1;
            for record in &assessed.conditions {
                let n = conditions().iter().position(|known| known.id == record.condition.id).expect("it is declared");
                let of_it = if record.in_gp_record { &mut counts.found } else { &mut counts.in_hospital_alone };
                of_it[n] += 1;
            }
        }
        counts
    }

    fn and(mut self, other: Counts) -> Counts {
        let add = |to: &mut [u64], from: &[u64]| to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
        self.headcount.add(&other.headcount);
        add(&mut self.people, &other.people);
        add(&mut self.found, &other.found);
        add(&mut self.in_hospital_alone, &other.in_hospital_alone);
        self
    }

    fn told(&self, index_date: Day) -> Registers {
        let registers = conditions().iter().enumerate().filter_map(|(n, condition)| {
            let expected = prevalence(&condition.id)?.expected(&self.people);
            let (found, in_hospital_alone) = (self.found[n], self.in_hospital_alone[n]);
            let is_far = is_far(found, expected);
            Some(Register { condition: &condition.id, found, in_hospital_alone, expected, is_far })
        });
        Registers { index_date, n_people: self.people.iter().sum(), registers: registers.collect() }
    }
}

/// Less than half or more than twice, and by more than three standard deviations of a count: areas differ, and a small
/// population differs by chance.
fn is_far(found: u64, expected: u64) -> bool {
    let gap = found.abs_diff(expected);
    (2 * found < expected || found > 2 * expected) && gap * gap > 9 * expected.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn far_is_half_or_twice_and_no_chance() {
        for (found, expected, far) in [
            (100, 100, false),
            (51, 100, false),
            (49, 100, true),
            (200, 100, false),
            (201, 100, true),
            (0, 9, false),
            (0, 10, true),
            (3, 0, false),
            (4, 0, true),
        ] {
            assert_eq!(is_far(found, expected), far, "{found} for {expected}");
        }
    }
}
