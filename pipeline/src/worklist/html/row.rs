//! A line as the list shows it: what a glance must tell.

use super::person::Person;
use crate::worklist::{
    columns::{NO_DATA, NONE, WITHHELD, or_no_data},
    inert::one_line,
    line::{Band, DO_NOT_CALL, FRAILTY_HIGH, Line, REMOVED, TeamList},
    person_ref::LENGTH,
};

/// Reasons that show on the list; the person's page has all of them.
const TOP_REASONS: usize = 2;

/// One line of the table, and its person's page.
pub(super) struct Row {
    /// The place on the list, which names the line within the page.
    pub place: usize,
    pub number: u32,
    /// All that is said of somebody who was removed.
    pub removed: Option<&'static str>,
    /// The reference in two halves, easier to read out.
    pub ref_start: String,
    pub ref_end: String,
    pub age_and_sex: String,
    /// What came of calls so far, of whoever is called again.
    pub called: Option<String>,
    pub risk: String,
    pub mark: &'static str,
    pub band: Option<Band>,
    pub band_word: &'static str,
    pub change: String,
    pub is_new: bool,
    pub top_reasons: Vec<String>,
    pub conditions: Vec<String>,
    pub checks: Vec<String>,
    pub person: Option<Person>,
}

impl Row {
    pub fn of(line: &Line, list: &TeamList, place: usize, person: Option<Person>) -> Row {
        let (ref_start, ref_end) = in_halves(&one_line(&line.person_ref));
        Row {
            place,
            number: line.line_no,
            removed: line.is_removed().then_some(DO_NOT_CALL),
            ref_start,
            ref_end,
            age_and_sex: age_and_sex(line),
            called: line.is_carried_over.then(|| or_no_data(one_line(&line.contact))),
            risk: or_no_data(one_line(&line.risk_in_words)),
            mark: line.band.map_or("", mark),
            band: line.band,
            band_word: line.band.map_or(REMOVED, Band::in_words),
            change: or_no_data(one_line(&line.change)),
            is_new: line.is_new,
            top_reasons: or(top_reasons(line, list), NO_DATA),
            conditions: or(cleaned(&line.conditions).iter().map(|name| without_origin(name)).collect(), NO_DATA),
            checks: checks(line),
            person,
        }
    }

    /// The word of the band in files, which the script looks for.
    pub fn band_code(&self) -> &'static str {
        self.band.map_or("", Band::code)
    }
}

/// What puts somebody on the list: for coaching that is what raises their risk, for all others the rule that found them.
fn top_reasons(line: &Line, list: &TeamList) -> Vec<String> {
    let rules = if list.is_coaching() { [].as_slice() } else { &line.why_listed };
    cleaned(&[rules, &line.reasons].concat()).into_iter().take(TOP_REASONS).collect()
}

/// A reference in two halves, easier to read out; what is no reference stays whole.
pub(super) fn in_halves(reference: &str) -> (String, String) {
    let is_reference = reference.chars().count() == LENGTH;
    let half = reference.char_indices().nth(LENGTH / 2).filter(|_| is_reference).map_or(reference.len(), |(at, _)| at);
    let (start, end) = reference.split_at(half);
    (start.to_owned(), end.to_owned())
}

/// "72, Female"; what is not known is named.
fn age_and_sex(line: &Line) -> String {
    let named = |word: &str, text: String| match text.as_str() {
        NO_DATA | "Not known" => format!("{word} {}", text.to_lowercase()),
        _ => text,
    };
    let (age, sex) = (or_no_data(one_line(&line.age)), or_no_data(one_line(&line.sex)));
    format!("{}, {}", named("age", age), named("sex", sex))
}

/// What to know before calling: flags, contact needs, and what is missing or old about the data.
fn checks(line: &Line) -> Vec<String> {
    let mut checks = cleaned(&line.flags);
    let hints = cleaned(std::slice::from_ref(&line.contact_hint));
    checks.extend(hints.into_iter().filter(|hint| ![NO_DATA, NONE, WITHHELD].contains(&hint.as_str())));
    checks.extend((line.frailty == FRAILTY_HIGH).then(|| "Frailty: high".to_owned()));
    checks.extend(cleaned(&line.badges));
    checks
}

/// "COPD" of "COPD (since 2019, GP record)": at a glance the name is enough.
fn without_origin(condition: &str) -> String {
    condition.split_once(" (since ").map_or(condition, |(name, _)| name).to_owned()
}

/// The texts that say something, on one line each.
pub(super) fn cleaned(texts: &[String]) -> Vec<String> {
    texts.iter().map(|text| one_line(text)).filter(|text| !text.trim().is_empty()).collect()
}

/// The texts, or one that stands where there are none.
pub(super) fn or(texts: Vec<String>, when_empty: &str) -> Vec<String> {
    if texts.is_empty() { vec![when_empty.to_owned()] } else { texts }
}

/// The band as filled squares: a mark that needs no colour.
pub(super) fn mark(band: Band) -> &'static str {
    match band {
        Band::VeryHigh => "■■■■",
        Band::High => "■■■□",
        Band::Rising => "■■□□",
        Band::Moderate => "■□□□",
        Band::Low => "□□□□",
    }
}
