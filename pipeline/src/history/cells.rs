//! Typed access to the cells of settled rows.

use arrow::{
    array::{
        Array, ArrayRef, AsArray, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
        UInt32Array,
    },
    datatypes::{Date32Type, Float64Type, Int64Type, TimestampSecondType, UInt32Type},
};

use crate::{
    day::{Day, Instant},
    history::{
        records::{Code, LongCode, ShortCode},
        words::Words,
    },
    meaning::{GpMeaning, Medicine},
};

/// Settled rows with typed access by column name; every accessor answers "nothing" for an empty cell.
pub struct Cells<'a> {
    rows: &'a RecordBatch,
    words: &'a Words,
}

/// One column of numbers of words.
pub struct Coded<'a> {
    numbers: &'a UInt32Array,
    words: &'a Words,
}
/// One column of text.
pub struct Text<'a>(&'a StringArray);
/// One column of days.
pub struct Days<'a>(&'a Date32Array);
/// One column of moments.
pub struct Instants<'a>(&'a arrow::array::TimestampSecondArray);
/// One column of whole numbers.
pub struct Ints<'a>(&'a Int64Array);
/// One column of decimal numbers.
pub struct Floats<'a>(&'a Float64Array);
/// One column of flags.
pub struct Flags<'a>(&'a BooleanArray);

impl<'a> Cells<'a> {
    /// The cells of settled rows.
    pub fn of(rows: &'a RecordBatch, words: &'a Words) -> Cells<'a> {
        Cells { rows, words }
    }

    /// A column as it is.
    pub fn column(&self, name: &str) -> &'a ArrayRef {
        self.rows.column_by_name(name).expect("the column is declared as kept for this table")
    }

    /// A column of codes.
    pub fn coded(&self, name: &str) -> Coded<'a> {
        Coded { numbers: self.column(name).as_primitive::<UInt32Type>(), words: self.words }
    }

    /// A text column.
    pub fn text(&self, name: &str) -> Text<'a> {
        Text(self.column(name).as_string())
    }

    /// A date column.
    pub fn days(&self, name: &str) -> Days<'a> {
        Days(self.column(name).as_primitive::<Date32Type>())
    }

    /// A timestamp column.
    pub fn instants(&self, name: &str) -> Instants<'a> {
        Instants(self.column(name).as_primitive::<TimestampSecondType>())
    }

    /// A column of whole numbers.
    pub fn ints(&self, name: &str) -> Ints<'a> {
        Ints(self.column(name).as_primitive::<Int64Type>())
    }

    /// A column of decimal numbers.
    pub fn floats(&self, name: &str) -> Floats<'a> {
        Floats(self.column(name).as_primitive::<Float64Type>())
    }

    /// A column of flags.
    pub fn flags(&self, name: &str) -> Flags<'a> {
        Flags(self.column(name).as_boolean())
    }
}

impl<'a> Coded<'a> {
    fn word<T: Copy + Default>(&self, row: usize, of: &[T]) -> T {
        if self.numbers.is_valid(row) { of[self.numbers.value(row) as usize] } else { T::default() }
    }

