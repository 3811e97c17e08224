//! Who enters a trial: whoever a list would have as somebody new.

use std::collections::BTreeSet;

use super::{Arm, Stratum, Trial, ledger::Entry};
use crate::{feedback::contacted::Contacted, history::records::PersonKey, worklist::rank::Candidate};

/// A night's lists, on which people enter a trial, if there is one.
#[derive(Debug)]
pub struct Entering<'a> {
    trial: Option<&'a mut Trial>,
    /// Whoever was on a list before. They stay as everybody does: no line ever goes because of an arm.
    listed_before: &'a BTreeSet<PersonKey>,
    contacted: &'a Contacted,
    /// Those of everybody who could be on a coaching list tonight, ascending.
    risks: Vec<f64>,
}

impl<'a> Entering<'a> {
    /// Tonight's lists. `risks` are those of everybody who could be on one if nobody were held out, in any order.
    pub fn new(
        trial: Option<&'a mut Trial>,
        listed_before: &'a BTreeSet<PersonKey>,
        contacted: &'a Contacted,
        mut risks: Vec<f64>,
    ) -> Entering<'a> {
        risks.sort_unstable_by(f64::total_cmp);
        Entering { trial, listed_before, contacted, risks }
    }

    /// A team's list, by the rule `list`, without whoever is held out; these may not be listed any more.
    ///
    /// Whoever stands on it and has no arm yet is allocated one, first to last. Whoever is held out by that makes room for the
    /// next, so the list is made again, until nobody on it is.
    pub fn list(
        &mut self,
        team_id: &str,
        candidates: &mut [Candidate],
        list: impl Fn(&[Candidate]) -> Vec<PersonKey>,
    ) -> Vec<PersonKey> {
        loop {
            for candidate in candidates.iter_mut().filter(|candidate| candidate.may_be_listed) {
                candidate.may_be_listed = !self.is_held_out(candidate.key);
            }
            let people = list(candidates);
            if !self.take_in(team_id, &people, candidates) {
                return people;
            }
        }
    }

    fn is_held_out(&self, person: PersonKey) -> bool {
        let arm = self.trial.as_ref().and_then(|trial| trial.arms.get(&person));
        arm == Some(&Arm::UsualCare) && !self.listed_before.contains(&person)
    }

    /// Allocates whoever is new on a list; tells whether any of them is held out.
    fn take_in(&mut self, team_id: &str, people: &[PersonKey], candidates: &[Candidate]) -> bool {
        let Some(trial) = self.trial.as_deref_mut().filter(|trial| trial.takes_in) else { return false };
        let mut is_any_held_out = false;
        let new: Vec<PersonKey> = people.iter().filter(|person| !trial.arms.contains_key(person)).copied().collect();
        for person in new {
            let candidate = candidates.iter().find(|candidate| candidate.key == person);
            let risk = candidate.expect("only candidates are on a list").risk;
            let stratum = Stratum { team_id: team_id.to_owned(), risk_third: third(&self.risks, risk) };
            let is_known = self.listed_before.contains(&person) || self.contacted.has_been(person);
            is_any_held_out |= trial.allocate(person, stratum, is_known) == Arm::UsualCare;
        }
        is_any_held_out
    }
}

impl Trial {
    /// Enters somebody, for good. Whoever is known to the coaches already is not randomised.
    fn allocate(&mut self, person_id: PersonKey, stratum: Stratum, is_known: bool) -> Arm {
        let place = self.n_randomised.get(&stratum).copied().unwrap_or(0);
        let (arm, place) = match is_known {
            true => (Arm::NotRandomised, None),
            false => (self.blocks.arm(&stratum, place), Some(place)),
        };
        let (trial_id, entered_on) = (self.trial_id.clone(), self.list_day);
        let Stratum { team_id, risk_third } = stratum.clone();
        self.ledger.add(Entry { trial_id, person_id, arm, entered_on, team_id, risk_third, place });
        if place.is_some() {
            *self.n_randomised.entry(stratum).or_default() += 1;
        }
        self.arms.insert(person_id, arm);
        self.n_new += 1;
        arm
    }
}

/// The third of ascending risks in which one of them lies, by how many are lower: 1 the lowest, 3 the highest. Equal risks are
/// in the same.
fn third(risks: &[f64], risk: f64) -> u8 {
    let n_lower = risks.partition_point(|other| *other < risk);
    1 + (3 * n_lower / risks.len()).min(2) as u8
}

#[cfg(test)]
mod tests;
