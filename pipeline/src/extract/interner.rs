//! The cells of a column of CSV gathered into a dictionary: each distinct text is kept once.

use std::str::Utf8Error;
use std::sync::Arc;

use arrow::array::{DictionaryArray, Int32Array, StringBuilder};
use arrow::datatypes::Int32Type;

use crate::quality::hashes;

/// A dictionary under construction, with the key of each row so far.
pub(super) struct Interner {
    /// Keys of the texts, plus one, each at or after the place that its hash names; 0 is a free place. Never full.
    places: Vec<u32>,
    hashes: Vec<u64>,
    texts: StringBuilder,
    keys: Vec<Option<i32>>,
}

impl Interner {
    pub fn new() -> Interner {
        Interner { places: vec![0; 64], hashes: Vec::new(), texts: StringBuilder::new(), keys: Vec::new() }
    }

    /// Adds a row; an empty cell is null.
    ///
    /// # Errors
    /// The cell is not UTF-8.
    pub fn push(&mut self, cell: &[u8]) -> Result<(), Utf8Error> {
        let key = if cell.is_empty() { None } else { Some(self.key(cell)?) };
        self.keys.push(key);
        Ok(())
    }

    /// The dictionary of all rows since the last one.
    pub fn finish(&mut self) -> DictionaryArray<Int32Type> {
        let Interner { texts, keys, .. } = std::mem::replace(self, Interner::new());
        let mut texts = texts;
        DictionaryArray::new(Int32Array::from(keys), Arc::new(texts.finish()))
    }

    fn key(&mut self, cell: &[u8]) -> Result<i32, Utf8Error> {
        // Neighbours are often alike: one practice, one provider, no withdrawal.
        if let Some(Some(last)) = self.keys.last()
            && self.text(*last) == cell
        {
            return Ok(*last);
        }
        let hash = hashes::of_text(0, cell);
        let mut place = hash as usize & (self.places.len() - 1);
        while self.places[place] > 0 {
            let key = self.places[place] as i32 - 1;
            if self.hashes[key as usize] == hash && self.text(key) == cell {
                return Ok(key);
            }
            place = (place + 1) & (self.places.len() - 1);
        }
        let key = self.hashes.len() as i32;
        self.texts.append_value(str::from_utf8(cell)?);
        self.hashes.push(hash);
        self.places[place] = key as u32 + 1;
        if self.hashes.len() * 2 > self.places.len() {
            self.spread();
        }
        Ok(key)
    }

    fn text(&self, key: i32) -> &[u8] {
        let ends = self.texts.offsets_slice();
        &self.texts.values_slice()[ends[key as usize] as usize..ends[key as usize + 1] as usize]
    }

    fn spread(&mut self) {
        let n = self.places.len() * 2;
        self.places = vec![0; n];
        for (key, hash) in self.hashes.iter().enumerate() {
            let mut place = *hash as usize & (n - 1);
            while self.places[place] > 0 {
                place = (place + 1) & (n - 1);
            }
            self.places[place] = key as u32 + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::StringArray;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_row_has_its_text_and_every_text_is_there_once(cells in prop::collection::vec("[ab]{0,8}", 0..400)) {
            let mut interner = Interner::new();
            cells.iter().for_each(|cell| interner.push(cell.as_bytes()).unwrap());
            let coded = interner.finish();
            let texts = coded.downcast_dict::<StringArray>().unwrap();
            let expected: Vec<Option<&str>> = cells.iter().map(|cell| Some(cell.as_str()).filter(|cell| !cell.is_empty())).collect();
            prop_assert_eq!(texts.into_iter().collect::<Vec<_>>(), expected);
            let mut values: Vec<_> = texts.values().iter().collect();
            values.sort();
            prop_assert!(values.windows(2).all(|pair| pair[0] != pair[1]));
        }
    }
}
