//! Rows of several index dates, one under the other, each as small as it can be kept, and the numbers that a model learns
//! from: all columns, or those that are left when some feeds are missing.

use std::{cmp::Reverse, collections::BTreeMap};

use earlycall_model::horizons::FollowUp;
use ndarray::Array2;

use super::{outcome::Outcome, sample::Sample};
use crate::{
    cohort::registers::Backing,
    features::{
        Cell,
        columns::{places_of_registers, places_without, scales},
        model_columns,
    },
    history::records::PersonKey,
};

/// What a model and its variants learn from.
pub struct TrainingRows {
    /// What the registers of the variants are made from, where that is not what the cells are of.
    backings: Vec<Backing>,
    leading_days: u32,
    groups: BTreeMap<Group, Vec<Row>>,
    /// People by standing and outcome.
    pub counts: BTreeMap<String, u64>,
}

/// Rows in an order in which those that a model is asked about stand together, so that it needs no copy of their numbers:
/// who was admitted within the leading horizon, who was not, and who left before its end and counts in the reports alone;
/// within each, who is seen for longest first.
type Group = (u8, Reverse<u32>);

fn group(outcome: Outcome, follow_up: &FollowUp) -> Group {
    let first = match outcome {
        Outcome::Admitted => 0,
        Outcome::DiedFirst | Outcome::Stayed => 1,
        Outcome::Left => 2,
    };
    (first, Reverse(follow_up.seen_days))
}

/// A person on an index date.
struct Row {
    cells: Box<[Cell]>,
    /// The columns of the registers, once for each backing.
    registers: Box<[Cell]>,
    follow_up: FollowUp,
    person: u64,
}

impl TrainingRows {
    /// No rows yet.
    pub fn new(backings: &[Backing], leading_days: u32) -> TrainingRows {
        let (groups, counts) = Default::default();
        TrainingRows { backings: backings.to_vec(), leading_days, groups, counts }
    }

    /// What the registers of the variants are made from, where that is not what the model's are.
    pub fn backings(&self) -> &[Backing] {
        &self.backings
    }

    /// Adds the people of one index date.
    pub fn add(&mut self, sample: Sample, follow_ups: &[FollowUp]) {
        let mut count = |name: String, n: u64| *self.counts.entry(name).or_default() += n;
        for (standing, n) in sample.standings() {
            count(standing.to_owned(), n);
        }
        if sample.n_not_drawn() > 0 {
            count("scored_and_not_drawn".to_owned(), sample.n_not_drawn());
        }
        for (drawn, follow_up) in sample.into_drawn().into_iter().zip(follow_ups) {
            let outcome = Outcome::within(self.leading_days, follow_up);
            count(format!("outcome_{}", outcome.code()), 1);
            let (cells, registers, person) = (drawn.cells, drawn.registers, first_bytes(drawn.key));
            let row = Row { cells, registers, follow_up: *follow_up, person };
            self.groups.entry(group(outcome, follow_up)).or_default().push(row);
        }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.groups.values().map(Vec::len).sum()
    }

    fn rows(&self) -> impl Iterator<Item = &Row> {
        self.groups.values().flatten()
    }

    /// What happened, per row.
    pub fn follow_ups(&self) -> Vec<FollowUp> {
        self.rows().map(|row| row.follow_up).collect()
    }

    /// Whose row it is.
    pub fn persons(&self) -> Vec<u64> {
        self.rows().map(|row| row.person).collect()
    }

    /// Per row, whether a table says anything of its person: something other than none, never and missing.
    pub fn are_told_of_by(&self, table: &str) -> Vec<bool> {
        let columns = model_columns();
        let of_table = |place: &usize| columns[*place].feeds.iter().all(|feed| feed == table);
        let places: Vec<usize> = (0..columns.len()).filter(of_table).collect();
        self.rows().map(|row| places.iter().any(|place| row.cells[*place].says_something())).collect()
    }

