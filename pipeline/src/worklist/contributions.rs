//! What makes up a person's risk, told in full: from the average person, what raises it and what lowers it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::features::{Known, Stated};

/// Smallest contribution to the log-odds that has a bar of its own: some 5% more or less than the odds were.
const OWN_BAR_FROM: f64 = 0.05;
/// Contributions are told in steps of this much of the log-odds: with every digit, a line could be joined to its person.
const STEPS_PER_LOG_ODD: f64 = 20.0;
/// From here on a fact raises or lowers the risk "a lot": the odds double, or halve.
const A_LOT_STEPS: u32 = 14;
/// Up to here it does "a little".
const A_LITTLE_STEPS: u32 = 3;

/// One bar of a person's page.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Contribution {
    /// What it is about, as a heading.
    pub about: String,
    /// What is known of it: a sentence.
    pub words: String,
    /// Nobody has measured or recorded it: `words` is no fact.
    pub is_missing: bool,
    /// What it adds to the log-odds of the average person, in twentieths; below zero it lowers the risk.
    pub twentieths: i32,
}

impl Contribution {
    /// What it does to the risk, in words: "Raises a lot", "Lowers a little".
    pub fn effect(&self) -> String {
        let steps = self.twentieths.unsigned_abs();
        let way = match self.twentieths.signum() {
            1 => "Raises",
            -1 => "Lowers",
            _ => return "Hardly changes it".to_owned(),
        };
        match steps {
            A_LOT_STEPS.. => format!("{way} a lot"),
            0..=A_LITTLE_STEPS => format!("{way} a little"),
            _ => way.to_owned(),
        }
    }
}

/// A contribution to the log-odds with all its digits, and what may be said of it; none for the sum of all others.
pub type Part<'a> = (Option<&'a Stated>, f64);

/// The parts that make up a risk, those first that raise it most. What may not be told, and what is too small for a bar of
/// its own, is one sum at the end, which everybody has: that it is there tells nothing.
///
/// With the base, the parts add up to the log-odds, but for rounding.
pub fn parts<'a>(by_statement: &[(String, f64)], stated: &'a BTreeMap<&'static str, Stated>) -> Vec<Part<'a>> {
    let (mut parts, mut others) = (Vec::new(), 0.0);
    for (statement, log_odds) in by_statement {
        match stated.get(statement.as_str()).filter(|_| log_odds.abs() >= OWN_BAR_FROM) {
            Some(stated) => parts.push((Some(stated), *log_odds)),
            None => others += log_odds,
        }
    }
    parts.push((None, others));
    parts
}

/// The parts as they are told.
pub fn told(parts: &[Part]) -> Vec<Contribution> {
    parts.iter().map(|(stated, log_odds)| contribution(*stated, *log_odds)).collect()
}

fn contribution(stated: Option<&Stated>, log_odds: f64) -> Contribution {
    let (about, words, is_missing) = match stated {
        None => ("Other facts", "Not shown here: what is too small to draw, or not told on lists", false),
        Some(Stated { about, known }) => match known {
            Known::Fact(words) | Known::Nothing(words) => (*about, words.as_str(), false),
            Known::Missing(words) => (*about, words.as_str(), true),
        },
    };
    let twentieths = (STEPS_PER_LOG_ODD * log_odds).round() as i32;
    Contribution { about: about.to_owned(), words: words.to_owned(), is_missing, twentieths }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stated() -> BTreeMap<&'static str, Stated> {
        BTreeMap::from([
            ("stays", Stated { about: "Stays", known: Known::Fact("3 stays".into()) }),
            ("visits", Stated { about: "Visits", known: Known::Nothing("None".into()) }),
            ("sugar", Stated { about: "Sugar", known: Known::Missing("No data".into()) }),
            ("age", Stated { about: "Age", known: Known::Fact("Is 72".into()) }),
        ])
    }

    fn by_statement(parts: &[(&str, f64)]) -> Vec<(String, f64)> {
        parts.iter().map(|(name, log_odds)| ((*name).to_owned(), *log_odds)).collect()
    }

    #[test]
    fn what_may_not_be_told_and_what_is_small_is_one_sum_at_the_end() {
        let stated = stated();
        let risk = by_statement(&[("mind", 0.9), ("stays", 0.7), ("sugar", 0.1), ("age", 0.04), ("visits", -0.26)]);
        let told = told(&parts(&risk, &stated));
        let short: Vec<_> =
            told.iter().map(|one| (one.about.as_str(), one.effect(), one.twentieths, one.is_missing)).collect();
        assert_eq!(
            short,
            [
                ("Stays", "Raises a lot".to_owned(), 14, false),
                ("Sugar", "Raises a little".to_owned(), 2, true),
                ("Visits", "Lowers".to_owned(), -5, false),
                ("Other facts", "Raises a lot".to_owned(), 19, false),
            ]
        );
        assert_eq!((told[0].words.as_str(), told[1].words.as_str()), ("3 stays", "No data"));
    }

    #[test]
    fn everybody_has_other_facts_even_where_there_are_none() {
        let stated = stated();
        let told = told(&parts(&by_statement(&[("stays", -0.8)]), &stated));
        assert_eq!(told[0].effect(), "Lowers a lot");
        assert_eq!((told[1].about.as_str(), told[1].effect().as_str()), ("Other facts", "Hardly changes it"));
    }

    #[test]
    fn before_they_are_rounded_the_parts_add_up_to_all_that_the_model_said() {
        let stated = stated();
        let numbers = [0.912_345_678_9, 0.3, 0.049_999, -0.1, -1.234_567_890_123];
        let risk =
            by_statement(&["mind", "stays", "age", "visits", "sugar"].into_iter().zip(numbers).collect::<Vec<_>>());
        let sum: f64 = parts(&risk, &stated).iter().map(|(_, log_odds)| log_odds).sum();
        assert!((sum - numbers.iter().sum::<f64>()).abs() < 1e-12);
    }
}
