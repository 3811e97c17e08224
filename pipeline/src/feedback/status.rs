//! What somebody's contacts come to on the day of a list: whether they are on none for now, whether they are called first,
//! and what a coach should know.

use earlycall_schemas::{
    contacts::{ContactOutcome, Effect},
    pathways::PathwayId,
};

use super::Contact;
use crate::{day::Day, settings};

/// What somebody's contacts come to on a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Why they are on no list on that day.
    pub hold: Option<Hold>,
    /// Whether they are called before people who were not: tried or spoken to, and not done with.
    pub is_carried_over: bool,
    /// The last contact.
    last: Option<(Day, &'static ContactOutcome)>,
    /// Attempts one after another, up to the last contact.
    n_attempts: u32,
    /// The first day after the programme, if they were on it last.
    programme_ended: Option<Day>,
}

/// Why somebody is on no list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// The contact that says so: its day, and what came of it.
    by: (Day, &'static ContactOutcome),
    /// What that does to the lists of the pathway.
    effect: Effect,
    /// The first day on which it does so no longer; none: for good.
    until: Option<Day>,
    /// Attempts one after another, where nobody was reached.
    n_attempts: u32,
}

impl Status {
    /// What contacts with one person come to on the day of a list of a pathway: those of that day and before it, in the order in
    /// which they happened. Contacts that do nothing to its lists are passed over.
    ///
    /// The last contact counts, but that attempts one after another are counted together: with as many as
    /// `[contacts] attempts_max` the person rests. Attempts that lie further apart than such a rest are counted anew. No call
    /// that reaches nobody ends what holds somebody, and neither does being in hospital, unless they are away for longer by it.
    /// Being called back on a day that is set ends what is neither a programme nor for good.
    pub fn of<'a>(
        contacts: impl Iterator<Item = &'a Contact>,
        pathway: PathwayId,
        list_day: Day,
        settings: &settings::Contacts,
    ) -> Status {
        let mut status = Status::default();
        let (mut hold, mut place_until) = (None, None);
        for contact in contacts.filter(|contact| contact.contacted_on <= list_day) {
            let Some(effect) = contact.effect_in(pathway) else { continue };
            if effect == Effect::Death {
                continue; // The register of objections and deaths says so, and may take it back.
            }
            let on = contact.contacted_on;
            let days = contact.days_in(pathway, settings);
            if hold.as_ref().is_some_and(|hold: &Hold| hold.outlasts(contact, effect, days, settings)) {
                continue;
            }
            let tried_out = status.count(contact, days, settings);
            let rests = match effect {
                Effect::Attempt => tried_out,
                Effect::CallBack | Effect::Death => false,
                Effect::Programme | Effect::Rest => true,
            };
            let until = match (contact.ends(effect), days) {
                (Some(set), _) => Some(set),
                (None, Some(days)) if rests => {
                    // Nor does one more of them, though it be the last for now.
                    let asked = hold.as_ref().filter(|_| effect == Effect::Attempt).and_then(|hold| hold.until);
                    asked.max(Some(on + days))
                }
                (None, None) if rests => None,
                // A call that reaches nobody brings no day forward on which somebody asked to be called.
                (None, _) => hold.as_ref().and_then(|hold| hold.until).filter(|until| *until > on).or(Some(on)),
            };
            hold = Some(Hold { by: (on, contact.outcome), effect, until, n_attempts: status.n_attempts });
            // A call from another list than a coaching team's makes nobody one to be coached.
            let is_from_a_list = contact.worklist_run_id.is_some();
            let keeps_place = contact.outcome.keeps_place && is_from_a_list && !tried_out;
            place_until = until.zip(days).filter(|_| keeps_place).map(|(until, days)| until.max(on) + days);
            status.programme_ended = until.filter(|_| effect == Effect::Programme);
        }
        status.hold = hold.filter(|hold: &Hold| hold.until.is_none_or(|until| until > list_day));
        status.is_carried_over = status.hold.is_none() && place_until.is_some_and(|until| list_day < until);
        status
    }

    /// Counts a contact among those one after another; tells whether it was the last attempt for now.
    fn count(&mut self, contact: &Contact, days: Option<i32>, settings: &settings::Contacts) -> bool {
        let goes_on = |last: Day| days.is_none_or(|days| contact.contacted_on - last < days);
        let is_attempt = contact.outcome.effect == Effect::Attempt;
        let is_next = is_attempt
            && self.n_attempts < settings.attempts_max
            && self.last.is_some_and(|(last, outcome)| outcome.effect == Effect::Attempt && goes_on(last));
        self.n_attempts = u32::from(is_attempt) + if is_next { self.n_attempts } else { 0 };
        self.last = Some((contact.contacted_on, contact.outcome));
        self.n_attempts >= settings.attempts_max
    }

    /// For a coach who is about to call: "Tried 2 times, the last on 20 November 2026: voicemail".
    pub fn in_words(&self) -> String {
        let Some((on, outcome)) = self.last else { return "No call on record".to_owned() };
        let (on, told) = (on.in_words(), &outcome.told);
        match (self.n_attempts, self.programme_ended) {
            (0, Some(ended)) => format!("Was on the programme until {}", (ended - 1).in_words()),
            (0, None) => format!("Last contact on {on}: {told}"),
            (1, _) => format!("Tried once, on {on}: {told}"),
            (n, _) => format!("Tried {n} times, the last on {on}: {told}"),
        }
    }
}

