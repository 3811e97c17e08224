use super::*;
use proptest::prelude::*;

const TIE_KEY: &[u8] = b"tie";

fn key(n: u32) -> PersonKey {
    PersonKey::parse(&format!("{n:064x}")).unwrap()
}

fn cut(slots: usize) -> Cut<'static> {
    Cut { slots, kept: &[], hysteresis: 1.2, tie_key: TIE_KEY }
}

/// Person n has the n-th risk, in per cent.
fn people(percents: &[u8]) -> Vec<Candidate> {
    let person = |(n, &percent): (usize, &u8)| Candidate {
        key: key(n as u32),
        risk: f64::from(percent) / 100.0,
        may_be_listed: true,
        is_carried_over: false,
        counts_for: CountsFor::default(),
    };
    percents.iter().enumerate().map(person).collect()
}

fn keys(numbers: &[u32]) -> Vec<PersonKey> {
    numbers.iter().map(|&n| key(n)).collect()
}

#[test]
fn a_night_by_hand() {
    // Five slots reach to rank 6. Persons 0 to 7 rank 1 to 8. Last night: 1, 3, 5 and 7.
    // 5 ranks 6 and stays; 7 ranks 8 and goes. 1, 3, 5 keep three slots; 0 and 2 take the other two; 4, at rank 5,
    // is displaced by 5.
    let candidates = people(&[90, 80, 70, 60, 50, 40, 30, 20]);
    let before = keys(&[1, 3, 5, 7]).into_iter().collect();
    assert_eq!(select(&candidates, &before, &cut(5)), keys(&[0, 1, 2, 3, 5]));
}

#[test]
fn whoever_is_carried_over_stands_first_and_takes_no_slot() {
    // Persons 0 to 7 rank 1 to 8. 6 and 3 are carried over; two slots are left for the best of the others.
    let mut candidates = people(&[90, 80, 70, 60, 50, 40, 30, 20]);
    for n in [3, 6] {
        candidates[n].is_carried_over = true;
    }
    assert_eq!(select(&candidates, &BTreeSet::new(), &cut(2)), keys(&[3, 6, 0, 1]));
    assert_eq!(select(&candidates, &BTreeSet::new(), &cut(0)), keys(&[3, 6]));
    assert_eq!(revise(&candidates, &keys(&[1, 6, 0]), &cut(3)), keys(&[1, 6, 0, 3, 2]));
    candidates[3].may_be_listed = false;
    assert_eq!(select(&candidates, &BTreeSet::new(), &cut(2)), keys(&[6, 0, 1]));
}

#[test]
fn kept_places_go_to_the_best_of_those_for_whom_they_are_and_no_further() {
    // Four slots, two of them kept for persons 4 to 7, who rank 5 to 8. 0 and 1 have the others.
    let mut candidates = people(&[90, 80, 70, 60, 50, 40, 30, 20]);
    for n in [4, 5, 6, 7] {
        candidates[n].counts_for = CountsFor::floors(&[0]);
    }
    let two = [Kept { floor: 0, n: 2 }];
    let with = |kept| select(&candidates, &BTreeSet::new(), &Cut { kept, ..cut(4) });
    assert_eq!(with(&two), keys(&[0, 1, 4, 5]));
    assert_eq!(with(&[]), keys(&[0, 1, 2, 3]));
    // Where they have as many anyway, nothing changes; and of places that nobody is there for others make use.
    candidates.truncate(5);
    assert_eq!(select(&candidates, &BTreeSet::new(), &Cut { kept: &two, ..cut(4) }), keys(&[0, 1, 2, 4]));
    assert_eq!(select(&candidates, &BTreeSet::new(), &Cut { kept: &two, ..cut(5) }), keys(&[0, 1, 2, 3, 4]));
}

#[test]
fn a_revision_keeps_the_old_order_and_appends() {
    let mut candidates = people(&[10, 20, 30, 40, 50]);
    candidates[1].may_be_listed = false;
    assert_eq!(revise(&candidates, &keys(&[0, 1, 2]), &cut(4)), keys(&[0, 2, 4, 3]));
    assert_eq!(revise(&candidates, &keys(&[0, 2, 3]), &cut(1)), keys(&[0, 2, 3]), "never shortens");
}

#[test]
fn ties_are_in_the_order_of_their_keyed_hash_whatever_the_key_of_the_person() {
    let candidates = people(&[50; 40]);
    let mut by_hash = keys(&(0..40).collect::<Vec<_>>());
    let ties = Keyed::new(TIE_KEY);
    by_hash.sort_by_key(|key| ties.hash(key.as_bytes()));
    assert_eq!(select(&candidates, &BTreeSet::new(), &cut(40)), by_hash);
    assert_ne!(by_hash, keys(&(0..40).collect::<Vec<_>>()), "the order of person keys favours nobody");
}

