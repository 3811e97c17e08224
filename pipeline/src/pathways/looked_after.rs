//! Which services look after somebody already, as far as the optional tables tell.

use std::collections::BTreeMap;

use earlycall_schemas::{
    looked_after::{Means, Service, services},
    pathways::Pathway,
};

use super::feed_facts::FeedFacts;
use crate::{
    cohort::{stay::Cip, unplanned},
    day::Day,
    features::Feeds,
    history::records::Person,
};

/// The service that an emergency admission ends.
const VIRTUAL_WARD: &str = "virtual_ward";

/// The services that look after one person, in the order in which they are declared, each with the day by which it is known:
/// of what lasts, the day on which it began.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LookedAfter(Box<[By]>);

/// A service that looks after somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct By {
    service: &'static Service,
    on: Day,
}

impl LookedAfter {
    /// Who looks after a person on an index date, by the tables that are there. Whoever came into hospital as an emergency
    /// since a virtual ward took them is not with it any more, though nobody may have closed the stay.
    pub fn of(person: &Person, cips: &[Cip], feeds: &Feeds, index_date: Day) -> LookedAfter {
        let facts = FeedFacts::of(person, feeds);
        let was_admitted_since = |day: Day| unplanned::admissions(cips).any(|cip| cip.admission_date > day);
        let mut found: Vec<By> = Vec::new();
        for service in services() {
            let is_told = |other: &String| found.iter().any(|by| by.service.id == *other);
            let days: Vec<Day> = facts.days(&service.of, index_date, None).collect();
            let Some(&on) = days.last().filter(|_| days.len() >= service.of.at_least as usize) else { continue };
            let has_left = service.id == VIRTUAL_WARD && was_admitted_since(on);
            if !has_left && !service.unless.as_ref().is_some_and(is_told) {
                found.push(By { service, on });
            }
        }
        LookedAfter(found.into())
    }

    /// The first service to which a pathway leaves them, if there is one.
    pub fn keeps_off(&self, pathway: &Pathway) -> Option<By> {
        self.0.iter().copied().find(|by| pathway.means(&by.service.id) == Means::KeepsOff)
    }

    /// Advice before a call, as a pathway asks for it.
    pub fn checks(&self, pathway: &Pathway) -> Vec<String> {
        let checked = self.0.iter().filter(|by| pathway.means(&by.service.id) != Means::Tell);
        checked.map(|by| by.service.check(&by.on.in_words())).collect()
    }

    /// Who looks after them, as a line tells it, the newest day that a late table tells of, and what there are no data of;
    /// nothing where there are none of any service. That there is nobody else is said only where no table is late.
    pub fn told(&self, feeds: &Feeds) -> Vec<String> {
        let (known, unknown): (Vec<&Service>, Vec<&Service>) =
            services().iter().partition(|service| feeds.can_tell(service.of.table()));
        if known.is_empty() {
            return Vec::new();
        }
        let mut late: BTreeMap<Day, Vec<&Service>> = BTreeMap::new();
        for service in known {
            if let Some(day) = feeds.late_since(service.of.table()) {
                late.entry(day).or_default().push(service);
            }
        }
        let mut told: Vec<String> = self.0.iter().map(|by| by.service.told(&by.on.in_words())).collect();
        if told.is_empty() && late.is_empty() {
            told.push("Nobody else on record".to_owned());
        }
        let newest =
            |(day, of): (Day, Vec<&Service>)| format!("No newer entry than {} on: {}", day.in_words(), named(&of));
        told.extend(late.into_iter().map(newest));
        told.extend((!unknown.is_empty()).then(|| format!("No data on: {}", named(&unknown))));
        told
    }
}

impl By {
    /// The service.
    pub fn service(self) -> &'static Service {
        self.service
    }

    /// Why somebody is on no list, to whoever had them on it.
    pub fn kept_off(self) -> String {
        self.service.kept_off(&self.on.in_words())
    }
}

