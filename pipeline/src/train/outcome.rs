//! What happened after an index date, in hindsight.

use std::fmt;

use earlycall_model::horizons::{End, FollowUp};

use crate::{
    cohort::{cips::cips, standing, stay::StayKind},
    day::Day,
    error::{Error, Kind, Result},
    history::{
        History,
        records::{Person, PersonKey, Registration},
    },
    progress::Steps,
    settings::Prediction,
};

/// What happened to a person within the window (index date, index date + horizon].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// At least one emergency admission: label 1.
    Admitted,
    /// Died without one: label 0, and reported.
    DiedFirst,
    /// Left the area alive, whether or not they had one before: not in training, for of the others who leave nobody
    /// knows, and the admitted alone would make risks too high.
    Left,
    /// None of these: label 0.
    Stayed,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Outcome; 4] = [Outcome::Admitted, Outcome::DiedFirst, Outcome::Left, Outcome::Stayed];

    /// What of a follow-up falls into a window of so many days.
    pub fn within(horizon_days: u32, follow_up: &FollowUp) -> Outcome {
        match follow_up.admitted_within(horizon_days) {
            None => Outcome::Left,
            Some(true) => Outcome::Admitted,
            Some(false) if follow_up.end == End::Died && follow_up.days <= horizon_days => Outcome::DiedFirst,
            Some(false) => Outcome::Stayed,
        }
    }

    /// The word in files.
    pub fn code(self) -> &'static str {
        match self {
            Outcome::Admitted => "admitted",
            Outcome::DiedFirst => "died_first",
            Outcome::Left => "left_the_area",
            Outcome::Stayed => "neither",
        }
    }

    /// Whether the event happened; none for who left before the window was over.
    pub fn event(self) -> Option<bool> {
        match self {
            Outcome::Admitted => Some(true),
            Outcome::DiedFirst | Outcome::Stayed => Some(false),
            Outcome::Left => None,
        }
    }
}

/// Stays are sent once they have ended and been coded: SUS is one to two months behind (specification section 1).
pub const STAYS_ARRIVE_WITHIN_DAYS: i32 = 60;

/// A registration that ended at most so long before a death ended with it and is no move: its end need not be dated to the
/// day.
const DEATH_ENDS_REGISTRATIONS_WITHIN_DAYS: i32 = 30;

/// The windows after an index date for which people are followed: that of the leading horizon, and longer ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Windows {
    index_date: Day,
    /// The last day of each, ascending; at least one.
    ends: Vec<Day>,
}

impl Windows {
    /// The window of the leading horizon, and those of longer ones that are over. Shorter ones lie within them.
    ///
    /// # Errors
    /// * [`Kind::Usage`] when the data end before the leading window does.
    /// * [`Kind::Extract`] when nothing was delivered.
    pub fn over(history: &History, prediction: &Prediction, index_date: Day) -> Result<Windows> {
        let Windows { mut ends, .. } = Windows::leading(history, prediction, index_date)?;
        let data_to = last_whole_day(history, index_date)?;
        let longer = prediction.further_days().into_iter().map(|days| index_date + days);
        ends.extend(longer.filter(|end| ends[0] < *end && *end <= data_to).collect::<Vec<Day>>());
        Ok(Windows { index_date, ends })
    }

    /// The window of the leading horizon alone.
    ///
    /// # Errors
    /// As of [`Windows::over`].
    pub fn leading(history: &History, prediction: &Prediction, index_date: Day) -> Result<Windows> {
        let (end, data_to) = (index_date + prediction.horizon_days, last_whole_day(history, index_date)?);
        if end > data_to {
            let latest = data_to - prediction.horizon_days;
            return Err(Error::new(Kind::Usage, format!("what happened after {index_date} is not known yet"))
                .hint(format!("the window ends on {end} and the data on {data_to}; the latest date is {latest}")));
        }
        Ok(Windows { index_date, ends: vec![end] })
    }

    /// Whether stays of the leading window may still be on their way: what they say later counts as nothing now.
    ///
    /// # Errors
    /// * [`Kind::Extract`] when nothing was delivered.
    pub fn still_arriving(&self, history: &History) -> Result<Option<StillArriving>> {
        Ok(self.arriving_at(last_whole_day(history, self.index_date)?))
    }

