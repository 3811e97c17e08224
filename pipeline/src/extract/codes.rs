//! Cells read as text: names, codes and lists of codes, checked and put into their one normal form.

use std::borrow::Cow;

use arrow::array::{Array, StringArray, StringBuilder};
use earlycall_schemas::codes;
use earlycall_schemas::rules::{Action, form_rule};
use earlycall_schemas::table::{ColumnSpec, DType, Presence};

use crate::extract::typed;
use crate::quality::faults::Faults;

/// Reads a column of names, times, free text, or lists.
pub(super) fn texts(spec: &'static ColumnSpec, cells: &StringArray, faults: &mut Faults) -> StringArray {
    let is_any_text = spec.dtype == DType::Text && !spec.list;
    if is_any_text && (spec.presence != Presence::M || cells.null_count() == 0) {
        return cells.clone();
    }
    let mut builder = StringBuilder::with_capacity(cells.len(), cells.value_data().len());
    for row in 0..cells.len() {
        let kept = match cells.is_valid(row).then(|| cells.value(row)) {
            None => None,
            Some(text) if spec.list => list(spec, text, row, faults),
            Some(text) => single(spec, text, row, faults),
        };
        if kept.is_none() && spec.presence == Presence::M {
            faults.breach(row, spec, "NULL");
        }
        builder.append_option(kept);
    }
    builder.finish()
}

fn single<'a>(spec: &'static ColumnSpec, text: &'a str, row: usize, faults: &mut Faults) -> Option<Cow<'a, str>> {
    let normal = normal_form(spec, text);
    match normal {
        None if faults.breach(row, spec, &form_rule(spec).id) == Action::Warn => Some(text.into()),
        normal => normal,
    }
}

/// The elements in normal form, joined again; one that has none is dropped, never the row. Both are counted.
fn list<'a>(spec: &'static ColumnSpec, text: &'a str, row: usize, faults: &mut Faults) -> Option<Cow<'a, str>> {
    if text.split('|').all(|element| is_normal(spec, element)) {
        return Some(text.into());
    }
    let mut kept = String::with_capacity(text.len());
    for element in text.split('|').filter(|element| !element.is_empty()) {
        match normal_form(spec, element) {
            Some(normal) => {
                if normal != element {
                    faults.repair(row, &spec.name, &form_rule(spec).id);
                }
                if !kept.is_empty() {
                    kept.push('|');
                }
                kept.push_str(&normal);
            }
            None => faults.repair(row, &spec.name, &form_rule(spec).id),
        }
    }
    (!kept.is_empty()).then_some(Cow::Owned(kept))
}

/// Whether a text can stand in a cell of a column that holds codes or `true` and `false`.
pub fn is_of_type(spec: &ColumnSpec, text: &str) -> bool {
    match spec.dtype {
        DType::Bool => text == "true" || text == "false",
        _ => normal_form(spec, text).is_some(),
    }
}

/// Whether a text is in normal form, without making one.
pub(super) fn is_normal(spec: &ColumnSpec, text: &str) -> bool {
    match spec.dtype {
        DType::Icd10 => codes::is_icd10(text),
        _ => !text.is_empty() && normal_form(spec, text).is_some_and(|normal| normal == text),
    }
}

/// The text as its type writes it; none if it is not of the type.
pub(super) fn normal_form<'a>(spec: &ColumnSpec, text: &'a str) -> Option<Cow<'a, str>> {
    let is_of_the_type = match spec.dtype {
        DType::Icd10 => return codes::normalise_icd10(text).map(Cow::Owned),
        DType::Opcs4 => return codes::normalise_opcs4(text).map(Cow::Owned),
        DType::Text | DType::Ucum => true,
        DType::Name => is_name(text),
        DType::PersonId => codes::is_person_id(text),
        DType::Code => spec.one_of.is_empty() || spec.one_of.iter().any(|code| code == text),
        DType::Snomed => codes::is_snomed_concept(text),
        DType::Dmd => codes::is_dmd(text),
        DType::Bnf => codes::is_bnf(text),
        DType::Practice => codes::is_practice(text),
        DType::Provider => codes::is_provider(text),
        DType::Site => codes::is_site(text),
        DType::Lsoa => codes::is_lsoa(text),
        DType::Time => is_time(text),
        DType::Date | DType::Month => typed::is_date(text),
        // No table has a list of these, and alone they are read as what they are.
        DType::Timestamp | DType::Bool | DType::Int | DType::Float => false,
    };
    is_of_the_type.then_some(Cow::Borrowed(text))
}

/// 1 to 64 letters, digits, `-` and `_`: safe as the name of a folder.
fn is_name(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=64).contains(&text.len()) && text.bytes().all(is_plain)
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
    fn a_name_can_be_a_folder_and_leads_nowhere_else() {
        for (text, expected) in [("coach-31", true), ("a_B9", true), ("", false), ("../x", false), ("a/b", false)] {
            assert_eq!(is_name(text), expected, "{text}");
        }
        assert!(!is_name(&"x".repeat(65)));
    }

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
