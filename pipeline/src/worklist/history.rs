//! A person's risk over the nights on which they were on a list, as it was told.

use serde::{Deserialize, Serialize};

use crate::day::Day;

/// Nights that are told at most.
const NIGHTS_MAX: usize = 28;

/// The risk of one night.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Past {
    /// The index date.
    pub on: Day,
    /// Of 100 people like this one, so many.
    pub in_100: u32,
}

impl Past {
    /// A risk, 0 to 1, as it is told.
    pub fn of(on: Day, risk: f64) -> Past {
        Past { on, in_100: (100.0 * risk).round() as u32 }
    }
}

/// The history with one more night at its end; the oldest of too many goes.
pub fn with(mut history: Vec<Past>, tonight: Past) -> Vec<Past> {
    history.retain(|past| past.on < tonight.on);
    history.push(tonight);
    history.split_off(history.len().saturating_sub(NIGHTS_MAX))
}

/// "On 12 nights since 3 November 2026 from 28 in 100 to 34 in 100; highest 36, lowest 27"; none of a single night.
pub fn in_words(history: &[Past]) -> Option<String> {
    let ([first, .., last], n) = (history, history.len()) else { return None };
    let risks = history.iter().map(|past| past.in_100);
    let (highest, lowest) = (risks.clone().max()?, risks.min()?);
    let since = first.on.in_words();
    Some(format!(
        "On {n} nights since {since} from {} in 100 to {} in 100; highest {highest}, lowest {lowest}",
        first.in_100, last.in_100
    ))
}

/// The points of a line in a picture 100 wide and 30 high: time to the right, risk upwards from nothing to the highest.
pub fn points(history: &[Past]) -> String {
    let ([first, .., last], Some(highest)) = (history, history.iter().map(|past| past.in_100).max()) else {
        return String::new();
    };
    let days = f64::from(last.on - first.on);
    let point = |past: &Past| {
        let x = 100.0 * f64::from(past.on - first.on) / days;
        let y = 29.0 - 28.0 * f64::from(past.in_100) / f64::from(highest.max(1));
        format!("{x:.1},{y:.1}")
    };
    history.iter().map(point).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(risks: &[u32]) -> Vec<Past> {
        let first = Day::parse("2026-11-01").unwrap();
        risks.iter().zip(0..).map(|(&in_100, n)| Past { on: first + n, in_100 }).collect()
    }

    #[test]
    fn a_night_is_added_once_and_the_oldest_of_too_many_goes() {
        let tonight = Past::of(Day::parse("2026-11-30").unwrap(), 0.344);
        assert_eq!(with(vec![], tonight), [Past { on: tonight.on, in_100: 34 }]);
        let month = with(history(&[10; 29]), tonight);
        assert_eq!((month.len(), month[27]), (28, tonight));
        assert_eq!(with(month.clone(), tonight), month, "the same night again is the same history");
    }

    #[test]
    fn it_is_told_in_words_and_drawn_from_two_nights_on() {
        assert_eq!((in_words(&history(&[28])), points(&history(&[28])).as_str()), (None, ""));
        let three = history(&[28, 36, 34]);
        let words = "On 3 nights since 1 November 2026 from 28 in 100 to 34 in 100; highest 36, lowest 28";
        assert_eq!(in_words(&three).unwrap(), words);
        assert_eq!(points(&three), "0.0,7.2 50.0,1.0 100.0,2.6");
        assert_eq!(points(&history(&[0, 0])), "0.0,29.0 100.0,29.0");
    }
}
