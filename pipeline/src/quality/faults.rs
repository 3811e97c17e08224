//! What is wrong in one batch of rows: the first rule that each row fails, and the cells that were put right.

use std::collections::BTreeMap;

use earlycall_schemas::rules::{Action, rule};
use earlycall_schemas::table::{ColumnSpec, Presence};

use crate::quality::tally::Rule;

/// The faults of a batch. Rules are tried in a fixed order and the first that a row fails stands.
///
/// A batch without a fault costs nothing per row.
pub(crate) struct Faults {
    rows: usize,
    first: BTreeMap<usize, Fault>,
    repairs: Vec<(usize, Rule)>,
    warnings: Vec<(usize, Rule)>,
}

/// The column and the rule that a row fails.
#[derive(Clone, Copy)]
pub(crate) struct Fault {
    pub column: &'static str,
    pub rule: Rule,
    /// Whether the quarantine says where the row is. Not where the rule itself would tell something of the person.
    pub is_listed: bool,
}

impl Faults {
    pub fn none(rows: usize) -> Faults {
        Faults { rows, first: BTreeMap::new(), repairs: Vec::new(), warnings: Vec::new() }
    }

    /// Rejects a row, unless an earlier rule has done so.
    pub fn reject(&mut self, row: usize, column: &'static str, rule: Rule) {
        self.first.entry(row).or_insert(Fault { column, rule, is_listed: true });
    }

    /// Rejects a row, whatever else is wrong with it, in such a way that it is counted and listed nowhere.
    pub fn withhold(&mut self, row: usize, column: &'static str, rule: Rule) {
        self.first.insert(row, Fault { column, rule, is_listed: false });
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

    /// The rejected rows with their faults, counted from 0, in order.
    pub fn rejected(&self) -> impl Iterator<Item = (usize, Fault)> {
        self.first.iter().map(|(row, fault)| (*row, *fault))
    }

    /// Which rows are without a fault; none if all are.
    pub fn sound(&self) -> Option<Vec<bool>> {
        if self.first.is_empty() {
            return None;
        }
        let mut sound = vec![true; self.rows];
        self.first.keys().for_each(|&row| sound[row] = false);
        Some(sound)
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
            if !self.first.contains_key(row) {
                *counts.entry(*rule).or_default() += 1;
            }
        }
        counts
    }
}
