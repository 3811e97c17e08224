//! Which horizons can be learnt.

use std::collections::BTreeSet;

use earlycall_model::horizons::FollowUp;

use super::{fit::FOLDS, rows::TrainingRows};
use crate::settings::Prediction;

/// People that a link between two horizons needs on either side: who has the outcome by then, and who has not. So none of
/// the folds is judged by a single person.
const PEOPLE_MIN: usize = 2 * FOLDS;

/// Horizons, and why there are no more.
#[derive(Debug, PartialEq, Eq)]
pub struct Learnable {
    /// Those that can be learnt, ascending, the leading one among them.
    pub days: Vec<u32>,
    /// Those that cannot, a sentence each.
    pub left_out: Vec<String>,
}

/// Of the horizons that are asked for those that can be learnt from some rows: outwards from the leading one, each beside
/// the nearest that could.
pub fn learnable(prediction: &Prediction, rows: &TrainingRows) -> Learnable {
    let further: Vec<u32> = prediction.further_days().into_iter().map(i32::unsigned_abs).collect();
    of_people(prediction.horizon_days.unsigned_abs(), &further, &rows.follow_ups(), &rows.persons())
}

fn of_people(leading: u32, further: &[u32], follow_ups: &[FollowUp], persons: &[u64]) -> Learnable {
    let mut found = Learnable { days: vec![leading], left_out: Vec::new() };
    let sooner = further.iter().rev().filter(|days| **days < leading);
    let later = further.iter().filter(|days| **days > leading);
    for (side, was_admitted) in [(sooner.collect::<Vec<_>>(), true), (later.collect(), false)] {
        let mut neighbour = leading;
        for &&days in &side {
            let asked = follow_ups.iter().zip(persons);
            let asked = asked.filter(|(one, _)| one.admitted_within(neighbour) == Some(was_admitted));
            let known: Vec<(bool, u64)> =
                asked.filter_map(|(one, person)| Some((one.admitted_within(days)?, *person))).collect();
            match few(&known) {
                None => {
                    found.days.push(days);
                    neighbour = days;
                }
                Some(why) => found.left_out.push(format!("{days} days: {why}")),
            }
        }
    }
    found.days.sort_unstable();
    found
}

/// Why nothing can be learnt from some people, of whom it is known whether they had the outcome.
fn few(known: &[(bool, u64)]) -> Option<String> {
    if known.is_empty() {
        return Some("the window is over for none of the index dates".to_owned());
    }
    let with: BTreeSet<u64> = known.iter().filter(|(event, _)| *event).map(|(_, person)| *person).collect();
    let all: BTreeSet<u64> = known.iter().map(|(_, person)| *person).collect();
    let n = with.len().min(all.len() - with.len());
    (n < PEOPLE_MIN).then(|| format!("{n} people tell it apart from its neighbour, and {PEOPLE_MIN} are needed"))
}

#[cfg(test)]
mod tests {
    use earlycall_model::horizons::End;

    use super::*;

    /// So many people who were admitted on a day, or on none (0), of whom so much was seen.
    fn people(groups: &[(u32, u32, usize)]) -> (Vec<FollowUp>, Vec<u64>) {
        let one = |&(days, seen_days, n): &(u32, u32, usize)| match days {
            0 => vec![FollowUp { days: seen_days, end: End::Lost, seen_days }; n],
            days => vec![FollowUp { days, end: End::Admitted, seen_days }; n],
        };
        let follow_ups: Vec<FollowUp> = groups.iter().flat_map(one).collect();
        let persons = (0..follow_ups.len() as u64).collect();
        (follow_ups, persons)
    }

    #[track_caller]
    fn check(groups: &[(u32, u32, usize)], days: &[u32], left_out: &[&str]) {
        let (follow_ups, persons) = people(groups);
        let left_out = left_out.iter().map(|why| (*why).to_owned()).collect();
        let expected = Learnable { days: days.to_vec(), left_out };
        assert_eq!(of_people(180, &[30, 90, 365], &follow_ups, &persons), expected);
    }

    #[test]
    fn a_horizon_needs_sixteen_people_on_either_side_and_a_window_that_is_over() {
        let enough = [(10, 365, 16), (60, 365, 16), (150, 365, 16), (300, 365, 16), (0, 365, 16)];
        check(&enough, &[30, 90, 180, 365], &[]);
        let not_over = enough.map(|(days, _, n)| (days, 180, n));
        check(&not_over, &[30, 90, 180], &["365 days: the window is over for none of the index dates"]);
        let few_soon = [(10, 365, 15), (60, 365, 16), (150, 365, 16), (300, 365, 16), (0, 365, 16)];
        let why = "30 days: 15 people tell it apart from its neighbour, and 16 are needed";
        check(&few_soon, &[90, 180, 365], &[why]);
    }

    #[test]
    fn where_a_neighbour_cannot_be_learnt_the_next_hangs_on_the_one_before() {
        // Nobody is admitted between 91 and 180 days: 90 days say what 180 say, but 30 days do not.
        let groups = [(10, 365, 40), (60, 365, 40), (300, 365, 40), (0, 365, 40)];
        let why = "90 days: 0 people tell it apart from its neighbour, and 16 are needed";
        check(&groups, &[30, 180, 365], &[why]);
    }

    #[test]
    fn rows_of_one_person_are_one_person() {
        let (follow_ups, _) = people(&[(10, 180, 100), (60, 180, 100), (150, 180, 100), (0, 180, 100)]);
        let persons = vec![1; follow_ups.len()];
        assert_eq!(of_people(180, &[30, 90], &follow_ups, &persons).days, [180]);
    }
}
