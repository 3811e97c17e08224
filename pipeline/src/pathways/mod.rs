//! Who may be on the lists of which pathway: what rules ask is declared in `data-schemas/pathways` and set in the settings;
//! here it is asked of people.
//!
//! [`facts`] is what there is to ask about of one person, [`feed_facts`] what the optional tables add to it, [`Rules`] ask it in the pass over everybody, [`Found`] is what is
//! kept of the answer until risks can be compared, and [`tell`] says it to a coach. [`flags`] is what is told of a person or
//! keeps them off, [`looked_after`] who looks after them already, [`routing`] to whose list they come.

pub mod facts;
pub mod feed_facts;
pub mod flags;
pub mod looked_after;
pub mod routing;
pub mod stopped;
pub mod tell;

use earlycall_schemas::pathways::{Asks, Pathway, PathwayId};

use self::facts::Facts;
use crate::{day::Day, settings::Pathways};

/// Most rules of all pathways together.
pub const RULES_MAX: usize = 32;

/// The rules of all pathways, in their order.
#[derive(Clone, Debug)]
pub struct Rules {
    rules: Vec<(PathwayId, Asks)>,
    /// By how much days are more for whoever is on a list already.
    hysteresis: f64,
}

/// Which rules find somebody, but for what they ask of the risk, which must be compared with everybody's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// A bit for each rule.
    now: u32,
    /// The same for whoever is on a list already.
    while_listed: u32,
}

/// A rule that found somebody.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundBy {
    /// The rule.
    pub rule: Asks,
    /// By how much its days were more, of whoever was on a list of the pathway already.
    pub while_listed: Option<f64>,
}

/// What rules ask of a risk.
pub trait Risk {
    /// Whether it is in the top share of all, in percent.
    fn is_in_top(&self, percent: f64) -> bool;
    /// Whether it is rising.
    fn is_rising(&self) -> bool;
}

impl Rules {
    /// The rules that a service has set.
    pub fn of(pathways: &Pathways, hysteresis: f64) -> Rules {
        let of_pathway = |(id, pathway): (PathwayId, &Pathway)| {
            pathway.rules_in_force().map(|rule| (id, rule.clone())).collect::<Vec<_>>()
        };
        let rules: Vec<(PathwayId, Asks)> = pathways.iter().flat_map(of_pathway).collect();
        debug_assert!(rules.len() <= RULES_MAX, "the settings are checked");
        Rules { rules, hysteresis: hysteresis.max(1.0) }
    }

    /// Which of them find somebody, whatever their risk.
    pub fn find(&self, facts: &Facts, index_date: Day) -> Found {
        let bits = |wider: Option<f64>| {
            let holds =
                |(at, (_, rule)): (usize, &(PathwayId, Asks))| u32::from(facts.hold(rule, index_date, wider)) << at;
            self.rules.iter().enumerate().map(holds).sum()
        };
        Found { now: bits(None), while_listed: bits(Some(self.hysteresis)) }
    }

    /// The rules of a pathway that find somebody of this risk; `is_listed` says whether they are on a list of it already.
    pub fn finding(&self, pathway: PathwayId, found: Found, risk: &impl Risk, is_listed: bool) -> Vec<FoundBy> {
        let while_listed = is_listed.then_some(self.hysteresis);
        let rules = self.that_find(pathway, found, risk, is_listed);
        rules.map(|rule| FoundBy { rule: rule.clone(), while_listed }).collect()
    }

    /// Whether there is any.
    pub fn finds(&self, pathway: PathwayId, found: Found, risk: &impl Risk, is_listed: bool) -> bool {
        self.that_find(pathway, found, risk, is_listed).next().is_some()
    }