impl Hold {
    /// Whether it stands although there was a later contact: a call that reached nobody tells nothing of somebody who declined,
    /// is unsuitable, was tried often enough or is on the programme; and a short while in hospital makes nobody one to be called
    /// first afterwards who was not to be called at all. What one team hears of another's service shortens no hold of either.
    fn outlasts(&self, later: &Contact, effect: Effect, days: Option<i32>, settings: &settings::Contacts) -> bool {
        let by = self.effect;
        self.lasts_beyond(later.contacted_on)
            && match effect {
                Effect::Attempt => {
                    matches!(by, Effect::Rest | Effect::Programme) || self.n_attempts >= settings.attempts_max
                }
                Effect::CallBack => {
                    let names_no_day = by == Effect::Rest && later.snooze_until.is_none();
                    by == Effect::Programme || self.until.is_none() || names_no_day
                }
                Effect::Programme | Effect::Rest if later.outcome.keeps_place || later.is_referral() => {
                    let until = later.ends(effect).or(days.map(|days| later.contacted_on + days));
                    let is_on_programme = later.outcome.keeps_place && by == Effect::Programme;
                    is_on_programme || until.is_some_and(|until| self.lasts_beyond(until))
                }
                Effect::Programme | Effect::Rest | Effect::Death => false,
            }
    }

    fn lasts_beyond(&self, day: Day) -> bool {
        self.until.is_none_or(|until| until > day)
    }

