//! What a line of the audit says.

use serde::{Deserialize, Serialize};

/// What an entry is about.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A table was loaded.
    Load(Loaded),
    /// Somebody asked who a person is.
    Show(Asked),
}

/// A table that was loaded.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Loaded {
    /// The file that keeps it.
    pub table: String,
    /// Rows.
    pub rows: u64,
    /// SHA-256 of the file that was handed in.
    pub sha256: String,
}

/// A question, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Who asked, as `user_access` knows them; none where the settings do not know the user.
    pub user_id: Option<String>,
    /// Of which team's list.
    pub team_id: String,
    /// Of which line.
    pub person_ref: String,
    /// Why.
    pub reason: String,
    /// `granted`, or why not.
    pub outcome: Outcome,
}

/// What came of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was told who the person is.
    Granted,
    /// The settings do not know the user.
    UnknownUser,
    /// `user_access` gives them nothing to do with the team.
    NoRight,
    /// Not on this day.
    NotToday,
    /// Not in their role.
    MayNotReidentify,
    /// They were told of as many people today as one may be.
    DayIsFull,
    /// Nobody has this reference in this team.
    NoSuchReference,
    /// Two people have it.
    SharedReference,
    /// Their practice alone may tell.
    Confidential,
    /// It could not be looked up.
    Failed,
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Which one it is; the first is 1.
    pub n: u64,
    /// When.
    pub at: String,
    /// The user of the system.
    pub login: String,
    /// What happened.
    pub what: What,
    /// SHA-256 of the settings that held.
    pub settings: String,
    /// SHA-256 of the line before.
    pub previous: String,
}

/// How many lines there are, and the SHA-256 of the last.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Lines.
    pub entries: u64,
    /// SHA-256 of the last one.
    pub sha256: String,
}
