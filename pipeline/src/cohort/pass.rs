//! One pass over everybody in the history: bucket by bucket, several at a time, each forgotten before the next is read.

use std::collections::BTreeSet;

use crate::{
    cohort::{self, Circumstances},
    error::Result,
    history::{
        History, View,
        bucket::BUCKETS,
        records::{Person, PersonKey},
    },
    progress::Steps,
    settings::Run,
};

/// Bytes that a settled row needs while its bucket is read and worked on. Columns are decoded a batch at a time, most
/// entries of the GP record mean nothing and are left behind, and what stays takes 16 or 32 bytes: in a list that grows,
/// and once more where the rows of a person lie in several segments.
const BYTES_PER_ROW: u64 = 64;

/// Everybody, looked at from an index date.
pub struct Pass<'a> {
    /// Where their rows are.
    pub history: &'a History,
    /// What is known.
    pub view: View,
    /// What the cohort depends on.
    pub at: Circumstances<'a>,
    /// Buckets at work at a time; the result is the same for any number.
    pub threads: usize,
    /// Counts the buckets that are done.
    pub steps: Steps,
}

impl Pass<'_> {
    /// Works on every bucket's people, and gives the results in the order of the buckets. Who is ruled out whatever their
    /// GP record says comes without it.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when a bucket cannot be read.
    pub fn over_everybody<T: Send>(&self, work: impl Fn(&[Person]) -> T + Sync) -> Result<Vec<T>> {
        let mut results = Vec::with_capacity(BUCKETS);
        self.over_everybody_into(work, |result| {
            results.push(result);
            Ok(())
        })?;
        Ok(results)
    }

    /// The same, where each result is taken as soon as those of the buckets before it are, while others are worked on: what
    /// is kept of everybody is put together by the way.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when a bucket cannot be read, or as whoever takes says.
    pub fn over_everybody_into<T: Send>(
        &self,
        work: impl Fn(&[Person]) -> T + Sync,
        take: impl FnMut(T) -> Result<()> + Send,
    ) -> Result<()> {
        let may_be_scored =
            |person: &Person| cohort::is_somebody(person, &self.at) && !cohort::is_ruled_out_at_once(person, &self.at);
        let somebody = |mut people: Vec<Person>| {
            people.retain(|person| cohort::is_somebody(person, &self.at));
            people
        };
        let work = |people| self.counted(work(&somebody(people)));
        self.history.each_bucket_into(&self.view, self.threads, may_be_scored, work, take)
    }

    /// Works on some people alone, bucket by bucket.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when a bucket cannot be read.
    pub fn over<T: Send>(&self, wanted: &BTreeSet<PersonKey>, work: impl Fn(&[Person]) -> T + Sync) -> Result<Vec<T>> {
        self.history.each_listed(&self.view, self.threads, wanted, |people| self.counted(work(&people)))
    }

    fn counted<T>(&self, done: T) -> T {
        self.steps.one_more();
        done
    }
}

/// How many buckets may be worked on at once: as many as threads are offered, but only what fits into half of the memory
/// that the settings allow, and at least one. The other half is for what is kept of everybody.
pub fn threads_within(run: &Run, history: &History, offered: usize) -> usize {
    let rows: u64 = history.ledger.rows.values().sum();
    at_once(offered, run.memory_limit_bytes() / 2, BYTES_PER_ROW * rows / BUCKETS as u64)
}

fn at_once(offered: usize, room: u64, bytes_each: u64) -> usize {
    let fitting = usize::try_from(room / bytes_each.max(1)).unwrap_or(usize::MAX);
    offered.min(fitting).max(1)
}

#[cfg(test)]
mod tests {
    use super::at_once;

    #[test]
    fn as_many_buckets_as_fit_and_at_least_one() {
        for (offered, room, bytes_each, expected) in
            [(2, 1000, 500, 2), (2, 1000, 501, 1), (8, 1000, 200, 5), (2, 1000, 5000, 1), (2, 1000, 0, 2), (0, 1, 1, 1)]
        {
            assert_eq!(at_once(offered, room, bytes_each), expected, "{offered} threads, {room} for {bytes_each} each");
        }
    }
}
