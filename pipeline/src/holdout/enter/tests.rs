use std::collections::BTreeMap;

use earlycall_schemas::pathways::PathwayId;
use proptest::prelude::*;

use super::*;
use crate::{
    day::Day,
    error::Kind,
    feedback::{Contact, log::Log, sample},
    history::mergers::Mergers,
    holdout::{blocks::tests::blocks, ledger::Ledger},
    settings,
    worklist::{
        floors::CountsFor,
        rank::{Cut, revise, select},
    },
};

const FIRST_DAY: Day = Day(20_778);
const TIE_KEY: &[u8] = b"tie";

fn key(n: u32) -> PersonKey {
    PersonKey::parse(&format!("{n:064x}")).unwrap()
}

/// Person n has the n-th risk, in per cent, and all of them may be listed.
fn people(percents: &[u8]) -> Vec<Candidate> {
    let person = |(n, &percent): (u32, &u8)| Candidate {
        key: key(n),
        risk: f64::from(percent) / 100.0,
        may_be_listed: true,
        is_carried_over: false,
        counts_for: CountsFor::default(),
    };
    (0..).zip(percents).map(person).collect()
}

fn trial(ledger: &Ledger, list_day: Day, mergers: &Mergers) -> Trial {
    Trial::of("t", list_day, blocks(b"key", "t", 2, 1), ledger.clone(), mergers, true).unwrap()
}

fn contacted(people: &[u32]) -> Contacted {
    let mut log = Log::default();
    let call = |n: &u32| Contact { contacted_on: FIRST_DAY - 30, ..sample(*n, "2026-11-21", "no_answer") };
    log.add(people.iter().map(call).collect());
    Contacted::of(&log, PathwayId::Coaching, &Mergers::default(), FIRST_DAY, &settings::Contacts::default())
}

fn cut(slots: usize) -> Cut<'static> {
    Cut { slots, kept: &[], hysteresis: 1.2, tie_key: TIE_KEY }
}

/// One team's list on one night.
fn list_of(
    trial: &mut Trial,
    candidates: &[Candidate],
    before: &BTreeSet<PersonKey>,
    contacted: &Contacted,
    slots: usize,
) -> Vec<PersonKey> {
    let risks = candidates.iter().filter(|one| one.may_be_listed).map(|one| one.risk).collect();
    let mut entering = Entering::new(Some(trial), before, contacted, risks);
    entering.list("coach-31", &mut candidates.to_vec(), |candidates| select(candidates, before, &cut(slots)))
}

fn arm_of(trial: &Trial, person: PersonKey) -> Option<Arm> {
    trial.arms.get(&person).copied()
}

#[test]
fn whoever_is_within_reach_enters_first_to_last_and_nobody_below_the_last_line() {
    let candidates = people(&(0..60).map(|n| 90 - n).collect::<Vec<_>>());
    let mut trial = trial(&Ledger::default(), FIRST_DAY, &Mergers::default());
    let list = list_of(&mut trial, &candidates, &BTreeSet::new(), &Contacted::default(), 24);
    let entered: Vec<&Entry> = trial.ledger.of_trial("t").collect();
    let last = candidates.iter().position(|one| one.key == *list.last().unwrap()).unwrap();
    let all: Vec<PersonKey> = candidates[..=last].iter().map(|one| one.key).collect();
    assert_eq!(entered.iter().map(|entry| entry.person_id).collect::<BTreeSet<_>>(), all.iter().copied().collect());
    let offered = all.iter().filter(|person| arm_of(&trial, **person) == Some(Arm::Offered));
    assert_eq!(list, offered.copied().collect::<Vec<_>>());
    assert_eq!(list.len(), 24);
    // Of 60, the 20 with the highest risks are the highest third; each third draws its own lots, from its first place on.
    for entry in &entered {
        let rank = candidates.iter().position(|one| one.key == entry.person_id).unwrap() as u64;
        let (third, place) = (3 - rank / 20, rank % 20);
        assert_eq!((u64::from(entry.risk_third), entry.place), (third, Some(place)), "rank {rank}");
        assert_eq!(entry.arm, blocks(b"key", "t", 2, 1).arm(&entry.stratum(), place));
    }
}

#[test]
fn whoever_was_on_a_list_or_was_called_before_is_listed_and_not_randomised() {
    let candidates = people(&[90, 80, 70]);
    let mut trial = trial(&Ledger::default(), FIRST_DAY, &Mergers::default());
    let list = list_of(&mut trial, &candidates, &[key(0)].into(), &contacted(&[1]), 2);
    assert_eq!(list, [key(0), key(1)]);
    let arms: Vec<(Arm, Option<u64>)> = trial.ledger.of_trial("t").map(|entry| (entry.arm, entry.place)).collect();
    assert_eq!(arms, [(Arm::NotRandomised, None); 2]);
    assert_eq!(trial.n_randomised.len(), 0);
}

