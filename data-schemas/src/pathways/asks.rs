//! What a rule asks of a person.

use serde::{Deserialize, Serialize};

use crate::{codelists::condition, feeds::AskedFacts};

/// What a rule asks: all that is there must hold. Days are counted back from the index date T: within d days is (T - d, T].
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Asks {
    /// Whether the rule finds nobody: for a service that does without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub off: Option<bool>,
    /// The share of everybody scored, in percent, with the highest risk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk_top_percent: Option<f64>,
    /// Whether the risk must be rising. False: not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_rising: Option<bool>,
    /// Days since an emergency admission or an unplanned A&E attendance. 0: not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unplanned_care_within_days: Option<u32>,
    /// Days since the end of an emergency stay. 0: not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emergency_stay_ended_within_days: Option<u32>,
    /// Days since an unplanned A&E attendance. 0: not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ae_attendance_within_days: Option<u32>,
    /// Unplanned A&E attendances that looked standard or not urgent at the door. 0: not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub low_acuity_attendances_at_least: Option<u32>,
    /// Days in which these count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub low_acuity_within_days: Option<u32>,
    /// The decile of deprivation of the neighbourhood, 1 the most deprived. Nobody with a confidential record is found by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub imd_decile_at_most: Option<u32>,
    /// Any of these conditions. Empty: not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conditions: Option<Vec<String>>,
    /// Or so many points of the Hospital Frailty Risk Score.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub or_frailty_points_from: Option<u32>,
    /// Facts of optional tables, all of which there must be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facts: Option<Vec<AskedFacts>>,
}

impl Asks {
    /// This rule with what another has set in its place.
    pub fn with(self, set: Asks) -> Asks {
        Asks {
            off: set.off.or(self.off),
            risk_top_percent: set.risk_top_percent.or(self.risk_top_percent),
            is_rising: set.is_rising.or(self.is_rising),
            unplanned_care_within_days: set.unplanned_care_within_days.or(self.unplanned_care_within_days),
            emergency_stay_ended_within_days: set
                .emergency_stay_ended_within_days
                .or(self.emergency_stay_ended_within_days),
            ae_attendance_within_days: set.ae_attendance_within_days.or(self.ae_attendance_within_days),
            low_acuity_attendances_at_least: set
                .low_acuity_attendances_at_least
                .or(self.low_acuity_attendances_at_least),
            low_acuity_within_days: set.low_acuity_within_days.or(self.low_acuity_within_days),
            imd_decile_at_most: set.imd_decile_at_most.or(self.imd_decile_at_most),
            conditions: set.conditions.or(self.conditions),
            or_frailty_points_from: set.or_frailty_points_from.or(self.or_frailty_points_from),
            facts: set.facts.or(self.facts),
        }
    }

    /// The facts of optional tables that it asks for.
    pub fn asked_facts(&self) -> &[AskedFacts] {
        self.facts.as_deref().unwrap_or_default()
    }

    /// What is wrong with it: the key, and what it must be; none if it makes sense.
    pub fn wrong(&self) -> Option<(&'static str, &'static str)> {
        let days = [
            ("unplanned_care_within_days", self.unplanned_care_within_days),
            ("emergency_stay_ended_within_days", self.emergency_stay_ended_within_days),
            ("ae_attendance_within_days", self.ae_attendance_within_days),
            ("low_acuity_within_days", self.low_acuity_within_days),
        ];
        if let Some((key, _)) = days.into_iter().find(|(_, days)| days.is_some_and(|days| days > 3650)) {
            return Some((key, "must be 0 to 3650"));
        }
        if self.risk_top_percent.is_some_and(|percent| !(percent > 0.0 && percent <= 100.0)) {
            return Some(("risk_top_percent", "must be more than 0, and at most 100"));
        }
        if self.imd_decile_at_most.is_some_and(|decile| !(1..=10).contains(&decile)) {
            return Some(("imd_decile_at_most", "must be 1 to 10"));
        }
        if self.low_acuity_attendances_at_least.is_some() != self.low_acuity_within_days.is_some() {
            return Some(("low_acuity_within_days", "goes with low_acuity_attendances_at_least"));
        }
        if self.or_frailty_points_from.is_some() && self.conditions.is_none() {
            return Some(("or_frailty_points_from", "goes with conditions, which may be empty"));
        }
        let is_unknown = |id: &String| condition(id).is_none();
        if self.conditions.iter().flatten().any(is_unknown) {
            return Some(("conditions", "names no known condition"));
        }
        (!self.asks_anything()).then_some(("off", "stands alone: the rule asks nothing, and would find everybody"))
    }

    /// Whether it asks of anything that not everybody has.
    fn asks_anything(&self) -> bool {
        let counts = [
            self.unplanned_care_within_days,
            self.emergency_stay_ended_within_days,
            self.ae_attendance_within_days,
            self.low_acuity_attendances_at_least,
            self.imd_decile_at_most,
            self.or_frailty_points_from,
        ];
        let has_conditions = self.conditions.as_ref().is_some_and(|conditions| !conditions.is_empty());
        counts.iter().flatten().any(|n| *n > 0)
            || has_conditions
            || self.asks_of_risk()
            || !self.asked_facts().is_empty()
    }

    fn asks_of_risk(&self) -> bool {
        self.risk_top_percent.is_some() || self.is_rising == Some(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_service_sets_stands_in_the_place_of_what_is_declared_and_the_rest_stays() {
        let declared = Asks { risk_top_percent: Some(5.0), unplanned_care_within_days: Some(183), ..Asks::default() };
        let set = Asks { risk_top_percent: Some(2.0), ..Asks::default() };
        let both = Asks { risk_top_percent: Some(2.0), unplanned_care_within_days: Some(183), ..Asks::default() };
        assert_eq!(declared.with(set), both);
    }

    #[test]
    fn a_rule_that_makes_no_sense_is_told_by_its_key() {
        let wrong = |text: &str| toml::from_str::<Asks>(text).unwrap().wrong().map(|(key, _)| key);
        for (text, expected) in [
            ("risk_top_percent = 100", None),
            ("risk_top_percent = 0", Some("risk_top_percent")),
            ("risk_top_percent = nan", Some("risk_top_percent")),
            ("unplanned_care_within_days = 3651", Some("unplanned_care_within_days")),
            ("imd_decile_at_most = 11", Some("imd_decile_at_most")),
            ("low_acuity_attendances_at_least = 2", Some("low_acuity_within_days")),
            ("or_frailty_points_from = 5", Some("or_frailty_points_from")),
            ("conditions = [\"copdd\"]", Some("conditions")),
            ("conditions = []\nor_frailty_points_from = 5", None),
            ("off = true", Some("off")),
            ("unplanned_care_within_days = 0", Some("off")),
            ("low_acuity_attendances_at_least = 0\nlow_acuity_within_days = 183", Some("off")),
            ("is_rising = false\nconditions = []", Some("off")),
            ("facts = [{ of = \"home_care_visits\", within_days = 28 }]", None),
            ("facts = []", Some("off")),
        ] {
            assert_eq!(wrong(text), expected, "{text}");
        }
    }
}
