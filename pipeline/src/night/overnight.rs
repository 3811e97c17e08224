//! Who is gone overnight (COHORT): registrations that ended, deaths and test patients that came, practice by practice, too
//! many at once for single people's business and too few to hold the night.

use std::collections::{BTreeMap, BTreeSet};

use earlycall_schemas::rules::Action;
use serde_json::Value;

use crate::{
    cohort::headcount::{Headcount, Heads},
    day::Day,
    error::Result,
    history::Reference,
    night::{
        leaving::{Leaving, Left, Place},
        record,
    },
    quality::finding::Finding,
    settings::{Rules, Settings},
    store::{Store, nights::NightId},
};

/// The rule of all that is said here.
pub const RULE: &str = "COHORT";

/// What is said of tonight's practices beside those of the night before, if there is one and it counted them.
///
/// Whoever was counted then stays in the number of all. Of a practice that has left ([`Leaving`]) that is said, in place of
/// how many people it lost.
pub fn beside(
    tonight: &Headcount,
    then: &Then,
    leaving: &Leaving,
    reference: &Reference,
    rules: &Rules,
) -> Vec<Finding> {
    judge(tonight, then, leaving, |practice| Place::of(practice, reference), rules)
}

/// What a night of an index date would say of practices and their people, as a pass over everybody has counted them.
///
/// # Errors
/// * [`crate::error::Kind::Storage`] when the record of the night before cannot be read.
pub fn people_ahead(
    tonight: &Headcount,
    reference: &Reference,
    store: &Store,
    settings: &Settings,
    index_date: Day,
) -> Result<Vec<Finding>> {
    let Some(night) = store.night_before(index_date)? else { return Ok(Vec::new()) };
    let then = Then::read(store, night)?;
    let leaving = Leaving::of(tonight, &then, reference, &settings.overrides, index_date);
    Ok(beside(tonight, &then, &leaving, reference, &settings.rules))
}

/// The night before, as its record counts people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Then {
    /// Its index date.
    pub on: Day,
    /// Its practices.
    pub practices: BTreeMap<String, Heads>,
    /// Practices that had left by then.
    pub left: BTreeMap<String, Left>,
    /// Practices that shared no records even then; none where that was not kept, so that nothing is said of any.
    without_agreement: Option<BTreeSet<String>>,
    /// Whether whose registration had ended was counted.
    counts_ended: bool,
    objecting: Option<u64>,
}

impl Then {
    /// Reads the record of a night.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when it cannot be read.
    pub fn read(store: &Store, night: NightId) -> Result<Then> {
        Ok(Then::of_record(&record::parse(&store.read(night, "cohort.json")?)?, night.index_date))
    }

    /// What a record says.
    pub fn of_record(record: &Value, on: Day) -> Then {
        let practices = record["practices"].as_object().into_iter().flatten();
        let counts_ended = practices.clone().any(|(_, heads)| heads["ended_in_area"].is_u64());
        let of = |heads: &Value| {
            let n = |what: &str| heads[what].as_u64().unwrap_or(0);
            Heads {
                registered: n("registered"),
                died: n("died"),
                test_patients: n("test_patients"),
                ended_in_area: n("ended_in_area"),
                ended_elsewhere: n("ended_elsewhere"),
            }
        };
        let practices = practices.map(|(practice, heads)| (practice.clone(), of(heads))).collect();
        let without = record["practices_without_agreement"].as_array();
        let without_agreement =
            without.map(|codes| codes.iter().filter_map(Value::as_str).map(str::to_owned).collect());
        let left = serde_json::from_value(record["practices_that_left"].clone()).unwrap_or_default();
        let objecting = record["standings"]["objecting"].as_u64();
        Then { on, practices, left, without_agreement, counts_ended, objecting }
    }

    /// Whether a practice shared its records then.
    pub fn shared(&self, practice: &str) -> bool {
        self.without_agreement.as_ref().is_some_and(|without| !without.contains(practice))
    }
}

/// One finding for all of those that were there before, then the practices that have left, and one for each of the others.
fn judge(
    tonight: &Headcount,
    then: &Then,
    leaving: &Leaving,
    place: impl Fn(&str) -> Place,
    rules: &Rules,
) -> Vec<Finding> {
    let limit = |name| rules.limit(RULE, name);
    let by_practice = tonight.by_practice();
    let objecting = then.objecting.map_or(0, |before| tonight.objecting().saturating_sub(before));
    // Whoever is registered with a practice that left is counted where they were before: their registration is hidden.
    let have_all_stayed = then.practices.keys().all(|practice| place(practice) == Place::Shares);
    let counts_ended = then.counts_ended && have_all_stayed;
    let mut all = [Heads::default(); 2];
    let mut found = Vec::new();
    for (practice, &before) in &then.practices {
        let now = by_practice.get(practice.as_str()).copied().unwrap_or_default();
        all[0].add(before);
        all[1].add(now);
        let change = Change { before, now, objecting, counts_ended };
        let is_odd = change.is_odd(limit("practice_fall_said"), limit("practice_rise_said"), limit("people_min"));
        if place(practice) == Place::Shares && is_odd {
            found.push(change.finding(Some(practice), then.on));
        }
    }
    let change = Change { before: all[0], now: all[1], objecting, counts_ended };
    let of_all = change.is_odd(limit("fall_said"), limit("rise_said"), limit("people_min"));
    let of_all = of_all.then(|| change.finding(None, then.on));
    of_all.into_iter().chain(leaving.findings()).chain(found).collect()
}

