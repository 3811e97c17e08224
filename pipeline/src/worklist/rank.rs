//! Who is on a team's list and in what order: risk, a fair and steady order of ties, and little churn.

use std::collections::BTreeSet;

use super::keyed::Keyed;
use crate::history::records::PersonKey;

/// A scored person whom a team owns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// The person.
    pub key: PersonKey,
    /// Probability at the horizon, finite, 0 to 1.
    pub risk: f64,
    /// False for whoever is not to be called: at the end of life, on hold since a contact, or of no pathway's people.
    pub may_be_listed: bool,
    /// Called before and not done with: whoever of these may be listed is, before all others.
    pub is_carried_over: bool,
}

/// How a team's list is cut.
#[derive(Clone, Copy, Debug)]
pub struct Cut<'a> {
    /// People on the list beside those carried over: what is left of the team's capacity for the week.
    pub slots: usize,
    /// Somebody on the list stays while their rank is at most this many times `slots`. At least 1; less counts as 1.
    pub hysteresis: f64,
    /// Key of the order of ties.
    pub tie_key: &'a [u8],
}

/// A team's list: the people to call, first to last.
///
/// Everybody who may be listed is ranked by the total order: higher risk first, ties by HMAC-SHA256(tie key, person
/// key), then by person key. Whoever is carried over stands first, in that order. Of the others, those on the list of the night
/// before who rank within `hysteresis` × `slots` among them stay, the best of them first if they are too many; the best of the
/// rest fill the list, in the total order. So it has everybody who is carried over and `slots` others, or as many as there are;
/// and without new data it stays as it is.
pub fn select(candidates: &[Candidate], before: &BTreeSet<PersonKey>, cut: &Cut) -> Vec<PersonKey> {
    let (mut list, ranked) = in_order(candidates, cut.tie_key);
    // The tiny addend keeps 1.15 × 100 at 115, where the product of floats falls just short of it.
    let reach = (cut.hysteresis.max(1.0) * cut.slots as f64 + 1e-9) as usize;
    let stays: BTreeSet<PersonKey> =
        ranked.iter().take(reach).filter(|key| before.contains(key)).take(cut.slots).copied().collect();
    let mut room = cut.slots - stays.len();
    let mut is_on = |key: &PersonKey| {
        let joins = !stays.contains(key) && room > 0;
        room -= usize::from(joins);
        joins || stays.contains(key)
    };
    list.extend(ranked.into_iter().filter(|key| is_on(key)));
    list
}

/// A revision of a list that people already work from: the lines still valid in their old order, then new ones.
///
/// A line goes only when its person may no longer be listed. New people are appended: whoever is carried over, then the best of
/// the others while there are fewer than `slots` of them; hysteresis plays no part.
pub fn revise(candidates: &[Candidate], published: &[PersonKey], cut: &Cut) -> Vec<PersonKey> {
    let (carried, others) = in_order(candidates, cut.tie_key);
    let listable: BTreeSet<PersonKey> = carried.iter().chain(&others).copied().collect();
    let mut list: Vec<PersonKey> = published.iter().filter(|key| listable.contains(key)).copied().collect();
    let kept: BTreeSet<PersonKey> = list.iter().copied().collect();
    let is_new = |key: &PersonKey| !kept.contains(key);
    let room = cut.slots.saturating_sub(others.iter().filter(|key| !is_new(key)).count());
    list.extend(carried.into_iter().filter(is_new));
    list.extend(others.into_iter().filter(is_new).take(room));
    list
}

/// Who may be listed and is not, in the total order.
pub fn waiting(candidates: &[Candidate], list: &[PersonKey], tie_key: &[u8]) -> Vec<PersonKey> {
    let listed: BTreeSet<PersonKey> = list.iter().copied().collect();
    let (carried, others) = in_order(candidates, tie_key);
    carried.into_iter().chain(others).filter(|person| !listed.contains(person)).collect()
}

