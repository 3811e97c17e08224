//! Sentences for coaches: each a fact with its date, from the facts themselves and never from the model.
//!
//! Sensitive entries have no sentence. Where a sentence names what it counts, such as conditions, the sensitive ones among
//! them are left out of the number too: "3 conditions: asthma and COPD" would betray the third.

use std::collections::{BTreeMap, BTreeSet};

use earlycall_schemas::{
    catalogue::{Entry, Piece, RiskGoes, Sentence, Take, catalogue},
    codelists,
};

use super::{
    FeatureRow, Feeds, Subject,
    fact::Fact,
    take::{self, Value},
    views::Views,
};
use crate::day::Day;

/// Counts are told over this window if there is anything to count in it.
const PREFERRED_WINDOW_DAYS: u32 = 365;
/// A list of things in a sentence stops here.
const MOST_ITEMS: usize = 4;

/// A statement that holds for a person, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its name, as in the model's columns.
    pub statement: String,
    /// What it is about: statements of one view often tell the same event.
    pub view: &'static str,
    /// "3 emergency admissions in the last 12 months, the last on 3 May 2026 for COPD".
    pub sentence: String,
}

/// Everything worth telling about a person, in the order of the catalogue: at most one sentence per statement, none that
/// is sensitive, none that rests on something missing.
pub fn statements(subject: &Subject, index_date: Day, feeds: &Feeds, row: &FeatureRow) -> Vec<Told> {
    let views = Views::of(subject, index_date);
    let told = tellable(feeds, row).filter_map(|(_, entry, reason)| {
        let telling = Telling::of(entry, &views, index_date)?;
        let (statement, view) = (entry.statement.clone(), entry.view.name());
        Some(Told { statement, view, sentence: telling.write(reason) })
    });
    told.collect()
}

/// One sentence of a statement, with the number in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The entry of the catalogue, by position, and its window: the same on another night.
    pub of: (usize, Option<u32>),
    /// The number.
    pub value: i64,
    /// Whether more of it can only mean a higher risk.
    pub only_raises: bool,
    /// The sentence.
    pub sentence: String,
}

/// Everything worth telling about a person as [`statements`] tells it, but over every window, the shortest first; by
/// statement.
pub fn counted(subject: &Subject, index_date: Day, feeds: &Feeds, row: &FeatureRow) -> BTreeMap<String, Vec<Counted>> {
    let views = Views::of(subject, index_date);
    let mut told: BTreeMap<String, Vec<Counted>> = BTreeMap::new();
    for (position, entry, reason) in tellable(feeds, row) {
        for feature in &catalogue().features()[catalogue().features_of(position)] {
            let Some(telling) = Telling::over(entry, &views, feature.within_days, index_date) else { continue };
            told.entry(entry.statement.clone()).or_default().push(Counted {
                of: (position, feature.within_days),
                value: telling.value,
                only_raises: entry.risk_goes == RiskGoes::Up,
                sentence: telling.write(reason),
            });
        }
    }
    told
}

/// The entries that may be told of somebody, by position, with how.
fn tellable<'a>(
    feeds: &'a Feeds,
    row: &'a FeatureRow,
) -> impl Iterator<Item = (usize, &'static Entry, &'static Sentence)> {
    let entries = catalogue().entries().iter().enumerate();
    entries.filter_map(|(position, entry)| {
        let is_known = |feature| matches!(row.values[feature], Value::Known(_));
        let may_be_told = !entry.sensitive && feeds.answer(position) && catalogue().features_of(position).any(is_known);
        Some((position, entry, entry.reason.as_ref().filter(|_| may_be_told)?))
    })
}

/// The facts behind one sentence.
struct Telling<'a> {
    entry: &'a Entry,
    /// In the order of their days; at least one.
    facts: Vec<&'a Fact>,
    window_days: Option<u32>,
    value: i64,
}