    /// Rows by the columns that are left without some feeds, in the columns' units, with the registers made from what such
    /// a night would have.
    pub fn numbers(&self, without: &[String], backing: Backing) -> Array2<f64> {
        let of_registers = places_of_registers();
        let other = self.backings.iter().position(|known| *known == backing);
        // Where a column's cell is: among the row's cells, or among those of other registers.
        let source = |place: usize| {
            let other = other.zip(of_registers.binary_search(&place).ok());
            (place, other.map(|(nth, register)| nth * of_registers.len() + register))
        };
        let sources: Vec<_> = places_without(without).into_iter().map(source).collect();
        let mut numbers = Vec::with_capacity(self.len() * sources.len());
        for Row { cells, registers, .. } in self.rows() {
            let cell = |other: Option<usize>, place: usize| other.map_or(cells[place], |at| registers[at]);
            numbers.extend(sources.iter().map(|&(place, other)| cell(other, place).number(scales()[place])));
        }
        Array2::from_shape_vec((self.len(), sources.len()), numbers).expect("every row has every column")
    }
}

/// A person as a number; keys are random, so no two of a population share one.
fn first_bytes(key: PersonKey) -> u64 {
    u64::from_be_bytes(key.as_bytes()[..8].try_into().expect("a key has 32 bytes"))
}

#[cfg(test)]
mod tests {
    use earlycall_model::horizons::End;
    use earlycall_schemas::catalogue::catalogue;

    use super::*;
    use crate::{
        features::{Value, cells},
        model_store,
    };

    #[test]
    fn a_variant_has_the_registers_of_its_own_backing_and_no_column_of_its_feeds() {
        let n_columns = catalogue().features().len();
        let n_registers = places_of_registers().len();
        // Every column of the row is missing, every register of the GP record is 1 and of hospitals 2.
        let of = |value: Value, n: usize| cells(&vec![value; n_columns]).take(n).collect::<Vec<Cell>>();
        let register = |parts: i64| vec![cells(&[Value::Known(parts)]).next().unwrap(); n_registers];
        let mut rows = TrainingRows::new(&[Backing::GpRecord, Backing::Hospital], 180);
        let follow_up = FollowUp { days: 180, end: End::Lost, seen_days: 180 };
        let row = Row {
            cells: of(Value::Missing, n_columns).into(),
            registers: [register(1), register(2)].concat().into(),
            follow_up,
            person: 1,
        };
        rows.groups.insert(group(Outcome::Stayed, &follow_up), vec![row]);
        let number = |without: &[&str], backing, name: &str| {
            let without: Vec<String> = without.iter().map(|table| (*table).to_owned()).collect();
            let columns = model_store::columns_without(&without);
            let place = columns.iter().position(|column| column.name == name).expect("the column is left");
            assert!(without.is_empty() || columns.iter().all(|column| column.name != "prescriptions_n_0_30d"));
            let numbers = rows.numbers(&without, backing);
            assert_eq!(numbers.dim(), (1, columns.len()));
            numbers[(0, place)]
        };
        assert!(number(&[], Backing::Medicines, "has_copd").is_nan());
        assert_eq!(number(&["gp_prescriptions"], Backing::GpRecord, "has_copd"), 1.0);
        let hospital = ["gp_events", "gp_prescriptions"];
        assert_eq!(number(&hospital, Backing::Hospital, "has_copd"), 2.0);
        assert_eq!(number(&hospital, Backing::Hospital, "conditions_n"), 2.0);
        assert!(number(&hospital, Backing::Hospital, "age_years").is_nan());
    }

    #[test]
    fn rows_that_are_asked_about_stand_together_and_those_that_teach_nothing_last() {
        let seen = |days, end, seen_days| FollowUp { days, end, seen_days };
        let mut groups = [
            seen(100, End::Lost, 100),
            seen(20, End::Admitted, 100),
            seen(180, End::Lost, 180),
            seen(90, End::Died, 365),
            seen(200, End::Admitted, 365),
            seen(20, End::Admitted, 180),
        ];
        groups.sort_by_key(|one| group(Outcome::within(180, one), one));
        let asked = |within: u32| groups.map(|one| one.admitted_within(within));
        assert_eq!(asked(180), [Some(true), Some(false), Some(false), Some(false), None, None]);
        assert_eq!(asked(365), [None, Some(false), Some(true), None, None, None]);
    }
}
