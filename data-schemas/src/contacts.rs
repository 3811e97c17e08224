//! What may come of a coach's contact with somebody, and what it does to the lists: declared once in
//! `contacts/outcomes.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::{pathways::PathwayId, table::TableSpec};

/// What an outcome does to the lists from the next night on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Accepted: on the programme of a pathway and on none of its lists; one of the week's places of its team is taken.
    Programme,
    /// Nobody was reached: the place on the list is kept until there were as many as the settings allow.
    Attempt,
    /// Reached, and to be called again: the place is kept.
    CallBack,
    /// On no list of the pathway whose team called, for a while.
    Rest,
    /// Dead: noted at once.
    Death,
}

/// A value of `coach_contacts.outcome`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactOutcome {
    /// The word in files.
    pub code: String,
    /// The words that a coach chooses.
    pub words: String,
    /// What it does.
    pub effect: Effect,
    /// The pathway that is accepted, where one is.
    pub of_pathway: Option<PathwayId>,
    /// How long it does so, in days; none: for good.
    pub days: Option<i32>,
    /// Whether somebody is called first once it is over.
    #[serde(default)]
    pub keeps_place: bool,
    /// Why somebody is on no list because of it; nothing in it is sensitive.
    pub told: String,
    /// What comes of choosing it, in a sentence for a coach.
    pub meaning: String,
}

impl ContactOutcome {
    /// What it does to the lists of a pathway: what is accepted is a programme of its own pathway, and keeps somebody off the
    /// lists of another whose team heard of it.
    ///
    /// # Example
    /// ```
    /// use earlycall_schemas::{contacts::{Effect, outcome}, pathways::PathwayId};
    /// let ward = outcome("accepted_virtual_ward").unwrap();
    /// assert_eq!(ward.effect_in(PathwayId::VirtualWard), Effect::Programme);
    /// assert_eq!(ward.effect_in(PathwayId::Coaching), Effect::Rest);
    /// ```
    pub fn effect_in(&self, pathway: PathwayId) -> Effect {
        match self.of_pathway {
            Some(of) if of != pathway => Effect::Rest,
            _ => self.effect,
        }
    }
}

/// A value of `coach_contacts.unsuitable_reason`. Never told to anybody.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnsuitableReason {
    /// The word in files.
    pub code: String,
    /// The words that a coach chooses.
    pub words: String,
    /// How long somebody is on no list for it, in days; none: for good.
    pub days: Option<i32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    outcome: Vec<ContactOutcome>,
    unsuitable_reason: Vec<UnsuitableReason>,
}

static FILE: LazyLock<File> =
    LazyLock::new(|| crate::embedded::parse_toml("contacts/outcomes.toml", crate::embedded::CONTACT_OUTCOMES));

static TABLE: LazyLock<TableSpec> =
    LazyLock::new(|| crate::embedded::parse_toml("contacts/coach_contacts.toml", crate::embedded::COACH_CONTACTS));

/// The table in which contacts are handed in; no delivery brings it.
pub fn coach_contacts() -> &'static TableSpec {
    &TABLE
}

/// Every outcome, in the order in which a coach is offered it.
pub fn outcomes() -> &'static [ContactOutcome] {
    &FILE.outcome
}

/// The outcome of a code; anything else is `None`.
///
/// # Example
/// ```
/// use earlycall_schemas::contacts::{Effect, outcome};
/// let declined = outcome("declined").unwrap();
/// assert_eq!((declined.effect, declined.days), (Effect::Rest, Some(180)));
/// assert_eq!(outcome("did not want to"), None);
/// ```
pub fn outcome(code: &str) -> Option<&'static ContactOutcome> {
    outcomes().iter().find(|outcome| outcome.code == code)
}

/// What it is called that somebody accepts a pathway.
pub fn acceptance_of(pathway: PathwayId) -> &'static ContactOutcome {
    outcomes().iter().find(|outcome| outcome.of_pathway == Some(pathway)).expect("every pathway can be accepted")
}

/// Every reason for which somebody is unsuitable, in the order in which a coach is offered it.
pub fn unsuitable_reasons() -> &'static [UnsuitableReason] {
    &FILE.unsuitable_reason
}

/// The reason of a code; anything else is `None`.
pub fn unsuitable_reason(code: &str) -> Option<&'static UnsuitableReason> {
    unsuitable_reasons().iter().find(|reason| reason.code == code)
}

/// The outcome of the words that a coach chose, in any case and with blanks around; anything else is `None`.
///
/// # Example
/// ```
/// use earlycall_schemas::contacts::outcome_in_words;
/// assert_eq!(outcome_in_words(" NO ANSWER ").unwrap().code, "no_answer");
/// assert_eq!(outcome_in_words("not in the list"), None);
/// ```
pub fn outcome_in_words(words: &str) -> Option<&'static ContactOutcome> {
    outcomes().iter().find(|outcome| is_said(&outcome.words, words))
}

/// The reason of the words that a coach chose, likewise.
pub fn unsuitable_reason_in_words(words: &str) -> Option<&'static UnsuitableReason> {
    unsuitable_reasons().iter().find(|reason| is_said(&reason.words, words))
}

