//! Why a rule found somebody, in words for a coach. Nothing in it is sensitive: conditions that are, are not told.

use earlycall_schemas::{codelists::condition, feeds::AskedFacts, pathways::Asks};

use super::{
    FoundBy,
    facts::{Facts, start},
};
use crate::day::Day;

/// What a rule found, each of its facts with a date: "home from an emergency stay since 3 May 2026, COPD".
pub fn why(found_by: &FoundBy, facts: &Facts, index_date: Day) -> String {
    let rule = &found_by.rule;
    let asked = |days: Option<u32>| days.is_some_and(|days| days > 0);
    let mut parts: Vec<String> = Vec::new();
    parts.extend(rule.risk_top_percent.map(|_| "risk among the highest".to_owned()));
    parts.extend(rule.is_rising.filter(|rising| *rising).map(|_| "rising risk".to_owned()));
    for (days, words, day) in [
        (rule.emergency_stay_ended_within_days, "home from an emergency stay since", facts.emergency_stay_ended),
        (rule.ae_attendance_within_days, "in A&E on", facts.ae_attendance),
        (rule.unplanned_care_within_days, "unplanned care on", facts.unplanned_care),
    ] {
        parts.extend(day.filter(|_| asked(days)).map(|day| format!("{words} {}", day.in_words())));
    }
    parts.extend(low_acuity(found_by, facts, index_date));
    parts.extend(
        rule.imd_decile_at_most
            .map(|decile| format!("home in one of the {decile} in 10 most deprived neighbourhoods of England")),
    );
    parts.extend(rule.asked_facts().iter().filter_map(|asked| asked_facts(asked, found_by, facts, index_date)));
    parts.extend(conditions(rule, facts));
    if parts.is_empty() { "found by a rule of the service".to_owned() } else { parts.join(", ") }
}

fn low_acuity(found_by: &FoundBy, facts: &Facts, index_date: Day) -> Option<String> {
    let FoundBy { rule, while_listed, .. } = found_by;
    let days = rule.low_acuity_attendances_at_least.filter(|n| *n > 0).and(rule.low_acuity_within_days)?;
    let since = start(days, facts.known_to(index_date, while_listed.is_some()), *while_listed) + 1;
    let n = facts.low_acuity.iter().filter(|day| **day >= since).count();
    let last = facts.low_acuity.last()?.in_words();
    let visits = if n == 1 { "visit" } else { "visits" };
    Some(format!("{n} A&E {visits} since {} that looked not urgent, the last on {last}", since.in_words()))
}

/// "3 home-care visits that nobody came to since 24 October 2026, the last on 18 November 2026".
fn asked_facts(asked: &AskedFacts, found_by: &FoundBy, facts: &Facts, index_date: Day) -> Option<String> {
    let while_listed = found_by.while_listed;
    let days: Vec<Day> = facts.feeds.days(asked, index_date, while_listed).collect();
    let (n, last) = (days.len(), days.last()?.in_words());
    let words = asked.in_words(n)?;
    let on = if asked.lasts() { "begun on" } else { "on" };
    if n == 1 {
        return Some(format!("{words} {on} {last}"));
    }
    let known_to = facts.feeds.known_to(asked, index_date, while_listed.is_some())?;
    let since = start(asked.within_days, known_to, while_listed) + 1;
    Some(format!("{words} since {}, the last {on} {last}", since.in_words()))
}

