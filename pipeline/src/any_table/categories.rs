//! Words as numbers: categories of a column, numbered for a model that takes numbers alone.

use std::collections::{BTreeMap, HashMap};

use arrow::array::StringArray;
use earlycall_model::boosted::Bins;

/// The words of a column while a table is read, numbered as they are met.
#[derive(Default)]
pub(super) struct Met {
    numbers: HashMap<String, u32>,
    of_rows: Vec<Option<u32>>,
}

impl Met {
    pub(super) fn add(&mut self, words: &StringArray) {
        for word in words {
            let number = word.map(|word| match self.numbers.get(word) {
                Some(number) => *number,
                None => {
                    let next = self.numbers.len() as u32;
                    self.numbers.insert(word.to_owned(), next);
                    next
                }
            });
            self.of_rows.push(number);
        }
    }

    /// The words as numbers from 0 in alphabetical order, NaN where there is none, whatever the order of the rows; and the
    /// words.
    pub(super) fn numbered(self) -> (Vec<f64>, Vec<String>) {
        let sorted: BTreeMap<String, u32> = self.numbers.into_iter().collect();
        let mut place = vec![0.0; sorted.len()];
        for (number, met) in sorted.values().enumerate() {
            place[*met as usize] = number as f64;
        }
        let values = self.of_rows.iter().map(|met| met.map_or(f64::NAN, |met| place[met as usize])).collect();
        (values, sorted.into_keys().collect())
    }
}

/// The names of the levels that a model has learnt. A word of too few rows is none of them, and is written down nowhere.
pub(super) fn names_of_levels(bins: &Bins, words: &[String]) -> Vec<String> {
    match bins {
        Bins::Levels(levels) => levels.iter().map(|level| words[*level as usize].clone()).collect(),
        Bins::Cuts(_) => Vec::new(),
    }
}

/// The categories of a column as a model knows them.
pub(super) struct Known<'a>(HashMap<&'a str, f64>);

impl<'a> Known<'a> {
    pub(super) fn of(bins: &Bins, names: &'a [String]) -> Known<'a> {
        let levels = match bins {
            Bins::Levels(levels) => levels.as_slice(),
            Bins::Cuts(_) => &[],
        };
        Known(names.iter().map(String::as_str).zip(levels.iter().copied()).collect())
    }

    /// Words as numbers, NaN where there is none or it is not known; and how many are not known.
    pub(super) fn numbers(&self, words: &StringArray) -> (Vec<f64>, u64) {
        let mut n_unknown = 0;
        let number = |word: Option<&str>| {
            let number = word.map(|word| self.0.get(word).copied());
            n_unknown += u64::from(number == Some(None));
            number.flatten().unwrap_or(f64::NAN)
        };
        let numbers = words.iter().map(number).collect();
        (numbers, n_unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_numbered_alphabetically_whatever_the_order_of_the_rows() {
        let numbered = |words: &[Option<&str>]| {
            let mut met = Met::default();
            words.chunks(2).for_each(|words| met.add(&StringArray::from(words.to_vec())));
            met.numbered()
        };
        let (values, words) = numbered(&[Some("b"), None, Some("a"), Some("b")]);
        assert_eq!((values[0], values[2], values[3], words), (1.0, 0.0, 1.0, vec!["a".to_owned(), "b".to_owned()]));
        assert!(values[1].is_nan());
        assert_eq!(numbered(&[Some("a"), Some("b"), Some("b")]).0, [0.0, 1.0, 1.0]);
    }

    #[test]
    fn a_word_that_is_not_known_is_counted_and_one_that_is_missing_is_not() {
        let (bins, names) = (Bins::Levels(vec![0.0, 2.0]), ["a".to_owned(), "c".to_owned()]);
        let (numbers, n_unknown) = Known::of(&bins, &names).numbers(&vec![Some("c"), Some("b"), None].into());
        assert_eq!((numbers[0], n_unknown), (2.0, 1));
        assert!(numbers[1].is_nan() && numbers[2].is_nan());
    }
}
