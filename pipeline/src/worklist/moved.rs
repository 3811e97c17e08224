//! Why a risk moved since the night before: the facts of which the model makes more, or less, than it did then.

use std::collections::{BTreeMap, BTreeSet};

use crate::features::Counted;

/// Most facts that are told of one move.
const TOLD_MAX: usize = 2;
/// Smallest change of a contribution to the log-odds that is told: some 5% more or less than the odds were.
const TOLD_FROM: f64 = 0.05;

/// What the model said of somebody on one night. What is sensitive or missing has no sentence.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    /// By statement the contribution to the log-odds.
    pub contributions: BTreeMap<String, f64>,
    /// By statement the sentences that tell it, over every window, the shortest first.
    pub counted: BTreeMap<String, Vec<Counted>>,
}

/// The facts behind a move from one night to the next, those first that moved it most, and only such as moved it the way it
/// went. Of a statement the shortest window speaks whose number moved that way too: nobody is told that a risk fell because
/// of a visit more, where it fell because another is longer ago.
pub fn facts(now: &Said, before: &Said) -> Vec<String> {
    let statements: BTreeSet<&String> = now.contributions.keys().chain(before.contributions.keys()).collect();
    let of = |said: &Said, statement: &String| said.contributions.get(statement).copied().unwrap_or(0.0);
    let change = |statement| (statement, of(now, statement) - of(before, statement));
    let mut moved: Vec<(&String, f64)> = statements.into_iter().map(change).collect();
    let total: f64 = moved.iter().map(|(_, change)| change).sum();
    moved.retain(|(_, change)| change.abs() >= TOLD_FROM && change.signum() == total.signum());
    moved.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then(a.0.cmp(b.0)));
    let told = moved.into_iter().filter_map(|(statement, change)| {
        let [now, before] = [now, before].map(|said| said.counted.get(statement).map_or(&[][..], Vec::as_slice));
        if change > 0.0 { risen(now, before) } else { fallen(now, before) }
    });
    told.take(TOLD_MAX).collect()
}

/// What has come since then.
fn risen(now: &[Counted], before: &[Counted]) -> Option<String> {
    let has_grown = |now: &&Counted| same(now, before).is_none_or(|before| is_more(now, before));
    now.iter().find(has_grown).map(|now| now.sentence.clone())
}

/// What has gone, or has grown less.
fn fallen(now: &[Counted], before: &[Counted]) -> Option<String> {
    before.iter().find_map(|before| match same(before, now) {
        None => Some(format!("no longer: {}", before.sentence)),
        Some(now) => is_more(before, now).then(|| format!("now: {} (before: {})", now.sentence, before.sentence)),
    })
}

/// The same sentence, of the other night.
fn same<'a>(one: &Counted, others: &'a [Counted]) -> Option<&'a Counted> {
    others.iter().find(|other| other.of == one.of)
}

/// Whether there is more to a sentence than to that of the other night; where more may mean less risk, whether it is
/// another.
fn is_more(one: &Counted, other: &Counted) -> bool {
    if one.only_raises { one.value > other.value } else { one.sentence != other.sentence }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Statements with their contributions, and the numbers of their windows of 30 and 365 days; 0 tells nothing.
    fn said(statements: &[(&str, f64, [i64; 2])]) -> Said {
        let mut said = Said::default();
        for (entry, (name, contribution, values)) in statements.iter().enumerate() {
            said.contributions.insert((*name).to_owned(), *contribution);
            let counted = [30, 365].into_iter().zip(values).filter(|(_, value)| **value > 0);
            let counted = counted.map(|(days, value)| Counted {
                of: (entry, Some(days)),
                value: *value,
                only_raises: *name != "weight",
                sentence: format!("{value} {name} in {days} days"),
            });
            said.counted.insert((*name).to_owned(), counted.collect());
        }
        said
    }

    #[test]
    fn what_moved_the_risk_most_comes_first_and_only_what_moved_it_that_way() {
        let before = said(&[("stays", 0.2, [0, 1]), ("visits", 0.1, [1, 4]), ("nights", 0.4, [3, 3])]);
        let now = said(&[("stays", 0.9, [1, 2]), ("visits", 0.2, [2, 5]), ("nights", 0.1, [0, 3])]);
        // Up by half: the nights went the other way.
        assert_eq!(facts(&now, &before), ["1 stays in 30 days", "2 visits in 30 days"]);
        // And back: the stay of the last days is gone, of the visits one is left.
        let expected = ["no longer: 1 stays in 30 days", "now: 1 visits in 30 days (before: 2 visits in 30 days)"];
        assert_eq!(facts(&before, &now), expected);
    }

    #[test]
    fn a_risk_that_fell_is_not_put_down_to_more_of_anything() {
        // One visit more in the year, and one less in the month.
        let (before, now) = (said(&[("visits", 0.6, [2, 7])]), said(&[("visits", 0.4, [1, 8])]));
        assert_eq!(facts(&now, &before), ["now: 1 visits in 30 days (before: 2 visits in 30 days)"]);
        // Only longer ago: no number tells it.
        assert_eq!(facts(&said(&[("visits", 0.4, [1, 8])]), &said(&[("visits", 0.6, [1, 7])])), [""; 0]);
    }

    #[test]
    fn a_measurement_may_move_either_way() {
        let (before, now) = (said(&[("weight", 0.1, [0, 80])]), said(&[("weight", 0.4, [0, 70])]));
        assert_eq!(facts(&now, &before), ["70 weight in 365 days"]);
    }

    #[test]
    fn nothing_is_told_of_what_has_no_sentence_or_moved_little() {
        let (before, now) = (
            said(&[("mind", 0.0, [0, 0]), ("visits", 0.0, [1, 1])]),
            said(&[("mind", 0.8, [0, 0]), ("visits", 0.04, [2, 2])]),
        );
        assert_eq!(facts(&now, &before), [""; 0]);
    }
}
