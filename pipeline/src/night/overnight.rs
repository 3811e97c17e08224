//! Who is gone overnight (COHORT): registrations that ended, deaths and test patients that came, practice by practice, too
//! many at once for single people's business and too few to hold the night.

use std::collections::BTreeMap;

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

/// What is said of tonight's practices beside those of the night before, if there is one and it counted them. Of practices
/// that share no more, or are gone, nothing is expected.
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
    let mut then = of_record(&record);
    then.retain(|practice, _| reference.practices.get(&ShortCode::new(practice)).is_some_and(|row| row.shares));
    Ok(judge(&tonight.by_practice(), &then, night.index_date, rules))
}

fn of_record(record: &Value) -> BTreeMap<&str, Heads> {
    let practices = record["practices"].as_object().into_iter().flatten();
    let of = |heads: &Value| {
        let n = |what: &str| heads[what].as_u64().unwrap_or(0);
        Heads { registered: n("registered"), died: n("died"), test_patients: n("test_patients") }
    };
    practices.map(|(practice, heads)| (practice.as_str(), of(heads))).collect()
}

/// One finding for each practice, after one for all of those that were there before.
fn judge(tonight: &BTreeMap<&str, Heads>, then: &BTreeMap<&str, Heads>, then_on: Day, rules: &Rules) -> Vec<Finding> {
    let limit = |name| rules.limit(RULE, name);
    let heads_now = |practice: &str| tonight.get(practice).copied().unwrap_or_default();
    let mut all = [Heads::default(); 2];
    let mut found = Vec::new();
    for (practice, &before) in then {
        let now = heads_now(practice);
        all[0].add(before);
        all[1].add(now);
        let change = Change { before, now };
        if change.is_odd(limit("practice_fall_said"), limit("practice_rise_said"), limit("people_min")) {
            found.push(change.finding(Some(practice), then_on));
        }
    }
    let change = Change { before: all[0], now: all[1] };
    let of_all = change.is_odd(limit("fall_said"), limit("rise_said"), limit("people_min"));
    let of_all = of_all.then(|| change.finding(None, then_on));
    of_all.into_iter().chain(found).collect()
}

/// What has become of the people of a practice, or of all.
struct Change {
    before: Heads,
    now: Heads,
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
        let (table, provider) = ("registrations".to_owned(), practice.map(str::to_owned));
        Finding { rule: RULE, action: Action::Warn, table, provider, message }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Registered, dead and test patients by practice.
    fn heads<'a>(of: &[(&'a str, [u64; 3])]) -> BTreeMap<&'a str, Heads> {
        let heads = of.iter().map(|(practice, [registered, died, test_patients])| {
            (*practice, Heads { registered: *registered, died: *died, test_patients: *test_patients })
        });
        heads.collect()
    }

    fn told(then: &[(&str, [u64; 3])], now: &[(&str, [u64; 3])]) -> Vec<String> {
        let found = judge(&heads(now), &heads(then), Day::parse("2026-11-19").unwrap(), &Rules::default());
        assert!(found.iter().all(|finding| !finding.refuses()), "it is said and holds nothing");
        found.iter().map(Finding::text).collect()
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
    fn a_night_that_did_not_count_them_says_nothing_and_what_is_written_reads_back() {
        let none = judge(&heads(&THEN), &of_record(&json!({ "people": 9 })), Day(0), &Rules::default());
        assert_eq!(none, []);
        assert_eq!(of_record(&json!({ "practices": heads(&THEN) })), heads(&THEN));
    }
}
