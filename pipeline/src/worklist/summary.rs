//! How a team's weeks go, for its lead: counts and nobody's name.

use serde::{Deserialize, Serialize};

/// What a lead is told beside the list itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Summary {
    /// Of those on the list a week before, how many were contacted within seven days; none where there was no such list.
    pub contacted_in_a_week: Option<Contacted>,
    /// Contacts of the last 28 days, by what came of them, in the order of the outcomes; only those there were.
    pub outcomes: Vec<(String, u64)>,
    /// Who is listed, of those who could be, by group.
    pub reach: Vec<Reach>,
    /// People whom a rule finds and who are left to a service that looks after them already, by what the service is called;
    /// only those there are.
    #[serde(default)]
    pub left_to: Vec<(String, u64)>,
    /// Places that are kept for some.
    #[serde(default)]
    pub floors: Vec<FloorTold>,
}

/// Places of a list that are kept for people of some organisations.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct FloorTold {
    /// The organisations, as the settings name them.
    pub codes: String,
    /// Places that are kept.
    pub kept: u64,
    /// People of these on the list.
    pub listed: u64,
    /// People of these who would be on it, were no place kept.
    pub without: u64,
}

/// How many of some people were contacted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Contacted {
    /// People on that list.
    pub listed: u64,
    /// Of these, people contacted from its day on within seven days.
    pub contacted: u64,
}

/// Who is listed of one group.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Reach {
    /// The characteristic: "sex".
    pub characteristic: String,
    /// The group: "female".
    pub group: String,
    /// People who could be on the team's list.
    pub eligible: u64,
    /// Of these, people who are.
    pub listed: u64,
}
