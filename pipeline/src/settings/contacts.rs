//! `[contacts]`: for how long what coaches found decides who is on a list.

use std::collections::BTreeMap;

use earlycall_schemas::contacts::{ContactOutcome, UnsuitableReason, outcomes};
use serde::{Deserialize, Serialize};

use super::mistyped;
use crate::error::{Error, Kind, Result};

/// `[contacts]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Contacts {
    /// After so many attempts one after another somebody rests. At least 1.
    pub attempts_max: u32,
    /// Days by the code of an outcome, where a service sets other ones than are declared.
    pub days: BTreeMap<String, i32>,
}

impl Default for Contacts {
    fn default() -> Contacts {
        Contacts { attempts_max: 3, days: BTreeMap::new() }
    }
}

impl Contacts {
    /// How long an outcome does what it does; none: for good. The days of a reason stand before those of its outcome.
    pub fn days(&self, outcome: &ContactOutcome, reason: Option<&UnsuitableReason>) -> Option<i32> {
        match (reason, self.days.get(&outcome.code)) {
            (Some(reason), _) => reason.days,
            (None, Some(days)) => Some(*days),
            (None, None) => outcome.days,
        }
    }

    /// Checks the numbers, and that every outcome is one that lasts.
    ///
    /// # Errors
    /// * [`Kind::Settings`] for what is out of range or no outcome.
    pub fn check(&self) -> Result<()> {
        let wrong = |key: &str, rule: &str| Error::new(Kind::Settings, rule).setting(format!("contacts.{key}"));
        if !(1..=20).contains(&self.attempts_max) {
            return Err(wrong("attempts_max", "must be 1 to 20"));
        }
        let lasting = outcomes().iter().filter(|outcome| outcome.days.is_some());
        let known: Vec<&str> = lasting.map(|outcome| outcome.code.as_str()).collect();
        for (code, days) in &self.days {
            if !known.contains(&code.as_str()) {
                let hint = mistyped(code, &known, &format!("there are: {}", known.join(", ")));
                return Err(wrong(&format!("days.{code}"), "no outcome that lasts has this code").hint(hint));
            }
            if !(1..=3650).contains(days) {
                return Err(wrong(&format!("days.{code}"), "must be 1 to 3650"));
            }
        }
        Ok(())
    }
}
