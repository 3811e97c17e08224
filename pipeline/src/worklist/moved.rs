//! Why a risk moved since the night before: the facts of which the model makes more, or less, than it did then.

use std::collections::{BTreeMap, BTreeSet};

/// Most facts that are told of one move.
const TOLD_MAX: usize = 2;
/// Smallest change of a contribution to the log-odds that is told: some 5% more or less than the odds were.
const TOLD_FROM: f64 = 0.05;

/// What the model said of somebody on one night: by statement the contribution to the log-odds, and the sentence that
/// tells the facts, for statements that have one. What is sensitive or missing has none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    /// By statement.
    pub contributions: BTreeMap<String, f64>,
    /// By statement.
    pub sentences: BTreeMap<String, String>,
}

/// The facts behind a move from one night to the next, those first that moved it most; only such as moved it the way it
/// went. Nothing is told of what has no sentence, nor where the same sentence held on both nights.
///
/// # Example
/// ```
/// use earlycall::worklist::moved::{Said, facts};
/// let said = |contribution, sentence: &str| Said {
///     contributions: [("ae".to_owned(), contribution)].into(),
///     sentences: [("ae".to_owned(), sentence.to_owned())].into(),
/// };
/// let (then, now) = (said(0.1, "1 A&E attendance"), said(0.4, "2 A&E attendances"));
/// assert_eq!(facts(&now, &then), ["2 A&E attendances"]);
/// assert_eq!(facts(&then, &now), ["now: 1 A&E attendance (before: 2 A&E attendances)"]);
/// assert!(facts(&now, &now).is_empty());
/// ```
pub fn facts(now: &Said, before: &Said) -> Vec<String> {
    let statements: BTreeSet<&String> = now.contributions.keys().chain(before.contributions.keys()).collect();
    let of = |said: &Said, statement: &String| said.contributions.get(statement).copied().unwrap_or(0.0);
    let change = |statement| (statement, of(now, statement) - of(before, statement));
    let mut moved: Vec<(&String, f64)> = statements.into_iter().map(change).collect();
    let total: f64 = moved.iter().map(|(_, change)| change).sum();
    moved.retain(|(_, change)| change.abs() >= TOLD_FROM && change.signum() == total.signum());
    moved.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then(a.0.cmp(b.0)));
    let told = moved.into_iter().filter_map(|(statement, change)| {
        let [now, before] = [now, before].map(|said| said.sentences.get(statement));
        if change > 0.0 { risen(now, before) } else { fallen(now, before) }
    });
    told.take(TOLD_MAX).collect()
}

/// What has come since then.
fn risen(now: Option<&String>, before: Option<&String>) -> Option<String> {
    now.filter(|now| Some(*now) != before).cloned()
}

/// What has gone, or has grown less.
fn fallen(now: Option<&String>, before: Option<&String>) -> Option<String> {
    match (now, before?) {
        (None, before) => Some(format!("no longer: {before}")),
        (Some(now), before) => (now != before).then(|| format!("now: {now} (before: {before})")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Statements with their contributions, and with a sentence unless that is empty.
    fn said(statements: &[(&str, f64, &str)]) -> Said {
        let sentence = |(name, _, sentence): &(&str, f64, &str)| ((*name).to_owned(), (*sentence).to_owned());
        Said {
            contributions: statements
                .iter()
                .map(|(name, contribution, _)| ((*name).to_owned(), *contribution))
                .collect(),
            sentences: statements.iter().filter(|(_, _, sentence)| !sentence.is_empty()).map(sentence).collect(),
        }
    }

    #[test]
    fn what_moved_the_risk_most_comes_first_and_only_what_moved_it_that_way() {
        let before =
            said(&[("stays", 0.2, "1 stay"), ("ae", 0.1, "1 visit"), ("age", 0.3, "Is 70"), ("bp", 0.4, "High")]);
        let now =
            said(&[("stays", 0.9, "2 stays"), ("ae", 0.2, "2 visits"), ("age", 0.37, "Is 71"), ("bp", 0.1, "Lower")]);
        // Up by 0.57 together: blood pressure went the other way, and of three the two largest are told.
        assert_eq!(facts(&now, &before), ["2 stays", "2 visits"]);
        assert_eq!(facts(&before, &now), ["now: 1 stay (before: 2 stays)", "now: 1 visit (before: 2 visits)"]);
    }

    #[test]
    fn what_left_a_window_is_no_longer_so() {
        let before = said(&[("stays", 0.6, "1 stay in the last 12 months, on 20 November 2025")]);
        let expected = ["no longer: 1 stay in the last 12 months, on 20 November 2025"];
        assert_eq!(facts(&said(&[("stays", -0.1, "")]), &before), expected);
    }

    #[test]
    fn nothing_is_told_of_what_has_no_sentence_or_the_same_or_moved_little() {
        let before = said(&[("mind", 0.0, ""), ("since", 0.1, "A visit on 1 May"), ("little", 0.0, "One")]);
        let now = said(&[("mind", 0.8, ""), ("since", 0.3, "A visit on 1 May"), ("little", 0.04, "Two")]);
        assert_eq!(facts(&now, &before), [""; 0]);
        assert_eq!(facts(&before, &now), [""; 0]);
    }
}
