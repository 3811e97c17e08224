//! Every record that is known is counted once, whoever was merged into whom, objects, or has died.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use earlycall::{
    cohort::{
        Circumstances, Cohort, Gathered, divide, headcount::Headcount, is_somebody, one_fate::Fates, standing::Standing,
    },
    features::Feeds,
    history::{History, records::PersonKey},
    objections::{
        Kind,
        register::{self, Entry, Matter, Register},
    },
    settings::Settings,
};
use proptest::prelude::*;

use crate::{Service, Tiny, day, people};

/// Records that `patients` has; behind them are two that nobody sends.
const N_SENT: usize = 7;
const N_RECORDS: usize = N_SENT + 2;
/// Into one record more are merged than one person has (V37).
const CROWD: usize = 5;
const ON: &str = "2026-11-25";

/// A record, each in another bucket than the one before.
fn record(n: usize) -> String {
    format!("{:02x}", 16 + 25 * n).repeat(32)
}

fn key(n: usize) -> PersonKey {
    PersonKey::parse(&record(n)).unwrap()
}

/// What one delivery says.
#[derive(Clone, Debug)]
struct Says {
    /// Per record that is sent, the later record into which it was merged.
    merged_into: Vec<Option<usize>>,
    /// Who objects from now on.
    objects: BTreeSet<usize>,
    /// Who is reported dead.
    died: Option<usize>,
}

fn says() -> impl Strategy<Value = Says> {
    let into = |n: usize| prop::option::weighted(0.4, n + 1..N_RECORDS);
    let few = (0..N_SENT).map(into).collect::<Vec<_>>();
    let crowd = prop::option::of(N_SENT..N_RECORDS).prop_map(|into| vec![into; N_SENT]);
    let merged_into = prop_oneof![3 => few, 1 => crowd];
    let objects = prop::collection::btree_set(0..N_RECORDS, 0..3);
    let died = prop::option::of(0..N_RECORDS);
    (merged_into, objects, died).prop_map(|(merged_into, objects, died)| Says { merged_into, objects, died })
}

/// A full delivery: all records that are sent, each with one entry of the GP record, and everybody's objections.
fn delivery(says: &Says, objecting: &BTreeSet<usize>) -> Tiny {
    let mut tiny = Tiny::new();
    for (n, into) in says.merged_into.iter().enumerate() {
        let (id, event, into) = (record(n), format!("of{n}"), into.map(record).unwrap_or_default());
        tiny = tiny.copy_row("patients", 1, &[("person_id", &id), ("superseded_by", &into)]);
        tiny = tiny.copy_row("gp_events", 1, &[("person_id", &id), ("event_id", &event)]);
    }
    for n in objecting {
        tiny = tiny.copy_row("opt_outs", 1, &[("person_id", &record(*n)), ("objection", "type1")]);
    }
    says.died.iter().fold(tiny, |tiny, n| tiny.copy_row("deaths", 1, &[("person_id", &record(*n))]))
}

/// Notes in the register of a service that somebody objects.
fn note(service: &Service, person_id: PersonKey) {
    let (matter, by, why) = (Matter::Objection(Kind::Programme), String::new(), String::new());
    let mut register = Register::default();
    register.add(Entry { person_id, matter, is_taken_back: false, by, why, night: None });
    let state = service.folder.path().join("state");
    fs::create_dir_all(&state).unwrap();
    fs::write(state.join(register::FILE), register.to_bytes()).unwrap();
}

/// Where every person stands, by record.
fn standings(history: &History) -> BTreeMap<PersonKey, Standing> {
    let (feeds, settings) = (Feeds::new(["gp_events", "apc_episodes"]), Settings::default());
    let fates = Fates::of(history, &history.view(day(ON)), &feeds, &settings, 1).unwrap();
    let at = Circumstances::of(&history.reference, day(ON), &feeds, &settings, &fates);
    let everybody: Vec<_> = people(history, ON).into_iter().filter(|person| is_somebody(person, &at)).collect();
    let mut standings = Vec::new();
    let others = divide(&everybody, &at, |assessed| standings.push((assessed.person.key, Standing::Scored)));
    let mut gathered = Gathered::default();
    gathered.add((Vec::new(), others.clone()));
    let cohort = Cohort::of(gathered, Headcount::default());
    assert_eq!(cohort.n_people() as usize + standings.len(), everybody.len());
    standings.extend(others);
    let by_record: BTreeMap<PersonKey, Standing> = standings.iter().copied().collect();
    assert_eq!(by_record.len(), standings.len(), "nobody is counted twice");
    by_record
}

