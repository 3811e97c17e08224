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
mod tests;
