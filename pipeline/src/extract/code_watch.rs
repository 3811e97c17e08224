//! The leak scan of codes that nothing else holds to a form (V03): each distinct word is looked at once.

use std::collections::BTreeMap;

use arrow::array::{Array, DictionaryArray, StringArray};
use arrow::datatypes::Int32Type;
use earlycall_schemas::table::{ColumnSpec, DType, TableSpec};

use crate::extract::columns::{is_coded, is_read};
use crate::quality::leak::{Leak, Seen, look};
use crate::quality::memo::Memo;

/// So many numbers of ten digits tell what the others are.
const NUMBERS_MAX: usize = 1_000;

/// Whether any word passes as a code of the column: there is no list or form of them, a word without the form is kept, or
/// the cells are not read.
pub(super) fn is_unchecked(table: &TableSpec, spec: &ColumnSpec) -> bool {
    let takes_any = match spec.dtype {
        DType::Code => spec.one_of.is_empty(),
        DType::Ucum | DType::Lsoa | DType::Site => true,
        _ => false,
    };
    is_coded(spec) && spec.dtype != DType::PersonId && (takes_any || !is_read(table, spec))
}

/// What the words of a column of codes looked like.
pub(super) struct CodeWatch {
    /// Units are written in words.
    may_be_words: bool,
    /// Of the latest dictionary, the words that give something away.
    leaks: Memo<Vec<(usize, Leak)>>,
    /// Numbers of ten digits, and whether each is an NHS number. A concept may have such an id, and stand in many rows.
    numbers: BTreeMap<u64, bool>,
}

impl CodeWatch {
    pub fn over(spec: &ColumnSpec) -> CodeWatch {
        CodeWatch { may_be_words: spec.dtype == DType::Ucum, leaks: Memo::default(), numbers: BTreeMap::new() }
    }

    /// What a word certainly is. What may as well be a code never is anything.
    #[inline]
    pub fn look(&mut self, word: &str) -> Option<Leak> {
        leak_of(word, self.may_be_words, &mut self.numbers)
    }

    /// The first of the rows, counted from 0, that gives something away, and what.
    pub fn look_at(&mut self, cells: &DictionaryArray<Int32Type>) -> Option<(usize, Leak)> {
        let words: &StringArray = cells.values().as_any().downcast_ref().expect("the values are text");
        let numbers = &mut self.numbers;
        let leaks = self.leaks.of(words, |known, from| {
            let mut leaks = known.unwrap_or_default();
            let new = (from..words.len()).filter(|&at| words.is_valid(at));
            leaks.extend(new.filter_map(|at| Some((at, leak_of(words.value(at), self.may_be_words, numbers)?))));
            leaks
        });
        if leaks.is_empty() {
            return None;
        }
        // A word that no row has gives nothing away; a row of a later batch may have it.
        let leak_at = |key: i32| leaks.iter().find(|(at, _)| *at == key as usize).map(|(_, leak)| *leak);
        cells.keys().iter().enumerate().find_map(|(row, key)| Some((row, leak_at(key?)?)))
    }

    /// The numbers of ten digits, distinct: all, and those that are NHS numbers.
    pub fn ten_digits(&self) -> (u64, u64) {
        (self.numbers.len() as u64, self.numbers.values().filter(|&&is_nhs_number| is_nhs_number).count() as u64)
    }
}

fn leak_of(word: &str, may_be_words: bool, numbers: &mut BTreeMap<u64, bool>) -> Option<Leak> {
    match look(word) {
        Seen::Certainly(Leak::FreeText) if may_be_words => None,
        Seen::Certainly(leak) => Some(leak),
        Seen::TenDigits { is_nhs_number } if numbers.len() < NUMBERS_MAX => {
            // They may be parted by blanks or hyphens, or end as a decimal does.
            let digits = word.bytes().filter(u8::is_ascii_digit).take(10);
            numbers.insert(digits.fold(0, |number, digit| 10 * number + u64::from(digit - b'0')), is_nhs_number);
            None
        }
        Seen::TenDigits { .. } | Seen::Perhaps(_) | Seen::Nothing => None,
    }
}