#[test]
fn a_reach_that_is_a_whole_number_is_reached() {
    let candidates: Vec<Candidate> = (0..200)
        .map(|n| {
            let risk = f64::from(200 - n) / 200.0;
            Candidate { key: key(n), risk, ..people(&[0])[0] }
        })
        .collect();
    let stays_at = |rank: u32| {
        let person = key(rank - 1);
        let cut = Cut { hysteresis: 1.15, ..cut(100) };
        select(&candidates, &[person].into(), &cut).contains(&person)
    };
    assert!(stays_at(115) && !stays_at(116));
}

/// Candidates with many ties, who was on the list, how many slots there are, and how many of them are kept for whom.
type Night = (Vec<Candidate>, BTreeSet<PersonKey>, usize, Vec<Kept>);

fn night() -> impl Strategy<Value = Night> {
    let person = (0u8..12, any::<bool>(), any::<bool>(), prop::bool::weighted(0.2), 0usize..4);
    let people = prop::collection::vec(person, 0..60);
    (people, 0usize..30, 0.0..0.6f64, 0.0..0.4f64).prop_map(|(people, slots, first, second)| {
        let numbered = || people.iter().enumerate().map(|(n, person)| (key(n as u32), *person));
        let candidates = numbered().map(|(key, (risk, may, _, is_carried_over, floor))| Candidate {
            key,
            risk: f64::from(risk) / 12.0,
            may_be_listed: may || risk % 3 > 0,
            is_carried_over,
            counts_for: CountsFor::floors([&[][..], &[0], &[1], &[0, 1]][floor]),
        });
        let before = numbered().filter(|(_, (_, _, was, _, _))| *was).map(|(key, _)| key).collect();
        let kept = [first, second].into_iter().zip(0..).map(|(share, floor)| {
            let n = (share * slots as f64) as usize;
            Kept { floor, n }
        });
        (candidates.collect(), before, slots, kept.collect())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn no_new_data_means_the_same_list((candidates, before, slots, kept) in night()) {
        let cut = Cut { kept: &kept, ..cut(slots) };
        let list = select(&candidates, &before, &cut);
        let again = select(&candidates, &list.iter().copied().collect(), &cut);
        prop_assert_eq!(&again, &list);
        prop_assert_eq!(revise(&candidates, &list, &cut), list);
    }

    #[test]
    fn the_order_of_the_input_does_not_matter(
        ((candidates, before, slots, kept), shuffled) in night().prop_flat_map(|night| {
            let shuffled = Just(night.0.clone()).prop_shuffle();
            (Just(night), shuffled)
        })
    ) {
        let cut = Cut { kept: &kept, ..cut(slots) };
        prop_assert_eq!(select(&shuffled, &before, &cut), select(&candidates, &before, &cut));
    }

    #[test]
    fn a_list_is_full_in_order_has_nobody_twice_and_keeps_its_kept_places((candidates, before, slots, kept) in night()) {
        let whole = select(&candidates, &before, &Cut { kept: &kept, ..cut(slots) });
        let (carried, ranked) = in_order(&candidates, TIE_KEY);
        let (first, list) = whole.split_at(carried.len());
        let keys = |of: &[&Candidate]| of.iter().map(|candidate| candidate.key).collect::<Vec<_>>();
        prop_assert_eq!(first, keys(&carried), "everybody who is carried over, before all others");
        prop_assert_eq!(list.len(), slots.min(ranked.len()));
        let on: BTreeSet<PersonKey> = list.iter().copied().collect();
        let listed: Vec<&Candidate> = ranked.iter().filter(|one| on.contains(&one.key)).copied().collect();
        prop_assert_eq!(list, keys(&listed), "in the total order, each once");
        for Kept { floor, n } in &kept {
            let count = |of: &[&Candidate]| of.iter().filter(|one| one.counts_for.has(*floor)).count();
            prop_assert!(count(&listed) >= (*n).min(count(&ranked)), "places that are kept");
        }
        let waiting = waiting(&candidates, &whole, TIE_KEY);
        let rest: Vec<&Candidate> = ranked.iter().filter(|one| !on.contains(&one.key)).copied().collect();
        prop_assert_eq!(waiting, keys(&rest));
    }

    #[test]
    fn without_kept_places_a_list_passes_over_nobody_but_for_a_stayer((candidates, before, slots, _) in night()) {
        let whole = select(&candidates, &before, &cut(slots));
        let (carried, ranked) = in_order(&candidates, TIE_KEY);
        let on: BTreeSet<PersonKey> = whole[carried.len()..].iter().copied().collect();
        let is_on = |one: &&&Candidate| on.contains(&one.key);
        let beyond: Vec<_> = ranked.iter().skip(slots).filter(is_on).collect();
        let passed_over = ranked.iter().take(slots).filter(|one| !is_on(one)).count();
        prop_assert_eq!(passed_over, beyond.len());
        prop_assert!(beyond.iter().all(|one| before.contains(&one.key)), "below the cut only those who stay");
    }
}
