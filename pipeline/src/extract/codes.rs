//! Cells read as text: names, codes and lists of codes, checked and put into their one normal form.

use std::borrow::Cow;

use arrow::array::{Array, StringArray, StringBuilder};
use earlycall_schemas::codes;
use earlycall_schemas::table::{ColumnSpec, DType, Presence};

use crate::extract::typed;
use crate::quality::faults::Faults;
use crate::quality::tally::{CODE, NULL, Rule, TYPE};

/// What to do with a cell, or with an element of a list.
enum Verdict<'a> {
    Keep(Cow<'a, str>),
    /// It says "none" or "not known".
    Nothing,
    /// Empty the cell or drop the element; the row stays.
    Drop(Rule),
    Reject(Rule),
    /// A person id that is none refuses the whole file (V04).
    Refuse,
}

/// Reads a column of text.
///
/// # Errors
/// The row, counted from 0, whose person id is no person id: that refuses the file (V04).
pub(super) fn texts(spec: &'static ColumnSpec, cells: &StringArray, faults: &mut Faults) -> Result<StringArray, usize> {
    let mut builder = StringBuilder::with_capacity(cells.len(), cells.value_data().len());
    for row in 0..cells.len() {
        let kept = match cells.is_valid(row).then(|| cells.value(row)) {
            None => None,
            Some(text) if spec.list => list(spec, text, row, faults),
            Some(text) => match verdict(spec, text) {
                Verdict::Keep(text) => Some(text),
                Verdict::Refuse => return Err(row),
                verdict => {
                    note(spec, row, &verdict, faults);
                    None
                }
            },
        };
        if kept.is_none() && spec.presence == Presence::M {
            faults.reject(row, &spec.name, NULL);
        }
        builder.append_option(kept);
    }
    Ok(builder.finish())
}

fn note(spec: &'static ColumnSpec, row: usize, verdict: &Verdict, faults: &mut Faults) {
    match verdict {
        Verdict::Drop(rule) if spec.presence == Presence::M => faults.reject(row, &spec.name, rule),
        Verdict::Drop(rule) => faults.repair(row, rule),
        Verdict::Reject(rule) => faults.reject(row, &spec.name, rule),
        Verdict::Keep(_) | Verdict::Nothing | Verdict::Refuse => {}
    }
}

/// The elements in normal form; one that fails its rule is dropped and counted, never the row.
fn list<'a>(spec: &ColumnSpec, text: &'a str, row: usize, faults: &mut Faults) -> Option<Cow<'a, str>> {
    let mut kept = String::with_capacity(text.len());
    for element in text.split('|').filter(|element| !element.is_empty()) {
        match verdict(spec, element) {
            Verdict::Keep(element) => {
                if !kept.is_empty() {
                    kept.push('|');
                }
                kept.push_str(&element);
            }
            Verdict::Drop(rule) | Verdict::Reject(rule) => faults.repair(row, rule),
            Verdict::Refuse => faults.repair(row, "V04"),
            Verdict::Nothing => {}
        }
    }
    (!kept.is_empty()).then_some(Cow::Owned(kept))
}

fn verdict<'a>(spec: &ColumnSpec, text: &'a str) -> Verdict<'a> {
    let keep_if = |is_good: bool, otherwise: Verdict<'a>| if is_good { Verdict::Keep(text.into()) } else { otherwise };
    let normal = |code: Option<String>, rule| code.map_or(Verdict::Drop(rule), |code| Verdict::Keep(code.into()));
    match spec.dtype {
        DType::PersonId => keep_if(codes::is_person_id(text), Verdict::Refuse),
        DType::Text | DType::Ucum => Verdict::Keep(text.into()),
        DType::Code => keep_if(spec.one_of.is_empty() || spec.one_of.iter().any(|code| code == text), Verdict::Reject(CODE)),
        DType::Snomed => keep_if(codes::is_snomed_concept(text), Verdict::Reject("V20")),
        DType::Dmd => keep_if(codes::is_dmd(text), Verdict::Reject("V21")),
        DType::Bnf => keep_if(codes::is_bnf(text), Verdict::Reject("V21")),
        DType::Icd10 => normal(codes::normalise_icd10(text), "V18"),
        DType::Opcs4 if text == "-" || text == "&" => Verdict::Nothing,
        DType::Opcs4 => normal(codes::normalise_opcs4(text), "V19"),
        DType::Practice => keep_if(codes::is_practice(text), Verdict::Reject("V22")),
        DType::Provider => keep_if(codes::is_provider(text), Verdict::Reject("V22")),
        DType::Site => keep_if(codes::is_site(text), Verdict::Reject("V22")),
        DType::Lsoa => keep_if(codes::is_lsoa(text), Verdict::Drop("V23")),
        DType::Time => keep_if(is_time(text), Verdict::Reject(TYPE)),
        DType::Date | DType::Month => keep_if(typed::is_date(text), Verdict::Reject(TYPE)),
        // No table has a list of these, and alone they are read as what they are.
        DType::Timestamp | DType::Bool | DType::Int | DType::Float => Verdict::Reject(TYPE),
    }
}

/// `HH:MM` or `HH:MM:SS`.
fn is_time(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let in_range = |part: &str, below: u8| {
        part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()) && part.parse().is_ok_and(|n: u8| n < below)
    };
    match parts[..] {
        [hour, minute] => in_range(hour, 24) && in_range(minute, 60),
        [hour, minute, second] => in_range(hour, 24) && in_range(minute, 60) && in_range(second, 60),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_hours_and_minutes_with_or_without_seconds() {
        for (text, expected) in [
            ("00:00", true),
            ("23:59:59", true),
            ("24:00", false),
            ("12:60", false),
            ("9:30", false),
            ("+9:30", false),
            ("12", false),
            ("12:00:00:00", false),
        ] {
            assert_eq!(is_time(text), expected, "{text}");
        }
    }
}
