//! The leak scan of a file: what each column that may hold anything has shown so far (V03).
//!
//! What a file tells by itself refuses it here. How many numbers of ten digits are NHS numbers is asked of all files of a
//! provider together ([`crate::quality::ten_digits`]), for which each file leaves behind what it has [`Shown`].

use std::cell::RefCell;
use std::rc::Rc;

use arrow::array::Array;
use earlycall_schemas::rules::rule;
use earlycall_schemas::table::{ColumnSpec, DType, Presence, TableSpec};

use crate::error::{Error, Result};
use crate::extract::code_watch::{CodeWatch, is_unchecked};
use crate::extract::columns::is_coded;
use crate::extract::ids::Ids;
use crate::extract::number_watch;
use crate::extract::raw::Cells;
use crate::quality::leak::{Leak, Seen, are_plain_keys, look};
use crate::quality::ten_digits::{TenDigits, number_in};

/// Fewer values than this are no column of NHS numbers, or of anything else that keys may look like. Values are counted with
/// their copies: a column of text that says the same number in every row is a column of that number.
const VALUES_MIN: u64 = 20;
/// A column is refused when one in so many of its values is what it must not be.
const ONE_IN: u64 = 2;

/// Whether a column is watched: text, numbers and codes that nothing holds to a list or a form, in tables of persons.
pub(super) fn is_watched(table: &TableSpec, spec: &ColumnSpec) -> bool {
    let may_hold_anything = matches!(spec.dtype, DType::Text | DType::Int | DType::Float);
    table.is_about_persons() && (may_hold_anything || is_unchecked(table, spec)) && !spec.list
}

/// What the cells of a column looked like.
pub(super) struct Watch {
    spec: &'static ColumnSpec,
    /// Text that every row must have is a key of the supplier's.
    is_key: bool,
    cells: u64,
    ten_digits: u64,
    nhs_numbers: Count,
    /// What may be a leak or a key.
    alike: Option<(Leak, Count)>,
    /// Where the column is one of codes, all that is known of it.
    codes: Option<CodeWatch>,
    /// Whether it is one of numbers.
    is_of_numbers: bool,
    /// The different numbers of ten digits.
    digits: TenDigits<u64>,
}

/// What the columns of files have shown that were read to their end, by column: its different numbers of ten digits, and the
/// row of the first NHS number.
#[derive(Clone, Default)]
pub(super) struct Shown(Rc<RefCell<Vec<OfColumn>>>);

