//! What is known behind each statement of the model, also where nothing is: what a person's page sets beside each bar.
//!
//! A reason tells only what is there and stands out. A page that draws every contribution must also name what lowers a
//! risk by its absence, and what nobody has measured, and may not take the one for the other.

use std::collections::BTreeMap;

use earlycall_schemas::catalogue::{Entry, Take, catalogue};

use super::{
    FeatureRow, Feeds, Subject,
    take::Value,
    tell::{self, window_in_words},
    views::Views,
};
use crate::day::Day;

/// A statement that may be spoken of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stated {
    /// What it is about, as a heading: "A&E attendances".
    pub about: &'static str,
    /// What is known.
    pub known: Known,
}

/// What is known behind a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// A fact, in its sentence.
    Fact(String),
    /// It was looked for, and there is nothing, or nothing that stands out.
    Nothing(String),
    /// Nobody has measured or recorded it, or it does not apply: no fact, whatever the model makes of it.
    Missing(String),
}

/// By statement, what may be said of a person. A statement that is not here may not be spoken of: it is sensitive, or
/// whatever there is to it is.
pub fn stated(subject: &Subject, index_date: Day, feeds: &Feeds, row: &FeatureRow) -> BTreeMap<&'static str, Stated> {
    let views = Views::of(subject, index_date);
    let mut told: BTreeMap<String, String> = tell::statements(subject, index_date, feeds, row)
        .into_iter()
        .map(|told| (told.statement, told.sentence))
        .collect();
    let age_years = subject.age_years(index_date);
    let entries = catalogue().entries().iter().enumerate().filter(|(_, entry)| !entry.sensitive);
    let stated = entries.filter_map(|(at, entry)| {
        let about = entry.about.as_deref()?;
        let known = match told.remove(&entry.statement) {
            Some(sentence) => Known::Fact(sentence),
            None => unsaid(at, &views, row, age_years)?,
        };
        Some((entry.statement.as_str(), Stated { about, known }))
    });
    stated.collect()
}

/// Why somebody has no value of a feature that is scored from an age on; none for whoever is of that age. What the model makes
/// of it is learnt from everybody below that age, and may raise a risk or lower it.
pub fn too_young(entry: &Entry, age_years: i64) -> Option<String> {
    let from = entry.from_age_years.filter(|from| age_years < i64::from(*from))?;
    Some(format!("Not scored below {from} years: counted as for others below that age"))
}

/// What is known where there is no sentence; `None` where there is none because of what it would have to name.
fn unsaid(at: usize, views: &Views, row: &FeatureRow, age_years: i64) -> Option<Known> {
    let entries = catalogue().entries();
    let told = &entries[at];
    let together = || catalogue().told_together_with(at).iter().map(|&at| (at, &entries[at]));
    if together().any(|(_, entry)| views.of_entry(entry).any(|fact| fact.is_hidden)) {
        return None;
    }
    let values: Vec<Value> = together().flat_map(|(at, _)| &row.values[catalogue().features_of(at)]).copied().collect();
    let nothing = |value: &Value| matches!(value, Value::Known(0) | Value::Never);
    Some(if values.iter().all(|value| *value == Value::Missing) {
        let no_data = || "No data: counted as for other people without it".to_owned();
        Known::Missing(too_young(told, age_years).unwrap_or_else(no_data))
    } else if told.take == Take::Latest {
        Known::Nothing("The latest is within the usual range".to_owned())
    } else if told.take == Take::Value {
        Known::Nothing("No".to_owned())
    } else if values.iter().all(nothing) {
        // Days since something may look further back than anything is counted.
        let counted = together().filter(|(_, entry)| entry.take != Take::DaysSinceLast);
        let longest = counted.filter_map(|(_, entry)| entry.within_days.last()).max();
        Known::Nothing(match longest {
            Some(days) => format!("None in the last {}", window_in_words(*days)),
            None => "Not on record".to_owned(),
        })
    } else {
        Known::Nothing("Nothing that stands out".to_owned())
    })
}
