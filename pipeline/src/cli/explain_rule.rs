//! `earlycall explain rule V12`: a page about a rule.

use earlycall_schemas::{
    reference::rule_page,
    rules::{rule, rules},
};

use super::usage;
use crate::{
    error::Result,
    settings::{Settings, mistyped},
};

/// Tells what a rule checks, why, with which limits, and what to do. The limits are those of a service, where there is
/// one.
pub(super) fn explain_rule(id: &str, settings: &Settings) -> Result<()> {
    let Some(rule) = rule(id) else {
        let known: Vec<&str> = rules().iter().map(|rule| rule.id.as_str()).collect();
        let hint = mistyped(id, &known, &format!("All rules: {}", known.join(" ")));
        return Err(usage(&format!("there is no rule `{id}`")).hint(hint));
    };
    let page = rule_page(rule, |name| settings.rules.limit(&rule.id, name));
    tell!("{}: {}", rule.id, page.trim_end());
    Ok(())
}
