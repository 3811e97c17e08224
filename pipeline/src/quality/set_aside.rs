//! Breaches that somebody answers for: what was found, with its numbers, and who lets it pass, why, and until when.

use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Kind, Result},
    quality::finding::{Finding, TOLD_EACH, more_providers},
    settings::overrides::Override,
};

/// Its name, beside `quality.json` of the delivery.
pub const FILE: &str = "set_aside.json";

/// A breach, and who answers for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    /// What was found.
    pub finding: Finding,
    /// Who lets it pass.
    pub by: Override,
}

impl SetAside {
    /// One line for the screen: where, which rule, the numbers, who, until when and why.
    pub fn in_words(&self) -> String {
        let Override { name, until, reason, .. } = &self.by;
        format!("{}; {name} lets it pass until {}: {reason}", self.finding.text(), until.in_words())
    }
}

/// Breaches in a fixed order, by rule, table and provider: one that was found in two ways is one.
pub fn in_order(breaches: impl Iterator<Item = SetAside>) -> Vec<SetAside> {
    let mut breaches: Vec<SetAside> = breaches.collect();
    let key = |one: &SetAside| {
        let Finding { rule, table, provider, message, .. } = one.finding.clone();
        (rule, table, provider, message)
    };
    breaches.sort_by_key(key);
    breaches.dedup();
    breaches
}

/// Breaches as lines for the screen, in their order; many of one kind are told in short, and all stand in `quality.json`.
pub fn lines(breaches: &[SetAside]) -> Vec<String> {
    let mut lines = Vec::new();
    let kind = |one: &SetAside| (one.finding.rule, one.finding.table.clone(), one.by.clone());
    for alike in breaches.chunk_by(|a, b| kind(a) == kind(b)) {
        lines.extend(alike.iter().take(TOLD_EACH).map(SetAside::in_words));
        if alike.len() > TOLD_EACH {
            let (Finding { rule, table, .. }, name) = (&alike[0].finding, &alike[0].by.name);
            let more = more_providers(alike.len() - TOLD_EACH);
            lines.push(format!("{table}, rule {rule}: {more} like these that {name} lets pass"));
        }
    }
    lines
}

/// The file's bytes.
pub fn to_bytes(breaches: &[SetAside]) -> Vec<u8> {
    serde_json::to_vec_pretty(breaches).expect("breaches are plain data")
}

/// Reads the file.
///
/// # Errors
/// * [`Kind::Storage`] when it is no list of breaches.
pub fn parse(bytes: &[u8]) -> Result<Vec<SetAside>> {
    serde_json::from_slice(bytes).map_err(|_| {
        Error::new(Kind::Storage, "is not a list of breaches that were set aside")
            .file(FILE)
            .hint("point [state] at an empty folder and run again; the deliveries are settled anew")
    })
}

#[cfg(test)]
mod tests {
    use earlycall_schemas::rules::Action;

    use super::*;
    use crate::day::Day;

    fn breach(provider: usize, name: &str) -> SetAside {
        let message = format!("has {provider} sound rows in place of the 900 of the full delivery before");
        let (table, provider) = ("gp_events".to_owned(), Some(format!("F8400{provider}")));
        let finding = Finding { rule: "V32", action: Action::File, table, provider, message };
        let by = Override {
            rule: "V32".to_owned(),
            table: None,
            provider: None,
            name: name.to_owned(),
            reason: "the practice has split".to_owned(),
            until: Day::parse("2026-12-01").unwrap(),
        };
        SetAside { finding, by }
    }

    #[test]
    fn a_breach_that_is_set_aside_is_told_with_its_numbers_and_who_answers_for_it() {
        assert_eq!(
            breach(1, "A. Engineer").in_words(),
            "gp_events of F84001, rule V32: has 1 sound rows in place of the 900 of the full delivery before; A. Engineer \
             lets it pass until 1 December 2026: the practice has split"
        );
    }

    #[test]
    fn many_of_one_kind_are_told_in_short() {
        let mut breaches: Vec<SetAside> = (1..=5).map(|n| breach(n, "A. Engineer")).collect();
        breaches.push(breach(6, "B. Engineer"));
        let lines = lines(&breaches);
        assert_eq!(lines.len(), 5);
        assert_eq!(lines[3], "gp_events, rule V32: 2 more providers like these that A. Engineer lets pass");
        assert!(lines[4].contains("B. Engineer"));
    }

    #[test]
    fn what_is_written_reads_back_and_anything_else_is_refused() {
        let breaches = vec![breach(1, "A. Engineer"), breach(2, "B. Engineer")];
        assert_eq!(parse(&to_bytes(&breaches)), Ok(breaches.clone()));
        let unknown = String::from_utf8(to_bytes(&breaches)).unwrap().replacen("\"V32\"", "\"V99\"", 1);
        assert_eq!(parse(unknown.as_bytes()).unwrap_err().kind(), Kind::Storage);
        assert_eq!(parse(b"[{}]").unwrap_err().kind(), Kind::Storage);
    }
}
