//! No small count of a service can be worked out, by whoever tries all services that its report allows.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

/// No count of endings or needs is tried above this, and none of starts or people above the other.
const MOST: u64 = 70;
const MOST_IN_ALL: u64 = 260;

/// How many were completed, left and declined, with a need and without; and of how many of those that were not declined days
/// on both sides are known.
#[derive(Clone, Debug)]
struct OneProgramme {
    with_need: [usize; 3],
    without: [usize; 3],
    followed: usize,
}

impl OneProgramme {
    fn people(&self) -> Vec<Seen> {
        let endings = ["completed", "disengaged", "declined"];
        let of = |n: usize, ending: &str, need: &str| {
            let line = format!("2026-05-01 A {ending} {need} 4");
            (0..n).map(|_| seen(&[&line], &[], &[])).collect::<Vec<Seen>>()
        };
        let mut people: Vec<Seen> = (0..3)
            .flat_map(|at| [of(self.with_need[at], endings[at], "loneliness"), of(self.without[at], endings[at], "-")])
            .flatten()
            .collect();
        // Whoever came on the day of their start has none before it.
        people.iter_mut().skip(self.followed).for_each(|one| one.life.here.first = day("2026-05-01"));
        people
    }
}

/// What a reader holds against a number: all that is told of a count. With one programme and one group of each
/// characteristic, a count is the same of each of them.
struct Reader(BTreeMap<Measure, Vec<Shown>>);

impl Reader {
    fn of(shown: &BTreeMap<(Part, Measure), Shown>) -> Reader {
        let mut told: BTreeMap<Measure, Vec<Shown>> = BTreeMap::new();
        for ((_, measure), shown) in shown {
            told.entry(*measure).or_default().push(*shown);
        }
        Reader(told)
    }

    /// What a count may be, as far as it says itself; what is not there is 0.
    fn may_be(&self, measure: Measure) -> Vec<u64> {
        let fits = |n: &u64| {
            let told = self.0.get(&measure).map_or(&[Shown::Number(0)][..], Vec::as_slice);
            told.iter().all(|told| *told == Shown::NotTold || *told == Shown::of(*n))
        };
        let most = if matches!(measure, Started | People | NotReached | Reached) { MOST_IN_ALL } else { MOST };
        (0..=most).filter(fits).collect()
    }

    /// What each count may be beside all others.
    fn values(&self) -> BTreeMap<Measure, BTreeSet<u64>> {
        let (topic, of_need) = (Topic::Admissions, |all, named| {
            let named = self.may_be(named);
            self.may_be(all).into_iter().filter(|n| named.contains(n)).collect::<Vec<u64>>()
        });
        let [completed, left, declined] =
            [Ending::Completed, Ending::Disengaged, Ending::Declined].map(|ending| self.may_be(Ended(ending)));
        let (started, people, not_reached) = (self.may_be(Started), self.may_be(People), self.may_be(NotReached));
        let (unmet, with_need) = (of_need(Unmet, NamedUnmet(0)), of_need(WithNeed, Named(0)));
        let followed = self.may_be(Followed(topic));
        let mut reached = self.may_be(Reached);
        reached.retain(|n| not_reached.iter().any(|others| people.contains(&(n + others))));
        let mut values: BTreeMap<Measure, BTreeSet<u64>> = BTreeMap::new();
        let mut taken_up_most = 0;
        for (&completed, &left) in completed.iter().flat_map(|one| left.iter().map(move |other| (one, other))) {
            let taken_up = completed + left;
            if followed[0] > taken_up || reached[0] > taken_up {
                continue;
            }
            for &declined in declined.iter().filter(|declined| started.contains(&(taken_up + *declined))) {
                let needs = unmet.iter().filter(|unmet| **unmet <= left + declined).flat_map(|unmet| {
                    let range = *unmet..=unmet + completed;
                    with_need.iter().filter(move |n| range.contains(n)).map(move |n| (*unmet, *n))
                });
                let mut may_be = |measure, n| values.entry(measure).or_default().insert(n);
                for (unmet, with_need) in needs {
                    may_be(Ended(Ending::Completed), completed);
                    may_be(Ended(Ending::Disengaged), left);
                    may_be(Ended(Ending::Declined), declined);
                    may_be(Started, taken_up + declined);
                    may_be(Unmet, unmet);
                    may_be(WithNeed, with_need);
                    taken_up_most = taken_up_most.max(taken_up);
                }
            }
        }
        let up_to = |of: Vec<u64>| of.into_iter().filter(|n| *n <= taken_up_most).collect();
        values.extend([(Followed(topic), up_to(followed)), (Reached, up_to(reached))]);
        values
    }
}

#[track_caller]
fn nothing_small_is_known(service: &OneProgramme) {
    let counts = counts(service.people());
    let shown = shown(&counts, Service::SocialPrescribing);
    for (measure, values) in Reader::of(&shown).values() {
        let n = counts.get(Part::Everybody, measure);
        let told: Vec<&Shown> = shown.iter().filter(|((_, of), _)| *of == measure).map(|(_, told)| told).collect();
        assert!(n == 0 || values.contains(&n), "{service:?}: {measure:?} is told as {told:?} and is {n}");
        let is_open = !(1..8).contains(&n) || values.len() >= 4;
        assert!(is_open, "{service:?}: {measure:?} is told as {told:?}, is {n}, and can only be {values:?}");
    }
}

#[test]
fn needs_left_unmet_do_not_say_how_many_left() {
    // 17 declined and 7 left, all with a need. Declined is told as 15, at most 17, and unmet as 25, at least 23; so 6 or 7
    // left.
    nothing_small_is_known(&OneProgramme { with_need: [40, 7, 17], without: [0; 3], followed: 0 });
    nothing_small_is_known(&OneProgramme { with_need: [40, 7, 17], without: [3, 0, 0], followed: 20 });
}

#[test]
fn days_that_are_known_do_not_say_how_many_completed_or_left() {
    // 7 completed and 7 left; days of all 14 are known, told as 15 and at least 13.
    nothing_small_is_known(&OneProgramme { with_need: [0, 0, 0], without: [7, 7, 40], followed: 14 });
}

fn count() -> impl Strategy<Value = usize> {
    prop_oneof![2 => 0usize..=7, 1 => 8usize..=20]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_small_count_of_a_report_can_be_worked_out(
        with_need in [count(), count(), count()],
        without in prop_oneof![Just([0; 3]), [count(), count(), count()]],
        followed in 0usize..40,
    ) {
        nothing_small_is_known(&OneProgramme { with_need, without, followed });
    }
}
