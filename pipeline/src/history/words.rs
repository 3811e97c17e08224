//! Codes as small integers: each distinct code of the history once, in the order in which it first arrived.

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, RwLock},
};

use arrow::array::UInt32Array;

use crate::{
    error::{Error, Kind, Result},
    history::records::{Code, LongCode, ShortCode},
    meaning::{DrugMeaning, GpMeaning, of_bnf, of_snomed},
};

/// Name of the file within a generation.
pub const FILE: &str = "words.json";

/// The codes of a generation by number, and what each reads as.
#[derive(Debug, Default)]
pub struct Words {
    texts: Vec<String>,
    short: Vec<ShortCode>,
    long: Vec<LongCode>,
    wide: Vec<Code<32>>,
    snomed: Vec<u64>,
    gp: Vec<Option<&'static GpMeaning>>,
    drugs: Vec<&'static DrugMeaning>,
}

impl Words {
    /// The numbered codes.
    pub fn new(texts: Vec<String>) -> Words {
        Words {
            short: texts.iter().map(|text| Code::new(text)).collect(),
            long: texts.iter().map(|text| Code::new(text)).collect(),
            wide: texts.iter().map(|text| Code::new(text)).collect(),
            gp: texts.iter().map(|text| of_snomed(text.parse().ok()?)).collect(),
            drugs: texts.iter().map(|text| of_bnf(text)).collect(),
            snomed: texts.iter().map(|text| text.parse().unwrap_or(0)).collect(),
            texts,
        }
    }

    /// Reads the codes of a generation.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when they cannot be read.
    pub fn read(generation: &Path) -> Result<Words> {
        let path = generation.join(FILE);
        let bytes = std::fs::read(&path).map_err(|error| Error::storage(&path, "read", &error))?;
        let texts = serde_json::from_slice(&bytes)
            .map_err(|_| Error::new(Kind::Storage, "is not a list of codes").file(path.display().to_string()))?;
        Ok(Words::new(texts))
    }

    /// The texts, by number.
    pub fn texts(&self) -> &[String] {
        &self.texts
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

    /// What each word means as a prescription.
    pub fn drug_meanings(&self) -> &[&'static DrugMeaning] {
        &self.drugs
    }
}

/// Gives numbers to words while rows arrive on several threads.
///
/// New words get numbers in the order in which threads meet them; [`Interner::finish`] tells the final ones, which do
/// not depend on that.
pub struct Interner {
    known: usize,
    numbers: RwLock<HashMap<Arc<str>, u32>>,
}

impl Interner {
    /// Goes on from the words of a generation.
    pub fn new(words: &[String]) -> Interner {
        let numbers = words.iter().enumerate().map(|(number, word)| (word.as_str().into(), number as u32)).collect();
        Interner { known: words.len(), numbers: RwLock::new(numbers) }
    }

    /// The number of a word for now.
    pub fn number(&self, word: &str) -> u32 {
        if let Some(number) = self.numbers.read().expect("no thread dies holding it").get(word) {
            return *number;
        }
        let mut numbers = self.numbers.write().expect("no thread dies holding it");
        let next = numbers.len() as u32;
        *numbers.entry(word.into()).or_insert(next)
    }

    /// All words by their final number, and the final number of each number given so far: words that were known keep
    /// theirs, and new ones follow in the order of their text.
    pub fn finish(self) -> (Vec<String>, Renumbering) {
        let numbers = self.numbers.into_inner().expect("no thread dies holding it");
        let mut given: Vec<(Arc<str>, u32)> = numbers.into_iter().collect();
        let is_known = |number: u32| (number as usize) < self.known;
        given.sort_unstable_by(|(a, m), (b, n)| match (is_known(*m), is_known(*n)) {
            (true, true) => m.cmp(n),
            (true, false) => std::cmp::Ordering::Less,
            (false, true) => std::cmp::Ordering::Greater,
            (false, false) => a.cmp(b),
        });
        let mut finals = vec![0; given.len()];
        given.iter().enumerate().for_each(|(number, (_, for_now))| finals[*for_now as usize] = number as u32);
        (given.into_iter().map(|(word, _)| word.to_string()).collect(), Renumbering(finals))
    }
}

/// From numbers given for the time being to final ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renumbering(pub Vec<u32>);

impl Renumbering {
    /// A column with final numbers.
    pub fn apply(&self, column: &UInt32Array) -> UInt32Array {
        // What lies under an empty cell is no number.
        column.unary(|number| self.0.get(number as usize).copied().unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_words_keep_their_numbers_and_new_ones_follow_by_text() {
        let interner = Interner::new(&["R1H".to_owned(), "F99901".to_owned()]);
        let given: Vec<u32> = ["zz", "F99901", "aa", "zz"].iter().map(|word| interner.number(word)).collect();
        assert_eq!(given, [2, 1, 3, 2]);
        let (words, finals) = interner.finish();
        assert_eq!(words, ["R1H", "F99901", "aa", "zz"]);
        assert_eq!(finals, Renumbering(vec![0, 1, 3, 2]));
    }
}
