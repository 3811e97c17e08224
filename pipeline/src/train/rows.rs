//! Rows of several index dates, one under the other, each as small as it can be kept, and the numbers that a model learns
//! from: all columns, or those that are left when some feeds are missing.

use std::collections::BTreeMap;

use ndarray::Array2;

use super::{outcome::Outcome, sample::Sample};
use crate::{
    cohort::registers::Backing,
    features::{
        Cell,
        columns::{places_of_registers, places_without, scales},
    },
    history::records::PersonKey,
};

/// What a model and its variants learn from.
pub struct TrainingRows {
    /// What the registers of the variants are made from, where that is not what the cells are of.
    backings: Vec<Backing>,
    cells: Vec<Box<[Cell]>>,
    /// Per row: the columns of the registers, once for each backing.
    registers: Vec<Box<[Cell]>>,
    /// Whether the outcome happened, per row.
    pub events: Vec<bool>,
    /// Whose row it is.
    pub persons: Vec<u64>,
    /// People by standing and outcome.
    pub counts: BTreeMap<String, u64>,
}

impl TrainingRows {
    /// No rows yet.
    pub fn new(backings: &[Backing]) -> TrainingRows {
        let (cells, registers, events, persons, counts) = Default::default();
        TrainingRows { backings: backings.to_vec(), cells, registers, events, persons, counts }
    }

    /// What the registers of the variants are made from, where that is not what the model's are.
    pub fn backings(&self) -> &[Backing] {
        &self.backings
    }

    /// Adds the people of one index date.
    pub fn add(&mut self, sample: Sample, outcomes: &[Outcome]) {
        let mut count = |name: String, n: u64| *self.counts.entry(name).or_default() += n;
        for (standing, n) in sample.standings() {
            count(standing.to_owned(), n);
        }
        if sample.n_not_drawn() > 0 {
            count("scored_and_not_drawn".to_owned(), sample.n_not_drawn());
        }
        for (drawn, outcome) in sample.into_drawn().into_iter().zip(outcomes) {
            count(format!("outcome_{}", outcome.code()), 1);
            if let Some(event) = outcome.event() {
                self.cells.push(drawn.cells);
                self.registers.push(drawn.registers);
                self.events.push(event);
                self.persons.push(first_bytes(drawn.key));
            }
        }
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
        let mut numbers = Vec::with_capacity(self.cells.len() * sources.len());
        for (cells, registers) in self.cells.iter().zip(&self.registers) {
            let cell = |other: Option<usize>, place: usize| other.map_or(cells[place], |at| registers[at]);
            numbers.extend(sources.iter().map(|&(place, other)| cell(other, place).number(scales()[place])));
        }
        Array2::from_shape_vec((self.cells.len(), sources.len()), numbers).expect("every row has every column")
    }
}

/// A person as a number; keys are random, so no two of a population share one.
fn first_bytes(key: PersonKey) -> u64 {
    u64::from_be_bytes(key.as_bytes()[..8].try_into().expect("a key has 32 bytes"))
}

#[cfg(test)]
mod tests {
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
        let mut rows = TrainingRows::new(&[Backing::GpRecord, Backing::Hospital]);
        rows.cells = vec![of(Value::Missing, n_columns).into()];
        rows.registers = vec![[register(1), register(2)].concat().into()];
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
}
