//! What is found about a table or a delivery as a whole, beyond its single rows.

use earlycall_schemas::rules::{Action, rule};
use serde::{Serialize, Serializer};

use crate::error::{Error, Kind};
use crate::quality::tally::Rule;

/// A breach of a rule that no single row could have told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// What is done about it.
    #[serde(serialize_with = "in_words")]
    pub action: Action,
    /// The table, or `manifest`.
    pub table: String,
    /// Whose records they are; none where it is about everybody's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// What is wrong, in lower case and without a person's value.
    pub message: String,
}

impl Finding {
    /// Whether nothing can be admitted because of it.
    pub fn refuses(&self) -> bool {
        self.action <= Action::File
    }

    /// The same as a refusal.
    pub fn into_error(self) -> Error {
        let place = self.place();
        let hint = rule(self.rule).map_or("", |rule| &rule.hint);
        Error::new(Kind::Extract, self.message).file(place).rule(self.rule).hint(hint)
    }

    /// The same as what holds a night.
    pub fn into_hold(self) -> Error {
        let place = self.place();
        let hint = rule(self.rule).map_or("", |rule| rule.hint.trim_end_matches('.'));
        Error::new(Kind::Held, self.message).file(place).rule(self.rule).hint(hint)
    }

    /// One line for the screen.
    pub fn text(&self) -> String {
        format!("{}, rule {}: {}", self.place(), self.rule, self.message)
    }

    /// Where it is, in words.
    pub fn place(&self) -> String {
        match &self.provider {
            None => self.table.clone(),
            Some(provider) => format!("{} of {provider}", self.table),
        }
    }
}

fn in_words<S: Serializer>(action: &Action, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(action)
}
