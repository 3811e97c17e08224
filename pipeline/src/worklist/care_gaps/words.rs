//! How a gap is said: its sentence, filled for one person.

use earlycall_schemas::care_gaps::CareGap;

use super::{Question, find::Found};
use crate::features::tell::decimal;

/// The sentence of what was found.
pub(super) fn said(question: &Question, found: &Found) -> String {
    let gap: &CareGap = question.gap;
    let says = gap.says.replace("{window}", &window_in_words(question.window_days()));
    match found {
        Found::Nothing => says,
        Found::NotSince(None) => gap.says_never.clone().expect("declared of what is not measured"),
        Found::NotSince(Some(day)) => says.replace("{date}", &day.in_words()),
        Found::Times { n, last } => says
            .replace("{n}", &times_in_words(*n))
            .replace("{on}", if *n == 1 { "on" } else { "the last on" })
            .replace("{date}", &last.in_words()),
        Found::Values { day, values, limits } => says
            .replace("{value}", &joined(values))
            .replace("{limit}", &joined(limits))
            .replace("{date}", &day.in_words()),
    }
}

/// "152/88" of 152,000 and 88,000 thousandths.
fn joined(milli: &[i64]) -> String {
    milli.iter().map(|&value| decimal(value, 1000)).collect::<Vec<_>>().join("/")
}

fn times_in_words(n: usize) -> String {
    match n {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        n => format!("{n} times"),
    }
}

/// What follows "in the last": "12 months" where the days are months or nearly, else "28 days" or "day".
fn window_in_words(days: i32) -> String {
    let months = (f64::from(days) / 30.4375).round();
    let is_months = months >= 2.0 && (f64::from(days) - months * 30.4375).abs() <= 1.5;
    match days {
        1 => "day".to_owned(),
        _ if is_months => format!("{months} months"),
        _ => format!("{days} days"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_told_in_months_where_it_is_some() {
        for (days, words) in [
            (28, "28 days"),
            (31, "31 days"),
            (60, "2 months"),
            (61, "2 months"),
            (75, "75 days"),
            (90, "3 months"),
            (91, "3 months"),
            (183, "6 months"),
            (365, "12 months"),
            (456, "15 months"),
            (1095, "36 months"),
            (1, "day"),
        ] {
            assert_eq!(window_in_words(days), words);
        }
    }

    #[test]
    fn times_are_words_as_one_says_them() {
        assert_eq!([1, 2, 3].map(times_in_words), ["once", "twice", "3 times"]);
    }
}
