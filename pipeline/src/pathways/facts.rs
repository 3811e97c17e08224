//! What there is to ask about of one person.

use std::collections::BTreeSet;

use earlycall_schemas::{catalogue::catalogue, codelists::is_low_acuity, pathways::Asks};

use super::feed_facts::FeedFacts;
use crate::{
    cohort::{Assessed, Circumstances, unplanned},
    day::Day,
    features::Value,
};

/// What the rules of pathways ask about, of one person on an index date.
#[derive(Clone, Debug, Default)]
pub struct Facts<'a> {
    /// The last day of an emergency admission or an unplanned A&E attendance.
    pub unplanned_care: Option<Day>,
    /// The last day on which an emergency stay ended.
    pub emergency_stay_ended: Option<Day>,
    /// The last unplanned A&E attendance.
    pub ae_attendance: Option<Day>,
    /// Unplanned A&E attendances that looked standard or not urgent at the door, in order.
    pub low_acuity: Vec<Day>,
    /// The decile of deprivation of the neighbourhood, 1 the most deprived; none of a confidential record: that a rule about
    /// places found somebody, or finds them no longer, would tell where they live.
    pub imd_decile: Option<i64>,
    /// The conditions, by id.
    pub conditions: BTreeSet<&'static str>,
    /// Tenths of a point of the Hospital Frailty Risk Score, of whoever it is made for.
    pub frailty_tenths: Option<i64>,
    /// What the optional tables say.
    pub feeds: FeedFacts<'a>,
    /// The last day to which attendances at A&E are known, where they stopped too long ago to count.
    pub attendances_stopped_on: Option<Day>,
    /// Whether nothing is told of where they live.
    pub place_is_withheld: bool,
}

impl<'a> Facts<'a> {
    /// The facts of one person, whose features are these, in the order of the catalogue.
    pub fn of(assessed: &'a Assessed, at: &'a Circumstances, features: &[Value]) -> Facts<'a> {
        let attended = || unplanned::attendances(assessed.person);
        let ended = unplanned::admissions(&assessed.cips).filter_map(|cip| cip.discharge_date).max();
        let frailty = catalogue().position("hfrs_points_730d").expect("a feature of the catalogue");
        Facts {
            unplanned_care: unplanned::last(assessed.person, &assessed.cips),
            emergency_stay_ended: ended,
            ae_attendance: attended().next_back().map(|visit| visit.date),
            low_acuity: attended().filter(|visit| is_low_acuity(visit.acuity)).map(|visit| visit.date).collect(),
            imd_decile: assessed.imd_decile.filter(|_| !assessed.person.patient.is_confidential),
            conditions: assessed.conditions.iter().map(|record| record.condition.id.as_str()).collect(),
            frailty_tenths: match features[frailty] {
                Value::Known(tenths) => Some(tenths),
                Value::Never | Value::Missing => None,
            },
            feeds: FeedFacts::of(assessed.person, at.feeds),
            attendances_stopped_on: at.feeds.stopped_on("ed_attendances"),
            place_is_withheld: assessed.person.patient.is_confidential,
        }
    }

    /// Whether all holds that a rule asks, but for what it asks of the risk. `while_listed`, of whoever is on a list already,
    /// makes days so many times as many; and for them days since an attendance are counted from the last day to which any are
    /// known: that none is known since takes nobody off a list.
    pub fn hold(&self, rule: &Asks, index_date: Day, while_listed: Option<f64>) -> bool {
        let attended_by = self.known_to(index_date, while_listed.is_some());
        let within = |day: Option<Day>, days: Option<u32>, end: Day| {
            days.is_none_or(|days| days == 0 || day.is_some_and(|day| day > start(days, end, while_listed)))
        };
        let unplanned_within = |end| within(self.unplanned_care, rule.unplanned_care_within_days, end);
        within(self.emergency_stay_ended, rule.emergency_stay_ended_within_days, index_date)
            && (unplanned_within(index_date) || unplanned_within(attended_by))
            && within(self.ae_attendance, rule.ae_attendance_within_days, attended_by)
            && self.low_acuity_of(rule, attended_by, while_listed).is_none_or(|(n, asked)| n >= asked)
            && rule.imd_decile_at_most.is_none_or(|most| self.imd_decile.is_some_and(|is| is <= i64::from(most)))
            && self.has_facts(rule, index_date, while_listed)
            && (self.has_conditions(rule) || self.is_frail(rule))
    }

    /// The day from which days since an attendance are counted back.
    pub fn known_to(&self, index_date: Day, is_listed: bool) -> Day {
        self.attendances_stopped_on.filter(|_| is_listed).unwrap_or(index_date)
    }

    /// How many attendances that were not urgent count, and how many a rule asks for.
    fn low_acuity_of(&self, rule: &Asks, end: Day, while_listed: Option<f64>) -> Option<(usize, usize)> {
        let (asked, days) = (rule.low_acuity_attendances_at_least?, rule.low_acuity_within_days?);
        let n = self.low_acuity.iter().filter(|day| **day > start(days, end, while_listed)).count();
        Some((n, asked as usize))
    }

    fn has_facts(&self, rule: &Asks, index_date: Day, while_listed: Option<f64>) -> bool {
        let n = |asked| self.feeds.days(asked, index_date, while_listed).count();
        rule.asked_facts().iter().all(|asked| n(asked) >= asked.at_least as usize)
    }

    fn has_conditions(&self, rule: &Asks) -> bool {
        let asked = rule.conditions.as_deref().unwrap_or_default();
        let asks_nothing = asked.is_empty() && rule.or_frailty_points_from.is_none();
        asks_nothing || asked.iter().any(|id| self.conditions.contains(id.as_str()))
    }

    /// Whether somebody is as frail as a rule asks.
    pub fn is_frail(&self, rule: &Asks) -> bool {
        let from = rule.or_frailty_points_from.map(|points| i64::from(points) * 10);
        from.is_some_and(|from| self.frailty_tenths.is_some_and(|tenths| tenths >= from))
    }
}