    /// For whoever had them on a list: "declined on 20 November 2026".
    pub fn in_words(&self) -> String {
        let (on, outcome) = self.by;
        let on = on.in_words();
        match (outcome.effect, self.until) {
            (Effect::Attempt, _) if self.n_attempts > 1 => format!("tried {} times, the last on {on}", self.n_attempts),
            (Effect::Attempt | Effect::CallBack, Some(until)) => {
                format!("to be called again from {}", until.in_words())
            }
            _ => format!("{} on {on}", outcome.told),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::feedback::sample;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    /// The status on a day of somebody with these contacts.
    fn status(contacts: &[Contact], on: &str) -> Status {
        Status::of(contacts.iter(), PathwayId::Coaching, day(on), &settings::Contacts::default())
    }

    fn attempts(days: &[&str]) -> Vec<Contact> {
        days.iter().map(|on| sample(1, on, "no_answer")).collect()
    }

    fn until(on: &str, outcome: &str, snooze_until: &str) -> Contact {
        Contact { snooze_until: Some(day(snooze_until)), ..sample(1, on, outcome) }
    }

    /// Whether somebody is held, carried over, or neither.
    fn word(status: &Status) -> &'static str {
        match (&status.hold, status.is_carried_over) {
            (Some(_), false) => "held",
            (None, true) => "first",
            (None, false) => "as others",
            (Some(_), true) => "both",
        }
    }

    #[test]
    fn whoever_was_never_called_stands_as_others() {
        assert_eq!(word(&status(&[], "2026-11-23")), "as others");
        assert_eq!(status(&[], "2026-11-23").in_words(), "No call on record");
    }

    #[test]
    fn two_attempts_keep_the_place_and_the_third_ends_it_for_four_weeks() {
        let tried = attempts(&["2026-11-02", "2026-11-04", "2026-11-06"]);
        for (n, on, expected, words) in [
            (1, "2026-11-03", "first", "Tried once, on 2 November 2026: no answer"),
            (2, "2026-11-05", "first", "Tried 2 times, the last on 4 November 2026: no answer"),
            (3, "2026-11-07", "held", "Tried 3 times, the last on 6 November 2026: no answer"),
            (3, "2026-12-03", "held", "Tried 3 times, the last on 6 November 2026: no answer"),
            (3, "2026-12-04", "as others", "Tried 3 times, the last on 6 November 2026: no answer"),
        ] {
            let status = status(&tried[..n], on);
            assert_eq!((word(&status), status.in_words().as_str()), (expected, words), "{n} attempts, {on}");
        }
        assert_eq!(status(&tried, "2026-11-07").hold.unwrap().in_words(), "tried 3 times, the last on 6 November 2026");
    }

    #[test]
    fn after_a_rest_and_after_a_long_while_attempts_are_counted_anew() {
        let mut tried = attempts(&["2026-11-02", "2026-11-04", "2026-11-06", "2026-12-07"]);
        assert_eq!(word(&status(&tried, "2026-12-08")), "first");
        assert_eq!(status(&tried, "2026-12-08").in_words(), "Tried once, on 7 December 2026: no answer");
        tried.truncate(1);
        assert_eq!(word(&status(&tried, "2026-11-29")), "first");
        assert_eq!(word(&status(&tried, "2026-11-30")), "as others", "four weeks are over");
    }

    #[test]
    fn what_is_said_ends_a_row_of_attempts() {
        let mut contacts = attempts(&["2026-11-02", "2026-11-03"]);
        contacts.push(sample(1, "2026-11-04", "call_back"));
        contacts.extend(attempts(&["2026-11-05"]));
        let status = status(&contacts, "2026-11-06");
        assert_eq!((word(&status), status.n_attempts), ("first", 1));
    }

    #[test]
    fn a_date_hides_until_that_day_and_then_the_place_is_kept() {
        for outcome in ["call_back", "no_answer"] {
            let contacts = [until("2026-11-20", outcome, "2026-12-01")];
            assert_eq!(word(&status(&contacts, "2026-11-30")), "held", "{outcome}");
            assert_eq!(
                status(&contacts, "2026-11-30").hold.unwrap().in_words(),
                "to be called again from 1 December 2026"
            );
            assert_eq!(word(&status(&contacts, "2026-12-01")), "first", "{outcome}");
        }
        assert_eq!(word(&status(&[until("2026-11-20", "declined", "2026-12-01")], "2026-12-01")), "as others");
    }

    #[test]
    fn every_other_outcome_holds_for_as_long_as_is_declared() {
        for (outcome, last, first_again, then) in [
            ("declined", "2027-05-18", "2027-05-19", "as others"),
            ("accepted_coaching", "2027-05-21", "2027-05-22", "as others"),
            ("in_hospital", "2026-12-03", "2026-12-04", "first"),
        ] {
            let contacts = [sample(1, "2026-11-20", outcome)];
            assert_eq!(word(&status(&contacts, "2026-11-20")), "held", "{outcome}");
            assert_eq!(word(&status(&contacts, last)), "held", "{outcome}");
            assert_eq!(word(&status(&contacts, first_again)), then, "{outcome}");
        }
    }

    #[test]
    fn unsuitable_lasts_as_its_reason_says_which_is_never_told() {
        let because = |code: &str| Contact {
            unsuitable_reason: Some(earlycall_schemas::contacts::unsuitable_reason(code).unwrap()),
            ..sample(1, "2026-11-20", "unsuitable")
        };
        assert_eq!(word(&status(&[because("safeguarding")], "2036-11-20")), "held", "for good");
        assert_eq!(word(&status(&[because("language_not_available")], "2027-02-17")), "held");
        assert_eq!(word(&status(&[because("language_not_available")], "2027-02-18")), "as others");
        let told = status(&[because("safeguarding")], "2026-11-21").hold.unwrap().in_words();
        assert_eq!(told, "found unsuitable by the team on 20 November 2026");
    }

    #[test]
    fn a_programme_lasts_to_its_end_and_is_told_afterwards() {
        let ends = Contact { programme_end: Some(day("2027-02-01")), ..sample(1, "2026-11-20", "accepted_coaching") };
        assert_eq!(word(&status(std::slice::from_ref(&ends), "2027-01-31")), "held");
        let after = status(&[ends], "2027-02-01");
        assert_eq!(
            (word(&after), after.in_words().as_str()),
            ("as others", "Was on the programme until 31 January 2027")
        );
    }

    #[test]
    fn a_call_that_reaches_nobody_ends_no_hold() {
        for outcome in ["declined", "unsuitable", "accepted_coaching", "in_hospital", "already_supported"] {
            let alone = [sample(1, "2026-11-20", outcome)];
            let contacts = [alone[0].clone(), sample(1, "2026-11-21", "voicemail")];
            assert_eq!(status(&contacts, "2026-11-22"), status(&alone, "2026-11-22"), "{outcome}");
        }
        let mut tried = attempts(&["2026-11-02", "2026-11-04", "2026-11-06"]);
        let rests = status(&tried, "2026-11-10");
        tried.extend(attempts(&["2026-11-09"]));
        assert_eq!(status(&tried, "2026-11-10"), rests, "a fourth call during the rest");
        let on_programme = [sample(1, "2026-11-20", "accepted_coaching"), sample(1, "2026-11-27", "call_back")];
        assert_eq!(word(&status(&on_programme, "2026-11-28")), "held", "a session that was put off");
        let asked = [until("2026-11-20", "call_back", "2026-12-01"), sample(1, "2026-11-23", "no_answer")];
        assert_eq!(word(&status(&asked, "2026-11-24")), "held", "they asked to be called in December");
        let mut asked = vec![until("2026-11-20", "call_back", "2027-03-01")];
        asked.extend(attempts(&["2026-11-23", "2026-11-24", "2026-11-25"]));
        assert_eq!(word(&status(&asked, "2027-02-28")), "held", "they asked to be called in March");
        assert!(status(&asked, "2027-03-01").hold.is_none());
    }

    #[test]
    fn being_in_hospital_makes_nobody_first_who_was_not_to_be_called() {
        let because = earlycall_schemas::contacts::unsuitable_reason("safeguarding");
        let for_good = Contact { unsuitable_reason: because, ..sample(1, "2026-11-20", "unsuitable") };
        let ends = Contact { programme_end: Some(day("2026-11-24")), ..sample(1, "2026-11-20", "accepted_coaching") };
        let of = |outcome: &str| sample(1, "2026-11-20", outcome);
        for (alone, on, expected) in [
            (of("declined"), "2026-12-05", "held"),
            (of("accepted_coaching"), "2026-12-05", "held"),
            (of("accepted_virtual_ward"), "2026-12-17", "held"),
            (of("accepted_virtual_ward"), "2026-12-18", "as others"),
            (for_good, "2036-11-20", "held"),
            (ends, "2026-12-05", "as others"),
        ] {
            let contacts = [alone.clone(), sample(1, "2026-11-21", "in_hospital")];
            assert_eq!(word(&status(&contacts, on)), expected, "{} on {on}", alone.outcome.code);
            assert_eq!(status(&contacts, on), status(std::slice::from_ref(&alone), on), "{}", alone.outcome.code);
        }
        let tried = [of("no_answer"), sample(1, "2026-11-21", "in_hospital")];
        assert_eq!(word(&status(&tried, "2026-12-05")), "first", "whoever was to be called still is");
        let ending = [of("declined"), sample(1, "2027-05-15", "in_hospital")];
        assert_eq!(word(&status(&ending, "2027-05-28")), "held", "and still in hospital");
    }

    #[test]
    fn what_a_team_hears_of_another_s_service_shortens_no_hold_of_either() {
        let because = earlycall_schemas::contacts::unsuitable_reason("safeguarding");
        for pathway in [PathwayId::Coaching, PathwayId::VirtualWard] {
            let unsuitable = sample(1, "2026-11-20", "unsuitable");
            let for_good = Contact { pathway, unsuitable_reason: because, ..unsuitable };
            let heard = sample(1, "2026-11-25", "accepted_virtual_ward");
            let is_held = |contacts: &[Contact], on: &str| {
                Status::of(contacts.iter(), pathway, day(on), &settings::Contacts::default()).hold.is_some()
            };
            assert!(is_held(&[for_good.clone(), heard.clone()], "2036-11-20"), "{pathway:?}: a coach was told");
            let own = Contact { pathway: PathwayId::VirtualWard, ..heard };
            let expected = pathway == PathwayId::Coaching;
            assert_eq!(is_held(&[for_good, own], "2036-11-20"), expected, "{pathway:?}: the ward decides for itself");
        }
    }

    #[test]
    fn being_called_back_on_a_day_ends_a_no_and_nothing_that_is_for_good() {
        let because = earlycall_schemas::contacts::unsuitable_reason("safeguarding");
        let for_good = Contact { unsuitable_reason: because, ..sample(1, "2026-11-20", "unsuitable") };
        for (before, expected) in [(sample(1, "2026-11-20", "declined"), "first"), (for_good, "held")] {
            let contacts = [before.clone(), until("2026-11-25", "call_back", "2026-12-01")];
            assert_eq!(word(&status(&contacts, "2026-12-01")), expected);
            let contacts = [before.clone(), sample(1, "2026-11-25", "call_back")];
            assert_eq!(status(&contacts, "2027-05-20"), status(&[before], "2027-05-20"), "no day is set");
        }
    }

    #[test]
    fn whoever_says_yes_after_having_declined_is_on_the_programme() {
        let contacts = [sample(1, "2026-11-20", "declined"), sample(1, "2026-11-25", "accepted_coaching")];
        let hold = status(&contacts, "2026-11-26").hold.unwrap();
        assert_eq!(hold.in_words(), "accepted coaching on 25 November 2026");
    }

    #[test]
    fn a_call_from_no_list_keeps_no_place_and_a_date_ends_no_programme() {
        let other = Contact { worklist_run_id: None, ..sample(1, "2026-11-20", "no_answer") };
        assert_eq!(word(&status(&[other], "2026-11-21")), "as others");
        let session = until("2026-11-20", "accepted_coaching", "2026-11-28");
        assert_eq!(word(&status(&[session], "2026-12-20")), "held");
    }

    proptest! {
        #[test]
        fn no_attempt_no_stay_in_hospital_and_no_other_service_ever_shortens_a_hold(
            calls in prop::collection::vec(
                (
                    0..60,
                    prop::sample::select(vec!["no_answer", "call_back", "declined", "in_hospital", "accepted_coaching", "accepted_virtual_ward"]),
                    prop::option::of(1..120),
                ),
                0..8,
            ),
            (at, later) in (0..60, prop::sample::select(vec!["no_answer", "in_hospital", "accepted_virtual_ward"])),
            on in 0..240,
        ) {
            let first = day("2026-09-01");
            // No date is set beside what is accepted.
            let contact = |(at, outcome, days): (i32, &str, Option<i32>)| Contact {
                contacted_on: first + at,
                snooze_until: days.filter(|_| !outcome.starts_with("accepted")).map(|days| first + at + days),
                ..sample(1, "2026-09-01", outcome)
            };
            let mut calls: Vec<Contact> = calls.into_iter().map(contact).collect();
            calls.sort_by_key(|call| call.contacted_on);
            let settings = settings::Contacts::default();
            let mut with = calls.clone();
            with.retain(|call| call.contacted_on <= first + at);
            let without = with.clone();
            with.push(contact((at, later, None)));
            let on = first + at.max(on);
            let is_held = |calls: &[Contact]| Status::of(calls.iter(), PathwayId::Coaching, on, &settings).hold.is_some();
            prop_assert!(!is_held(&without) || is_held(&with), "{} on day {}", later, at);
        }
    }

    #[test]
    fn a_death_is_for_the_register_and_what_happens_later_has_not_happened_yet() {
        assert_eq!(status(&[sample(1, "2026-11-20", "deceased")], "2026-11-21"), Status::default());
        assert_eq!(status(&[sample(1, "2026-11-22", "declined")], "2026-11-21"), Status::default());
    }

    #[test]
    fn a_service_sets_its_own_numbers() {
        let settings = settings::Contacts { attempts_max: 1, days: [("declined".to_owned(), 10)].into() };
        let of = |outcome: &str, on: &str| {
            Status::of([sample(1, "2026-11-20", outcome)].iter(), PathwayId::Coaching, day(on), &settings)
        };
        assert_eq!(word(&of("no_answer", "2026-11-21")), "held");
        assert_eq!([word(&of("declined", "2026-11-29")), word(&of("declined", "2026-11-30"))], ["held", "as others"]);
    }
}
