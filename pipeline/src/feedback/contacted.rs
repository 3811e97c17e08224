//! Everybody's contacts on the day of a list.

use std::collections::{BTreeMap, BTreeSet};

use earlycall_schemas::{
    contacts::{self, Effect},
    pathways::PathwayId,
};

use super::{Contact, log::Log, status::Status};
use crate::{
    day::Day,
    history::{mergers::Mergers, records::PersonKey},
    settings,
};

/// Contacts of so many days before a list are of late.
const LATELY_DAYS: i32 = 28;

/// What the contacts of a log come to on the day of a list, for one pathway: those of its teams, and whoever accepted it
/// whatever team they told.
#[derive(Clone, Debug, Default)]
pub struct Contacted {
    /// By the record that stands for the person.
    people: BTreeMap<PersonKey, Status>,
    /// Every contact of its teams: its day, and with whom.
    days: BTreeSet<(Day, PersonKey)>,
    /// Their contacts of the last 28 days, by the team that called and what came of them.
    outcomes: BTreeMap<(String, &'static str), u64>,
    /// People who accepted it this week, by the team of it that called.
    accepted: BTreeMap<String, u32>,
    never: Status,
}

impl Contacted {
    /// Those for a pathway, on the day of a list. Contacts with a record that was merged are with whoever stands for it.
    pub fn of(
        log: &Log,
        pathway: PathwayId,
        mergers: &Mergers,
        list_day: Day,
        settings: &settings::Contacts,
    ) -> Contacted {
        let mut by_person: BTreeMap<PersonKey, Vec<&Contact>> = BTreeMap::new();
        for contact in log.contacts().iter().filter(|contact| contact.effect_in(pathway).is_some()) {
            by_person.entry(mergers.survivor(contact.person_id)).or_default().push(contact);
        }
        let mut accepted: BTreeMap<String, u32> = BTreeMap::new();
        for contacts in by_person.values_mut() {
            // Of one day the later handed in is the later.
            contacts.sort_by_key(|contact| contact.contacted_on);
            let this_week = |contact: &&&Contact| (list_day.monday()..=list_day).contains(&contact.contacted_on);
            let has_accepted = |contact: &&&Contact| contact.effect_in(pathway) == Some(Effect::Programme);
            let is_theirs = |contact: &&&Contact| contact.pathway == pathway;
            if let Some(contact) = contacts.iter().filter(this_week).filter(is_theirs).rfind(has_accepted) {
                *accepted.entry(contact.team_id.clone()).or_default() += 1;
            }
        }
        let (mut days, mut outcomes) = (BTreeSet::new(), BTreeMap::new());
        for (person, contacts) in &by_person {
            for contact in contacts.iter().filter(|contact| contact.pathway == pathway) {
                days.insert((contact.contacted_on, *person));
                if (list_day - LATELY_DAYS..list_day).contains(&contact.contacted_on) {
                    *outcomes.entry((contact.team_id.clone(), contact.outcome.code.as_str())).or_default() += 1;
                }
            }
        }
        let status = |contacts: Vec<&Contact>| Status::of(contacts.into_iter(), pathway, list_day, settings);
        let people = by_person.into_iter().map(|(person, contacts)| (person, status(contacts))).collect();
        Contacted { people, days, outcomes, accepted, never: Status::default() }
    }

    /// Who was contacted from a day on, and before another.
    pub fn people_contacted(&self, from: Day, before: Day) -> impl Iterator<Item = PersonKey> {
        let in_time = self.days.iter().filter(move |(day, _)| (from..before).contains(day));
        in_time.map(|(_, person)| *person).collect::<BTreeSet<_>>().into_iter()
    }

    /// What came of a team's contacts of the 28 days before the list, in the words and the order of outcomes.
    pub fn outcomes_lately(&self, team_id: &str) -> Vec<(String, u64)> {
        let n = |code: &'static str| self.outcomes.get(&(team_id.to_owned(), code)).copied();
        contacts::outcomes().iter().filter_map(|one| Some((one.words.clone(), n(&one.code)?))).collect()
    }

    /// What contacts with a person come to.
    pub fn status(&self, person: PersonKey) -> &Status {
        self.people.get(&person).unwrap_or(&self.never)
    }

    /// Whether any of the contacts is with a person.
    pub fn has_been(&self, person: PersonKey) -> bool {
        self.people.contains_key(&person)
    }