/// A column, and what it has shown.
type OfColumn = (&'static str, TenDigits<u64>);

impl Shown {
    /// Ends the watch over a file that is read to its end.
    ///
    /// # Errors
    /// The first column that is as a whole what it must not be.
    pub fn end(&self, watches: impl Iterator<Item = Watch>) -> Result<()> {
        for watch in watches {
            watch.verdict()?;
            if watch.digits.of() > 0 {
                self.0.borrow_mut().push((&watch.spec.name, watch.digits));
            }
        }
        Ok(())
    }

    /// What the columns of the file have shown.
    pub fn take(&self) -> Vec<OfColumn> {
        self.0.take()
    }
}

/// How many, and the first row.
#[derive(Clone, Copy, Default)]
struct Count {
    n: u64,
    first_row: u64,
}

impl Count {
    fn one_in(&mut self, row: u64) {
        if self.n == 0 {
            self.first_row = row;
        }
        self.n += 1;
    }

    fn is_many_of(&self, n: u64) -> bool {
        n >= VALUES_MIN && self.n * ONE_IN >= n
    }
}

impl Watch {
    pub fn over(spec: &'static ColumnSpec) -> Watch {
        let is_key = spec.dtype == DType::Text && spec.presence == Presence::M;
        let codes = is_coded(spec).then(|| CodeWatch::over(spec));
        let is_of_numbers = matches!(spec.dtype, DType::Int | DType::Float);
        let (ten_digits, nhs_numbers, alike, digits) = Default::default();
        Watch { spec, is_key, cells: 0, ten_digits, nhs_numbers, alike, codes, is_of_numbers, digits }
    }

    /// Looks at a cell as text.
    ///
    /// # Errors
    /// It gives something away. The message never holds it.
    #[inline]
    pub fn look(&mut self, cell: &str, row: u64) -> Result<()> {
        if cell.is_empty() {
            return Ok(());
        }
        if let Some(codes) = &self.codes {
            return codes.look(&mut self.digits, cell, row).map_or(Ok(()), |leak| Err(self.refusal(leak, row)));
        }
        self.cells += 1;
        if self.is_of_numbers {
            number_watch::look(&mut self.digits, cell, row);
        }
        match look(cell) {
            Seen::Nothing => {}
            Seen::TenDigits { .. } if self.is_of_numbers => {}
            Seen::TenDigits { is_nhs_number } => {
                self.ten_digits += 1;
                if !self.digits.are_enough() {
                    self.digits.note(number_in(cell), is_nhs_number, Some(row));
                }
                if is_nhs_number {
                    self.nhs_numbers.one_in(row);
                }
            }
            Seen::Perhaps(Leak::Phone) if !self.is_key => return Err(self.refusal(Leak::Phone, row)),
            Seen::Perhaps(leak) => self.alike.get_or_insert((leak, Count::default())).1.one_in(row),
            Seen::Certainly(leak) => return Err(self.refusal(leak, row)),
        }
        Ok(())
    }

    /// Looks at the cells of a batch whose first row is `first_row`.
    ///
    /// # Errors
    /// As for [`Watch::look`].
    pub fn look_at(&mut self, cells: &Cells, first_row: u64) -> Result<()> {
        match cells {
            Cells::Text(text) if self.codes.is_none() && !self.is_of_numbers && are_plain_keys(text) => {
                self.cells += (text.len() - text.null_count()) as u64;
                Ok(())
            }
            Cells::Ids(Ids { numbers, texts: None }) => {
                self.cells += (numbers.len() - numbers.null_count()) as u64;
                Ok(())
            }
            Cells::Ids(Ids { texts: Some(pieces), .. }) => {
                (first_row..).zip(pieces.texts()).try_for_each(|(row, id)| self.look(id, row))
            }
            Cells::Text(text) => (first_row..).zip(text).try_for_each(|(row, cell)| self.look(cell.unwrap_or(""), row)),
            Cells::Whole(numbers) => {
                self.look_at_numbers(first_row, numbers.iter().map(|number| number.map(|number| number as f64)));
                Ok(())
            }
            // What lies under an empty cell may be of ten digits too, and is not looked at below.
            Cells::Decimal(numbers) if !numbers.values().iter().any(|number| (1e9..1e10).contains(number)) => Ok(()),
            Cells::Decimal(numbers) => {
                self.look_at_numbers(first_row, numbers.iter());
                Ok(())
            }
            Cells::Coded(cells) => {
                let codes = self.codes.as_mut();
                match codes.and_then(|codes| codes.look_at(&mut self.digits, cells, first_row)) {
                    Some((row, leak)) => Err(self.refusal(leak, row)),
                    None => Ok(()),
                }
            }
            Cells::Absent | Cells::Days(_) | Cells::Seconds(_) | Cells::Flags(_) => Ok(()),
        }
    }

    fn look_at_numbers(&mut self, first_row: u64, numbers: impl Iterator<Item = Option<f64>>) {
        let there = (first_row..).zip(numbers).filter_map(|(row, number)| Some((row, number?)));
        there.for_each(|(row, number)| number_watch::look_at(&mut self.digits, number, row));
    }

    /// What the column as a whole was, once the file is read to its end.
    ///
    /// # Errors
    /// Half of its values or more are what they must not be.
    fn verdict(&self) -> Result<()> {
        if self.nhs_numbers.is_many_of(self.ten_digits) {
            let what =
                format!("{} of its {} values of ten digits are NHS numbers", self.nhs_numbers.n, self.ten_digits);
            return Err(self.refused(what, self.nhs_numbers.first_row));
        }
        match self.alike {
            Some((leak, alike)) if alike.is_many_of(self.cells) => {
                let what = format!("{} of its {} values look like {}", alike.n, self.cells, leak.in_words());
                Err(self.refused(what, alike.first_row))
            }
            _ => Ok(()),
        }
    }

    fn refusal(&self, leak: Leak, row: u64) -> Error {
        self.refused(format!("is {}", leak.in_words()), row)
    }

    fn refused(&self, what: String, row: u64) -> Error {
        refused(&self.spec.name, what).row(row)
    }
}

/// The refusal of a file for a column that tells who somebody is.
pub(super) fn refused(column: &str, what: String) -> Error {
    let hint = &rule("V03").expect("a rule of the contract").hint;
    Error::refused(what, hint).column(column).rule("V03")
}
