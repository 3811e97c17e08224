//! Cumulative incidence where two events compete: how many were admitted by a day, and how many died without.

use super::follow_up::{End, FollowUp};

/// The shares of people who were admitted, and who died without, by the end of a horizon.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Incidence {
    /// The length of the prediction window in days.
    pub horizon_days: u32,
    /// Share admitted.
    pub admitted: f64,
    /// Share that died without admission.
    pub died: f64,
}

/// The cumulative incidence at the end of each horizon, in their order, by the estimator of Aalen and Johansen (1978).
///
/// People who were lost count as long as they were seen. Where nobody is lost, these are plain shares. Nothing is known
/// after the last day on which anybody was seen: the shares stay as they are.
pub fn incidence(follow_ups: &[FollowUp], horizons_days: &[u32]) -> Vec<Incidence> {
    let mut ends: Vec<FollowUp> = follow_ups.to_vec();
    ends.sort_unstable_by_key(|one| one.days);
    let mut steps = vec![Step { day: 0, admitted: 0.0, died: 0.0 }];
    let (mut seen, mut neither) = (ends.len() as f64, 1.0);
    for day in ends.chunk_by(|a, b| a.days == b.days) {
        let share = |end| day.iter().filter(|one| one.end == end).count() as f64 / seen;
        let (admitted, died) = (share(End::Admitted), share(End::Died));
        let before = &steps[steps.len() - 1];
        steps.push(Step {
            day: day[0].days,
            admitted: before.admitted + neither * admitted,
            died: before.died + neither * died,
        });
        neither *= 1.0 - admitted - died;
        seen -= day.len() as f64;
    }
    let at = |horizon_days: &u32| {
        let step = &steps[steps.partition_point(|step| step.day <= *horizon_days) - 1];
        Incidence { horizon_days: *horizon_days, admitted: step.admitted, died: step.died }
    };
    horizons_days.iter().map(at).collect()
}

/// The shares from a day on.
struct Step {
    day: u32,
    admitted: f64,
    died: f64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn one(days: u32, end: End) -> FollowUp {
        FollowUp { days, end, seen_days: 365 }
    }

    #[track_caller]
    fn close(found: &[Incidence], expected: &[(u32, f64, f64)]) {
        assert_eq!(found.len(), expected.len());
        for (found, (horizon_days, admitted, died)) in found.iter().zip(expected) {
            assert_eq!(found.horizon_days, *horizon_days);
            assert!((found.admitted - admitted).abs() < 1e-15 && (found.died - died).abs() < 1e-15, "{found:?}");
        }
    }

    #[test]
    fn ten_people_by_hand() {
        // Day 10: 2 of 10 admitted. Day 20: 2 of the 8 left die. Day 30: 3 leave. Day 40: 1 of the 3 left is admitted.
        let mut people = vec![one(10, End::Admitted), one(10, End::Admitted), one(20, End::Died), one(20, End::Died)];
        people.extend([one(30, End::Lost); 3]);
        people.extend([one(40, End::Admitted), one(365, End::Lost), one(365, End::Lost)]);
        // 0.2, then 0.8 * 2/8 = 0.2 die, then 0.6 * 1/3 = 0.2 more are admitted: whoever left counts as those who stayed.
        let expected = [(9, 0.0, 0.0), (10, 0.2, 0.0), (30, 0.2, 0.2), (40, 0.4, 0.2), (365, 0.4, 0.2)];
        close(&incidence(&people, &[9, 10, 30, 40, 365]), &expected);
    }

    #[test]
    fn the_dead_are_not_taken_for_people_who_left() {
        // Were the dead lost, 1 of the 2 left would be half of everybody; but two of four can never be admitted.
        let people = [one(5, End::Died), one(5, End::Died), one(9, End::Admitted), one(30, End::Lost)];
        close(&incidence(&people, &[30]), &[(30, 0.25, 0.5)]);
    }

    #[test]
    fn nobody_has_no_incidence() {
        close(&incidence(&[], &[30]), &[(30, 0.0, 0.0)]);
    }

    proptest! {
        #[test]
        fn where_nobody_is_lost_shares_are_plain(ends in prop::collection::vec((1_u32..300, any::<bool>()), 1..80)) {
            let people: Vec<FollowUp> = ends
                .iter()
                .map(|(days, dies)| one(*days, if *dies { End::Died } else { End::Admitted }))
                .collect();
            for found in incidence(&people, &[30, 90, 180]) {
                let by = |end| people.iter().filter(|one| one.end == end && one.days <= found.horizon_days).count();
                let n = people.len() as f64;
                prop_assert!((found.admitted - by(End::Admitted) as f64 / n).abs() < 1e-12);
                prop_assert!((found.died - by(End::Died) as f64 / n).abs() < 1e-12);
            }
        }
    }
}
