//! Survivors that nobody has sent: what is known of them all the same, and what is said of whoever waits for them (V37).

use std::collections::{BTreeMap, HashSet};

use crate::{
    day::Day,
    error::Result,
    history::{
        History, View,
        bucket::BUCKETS,
        in_order,
        read::Reader,
        records::{DeathReport, PersonKey},
    },
    settings,
};

impl History {
    /// Of the records into which others were merged and which `patients` does not have, those that are reported dead under
    /// the view, with the earliest day.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when a bucket cannot be read.
    pub fn deaths_of_the_unsent(&self, view: &View, threads: usize) -> Result<BTreeMap<PersonKey, Day>> {
        let unsent = self.ledger.merged.unsent_survivors();
        let of_buckets = in_order(threads, BUCKETS, |bucket| {
            let people = &self.archive.people[bucket];
            let is_wanted = |person: &PersonKey| unsent.contains(person) && self.ledger.lives_in(*person, bucket);
            let wanted: HashSet<u32> =
                (0..).zip(people).filter(|(_, person)| is_wanted(person)).map(|(number, _)| number).collect();
            let mut found: BTreeMap<PersonKey, Day> = BTreeMap::new();
            if !wanted.is_empty() {
                let suppliers = &self.ledger.suppliers;
                let reader = Reader { archive: &self.archive, suppliers, bucket, view, only: Some(&wanted) };
                reader.rows::<DeathReport>(&vec![true; people.len()], |number, reports| {
                    for report in reports.drain(..) {
                        let first = found.entry(people[number as usize]).or_insert(report.death_date);
                        *first = report.death_date.min(*first);
                    }
                })?;
            }
            Ok(found)
        })?;
        Ok(of_buckets.into_iter().flatten().collect())
    }

    /// How many records are merged into one that `patients` does not have, and stand for themselves until it does; whoever
    /// is left out, as one of their records objects, among them.
    pub fn n_merged_into_nobody(&self) -> usize {
        self.ledger.merged.awaiting().len()
    }

    /// V37: what a run and a check say of whoever was merged into a record that nobody has sent, for no line can.
    pub fn told_of_mergers(&self, rules: &settings::Rules) -> Vec<String> {
        let (n_placeholders, n_merged) = self.ledger.merged.merged_into_placeholders();
        let of_placeholders = format!(
            "patients, rule V37: {n_merged} records are merged into {n_placeholders} that patients never had, at some time \
             more than {} into each: that is nobody's record. Each stands for itself alone, and no objection or death of one is \
             another's, but for an objection under the number into which they are merged. Ask the supplier of patients \
             what superseded_by should be",
            rules.limit("V37", "records_max")
        );
        let n = self.n_merged_into_nobody();
        let of_waiting = format!(
            "patients, rule V37: records merged into others that patients does not have: {n}; each stands for itself, with \
             its own rows, until the other is sent, but for an objection or a death, which is of all that are merged into \
             the same one. Ask the supplier of patients to send the others, or what superseded_by should be"
        );
        let placeholders = (n_placeholders > 0).then_some(of_placeholders);
        placeholders.into_iter().chain((n > 0).then_some(of_waiting)).collect()
    }
}
