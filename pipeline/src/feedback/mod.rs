//! What coaches found: every contact with somebody, and what it does to the lists from the next night on.
//!
//! Contacts arrive as rows of `coach_contacts` ([`table`]) or as a worklist's own Excel file with its outcomes filled in
//! ([`sheet`]); [`add`] keeps them in the service's own [`log`]. [`status`] says what somebody's contacts come to on the day
//! of a list, and [`contacted`] of everybody. A death or an objection that a coach hears of goes the way of
//! [`crate::objections`] at once.

pub mod add;
pub mod contacted;
mod found;
pub mod log;
mod offered;
mod service;
pub mod sheet;
pub mod status;
pub mod table;

use earlycall_schemas::{
    contacts::{self, ContactOutcome, Effect, UnsuitableReason, acceptance_of},
    pathways::PathwayId,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{day::Day, history::records::PersonKey, settings};

/// Latest that somebody may be hidden until, in days from the contact.
pub const HIDDEN_DAYS_MAX: i32 = 180;

/// One contact with a person, or one decision about them: of a row of `coach_contacts` what the lists need.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// Names the contact within its team: another with the same name corrects it.
    pub contact_id: String,
    /// With whom.
    pub person_id: PersonKey,
    /// By which team.
    pub team_id: String,
    /// What the team offered then; absent: coaching. A team may offer something else later, or have another name.
    #[serde(default = "coaching", skip_serializing_if = "is_coaching")]
    pub pathway: PathwayId,
    /// By whom.
    pub user_id: String,
    /// The night whose list showed the line, `2026-11-20.1`; none by another route.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worklist_run_id: Option<String>,
    /// The day, in London.
    pub contacted_on: Day,
    /// What came of it.
    #[serde(serialize_with = "outcome_code", deserialize_with = "outcome_of_code")]
    pub outcome: &'static ContactOutcome,
    /// Why they are unsuitable, where they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[serde(serialize_with = "reason_code", deserialize_with = "reason_of_code")]
    pub unsuitable_reason: Option<&'static UnsuitableReason>,
    /// The day from which they may be called again, where the coach set one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snooze_until: Option<Day>,
    /// The first day after the programme, where its end is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub programme_end: Option<Day>,
}

/// What one row of a file hands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handed {
    /// The row of the file, as rows of its kind are counted.
    pub row: u64,
    /// About whom.
    pub person: PersonKey,
    /// The contact, if it says what came of one.
    pub contact: Option<Contact>,
    /// The contact that is taken back, by its team and name: it was entered by mistake.
    pub taken_back: Option<Name>,
    /// Whether they object to this service.
    pub objects: bool,
}

/// The name of a contact: its team, and the name within it.
pub type Name = (String, String);

impl Contact {
    /// Its name.
    pub fn name(&self) -> Name {
        (self.team_id.clone(), self.contact_id.clone())
    }

    /// What it does to the lists of a pathway; nothing, if it is of another and no acceptance of this one.
    pub fn effect_in(&self, pathway: PathwayId) -> Option<Effect> {
        let is_of_it = self.pathway == pathway || self.outcome.of_pathway == Some(pathway);
        is_of_it.then(|| self.outcome.effect_in(pathway))
    }

    /// Whether its team heard that somebody accepts another pathway.
    fn is_referral(&self) -> bool {
        self.outcome.of_pathway.is_some_and(|of| of != self.pathway)
    }

    /// For how many days it does so; none: for good. That another pathway is accepted keeps nobody off longer than that this one
    /// is would.
    fn days_in(&self, pathway: PathwayId, settings: &settings::Contacts) -> Option<i32> {
        let days = settings.days(self.outcome, self.unsuitable_reason);
        let is_of_another = self.outcome.of_pathway.is_some_and(|of| of != pathway);
        let own = is_of_another.then(|| settings.days(acceptance_of(pathway), None)).flatten();
        own.map_or(days, |own| days.map(|days| days.min(own)))
    }

    /// The first day on which it holds nobody any more, where one is set.
    fn ends(&self, effect: Effect) -> Option<Day> {
        match effect {
            Effect::Programme => self.programme_end,
            _ => self.snooze_until,
        }
    }
}

fn coaching() -> PathwayId {
    PathwayId::Coaching
}

fn is_coaching(pathway: &PathwayId) -> bool {
    *pathway == PathwayId::Coaching
}

fn outcome_code<S: Serializer>(outcome: &&'static ContactOutcome, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&outcome.code)
}

fn outcome_of_code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<&'static ContactOutcome, D::Error> {
    let code = String::deserialize(deserializer)?;
    contacts::outcome(&code).ok_or_else(|| serde::de::Error::custom("no such outcome"))
}

fn reason_code<S: Serializer>(reason: &Option<&'static UnsuitableReason>, serializer: S) -> Result<S::Ok, S::Error> {
    reason.map(|reason| reason.code.as_str()).serialize(serializer)
}

fn reason_of_code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'static UnsuitableReason>, D::Error> {
    let code = Option::<String>::deserialize(deserializer)?;
    let known =
        |code: String| contacts::unsuitable_reason(&code).ok_or_else(|| serde::de::Error::custom("no such reason"));
    code.map(known).transpose()
}

#[cfg(test)]
pub(crate) fn sample(person: u32, on: &str, outcome: &str) -> Contact {
    Contact {
        contact_id: format!("c-{person}-{on}"),
        person_id: PersonKey::parse(&format!("{person:064x}")).unwrap(),
        team_id: "coach-31".into(),
        pathway: PathwayId::Coaching,
        user_id: "u-01".into(),
        worklist_run_id: Some("2026-11-20.1".into()),
        contacted_on: Day::parse(on).unwrap(),
        outcome: contacts::outcome(outcome).unwrap(),
        unsuitable_reason: None,
        snooze_until: None,
        programme_end: None,
    }
}
