//! Is the population like the place it imitates? Published targets beside what was made, with the tolerance that the
//! specification allows: 5% of a rate, a point of a share, 10% of a rate by age and deprivation.

mod counts;
mod targets;

use std::fmt;

use super::{parallel, world::World};

use counts::Counts;

/// One target and what the population has.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// What is measured.
    pub target: String,
    /// The least and the most that is accepted.
    pub accepted: (f64, f64),
    /// What is expected, in the middle of what is accepted unless only a range is known.
    pub expected: String,
    /// What the population has.
    pub found: f64,
}

impl Check {
    /// Whether what was found is accepted.
    pub fn is_met(&self) -> bool {
        (self.accepted.0..=self.accepted.1).contains(&self.found)
    }
}

/// Every check, in the order of the specification. Displays as a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Acceptance {
    /// The checks.
    pub checks: Vec<Check>,
}

impl fmt::Display for Acceptance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<58} {:>12} {:>10} {:>19}", "target", "expected", "found", "accepted")?;
        for check in &self.checks {
            let accepted = format!("{:.3} to {:.3}", check.accepted.0, check.accepted.1);
            let answer = if check.is_met() { "ok" } else { "no" };
            writeln!(f, "{:<58} {:>12} {:>10.3} {accepted:>19} {answer}", check.target, check.expected, check.found)?;
        }
        let failed = self.checks.iter().filter(|check| !check.is_met()).count();
        write!(f, "{} of {} targets are met", self.checks.len() - failed, self.checks.len())
    }
}

/// Looks at everybody, part by part.
pub(crate) fn examine(world: &World, threads: usize) -> Acceptance {
    let parts = parallel::parts(world.records, threads, |people| Counts::of(world, people));
    let mut all = Counts::default();
    parts.into_iter().for_each(|part| all.add(part));
    Acceptance { checks: targets::checks(&mut all) }
}