/// The last record of a chain, by the newest delivery, but for placeholders.
fn end(says: &Says, placeholders: &BTreeSet<usize>, n: usize) -> usize {
    let next = says.merged_into.get(n).copied().flatten().filter(|next| !placeholders.contains(next));
    next.map_or(n, |next| end(says, placeholders, next))
}

/// The records that nobody sends and into which more are merged than one person has, or were, and more than one still.
fn placeholders(says: &Says, before: &BTreeSet<usize>) -> BTreeSet<usize> {
    let n_merged = |of: usize| says.merged_into.iter().filter(|into| **into == Some(of)).count();
    let is_one = |of: &usize| n_merged(*of) > CROWD || (n_merged(*of) > 1 && before.contains(of));
    (N_SENT..N_RECORDS).filter(is_one).collect()
}

/// Delivers night after night, with somebody noted from one of them on, and counts everybody after each.
fn check(nights: &[Says], noted: Option<usize>, noted_before: usize) {
    let service = Service::new();
    let (mut objecting, mut placeholders) = (BTreeSet::new(), BTreeSet::new());
    for (n, says) in nights.iter().enumerate() {
        objecting.extend(&says.objects);
        let noted = noted.filter(|_| noted_before <= n);
        noted.into_iter().for_each(|of| note(&service, key(of)));
        let (id, on) = [("a", "2026-11-20"), ("b", "2026-11-21"), ("c", "2026-11-22")][n];
        let history = service.deliver(id, "full", on, delivery(says, &objecting)).unwrap();

        // Whoever is in `patients`, and of the others those who object; three more are the tiny delivery's own.
        let known: BTreeSet<usize> = (0..N_SENT).chain(objecting.iter().copied()).collect();
        let standings = standings(&history);
        assert_eq!(standings.len(), known.len() + 3);
        assert!(known.iter().all(|n| standings.contains_key(&key(*n))));

        let spoken_of: BTreeSet<usize> = objecting.iter().copied().chain(noted).collect();
        placeholders = self::placeholders(says, &placeholders);
        let none = BTreeSet::new();
        let end = |n| end(says, &placeholders, n);
        let last_named = |n| self::end(says, &none, n);
        let left_out: BTreeSet<usize> = spoken_of.iter().copied().map(end).collect();
        // What a placeholder objects to is said of all that are merged into it.
        let is_left_out = |n: usize| left_out.contains(&end(n)) || spoken_of.contains(&last_named(n));
        for n in known {
            let is_left_out = is_left_out(n);
            assert_eq!(standings[&key(n)] == Standing::Objecting, is_left_out, "record {}", n);
            let is_merged = says.merged_into.get(n).is_some_and(|into| {
                into.is_some_and(|next| {
                    // Merged only where a record that was sent stands behind it.
                    std::iter::successors(Some(next), |at| says.merged_into.get(*at).copied().flatten())
                        .any(|at| at < N_SENT)
                })
            });
            assert_eq!(standings[&key(n)] == Standing::Merged, is_merged && !is_left_out, "record {}", n);
            let has_died = says.died.is_some_and(|died| end(died) == end(n));
            assert_eq!(standings[&key(n)] == Standing::Died, has_died && !is_merged && !is_left_out, "record {}", n);
        }

        // Nobody's rows vanish but those of people who object.
        let n_kept = (0..N_SENT).filter(|n| !is_left_out(*n)).count();
        let events: usize = people(&history, ON).iter().map(|person| person.gp_events.len()).sum();
        assert_eq!(events, n_kept + 3);
    }
}

#[test]
fn a_survivor_that_is_named_taken_back_and_named_again_was_never_sent() {
    let says = |merges: bool, objects: &[usize]| Says {
        merged_into: (0..N_SENT).map(|n| (merges && n == 4).then_some(8)).collect(),
        objects: objects.iter().copied().collect(),
        died: None,
    };
    check(&[says(true, &[]), says(false, &[]), says(true, &[4])], None, 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_record_known_is_counted_once(
        nights in prop::collection::vec(says(), 1..4),
        noted in prop::option::of(0..N_RECORDS),
        noted_before in 0..4_usize,
    ) {
        check(&nights, noted, noted_before);
    }
}
