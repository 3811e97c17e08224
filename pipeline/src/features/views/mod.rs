//! The views of the catalogue: a person's rows and stays, turned into dated facts.

mod care;
mod diagnoses;
mod prefixes;
mod record;
mod stays;

use earlycall_schemas::catalogue::{Entry, View};

use super::{
    fact::{Fact, Facts},
    subject::Subject,
};
use crate::day::Day;

/// Every view of one person.
#[derive(Clone, Debug)]
pub struct Views(Vec<Facts>);

impl Views {
    /// Derives all views, with nothing in them that lies after the index date.
    pub fn of(subject: &Subject, index_date: Day) -> Views {
        let view = |view| Facts::new(view, facts(view, subject, index_date), index_date);
        Views(View::ALL.into_iter().map(view).collect())
    }

    /// The facts that count for an entry, by day.
    pub fn of_entry<'a>(&'a self, entry: &Entry) -> impl Iterator<Item = &'a Fact> + Clone + use<'a> {
        self.0[entry.view as usize].of_entry(entry)
    }
}

fn facts(view: View, subject: &Subject, index_date: Day) -> Vec<Fact> {
    match view {
        View::HospitalStays => stays::stays(subject),
        View::Discharges => stays::discharges(subject),
        View::StayConditions => stays::conditions(subject),
        View::EmergencyCare => care::attendances(subject.person),
        View::Conditions => record::conditions(subject),
        View::Prescriptions => record::prescriptions(subject.person),
        View::Results => record::results(subject.person),
        View::CharlsonGroups => diagnoses::charlson(subject.cips, index_date),
        View::FrailtyCodes => diagnoses::frailty(subject.cips, index_date),
        View::Person => record::attributes(subject, index_date),
    }
}
