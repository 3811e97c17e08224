//! Tonight's numbers held against those of the nights before (COHORT, SHARE).

use earlycall_schemas::rules::Action;
use serde_json::Value;

use crate::{
    day::Day,
    error::Result,
    night::record,
    quality::{finding::Finding, recent::median, tally::Rule},
    settings::Rules,
    store::Store,
};

/// What a night came to, as far as other nights are held against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// People in the extracts.
    pub people: u64,
    /// Of these, scored.
    pub scored: u64,
    /// Of these, at a high risk; none where the night did not count them at the risk that is high now.
    pub at_high_risk: Option<u64>,
    /// SHA-256 of the model.
    pub model_sha256: String,
}

impl Numbers {
    /// Those of the newest revisions of published nights before an index date, the newest night first, at most `n`.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when a night's record cannot be read.
    pub fn of_nights(store: &Store, before: Day, n: usize, high_risk: f64) -> Result<Vec<Numbers>> {
        let mut nights = store.nights()?;
        nights.retain(|night| night.index_date < before);
        nights.reverse();
        nights.dedup_by_key(|night| night.index_date);
        nights.truncate(n);
        let read = |night| Ok(Numbers::of(&record::parse(&store.read(night, "run.json")?)?, high_risk));
        nights.into_iter().map(read).collect()
    }

    fn of(record: &Value, high_risk: f64) -> Numbers {
        let counts = &record["counts"];
        let at_high_risk = &counts["at_high_risk"];
        let is_of_this_risk = at_high_risk["risk"].as_f64() == Some(high_risk);
        Numbers {
            people: counts["people"].as_u64().unwrap_or(0),
            scored: counts["scored"].as_u64().unwrap_or(0),
            at_high_risk: at_high_risk["n"].as_u64().filter(|_| is_of_this_risk),
            model_sha256: record["inputs"]["model_sha256"].as_str().unwrap_or_default().to_owned(),
        }
    }

    fn high_share(&self) -> Option<f64> {
        self.at_high_risk.filter(|_| self.scored > 0).map(|n| n as f64 / self.scored as f64)
    }
}

/// What is odd about tonight beside the nights before. Every finding holds the night; the first nights have none.
pub fn judge(tonight: &Numbers, before: &[Numbers], rules: &Rules) -> Vec<Finding> {
    let people = cohort(before, rules, tonight.people, |night| night.people, "are in the extracts");
    let scored = cohort(before, rules, tonight.scored, |night| night.scored, "can be scored");
    people.into_iter().chain(scored).chain(share(tonight, before, rules)).collect()
}

fn cohort(before: &[Numbers], rules: &Rules, now: u64, of: fn(&Numbers) -> u64, what: &str) -> Option<Finding> {
    let usual = usual(before.iter().map(|night| of(night) as f64).collect())?;
    let change = (now as f64 - usual).abs();
    let is_odd = change >= rules.limit("COHORT", "people_min") && change > rules.limit("COHORT", "change_max") * usual;
    is_odd.then(|| finding("COHORT", format!("{now} people {what}, and the median of recent nights is {usual:.0}")))
}

fn share(tonight: &Numbers, before: &[Numbers], rules: &Rules) -> Option<Finding> {
    let alike = before.iter().filter(|night| night.model_sha256 == tonight.model_sha256);
    let (now, usual) = (tonight.high_share()?, usual(alike.filter_map(Numbers::high_share).collect())?);
    let times = rules.limit("SHARE", "change_times");
    let is_many_people = (now - usual).abs() * tonight.scored as f64 >= rules.limit("SHARE", "people_min");
    let is_odd = is_many_people && (now > times * usual || usual > times * now);
    let risk = 100.0 * rules.limit("SHARE", "risk");
    is_odd.then(|| {
        let [now, usual] = [now, usual].map(|share| 100.0 * share);
        let message = format!(
            "{now:.1}% of the people scored are at a risk of {risk:.0}% or more, and the median of recent nights is \
             {usual:.1}%"
        );
        finding("SHARE", message)
    })
}

fn finding(rule: Rule, message: String) -> Finding {
    Finding { rule, action: Action::Run, table: "patients".to_owned(), provider: None, message }
}

/// The middle of the nights before, if there are any.
fn usual(numbers: Vec<f64>) -> Option<f64> {
    (!numbers.is_empty()).then(|| median(numbers))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn night(people: u64, scored: u64, high: u64) -> Numbers {
        Numbers { people, scored, at_high_risk: Some(high), model_sha256: "m".to_owned() }
    }

    fn told(tonight: &Numbers, before: &[Numbers]) -> Vec<String> {
        judge(tonight, before, &Rules::default()).iter().map(Finding::text).collect()
    }

    #[test]
    fn a_tenth_fewer_or_more_people_are_a_night_and_beyond_that_it_is_held() {
        let before = [night(10_000, 3_000, 150), night(9_000, 2_000, 100), night(10_100, 3_010, 151)];
        assert_eq!(told(&night(9_000, 2_700, 135), &before), Vec::<String>::new());
        assert_eq!(told(&night(11_000, 3_300, 165), &before), Vec::<String>::new());
        assert_eq!(
            told(&night(8_999, 2_699, 135), &before),
            [
                "patients, rule COHORT: 8999 people are in the extracts, and the median of recent nights is 10000",
                "patients, rule COHORT: 2699 people can be scored, and the median of recent nights is 3000"
            ]
        );
        assert_eq!(told(&night(11_001, 3_000, 150), &before).len(), 1, "more people than there are is a fault too");
    }

    #[test]
    fn the_first_night_and_a_change_of_single_people_hold_nothing() {
        assert_eq!(told(&night(10_000, 3_000, 150), &[]), Vec::<String>::new());
        assert_eq!(told(&night(100, 30, 20), &[night(100, 49, 1)]), Vec::<String>::new());
    }

    #[test]
    fn half_as_many_again_at_high_risk_hold_the_night_unless_the_model_is_new() {
        let before = [night(10_000, 3_000, 150)];
        assert_eq!(told(&night(10_000, 3_000, 225), &before), Vec::<String>::new());
        assert_eq!(
            told(&night(10_000, 3_000, 226), &before),
            ["patients, rule SHARE: 7.5% of the people scored are at a risk of 20% or more, and the median of \
                 recent nights is 5.0%"]
        );
        assert_eq!(told(&night(10_000, 3_000, 99), &before).len(), 1, "fewer are as odd");
        let new = Numbers { model_sha256: "other".to_owned(), ..night(10_000, 3_000, 600) };
        assert_eq!(told(&new, &before), Vec::<String>::new());
    }

    #[test]
    fn ninety_nights_that_grow_and_wobble_hold_nothing() {
        // Two people more each night, and up to 2% of the scored come and go by the day of the week.
        let of = |n: u64| night(10_000 + 2 * n, 3_000 + n + 10 * (n % 7), 150 + n % 7 + n / 10);
        for n in 7..97 {
            let before: Vec<Numbers> = (1..=7).map(|back| of(n - back)).collect();
            assert_eq!(told(&of(n), &before), Vec::<String>::new());
        }
    }

    #[test]
    fn a_record_says_its_numbers_and_another_risk_is_not_compared() {
        let record = json!({
            "counts": { "people": 9, "scored": 4, "at_high_risk": { "risk": 0.2, "n": 1 } },
            "inputs": { "model_sha256": "m" },
        });
        assert_eq!(Numbers::of(&record, 0.2), night(9, 4, 1));
        assert_eq!(Numbers::of(&record, 0.3).at_high_risk, None);
    }
}
