//! What is wrong in one batch of rows: the first rule that each row fails, and the cells that were put right.

use std::collections::BTreeMap;

use arrow::array::BooleanArray;
use earlycall_schemas::rules::{Action, rule};
use earlycall_schemas::table::{ColumnSpec, Presence};

use crate::quality::tally::Rule;

/// The faults of a batch. Rules are tried in a fixed order and the first that a row fails stands.
pub(crate) struct Faults {
    first: Vec<Option<Fault>>,
    repairs: Vec<(usize, Rule)>,
    warnings: Vec<(usize, Rule)>,
}

/// The column and the rule that a row fails.
#[derive(Clone, Copy)]
pub(crate) struct Fault {
    pub column: &'static str,
    pub rule: Rule,
}

impl Faults {
    pub fn none(rows: usize) -> Faults {
        Faults { first: vec![None; rows], repairs: Vec::new(), warnings: Vec::new() }
    }

    /// Rejects a row, unless an earlier rule has done so.
    pub fn reject(&mut self, row: usize, column: &'static str, rule: Rule) {
        self.first[row].get_or_insert(Fault { column, rule });
    }

    /// Notes that a cell breaks a rule, and says what is done about it: what the rule's declaration wants, but that a
    /// cell that nobody uses is emptied and costs no row, unless its column is mandatory.
    pub fn breach(&mut self, row: usize, spec: &'static ColumnSpec, id: Rule) -> Action {
        let declared = rule(id).expect("only declared rules are tried").action_in(spec.presence);
        let is_idle = !spec.used && spec.presence != Presence::M;
        let action = if declared == Action::Row && is_idle { Action::Fix } else { declared };
        match action {
            Action::Run | Action::File => {}
            Action::Row => self.reject(row, &spec.name, id),
            Action::Fix => self.repair(row, id),
            Action::Warn => self.warn(row, id),
        }
        action
    }

    /// Notes that a cell of the row was emptied or corrected.
    pub fn repair(&mut self, row: usize, rule: Rule) {
        self.repairs.push((row, rule));
    }

    /// Notes that the row is odd and stays.
    pub fn warn(&mut self, row: usize, rule: Rule) {
        self.warnings.push((row, rule));
    }

    /// The rows without a fault.
    pub fn sound(&self) -> BooleanArray {
        self.first.iter().map(|fault| Some(fault.is_none())).collect()
    }

    /// The numbers of the rows without a fault, counted from 0.
    pub fn sound_rows(&self) -> impl Iterator<Item = usize> {
        self.first.iter().enumerate().filter(|(_, fault)| fault.is_none()).map(|(row, _)| row)
    }

    /// The rejected rows with their faults, counted from 0.
    pub fn rejected(&self) -> impl Iterator<Item = (usize, Fault)> {
        self.first.iter().enumerate().filter_map(|(row, fault)| fault.map(|fault| (row, fault)))
    }

    /// The repairs in rows that stay, by rule: what was put right in a rejected row doesn't matter.
    pub fn repairs(&self) -> BTreeMap<Rule, u64> {
        self.count(&self.repairs)
    }

    /// The warnings in rows that stay, by rule.
    pub fn warnings(&self) -> BTreeMap<Rule, u64> {
        self.count(&self.warnings)
    }

    fn count(&self, notes: &[(usize, Rule)]) -> BTreeMap<Rule, u64> {
        let mut counts = BTreeMap::new();
        for (row, rule) in notes {
            if self.first[*row].is_none() {
                *counts.entry(*rule).or_default() += 1;
            }
        }
        counts
    }
}
