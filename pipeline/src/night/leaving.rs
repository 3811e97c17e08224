//! Practices that have left, and whose people stay behind (COHORT): off the list of practices while people are registered
//! there, or sharing no records any more. That is said night after night, for a warning of one night is soon missed.

use std::collections::{BTreeMap, BTreeSet};

use earlycall_schemas::rules::Action;
use serde::{Deserialize, Serialize};

use super::overnight::{RULE, Then};
use crate::{
    cohort::headcount::Headcount,
    day::Day,
    history::{Reference, records::ShortCode},
    quality::finding::Finding,
    settings::overrides::Overrides,
};

/// A practice that has left, as the records of nights keep it from one to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// People who were registered there when it was last counted.
    pub registered: u64,
    /// When that was.
    pub on: Day,
    /// Whether somebody has answered for it by its name.
    pub is_answered_for: bool,
}

/// Where a practice stands on tonight's list of practices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It is on the list and shares its records.
    Shares,
    /// It is on the list and shares no records.
    SharesNoMore,
    /// It is not on the list.
    Gone,
}

impl Place {
    /// Looks a practice up.
    pub fn of(practice: &str, reference: &Reference) -> Place {
        match reference.practices.get(&ShortCode::new(practice)) {
            None => Place::Gone,
            Some(row) if row.shares => Place::Shares,
            Some(_) => Place::SharesNoMore,
        }
    }
}

/// Practices that share no records, by code, as a night's record keeps them.
pub fn without_agreement(reference: &Reference) -> BTreeSet<&str> {
    let without = reference.practices.iter().filter(|(_, row)| !row.shares);
    without.map(|(code, _)| code.as_str()).collect()
}

/// The practices that have left since the night before, and those that had by then and are not back, with what is said of
/// each.
///
/// One that is off the list counts while anybody is registered there: where its people have moved, it has closed. Of the
/// people of one that shares no more nothing is known but how many they were; once somebody has answered for it by its
/// name, and that has ended, no more is said.
#[derive(Default)]
pub struct Leaving(Vec<(String, Left, Finding)>);

impl Leaving {
    /// Looks at tonight's list of practices and people, beside the night before.
    pub fn of(
        tonight: &Headcount,
        then: &Then,
        reference: &Reference,
        overrides: &Overrides,
        index_date: Day,
    ) -> Leaving {
        Leaving::from(tonight, then, |practice| Place::of(practice, reference), overrides, index_date)
    }

    /// The same, where it is known of every practice where it stands.
    pub(super) fn from(
        tonight: &Headcount,
        then: &Then,
        place: impl Fn(&str) -> Place,
        overrides: &Overrides,
        index_date: Day,
    ) -> Leaving {
        let mut leaving = Vec::new();
        let mut candidates = then.left.clone();
        // What shared nothing even then, or where that was not kept, is no news.
        let were_there =
            then.practices.iter().filter(|(practice, _)| place(practice) == Place::Gone || then.shared(practice));
        candidates.extend(were_there.map(|(practice, heads)| {
            (practice.clone(), Left { registered: heads.registered, on: then.on, is_answered_for: false })
        }));
        for (practice, mut left) in candidates {
            let finding = match place(&practice) {
                Place::Shares => None,
                Place::Gone => off_the_list(&practice, tonight.unlisted_at(&practice)),
                Place::SharesNoMore => shares_no_more(&practice, left),
            };
            let Some(finding) = finding else { continue };
            let was_answered_for = left.is_answered_for;
            left.is_answered_for |= overrides.answer_by_name_for(&finding, index_date);
            let is_settled = was_answered_for && place(&practice) == Place::SharesNoMore;
            if !is_settled || overrides.answers_for(&finding, index_date) {
                leaving.push((practice, left, finding));
            }
        }
        Leaving(leaving)
    }

    /// What is said of each.
    pub fn findings(&self) -> impl Iterator<Item = Finding> {
        self.0.iter().map(|(.., finding)| finding.clone())
    }

    /// By code, as a night's record keeps them.
    pub fn to_keep(&self) -> BTreeMap<&str, Left> {
        self.0.iter().map(|(practice, left, _)| (practice.as_str(), *left)).collect()
    }
}

fn off_the_list(practice: &str, n: u64) -> Option<Finding> {
    let message = match n {
        0 => return None,
        1 => "is no longer on the list of practices; 1 person registered there is on no list".to_owned(),
        n => format!("is no longer on the list of practices; {n} people registered there are on no list"),
    };
    Some(of_the_list(practice, message))
}

fn shares_no_more(practice: &str, left: Left) -> Option<Finding> {
    let were = match left.registered {
        0 => return None,
        1 => "1 person was".to_owned(),
        n => format!("{n} people were"),
    };
    let on = left.on.in_words();
    let message =
        format!("shares its records no more; {were} registered there on {on}, and none of its records counts now");
    Some(of_the_list(practice, message))
}

