//! `[rules.ID]`: the limits of rules, where a service sets them itself.

use std::collections::BTreeMap;

use earlycall_schemas::rules::{rule, rules};
use serde::{Deserialize, Serialize};

use super::mistyped;
use crate::error::{Error, Kind, Result};

/// Limits by rule and name; those that are not set are as declared.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Rules(BTreeMap<String, BTreeMap<String, f64>>);

impl Rules {
    /// A limit of a rule.
    ///
    /// # Panics
    /// If the rule declares no such limit.
    ///
    /// # Example
    /// ```
    /// use earlycall::settings::Settings;
    /// use std::path::Path;
    /// let settings = Settings::parse("[rules.V07]\ngp_share = 0.01", Path::new("/srv")).unwrap();
    /// assert_eq!(settings.rules.limit("V07", "gp_share"), 0.01);
    /// assert_eq!(settings.rules.limit("V07", "other_share"), 0.15);
    /// let error = Settings::parse("[rules.V07]\ngp_shar = 0.01", Path::new("/srv")).unwrap_err();
    /// assert!(error.to_string().contains("did you mean `gp_share`"));
    /// ```
    pub fn limit(&self, id: &str, name: &str) -> f64 {
        let declared = || rule(id).and_then(|rule| rule.limits.get(name)).expect("a declared limit").default;
        self.0.get(id).and_then(|limits| limits.get(name)).copied().unwrap_or_else(declared)
    }

    /// Holds what is set against what is declared.
    ///
    /// # Errors
    /// * [`Kind::Settings`] when a rule or a limit does not exist, or a limit is no number of 0 or more.
    pub(super) fn check(&self) -> Result<()> {
        for (id, limits) in &self.0 {
            let known: Vec<&str> =
                rules().iter().filter(|rule| !rule.limits.is_empty()).map(|rule| rule.id.as_str()).collect();
            let Some(rule) = rule(id).filter(|rule| !rule.limits.is_empty()) else {
                return Err(unknown(format!("rules.{id}"), "no rule with limits has this name", id, &known));
            };
            for (name, limit) in limits {
                let key = format!("rules.{id}.{name}");
                let known: Vec<&str> = rule.limits.keys().map(String::as_str).collect();
                if !rule.limits.contains_key(name) {
                    return Err(unknown(key, "the rule has no limit of this name", name, &known));
                }
                if !(limit.is_finite() && *limit >= 0.0) {
                    return Err(Error::new(Kind::Settings, "must be a number of 0 or more").setting(key));
                }
            }
        }
        Ok(())
    }
}

pub(super) fn unknown(key: String, message: &str, name: &str, known: &[&str]) -> Error {
    let hint = mistyped(name, known, &format!("There are: {}", known.join(", ")));
    Error::new(Kind::Settings, message).setting(key).hint(hint)
}
