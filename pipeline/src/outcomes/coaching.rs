//! Programmes of coaching, from the log of contacts.

use earlycall_schemas::{contacts::Effect, pathways::PathwayId};

use super::starts::Ending;
use crate::{day::Day, feedback::Contact, settings};

/// What somebody answered when coaching was offered: a programme that they accepted, or that they declined one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The day of the contact in which they did.
    pub on: Day,
    /// The team that heard it.
    pub team_id: String,
    /// How it ended.
    pub ending: Ending,
}

/// A programme while it is being put together.
struct Programme {
    on: Day,
    team_id: String,
    /// The first day after it; none: it has no end.
    until: Option<Day>,
    /// The day on which they left it.
    left: Option<Day>,
}

/// What one person's contacts come to by the end of a day, in order; `contacts` are in the order in which they happened.
///
/// Whoever accepts is on the programme until its end, and whoever accepts again before that is on it still. A later contact
/// that lets them rest, other than in hospital, ends it before its time. Declining while on no programme is an answer, too.
pub fn answers<'a>(
    contacts: impl Iterator<Item = &'a Contact>,
    data_to: Day,
    settings: &settings::Contacts,
) -> Vec<Answer> {
    let (mut programmes, mut answers): (Vec<Programme>, Vec<Answer>) = (Vec::new(), Vec::new());
    for contact in contacts {
        let on = contact.contacted_on;
        let running = programmes.last_mut().filter(|last| last.is_running_on(on));
        match (meaning(contact), running) {
            (Some(Meaning::Accepts), Some(running)) => running.until = end(contact, settings),
            (Some(Meaning::Accepts), None) => {
                let (team_id, until) = (contact.team_id.clone(), end(contact, settings));
                programmes.push(Programme { on, team_id, until, left: None });
            }
            (Some(Meaning::Rests), Some(running)) => running.left = Some(on),
            (Some(Meaning::Rests), None) if contact.outcome.code == "declined" => {
                answers.push(Answer { on, team_id: contact.team_id.clone(), ending: Ending::Declined });
            }
            _ => {}
        }
    }
    answers.extend(programmes.into_iter().map(|programme| programme.by(data_to)));
    answers.sort_by_key(|answer| answer.on);
    answers
}

enum Meaning {
    Accepts,
    Rests,
}

/// What a contact means for coaching, if anything. Of another pathway's teams only that somebody accepted it counts.
fn meaning(contact: &Contact) -> Option<Meaning> {
    match contact.effect_in(PathwayId::Coaching)? {
        Effect::Programme => Some(Meaning::Accepts),
        Effect::Rest if contact.outcome.of_pathway.is_none() && !contact.outcome.keeps_place => Some(Meaning::Rests),
        _ => None,
    }
}

/// The first day after the programme that a contact begins.
fn end(contact: &Contact, settings: &settings::Contacts) -> Option<Day> {
    let days = settings.days(contact.outcome, None);
    contact.programme_end.or_else(|| days.map(|days| contact.contacted_on + days))
}

impl Programme {
    fn is_running_on(&self, day: Day) -> bool {
        self.left.is_none() && self.until.is_none_or(|until| day < until)
    }

    fn by(self, data_to: Day) -> Answer {
        let ending = match (self.left, self.until) {
            (Some(left), _) if left <= data_to => Ending::Disengaged,
            (None, Some(until)) if until <= data_to + 1 => Ending::TimeOver,
            _ => Ending::GoingOn,
        };
        Answer { on: self.on, team_id: self.team_id, ending }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feedback::sample;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    /// The answers of somebody with these contacts by 20 November 2026.
    #[track_caller]
    fn check(contacts: &[(&str, &str)], expected: &[(&str, Ending)]) {
        let contacts: Vec<Contact> = contacts.iter().map(|(on, outcome)| sample(1, on, outcome)).collect();
        let found = answers(contacts.iter(), day("2026-11-20"), &settings::Contacts::default());
        let found: Vec<(String, Ending)> = found.into_iter().map(|one| (one.on.to_string(), one.ending)).collect();
        let expected: Vec<(String, Ending)> = expected.iter().map(|(on, ending)| (on.to_string(), *ending)).collect();
        assert_eq!(found, expected);
    }

    use Ending::{Declined, Disengaged, GoingOn, TimeOver};

    #[test]
    fn a_programme_lasts_183_days_unless_somebody_leaves_it() {
        // 183 days from 21 May end on 20 November 2026, the first day after it.
        check(&[("2026-05-21", "accepted_coaching")], &[("2026-05-21", TimeOver)]);
        check(&[("2026-05-22", "accepted_coaching")], &[("2026-05-22", TimeOver)]);
        check(&[("2026-05-23", "accepted_coaching")], &[("2026-05-23", GoingOn)]);
        for leaves in ["declined", "unsuitable", "moved", "already_supported"] {
            check(&[("2026-05-01", "accepted_coaching"), ("2026-06-01", leaves)], &[("2026-05-01", Disengaged)]);
        }
        for stays in ["in_hospital", "no_answer", "call_back", "accepted_social_prescribing"] {
            check(&[("2026-05-01", "accepted_coaching"), ("2026-06-01", stays)], &[("2026-05-01", TimeOver)]);
        }
    }

    #[test]
    fn declining_is_an_answer_and_accepting_twice_is_one() {
        check(
            &[("2026-03-01", "declined"), ("2026-10-01", "accepted_coaching")],
            &[("2026-03-01", Declined), ("2026-10-01", GoingOn)],
        );
        check(&[("2026-09-01", "accepted_coaching"), ("2026-10-01", "accepted_coaching")], &[("2026-09-01", GoingOn)]);
        check(
            &[("2025-01-01", "accepted_coaching"), ("2026-10-01", "accepted_coaching")],
            &[("2025-01-01", TimeOver), ("2026-10-01", GoingOn)],
        );
        check(&[("2026-05-01", "accepted_virtual_ward"), ("2026-06-01", "no_answer")], &[]);
    }

    #[test]
    fn a_programme_ends_when_its_coach_says_and_a_contact_of_another_service_ends_none() {
        let until = |on: &str| Contact { programme_end: Some(day(on)), ..sample(1, "2026-10-01", "accepted_coaching") };
        let of = |contacts: &[Contact]| {
            answers(contacts.iter(), day("2026-11-20"), &settings::Contacts::default())[0].ending
        };
        assert_eq!([of(&[until("2026-11-21")]), of(&[until("2026-11-22")])], [TimeOver, GoingOn]);
        let ward = Contact { pathway: PathwayId::VirtualWard, ..sample(1, "2026-11-01", "declined") };
        assert_eq!(of(&[until("2027-01-01"), ward]), GoingOn);
    }
}
