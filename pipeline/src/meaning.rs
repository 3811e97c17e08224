//! What a code means to the contract: looked up once per row, or once per distinct code.
//!
//! Positions are those of [`codelists::conditions`], [`codelists::observations`], [`codelists::bnf_sections`] and
//! [`codelists::charlson_groups`]. Codes of the GP record are matched whole, all others by how they begin.

mod diagnosis;
mod gp;
mod table;

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex},
};

use earlycall_schemas::{codelists, codes::is_bnf};

use self::table::Table;
pub use self::{
    diagnosis::{DiagnosisMeaning, of_icd10},
    gp::{GpMeaning, GpMeanings, embedded},
};
use crate::history::records::LongCode;

/// A medicine that is prescribed. There is one of each code for all prescriptions of it.
#[derive(Debug)]
pub struct Medicine {
    /// BNF code, or empty.
    pub bnf: LongCode,
    /// What the code means.
    pub means: &'static DrugMeaning,
}

impl Medicine {
    /// The medicine of a BNF code; of any other text, the one that has none. It is kept until the program ends, as long as
    /// any row may name it: of some thousand codes.
    ///
    /// # Example
    /// ```
    /// use earlycall::meaning::Medicine;
    /// let metformin = Medicine::of("0601022B0");
    /// assert!(std::ptr::eq(metformin, Medicine::of("0601022B0")));
    /// assert!(Medicine::of("73211009").bnf.is_empty());
    /// ```
    pub fn of(code: &str) -> &'static Medicine {
        static KNOWN: LazyLock<Mutex<HashMap<LongCode, &'static Medicine>>> = LazyLock::new(Mutex::default);
        let bnf = if is_bnf(code) { LongCode::new(code) } else { LongCode::new("") };
        let mut known = KNOWN.lock().expect("no thread dies holding it");
        known.entry(bnf).or_insert_with(|| Box::leak(Box::new(Medicine { bnf, means: of_bnf(bnf.as_str()) })))
    }
}

/// What a prescription is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DrugMeaning {
    /// The section of the formulary, if it is one that features count.
    pub section: Option<u16>,
    /// Conditions whose register asks for such a medicine.
    pub supports: Vec<u16>,
}

/// The meaning of a BNF code of any length.
pub fn of_bnf(code: &str) -> &'static DrugMeaning {
    DRUGS.at(bnf_place(code))
}

/// No beginning in the lists is longer than this, and all are digits.
const BNF_DIGITS: usize = 4;

static DRUGS: LazyLock<Table<DrugMeaning>> = LazyLock::new(|| {
    let texts = (0..=BNF_DIGITS).flat_map(|length| (0..10_u32.pow(length as u32)).map(move |n| (length, n)));
    let texts = texts.map(|(length, n)| if length == 0 { String::new() } else { format!("{n:0length$}") });
    let needs = |one: &codelists::Condition, code: &str| {
        one.needs_medicine
            .as_ref()
            .is_some_and(|needed| needed.bnf_prefixes.iter().any(|start| code.starts_with(start)))
    };
    Table::new(texts, bnf_place, |code| DrugMeaning {
        section: position(codelists::bnf_sections(), |one| code.starts_with(&one.code)),
        supports: positions(codelists::conditions(), |one| needs(one, code)),
    })
});

/// The place of a code's first digits, at most [`BNF_DIGITS`]: codes of one place begin alike.
fn bnf_place(code: &str) -> usize {
    let digits = code.bytes().take(BNF_DIGITS).take_while(u8::is_ascii_digit);
    digits.fold(0, |place, digit| 10 * place + 1 + usize::from(digit - b'0'))
}

/// The first item of a list for which something holds.
fn position<T>(items: &[T], holds: impl Fn(&T) -> bool) -> Option<u16> {
    items.iter().position(holds).map(|n| n as u16)
}

/// Every item of a list for which something holds, ascending.
fn positions<T>(items: &[T], holds: impl Fn(&T) -> bool) -> Vec<u16> {
    items.iter().enumerate().filter(|(_, item)| holds(item)).map(|(n, _)| n as u16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_medicine_is_found_by_how_its_code_begins() {
        for bnf in ["0301011R0AAAPAP", "23350501234", "0301", "2202", "22", "2", "03", "1901", "", "ABC", "04A1"] {
            let section = of_bnf(bnf).section.map(|n| &codelists::bnf_sections()[n as usize].code);
            assert_eq!(section, codelists::bnf_section(bnf).map(|section| &section.code), "{bnf}");
        }
        let supports =
            |bnf| of_bnf(bnf).supports.iter().map(|&n| &*codelists::conditions()[n as usize].id).collect::<Vec<_>>();
        assert_eq!(supports("0301011R0AAAPAP"), ["asthma"]);
        assert_eq!(supports("0408010A0"), ["epilepsy"]);
        assert!(supports("0205").is_empty());
    }

    #[test]
    fn every_beginning_of_a_medicine_fits_the_table() {
        let sections = codelists::bnf_sections().iter().map(|section| &section.code);
        let needed = codelists::conditions().iter().filter_map(|one| one.needs_medicine.as_ref());
        for start in sections.chain(needed.flat_map(|needed| &needed.bnf_prefixes)) {
            assert!(start.len() <= BNF_DIGITS && start.bytes().all(|byte| byte.is_ascii_digit()), "{start}");
        }
    }
}
