//! A person's page within the page: everything that a line knows, and every contribution to the risk drawn.

use super::row::{cleaned, or};
use crate::worklist::{
    columns::{NO_DATA, NONE, NONE_FOUND, or_no_data},
    contributions::Contribution,
    history,
    inert::one_line,
    line::Line,
};

/// A contribution of so many twentieths fills its half of the picture: the odds are seven times as high, or as low. What
/// is larger is drawn no longer; its words say "a lot" all the same.
const FULL_BAR_TWENTIETHS: u32 = 40;

/// What there is beneath a line.
pub(super) struct Person {
    pub reasons: Vec<String>,
    /// The facts behind the change since the night before.
    pub moved: Vec<String>,
    /// The risk over the nights: in words, and as the points of a line.
    pub history: Option<(String, String)>,
    pub bars: Vec<Bar>,
    pub more: Vec<More>,
    /// Whoever is next on the list and has a page: their place, and their number.
    pub next: Option<(usize, u32)>,
}

/// One contribution, drawn and in words.
pub(super) struct Bar {
    pub about: String,
    pub words: String,
    pub is_missing: bool,
    pub effect: String,
    pub raises: bool,
    /// Where the bar begins and how long it is, in percent of the picture, whose middle is the average person.
    pub start: f64,
    pub length: f64,
}

/// Something else to know, with its heading.
pub(super) struct More {
    pub word: &'static str,
    pub texts: Vec<String>,
    /// Whether people are looked for by it.
    pub is_found_by: bool,
}

impl Person {
    pub fn of(line: &Line, next: Option<(usize, u32)>) -> Person {
        Person {
            reasons: or(cleaned(&line.reasons), NO_DATA),
            moved: cleaned(&line.change_facts),
            history: history::in_words(&line.history).map(|words| (words, history::points(&line.history))),
            bars: line.contributions.iter().map(Bar::of).collect(),
            more: more(line),
            next,
        }
    }
}

impl Bar {
    fn of(contribution: &Contribution) -> Bar {
        let steps = contribution.twentieths.unsigned_abs().min(FULL_BAR_TWENTIETHS);
        let length = 50.0 * f64::from(steps) / f64::from(FULL_BAR_TWENTIETHS);
        let raises = contribution.twentieths > 0;
        Bar {
            about: or_no_data(one_line(&contribution.about)),
            words: or_no_data(one_line(&contribution.words)),
            is_missing: contribution.is_missing,
            effect: contribution.effect(),
            raises,
            start: if raises { 50.0 } else { 50.0 - length },
            length,
        }
    }
}

fn more(line: &Line) -> Vec<More> {
    let several = |word, texts: &[String], when_empty| {
        let texts = or(cleaned(texts), when_empty);
        More { word, texts, is_found_by: false }
    };
    let found_by = |word, texts: &[&str]| {
        let texts = texts.iter().map(|text| or_no_data(one_line(text))).collect();
        More { word, texts, is_found_by: true }
    };
    vec![
        several("Why on this list", &line.why_listed, NO_DATA),
        several("Calls so far", std::slice::from_ref(&line.contact), NO_DATA),
        several("Care gaps", &line.care_gaps, NONE_FOUND),
        several("Recent care", &line.recent_use, NONE),
        several("Long-term conditions", &line.conditions, NO_DATA),
        several("Looked after by", &line.looked_after, NO_DATA),
        several("Other services that might fit", &line.other_pathways, NONE_FOUND),
        found_by("GP practice", &[&line.practice, &format!("Network: {}", or_no_data(line.pcn.clone()))]),
        found_by("Borough and neighbourhood", &[&line.borough, &line.neighbourhood]),
        found_by("Contact needs", &[&line.contact_hint]),
        several("Frailty, by hospital stays", std::slice::from_ref(&line.frailty), NO_DATA),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_begins_at_the_average_person_and_goes_no_further_than_its_half() {
        let bar = |twentieths| {
            let (about, words) = ("Stays".to_owned(), "3 stays".to_owned());
            let bar = Bar::of(&Contribution { about, words, is_missing: false, twentieths });
            (bar.raises, bar.start, bar.length)
        };
        assert_eq!(bar(10), (true, 50.0, 12.5));
        assert_eq!(bar(-10), (false, 37.5, 12.5));
        assert_eq!(bar(90), (true, 50.0, 50.0));
        assert_eq!(bar(-90), (false, 0.0, 50.0));
        assert_eq!(bar(0), (false, 50.0, 0.0));
    }
}