impl<'a> Telling<'a> {
    /// The facts that best tell an entry: over 12 months, else over the shortest longer window that has any. `None` if
    /// there is nothing worth telling.
    fn of(entry: &'a Entry, views: &'a Views, index_date: Day) -> Option<Telling<'a>> {
        let windows = windows_to_tell(&entry.within_days).into_iter();
        windows.filter_map(|window_days| Telling::over(entry, views, window_days, index_date)).next()
    }

    /// The facts that tell an entry over one window. `None` if there is nothing worth telling.
    fn over(entry: &'a Entry, views: &'a Views, window_days: Option<u32>, index_date: Day) -> Option<Telling<'a>> {
        let open = || views.of_entry(entry).filter(|fact| !fact.is_hidden);
        let Value::Known(value) = take::take(entry, open(), window_days, index_date) else { return None };
        if value < entry.tell_from || is_usual(entry, value) {
            return None;
        }
        let after = take::start_of(window_days, index_date);
        let counts = |fact: &&Fact| match entry.take {
            Take::Nights => fact.nights(after, index_date) > 0,
            _ => fact.is_after(after),
        };
        Some(Telling { entry, facts: open().filter(counts).collect(), window_days, value })
    }

    fn write(&self, reason: &Sentence) -> String {
        let sentence: String = reason.0.iter().map(|piece| self.fill(piece)).collect();
        let mut letters = sentence.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    }

    fn fill(&self, piece: &Piece) -> String {
        match piece {
            Piece::Text(text) => text.clone(),
            Piece::Number { one, .. } if self.value == 1 => format!("1 {one}"),
            Piece::Number { many, .. } => format!("{} {many}", self.value),
            Piece::Window => self.window_days.map_or_else(String::new, window_in_words),
            Piece::LastOn if self.facts.len() == 1 => "on".to_owned(),
            Piece::LastOn => "the last on".to_owned(),
            Piece::LastDate => self.last().day.in_words(),
            Piece::LastUntil => self.until(),
            Piece::LowOrHigh if is_above_usual(self.entry, self.value) => "high".to_owned(),
            Piece::LowOrHigh => "low".to_owned(),
            Piece::FirstDate => self.first().day.in_words(),
            Piece::LastMainCondition => main_condition(self.last()).to_owned(),
            Piece::Value => decimal(self.value, self.entry.scale),
            // What is usual is an average, and half an alarm is none.
            Piece::Change if self.entry.take == Take::Rise => (self.value / self.entry.scale).to_string(),
            Piece::Change => decimal(self.value.abs(), self.entry.scale),
            Piece::Way { down, .. } if self.value < 0 => down.clone(),
            Piece::Way { up, .. } => up.clone(),
            Piece::Item => self.entry.known_item().map_or_else(String::new, |item| item.label.clone()),
            Piece::Items => self.items(),
            Piece::Age if self.value >= 90 => "90 years old or over".to_owned(),
            Piece::Age => format!("{} years old", self.value),
        }
    }

    fn until(&self) -> String {
        let which = if self.facts.len() == 1 { "" } else { "the last " };
        match self.last().end {
            Some(end) => format!("{which}until {}", end.in_words()),
            None => format!("{which}not over yet"),
        }
    }

    fn first(&self) -> &Fact {
        self.facts.first().expect("a value worth telling has a fact")
    }

    fn last(&self) -> &Fact {
        self.facts.last().expect("a value worth telling has a fact")
    }

    /// "asthma, COPD and diabetes": newest last, the oldest left out where there are too many.
    fn items(&self) -> String {
        let list = self.entry.view.items().map_or(&[][..], |list| list.items());
        let mut seen = BTreeSet::new();
        let newest_first = self.facts.iter().rev().filter_map(|fact| fact.item).filter(|item| seen.insert(*item));
        let mut labels: Vec<&str> = newest_first.map(|item| list[item as usize].label.as_str()).collect();
        if labels.len() > MOST_ITEMS {
            labels.truncate(MOST_ITEMS);
            labels.reverse();
            return format!("{} and others", labels.join(", "));
        }
        let newest = labels.remove(0);
        labels.reverse();
        if labels.is_empty() { newest.to_owned() } else { format!("{} and {newest}", labels.join(", ")) }
    }
}

/// Whether a value lies in its usual range.
fn is_usual(entry: &Entry, value: i64) -> bool {
    let value = value as f64 / entry.scale as f64;
    entry.usual.is_some_and(|(low, high)| (low..=high).contains(&value))
}

fn is_above_usual(entry: &Entry, value: i64) -> bool {
    entry.usual.is_some_and(|(_, high)| value as f64 / entry.scale as f64 > high)
}

/// The windows to try, in order: 12 months and then longer ones, or the longest where none is so long.
fn windows_to_tell(within_days: &[u32]) -> Vec<Option<u32>> {
    let mut windows: Vec<_> =
        within_days.iter().filter(|days| **days >= PREFERRED_WINDOW_DAYS).copied().map(Some).collect();
    if windows.is_empty() {
        windows.push(within_days.last().copied());
    }
    windows
}

/// "30 days", "3 months", "12 months", "3 years".
pub fn window_in_words(days: u32) -> String {
    match days {
        90 => "3 months".to_owned(),
        180 => "6 months".to_owned(),
        365 => "12 months".to_owned(),
        730 => "2 years".to_owned(),
        1095 => "3 years".to_owned(),
        days => format!("{days} days"),
    }
}

/// The main diagnosis in plain words; one that is sensitive, unknown or absent is "another reason".
fn main_condition(fact: &Fact) -> &'static str {
    fact.code.map_or(codelists::ANOTHER_REASON, |code| codelists::plain_reason(code.as_str()).words)
}

/// A value in its unit, rounded half up to one decimal and without a decimal where it is whole.
pub(crate) fn decimal(parts: i64, scale: i64) -> String {
    let tenths = (parts * 10 + scale / 2).div_euclid(scale);
    if tenths % 10 == 0 { (tenths / 10).to_string() } else { format!("{}.{}", tenths / 10, tenths % 10) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_one_decimal_at_most() {
        for (parts, scale, text) in
            [(82_000, 1000, "82"), (31_240, 1000, "31.2"), (31_250, 1000, "31.3"), (31_960, 1000, "32"), (7, 1, "7")]
        {
            assert_eq!(decimal(parts, scale), text);
        }
    }

    #[test]
    fn twelve_months_are_told_first_and_shorter_windows_only_where_nothing_is_longer() {
        assert_eq!(windows_to_tell(&[30, 90, 365, 1095]), [Some(365), Some(1095)]);
        assert_eq!(windows_to_tell(&[30]), [Some(30)]);
        assert_eq!(windows_to_tell(&[730]), [Some(730)]);
        assert_eq!(windows_to_tell(&[]), [None]);
    }
}
