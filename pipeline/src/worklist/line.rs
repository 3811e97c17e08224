//! One line of a worklist, one team's list, and a whole night's lists: what every format writes.

use std::collections::BTreeMap;

use earlycall_schemas::pathways::{Pathway, PathwayId, pathways};
use serde::{Deserialize, Serialize};

use super::{contributions::Contribution, history::Past, summary::Summary, waiting::Waiting};
use crate::day::Day;

/// How urgent the model finds a person among all who were scored. Ordered from low to very high.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    /// The rest.
    Low,
    /// Top 5 to 20%.
    Moderate,
    /// Top 2 to 5%, or up 5 points.
    Rising,
    /// Top 0.5 to 2%.
    High,
    /// Top 0.5%.
    VeryHigh,
}

impl Band {
    /// The word in files: `very_high`.
    pub fn code(self) -> &'static str {
        match self {
            Band::Low => "low",
            Band::Moderate => "moderate",
            Band::Rising => "rising",
            Band::High => "high",
            Band::VeryHigh => "very_high",
        }
    }

    /// Every band, from very high to low.
    pub const ALL: [Band; 5] = [Band::VeryHigh, Band::High, Band::Rising, Band::Moderate, Band::Low];

    /// The band of a word in files; anything else is `None`.
    pub fn from_code(code: &str) -> Option<Band> {
        Band::ALL.into_iter().find(|band| band.code() == code)
    }

    /// What the band means, in a sentence for a coach.
    pub fn meaning(self) -> &'static str {
        match self {
            Band::VeryHigh => "One of the 5 in every 1,000 people with the highest risk.",
            Band::High => "One of the 2 in every 100 people with the highest risk, but not very high.",
            Band::Rising => {
                "One of the 5 in every 100 people with the highest risk, or up 5 points or more since the night before."
            }
            Band::Moderate => "One of the 20 in every 100 people with the highest risk.",
            Band::Low => "Everybody else.",
        }
    }

    /// The word for people: "Very high".
    pub fn in_words(self) -> &'static str {
        match self {
            Band::Low => "Low",
            Band::Moderate => "Moderate",
            Band::Rising => "Rising",
            Band::High => "High",
            Band::VeryHigh => "Very high",
        }
    }
}

/// One person on one list. Every text is ready to be read by a coach; nothing in it is sensitive.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Line {
    /// 1 is to be called first.
    pub line_no: u32,
    /// Ten characters that stand for the person within this team.
    pub person_ref: String,
    /// "72", or "90 or over".
    pub age: String,
    /// "Female", "Male", "Not known", …
    pub sex: String,
    /// "Practice F99901 (F99901)", or "No data", or "Withheld" for a confidential record.
    pub practice: String,
    /// Borough by name, "No data" or "Withheld".
    pub borough: String,
    /// Area of the integrated neighbourhood team by name, "No data" or "Withheld".
    #[serde(default)]
    pub neighbourhood: String,
    /// ODS code of the primary care network, "No data" or "Withheld".
    #[serde(default)]
    pub pcn: String,
    /// "Speaks Bengali; interpreter needed", "None recorded", "No data", or "Withheld".
    pub contact_hint: String,
    /// Each with first year and origin: "COPD (since 2019, GP record)".
    pub conditions: Vec<String>,
    /// Probability at the horizon, 0 to 1; none on a line whose person was removed.
    pub risk: Option<f64>,
    /// "34 in 100".
    pub risk_in_words: String,
    /// Band of the risk; none on a line whose person was removed.
    pub band: Option<Band>,
    /// "up 5 points", "no change", "new on this list"; never a sign.
    pub change: String,
    /// The facts behind it, at most two.
    #[serde(default)]
    pub change_facts: Vec<String>,
    /// The risk over the nights, oldest first, tonight last; those of another model are not among them.
    #[serde(default)]
    pub history: Vec<Past>,
    /// Not on this team's list the night before.
    pub is_new: bool,
    /// What came of calls so far: "Tried once, on 20 November 2026: no answer".
    #[serde(default)]
    pub contact: String,
    /// Called before those who were not: tried or spoken to, and not done with.
    #[serde(default)]
    pub is_carried_over: bool,
    /// Which rules of the pathway put them here, with what they found.
    #[serde(default)]
    pub why_listed: Vec<String>,
    /// Up to four sentences, each a fact with a date.
    pub reasons: Vec<String>,
    /// Band of the Hospital Frailty Risk Score: [`FRAILTY_HIGH`], "Intermediate", "Low", "Not scored below 75 years" or "No
    /// data".
    #[serde(default)]
    pub frailty: String,
    /// Use of hospital and A&E, in sentences.
    pub recent_use: Vec<String>,
    /// Checks and medicines that are due by the GP record, in sentences, the most urgent first; or "No data".
    #[serde(default)]
    pub care_gaps: Vec<String>,
    /// Who looks after them already, each with a day, and of whom there are no data; empty where there are none of anybody.
    #[serde(default)]
    pub looked_after: Vec<String>,
    /// Other pathways whose rules find them, each with what it found and on whose list they are.
    #[serde(default)]
    pub other_pathways: Vec<String>,
    /// "In hospital now (R1H, since 3 May 2026)", "Care home", "Dementia", …
    pub flags: Vec<String>,
    /// What is missing or old about this line's data: "Hospital record only".
    pub badges: Vec<String>,
    /// What makes up the risk, from the average person; none on a line whose person was removed.
    #[serde(default)]
    pub contributions: Vec<Contribution>,
}

