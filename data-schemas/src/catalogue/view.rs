//! What a catalogue entry can look at: the views that the pipeline derives for one person, and their named tests.

use serde::Deserialize;

use super::items::ItemList;
use crate::feeds::{FeedView, feeds};

/// A list of dated facts about one person, derived from the tables of an extract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// One fact per continuous inpatient spell, on its day of admission, ending on its day of discharge.
    HospitalStays,
    /// One fact per continuous inpatient spell that is over, on its day of discharge.
    Discharges,
    /// One fact per continuous inpatient spell and long-term condition coded in it, on the day of admission.
    StayConditions,
    /// One fact per attendance at emergency care, on its day of arrival.
    EmergencyCare,
    /// One fact per long-term condition, on the day of its first record.
    Conditions,
    /// One fact per prescription issued, on its day.
    Prescriptions,
    /// One fact per measured result, on its day; the amount is the value in thousandths of the unit.
    Results,
    /// One fact per Charlson group coded in a stay of the last two years, after the hierarchy; the amount is its weight.
    CharlsonGroups,
    /// One fact per frailty code in a stay of the last two years; the amount is its points in tenths.
    FrailtyCodes,
    /// One fact per attribute of the person that is known.
    Person,
    /// As `feeds/gp_appointments.toml` says.
    GpAppointments,
    /// As `feeds/outpatient_appointments.toml` says.
    OutpatientAppointments,
    /// As `feeds/waiting_list_entries.toml` says.
    WaitingListEntries,
    /// As `feeds/community_contacts.toml` says.
    CommunityContacts,
    /// As `feeds/home_care_visits.toml` says.
    HomeCareVisits,
    /// As `feeds/social_prescribing_referrals.toml` says.
    SocialPrescribingReferrals,
    /// As `feeds/virtual_ward_stays.toml` says.
    VirtualWardStays,
    /// As `feeds/remote_monitoring.toml` says.
    RemoteMonitoring,
    /// As `feeds/telecare_events.toml` says.
    TelecareEvents,
    /// As `feeds/mental_health_contacts.toml` says.
    MentalHealthContacts,
}

impl View {
    /// Every view, in order.
    pub const ALL: [View; 20] = [
        View::HospitalStays,
        View::Discharges,
        View::StayConditions,
        View::EmergencyCare,
        View::Conditions,
        View::Prescriptions,
        View::Results,
        View::CharlsonGroups,
        View::FrailtyCodes,
        View::Person,
        View::GpAppointments,
        View::OutpatientAppointments,
        View::WaitingListEntries,
        View::CommunityContacts,
        View::HomeCareVisits,
        View::SocialPrescribingReferrals,
        View::VirtualWardStays,
        View::RemoteMonitoring,
        View::TelecareEvents,
        View::MentalHealthContacts,
    ];

    /// The name in `from`.
    pub fn name(self) -> &'static str {
        match self {
            View::HospitalStays => "hospital_stays",
            View::Discharges => "discharges",
            View::StayConditions => "stay_conditions",
            View::EmergencyCare => "emergency_care",
            View::Conditions => "conditions",
            View::Prescriptions => "prescriptions",
            View::Results => "results",
            View::CharlsonGroups => "charlson_groups",
            View::FrailtyCodes => "frailty_codes",
            View::Person => "person",
            View::GpAppointments => "gp_appointments",
            View::OutpatientAppointments => "outpatient_appointments",
            View::WaitingListEntries => "waiting_list_entries",
            View::CommunityContacts => "community_contacts",
            View::HomeCareVisits => "home_care_visits",
            View::SocialPrescribingReferrals => "social_prescribing_referrals",
            View::VirtualWardStays => "virtual_ward_stays",
            View::RemoteMonitoring => "remote_monitoring",
            View::TelecareEvents => "telecare_events",
            View::MentalHealthContacts => "mental_health_contacts",
        }
    }

    /// The tests that `where` may name.
    pub fn tests(self) -> &'static [Test] {
        match self {
            View::HospitalStays | View::Discharges | View::StayConditions => STAY_TESTS,
            View::EmergencyCare => EMERGENCY_CARE_TESTS,
            View::Conditions => CONDITION_TESTS,
            _ => self.feed().map_or(&[], FeedView::asked_by_features),
        }
    }

    /// What each fact is an instance of, where facts come in kinds.
    pub fn items(self) -> Option<ItemList> {
        match self {
            View::Conditions | View::StayConditions => Some(ItemList::Conditions),
            View::Prescriptions => Some(ItemList::BnfSections),
            View::Results => Some(ItemList::Observations),
            View::CharlsonGroups => Some(ItemList::CharlsonGroups),
            View::Person => Some(ItemList::Person),
            View::HospitalStays | View::Discharges | View::EmergencyCare | View::FrailtyCodes => None,
            _ => self.feed()?.item.as_ref().map(|_| ItemList::Observations),
        }
    }

    /// How the facts come of the rows of an optional table, where they do.
    pub fn feed(self) -> Option<&'static FeedView> {
        feeds().iter().find(|feed| feed.view == self)
    }

    /// The view of a name.
    pub fn named(name: &str) -> Option<View> {
        View::ALL.into_iter().find(|view| view.name() == name)
    }

    /// Whether a fact carries a main condition that a sentence may ask for.
    pub fn has_main_condition(self) -> bool {
        matches!(self, View::HospitalStays | View::Discharges)
    }
}

