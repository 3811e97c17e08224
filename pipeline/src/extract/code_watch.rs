//! The leak scan of codes that nothing else holds to a form (V03): each distinct word is looked at once.

use arrow::array::{Array, DictionaryArray, StringArray};
use arrow::datatypes::Int32Type;
use earlycall_schemas::table::{ColumnSpec, DType, TableSpec};

use crate::extract::columns::{is_coded, is_read};
use crate::quality::leak::{Leak, Seen, look};
use crate::quality::memo::Memo;
use crate::quality::ten_digits::{TenDigits, number_in};

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
    /// What the words of the latest dictionary are.
    words: Memo<Words>,
}

/// Words of a dictionary, by their place in it.
#[derive(Default)]
struct Words {
    /// Those that give something away, and what.
    leaks: Vec<(usize, Leak)>,
    /// Those that are NHS numbers.
    nhs_numbers: Vec<usize>,
}

/// What a word is, as far as anybody is told of it.
enum Told {
    Leak(Leak),
    NhsNumber,
    Nothing,
}

impl CodeWatch {
    pub fn over(spec: &ColumnSpec) -> CodeWatch {
        let may_be_words = spec.dtype == DType::Ucum;
        CodeWatch { may_be_words, words: Memo::default() }
    }

    /// What a word certainly is. What may as well be a code never is anything.
    #[inline]
    pub fn look(&self, digits: &mut TenDigits<u64>, word: &str, row: u64) -> Option<Leak> {
        match told_of(word, self.may_be_words, digits) {
            Told::Leak(leak) => return Some(leak),
            Told::NhsNumber => digits.note_place(row),
            Told::Nothing => {}
        }
        None
    }

    /// The first row that gives something away, and what; `first_row` is that of the first cell.
    pub fn look_at(
        &mut self,
        digits: &mut TenDigits<u64>,
        cells: &DictionaryArray<Int32Type>,
        first_row: u64,
    ) -> Option<(u64, Leak)> {
        let texts: &StringArray = cells.values().as_any().downcast_ref().expect("the values are text");
        let words = self.words.of(texts, |known, from| {
            let mut words = known.unwrap_or_default();
            for at in (from..texts.len()).filter(|&at| texts.is_valid(at)) {
                match told_of(texts.value(at), self.may_be_words, digits) {
                    Told::Leak(leak) => words.leaks.push((at, leak)),
                    Told::NhsNumber => words.nhs_numbers.push(at),
                    Told::Nothing => {}
                }
            }
            words
        });
        let rows = || (first_row..).zip(cells.keys()).filter_map(|(row, key)| Some((row, key? as usize)));
        if digits.place().is_none() && !words.nhs_numbers.is_empty() {
            let first = rows().find(|(_, at)| words.nhs_numbers.binary_search(at).is_ok());
            first.into_iter().for_each(|(row, _)| digits.note_place(row));
        }
        if words.leaks.is_empty() {
            return None;
        }
        // A word that no row has gives nothing away; a row of a later batch may have it.
        let leak_at = |at: usize| words.leaks.iter().find(|(leaks_at, _)| *leaks_at == at).map(|(_, leak)| *leak);
        rows().find_map(|(row, at)| Some((row, leak_at(at)?)))
    }
}

fn told_of(word: &str, may_be_words: bool, digits: &mut TenDigits<u64>) -> Told {
    match look(word) {
        Seen::Certainly(Leak::FreeText) if may_be_words => Told::Nothing,
        Seen::Certainly(leak) => Told::Leak(leak),
        Seen::TenDigits { is_nhs_number } if !digits.are_enough() => {
            digits.note(number_in(word), is_nhs_number, None);
            if is_nhs_number { Told::NhsNumber } else { Told::Nothing }
        }
        Seen::TenDigits { .. } | Seen::Perhaps(_) | Seen::Nothing => Told::Nothing,
    }
}