fn of_the_list(practice: &str, message: String) -> Finding {
    let (table, provider) = ("reference_practices".to_owned(), Some(practice.to_owned()));
    Finding { rule: RULE, action: Action::Warn, table, provider, message }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::{Value, json};

    use super::*;
    use crate::{cohort::headcount::tests::of_practices, settings::Settings};

    const PRACTICE: &str = "F84003";

    fn day(n: i32) -> Day {
        Day::parse("2026-11-19").unwrap() + n
    }

    /// A night after another: the record of the one, and what the other says and keeps.
    struct Nights {
        record: Value,
        n: i32,
        overrides: Overrides,
    }

    impl Nights {
        fn after(practices: &Value) -> Nights {
            let record = json!({ "practices": practices, "practices_without_agreement": [] });
            Nights { record, n: 0, overrides: Overrides::default() }
        }

        /// The next night, with so many people registered with the practice though it is not on the list.
        fn next(&mut self, place: Place, unlisted: u64) -> Vec<String> {
            let then = Then::of_record(&self.record, day(self.n));
            self.n += 1;
            let tonight = of_practices(&BTreeMap::new(), &[(PRACTICE, unlisted)], 0);
            let leaving = Leaving::from(&tonight, &then, |_| place, &self.overrides, day(self.n));
            let without = if place == Place::SharesNoMore { vec![PRACTICE] } else { vec![] };
            let left = leaving.to_keep();
            self.record =
                json!({ "practices": {}, "practices_without_agreement": without, "practices_that_left": left });
            leaving.findings().map(|finding| finding.message).collect()
        }

        fn answered_until(&mut self, until: Day, provider: &str) {
            let text = format!(
                "[[override]]\nrule = \"COHORT\"\n{provider}name = \"A. Engineer\"\nreason = \"b\"\nuntil = \"{until}\""
            );
            self.overrides = Settings::parse(&text, Path::new("")).unwrap().overrides;
        }
    }

    fn counted() -> Value {
        json!({ PRACTICE: { "registered": 100, "died": 1, "test_patients": 0 } })
    }

    #[test]
    fn a_practice_that_is_off_the_list_is_said_every_night_while_people_are_registered_there() {
        let mut nights = Nights::after(&counted());
        let off = |n: u64| format!("is no longer on the list of practices; {n} people registered there are on no list");
        assert_eq!(nights.next(Place::Gone, 100), [off(100)]);
        assert_eq!(nights.next(Place::Gone, 98), [off(98)], "its number now");
        nights.answered_until(day(3), &format!("provider = \"{PRACTICE}\"\n"));
        assert_eq!(nights.next(Place::Gone, 98), [off(98)], "whoever runs the night lets it pass");
        assert_eq!(nights.next(Place::Gone, 98), [off(98)], "that has ended, and they are on no list still");
        assert_eq!(nights.next(Place::Gone, 0), [""; 0], "they have moved");
        assert_eq!(nights.next(Place::Gone, 5), [""; 0], "it has closed");
    }

    #[test]
    fn a_practice_that_closes_and_one_that_comes_back_are_not_said() {
        assert_eq!(Nights::after(&counted()).next(Place::Gone, 0), [""; 0]);
        let mut nights = Nights::after(&counted());
        assert_eq!(nights.next(Place::Gone, 100).len(), 1);
        assert_eq!(nights.next(Place::Shares, 0), [""; 0]);
        assert_eq!(Nights::after(&json!({})).next(Place::Gone, 100), [""; 0], "it was never on the list");
    }

    #[test]
    fn a_practice_that_shares_no_more_is_said_until_somebody_has_answered_for_it_by_name() {
        let told =
            ["shares its records no more; 100 people were registered there on 19 November 2026, and none of its \
                     records counts now"];
        let mut nights = Nights::after(&counted());
        assert_eq!(nights.next(Place::SharesNoMore, 0), told);
        assert_eq!(nights.next(Place::SharesNoMore, 0), told);
        nights.answered_until(day(3), "");
        assert_eq!(nights.next(Place::SharesNoMore, 0), told);
        assert_eq!(nights.next(Place::SharesNoMore, 0), told, "who answers for anybody has not looked at this one");
        nights.answered_until(day(5), &format!("provider = \"{PRACTICE}\"\n"));
        assert_eq!(nights.next(Place::SharesNoMore, 0), told, "whoever runs the night lets it pass");
        assert_eq!(nights.next(Place::SharesNoMore, 0), [""; 0], "that has ended, and it is known");
        let mut nights = Nights::after(&json!({ PRACTICE: { "registered": 0, "died": 0, "test_patients": 0 } }));
        assert_eq!(nights.next(Place::SharesNoMore, 0), [""; 0], "nobody was registered there");
    }

    #[test]
    fn a_practice_that_never_shared_and_a_night_that_did_not_keep_it_say_nothing() {
        let place = |_: &str| Place::SharesNoMore;
        let of = |record: &Value| {
            let then = Then::of_record(record, day(0));
            Leaving::from(&Headcount::default(), &then, place, &Overrides::default(), day(1)).findings().count()
        };
        assert_eq!(of(&json!({ "practices": counted(), "practices_without_agreement": [PRACTICE] })), 0);
        assert_eq!(of(&json!({ "practices": counted() })), 0);
        assert_eq!(of(&json!({ "people": 9 })), 0);
    }
}
