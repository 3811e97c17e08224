//! Who shares a fold in cross-validation.

use crate::error::{Error, Result};
use crate::number::mix;

/// The fold of each row, from 0: all rows of a person share one, people with and without an event are dealt out
/// evenly, and the order of the rows doesn't matter.
///
/// # Errors
/// [`Error::TooFew`] unless every fold gets a person with and a person without an event.
pub(crate) fn deal(persons: &[u64], events: &[bool], folds: usize, seed: u64) -> Result<Vec<usize>> {
    let mut rows: Vec<usize> = (0..persons.len()).collect();
    rows.sort_unstable_by_key(|row| persons[*row]);
    let people: Vec<&[usize]> = rows.chunk_by(|a, b| persons[*a] == persons[*b]).collect();
    let had_event = |rows: &[usize]| rows.iter().any(|row| events[*row]);
    let by_lot = |(place, rows): (usize, &&[usize])| (had_event(rows), mix(seed ^ mix(persons[rows[0]])), place);
    let mut order: Vec<(bool, u64, usize)> = people.iter().enumerate().map(by_lot).collect();
    let with = order.iter().filter(|(event, _, _)| *event).count();
    for (who, found) in [("had", with), ("did not have", order.len() - with)] {
        if found < folds {
            return Err(Error::TooFew { who, found, needed: folds });
        }
    }
    order.sort_unstable();
    let mut dealt = vec![0; persons.len()];
    for (turn, (_, _, place)) in order.into_iter().enumerate() {
        people[place].iter().for_each(|row| dealt[*row] = turn % folds);
    }
    Ok(dealt)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn too_few_people_are_refused() {
        let refused = deal(&[1, 1, 2, 3, 4], &[true, true, false, false, false], 2, 0).unwrap_err();
        assert_eq!(refused.to_string(), "only 1 people had the event, and at least 2 are needed");
        let refused = deal(&[1, 2, 3], &[true, true, false], 2, 0).unwrap_err();
        assert_eq!(refused.to_string(), "only 1 people did not have the event, and at least 2 are needed");
    }

    proptest! {
        #[test]
        fn people_stay_together_and_events_are_spread(
            rows in prop::collection::vec((0_u64..60, any::<bool>()), 200..300),
            seed: u64,
        ) {
            let (persons, events): (Vec<u64>, Vec<bool>) = rows.iter().map(|(p, e)| (*p, *e && p % 3 == 0)).unzip();
            let Ok(dealt) = deal(&persons, &events, 4, seed) else { return Ok(()) };
            let mut people = vec![BTreeMap::new(); 4];
            for (row, fold) in dealt.iter().enumerate() {
                *people[*fold].entry(persons[row]).or_insert(false) |= events[row];
            }
            let n_people: usize = people.iter().map(BTreeMap::len).sum();
            let distinct: std::collections::BTreeSet<u64> = persons.iter().copied().collect();
            prop_assert_eq!(n_people, distinct.len());
            let with: Vec<usize> = people.iter().map(|fold| fold.values().filter(|e| **e).count()).collect();
            prop_assert!(with.iter().max().unwrap() - with.iter().min().unwrap() <= 1);

            // The rows in reverse order: every person in the same fold as before.
            let backwards = |values: &[u64]| values.iter().rev().copied().collect::<Vec<u64>>();
            let events_backwards: Vec<bool> = events.iter().rev().copied().collect();
            let mut again = deal(&backwards(&persons), &events_backwards, 4, seed).unwrap();
            again.reverse();
            prop_assert_eq!(again, dealt);
        }
    }
}