/// The highest band of frailty.
pub const FRAILTY_HIGH: &str = "High";
/// Stands in every cell about somebody who was removed from a list that was published.
pub const REMOVED: &str = "Removed";
/// Says what to do about such a line.
pub const DO_NOT_CALL: &str = "Removed: do not call";

impl Line {
    /// The line of somebody who was removed after the list was published: the number stays, so that all others keep
    /// theirs, and nothing says whose it was or why.
    pub fn removed(line_no: u32) -> Line {
        let text = || REMOVED.to_owned();
        let texts = || vec![text()];
        Line {
            line_no,
            person_ref: text(),
            age: text(),
            sex: text(),
            practice: text(),
            borough: text(),
            neighbourhood: text(),
            pcn: text(),
            contact_hint: text(),
            conditions: texts(),
            risk: None,
            risk_in_words: text(),
            band: None,
            change: text(),
            change_facts: texts(),
            history: vec![],
            is_new: false,
            contact: text(),
            is_carried_over: false,
            why_listed: texts(),
            reasons: texts(),
            frailty: text(),
            recent_use: texts(),
            care_gaps: texts(),
            looked_after: texts(),
            other_pathways: texts(),
            flags: vec![DO_NOT_CALL.to_owned()],
            badges: texts(),
            contributions: vec![],
        }
    }

    /// Whether its person was removed after the list was published.
    pub fn is_removed(&self) -> bool {
        self.band.is_none()
    }
}

/// One team's list.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct TeamList {
    /// Team, as in `reference_teams`.
    pub team_id: String,
    /// `coaching`, `social_prescribing`, `virtual_ward` or `home_care`.
    pub pathway: String,
    /// New people per week.
    pub weekly_capacity: u32,
    /// People who have accepted this week: so many places are taken.
    #[serde(default)]
    pub n_accepted_this_week: u32,
    /// Scored people whose owner this team is.
    pub n_owned: u64,
    /// In the order in which to call.
    pub lines: Vec<Line>,
    /// Who was on the list before and is not any more: their reference, and why.
    pub left: Vec<(String, String)>,
    /// Who could be called and is on no list yet, in the order in which they would be.
    #[serde(default)]
    pub waiting: Vec<Waiting>,
    /// Who waits and is not shown, by reference, and since when; then `waiting` is empty. Neither order nor risk stands here,
    /// for beside the list these would tell who is held out of it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub waiting_unshown: BTreeMap<String, Day>,
    /// What feeds that stopped mean for this list: whole sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stopped: Vec<String>,
    /// How the team's weeks go.
    #[serde(default)]
    pub summary: Summary,
}

impl TeamList {
    /// What the list is for: "Virtual ward review".
    pub fn pathway_name(&self) -> &str {
        self.declared().map_or(&self.pathway, |pathway| &pathway.name)
    }

    /// Since when each of those who wait does, whether they are shown or not.
    pub fn waiting_since(&self) -> impl Iterator<Item = Day> {
        self.waiting.iter().map(|one| one.since).chain(self.waiting_unshown.values().copied())
    }

    /// Whether it is for coaching.
    pub fn is_coaching(&self) -> bool {
        self.pathway == PathwayId::Coaching.code()
    }

    /// What to know about the list, by its pathway, and about the whole night: whole sentences.
    pub fn notices<'a>(&'a self, page: &'a Page) -> impl Iterator<Item = &'a str> {
        let warning = self.declared().and_then(|pathway| pathway.warning.as_deref());
        warning.into_iter().chain(self.stopped.iter().chain(&page.notices).map(String::as_str))
    }

    fn declared(&self) -> Option<&'static Pathway> {
        Some(&pathways()[PathwayId::of(&self.pathway)?])
    }
}

/// What stands on every page of the night, the same for all teams.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Page {
    /// `2026-11-20.1`: index date and revision.
    pub run_id: String,
    /// Last day that the extracts cover.
    pub index_date: Day,
    /// Window of the prediction.
    pub horizon_days: u32,
    /// Outcome in words: "an unplanned hospital admission".
    pub outcome_in_words: String,
    /// Mean risk of everybody scored, 0 to 1: what a single risk is to be compared with.
    pub average_risk: f64,
    /// Per feed: its name in words, and the last date known ("20 November 2026" or "No data").
    pub data_dates: Vec<(String, String)>,
    /// Feeds that are missing, illustrative code lists, research use, public keys, refused files: whole sentences.
    pub notices: Vec<String>,
    /// Name of the model.
    pub model: String,
}

impl Page {
    /// The sentence on every page and sheet.
    pub fn purpose(&self) -> String {
        format!(
            "Supports a clinician's decision whom to call. Not a diagnosis, not an alarm. Data to {}.",
            self.index_date.in_words()
        )
    }

    /// "List for Saturday 21 November 2026, data to Friday 20 November 2026".
    pub fn title(&self) -> String {
        let list_day = self.index_date + 1;
        format!("List for {}, data to {}", list_day.in_words_with_weekday(), self.index_date.in_words_with_weekday())
    }
}