    fn arriving_at(&self, data_to: Day) -> Option<StillArriving> {
        let settled_to = data_to - STAYS_ARRIVE_WITHIN_DAYS;
        let window_days = self.ends[0] - self.index_date;
        let found = StillArriving { index_date: self.index_date, safe_to: settled_to - window_days };
        (self.ends[0] > settled_to).then_some(found)
    }

    /// The last day on which anybody is followed.
    fn until(&self) -> Day {
        *self.ends.last().expect("the leading window is among them")
    }

    /// How many days after the index date anybody is followed.
    pub fn seen_days(&self) -> u32 {
        self.days_to(self.until())
    }

    /// How many days after the index date a day is; no less than none.
    fn days_to(&self, day: Day) -> u32 {
        (day - self.index_date).max(0).unsigned_abs()
    }

    /// How the follow-up of a person ended; `person` is as the last of the days finds them, in hindsight. Of whoever left,
    /// nothing counts that came later.
    fn follow_up(&self, person: &Person) -> FollowUp {
        let cips = cips(&person.episodes);
        let death = standing::death(person, &cips).filter(|day| *day <= self.until());
        let is_end_of_life = |last: &Day| death.is_some_and(|day| day - *last <= DEATH_ENDS_REGISTRATIONS_WITHIN_DAYS);
        let left = self.last_day_here(person).filter(|last| !is_end_of_life(last));
        let death = death.filter(|_| left.is_none());
        let seen_days = left.map_or(self.seen_days(), |day| self.days_to(day));
        let emergencies = cips.iter().filter(|cip| cip.kind == StayKind::Emergency).map(|cip| cip.admission_date);
        let is_seen = |day: &Day| self.index_date < *day && self.days_to(*day) <= seen_days;
        let (days, end) = match (emergencies.filter(is_seen).min(), death) {
            (Some(day), _) => (self.days_to(day), End::Admitted),
            // A death before the index date that nobody knew of then is one that the list would have called, too.
            (None, Some(day)) => (self.days_to(day).max(1), End::Died),
            (None, None) => (seen_days, End::Lost),
        };
        FollowUp { days, end, seen_days }
    }

    /// Nothing happened for as long as anybody is followed.
    fn stayed(&self) -> FollowUp {
        FollowUp { days: self.seen_days(), end: End::Lost, seen_days: self.seen_days() }
    }

    /// The last day of whoever has left: registered on the index date, and nowhere at the end of a window. A move to
    /// another practice of the area leaves a registration open; one to a practice elsewhere doesn't, for the extracts hold
    /// the area's alone.
    fn last_day_here(&self, person: &Person) -> Option<Day> {
        let is_open = |row: &Registration, on: Day| row.start_date <= on && row.end_date.is_none_or(|end| end > on);
        let is_here = |on: Day| standing::registrations(person).any(|row| is_open(row, on));
        if !is_here(self.index_date) {
            return None;
        }
        let gone_by = *self.ends.iter().find(|end| !is_here(**end))?;
        let ended = standing::registrations(person).filter_map(|row| row.end_date).filter(|end| *end <= gone_by);
        ended.max().map(|end| end - 1)
    }
}

/// An index date whose window ended so shortly before the data that some of its stays may not have been sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StillArriving {
    /// The index date.
    pub index_date: Day,
    /// The last index date of which everything should be there.
    pub safe_to: Day,
}

impl fmt::Display for StillArriving {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let StillArriving { index_date, safe_to } = self;
        write!(
            f,
            "hospital stays are sent up to {STAYS_ARRIVE_WITHIN_DAYS} days late, so that some admissions after {index_date} \
             may be missing and count as none; of index dates up to {safe_to} everything should be there"
        )
    }
}

/// How the follow-up of each of some people ended, as it is known now; the people are sorted by key. Whoever is in the
/// extracts no longer has left no trace of an event, and stayed.
///
/// # Errors
/// * [`Kind::Storage`] when the history cannot be read.
pub fn follow_ups(
    history: &History,
    people: &[PersonKey],
    windows: &Windows,
    threads: usize,
    steps: &Steps,
) -> Result<Vec<FollowUp>> {
    let hindsight = history.view_in_hindsight(windows.until());
    // No outcome depends on the GP record.
    let parts = history.each_bucket(
        &hindsight,
        threads,
        |_| false,
        |bucket| {
            let known = bucket.iter().filter_map(|person| {
                let place = people.binary_search(&person.key).ok()?;
                Some((place, windows.follow_up(person)))
            });
            let known: Vec<(usize, FollowUp)> = known.collect();
            steps.one_more();
            known
        },
    )?;
    let mut follow_ups = vec![windows.stayed(); people.len()];
    for (place, follow_up) in parts.into_iter().flatten() {
        follow_ups[place] = follow_up;
    }
    Ok(follow_ups)
}