/// A ledger in which everybody of some people is in one arm, entered one a day.
fn ledger_of(arm: Arm, persons: &[u32]) -> Ledger {
    let blocks = blocks(b"key", "t", 2, 1);
    let mut ledger = Ledger::default();
    for (day, n) in (0..).zip(persons) {
        // A team each: somewhere its first person is in that arm.
        let first_in = |team: &u32| {
            let stratum = Stratum { team_id: format!("{n}-{team}"), risk_third: 3 };
            (blocks.arm(&stratum, 0) == arm).then_some(stratum)
        };
        let Stratum { team_id, risk_third } = (0..).find_map(|team| first_in(&team)).unwrap();
        let (trial_id, person_id, entered_on) = ("t".to_owned(), key(*n), FIRST_DAY - 9 + day);
        ledger.add(Entry { trial_id, person_id, arm, entered_on, team_id, risk_third, place: Some(0) });
    }
    ledger
}

#[test]
fn of_merged_records_the_earliest_entry_counts() {
    let mut ledger = ledger_of(Arm::UsualCare, &[7]);
    ledger_of(Arm::Offered, &[0]).of_trial("t").for_each(|entry| ledger.add(entry.clone()));
    let (candidates, nobody) = (people(&[90, 80]), BTreeSet::new());
    let mut mergers = Mergers::default();
    let list = |mergers: &Mergers| {
        list_of(&mut trial(&ledger, FIRST_DAY, mergers), &candidates, &nobody, &Contacted::default(), 1)
    };
    assert_eq!(list(&mergers), [key(0)], "offered, while nobody knows that they are one person");
    mergers.insert(key(7), key(0));
    assert_ne!(list(&mergers), [key(0)]);
}

#[test]
fn no_line_goes_because_of_an_arm() {
    // Somebody in usual care who is on a list: the trial was out of the settings for a night, or records were merged.
    let (ledger, candidates) = (ledger_of(Arm::UsualCare, &[0]), people(&[90, 80]));
    let list = |before: &BTreeSet<PersonKey>| {
        let mut trial = trial(&ledger, FIRST_DAY, &Mergers::default());
        list_of(&mut trial, &candidates[..1], before, &Contacted::default(), 1)
    };
    assert_eq!(list(&[key(0)].into()), [key(0)]);
    assert_eq!(list(&BTreeSet::new()), []);
}

#[test]
fn a_past_night_takes_nobody_in_and_lists_nobody_who_is_held_out() {
    let (ledger, candidates) = (ledger_of(Arm::UsualCare, &[0]), people(&[90, 80, 70]));
    let mut past = Trial { takes_in: false, ..trial(&ledger, FIRST_DAY, &Mergers::default()) };
    let list = list_of(&mut past, &candidates, &BTreeSet::new(), &Contacted::default(), 2);
    assert_eq!((list, &past.ledger), (vec![key(1), key(2)], &ledger));
}

#[test]
fn a_revision_keeps_its_lines_and_appends_nobody_who_is_held_out() {
    let candidates = people(&[90, 80, 70, 60]);
    let published = [key(2)];
    let mut trial = trial(&ledger_of(Arm::UsualCare, &[0]), FIRST_DAY, &Mergers::default());
    let (before, contacted) = (BTreeSet::from(published), contacted(&[1]));
    let mut entering = Entering::new(Some(&mut trial), &before, &contacted, vec![0.9, 0.8, 0.7, 0.6]);
    let list = entering.list("coach-31", &mut candidates.clone(), |candidates| revise(candidates, &published, &cut(2)));
    assert_eq!(list, [key(2), key(1)]);
}

#[test]
fn another_key_or_ratio_than_the_ledger_s_is_refused() {
    let ledger = {
        let mut trial = trial(&Ledger::default(), FIRST_DAY, &Mergers::default());
        let candidates = people(&(0..60).map(|n| 90 - n).collect::<Vec<_>>());
        list_of(&mut trial, &candidates, &BTreeSet::new(), &Contacted::default(), 24);
        trial.ledger
    };
    let under = |key: &[u8], usual_care| {
        let blocks = blocks(key, "t", 2, usual_care);
        Trial::of("t", FIRST_DAY, blocks, ledger.clone(), &Mergers::default(), true).map(drop).map_err(|e| e.kind())
    };
    assert_eq!(under(b"key", 1), Ok(()));
    assert_eq!(under(b"other", 1), Err(Kind::Permission));
    assert_eq!(under(b"key", 2), Err(Kind::Permission));
}

#[test]
fn equal_risks_are_in_one_third_and_the_highest_in_the_last() {
    let thirds = |risks: &[f64]| risks.iter().map(|risk| third(risks, *risk)).collect::<Vec<_>>();
    assert_eq!(thirds(&[0.1, 0.2, 0.3, 0.4, 0.5, 0.6]), [1, 1, 2, 2, 3, 3]);
    assert_eq!(thirds(&[0.1, 0.1, 0.1, 0.1, 0.5, 0.6]), [1, 1, 1, 1, 3, 3]);
    assert_eq!(thirds(&[0.1]), [1]);
}

