//! `earlycall explain rule V12`: a page about a rule.

use earlycall_schemas::{
    reference::rule_page,
    rules::{Elsewhere, elsewhere, rule, rules},
};

use super::usage;
use crate::{
    error::Result,
    settings::{Settings, mistyped},
};

/// Tells what a rule checks, why, with which limits, and what to do. The limits are those of a service, where there is
/// one.
pub(super) fn explain_rule(asked: &str, settings: &Settings) -> Result<()> {
    tell!("{}", page(asked, settings)?);
    Ok(())
}

/// The page about a rule, however its id is written; of a rule of the specification about a table that no delivery
/// brings, what becomes of it.
fn page(asked: &str, settings: &Settings) -> Result<String> {
    let id = asked.to_ascii_uppercase();
    if let Some(rule) = rule(&id) {
        let page = rule_page(rule, |name| settings.rules.limit(&rule.id, name));
        return Ok(format!("{}: {}", rule.id, page.trim_end()));
    }
    if let Some(Elsewhere { id, tables, why }) = elsewhere().iter().find(|unread| unread.id == id) {
        return Ok(format!("{id}: not checked in deliveries, none of which brings {}.\n\n{why}", tables.join(" or ")));
    }
    let known: Vec<&str> = rules().iter().map(|rule| rule.id.as_str()).collect();
    let hint = mistyped(&id, &known, &format!("All rules: {}", known.join(" ")));
    Err(usage(&format!("there is no rule `{asked}`")).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(asked: &str) -> String {
        page(asked, &Settings::default()).unwrap_or_else(|error| error.to_string())
    }

    #[test]
    fn a_rule_has_its_page_however_its_id_is_written() {
        assert!(told("V12").starts_with("V12: A stay ends on or after its admission"), "{}", told("V12"));
        assert_eq!(told("v12"), told("V12"));
        assert_eq!(told("Cohort"), told("COHORT"));
    }

    #[test]
    fn every_rule_that_a_message_quotes_has_a_page() {
        assert!(told("R6").contains("ndo_exemption"));
        assert!(told("r31").contains("is_synthetic"));
    }

    #[test]
    fn a_rule_about_a_table_that_no_delivery_brings_says_so() {
        let expected = "V24: not checked in deliveries, none of which brings identity_map.\n\nThe check digit";
        assert!(told("v24").starts_with(expected), "{}", told("v24"));
    }

    #[test]
    fn a_rule_that_there_is_not_names_the_nearest() {
        let told = told("cohrt");
        assert!(told.contains("there is no rule `cohrt`"), "{told}");
        assert!(told.contains("did you mean `COHORT`? All rules: V01 V02"), "{told}");
    }
}
