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
    repairs: Vec<Note>,
    /// Cells in whose place something else stands.
    replaced: Vec<(usize, &'static str)>,
    warnings: Vec<Note>,
}

/// The column and the rule that a row fails.
#[derive(Clone, Copy)]
pub(crate) struct Fault {
    pub column: &'static str,
    pub rule: Rule,
    /// Whether the quarantine says where the row is. Not where the rule itself would tell something of the person.
    pub is_listed: bool,
}

impl Fault {
    /// A fault of which the place may be told.
    pub fn new(column: &'static str, rule: Rule) -> Fault {
        Fault { column, rule, is_listed: true }
    }
}

/// A row, counted from 0, and what is odd about it.
type Note = (usize, Fault);

impl Faults {
    pub fn none(rows: usize) -> Faults {
        Faults { rows, first: BTreeMap::new(), repairs: Vec::new(), replaced: Vec::new(), warnings: Vec::new() }
    }

    /// Rejects a row, unless an earlier rule has done so.
    pub fn reject(&mut self, row: usize, column: &'static str, rule: Rule) {
        self.first.entry(row).or_insert(Fault::new(column, rule));
    }

    /// Rejects a row, whatever else is wrong with it, in such a way that it is counted and listed nowhere.
    pub fn withhold(&mut self, row: usize, column: &'static str, rule: Rule) {
        self.first.insert(row, Fault { column, rule, is_listed: false });
    }

    /// Notes that a cell breaks a rule, and says what is done about it: what the rule's declaration wants, but that a
    /// cell that nobody uses is emptied and costs no row, unless its column is mandatory, and that neither does one that
    /// something else stands for.
    pub fn breach(&mut self, row: usize, spec: &'static ColumnSpec, id: Rule) -> Action {
        let declared = rule(id).expect("only declared rules are tried").action_in(spec.presence);
        let is_idle = !spec.used && spec.presence != Presence::M;
        let costs_no_row = is_idle || spec.otherwise.is_some();
        let action = if declared == Action::Row && costs_no_row { Action::Fix } else { declared };
        match action {
            Action::Run | Action::File => {}
            Action::Row => self.reject(row, &spec.name, id),
            Action::Fix => self.mend(row, spec, id),
            Action::Warn => self.warn(row, &spec.name, id),
        }
        action
    }

    /// Notes that a cell of the row cannot be beside the others. It costs the row, unless something else stands for it.
    pub fn misfit(&mut self, row: usize, spec: &'static ColumnSpec, rule: Rule) {
        match spec.otherwise {
            Some(_) => self.mend(row, spec, rule),
            None => self.reject(row, &spec.name, rule),
        }
    }

    fn mend(&mut self, row: usize, spec: &'static ColumnSpec, rule: Rule) {
        self.replaced.extend(spec.otherwise.map(|_| (row, spec.name.as_str())));
        self.repair(row, &spec.name, rule);
    }

    /// The rows in which something else is to stand in the place of a column's cell. A cell that was corrected is none.
    pub fn replaced_in(&self, column: &str) -> impl Iterator<Item = usize> {
        self.replaced.iter().filter(move |(_, name)| *name == column).map(|(row, _)| *row)
    }

    /// Notes that a cell of the row was emptied or corrected.
    pub fn repair(&mut self, row: usize, column: &'static str, rule: Rule) {
        self.repairs.push((row, Fault::new(column, rule)));
    }

    /// Notes that the row is odd and stays.
    pub fn warn(&mut self, row: usize, column: &'static str, rule: Rule) {
        self.warnings.push((row, Fault::new(column, rule)));
    }

    /// The rejected rows with their faults, counted from 0, in order.
    pub fn rejected(&self) -> impl Iterator<Item = (usize, Fault)> {
        self.first.iter().map(|(row, fault)| (*row, *fault))
    }

    /// Whether a row is rejected.
    pub fn is_rejected(&self, row: usize) -> bool {
        self.first.contains_key(&row)
    }

    /// What every row was rejected for, and every cell that was put right, whether its row stays or not.
    pub fn of_cells(&self) -> impl Iterator<Item = (usize, Fault)> {
        self.rejected().chain(self.repairs.iter().copied())
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

    /// The cells put right in rows that stay: what was put right in a rejected row doesn't matter.
    pub fn repaired(&self) -> impl Iterator<Item = (usize, Fault)> {
        self.staying(&self.repairs)
    }

    /// The odd cells kept in rows that stay.
    pub fn warned(&self) -> impl Iterator<Item = (usize, Fault)> {
        self.staying(&self.warnings)
    }

    fn staying(&self, notes: &[Note]) -> impl Iterator<Item = (usize, Fault)> {
        notes.iter().copied().filter(|(row, _)| !self.is_rejected(*row))
    }
}

/// How often each rule is broken.
pub(crate) fn by_rule(faults: impl Iterator<Item = (usize, Fault)>) -> BTreeMap<Rule, u64> {
    let mut counts = BTreeMap::new();
    for (_, fault) in faults {
        *counts.entry(fault.rule).or_default() += 1;
    }
    counts
}