/// One night of some people, one after another: risk, whether they may be listed, and whether they are carried over.
type Tonight = Vec<(u8, bool, bool)>;

/// A few nights of a trial, how many lines each of two teams has on each, and who was called before it.
fn nights() -> impl Strategy<Value = (Vec<(Tonight, [usize; 2])>, Vec<u32>)> {
    let person = (0u8..12, prop::bool::weighted(0.8), prop::bool::weighted(0.1));
    let night = (prop::collection::vec(person, 40), [0usize..8, 0usize..8]);
    (prop::collection::vec(night, 1..4), prop::collection::vec(0u32..40, 0..4))
}

/// Of some people each team has every other.
fn candidates_of(people: &Tonight, team: usize) -> Vec<Candidate> {
    let numbered = (0..).zip(people).skip(team).step_by(2);
    let candidate = |(n, &(risk, may_be_listed, is_carried_over)): (u32, &(u8, bool, bool))| Candidate {
        key: key(n),
        risk: f64::from(risk) / 12.0,
        may_be_listed,
        is_carried_over,
        counts_for: CountsFor::default(),
    };
    numbered.map(candidate).collect()
}

fn usual_care(ledger: &Ledger) -> BTreeSet<PersonKey> {
    ledger.of_trial("t").filter(|entry| entry.arm == Arm::UsualCare).map(|entry| entry.person_id).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn whatever_the_capacities_risks_and_contacts_nobody_in_usual_care_is_listed((nights, called) in nights()) {
        let contacted = contacted(&called);
        let (mut ledger, mut before): (Ledger, [Vec<PersonKey>; 2]) = Default::default();
        for (day, (people, slots)) in (0..).zip(&nights) {
            let listed_before: BTreeSet<PersonKey> = before.iter().flatten().copied().collect();
            let all = [0, 1].map(|team| candidates_of(people, team));
            let risks: Vec<f64> = all.iter().flatten().filter(|one| one.may_be_listed).map(|one| one.risk).collect();
            let lists = |ledger: &Ledger| {
                let mut trial = trial(ledger, FIRST_DAY + day, &Mergers::default());
                let mut entering = Entering::new(Some(&mut trial), &listed_before, &contacted, risks.clone());
                let lists = [0, 1].map(|team| {
                    let (mut candidates, cut) = (all[team].clone(), cut(slots[team]));
                    let before = before[team].iter().copied().collect();
                    let rule = |candidates: &[Candidate]| select(candidates, &before, &cut);
                    entering.list(&format!("coach-{team}"), &mut candidates, rule)
                });
                (lists, trial)
            };
            let (told, trial) = lists(&ledger);
            let held_out = usual_care(&trial.ledger);
            for (team, list) in told.iter().enumerate() {
                prop_assert!(list.iter().all(|person| !held_out.contains(person)));
                prop_assert_eq!(list.iter().collect::<BTreeSet<_>>().len(), list.len(), "nobody is on it twice");
                let others = all[team].iter().filter(|one| one.may_be_listed && !held_out.contains(&one.key));
                let (carried, others): (Vec<&Candidate>, Vec<&Candidate>) = others.partition(|one| one.is_carried_over);
                prop_assert_eq!(list.len(), carried.len() + others.len().min(slots[team]), "the list is full");
                prop_assert!(list.iter().all(|person| trial.arms.contains_key(person)), "whoever is offered has an arm");
            }
            let entries: Vec<&Entry> = trial.ledger.of_trial("t").collect();
            let persons: BTreeSet<PersonKey> = entries.iter().map(|entry| entry.person_id).collect();
            prop_assert_eq!(persons.len(), entries.len(), "nobody is allocated twice");
            let older: Vec<&Entry> = ledger.of_trial("t").collect();
            prop_assert_eq!(&entries[..older.len()], &older, "the ledger only grows");
            let mut strata: BTreeMap<Stratum, (u64, u64)> = BTreeMap::new();
            for entry in entries.iter().filter(|entry| entry.arm != Arm::NotRandomised) {
                let (n, n_usual_care) = strata.entry(entry.stratum()).or_default();
                *n += 1;
                *n_usual_care += u64::from(entry.arm == Arm::UsualCare);
            }
            for (n, n_usual_care) in strata.into_values() {
                prop_assert!((n / 6 * 2..=n / 6 * 2 + 2).contains(&n_usual_care), "{} of {}", n_usual_care, n);
            }
            let (again, once_more) = lists(&trial.ledger);
            prop_assert_eq!(&again, &told, "a night that is run again has the same lists");
            prop_assert_eq!(&once_more.ledger, &trial.ledger);
            ledger = trial.ledger;
            before = told;
        }
    }
}
