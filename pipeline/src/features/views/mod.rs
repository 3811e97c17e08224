//! The views of the catalogue: a person's rows and stays, turned into dated facts.

mod care;
mod diagnoses;
mod feeds;
mod record;
mod stays;

use earlycall_schemas::catalogue::{Entry, View};

use super::{
    fact::{Fact, Facts},
    subject::Subject,
};
use crate::day::Day;

/// Gives every fact of every view that does not lie after the index date. Within a view, facts of one day come in the
/// order of their rows; days come in any order.
pub(super) fn each_fact(subject: &Subject, index_date: Day, mut give: impl FnMut(View, &Fact)) {
    let mut known = |view, fact: Fact| {
        if fact.day <= index_date {
            give(view, &fact);
        }
    };
    stays::stays(subject, &mut known);
    care::attendances(subject.person, &mut known);
    record::conditions(subject, &mut known);
    record::prescriptions(subject.person, &mut known);
    record::results(subject.person, &mut known);
    diagnoses::charlson(subject.cips, index_date, &mut known);
    diagnoses::frailty(subject.cips, index_date, &mut known);
    record::attributes(subject, index_date, &mut known);
    feeds::rows(subject.person, &mut known);
}

/// Every view of one person, kept: for sentences, which need the facts themselves.
#[derive(Clone, Debug)]
pub struct Views(Vec<Facts>);

impl Views {
    /// Derives all views, with nothing in them that lies after the index date.
    pub fn of(subject: &Subject, index_date: Day) -> Views {
        let mut facts = View::ALL.map(|_| Vec::new());
        each_fact(subject, index_date, |view, fact| facts[view as usize].push(*fact));
        Views(View::ALL.into_iter().zip(facts).map(|(view, facts)| Facts::new(view, facts)).collect())
    }

    /// The facts that count for an entry, by day.
    pub fn of_entry<'a>(&'a self, entry: &Entry) -> impl Iterator<Item = &'a Fact> + Clone + use<'a> {
        self.0[entry.view as usize].of_entry(entry)
    }
}
