//! Everybody is counted once.

use earlycall_schemas::pathways::ByPathway;
use proptest::prelude::*;

use super::life::{INDEX_DATE, day, person, reference};
use crate::{
    cohort::{
        Circumstances, Cohort, Gathered, Member, divide, headcount::Headcount, one_fate::Fates, standing::Standing,
    },
    features::Feeds,
    history::records::{Person, PersonKey},
    pathways::{Found, flags::Flags},
    settings::Settings,
    worklist::floors::CountsFor,
};

/// Lines of which a life is made, in any combination.
const LINES: [&str; 14] = [
    "born 1950-03 E01000001",
    "born 2012-03 E01000001",
    "is test",
    "is merged",
    "gp F99901 2010-01-01 - regular",
    "gp A11111 2015-01-01 - regular",
    "code 2015-05-01 13645005",
    "code 2015-05-01 103735009",
    "stay R1H 2026-05-01 2026-05-09 21 19 I500",
    "stay R1H 2026-09-01 2026-09-09 21 79 J440",
    "visit 2026-10-05 -",
    "dead 2026-10-01 ons",
    "says type1 dissent 2020-01-01",
    "says type1 withdrawn 2022-01-01",
];

fn population() -> impl Strategy<Value = Vec<Person>> {
    let life = prop::sample::subsequence(&LINES[..], 0..LINES.len()).prop_map(|lines| person(&lines.join("\n")));
    prop::collection::vec(life, 0..30).prop_map(|people| {
        let keyed = people.into_iter().enumerate();
        keyed.map(|(n, person)| Person { key: PersonKey::parse(&format!("{n:064x}")).unwrap(), ..person }).collect()
    })
}

fn divided(people: &[Person]) -> Cohort {
    let feeds = Feeds::new(["gp_events", "apc_episodes"]);
    let (reference, settings) = (reference(), Settings::default());
    let at = Circumstances::of(&reference, day(INDEX_DATE), &feeds, &settings, Fates::none());
    let mut members = Vec::new();
    let others = divide(people, &at, |assessed| {
        members.push(Member {
            key: assessed.person.key,
            risk: 0.5,
            further: Box::default(),
            owners: ByPathway::default(),
            is_at_end_of_life: false,
            flags: Flags::default(),
            looked_after: Default::default(),
            found: Found::default(),
            counts_for: CountsFor::default(),
            groups: Default::default(),
        });
    });
    let mut gathered = Gathered::default();
    gathered.add((members, others));
    Cohort::of(gathered, Headcount::default())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_counts_add_up_to_everybody(people in population()) {
        let cohort = divided(&people);
        let counts = cohort.counts();
        prop_assert_eq!(counts.len(), Standing::ALL.len());
        prop_assert_eq!(counts.values().sum::<u64>(), people.len() as u64);
        prop_assert_eq!(cohort.n_people(), people.len() as u64);
        prop_assert_eq!(counts["scored"], cohort.members().len() as u64);
        let is_other = |person: &Person| cohort.why_not(person.key).is_some();
        let is_member = |person: &Person| cohort.member(person.key).is_some();
        prop_assert!(people.iter().all(|person| is_other(person) != is_member(person)), "one side, and one only");
    }

    #[test]
    fn where_one_person_stands_does_not_depend_on_the_others(people in population()) {
        let together = divided(&people).counts();
        let mut apart = Cohort::default().counts();
        for person in &people {
            for (standing, n) in divided(std::slice::from_ref(person)).counts() {
                *apart.get_mut(standing).unwrap() += n;
            }
        }
        prop_assert_eq!(together, apart);
    }
}