/// Those who may be listed, in the total order: whoever is carried over, and all others. Only who ties is hashed, for that is
/// what takes time.
fn in_order(candidates: &[Candidate], tie_key: &[u8]) -> (Vec<PersonKey>, Vec<PersonKey>) {
    let mut ranked: Vec<&Candidate> = candidates.iter().filter(|candidate| candidate.may_be_listed).collect();
    ranked.sort_unstable_by(|a, b| b.risk.total_cmp(&a.risk));
    let ties = Keyed::new(tie_key);
    for tied in ranked.chunk_by_mut(|a, b| a.risk.total_cmp(&b.risk).is_eq()).filter(|tied| tied.len() > 1) {
        tied.sort_by_cached_key(|candidate| (ties.hash(candidate.key.as_bytes()), candidate.key));
    }
    let (carried, others): (Vec<&Candidate>, Vec<&Candidate>) =
        ranked.into_iter().partition(|candidate| candidate.is_carried_over);
    let keys = |candidates: Vec<&Candidate>| candidates.into_iter().map(|candidate| candidate.key).collect();
    (keys(carried), keys(others))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TIE_KEY: &[u8] = b"tie";

    fn key(n: u32) -> PersonKey {
        PersonKey::parse(&format!("{n:064x}")).unwrap()
    }

    fn cut(slots: usize) -> Cut<'static> {
        Cut { slots, hysteresis: 1.2, tie_key: TIE_KEY }
    }

    /// Person n has the n-th risk, in per cent.
    fn people(percents: &[u8]) -> Vec<Candidate> {
        let person = |(n, &percent): (usize, &u8)| Candidate {
            key: key(n as u32),
            risk: f64::from(percent) / 100.0,
            may_be_listed: true,
            is_carried_over: false,
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
                Candidate { key: key(n), risk, may_be_listed: true, is_carried_over: false }
            })
            .collect();
        let stays_at = |rank: u32| {
            let person = key(rank - 1);
            let cut = Cut { slots: 100, hysteresis: 1.15, tie_key: TIE_KEY };
            select(&candidates, &[person].into(), &cut).contains(&person)
        };
        assert!(stays_at(115) && !stays_at(116));
    }

    /// Candidates with many ties, who was on the list, and how many slots there are.
    fn night() -> impl Strategy<Value = (Vec<Candidate>, BTreeSet<PersonKey>, usize)> {
        let person = (0u8..12, any::<bool>(), any::<bool>(), prop::bool::weighted(0.2));
        (prop::collection::vec(person, 0..60), 0usize..30).prop_map(|(people, slots)| {
            let numbered = || people.iter().enumerate().map(|(n, person)| (key(n as u32), *person));
            let candidates = numbered().map(|(key, (risk, may, _, is_carried_over))| Candidate {
                key,
                risk: f64::from(risk) / 12.0,
                may_be_listed: may || risk % 3 > 0,
                is_carried_over,
            });
            let before = numbered().filter(|(_, (_, _, was, _))| *was).map(|(key, _)| key).collect();
            (candidates.collect(), before, slots)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn no_new_data_means_the_same_list((candidates, before, slots) in night()) {
            let list = select(&candidates, &before, &cut(slots));
            let again = select(&candidates, &list.iter().copied().collect(), &cut(slots));
            prop_assert_eq!(&again, &list);
            prop_assert_eq!(revise(&candidates, &list, &cut(slots)), list);
        }

        #[test]
        fn the_order_of_the_input_does_not_matter(
            ((candidates, before, slots), shuffled) in night().prop_flat_map(|night| {
                let shuffled = Just(night.0.clone()).prop_shuffle();
                (Just(night), shuffled)
            })
        ) {
            prop_assert_eq!(select(&shuffled, &before, &cut(slots)), select(&candidates, &before, &cut(slots)));
        }

        #[test]
        fn a_list_is_full_in_order_and_passes_over_nobody_but_for_a_stayer((candidates, before, slots) in night()) {
            let whole = select(&candidates, &before, &cut(slots));
            let (carried, ranked) = in_order(&candidates, TIE_KEY);
            let (first, list) = whole.split_at(carried.len());
            prop_assert_eq!(first, &carried, "everybody who is carried over, before all others");
            prop_assert_eq!(list.len(), slots.min(ranked.len()));
            let on: BTreeSet<PersonKey> = list.iter().copied().collect();
            prop_assert_eq!(list, &ranked.iter().filter(|key| on.contains(key)).copied().collect::<Vec<_>>());
            let beyond = ranked.iter().skip(slots).filter(|key| on.contains(key)).collect::<Vec<_>>();
            let passed_over = ranked.iter().take(slots).filter(|key| !on.contains(key)).count();
            prop_assert_eq!(passed_over, beyond.len());
            prop_assert!(beyond.iter().all(|key| before.contains(key)), "below the cut only those who stay");
            let waiting = waiting(&candidates, &whole, TIE_KEY);
            prop_assert_eq!(&waiting, &ranked.iter().filter(|key| !on.contains(key)).copied().collect::<Vec<_>>());
        }
    }
}
