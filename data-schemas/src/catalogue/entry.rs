//! What a catalogue is made of: entries, and the features that each entry stands for.

use serde::Deserialize;

use super::{Item, Sentence, View};

/// What an entry makes of the facts that pass its tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Take {
    /// How many.
    Count,
    /// Their amounts, added up.
    Sum,
    /// Nights between a fact's day and its end that end within the window; an open stay lasts until the index date.
    Nights,
    /// How many different items.
    Distinct,
    /// 1 if there is one, else 0.
    Flag,
    /// Days from the last to the index date; never is not a number.
    DaysSinceLast,
    /// Days from the first to the index date; never is not a number.
    DaysSinceFirst,
    /// The amount of the last; missing if there is none.
    Latest,
    /// The amount of the only one; missing if there is none.
    Value,
    /// How many more there are in the window than a stretch of that length saw on average in the days before it, back to
    /// `against_days`; missing where there is something now and was nothing then.
    Rise,
    /// The mean amount in the window less that of the days before it, back to `against_days`: somebody held against
    /// themselves. Missing where one of the two has too few.
    Shift,
    /// By how much the amount rises in a week, by least squares over the window; missing where there are too few.
    Slope,
}

impl Take {
    /// The name in `take`.
    pub fn name(self) -> &'static str {
        match self {
            Take::Count => "count",
            Take::Sum => "sum",
            Take::Nights => "nights",
            Take::Distinct => "distinct",
            Take::Flag => "flag",
            Take::DaysSinceLast => "days_since_last",
            Take::DaysSinceFirst => "days_since_first",
            Take::Latest => "latest",
            Take::Value => "value",
            Take::Rise => "rise",
            Take::Shift => "shift",
            Take::Slope => "slope",
        }
    }

    /// Whether the value of a longer window is that of a shorter one and of the days before it, added up.
    pub fn adds_up(self) -> bool {
        matches!(self, Take::Count | Take::Sum | Take::Nights)
    }

    /// Whether it holds a window against the days before.
    pub fn looks_back(self) -> bool {
        matches!(self, Take::Rise | Take::Shift)
    }

    /// Whether a feature's name ends with its window.
    fn names_window(self) -> bool {
        matches!(self, Take::Count | Take::Sum | Take::Nights | Take::Distinct | Take::Flag)
    }
}

/// Where medicine expects the risk to go when the value rises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RiskGoes {
    /// Up.
    Up,
    /// Down.
    Down,
    /// Up or down, depending on where one starts.
    Either,
}

impl RiskGoes {
    /// The name in `risk_goes`.
    pub fn name(self) -> &'static str {
        match self {
            RiskGoes::Up => "up",
            RiskGoes::Down => "down",
            RiskGoes::Either => "either",
        }
    }
}

/// One entry of the catalogue: a feature, or one per window.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Name, with its unit and without its window.
    pub name: String,
    /// What it looks at.
    pub view: View,
    /// Bits of the tests of which all must hold.
    pub tests: u64,
    /// Names of those tests.
    pub test_names: Vec<String>,
    /// Position in the view's list of items, where only one item counts.
    pub item: Option<u16>,
    /// What it makes of the facts.
    pub take: Take,
    /// Lengths of the windows `(T - w, T]`, ascending; empty means everything up to T.
    pub within_days: Vec<u32>,
    /// How far back the days reach against which the window is held.
    pub against_days: Option<u32>,
    /// Below this age the feature is missing.
    pub from_age_years: Option<u32>,
    /// Below this value there is nothing worth telling; in the unit times `scale`.
    pub tell_from: i64,
    /// Between these values, ends included, there is nothing worth telling; in the unit.
    pub usual: Option<(f64, f64)>,
    /// Values are whole numbers of the unit's 1, 10 or 1000 parts.
    pub scale: i64,
    /// Where the risk is expected to go.
    pub risk_goes: RiskGoes,
    /// Whether it may never be spoken of.
    pub sensitive: bool,
    /// Entries of one statement are told together.
    pub statement: String,
    /// The sentence; one entry of each statement has it, unless the statement is sensitive.
    pub reason: Option<Sentence>,
    /// What the statement is about, for a heading: "A&E attendances"; wherever there is a sentence.
    pub about: Option<String>,
    /// Unit in words.
    pub unit: String,
    /// Tables; without any of them the feature is missing.
    pub feeds: Vec<String>,
    /// Where the idea comes from.
    pub source: String,
}

impl Entry {
    /// The features: one per window, or one. `position` is that of the entry in its catalogue.
    pub(super) fn features(&self, position: usize) -> Vec<Feature> {
        let feature = |name, within_days| Feature { name, entry: position, within_days };
        if self.within_days.is_empty() {
            return vec![feature(self.name.clone(), None)];
        }
        let name = |days| if self.take.names_window() { format!("{}_{days}d", self.name) } else { self.name.clone() };
        self.within_days.iter().map(|&days| feature(name(days), Some(days))).collect()
    }

    /// The item that counts, where only one does.
    pub fn known_item(&self) -> Option<&'static Item> {
        Some(&self.view.items()?.items()[self.item? as usize])
    }
}

/// One feature: an entry at one of its windows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feature {
    /// Name, with unit and window last.
    pub name: String,
    /// Position in [`Catalogue::entries`].
    pub entry: usize,
    /// Length of the window, where there is one.
    pub within_days: Option<u32>,
}