    /// The text, or nothing.
    pub fn get(&self, row: usize) -> &'a str {
        if self.numbers.is_valid(row) { &self.words.texts()[self.numbers.value(row) as usize] } else { "" }
    }

    /// A code of up to eight bytes.
    pub fn short(&self, row: usize) -> ShortCode {
        self.word(row, self.words.short())
    }

    /// A code of up to sixteen bytes.
    pub fn long(&self, row: usize) -> LongCode {
        self.word(row, self.words.long())
    }

    /// A code of up to 32 bytes.
    pub fn wide(&self, row: usize) -> Code<32> {
        self.word(row, self.words.wide())
    }

    /// A SNOMED CT id, or 0.
    pub fn snomed(&self, row: usize) -> u64 {
        self.word(row, self.words.snomed())
    }

    /// What is judged of each row's code, once per distinct code.
    pub fn judged(&self, judge: impl Fn(ShortCode) -> bool) -> Vec<bool> {
        self.by_word(judge(ShortCode::default()), |word| judge(self.words.short()[word]))
    }

    /// What is judged of each row's code as a text, once per distinct code.
    pub fn judged_by_text(&self, judge: impl Fn(&str) -> bool) -> Vec<bool> {
        self.by_word(judge(""), |word| judge(&self.words.texts()[word]))
    }

    fn by_word(&self, of_nothing: bool, judge: impl Fn(usize) -> bool) -> Vec<bool> {
        let mut known: Vec<Option<bool>> = vec![None; self.words.texts().len()];
        // Equal codes follow one another: what a practice sent lies together, and within it what is of one person.
        let mut latest = (None, of_nothing);
        let mut of_row = |number: Option<u32>| {
            if number != latest.0 {
                let word = number.map(|word| word as usize);
                let verdict = word.map_or(of_nothing, |word| *known[word].get_or_insert_with(|| judge(word)));
                latest = (number, verdict);
            }
            latest.1
        };
        match self.numbers.null_count() {
            0 => self.numbers.values().iter().map(|number| of_row(Some(*number))).collect(),
            _ => self.numbers.iter().map(of_row).collect(),
        }
    }

    /// What the code means in the GP record.
    pub fn gp_meaning(&self, row: usize) -> Option<&'static GpMeaning> {
        self.word(row, self.words.gp_meanings())
    }

    /// The medicine that the code is of.
    pub fn medicine(&self, row: usize) -> &'static Medicine {
        match self.numbers.is_valid(row) {
            true => self.words.medicines()[self.numbers.value(row) as usize],
            false => Medicine::of(""),
        }
    }
}

impl<'a> Text<'a> {
    /// The text, or nothing.
    pub fn get(&self, row: usize) -> &'a str {
        if self.0.is_valid(row) { self.0.value(row) } else { "" }
    }

    /// The text as a code.
    pub fn code<const N: usize>(&self, row: usize) -> Code<N> {
        Code::new(self.get(row))
    }

    /// The elements of a list, joined by `|`.
    pub fn list(&self, row: usize) -> impl Iterator<Item = &'a str> {
        self.get(row).split('|').filter(|element| !element.is_empty())
    }
}

impl Days<'_> {
    /// The day, if there is one.
    pub fn get(&self, row: usize) -> Option<Day> {
        self.0.is_valid(row).then(|| Day(self.0.value(row)))
    }
}

impl Instants<'_> {
    /// The moment, if there is one.
    pub fn get(&self, row: usize) -> Option<Instant> {
        self.0.is_valid(row).then(|| Instant(self.0.value(row)))
    }
}

impl Ints<'_> {
    /// The number, if there is one.
    pub fn get(&self, row: usize) -> Option<i64> {
        self.0.is_valid(row).then(|| self.0.value(row))
    }
}

impl Floats<'_> {
    /// The number, if there is one.
    pub fn get(&self, row: usize) -> Option<f64> {
        self.0.is_valid(row).then(|| self.0.value(row))
    }
}

impl Flags<'_> {
    /// The flag, if there is one.
    pub fn get(&self, row: usize) -> Option<bool> {
        self.0.is_valid(row).then(|| self.0.value(row))
    }

    /// The flag; an empty cell is false.
    pub fn is_set(&self, row: usize) -> bool {
        self.get(row) == Some(true)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::meaning::embedded;

    #[test]
    fn each_row_has_the_verdict_on_its_code_and_each_code_is_judged_once() {
        let mut words = Words::under(embedded());
        words.take_in(&["F99901".to_owned(), "F99902".to_owned()]);
        let judged = |numbers: Vec<Option<u32>>| {
            let (numbers, n_judged) = (UInt32Array::from(numbers), Cell::new(0));
            let is_first = |practice: ShortCode| {
                n_judged.set(n_judged.get() + 1);
                practice.as_str() == "F99901"
            };
            (Coded { numbers: &numbers, words: &words }.judged(is_first), n_judged.get())
        };
        // Whatever the rows, what is thought of an empty cell is asked beforehand.
        assert_eq!(judged(vec![Some(0), Some(0), Some(1), Some(0)]), (vec![true, true, false, true], 1 + 2));
        assert_eq!(judged(vec![None, Some(0), None, Some(1), Some(0)]), (vec![false, true, false, false, true], 1 + 2));
        assert_eq!(judged(vec![]), (vec![], 1));
    }
}
