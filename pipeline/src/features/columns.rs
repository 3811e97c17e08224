//! The columns that the model gets: the catalogue's features, with nested windows cut into disjoint rings.
//!
//! With nested windows, an admission last week would count in all of them, and the weights of neighbours would fight.
//! Counts, sums and nights are whole numbers, so the rings are exact differences.

use std::sync::LazyLock;

use earlycall_model::{Column, ColumnKind};
use earlycall_schemas::catalogue::{Entry, RiskGoes, Take, View, catalogue};

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

/// The entry of the catalogue of which a column of this name is made; none where the catalogue has no such column.
pub fn entry_of(name: &str) -> Option<&'static Entry> {
    let place = model_columns().iter().position(|column| column.column.name == name)?;
    Some(&catalogue().entries()[catalogue().features()[place].entry])
}

/// The places of the columns that are left when some tables are missing: each has a table that can still answer.
pub fn places_without(missing: &[String]) -> Vec<usize> {
    let answers = |column: &ModelColumn| column.feeds.iter().any(|feed| !missing.contains(feed));
    model_columns().iter().enumerate().filter(|(_, column)| answers(column)).map(|(place, _)| place).collect()
}

/// The places of the columns that tell of registers, and so depend on what those are made from.
pub fn places_of_registers() -> Vec<usize> {
    let (entries, features) = (catalogue().entries(), catalogue().features());
    (0..features.len()).filter(|&place| entries[features[place].entry].view == View::Conditions).collect()
}

/// One number of a model's row, exact and in four bytes: a whole number of the unit's parts, never, or
/// missing. Beyond some two thousand million parts, which no person reaches, it stays at that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell(i32);

impl Cell {
    const NEVER: i32 = i32::MAX;
    const MISSING: i32 = i32::MIN;

    fn of(value: Value) -> Cell {
        Cell(match value {
            Value::Known(parts) => parts.clamp(i64::from(Cell::MISSING) + 1, i64::from(Cell::NEVER) - 1) as i32,
            Value::Never => Cell::NEVER,
            Value::Missing => Cell::MISSING,
        })
    }

    /// Whether it is a number other than none.
    pub fn says_something(self) -> bool {
        ![0, Cell::NEVER, Cell::MISSING].contains(&self.0)
    }

    /// The number in its unit, given the unit's parts: NaN for missing, infinity for never.
    pub fn number(self, scale: i64) -> f64 {
        match self.0 {
            Cell::NEVER => f64::INFINITY,
            Cell::MISSING => f64::NAN,
            parts => f64::from(parts) / scale as f64,
        }
    }
}

/// The cells of one person's features, in the order of [`model_columns`].
pub fn cells(values: &[Value]) -> impl Iterator<Item = Cell> {
    let mut shorter = None;
    values.iter().zip(&*IS_RING).map(move |(&value, &is_ring)| {
        let within = shorter.replace(value).filter(|_| is_ring);
        Cell::of(match (value, within) {
            (Value::Known(whole), Some(Value::Known(part))) => Value::Known(whole - part),
            _ => value,
        })
    })
}

/// The numbers of one person, in the order of [`model_columns`]: NaN for missing, infinity for never.
pub fn model_row(row: &FeatureRow) -> Vec<f64> {
    cells(&row.values).zip(scales()).map(|(cell, &scale)| cell.number(scale)).collect()
}

/// Per column: how many parts its unit has.
pub fn scales() -> &'static [i64] {
    &SCALES
}

static SCALES: LazyLock<Vec<i64>> = LazyLock::new(|| {
    let entries = catalogue().entries();
    catalogue().features().iter().map(|feature| entries[feature.entry].scale).collect()
});

/// Per column: whether the column before it is a shorter window of the same entry, so that this one is a ring.
static IS_RING: LazyLock<Vec<bool>> = LazyLock::new(|| {
    let features = catalogue().features();
    let follows = |n: usize| n > 0 && features[n - 1].entry == features[n].entry;
    (0..features.len()).map(follows).collect()
});

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
        // Missing of everybody younger, which is a finding and no missing feed.
        _ if entry.from_age_years.is_some() => ColumnKind::Measure,
        Take::Flag => ColumnKind::Flag,
        Take::Count | Take::Distinct => ColumnKind::Count,
        Take::Sum | Take::Nights => ColumnKind::Amount,
        Take::DaysSinceLast | Take::DaysSinceFirst => ColumnKind::DaysSince,
        Take::Value if entry.unit == YES_OR_NO => ColumnKind::Flag,
        Take::Latest | Take::Value | Take::Rise | Take::Shift | Take::Slope => ColumnKind::Measure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_exact_in_four_bytes() {
        for (parts, scale, number) in
            [(0, 1, 0.0), (29_500, 1000, 29.5), (-3, 1, -3.0), (123_456_789, 1, 123_456_789.0)]
        {
            assert_eq!(Cell::of(Value::Known(parts)).number(scale), number);
        }
        assert!(Cell::of(Value::Missing).number(10).is_nan());
        assert_eq!(Cell::of(Value::Never).number(10), f64::INFINITY);
        let most = f64::from(i32::MAX - 1);
        assert_eq!(Cell::of(Value::Known(i64::MAX)).number(1), most, "as large as it gets, and still a number");
        assert_eq!(size_of::<Cell>(), 4);
    }

    #[test]
    fn a_column_is_left_while_any_of_its_tables_can_answer() {
        let names = |missing: &[&str]| -> Vec<String> {
            let missing: Vec<String> = missing.iter().map(|table| (*table).to_owned()).collect();
            let columns = model_columns();
            places_without(&missing).into_iter().map(|place| columns[place].column.name.clone()).collect()
        };
        let has = |missing: &[&str], name: &str| names(missing).iter().any(|known| known == name);
        assert_eq!(names(&[]).len(), model_columns().len());
        assert!(has(&["gp_events"], "has_copd") && !has(&["gp_events", "apc_episodes"], "has_copd"));
        assert!(!has(&["ed_attendances"], "days_since_last_ae_attendance"));
        assert!(has(&["ed_attendances"], "prescriptions_n_0_30d") && has(&["ed_attendances"], "age_years"));
    }

    #[test]
    fn the_columns_of_registers_are_those_of_conditions() {
        let columns = model_columns();
        let of_registers = places_of_registers();
        let of_it = |name: &str| of_registers.iter().any(|place| columns[*place].column.name == name);
        assert!(of_it("has_copd") && of_it("days_since_first_copd") && of_it("conditions_n"));
        assert!(!of_it("age_years") && !of_it("prescriptions_n_0_30d"));
    }

    #[test]
    fn rings_are_what_a_longer_window_adds() {
        let n = catalogue().position("emergency_admissions_n_30d").unwrap();
        let mut values = vec![Value::Missing; catalogue().features().len()];
        values[n..n + 5].copy_from_slice(&[1, 1, 3, 3, 7].map(Value::Known));
        let rings: Vec<f64> = cells(&values).map(|cell| cell.number(1)).skip(n).take(5).collect();
        assert_eq!(rings, [1.0, 0.0, 2.0, 0.0, 4.0]);
    }
}