/// Services in the middle of a line, each table's once.
fn named(services: &[&Service]) -> String {
    let words = services.iter().filter(|service| service.unless.is_none()).map(|service| service.words.to_lowercase());
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use earlycall_schemas::{
        pathways::{PathwayId, pathways},
        table::{Tier, tables},
    };

    use super::*;
    use crate::{
        cohort::{
            stay::StayKind,
            tests::life::{INDEX_DATE, day, person},
        },
        features::tests::deny::DENIED,
        history::records::ShortCode,
    };

    /// Every optional table, sensitive ones among them.
    fn all_feeds() -> Feeds {
        Feeds::new(tables().iter().filter(|table| table.tier == Tier::Optional).map(|table| table.name.as_str()))
    }

    fn of(lines: &str) -> LookedAfter {
        LookedAfter::of(&person(lines), &[], &all_feeds(), day(INDEX_DATE))
    }

    fn emergency(on: &str) -> Cip {
        Cip {
            admission_date: day(on),
            discharge_date: None,
            kind: StayKind::Emergency,
            first_provider: ShortCode::new("R1H"),
            primary: None,
            diagnoses: vec![],
            is_mental_health: false,
            died: false,
        }
    }

    #[test]
    fn each_service_is_known_by_its_newest_fact_within_its_days_and_no_longer() {
        let virtual_ward = "feed virtual_ward_stays 2026-11-03";
        for (lines, told) in [
            (&*format!("{virtual_ward} is_open"), Some("Virtual ward since 3 November 2026")),
            (virtual_ward, None),
            (
                "feed virtual_ward_stays 2026-10-23 is_open",
                Some("Virtual ward since 23 October 2026, no end on record"),
            ),
            ("feed virtual_ward_stays 2025-11-20 is_open", None),
            (
                "feed community_contacts 2026-11-07 is_rapid_response|is_seen",
                Some("Rapid response team, last on 7 November 2026"),
            ),
            ("feed community_contacts 2026-11-06 is_rapid_response|is_seen", None),
            ("feed community_contacts 2026-11-07 is_rapid_response|is_missed", None),
            (
                "feed community_contacts 2026-10-10 is_specialist_nurse|is_seen",
                Some("Specialist nurse, on 10 October 2026"),
            ),
            (
                "feed community_contacts 2026-10-10 is_specialist_nurse|is_seen\n\
                 feed community_contacts 2026-11-02 is_specialist_nurse|is_seen",
                Some("Specialist nurse, last on 2 November 2026"),
            ),
            ("feed community_contacts 2026-10-09 is_specialist_nurse|is_seen", None),
            (
                "feed community_contacts 2026-11-03 is_district_nursing|is_seen\n\
                 feed community_contacts 2026-11-05 is_district_nursing|is_seen",
                Some("Community nurses, last on 5 November 2026"),
            ),
            (
                "feed community_contacts 2026-11-05 is_falls_or_therapy|is_seen",
                Some("Falls team or therapists, last on 5 November 2026"),
            ),
            ("feed home_care_visits 2026-10-24 is_delivered", Some("Home care, last visit on 24 October 2026")),
            ("feed home_care_visits 2026-10-23 is_delivered", None),
            ("feed home_care_visits 2026-11-19 is_missed", None),
            ("feed social_prescribing_referrals 2026-07-24 is_open", Some("Social prescriber since 24 July 2026")),
            ("feed social_prescribing_referrals 2026-07-23 is_open", None),
            ("feed social_prescribing_referrals 2026-11-01 -", None),
            ("feed telecare_events 2026-08-23 -", Some("Alarm or sensors at home, last event on 23 August 2026")),
            ("feed telecare_events 2026-08-22 -", None),
            ("feed community_contacts 2026-11-05 is_seen", None),
            ("feed mental_health_contacts 2026-11-19 is_seen|is_crisis", None),
        ] {
            let expected = told.unwrap_or("Nobody else on record");
            assert_eq!(of(lines).told(&all_feeds()), [expected], "{lines}");
        }
    }

    #[test]
    fn whoever_was_admitted_since_is_asked_about_and_not_left_to_the_ward() {
        let lines = "feed virtual_ward_stays 2026-11-03 is_open";
        let told =
            |cips: &[Cip]| LookedAfter::of(&person(lines), cips, &all_feeds(), day(INDEX_DATE)).told(&all_feeds());
        assert_eq!(told(&[emergency("2026-11-03")]), ["Virtual ward since 3 November 2026"]);
        assert_eq!(told(&[emergency("2026-11-08")]), ["Virtual ward since 3 November 2026, no end on record"]);
    }

    #[test]
    fn a_service_keeps_somebody_off_a_list_or_is_to_be_asked_first_as_the_pathway_has_it() {
        let ward = of("feed virtual_ward_stays 2026-11-03 is_open\n\
                       feed community_contacts 2026-11-05 is_district_nursing|is_seen");
        let why = |id| ward.keeps_off(&pathways()[id]).map(By::kept_off);
        let left_there = Some("on a virtual ward since 3 November 2026, looked after there".to_owned());
        assert_eq!([PathwayId::Coaching, PathwayId::VirtualWard].map(why), [left_there.clone(), left_there]);
        assert_eq!([PathwayId::SocialPrescribing, PathwayId::HomeCare].map(why), [None, None]);
        assert_eq!(
            ward.checks(&pathways()[PathwayId::HomeCare]),
            [
                "On a virtual ward since 3 November 2026: speak with its team first",
                "Community nurses saw them on 5 November 2026: speak with them first"
            ]
        );
        let mut own = pathways()[PathwayId::Coaching].clone();
        own.looked_after
            .extend([("virtual_ward".to_owned(), Means::Check), ("community_nurses".to_owned(), Means::KeepsOff)]);
        let nurses = "seen by community nurses on 5 November 2026, looked after there";
        assert_eq!(ward.keeps_off(&own).map(By::kept_off).as_deref(), Some(nurses));
    }

    #[test]
    fn without_any_such_table_nothing_is_said_and_without_some_that_they_are_not_known() {
        let lines = "feed virtual_ward_stays 2026-11-03 is_open\n feed home_care_visits 2026-11-19 is_delivered";
        let with = |tables: &[&str]| {
            let feeds = Feeds::new(tables.iter().copied());
            LookedAfter::of(&person(lines), &[], &feeds, day(INDEX_DATE)).told(&feeds)
        };
        assert!(with(&["apc_episodes", "mental_health_contacts"]).is_empty());
        let [ward, unknown] = with(&["virtual_ward_stays", "community_contacts"]).try_into().unwrap();
        assert_eq!(ward, "Virtual ward since 3 November 2026");
        assert_eq!(unknown, "No data on: home care, social prescriber, alarm or sensors at home");
        let none = with(&["community_contacts"]);
        assert_eq!(none[0], "Nobody else on record");
    }

    #[test]
    fn of_a_late_table_a_line_says_of_which_day_its_newest_entry_is_and_not_that_there_is_nobody() {
        let late = |tables: &[(&str, &str)]| {
            all_feeds().with_late(tables.iter().map(|(table, on)| ((*table).to_owned(), day(on))).collect())
        };
        let told =
            |lines: &str, feeds: &Feeds| LookedAfter::of(&person(lines), &[], feeds, day(INDEX_DATE)).told(feeds);
        let nurses = "rapid response team, specialist nurse, community nurses, falls team or therapists";
        let community = late(&[("community_contacts", "2026-11-03")]);
        let since = format!("No newer entry than 3 November 2026 on: {nurses}");
        assert_eq!(told("", &community), std::slice::from_ref(&since));
        let seen = "feed community_contacts 2026-11-02 is_district_nursing|is_seen";
        assert_eq!(told(seen, &community), ["Community nurses, last on 2 November 2026".to_owned(), since]);
        let several = [
            ("home_care_visits", "2026-11-10"),
            ("virtual_ward_stays", "2026-11-01"),
            ("telecare_events", "2026-11-01"),
            ("gp_appointments", "2026-11-01"),
        ];
        assert_eq!(
            told("", &late(&several)),
            [
                "No newer entry than 1 November 2026 on: virtual ward, alarm or sensors at home",
                "No newer entry than 10 November 2026 on: home care"
            ]
        );
        assert_eq!(told("", &late(&[("gp_appointments", "2026-11-01")])), ["Nobody else on record"]);
    }

    #[test]
    fn nothing_that_is_said_of_a_service_is_denied_to_a_line() {
        let on = day(INDEX_DATE);
        for service in services() {
            let by = By { service, on };
            let texts = [service.told("x"), service.check("x"), by.kept_off(), service.words.clone()];
            for text in texts.map(|text| text.to_lowercase()) {
                let denied = text
                    .split(|letter: char| !letter.is_alphanumeric())
                    .find(|word| DENIED.iter().any(|denied| word.starts_with(denied)));
                assert_eq!(denied, None, "{text}");
            }
        }
    }
}