/// Every outcome and every reason, with what it does, as Markdown.
pub fn contacts_markdown() -> String {
    let mut text = String::from(
        "# What coaches find\n\nWhat may come of a contact, and what it does to the lists from the next night on. A coach \
         chooses the words in the Excel file of a worklist; `coach_contacts` has the code ([tables](tables.md)). \
         `[contacts.days]` sets other days.\n\n\
         | words | code | effect | days | what comes of it |\n|---|---|---|---:|---|\n",
    );
    let days = |days: Option<i32>| days.map_or("for good".to_owned(), |days| days.to_string());
    for ContactOutcome { words, code, effect, days: lasts, meaning, .. } in outcomes() {
        let (does, lasts) = match effect {
            Effect::Programme => ("on the programme of what is accepted", days(*lasts)),
            Effect::Attempt => ("keeps the place; rests after the last attempt", days(*lasts)),
            Effect::CallBack => ("keeps the place", days(*lasts)),
            Effect::Rest => ("on no list", days(*lasts)),
            Effect::Death => ("off every list at once", "for good".to_owned()),
        };
        text.push_str(&format!("| {words} | `{code}` | {does} | {lasts} | {meaning} |\n"));
    }
    text.push_str("\n## Why somebody is unsuitable\n\nNever told to anybody.\n\n| words | code | days on no list |\n|---|---|---:|\n");
    for UnsuitableReason { words, code, days: lasts } in unsuitable_reasons() {
        text.push_str(&format!("| {words} | `{code}` | {} |\n", days(*lasts)));
    }
    text
}

fn is_said(known: &str, words: &str) -> bool {
    known.eq_ignore_ascii_case(words.trim())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_table_declares_the_codes_that_do_something() {
        let declared = |column: &str| coach_contacts().column(column).unwrap().one_of.clone();
        assert_eq!(declared("outcome"), outcomes().iter().map(|outcome| outcome.code.clone()).collect::<Vec<_>>());
        let reasons: Vec<String> = unsuitable_reasons().iter().map(|reason| reason.code.clone()).collect();
        assert_eq!(declared("unsuitable_reason"), reasons);
    }

    #[test]
    fn every_outcome_and_reason_is_documented() {
        let text = contacts_markdown();
        assert!(text.contains("| Declined | `declined` | on no list | 180 |"));
        assert!(text.contains("| Safeguarding | `safeguarding` | for good |"));
        assert_eq!(text.matches("\n| ").count(), outcomes().len() + unsuitable_reasons().len() + 2);
    }

    #[test]
    fn codes_and_words_are_told_apart() {
        let codes: BTreeSet<&str> = outcomes().iter().map(|outcome| outcome.code.as_str()).collect();
        let words: BTreeSet<String> = outcomes().iter().map(|outcome| outcome.words.to_lowercase()).collect();
        assert_eq!((codes.len(), words.len()), (outcomes().len(), outcomes().len()));
        for one in outcomes() {
            assert_eq!(outcome_in_words(&one.words), Some(one));
        }
        for one in unsuitable_reasons() {
            assert_eq!(unsuitable_reason_in_words(&one.words), unsuitable_reason(&one.code));
        }
    }

    #[test]
    fn each_pathway_can_be_accepted_and_only_what_is_accepted_is_of_one() {
        let accepted: Vec<&ContactOutcome> =
            outcomes().iter().filter(|outcome| outcome.effect == Effect::Programme).collect();
        assert_eq!(
            accepted.iter().filter_map(|outcome| outcome.of_pathway).collect::<Vec<_>>(),
            PathwayId::ALL.to_vec()
        );
        assert_eq!(outcomes().iter().filter(|outcome| outcome.of_pathway.is_some()).count(), accepted.len());
    }

    #[test]
    fn whoever_keeps_a_place_does_so_for_some_days_and_whoever_is_reached_no_more_for_good() {
        assert!(outcomes().iter().filter(|outcome| outcome.keeps_place).all(|outcome| outcome.days.is_some()));
        let lasting = |effect| outcomes().iter().filter(move |outcome| outcome.effect == effect);
        assert!(lasting(Effect::Attempt).chain(lasting(Effect::CallBack)).all(|outcome| outcome.keeps_place));
        assert!(lasting(Effect::Programme).all(|outcome| outcome.days.is_some() && !outcome.keeps_place));
        assert!(outcomes().iter().filter_map(|outcome| outcome.days).all(|days| days > 0));
    }

    #[test]
    fn the_words_of_each_fit_a_drop_down_list_of_excel() {
        // A list that stands in the rule itself has room for 255 characters, commas between them counted.
        let reasons: usize = unsuitable_reasons().iter().map(|reason| reason.words.len() + 1).sum();
        let outcomes: usize = outcomes().iter().map(|outcome| outcome.words.len() + 1).sum();
        assert!(reasons <= 256 && outcomes <= 256, "{reasons}, {outcomes}");
    }
}
