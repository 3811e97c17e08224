//! Codes as small integers: each distinct code once, in the order in which it was first met.
//!
//! A segment holds the words that its rows name, and numbers of its own for them. A generation numbers the words of all
//! its segments, one after another; nobody's number ever changes while a generation is open.

use std::collections::HashMap;

use arrow::array::UInt32Array;

use crate::{
    history::records::{Code, LongCode, ShortCode},
    meaning::{GpMeaning, GpMeanings, Medicine},
};

/// Words by number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lexicon {
    texts: Vec<String>,
    numbers: HashMap<String, u32>,
}

impl Lexicon {
    /// The number of a word; one that is new gets the next.
    pub fn number(&mut self, word: &str) -> u32 {
        if let Some(number) = self.numbers.get(word) {
            return *number;
        }
        let next = self.texts.len() as u32;
        self.texts.push(word.to_owned());
        self.numbers.insert(word.to_owned(), next);
        next
    }

    /// The numbers of another lexicon's words in this one, by their number there; words that are new are taken in.
    pub fn take_in(&mut self, other: &[String]) -> Renumbering {
        Renumbering(other.iter().map(|word| self.number(word)).collect())
    }

    /// The texts, by number.
    pub fn texts(&self) -> &[String] {
        &self.texts
    }
}

/// From numbers of one lexicon to those of another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Renumbering(pub Vec<u32>);

impl Renumbering {
    /// A column with the other numbers; in its own memory, if nobody else has it.
    pub fn apply(&self, column: UInt32Array) -> UInt32Array {
        // What lies under an empty cell is no number.
        let other = |number: u32| self.0.get(number as usize).copied().unwrap_or(0);
        column.unary_mut(other).unwrap_or_else(|column| column.unary(other))
    }
}

/// The words of a generation by number, and what each reads as.
#[derive(Debug)]
pub struct Words {
    meanings: &'static GpMeanings,
    lexicon: Lexicon,
    short: Vec<ShortCode>,
    long: Vec<LongCode>,
    wide: Vec<Code<32>>,
    snomed: Vec<u64>,
    gp: Vec<Option<&'static GpMeaning>>,
    medicines: Vec<&'static Medicine>,
}

impl Words {
    /// No words yet; those to come read as these meanings say.
    pub fn under(meanings: &'static GpMeanings) -> Words {
        let (lexicon, short, long, wide, snomed, gp, medicines) = Default::default();
        Words { meanings, lexicon, short, long, wide, snomed, gp, medicines }
    }

    /// Takes in the words of a segment: their numbers here, by their number there.
    pub fn take_in(&mut self, words: &[String]) -> Renumbering {
        let known = self.lexicon.texts.len();
        let renumbering = self.lexicon.take_in(words);
        for text in &self.lexicon.texts[known..] {
            self.short.push(Code::new(text));
            self.long.push(Code::new(text));
            self.wide.push(Code::new(text));
            self.gp.push(text.parse().ok().and_then(|concept| self.meanings.of_snomed(concept)));
            self.medicines.push(Medicine::of(text));
            self.snomed.push(text.parse().unwrap_or(0));
        }
        renumbering
    }

    /// The words by number.
    pub fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// The texts, by number.
    pub fn texts(&self) -> &[String] {
        self.lexicon.texts()
    }

    /// Each word as a code of up to eight bytes.
    pub fn short(&self) -> &[ShortCode] {
        &self.short
    }

    /// Each word as a code of up to sixteen bytes.
    pub fn long(&self) -> &[LongCode] {
        &self.long
    }

    /// Each word as a code of up to 32 bytes.
    pub fn wide(&self) -> &[Code<32>] {
        &self.wide
    }

    /// Each word as a SNOMED CT id; 0 where it is none.
    pub fn snomed(&self) -> &[u64] {
        &self.snomed
    }

    /// What each word means in the GP record.
    pub fn gp_meanings(&self) -> &[Option<&'static GpMeaning>] {
        &self.gp
    }

    /// Each word as a medicine.
    pub fn medicines(&self) -> &[&'static Medicine] {
        &self.medicines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_their_numbers_and_new_ones_follow_as_they_come() {
        let mut lexicon = Lexicon::default();
        let words = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert_eq!(lexicon.take_in(&words(&["R1H", "F99901"])), Renumbering(vec![0, 1]));
        assert_eq!(lexicon.take_in(&words(&["zz", "F99901", "aa"])), Renumbering(vec![2, 1, 3]));
        assert_eq!(lexicon.texts(), ["R1H", "F99901", "zz", "aa"]);
    }

    #[test]
    fn a_column_has_its_other_numbers_in_its_own_memory_and_whoever_else_has_it_keeps_theirs() {
        let renumbering = Renumbering(vec![5, 7]);
        let column = UInt32Array::from(vec![1, 0]);
        let memory = column.values().as_ptr();
        let other = renumbering.apply(column);
        assert_eq!((other.values().as_ptr(), other), (memory, UInt32Array::from(vec![7, 5])));

        let kept = UInt32Array::from(vec![0, 1, 0]);
        assert_eq!(renumbering.apply(kept.slice(1, 2)), UInt32Array::from(vec![7, 5]));
        assert_eq!(kept, UInt32Array::from(vec![0, 1, 0]));
    }

    #[test]
    fn under_an_empty_cell_lies_no_number() {
        let column = UInt32Array::new(vec![9, 1].into(), Some(vec![false, true].into()));
        assert_eq!(Renumbering(vec![5, 7]).apply(column), UInt32Array::from(vec![None, Some(7)]));
    }
}
