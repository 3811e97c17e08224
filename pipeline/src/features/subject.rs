//! One person as the features see them.

use earlycall_schemas::codelists::Condition;

use crate::{cohort::stay::Cip, day::Day, history::records::Person};

/// One person, with what the cohort has derived about them, all as known on the index date.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Their rows.
    pub person: &'a Person,
    /// Their stays in hospital.
    pub cips: &'a [Cip],
    /// The registers they are on.
    pub conditions: &'a [ConditionRecord],
    /// First day of the month of birth.
    pub birth_month: Day,
    /// Deprivation of where they live: 1 is the most deprived tenth.
    pub imd_decile: Option<i64>,
    /// First day at the practice where they are registered now.
    pub registered_since: Option<Day>,
}

impl Subject<'_> {
    /// Age in whole years, by the month of birth.
    pub fn age_years(&self, on: Day) -> i64 {
        i64::from(on.years_since(self.birth_month))
    }
}

/// A long-term condition of a person, and what says so.
#[derive(Clone, Debug)]
pub struct ConditionRecord {
    /// The condition.
    pub condition: &'static Condition,
    /// Day of its first record.
    pub first: Day,
    /// The GP record names it.
    pub in_gp_record: bool,
    /// A diagnosis of a stay names it.
    pub in_hospital: bool,
}
