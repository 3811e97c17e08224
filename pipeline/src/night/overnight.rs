//! Who is gone overnight (COHORT): registrations that ended, deaths and test patients that came, practice by practice, too
//! many at once for single people's business and too few to hold the night.

use std::collections::{BTreeMap, BTreeSet};

use earlycall_schemas::rules::Action;
use serde_json::Value;

use crate::{
    cohort::headcount::{Headcount, Heads},
    day::Day,
    error::Result,
    history::{Reference, records::ShortCode},
    night::{Before, record},
    quality::finding::Finding,
    settings::Rules,
    store::Store,
};

const RULE: &str = "COHORT";

/// What is said of tonight's practices beside those of the night before, if there is one and it counted them.
///
/// Whoever was counted then stays in the number of all. Of a practice that is off the list of practices, or shares no more,
/// that is said, once, in place of how many people it lost.
///
/// # Errors
/// * [`crate::error::Kind::Storage`] when the record of the night before cannot be read.
pub fn beside(
    tonight: &Headcount,
    before: Option<&Before>,
    reference: &Reference,
    store: &Store,
    rules: &Rules,
) -> Result<Vec<Finding>> {
    let Some(night) = before.map(|before| before.night) else { return Ok(Vec::new()) };
    let record = record::parse(&store.read(night, "cohort.json")?)?;
    let then = Then::of_record(&record, night.index_date);
    Ok(judge(tonight, &then, |practice| Place::of(practice, reference), rules))
}

/// What can be said of the list of practices before a night has counted its people: which of those that the night before
/// had are off it, or share no more, with the people that they had then.
///
/// # Errors
/// * As of [`beside`].
pub fn on_the_list(reference: &Reference, store: &Store, index_date: Day) -> Result<Vec<Finding>> {
    let Some(night) = store.night_before(index_date)? else { return Ok(Vec::new()) };
    let record = record::parse(&store.read(night, "cohort.json")?)?;
    Ok(ahead(&Then::of_record(&record, night.index_date), |practice| Place::of(practice, reference)))
}

fn ahead(then: &Then, place: impl Fn(&str) -> Place) -> Vec<Finding> {
    let found = then.practices.iter().filter_map(|(&practice, &before)| match place(practice) {
        Place::Gone => {
            let were = were_registered(before)?;
            let message =
                format!("is no longer on the list of practices; {were} registered there on {}", then.on.in_words());
            Some(of_the_list(practice, message))
        }
        Place::SharesNoMore if then.shared(practice) => shares_no_more(practice, before, then.on),
        Place::SharesNoMore | Place::Shares => None,
    });
    found.collect()
}

/// Practices that share no records, by code, as a night's record keeps them.
pub fn without_agreement(reference: &Reference) -> BTreeSet<&str> {
    let without = reference.practices.iter().filter(|(_, row)| !row.shares);
    without.map(|(code, _)| code.as_str()).collect()
}

/// Where a practice stands on tonight's list of practices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Shares,
    SharesNoMore,
    Gone,
}

impl Place {
    fn of(practice: &str, reference: &Reference) -> Place {
        match reference.practices.get(&ShortCode::new(practice)) {
            None => Place::Gone,
            Some(row) if row.shares => Place::Shares,
            Some(_) => Place::SharesNoMore,
        }
    }
}

/// The night before.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Then<'a> {
    on: Day,
    practices: BTreeMap<&'a str, Heads>,
    /// Practices that shared no records even then; none where that was not kept, so that nothing is said of any.
    without_agreement: Option<BTreeSet<&'a str>>,
    objecting: Option<u64>,
}

impl Then<'_> {
    fn of_record(record: &Value, on: Day) -> Then<'_> {
        let practices = record["practices"].as_object().into_iter().flatten();
        let of = |heads: &Value| {
            let n = |what: &str| heads[what].as_u64().unwrap_or(0);
            Heads { registered: n("registered"), died: n("died"), test_patients: n("test_patients") }
        };
        let practices = practices.map(|(practice, heads)| (practice.as_str(), of(heads))).collect();
        let without = record["practices_without_agreement"].as_array();
        let without_agreement = without.map(|codes| codes.iter().filter_map(Value::as_str).collect());
        Then { on, practices, without_agreement, objecting: record["standings"]["objecting"].as_u64() }
    }

    fn shared(&self, practice: &str) -> bool {
        self.without_agreement.as_ref().is_some_and(|without| !without.contains(practice))
    }
}

