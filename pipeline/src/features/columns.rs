//! The columns that the model gets: the catalogue's features, with nested windows cut into disjoint rings.
//!
//! With nested windows, an admission last week would count in all of them, and the weights of neighbours would fight.
//! Counts, sums and nights are whole numbers, so the rings are exact differences.

use earlycall_model::{Column, ColumnKind};
use earlycall_schemas::catalogue::{Entry, RiskGoes, Take, catalogue};

use super::{FeatureRow, take::Value};

/// The unit of an attribute that holds or doesn't.
const YES_OR_NO: &str = "yes or no";

/// A column of the model, and what it stands and falls with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelColumn {
    /// Its name with unit and window or ring last, the statement that its contribution is told under, and its kind.
    pub column: Column,
    /// Where the risk is expected to go.
    pub risk_goes: RiskGoes,
    /// The tables without any of which it is missing, and is better left out of a model.
    pub feeds: &'static [String],
}

/// The columns, in the order of the catalogue. As many as there are features.
pub fn model_columns() -> Vec<ModelColumn> {
    (0..catalogue().entries().len()).flat_map(columns_of).collect()
}

/// The numbers of one person, in the order of [`model_columns`]: NaN for missing, infinity for never.
pub fn model_row(row: &FeatureRow) -> Vec<f64> {
    let entries = catalogue().entries();
    let mut shorter = None;
    let numbers = catalogue().features().iter().zip(&row.values).map(|(feature, &value)| {
        let entry = &entries[feature.entry];
        let within = shorter.replace((feature.entry, value)).filter(|(of, _)| *of == feature.entry);
        match (value, within) {
            (Value::Known(whole), Some((_, Value::Known(part)))) => (whole - part) as f64 / entry.scale as f64,
            (Value::Known(whole), _) => whole as f64 / entry.scale as f64,
            (Value::Never, _) => f64::INFINITY,
            (Value::Missing, _) => f64::NAN,
        }
    });
    numbers.collect()
}

fn columns_of(position: usize) -> Vec<ModelColumn> {
    let entry = &catalogue().entries()[position];
    let column = |name: String| ModelColumn {
        column: Column::new(name, &entry.statement, kind_of(entry)),
        risk_goes: entry.risk_goes,
        feeds: &entry.feeds,
    };
    let features = catalogue().features()[catalogue().features_of(position)].iter();
    if !entry.take.adds_up() || entry.within_days.len() < 2 {
        return features.map(|feature| column(feature.name.clone())).collect();
    }
    let starts = std::iter::once(0).chain(entry.within_days.iter().map(|days| days + 1));
    let rings = starts.zip(&entry.within_days);
    rings.map(|(from, until)| column(format!("{}_{from}_{until}d", entry.name))).collect()
}

fn kind_of(entry: &Entry) -> ColumnKind {
    match entry.take {
        Take::Flag => ColumnKind::Flag,
        Take::Count | Take::Distinct => ColumnKind::Count,
        Take::Sum | Take::Nights => ColumnKind::Amount,
        Take::DaysSinceLast | Take::DaysSinceFirst => ColumnKind::DaysSince,
        Take::Value if entry.unit == YES_OR_NO => ColumnKind::Flag,
        Take::Latest | Take::Value => ColumnKind::Measure,
    }
}