    /// How many people have accepted a team's programme this week, Monday to Sunday: so many of its places are taken.
    pub fn accepted_this_week(&self, team_id: &str) -> u32 {
        self.accepted.get(team_id).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feedback::sample;

    fn of(log: &Log, pathway: PathwayId, list_day: &str) -> Contacted {
        let on = Day::parse(list_day).unwrap();
        Contacted::of(log, pathway, &Mergers::default(), on, &settings::Contacts::default())
    }

    fn contacted(contacts: Vec<Contact>, list_day: &str, mergers: &Mergers) -> Contacted {
        let mut log = Log::default();
        log.add(contacts);
        Contacted::of(&log, PathwayId::Coaching, mergers, Day::parse(list_day).unwrap(), &settings::Contacts::default())
    }

    #[test]
    fn whoever_accepts_takes_one_place_of_their_week() {
        // 23 November 2026 is a Monday.
        let accepted = ["2026-11-22", "2026-11-23", "2026-11-25"].into_iter().zip(1..);
        let contacts: Vec<Contact> = accepted.map(|(on, person)| sample(person, on, "accepted_coaching")).collect();
        for (list_day, n) in
            [("2026-11-22", 1), ("2026-11-23", 1), ("2026-11-25", 2), ("2026-11-29", 2), ("2026-11-30", 0)]
        {
            let contacted = contacted(contacts.clone(), list_day, &Mergers::default());
            assert_eq!(contacted.accepted_this_week("coach-31"), n, "{list_day}");
            assert_eq!(contacted.accepted_this_week("coach-32"), 0, "{list_day}");
        }
    }

    #[test]
    fn of_one_day_the_last_handed_in_counts_and_nobody_takes_two_places() {
        let first = sample(1, "2026-11-24", "declined");
        let second = Contact { contact_id: "later".into(), ..sample(1, "2026-11-24", "accepted_coaching") };
        let third = Contact { contact_id: "last".into(), ..second.clone() };
        let contacted = contacted(vec![first, second, third], "2026-11-25", &Mergers::default());
        let person = sample(1, "2026-11-24", "declined").person_id;
        assert!(contacted.status(person).hold.as_ref().unwrap().in_words().starts_with("accepted coaching"));
        assert_eq!(contacted.accepted_this_week("coach-31"), 1);
    }

    #[test]
    fn a_contact_counts_for_what_its_team_offered_then() {
        let person = sample(1, "2026-11-24", "declined").person_id;
        let mut log = Log::default();
        log.add(vec![Contact { pathway: PathwayId::VirtualWard, ..sample(1, "2026-11-24", "declined") }]);
        let held = PathwayId::ALL.map(|pathway| of(&log, pathway, "2026-11-25").status(person).hold.is_some());
        assert_eq!(held, [false, false, true, false], "whatever its team is called");
    }

    #[test]
    fn what_is_accepted_counts_for_its_pathway_whoever_heard_of_it() {
        use PathwayId::{Coaching, HomeCare, SocialPrescribing, VirtualWard};
        // Who heard of which acceptance; the pathways whose lists somebody is off; and whose place of the week is taken.
        for (team, outcome, off, taken) in [
            (Coaching, "accepted_coaching", vec![Coaching], Some(Coaching)),
            (Coaching, "accepted_virtual_ward", vec![Coaching, VirtualWard], None),
            (VirtualWard, "accepted_virtual_ward", vec![VirtualWard], Some(VirtualWard)),
            (SocialPrescribing, "accepted_social_prescribing", vec![SocialPrescribing], Some(SocialPrescribing)),
            (VirtualWard, "accepted_home_care", vec![VirtualWard, HomeCare], None),
        ] {
            let contact = Contact { pathway: team, ..sample(1, "2026-11-24", outcome) };
            let (person, team_id) = (contact.person_id, contact.team_id.clone());
            let mut log = Log::default();
            log.add(vec![contact]);
            for pathway in PathwayId::ALL {
                let found = of(&log, pathway, "2026-11-25");
                assert_eq!(found.status(person).hold.is_some(), off.contains(&pathway), "{outcome}, {pathway:?}");
                let n = u32::from(taken == Some(pathway));
                assert_eq!(found.accepted_this_week(&team_id), n, "{outcome}, {pathway:?}");
                let n_calls = found.outcomes_lately(&team_id).len();
                assert_eq!(n_calls, usize::from(pathway == team), "only the team's own is told to its lead");
            }
        }
    }

    #[test]
    fn contacts_with_a_merged_record_are_with_whoever_stands_for_it() {
        let contact = sample(1, "2026-11-24", "declined");
        let survivor = sample(2, "2026-11-24", "declined").person_id;
        let mut mergers = Mergers::default();
        mergers.insert(contact.person_id, survivor);
        assert!(contacted(vec![contact], "2026-11-25", &mergers).status(survivor).hold.is_some());
    }
}