/// The day after which so many days start that end on a day.
pub fn start(days: u32, end: Day, while_listed: Option<f64>) -> Day {
    end - (f64::from(days) * while_listed.unwrap_or(1.0)) as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cohort::{
            assess,
            tests::life::{HOME, circumstances, person},
        },
        features,
    };

    const TODAY: Day = Day(20_000);

    fn holds(facts: &Facts, rule: &str) -> bool {
        facts.hold(&toml::from_str(rule).unwrap(), TODAY, None)
    }

    #[test]
    fn within_days_ends_on_the_index_date_and_a_day_not_known_is_within_none() {
        let ended = |days_ago: i32| Facts { emergency_stay_ended: Some(TODAY - days_ago), ..Facts::default() };
        let rule = "emergency_stay_ended_within_days = 14";
        assert!(holds(&ended(0), rule) && holds(&ended(13), rule));
        assert!(!holds(&ended(14), rule) && !holds(&Facts::default(), rule));
        assert!(holds(&Facts::default(), "emergency_stay_ended_within_days = 0"), "not asked");
    }

    #[test]
    fn no_rule_about_places_finds_whoever_has_a_confidential_record() {
        // In the third decile of deprivation.
        let found = |more: &str| {
            circumstances(|at| {
                let person = person(&format!("born 1950-03 {HOME}\n{more}"));
                let assessed = assess(&person, at);
                let features = features::build(&assessed.subject(), at.index_date, at.feeds);
                holds(&Facts::of(&assessed, at, &features.values), "imd_decile_at_most = 3")
            })
        };
        assert_eq!([found(""), found("is confidential")], [true, false]);
    }

    #[test]
    fn two_attendances_that_were_not_urgent_count_when_both_lie_within_the_days() {
        let visits =
            |days: &[i32]| Facts { low_acuity: days.iter().map(|ago| TODAY - *ago).collect(), ..Facts::default() };
        let rule = "low_acuity_attendances_at_least = 2\nlow_acuity_within_days = 183";
        assert!(holds(&visits(&[182, 1]), rule));
        assert!(!holds(&visits(&[183, 1]), rule) && !holds(&visits(&[1]), rule));
    }

    #[test]
    fn a_condition_or_frailty_is_enough_where_either_is_asked() {
        let rule = "conditions = [\"copd\", \"heart_failure\"]\nor_frailty_points_from = 5";
        let has = |id| Facts { conditions: [id].into(), ..Facts::default() };
        let frail = |tenths| Facts { frailty_tenths: Some(tenths), ..Facts::default() };
        assert!(holds(&has("copd"), rule) && holds(&frail(50), rule));
        assert!(!holds(&has("asthma"), rule) && !holds(&frail(49), rule) && !holds(&Facts::default(), rule));
        assert!(!holds(&frail(49), "conditions = []\nor_frailty_points_from = 5"));
    }

    #[test]
    fn where_attendances_stopped_whoever_is_on_a_list_stays_who_was_found_by_one_then() {
        // Attendances are known to 40 days ago. Somebody attended 45 days ago, 5 days before that; with hysteresis 7 days are 8.
        let rule: Asks = toml::from_str("ae_attendance_within_days = 7\nconditions = [\"copd\"]").unwrap();
        let attended = |ago: Option<i32>| Facts {
            ae_attendance: ago.map(|ago| TODAY - ago),
            conditions: ["copd"].into(),
            attendances_stopped_on: Some(TODAY - 40),
            ..Facts::default()
        };
        let stays = |ago| attended(ago).hold(&rule, TODAY, Some(1.2));
        assert_eq!([stays(Some(45)), stays(Some(48)), stays(None)], [true, false, false]);
        assert!(!attended(Some(45)).hold(&rule, TODAY, None), "nobody comes onto a list by it");
        let never_came = Facts { attendances_stopped_on: None, ..attended(Some(45)) };
        assert!(!never_came.hold(&rule, TODAY, Some(1.2)));
        let coaching: Asks = toml::from_str("unplanned_care_within_days = 7").unwrap();
        let admitted = |ago: i32| Facts { unplanned_care: Some(TODAY - ago), ..attended(None) };
        assert!(admitted(3).hold(&coaching, TODAY, Some(1.2)) && admitted(45).hold(&coaching, TODAY, Some(1.2)));
    }
}
