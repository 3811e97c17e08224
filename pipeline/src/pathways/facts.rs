//! What there is to ask about of one person.

use std::collections::BTreeSet;

use earlycall_schemas::{catalogue::catalogue, codelists::is_low_acuity, pathways::Asks};

use crate::{
    cohort::{Assessed, Circumstances, unplanned},
    day::Day,
    features::Value,
};

/// What the rules of pathways ask about, of one person on an index date.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// The last day of an emergency admission or an unplanned A&E attendance.
    pub unplanned_care: Option<Day>,
    /// The last day on which an emergency stay ended.
    pub emergency_stay_ended: Option<Day>,
    /// The last unplanned A&E attendance.
    pub ae_attendance: Option<Day>,
    /// Unplanned A&E attendances that looked standard or not urgent at the door, in order.
    pub low_acuity: Vec<Day>,
    /// The decile of deprivation of the neighbourhood, 1 the most deprived.
    pub imd_decile: Option<i64>,
    /// The conditions, by id.
    pub conditions: BTreeSet<&'static str>,
    /// Tenths of a point of the Hospital Frailty Risk Score, of whoever it is made for.
    pub frailty_tenths: Option<i64>,
    /// Whether attendances at A&E are not known.
    pub attendances_are_missing: bool,
    /// Whether nothing is told of where they live.
    pub place_is_withheld: bool,
}

impl Facts {
    /// The facts of one person, whose features are these, in the order of the catalogue.
    pub fn of(assessed: &Assessed, at: &Circumstances, features: &[Value]) -> Facts {
        let attended = || unplanned::attendances(assessed.person);
        let ended = unplanned::admissions(&assessed.cips).filter_map(|cip| cip.discharge_date).max();
        let frailty = catalogue().position("hfrs_points_730d").expect("a feature of the catalogue");
        Facts {
            unplanned_care: unplanned::last(assessed.person, &assessed.cips),
            emergency_stay_ended: ended,
            ae_attendance: attended().next_back().map(|visit| visit.date),
            low_acuity: attended().filter(|visit| is_low_acuity(visit.acuity)).map(|visit| visit.date).collect(),
            imd_decile: assessed.imd_decile,
            conditions: assessed.conditions.iter().map(|record| record.condition.id.as_str()).collect(),
            frailty_tenths: match features[frailty] {
                Value::Known(tenths) => Some(tenths),
                Value::Never | Value::Missing => None,
            },
            attendances_are_missing: !at.feeds.can_tell("ed_attendances"),
            place_is_withheld: assessed.person.patient.is_confidential,
        }
    }

    /// Whether all holds that a rule asks, but for what it asks of the risk. `wider`, of whoever is on a list already, makes
    /// days more; and that no attendance is known takes nobody off a list while none can be.
    pub fn hold(&self, rule: &Asks, index_date: Day, wider: Option<f64>) -> bool {
        let stays = wider.is_some() && self.attendances_are_missing;
        let start = |days: u32| index_date - (f64::from(days) * wider.unwrap_or(1.0)) as i32;
        let within = |day: Option<Day>, days: Option<u32>| {
            days.is_none_or(|days| days == 0 || day.is_some_and(|day| day > start(days)))
        };
        within(self.emergency_stay_ended, rule.emergency_stay_ended_within_days)
            && (stays || within(self.unplanned_care, rule.unplanned_care_within_days))
            && (stays || within(self.ae_attendance, rule.ae_attendance_within_days))
            && (stays || self.low_acuity_since(rule, start).is_none_or(|(n, asked)| n >= asked))
            && rule.imd_decile_at_most.is_none_or(|most| self.imd_decile.is_some_and(|is| is <= i64::from(most)))
            && (self.has_conditions(rule) || self.is_frail(rule))
    }

    /// How many attendances that were not urgent count, and how many a rule asks for.
    fn low_acuity_since(&self, rule: &Asks, start: impl Fn(u32) -> Day) -> Option<(usize, usize)> {
        let (asked, days) = (rule.low_acuity_attendances_at_least?, rule.low_acuity_within_days?);
        let n = self.low_acuity.iter().filter(|day| **day > start(days)).count();
        Some((n, asked as usize))
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

#[cfg(test)]
mod tests {
    use super::*;

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
    fn while_attendances_are_not_known_whoever_is_on_a_list_stays() {
        let rule: Asks = toml::from_str("unplanned_care_within_days = 183").unwrap();
        let unknown = Facts { attendances_are_missing: true, ..Facts::default() };
        assert!(unknown.hold(&rule, TODAY, Some(1.2)) && !unknown.hold(&rule, TODAY, None));
        assert!(!Facts::default().hold(&rule, TODAY, Some(1.2)));
    }
}
