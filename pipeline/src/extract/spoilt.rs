//! Columns of which much is lost: what a spreadsheet, another coding system, or another laboratory's units leave of them
//! (SPOILT).
//!
//! Here alone it is counted that a cell of a column was lost, and by which rule: once for each file, after all rules that
//! one row can answer have had their turn, so that it makes no difference which of them emptied the cell.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::{Array, ArrayRef};
use earlycall_schemas::rules::Action;
use earlycall_schemas::table::{ColumnSpec, Otherwise};

use crate::extract::Admitted;
use crate::extract::raw::RawBatch;
use crate::quality::faults::Faults;
use crate::quality::finding::{Finding, percent};
use crate::quality::report::{FileQuality, LostCells};
use crate::quality::tally::Rule;
use crate::settings::Settings;

const RULE: Rule = "SPOILT";
/// A day that stands for "not known" says nothing of its column: its cell was never filled.
const STANDS_FOR_UNKNOWN: Rule = "V08";
/// What breaks these may have been whole before somebody opened the file; what breaks others can be read, and means
/// nothing.
const OF_FORM: [Rule; 10] = ["CODE", "NULL", "RANGE", "TYPE", "V18", "V19", "V20", "V21", "V22", "V23"];

/// The cells of the columns of a file, counted batch by batch.
pub(super) struct Cells {
    specs: Vec<&'static ColumnSpec>,
    counts: Vec<Count>,
}

#[derive(Clone, Default)]
struct Count {
    filled: u64,
    lost: BTreeMap<Rule, u64>,
    of_rows_that_stay: u64,
}

impl Cells {
    pub fn of(specs: &[&'static ColumnSpec]) -> Cells {
        Cells { specs: specs.to_vec(), counts: vec![Count::default(); specs.len()] }
    }

    /// Counts a batch as it was sent, and as the rules have left it.
    ///
    /// A cell is lost of which nothing is left, or in the place of which something else stands. One that costs its row is
    /// lost with it only where it is empty now: what merely cannot be beside others was read, and V42 counts its row.
    pub fn count(&mut self, sent: &RawBatch, left: &[ArrayRef], faults: &Faults) {
        for (count, column) in self.counts.iter_mut().zip(left) {
            count.filled += (column.len() - column.null_count()) as u64;
        }
        // Of a list, several elements may be at fault.
        let mut seen = BTreeSet::new();
        for (row, fault) in faults.of_cells() {
            let Some(at) = self.specs.iter().position(|spec| spec.name == fault.column) else { continue };
            let is_empty = left[at].is_null(row);
            let is_replaced = match self.specs[at].otherwise {
                // Emptied, unless it was corrected (V26).
                None | Some(Otherwise::Nothing) => false,
                // A flag that can be read stays as it is, whatever is made of it (V37).
                Some(Otherwise::True) => OF_FORM.contains(&fault.rule),
                Some(Otherwise::DayBeforeExtract) => true,
            };
            let is_lost = is_replaced || is_empty && sent.columns[at].is_filled(row);
            if fault.rule != STANDS_FOR_UNKNOWN && is_lost && seen.insert((at, row)) {
                let count = &mut self.counts[at];
                count.filled += u64::from(is_empty);
                *count.lost.entry(fault.rule).or_default() += 1;
                count.of_rows_that_stay += u64::from(!faults.is_rejected(row));
            }
        }
    }

    /// The columns with cells that were lost; `name_of` says how the supplier calls one.
    pub fn lost(self, name_of: impl Fn(&'static str) -> &'static str) -> Vec<LostCells> {
        let columns = self.specs.iter().zip(self.counts).filter(|(_, count)| !count.lost.is_empty());
        let lost = columns.map(|(spec, Count { filled, lost, of_rows_that_stay })| LostCells {
            column: name_of(&spec.name),
            filled,
            lost,
            missed: if spec.used { of_rows_that_stay } else { 0 },
        });
        lost.collect()
    }
}

/// A supplier's table of which a column is spoilt: the one that weighs most, and how many more there are. A column is looked
/// at file by file, for one of them may have been through a spreadsheet, and over all files, each of which may be small.
pub(super) fn finding(admitted: &Admitted, settings: &Settings) -> Option<Finding> {
    let limit = |name| settings.rules.limit(RULE, name);
    let (said, refused) = (limit("said_share"), limit("refused_share"));
    // A few cells are no share to refuse by. That not one of them can be used is worth a word all the same.
    let are_many = |n: u64| n as f64 >= limit("cells_min");
    let is_whole = |cells: &LostCells| cells.n() == cells.filled && cells.n() as f64 >= limit("whole_min");
    let refuses = |cells: &LostCells| are_many(cells.missed) && cells.share_of(cells.missed) > refused;
    let is_spoilt = |cells: &LostCells| (are_many(cells.n()) || is_whole(cells)) && cells.share_of(cells.n()) > said;
    let mut spoilt: Vec<(String, LostCells)> = of_files(&admitted.files).chain(of_all(&admitted.files)).collect();
    spoilt.retain(|(_, cells)| is_spoilt(cells));
    let weight = |cells: &LostCells| (refuses(cells), cells.share_of(cells.n()));
    // The sort is stable: of equals the first in the order of the files stands.
    spoilt.sort_by(|(_, a), (_, b)| weight(b).partial_cmp(&weight(a)).expect("no NaN"));
    let (place, worst) = spoilt.first()?;
    let columns: BTreeSet<&str> = spoilt.iter().map(|(_, cells)| cells.column).collect();
    let more = match columns.len() {
        1 => String::new(),
        2 => "; so is 1 more column".to_owned(),
        n => format!("; so are {} more columns", n - 1),
    };
    let LostCells { column, filled, .. } = worst;
    let (share, rule) = (percent(worst.share_of(worst.n())), worst.commonest_rule());
    let by_rule = if worst.lost.len() == 1 { rule.to_owned() } else { format!("most by {rule}") };
    // A refusal ends with what this rule says to do; what is no matter of form is explained by its own.
    let what_to_do = match (OF_FORM.contains(&rule), refuses(worst)) {
        (true, true) => String::new(),
        (true, false) => "; ask for the file again with this column as text".to_owned(),
        (false, _) => format!("; `earlycall explain rule {rule}` says what that is and what to do"),
    };
    let above = percent(if refuses(worst) { refused } else { said });
    Some(Finding {
        rule: RULE,
        action: if refuses(worst) { Action::File } else { Action::Warn },
        table: admitted.table.name.clone(),
        provider: Some(admitted.provider.clone()),
        message: format!(
            "{column} is spoilt in {place}: {share} of its {filled} cells cannot be used ({by_rule}), \
             more than {above}{more}{what_to_do}"
        ),
    })
}

fn of_files(files: &[FileQuality]) -> impl Iterator<Item = (String, LostCells)> {
    files.iter().flat_map(|of| of.lost.iter().map(|cells| (of.file.clone(), cells.clone())))
}

/// The columns of several files together.
fn of_all(files: &[FileQuality]) -> impl Iterator<Item = (String, LostCells)> {
    let mut sums: BTreeMap<&str, LostCells> = BTreeMap::new();
    for cells in files.iter().flat_map(|of| &of.lost).filter(|_| files.len() > 1) {
        let none = || LostCells { column: cells.column, ..LostCells::default() };
        sums.entry(cells.column).or_insert_with(none).add(cells);
    }
    let place = format!("its {} files", files.len());
    sums.into_values().map(move |cells| (place.clone(), cells))
}