/// What has become of the people of a practice, or of all.
struct Change {
    before: Heads,
    now: Heads,
    /// How many more object, of all practices: where they were registered is not kept.
    objecting: u64,
    /// Whether the night before counted whose registration had ended, and tonight's number can be held against it.
    counts_ended: bool,
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

    /// Of those who are gone, how many more have no registration at all: in the area, by where they live, and elsewhere.
    fn ended(&self) -> [u64; 2] {
        if self.gone() == 0 || !self.counts_ended {
            return [0; 2];
        }
        let (now, before) = (self.now, self.before);
        [(now.ended_in_area, before.ended_in_area), (now.ended_elsewhere, before.ended_elsewhere)]
            .map(|(now, before)| now.saturating_sub(before))
    }

    /// Whether more than a share of the people are gone, or are dead or a test of late.
    fn is_odd(&self, fall: f64, rise: f64, people_min: f64) -> bool {
        let is_many = |n: u64, share: f64| n as f64 >= people_min && n as f64 > share * self.before.registered as f64;
        is_many(self.gone(), fall) || is_many(self.died(), rise) || is_many(self.test_patients(), rise)
    }

    fn finding(&self, practice: Option<&str>, then_on: Day) -> Finding {
        let (now, then) = (self.now.registered, self.before.registered);
        let mut message = format!("{now} people are registered, and {then} were on {}", then_on.in_words());
        let [in_area, elsewhere] = self.ended();
        for (n, what) in [
            (self.died(), "with a report of their death"),
            (self.test_patients(), "marked as test patients"),
            (in_area, "who are registered nowhere now, live in the area and may be listed as before"),
            (elsewhere, "who are registered nowhere now, live outside it and are on no list"),
        ] {
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
    use crate::{cohort::headcount::tests::of_practices, settings::overrides::Overrides};

    /// Registered, dead and test patients by practice.
    fn heads<'a>(of: &[(&'a str, [u64; 3])]) -> BTreeMap<&'a str, Heads> {
        let heads = of.iter().map(|&(practice, [registered, died, test_patients])| {
            (practice, Heads { registered, died, test_patients, ..Heads::default() })
        });
        heads.collect()
    }

    fn on() -> Day {
        Day::parse("2026-11-19").unwrap()
    }

    /// The night before, with so many who objected; all practices shared their records.
    fn before(of: &[(&str, [u64; 3])], objecting: u64) -> Then {
        let practices = heads(of).into_iter().map(|(practice, heads)| (practice.to_owned(), heads)).collect();
        let (left, without_agreement) = (BTreeMap::new(), Some(BTreeSet::new()));
        Then { on: on(), practices, left, without_agreement, counts_ended: true, objecting: Some(objecting) }
    }

    fn texts(tonight: &Headcount, then: &Then, place: impl Fn(&str) -> Place) -> Vec<String> {
        let leaving = Leaving::from(tonight, then, &place, &Overrides::default(), on() + 1);
        let found = judge(tonight, then, &leaving, place, &Rules::default());
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
    }

    #[test]
    fn of_those_who_are_registered_nowhere_now_it_is_said_who_stays_by_where_they_live() {
        let with = |ended: [u64; 2], registered| {
            let [ended_in_area, ended_elsewhere] = ended;
            Heads { registered, ended_in_area, ended_elsewhere, ..Heads::default() }
        };
        let place = |_: &str| Place::Shares;
        let rest = ("F84001".to_owned(), with([0, 0], 200_000));
        let practices = BTreeMap::from([rest, ("F84002".to_owned(), with([10, 5], 2000))]);
        let then = Then { practices, ..before(&[], 0) };
        let now = |registered, ended| {
            BTreeMap::from([("F84001", with([0, 0], 200_000)), ("F84002", with(ended, registered))])
        };
        let of = |registered, ended| texts(&of_practices(&now(registered, ended), &[], 0), &then, place);
        let lost =
            "registrations of F84002, rule COHORT: 1800 people are registered, and 2000 were on 19 November 2026";
        let stay = "; more who are registered nowhere now, live in the area and may be listed as before: 120";
        let go = "; more who are registered nowhere now, live outside it and are on no list: 60";
        assert_eq!(of(1800, [130, 65]), [format!("{lost}{stay}{go}")], "the other twenty have another practice");
        assert_eq!(of(1800, [10, 65]), [format!("{lost}{go}")]);
        assert_eq!(of(1800, [10, 5]), [lost], "all have another practice");
        let not_counted = Then { counts_ended: false, ..then.clone() };
        assert_eq!(texts(&of_practices(&now(1800, [130, 65]), &[], 0), &not_counted, place), [lost]);
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
        let left = Left { registered: 7, on: on(), is_answered_for: true };
        let left = BTreeMap::from([("F84009".to_owned(), left)]);
        assert_eq!(texts(&now, &Then::of_record(&uncounted, on()), |_| Place::Shares), [""; 0]);
        let written = json!({
            "practices": heads(&THEN), "practices_without_agreement": [], "practices_that_left": left,
            "standings": { "objecting": 7 },
        });
        assert_eq!(Then::of_record(&written, on()), Then { left, ..before(&THEN, 7) });
    }
}
