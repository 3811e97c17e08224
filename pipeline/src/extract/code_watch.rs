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
    /// What the words of the latest dictionary are.
    words: Memo<Words>,
    /// Numbers of ten digits, and whether each is an NHS number. A concept may have such an id, and stand in many rows.
    numbers: BTreeMap<u64, bool>,
    /// The first row with an NHS number.
    first_row: Option<u64>,
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

/// Numbers of a column of codes that are NHS numbers.
pub(super) struct NhsNumbers {
    /// Different ones.
    pub n: u64,
    /// Different numbers of ten digits, these and others.
    pub of: u64,
    /// The row of the first; absent where no row has any.
    pub first_row: Option<u64>,
}

impl CodeWatch {
    pub fn over(spec: &ColumnSpec) -> CodeWatch {
        let may_be_words = spec.dtype == DType::Ucum;
        CodeWatch { may_be_words, words: Memo::default(), numbers: BTreeMap::new(), first_row: None }
    }

    /// What a word certainly is. What may as well be a code never is anything.
    #[inline]
    pub fn look(&mut self, word: &str, row: u64) -> Option<Leak> {
        match told_of(word, self.may_be_words, &mut self.numbers) {
            Told::Leak(leak) => return Some(leak),
            Told::NhsNumber => _ = self.first_row.get_or_insert(row),
            Told::Nothing => {}
        }
        None
    }

    /// The first row that gives something away, and what; `first_row` is that of the first cell.
    pub fn look_at(&mut self, cells: &DictionaryArray<Int32Type>, first_row: u64) -> Option<(u64, Leak)> {
        let texts: &StringArray = cells.values().as_any().downcast_ref().expect("the values are text");
        let numbers = &mut self.numbers;
        let words = self.words.of(texts, |known, from| {
            let mut words = known.unwrap_or_default();
            for at in (from..texts.len()).filter(|&at| texts.is_valid(at)) {
                match told_of(texts.value(at), self.may_be_words, numbers) {
                    Told::Leak(leak) => words.leaks.push((at, leak)),
                    Told::NhsNumber => words.nhs_numbers.push(at),
                    Told::Nothing => {}
                }
            }
            words
        });
        let rows = || (first_row..).zip(cells.keys()).filter_map(|(row, key)| Some((row, key? as usize)));
        if self.first_row.is_none() && !words.nhs_numbers.is_empty() {
            self.first_row = rows().find(|(_, at)| words.nhs_numbers.binary_search(at).is_ok()).map(|(row, _)| row);
        }
        if words.leaks.is_empty() {
            return None;
        }
        // A word that no row has gives nothing away; a row of a later batch may have it.
        let leak_at = |at: usize| words.leaks.iter().find(|(leaks_at, _)| *leaks_at == at).map(|(_, leak)| *leak);
        rows().find_map(|(row, at)| Some((row, leak_at(at)?)))
    }

    /// The NHS numbers among the different numbers of ten digits.
    pub fn nhs_numbers(&self) -> NhsNumbers {
        let n = self.numbers.values().filter(|&&is_nhs_number| is_nhs_number).count() as u64;
        NhsNumbers { n, of: self.numbers.len() as u64, first_row: self.first_row }
    }
}

fn told_of(word: &str, may_be_words: bool, numbers: &mut BTreeMap<u64, bool>) -> Told {
    match look(word) {
        Seen::Certainly(Leak::FreeText) if may_be_words => Told::Nothing,
        Seen::Certainly(leak) => Told::Leak(leak),
        Seen::TenDigits { is_nhs_number } if numbers.len() < NUMBERS_MAX => {
            // They may be parted by blanks or hyphens, or end as a decimal does.
            let digits = word.bytes().filter(u8::is_ascii_digit).take(10);
            numbers.insert(digits.fold(0, |number, digit| 10 * number + u64::from(digit - b'0')), is_nhs_number);
            if is_nhs_number { Told::NhsNumber } else { Told::Nothing }
        }
        Seen::TenDigits { .. } | Seen::Perhaps(_) | Seen::Nothing => Told::Nothing,
    }
}
