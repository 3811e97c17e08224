//! What happened to each person after the index date: when, and what was the first of it.

use crate::column::Rows;
use crate::error::{Error, Result};

/// How the follow-up of a person ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With the event, such as an emergency admission.
    Admitted,
    /// With death, before any event: the competing event.
    Died,
    /// With neither. Nobody knows what came after: the person left the area, or the data end.
    Lost,
}

/// The first thing that happened to a person, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FollowUp {
    /// Days from the index date to the end; the day after it is 1. Somebody lost on a day was seen until its end.
    pub days: u32,
    /// What the end was.
    pub end: End,
    /// How many days after the index date anything is known of the person: to the end of the data, or until they left. At a
    /// longer horizon nothing counts that is known of them: of those who stayed out of hospital for as long it is not
    /// known, and events alone would tell too much.
    pub seen_days: u32,
}

impl FollowUp {
    /// Whether the person was admitted within a horizon; nothing where nobody knows.
    pub fn admitted_within(&self, horizon_days: u32) -> Option<bool> {
        if horizon_days > self.seen_days {
            return None;
        }
        match self.end {
            End::Admitted => Some(self.days <= horizon_days),
            // Whoever has died is not admitted any more.
            End::Died => Some(false),
            End::Lost => (self.days >= horizon_days).then_some(false),
        }
    }
}

/// Rows of the past with what happened next.
#[derive(Clone, Copy, Debug)]
pub struct HorizonsTraining<'a> {
    /// What was known on the index date.
    pub rows: Rows<'a>,
    /// What happened, per row.
    pub follow_ups: &'a [FollowUp],
    /// Whose row it is. All rows of a person are in one bag.
    pub persons: &'a [u64],
}

impl HorizonsTraining<'_> {
    /// Whether every row has a person and a follow-up that lies after its index date.
    pub(super) fn check(&self) -> Result<()> {
        self.rows.check_shape()?;
        let expected = self.rows.x.nrows();
        for (what, found) in [("follow-ups", self.follow_ups.len()), ("persons", self.persons.len())] {
            if found != expected {
                return Err(Error::Length { what, found, expected });
            }
        }
        match self.follow_ups.iter().all(|one| one.days > 0 || one.end == End::Lost) {
            true => Ok(()),
            false => Err(Error::Parameter {
                name: "follow_ups",
                rule: "at least a day long where somebody was admitted or died",
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_horizon_holds_its_last_day_and_the_dead_are_not_admitted() {
        let within = |days, end| FollowUp { days, end, seen_days: 365 }.admitted_within(30);
        assert_eq!([within(30, End::Admitted), within(31, End::Admitted)], [Some(true), Some(false)]);
        assert_eq!([within(3, End::Died), within(300, End::Died)], [Some(false); 2]);
    }

    #[test]
    fn what_came_after_somebody_left_is_not_known() {
        let within = |days| FollowUp { days, end: End::Lost, seen_days: 365 }.admitted_within(30);
        assert_eq!([within(29), within(30), within(31)], [None, Some(false), Some(false)]);
        // Not even of whoever was admitted before: those who were not, and left as they did, could not count against it.
        let left_after = |seen_days| FollowUp { days: 3, end: End::Admitted, seen_days }.admitted_within(30);
        assert_eq!([left_after(29), left_after(30)], [None, Some(true)]);
    }

    #[test]
    fn of_a_window_that_is_not_over_nothing_counts_whatever_is_known() {
        for end in [End::Admitted, End::Died] {
            let within = |seen_days| FollowUp { days: 3, end, seen_days }.admitted_within(30);
            assert_eq!([within(29), within(30)], [None, Some(end == End::Admitted)]);
        }
    }
}