/// The last day whose outcomes count: that of the newest extract. Rows of an extract that was taken during a day may
/// miss a part of it, which is why a night's index date is the day before; a window of months does not notice.
pub(super) fn last_whole_day(history: &History, index_date: Day) -> Result<Day> {
    history.ledger.newest_extract().ok_or_else(|| {
        let what = format!("nothing was delivered, so nothing is known of {index_date}");
        Error::refused(what, "put a delivery into the folder of `[extracts] folder`")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cohort::tests::life::{day, person};

    /// What happened within (20 November 2026, 19 May 2027], half a year.
    #[track_caller]
    fn check(lines: &str, expected: Outcome) {
        let half_a_year = windows(&["2027-05-19"]);
        assert_eq!(half_a_year.seen_days(), 180);
        assert_eq!(Outcome::within(180, &half_a_year.follow_up(&person(lines))), expected);
    }

    /// Windows after 20 November 2026.
    fn windows(ends: &[&str]) -> Windows {
        Windows { index_date: day("2026-11-20"), ends: ends.iter().map(|end| day(end)).collect() }
    }

    /// When what ended it, and for how long anything is known, of whoever is followed for 180 and for 365 days.
    #[track_caller]
    fn check_days(lines: &str, days: u32, end: End, seen_days: u32) {
        let found = windows(&["2027-05-19", "2027-11-20"]).follow_up(&person(lines));
        assert_eq!(found, FollowUp { days, end, seen_days });
    }

    use Outcome::{Admitted, DiedFirst, Left, Stayed};

    #[test]
    fn an_emergency_counts_from_the_day_after_the_index_date_to_the_last_of_the_window() {
        for (admitted, expected) in
            [("2026-11-20", Stayed), ("2026-11-21", Admitted), ("2027-05-19", Admitted), ("2027-05-20", Stayed)]
        {
            check(&format!("stay R1H {admitted} - 21 - J440"), expected);
        }
        check("stay R1H 2026-12-01 2026-12-02 11 19 K400", Stayed);
    }

    #[test]
    fn a_transfer_of_a_stay_that_began_before_is_no_admission() {
        let began = "stay R1H 2026-11-18 2026-11-22 21 51 J440";
        check(&format!("{began}\n stay RF4 2026-11-22 2026-11-30 2B 19 J440"), Stayed);
        check(&format!("{began}\n stay RF4 2026-11-28 2026-11-30 2B 19 J440"), Admitted);
    }

    #[test]
    fn a_death_counts_unless_an_emergency_came_before_it() {
        check("dead 2027-01-10 ons", DiedFirst);
        check("dead 2027-05-19 ons", DiedFirst);
        check("dead 2027-05-20 ons", Stayed);
        check("stay R1H 2026-11-18 2026-12-01 21 79 J440", DiedFirst);
        check("stay R1H 2027-01-01 2027-01-10 21 79 J440\n dead 2027-01-10 ons", Admitted);
        check("gp F99901 2010-01-01 2027-01-10 regular\n dead 2027-01-10 ons", DiedFirst);
    }

    #[test]
    fn whoever_is_registered_nowhere_any_more_has_left() {
        check("gp F99901 2010-01-01 - regular", Stayed);
        check("gp F99901 2010-01-01 2027-01-10 regular", Left);
        check("gp F99901 2010-01-01 2027-01-10 regular\n gp F99902 2027-01-10 - regular", Stayed);
        check("gp F99901 2010-01-01 2027-01-10 regular\n gp V81999 2027-01-10 - regular", Left);
    }

    #[test]
    fn whoever_left_counts_on_neither_side_whether_or_not_they_were_admitted_before() {
        let left = "gp F99901 2010-01-01 2027-01-10 regular\n";
        check(&format!("{left} stay R1H 2026-12-01 2026-12-05 21 19 J440"), Left);
        // Nor does what a hospital of the area says of them later.
        check(&format!("{left} stay R1H 2027-02-01 - 21 - J440"), Left);
        check(&format!("{left} stay R1H 2026-12-01 2026-12-05 21 19 J440\n gp F99902 2027-01-20 - regular"), Admitted);
        // A registration that ends with a death is no move.
        let admitted = "stay R1H 2026-12-01 2026-12-05 21 19 J440";
        check(&format!("{left} {admitted}\n dead 2027-02-08 ons"), Admitted);
        check(&format!("{left} {admitted}\n dead 2027-02-09 ons"), Left);
        check_days(&format!("{left} {admitted}\n dead 2027-09-16 ons"), 11, End::Admitted, 50);
        check_days(&format!("{left} dead 2027-09-16 ons"), 50, End::Lost, 50);
    }

    #[test]
    fn whoever_was_registered_nowhere_has_not_left() {
        check("born 1950-03 E01000001", Stayed);
        check("gp F99901 2010-01-01 2026-11-20 regular", Stayed);
        check("gp V81999 2010-01-01 2027-01-10 regular", Stayed);
        check("gp F99901 2010-01-01 2027-01-10 temporary", Stayed);
    }

    #[test]
    fn a_follow_up_ends_with_the_first_emergency_and_the_day_after_the_index_date_is_the_first() {
        check_days(
            "stay R1H 2026-11-21 2026-11-25 21 19 J440\n stay R1H 2027-01-01 - 21 - J440",
            1,
            End::Admitted,
            365,
        );
        check_days("stay R1H 2027-11-20 - 21 - J440", 365, End::Admitted, 365);
        check_days("stay R1H 2027-11-21 - 21 - J440", 365, End::Lost, 365);
        check_days("dead 2027-01-10 ons", 51, End::Died, 365);
        check_days("dead 2026-11-10 ons", 1, End::Died, 365);
        check_days("gp F99901 2010-01-01 - regular", 365, End::Lost, 365);
    }

    #[test]
    fn whoever_leaves_is_seen_until_the_day_before_their_registration_ends() {
        check_days("gp F99901 2010-01-01 2026-11-21 regular", 0, End::Lost, 0);
        check_days("gp F99901 2010-01-01 2027-01-10 regular", 50, End::Lost, 50);
        check_days("gp F99901 2010-01-01 2027-05-20 regular", 180, End::Lost, 180);
        check_days("gp F99901 2010-01-01 2027-11-20 regular", 364, End::Lost, 364);
        check_days("gp F99901 2010-01-01 2027-11-21 regular", 365, End::Lost, 365);
        let admitted = "stay R1H 2026-12-01 2026-12-05 21 19 J440";
        check_days(&format!("gp F99901 2010-01-01 2027-05-20 regular\n {admitted}"), 11, End::Admitted, 180);
    }

    #[test]
    fn whoever_is_away_at_the_end_of_a_window_has_left_and_whoever_is_back_by_then_has_not() {
        let back_on = |day: &str| format!("gp F99901 2010-01-01 2027-01-10 regular\n gp F99902 {day} - regular");
        check_days(&back_on("2027-05-19"), 365, End::Lost, 365);
        check_days(&back_on("2027-05-20"), 50, End::Lost, 50);
    }

    #[test]
    fn stays_of_a_window_that_ended_less_than_two_months_before_the_data_may_still_be_on_their_way() {
        // The window ends on 19 May 2027.
        let half_a_year = windows(&["2027-05-19", "2027-11-20"]);
        assert_eq!(half_a_year.arriving_at(day("2027-07-18")), None);
        let found = half_a_year.arriving_at(day("2027-07-17")).unwrap();
        assert_eq!(found, StillArriving { index_date: day("2026-11-20"), safe_to: day("2026-11-19") });
        assert_eq!(
            found.to_string(),
            "hospital stays are sent up to 60 days late, so that some admissions after 2026-11-20 may be missing and count \
             as none; of index dates up to 2026-11-19 everything should be there"
        );
    }

    #[test]
    fn a_window_of_fewer_days_ends_before_what_comes_later() {
        let within = |days: u32, end| {
            [50, 51, 52].map(|horizon| Outcome::within(horizon, &FollowUp { days, end, seen_days: 365 }))
        };
        assert_eq!(within(51, End::Admitted), [Stayed, Admitted, Admitted]);
        assert_eq!(within(51, End::Died), [Stayed, DiedFirst, DiedFirst]);
        let left_after_51 =
            |days, end| [50, 51, 52].map(|horizon| Outcome::within(horizon, &FollowUp { days, end, seen_days: 51 }));
        assert_eq!(left_after_51(51, End::Lost), [Stayed, Stayed, Left]);
        assert_eq!(left_after_51(20, End::Admitted), [Admitted, Admitted, Left]);
    }
}