    fn that_find<'r>(
        &'r self,
        pathway: PathwayId,
        found: Found,
        risk: &'r impl Risk,
        is_listed: bool,
    ) -> impl Iterator<Item = &'r Asks> {
        let wider = if is_listed { self.hysteresis } else { 1.0 };
        self.but_for_risk(pathway, found, is_listed).filter(move |rule| {
            rule.risk_top_percent.is_none_or(|percent| risk.is_in_top(percent * wider))
                && (rule.is_rising != Some(true) || risk.is_rising())
        })
    }

    /// The rules of a pathway that would find somebody, were their risk another.
    pub fn but_for_risk(&self, pathway: PathwayId, found: Found, is_listed: bool) -> impl Iterator<Item = &Asks> {
        let bits = if is_listed { found.while_listed } else { found.now };
        let of_pathway =
            self.rules.iter().enumerate().filter(move |(at, (of, _))| *of == pathway && bits >> at & 1 == 1);
        of_pathway.map(|(_, (_, rule))| rule)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cohort::tests::life::{INDEX_DATE, day, person},
        features::Feeds,
        pathways::feed_facts::FeedFacts,
        settings::Settings,
    };

    struct In(f64, bool);

    impl Risk for In {
        fn is_in_top(&self, percent: f64) -> bool {
            self.0 <= percent
        }
        fn is_rising(&self) -> bool {
            self.1
        }
    }

    const TODAY: Day = Day(20_000);

    fn rules(text: &str) -> Rules {
        let settings = Settings::parse(text, std::path::Path::new("")).unwrap();
        Rules::of(&settings.pathways, settings.worklist.hysteresis)
    }

    /// Whether coaching finds somebody whose unplanned care was so many days ago, with a risk in the top so many percent.
    fn coached(rules: &Rules, days_ago: i32, percent: f64, is_listed: bool) -> bool {
        let facts = Facts { unplanned_care: Some(TODAY - days_ago), ..Facts::default() };
        let found = rules.find(&facts, TODAY);
        rules.finds(PathwayId::Coaching, found, &In(percent, false), is_listed)
    }

    #[test]
    fn coaching_asks_for_a_high_risk_and_for_unplanned_care_and_less_of_whoever_is_on_the_list() {
        // 5 in 100 and 183 days; with hysteresis 6 in 100 and 219 days.
        let declared = rules("");
        for (days_ago, percent, is_listed, expected) in [
            (182, 5.0, false, true),
            (183, 5.0, false, false),
            (182, 5.1, false, false),
            (183, 5.1, true, true),
            (218, 6.0, true, true),
            (219, 6.0, true, false),
            (218, 6.1, true, false),
        ] {
            let is = coached(&declared, days_ago, percent, is_listed);
            assert_eq!(is, expected, "{days_ago} days, {percent}%, {is_listed}");
        }
    }

    #[test]
    fn a_service_may_ask_otherwise_or_not_at_all_and_have_rules_of_its_own() {
        let anybody = "[pathways.coaching.rules.high_risk]\nrisk_top_percent = 100\nunplanned_care_within_days = 0";
        assert!(coached(&rules(anybody), 3000, 100.0, false));
        let nobody = "[pathways.coaching.rules.high_risk]\noff = true";
        assert!(!coached(&rules(nobody), 1, 0.1, true));
        let more = "[pathways.coaching.rules.very_lately]\nunplanned_care_within_days = 3";
        assert!(coached(&rules(more), 2, 99.0, false) && !coached(&rules(more), 3, 99.0, false));
    }

    /// Whether the review of home care finds somebody on 20 November 2026.
    fn reviewed(lines: &str, home_from_hospital: Option<&str>, is_listed: bool) -> bool {
        let (person, rules) = (person(lines), rules(""));
        let feeds = Feeds::new(["home_care_visits", "telecare_events"]);
        let ended = home_from_hospital.and_then(Day::parse);
        let facts = Facts { feeds: FeedFacts::of(&person, &feeds), emergency_stay_ended: ended, ..Facts::default() };
        let found = rules.find(&facts, day(INDEX_DATE));
        rules.finds(PathwayId::HomeCare, found, &In(50.0, false), is_listed)
    }

    #[test]
    fn a_review_of_home_care_finds_by_each_of_its_rules_and_asks_less_of_whoever_is_on_the_list() {
        let missed = |first: &str| {
            format!("feed home_care_visits {first} is_missed\n feed home_care_visits 2026-11-18 is_missed")
        };
        let alarm = "feed telecare_events 2026-11-10 is_alarm|is_of_fall|is_answered_in_person";
        let cared_for = "feed home_care_visits 2026-10-30 is_delivered";
        for (lines, home, now, while_listed) in [
            (missed("2026-10-24"), None, true, true),
            (missed("2026-10-23"), None, false, true),
            ("feed home_care_visits 2026-11-18 is_missed".to_owned(), None, false, false),
            ("feed home_care_visits 2026-10-24 is_delivered|has_concern|has_fall".to_owned(), None, true, true),
            ("feed home_care_visits 2026-10-23 is_delivered|has_concern|has_fall".to_owned(), None, false, true),
            (alarm.to_owned(), None, false, false),
            (format!("{alarm}\n {cared_for}"), None, true, true),
            (
                "feed home_care_visits 2026-11-07 has_concern\n feed home_care_visits 2026-11-19 has_concern"
                    .to_owned(),
                None,
                true,
                true,
            ),
            (
                "feed home_care_visits 2026-11-05 has_concern\n feed home_care_visits 2026-11-19 has_concern"
                    .to_owned(),
                None,
                false,
                true,
            ),
            (cared_for.to_owned(), None, false, false),
            (cared_for.to_owned(), Some("2026-11-07"), true, true),
            (cared_for.to_owned(), Some("2026-11-06"), false, true),
            (String::new(), Some("2026-11-19"), false, false),
        ] {
            let is = [false, true].map(|is_listed| reviewed(&lines, home, is_listed));
            assert_eq!(is, [now, while_listed], "{lines}, home on {home:?}");
        }
    }

    #[test]
    fn who_rises_where_it_is_poor_is_for_social_prescribing() {
        let rules = rules("");
        let found = |decile, rises| {
            let found = rules.find(&Facts { imd_decile: Some(decile), ..Facts::default() }, TODAY);
            rules.finding(PathwayId::SocialPrescribing, found, &In(50.0, rises), false).len()
        };
        assert_eq!([found(3, true), found(4, true), found(3, false)], [1, 0, 0]);
        let unknown = rules.find(&Facts::default(), TODAY);
        assert_eq!(rules.finding(PathwayId::SocialPrescribing, unknown, &In(1.0, true), true).len(), 0);
    }
}
