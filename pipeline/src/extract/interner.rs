//! The cells of a column of CSV gathered into a dictionary: each distinct text is kept once.

use std::sync::Arc;

use arrow::array::{Array, DictionaryArray, Int32Builder, StringArray, StringBuilder};
use arrow::datatypes::Int32Type;
use hashbrown::HashTable;
use twox_hash::XxHash3_64;

use crate::extract::word::word;
use crate::quality::hashes;

/// A dictionary under construction, with the key of each row so far.
///
/// The next batch goes on with the texts of the one before, so that what was found out about them holds.
pub(super) struct Interner {
    /// Codes: short texts, as numbers, and their keys.
    short: HashTable<(u128, i32)>,
    /// Persons and other long texts: their keys alone, so that what is looked up at random stays in the cache.
    long: HashTable<i32>,
    /// By key.
    texts: StringBuilder,
    /// The texts as the latest dictionary has them.
    given: Arc<StringArray>,
    keys: Int32Builder,
    /// The latest short text; 0 is none.
    latest_short: (u128, i32),
    latest_long: Option<i32>,
}

impl Interner {
    pub fn new() -> Interner {
        let (short, long, texts, keys) = Default::default();
        let given = Arc::new(StringArray::new_null(0));
        Interner { short, long, texts, given, keys, latest_short: (0, 0), latest_long: None }
    }

    /// Adds a row, of a text; an empty one is null.
    #[inline]
    pub fn push(&mut self, cell: &[u8]) {
        if cell.is_empty() {
            return self.keys.append_null();
        }
        let key = match word(cell) {
            // Neighbours are often alike: one practice, one provider, one person's day.
            Some(word) if word == self.latest_short.0 => self.latest_short.1,
            Some(word) => self.short_key(word, cell),
            None => self.long_key(cell),
        };
        self.keys.append_value(key);
    }

    /// The dictionary of all rows since the last one.
    pub fn finish(&mut self) -> DictionaryArray<Int32Type> {
        let keys = self.keys.finish();
        let (rows, n_texts) = (keys.len(), self.n_texts());
        if self.given.len() < n_texts {
            self.given = Arc::new(self.texts.finish_cloned());
        }
        let dictionary = DictionaryArray::new(keys, self.given.clone());
        // What few of the rows name is not worth carrying along.
        if n_texts > rows / 2 {
            *self = Interner::new();
        }
        self.keys = Int32Builder::with_capacity(rows);
        dictionary
    }

    fn n_texts(&self) -> usize {
        self.short.len() + self.long.len()
    }

    fn short_key(&mut self, word: u128, cell: &[u8]) -> i32 {
        let next = self.n_texts() as i32;
        let known = self.short.find(hash(word), |entry| entry.0 == word);
        self.latest_short = known.copied().unwrap_or_else(|| {
            self.texts.append_value(as_text(cell));
            *self.short.insert_unique(hash(word), (word, next), |entry| hash(entry.0)).get()
        });
        self.latest_short.1
    }

    fn long_key(&mut self, cell: &[u8]) -> i32 {
        let texts = &self.texts;
        let is_it = |key: &i32| text(texts, *key) == cell;
        if let Some(key) = self.latest_long.filter(is_it) {
            return key;
        }
        let hash = XxHash3_64::oneshot(cell);
        let known = self.long.find(hash, is_it).copied();
        let key = known.unwrap_or_else(|| {
            let next = self.n_texts() as i32;
            self.texts.append_value(as_text(cell));
            let texts = &self.texts;
            *self.long.insert_unique(hash, next, |key| XxHash3_64::oneshot(text(texts, *key))).get()
        });
        self.latest_long = Some(key);
        key
    }
}

fn as_text(cell: &[u8]) -> &str {
    str::from_utf8(cell).expect("the rows of a sound sheaf are text")
}

fn hash(word: u128) -> u64 {
    hashes::mix(word as u64, (word >> 64) as u64)
}

fn text(texts: &StringBuilder, key: i32) -> &[u8] {
    let ends = &texts.offsets_slice()[key as usize..][..2];
    &texts.values_slice()[ends[0] as usize..ends[1] as usize]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_row_has_its_text_and_every_text_is_there_once(
            batches in prop::collection::vec(prop::collection::vec(prop::option::of("[ab]{1,3}|[ab]{30}"), 0..99), 0..5),
        ) {
            let mut interner = Interner::new();
            for cells in batches {
                cells.iter().for_each(|cell| interner.push(cell.as_deref().unwrap_or("").as_bytes()));
                let coded = interner.finish();
                let texts = coded.downcast_dict::<StringArray>().unwrap();
                let expected: Vec<Option<&str>> = cells.iter().map(Option::as_deref).collect();
                prop_assert_eq!(texts.into_iter().collect::<Vec<_>>(), expected);
                let mut values: Vec<_> = texts.values().iter().collect();
                values.sort();
                prop_assert!(values.windows(2).all(|pair| pair[0] != pair[1]));
            }
        }
    }

    #[test]
    fn a_dictionary_begins_with_the_one_before_as_long_as_its_rows_are_many() {
        let mut interner = Interner::new();
        let mut values = |cells: &[&str]| -> Vec<String> {
            cells.iter().for_each(|cell| interner.push(cell.as_bytes()));
            let values = interner.finish().downcast_dict::<StringArray>().unwrap().values().clone();
            values.iter().map(|value| value.unwrap().to_owned()).collect()
        };
        assert_eq!(values(&["a", "a", "b", "a"]), ["a", "b"]);
        assert_eq!(values(&["c", "b", "c", "d", "e"]), ["a", "b", "c", "d", "e"]);
        assert_eq!(values(&["c", "f"]), ["c", "f"]);
    }
}
