//! What is found about a table or a delivery as a whole, beyond its single rows.

use earlycall_schemas::rules::{Action, rule};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::error::{Error, Kind};
use crate::quality::tally::Rule;

/// A breach of a rule that no single row could have told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule.
    #[serde(deserialize_with = "declared")]
    pub rule: Rule,
    /// What is done about it.
    #[serde(serialize_with = "in_words", deserialize_with = "from_words")]
    pub action: Action,
    /// The table, or `manifest`.
    pub table: String,
    /// Whose records they are; none where it is about everybody's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
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
        let (place, hint) = (self.place(), self.hint());
        Error::refused(self.message, hint).file(place).rule(self.rule)
    }

    /// The same as what holds a night.
    pub fn into_hold(self) -> Error {
        let (place, rule) = (self.place(), self.rule);
        let hint = format!("{}; `earlycall explain rule {rule}` tells more", self.hint());
        Error::new(Kind::Held, self.message).file(place).rule(rule).hint(hint)
    }

    /// What to do about it: the hint of the rule, in which TABLE stands for the table.
    fn hint(&self) -> String {
        what_to_do(self.rule).replace("TABLE", &self.table)
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

/// What a rule's declaration says to do about a breach.
fn what_to_do(id: Rule) -> &'static str {
    rule(id).expect("only declared rules are found broken").hint.trim_end_matches('.')
}

/// Findings that are told one by one, of those under one rule about one table.
pub(crate) const TOLD_EACH: usize = 3;

/// Findings as lines for the screen, in their order; many of one kind are told in short.
pub fn lines(findings: &[Finding]) -> Vec<String> {
    let mut lines = Vec::new();
    for alike in findings.chunk_by(|a, b| (a.rule, a.action, &a.table) == (b.rule, b.action, &b.table)) {
        let kind = if alike[0].refuses() { "holds the night" } else { "warning" };
        lines.extend(alike.iter().take(TOLD_EACH).map(|finding| format!("{kind}: {}", finding.text())));
        if alike.len() > TOLD_EACH {
            let more = alike.len() - TOLD_EACH;
            let providers = more_providers(more);
            lines.push(format!("{kind}: {}, rule {}: {providers} like these", alike[0].table, alike[0].rule));
        }
    }
    lines
}

/// "1 more provider", "7 more providers".
pub(super) fn more_providers(n: usize) -> String {
    format!("{n} more {}", if n == 1 { "provider" } else { "providers" })
}

/// Providers or tables that are named one by one where there may be many.
const NAMED: usize = 3;

/// "RF4", "RF4 and R1H", "RF4, R1H and R1K", "RF4, R1H, R1K and 7 more".
pub(crate) fn listed(names: &[&str]) -> String {
    let more = names.len().saturating_sub(NAMED);
    let mut named: Vec<String> = names.iter().take(NAMED).map(|name| (*name).to_owned()).collect();
    named.extend((more > 0).then(|| format!("{more} more")));
    match named.split_last() {
        Some((last, first)) if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => named.concat(),
    }
}

/// A share as messages and pages tell it: "2.5%"; of what is there and still rounds to nothing, "under 0.1%".
pub(crate) fn percent(share: f64) -> String {
    if share > 0.0 && share < 0.0005 { "under 0.1%".to_owned() } else { format!("{:.1}%", 100.0 * share) }
}

fn in_words<S: Serializer>(action: &Action, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(action)
}

fn from_words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Action, D::Error> {
    let words = String::deserialize(deserializer)?;
    let action = [Action::Run, Action::File, Action::Row, Action::Fix, Action::Warn];
    action.into_iter().find(|action| action.to_string() == words).ok_or_else(|| de::Error::custom("no action"))
}

fn declared<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Rule, D::Error> {
    let id = String::deserialize(deserializer)?;
    rule(&id).map(|rule| rule.id.as_str()).ok_or_else(|| de::Error::custom("no rule"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_that_is_there_is_never_told_as_nothing() {
        assert_eq!([0.0, 0.0004, 0.0005, 0.025, 1.0].map(percent), ["0.0%", "under 0.1%", "0.1%", "2.5%", "100.0%"]);
    }

    #[test]
    fn of_many_names_the_first_three_are_told() {
        assert_eq!(listed(&["R1H"]), "R1H");
        assert_eq!(listed(&["R1H", "RF4"]), "R1H and RF4");
        assert_eq!(listed(&["R1H", "R1K", "RF4", "RJ1"]), "R1H, R1K, RF4 and 1 more");
    }

    #[test]
    fn many_findings_of_one_kind_are_told_in_short() {
        let finding = |rule, action, n: usize| {
            let (table, provider) = ("gp_events".to_owned(), Some(format!("F8400{n}")));
            Finding { rule, action, table, provider, message: "stops".to_owned() }
        };
        let mut found = vec![finding("V32", Action::Run, 1)];
        found.extend((1..=5).map(|n| finding("V33", Action::Warn, n)));
        assert_eq!(
            lines(&found),
            [
                "holds the night: gp_events of F84001, rule V32: stops",
                "warning: gp_events of F84001, rule V33: stops",
                "warning: gp_events of F84002, rule V33: stops",
                "warning: gp_events of F84003, rule V33: stops",
                "warning: gp_events, rule V33: 2 more providers like these",
            ]
        );
    }
}