/// One finding for all of those that were there before, then the practices that are off the list or share no more, and one
/// for each of the others.
fn judge(tonight: &Headcount, then: &Then, place: impl Fn(&str) -> Place, rules: &Rules) -> Vec<Finding> {
    let limit = |name| rules.limit(RULE, name);
    let by_practice = tonight.by_practice();
    let objecting = then.objecting.map_or(0, |before| tonight.objecting().saturating_sub(before));
    let mut all = [Heads::default(); 2];
    let (mut left, mut found) = (Vec::new(), Vec::new());
    for (&practice, &before) in &then.practices {
        let now = by_practice.get(practice).copied().unwrap_or_default();
        all[0].add(before);
        all[1].add(now);
        match place(practice) {
            Place::Gone => left.extend(off_the_list(practice, tonight.unlisted_at(practice))),
            Place::SharesNoMore if then.shared(practice) => left.extend(shares_no_more(practice, before, then.on)),
            Place::SharesNoMore => {}
            Place::Shares => {
                let change = Change { before, now, objecting };
                if change.is_odd(limit("practice_fall_said"), limit("practice_rise_said"), limit("people_min")) {
                    found.push(change.finding(Some(practice), then.on));
                }
            }
        }
    }
    let change = Change { before: all[0], now: all[1], objecting };
    let of_all = change.is_odd(limit("fall_said"), limit("rise_said"), limit("people_min"));
    let of_all = of_all.then(|| change.finding(None, then.on));
    of_all.into_iter().chain(left).chain(found).collect()
}

/// A practice whose people are on no list, for it is not on the list of practices. Where nobody is registered there any
/// more it has closed.
fn off_the_list(practice: &str, n: u64) -> Option<Finding> {
    let message = match n {
        0 => return None,
        1 => "is no longer on the list of practices; 1 person registered there is on no list".to_owned(),
        n => format!("is no longer on the list of practices; {n} people registered there are on no list"),
    };
    Some(of_the_list(practice, message))
}

fn shares_no_more(practice: &str, before: Heads, then_on: Day) -> Option<Finding> {
    let (were, on) = (were_registered(before)?, then_on.in_words());
    let message =
        format!("shares its records no more; {were} registered there on {on}, and none of its records counts now");
    Some(of_the_list(practice, message))
}

fn were_registered(before: Heads) -> Option<String> {
    match before.registered {
        0 => None,
        1 => Some("1 person was".to_owned()),
        n => Some(format!("{n} people were")),
    }
}

fn of_the_list(practice: &str, message: String) -> Finding {
    let (table, provider) = ("reference_practices".to_owned(), Some(practice.to_owned()));
    Finding { rule: RULE, action: Action::Warn, table, provider, message }
}

/// What has become of the people of a practice, or of all.
struct Change {
    before: Heads,
    now: Heads,
    /// How many more object, of all practices: where they were registered is not kept.
    objecting: u64,
}

impl Change {
    fn gone(&self) -> u64 {
        self.before.registered.saturating_sub(self.now.registered)
    }

    fn died(&self) -> u64 {
        self.now.died.saturating_sub(self.before.died)
    }

    fn test_patients(&self) -> u64 {
        self.now.test_patients.saturating_sub(self.before.test_patients)
    }

    /// Whether more than a share of the people are gone, or are dead or a test of late.
    fn is_odd(&self, fall: f64, rise: f64, people_min: f64) -> bool {
        let is_many = |n: u64, share: f64| n as f64 >= people_min && n as f64 > share * self.before.registered as f64;
        is_many(self.gone(), fall) || is_many(self.died(), rise) || is_many(self.test_patients(), rise)
    }

