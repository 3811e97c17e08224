//! The services on whose lists a person can be, and the rules that find people for them: declared once, in
//! `pathways/pathways.toml`.
//!
//! ```
//! use earlycall_schemas::pathways::{PathwayId, pathways};
//! let ward = &pathways()[PathwayId::VirtualWard];
//! assert_eq!(ward.rules["home_from_hospital"].emergency_stay_ended_within_days, Some(14));
//! assert_eq!(PathwayId::of("virtual_ward"), Some(PathwayId::VirtualWard));
//! assert_eq!(PathwayId::of("virtual ward"), None);
//! ```

mod asks;
mod reference;

use std::{
    collections::BTreeMap,
    ops::{Index, IndexMut},
    sync::LazyLock,
};

use serde::{Deserialize, Serialize};

pub use asks::Asks;
pub use reference::pathways_markdown;

use crate::looked_after::Means;

/// A service on whose lists a person can be: a value of `reference_teams.pathway`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PathwayId {
    /// A clinical coach phones.
    Coaching,
    /// A link worker helps with what is no illness.
    SocialPrescribing,
    /// The team of a virtual ward looks at somebody.
    VirtualWard,
    /// Whoever arranges care at home looks at it again.
    HomeCare,
}

impl PathwayId {
    /// All of them.
    pub const ALL: [PathwayId; 4] =
        [PathwayId::Coaching, PathwayId::SocialPrescribing, PathwayId::VirtualWard, PathwayId::HomeCare];

    /// The word in files and settings.
    pub fn code(self) -> &'static str {
        match self {
            PathwayId::Coaching => "coaching",
            PathwayId::SocialPrescribing => "social_prescribing",
            PathwayId::VirtualWard => "virtual_ward",
            PathwayId::HomeCare => "home_care",
        }
    }

    /// The pathway of a word in files.
    pub fn of(code: &str) -> Option<PathwayId> {
        PathwayId::ALL.into_iter().find(|pathway| pathway.code() == code)
    }
}

/// Something for each pathway.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ByPathway<T>([T; PathwayId::ALL.len()]);

impl<T> ByPathway<T> {
    /// What a function makes for each pathway.
    pub fn of(make: impl FnMut(PathwayId) -> T) -> ByPathway<T> {
        ByPathway(PathwayId::ALL.map(make))
    }

    /// Each pathway with what there is for it.
    pub fn iter(&self) -> impl Iterator<Item = (PathwayId, &T)> {
        PathwayId::ALL.into_iter().zip(&self.0)
    }
}

impl<T> Index<PathwayId> for ByPathway<T> {
    type Output = T;

    fn index(&self, pathway: PathwayId) -> &T {
        &self.0[pathway as usize]
    }
}

impl<T> IndexMut<PathwayId> for ByPathway<T> {
    fn index_mut(&mut self, pathway: PathwayId) -> &mut T {
        &mut self.0[pathway as usize]
    }
}

/// Something about a person that is to be checked before a call, or keeps them off a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// In a hospital bed now: where, and since when.
    InHospital,
    /// Left hospital in the last seven days, but for a planned stay without a night.
    LeftHospital,
    /// In A&E in the last seven days, and nothing newer is known.
    InAe,
    /// Lives in a care home.
    CareHome,
    /// Cannot leave home.
    Housebound,
    /// On the register of dementia.
    Dementia,
    /// On the register of learning disability.
    LearningDisability,
}

impl Flag {
    /// All of them, in the order in which they are told.
    pub const ALL: [Flag; 7] = [
        Flag::InHospital,
        Flag::LeftHospital,
        Flag::InAe,
        Flag::CareHome,
        Flag::Housebound,
        Flag::Dementia,
        Flag::LearningDisability,
    ];
}

/// A pathway as it is declared, or as a service has set it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Pathway {
    /// Its name on a page.
    pub name: String,
    /// What it offers, in a sentence.
    pub meaning: String,
    /// Why somebody left a list whom none of the declared rules finds any more, where they have that in common.
    pub over: Option<String>,
    /// Stands on every page of such a list.
    pub warning: Option<String>,
    /// The flags that keep somebody off.
    pub exclude: Vec<Flag>,
    /// The flags that are told.
    pub flags: Vec<Flag>,
    /// What it means to the list that a service looks after somebody already, by the id of the service.
    pub looked_after: BTreeMap<String, Means>,
    /// Where it comes from.
    pub source: String,
    /// Who may be on the list: whoever any of these finds.
    #[serde(default)]
    pub rules: BTreeMap<String, Asks>,
}

