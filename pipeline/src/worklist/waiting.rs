//! Who could be called and is on no list yet: for the team's lead, with how long each has waited.

use serde::{Deserialize, Serialize};

use super::{count::people, line::Band};
use crate::day::Day;

/// Somebody who waits.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Waiting {
    /// Ten characters that stand for the person within the team.
    pub person_ref: String,
    /// "34 in 100".
    pub risk_in_words: String,
    /// Band of the risk.
    pub band: Band,
    /// The day of the first list on which they could have been, had there been room.
    pub since: Day,
}

/// The file of a team, in the order in which people would be called.
pub fn csv(waiting: &[Waiting], list_day: Day) -> Vec<u8> {
    let header = ["place", "person_ref", "risk", "band", "waiting_since", "days"].map(str::to_owned).to_vec();
    let rows = (1..).zip(waiting).map(|(place, one): (u32, &Waiting)| {
        let days = list_day - one.since;
        [
            place.to_string(),
            one.person_ref.clone(),
            one.risk_in_words.clone(),
            one.band.in_words().to_owned(),
            one.since.to_string(),
            days.to_string(),
        ]
        .to_vec()
    });
    super::csv::table(std::iter::once(header).chain(rows))
}

/// "1,234 people wait: half of them for 12 days or more, the longest for 80 days."
pub fn in_words(since: impl Iterator<Item = Day>, list_day: Day) -> String {
    let mut days: Vec<i32> = since.map(|since| list_day - since).collect();
    days.sort_unstable();
    let many = |n: i32| if n == 1 { "1 day".to_owned() } else { format!("{n} days") };
    match (days.len(), days.last()) {
        (1, Some(longest)) => format!("1 person waits, for {}.", many(*longest)),
        (n, Some(longest)) => {
            let (half, n) = (days[n / 2], people(n as u64, ""));
            format!("{n} wait: half of them for {} or more, the longest for {}.", many(half), many(*longest))
        }
        (_, None) => "Nobody waits: whoever could be called is on the list.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(days: &[i32]) -> Vec<Waiting> {
        let one = |days: &i32| Waiting {
            person_ref: "ABCDEFGHIJ".into(),
            risk_in_words: "34 in 100".into(),
            band: Band::High,
            since: day() - *days,
        };
        days.iter().map(one).collect()
    }

    fn day() -> Day {
        Day::parse("2026-11-21").unwrap()
    }

    #[test]
    fn ages_are_told_in_days() {
        for (days, words) in [
            (vec![], "Nobody waits: whoever could be called is on the list."),
            (vec![1], "1 person waits, for 1 day."),
            (vec![0, 30, 2, 12], "4 people wait: half of them for 12 days or more, the longest for 30 days."),
        ] {
            assert_eq!(in_words(days.iter().map(|days| day() - *days), day()), words);
        }
    }

    #[test]
    fn the_file_is_in_order_with_places() {
        assert_eq!(
            String::from_utf8(csv(&waiting(&[3]), day())).unwrap(),
            "place,person_ref,risk,band,waiting_since,days\r\n1,ABCDEFGHIJ,34 in 100,High,2026-11-18,3\r\n"
        );
    }
}