    fn finding(&self, practice: Option<&str>, then_on: Day) -> Finding {
        let (now, then) = (self.now.registered, self.before.registered);
        let mut message = format!("{now} people are registered, and {then} were on {}", then_on.in_words());
        for (n, what) in
            [(self.died(), "with a report of their death"), (self.test_patients(), "marked as test patients")]
        {
            if n > 0 {
                message += &format!("; more {what}: {n}");
            }
        }
        if self.gone() > 0 && self.objecting > 0 {
            let whose = if practice.is_some() { ", of all practices together" } else { "" };
            message += &format!("; more who object and are counted nowhere{whose}: {}", self.objecting);
        }
        let (table, provider) = ("registrations".to_owned(), practice.map(str::to_owned));
        Finding { rule: RULE, action: Action::Warn, table, provider, message }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cohort::headcount::tests::of_practices;

    /// Registered, dead and test patients by practice.
    fn heads<'a>(of: &[(&'a str, [u64; 3])]) -> BTreeMap<&'a str, Heads> {
        let heads = of.iter().map(|(practice, [registered, died, test_patients])| {
            (*practice, Heads { registered: *registered, died: *died, test_patients: *test_patients })
        });
        heads.collect()
    }

    fn on() -> Day {
        Day::parse("2026-11-19").unwrap()
    }

    /// The night before, with so many who objected; all practices shared their records.
    fn before<'a>(of: &[(&'a str, [u64; 3])], objecting: u64) -> Then<'a> {
        Then { on: on(), practices: heads(of), without_agreement: Some(BTreeSet::new()), objecting: Some(objecting) }
    }

    fn texts(tonight: &Headcount, then: &Then, place: impl Fn(&str) -> Place) -> Vec<String> {
        let found = judge(tonight, then, place, &Rules::default());
        assert!(found.iter().all(|finding| !finding.refuses()), "it is said and holds nothing");
        found.iter().map(Finding::text).collect()
    }

    fn told(then: &[(&str, [u64; 3])], now: &[(&str, [u64; 3])]) -> Vec<String> {
        texts(&of_practices(&heads(now), &[], 0), &before(then, 0), |_| Place::Shares)
    }

    /// A large practice beside which one alone moves nothing, and one of two thousand.
    const REST: (&str, [u64; 3]) = ("F84001", [200_000, 900, 40]);
    const THEN: [(&str, [u64; 3]); 2] = [REST, ("F84002", [2000, 20, 1])];

    #[test]
    fn registrations_that_end_overnight_are_said_above_a_twentieth_and_a_list_cleaning_is_not() {
        let of = |registered| told(&THEN, &[REST, ("F84002", [registered, 20, 1])]);
        let lost =
            "registrations of F84002, rule COHORT: 1899 people are registered, and 2000 were on 19 November 2026";
        assert_eq!(of(1899), [lost]);
        assert_eq!(of(1900), [""; 0], "a twentieth");
        assert_eq!(of(1960), [""; 0], "a list cleaning of 2%");
        assert_eq!(of(2500), [""; 0], "people join");
        let none = told(&THEN, &[REST]);
        assert!(none[0].starts_with("registrations of F84002, rule COHORT: 0 people are registered"), "{none:?}");
    }

    #[test]
    fn deaths_and_test_patients_of_a_hundredth_of_a_practice_are_said_with_their_number() {
        let of = |registered, died, tests| told(&THEN, &[REST, ("F84002", [registered, died, tests])]);
        assert_eq!(
            of(1979, 41, 1),
            [
                "registrations of F84002, rule COHORT: 1979 people are registered, and 2000 were on 19 November 2026; more \
              with a report of their death: 21"
            ]
        );
        assert_eq!(
            of(1979, 20, 22),
            [
                "registrations of F84002, rule COHORT: 1979 people are registered, and 2000 were on 19 November 2026; more \
              marked as test patients: 21"
            ]
        );
        assert_eq!(of(1980, 40, 1), [""; 0]);
        assert_eq!(of(1980, 20, 21), [""; 0]);
    }

    #[test]
    fn of_everybody_a_hundredth_that_is_gone_and_a_thousandth_that_died_are_said_once() {
        let then: Vec<(String, [u64; 3])> = (0..20).map(|n| (format!("F84{n:03}"), [10_000, 100, 0])).collect();
        let of = |registered, died| {
            let then: Vec<_> = then.iter().map(|(practice, heads)| (practice.as_str(), *heads)).collect();
            let now: Vec<_> = then.iter().map(|(practice, _)| (*practice, [registered, died, 0])).collect();
            told(&then, &now)
        };
        assert_eq!(
            of(9_899, 100),
            ["registrations, rule COHORT: 197980 people are registered, and 200000 were on 19 November 2026"]
        );
        assert_eq!(of(9_900, 100), [""; 0]);
        assert_eq!(
            of(9_989, 111),
            [
                "registrations, rule COHORT: 199780 people are registered, and 200000 were on 19 November 2026; more with a \
              report of their death: 220"
            ]
        );
        assert_eq!(of(9_990, 110), [""; 0], "two hundred died since the night before, as in a hard week");
    }

    #[test]
    fn a_small_practice_and_a_small_population_may_lose_nineteen() {
        assert_eq!(told(&[("F84001", [150, 3, 0])], &[("F84001", [131, 22, 0])]), [""; 0]);
        // Its two findings: of the practice, and of everybody.
        assert_eq!(told(&[("F84001", [150, 3, 0])], &[("F84001", [130, 3, 0])]).len(), 2);
    }

    #[test]
    fn a_practice_that_is_off_the_list_is_said_with_whoever_is_registered_there_and_they_stay_in_the_number_of_all() {
        let then = before(&[("F84001", [9000, 90, 4]), ("F84003", [100, 1, 0])], 0);
        let place = |practice: &str| if practice == "F84003" { Place::Gone } else { Place::Shares };
        let of = |unlisted: &[(&str, u64)], first: u64| {
            texts(&of_practices(&heads(&[("F84001", [first, 90, 4])]), unlisted, 0), &then, place)
        };
        let off = "reference_practices of F84003, rule COHORT: is no longer on the list of practices; 100 people registered \
                   there are on no list";
        let all = "registrations, rule COHORT: 9000 people are registered, and 9100 were on 19 November 2026";
        assert_eq!(of(&[("F84003", 100)], 9000), [all, off]);
        assert!(of(&[("F84003", 1)], 9099)[0].ends_with("1 person registered there is on no list"));
        assert_eq!(of(&[("A11111", 7)], 9100), [""; 0], "it closed, and its people are with the other practice");
        assert_eq!(of(&[("A11111", 7)], 9000), [all], "it closed, and its people are nowhere");
        // Before anybody is counted.
        let told: Vec<String> = ahead(&then, place).iter().map(Finding::text).collect();
        let off = "reference_practices of F84003, rule COHORT: is no longer on the list of practices; 100 people were \
                   registered there on 19 November 2026";
        assert_eq!(told, [off]);
    }

    #[test]
    fn a_practice_that_shares_no_more_is_said_once_with_its_people() {
        let now = of_practices(&heads(&[REST]), &[], 0);
        let place = |practice: &str| if practice == "F84002" { Place::SharesNoMore } else { Place::Shares };
        let told = "reference_practices of F84002, rule COHORT: shares its records no more; 2000 people were registered there \
                    on 19 November 2026, and none of its records counts now";
        assert_eq!(texts(&now, &before(&THEN, 0), place), [told], "a hundredth of all may go");
        let shared_none = Then { without_agreement: Some(BTreeSet::from(["F84002"])), ..before(&THEN, 0) };
        assert_eq!(texts(&now, &shared_none, place), [""; 0], "it was said the night before");
        let not_kept = Then { without_agreement: None, ..before(&THEN, 0) };
        assert_eq!(texts(&now, &not_kept, place), [""; 0]);
    }

    #[test]
    fn how_many_more_object_is_said_beside_those_who_are_gone() {
        let then = [("F84001", [146, 0, 0]), ("F84002", [150, 0, 0])];
        let now = |objecting| {
            let now = heads(&[("F84001", [121, 0, 0]), ("F84002", [150, 0, 0])]);
            texts(&of_practices(&now, &[], objecting), &before(&then, 3), |_| Place::Shares)
        };
        let of_all = "registrations, rule COHORT: 271 people are registered, and 296 were on 19 November 2026";
        let of_it = "registrations of F84001, rule COHORT: 121 people are registered, and 146 were on 19 November 2026";
        let more = "; more who object and are counted nowhere";
        assert_eq!(now(28), [format!("{of_all}{more}: 25"), format!("{of_it}{more}, of all practices together: 25")]);
        assert_eq!(now(3), [of_all, of_it]);
    }

    #[test]
    fn a_night_that_did_not_count_them_says_nothing_and_what_is_written_reads_back() {
        let now = of_practices(&heads(&THEN), &[], 9);
        let uncounted = json!({ "people": 9 });
        assert_eq!(texts(&now, &Then::of_record(&uncounted, on()), |_| Place::Shares), [""; 0]);
        let written = json!({
            "practices": heads(&THEN), "practices_without_agreement": [], "standings": { "objecting": 7 },
        });
        assert_eq!(Then::of_record(&written, on()), before(&THEN, 7));
    }
}