/// A named yes-or-no question about a fact; the pipeline answers it by setting `bit`.
#[derive(Debug, PartialEq, Eq)]
pub struct Test {
    /// Name in `where`.
    pub name: &'static str,
    /// The one bit that stands for it.
    pub bit: u64,
    /// What it asks.
    pub meaning: &'static str,
}

macro_rules! tests {
    ($list:ident: $($bit:literal $constant:ident $name:literal $meaning:literal)*) => {
        $(#[doc = $meaning] pub const $constant: u64 = 1 << $bit;)*
        static $list: &[Test] = &[$(Test { name: $name, bit: $constant, meaning: $meaning }),*];
    };
}

tests! { STAY_TESTS:
    0 IS_EMERGENCY "is_emergency" "An unplanned admission (specification 2.3)."
    1 IS_ELECTIVE "is_elective" "A planned admission with a night in hospital intended."
    2 IS_DAY_CASE "is_day_case" "A planned admission without a night."
    3 IS_REGULAR_ATTENDER "is_regular_attender" "One of a series, such as dialysis."
    4 IS_OTHER_STAY "is_other" "None of emergency, elective, day case, regular attender."
    5 IS_ZERO_DAY "is_zero_day" "Discharged on the day of admission."
    6 IS_PSYCHIATRIC "is_psychiatric" "Under a mental health specialty, or with a mental or behavioural main condition."
    7 IS_SELF_HARM "is_self_harm" "With intentional self-harm in any position."
    8 IS_ALCOHOL_OR_DRUGS "is_alcohol_or_drugs" "With alcohol or drugs as a cause in any position."
}

tests! { EMERGENCY_CARE_TESTS:
    16 IS_AE "is_ae" "An unplanned attendance at A&E, types 1 to 4 (specification 2.4)."
    17 IS_SAME_DAY_EMERGENCY_CARE "is_same_day_emergency_care" "An unplanned attendance at same day emergency care (type 5)."
    18 IS_MAJOR "is_major" "At a consultant-led department with full resuscitation (type 1)."
    19 BY_AMBULANCE "by_ambulance" "Arrived by ambulance."
    20 LEFT_BEFORE_TREATMENT "left_before_treatment" "Left before the treatment was complete."
}

tests! { CONDITION_TESTS:
    32 IS_DISEASE "is_disease" "A disease, as against a marker such as signs of frailty."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_tests_of_a_view_share_a_bit_or_a_name() {
        for view in View::ALL {
            let tests = view.tests();
            let bits: u64 = tests.iter().map(|test| test.bit).fold(0, |seen, bit| {
                assert_eq!(seen & bit, 0, "{} uses a bit twice", view.name());
                seen | bit
            });
            assert_eq!(bits.count_ones() as usize, tests.len());
            let mut names: Vec<_> = tests.iter().map(|test| test.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), tests.len());
        }
    }

    #[test]
    fn a_view_is_read_by_the_name_that_it_writes() {
        for (position, view) in View::ALL.into_iter().enumerate() {
            assert_eq!(view as usize, position);
            let text = format!("view = \"{}\"", view.name());
            let read: std::collections::BTreeMap<String, View> = toml::from_str(&text).unwrap();
            assert_eq!(read["view"], view);
        }
    }
}