/// Those conditions of a rule that somebody has, or signs of frailty.
fn conditions(rule: &Asks, facts: &Facts) -> Vec<String> {
    let asked = rule.conditions.iter().flatten().filter(|id| facts.conditions.contains(id.as_str()));
    let spoken = asked.filter_map(|id| condition(id)).filter(|condition| !condition.is_sensitive);
    let mut words: Vec<String> = spoken.map(|condition| condition.label.clone()).collect();
    if facts.is_frail(rule) {
        words.push("signs of frailty in hospital notes".to_owned());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cohort::tests::life::person, features::Feeds, pathways::feed_facts::FeedFacts};

    fn told(rule: &str, facts: &Facts) -> String {
        let found_by = FoundBy { rule: toml::from_str(rule).unwrap(), while_listed: None };
        why(&found_by, facts, Day::parse("2026-11-20").unwrap())
    }

    #[test]
    fn each_thing_that_a_rule_asks_is_told_with_its_date() {
        let day = Day::parse;
        let facts = Facts {
            unplanned_care: day("2026-11-02"),
            emergency_stay_ended: day("2026-11-09"),
            ae_attendance: day("2026-11-02"),
            low_acuity: vec![day("2026-08-01").unwrap(), day("2026-11-02").unwrap()],
            imd_decile: Some(2),
            conditions: ["copd", "diabetes"].into(),
            frailty_tenths: Some(72),
            ..Facts::default()
        };
        for (rule, words) in [
            (
                "emergency_stay_ended_within_days = 14\nconditions = [\"copd\", \"heart_failure\"]\nor_frailty_points_from = 5",
                "home from an emergency stay since 9 November 2026, COPD, signs of frailty in hospital notes",
            ),
            ("ae_attendance_within_days = 7\nconditions = [\"diabetes\"]", "in A&E on 2 November 2026, diabetes"),
            (
                "risk_top_percent = 5\nunplanned_care_within_days = 183",
                "risk among the highest, unplanned care on 2 November 2026",
            ),
            ("risk_top_percent = 5\nunplanned_care_within_days = 0", "risk among the highest"),
            (
                "low_acuity_attendances_at_least = 2\nlow_acuity_within_days = 183",
                "2 A&E visits since 22 May 2026 that looked not urgent, the last on 2 November 2026",
            ),
            (
                "is_rising = true\nimd_decile_at_most = 3",
                "rising risk, home in one of the 3 in 10 most deprived neighbourhoods of England",
            ),
        ] {
            assert_eq!(told(rule, &facts), words);
        }
    }

    #[test]
    fn what_a_rule_found_in_optional_tables_is_told_with_its_dates_but_for_what_is_not_to_be_told() {
        let person = person(
            "feed home_care_visits 2026-10-30 is_missed\n feed home_care_visits 2026-11-18 is_missed\n\
             feed home_care_visits 2026-11-18 is_missed\n feed home_care_visits 2026-11-11 is_delivered|has_fall\n\
             feed virtual_ward_stays 2026-11-03 is_open\n feed waiting_list_entries 2026-11-03 is_suspected_cancer",
        );
        let feeds = Feeds::new(["home_care_visits", "virtual_ward_stays", "waiting_list_entries"]);
        let facts = Facts { feeds: FeedFacts::of(&person, &feeds), ..Facts::default() };
        let asks = |table: &str, test: &str| {
            told(&format!("facts = [{{ of = \"{table}\", where = [\"{test}\"], within_days = 28 }}]"), &facts)
        };
        let missed = "3 home-care visits that nobody came to since 24 October 2026, the last on 18 November 2026";
        assert_eq!(asks("home_care_visits", "is_missed"), missed);
        let fall = "1 home-care visit at which the carer noted a fall on 11 November 2026";
        assert_eq!(asks("home_care_visits", "has_fall"), fall);
        let ward = "1 stay on a virtual ward still open begun on 3 November 2026";
        assert_eq!(asks("virtual_ward_stays", "is_open"), ward);
        assert_eq!(asks("waiting_list_entries", "is_suspected_cancer"), "found by a rule of the service");
    }

    #[test]
    fn a_condition_that_is_sensitive_is_not_told() {
        let facts = Facts { conditions: ["smi"].into(), ..Facts::default() };
        assert_eq!(told("conditions = [\"smi\"]\nis_rising = true", &facts), "rising risk");
        assert_eq!(told("conditions = [\"smi\"]", &facts), "found by a rule of the service");
    }

    #[test]
    fn of_whoever_is_on_a_list_the_days_that_held_are_told() {
        // 183 days are 219: from 15 April 2026 on.
        let low_acuity = ["2026-04-16", "2026-05-01"].iter().filter_map(|day| Day::parse(day)).collect();
        let rule = toml::from_str("low_acuity_attendances_at_least = 2\nlow_acuity_within_days = 183").unwrap();
        let found_by = FoundBy { rule, while_listed: Some(1.2) };
        let told = why(&found_by, &Facts { low_acuity, ..Facts::default() }, Day::parse("2026-11-20").unwrap());
        assert_eq!(told, "2 A&E visits since 16 April 2026 that looked not urgent, the last on 1 May 2026");
    }
}