impl Pathway {
    /// Why somebody left a list whom no rule finds any more: "no longer found by a rule of virtual ward review".
    pub fn why_over(&self) -> String {
        let by_name = || format!("no longer found by a rule of {}", self.name.to_lowercase());
        self.over.clone().unwrap_or_else(by_name)
    }

    /// The rules that are not turned off.
    pub fn rules_in_force(&self) -> impl Iterator<Item = &Asks> {
        self.rules.values().filter(|rule| rule.off != Some(true))
    }

    /// What it means to the list that a service looks after somebody.
    pub fn means(&self, service: &str) -> Means {
        self.looked_after.get(service).copied().unwrap_or(Means::Tell)
    }

    /// Whether anybody could be on its lists: whether it has a rule that can be asked, where `can_ask` says of which optional
    /// tables anything may be asked.
    pub fn is_offered(&self, can_ask: impl Fn(&str) -> bool) -> bool {
        self.rules_in_force().any(|rule| rule.asked_facts().iter().all(|asked| can_ask(asked.table())))
    }
}

static PATHWAYS: LazyLock<ByPathway<Pathway>> = LazyLock::new(|| {
    let mut declared: BTreeMap<String, Pathway> =
        crate::embedded::parse_toml("pathways/pathways.toml", crate::embedded::PATHWAYS);
    ByPathway::of(|pathway| declared.remove(pathway.code()).expect("every pathway is declared"))
});

/// The pathways as they are declared.
pub fn pathways() -> &'static ByPathway<Pathway> {
    &PATHWAYS
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{looked_after::services, table::table};

    #[test]
    fn teams_may_name_these_pathways_and_no_others() {
        let column = table("reference_teams").unwrap().column("pathway").unwrap();
        assert_eq!(column.one_of, PathwayId::ALL.map(PathwayId::code));
    }

    #[test]
    fn every_rule_that_is_declared_makes_sense() {
        for (id, pathway) in pathways().iter() {
            for (name, rule) in &pathway.rules {
                assert_eq!(rule.wrong(), None, "{id:?} {name}");
            }
        }
    }

    #[test]
    fn of_every_service_it_is_declared_what_it_means_to_each_list() {
        let services: Vec<&str> = services().iter().map(|service| service.id.as_str()).collect();
        for (id, pathway) in pathways().iter() {
            let declared: BTreeSet<&str> = pathway.looked_after.keys().map(String::as_str).collect();
            assert_eq!(declared, services.iter().copied().collect(), "{id:?}");
        }
        assert_eq!(pathways()[PathwayId::Coaching].means("virtual_ward"), Means::KeepsOff);
    }

    #[test]
    fn a_list_whose_rules_all_ask_for_what_is_not_there_is_not_offered() {
        let home_care = &pathways()[PathwayId::HomeCare];
        assert!(home_care.is_offered(|table| table == "home_care_visits"));
        assert!(!home_care.is_offered(|table| table == "telecare_events"));
        assert!(pathways()[PathwayId::Coaching].is_offered(|_| false));
    }

    #[test]
    fn the_page_has_each_pathway_as_a_service_would_set_it() {
        let page = pathways_markdown();
        let rule = "[pathways.coaching.rules.high_risk]\nrisk_top_percent = 5.0\nunplanned_care_within_days = 183\n";
        assert!(page.contains(rule), "{page}");
        assert!(page.contains("[pathways.virtual_ward]\nexclude = [\"in_hospital\"]\n"), "{page}");
        assert!(page.contains("[pathways.coaching.looked_after]\nvirtual_ward = \"keeps_off\"\n"), "{page}");
        let rule = "[pathways.home_care.rules.fall]\nfacts = [\n  { of = \"home_care_visits\", where = [\"has_fall\"], \
                    within_days = 28, at_least = 1 },\n]\n";
        assert!(page.contains(rule), "{page}");
    }
}
