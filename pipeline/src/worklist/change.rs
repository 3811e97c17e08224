//! Risk, and its change since the night before, in words that a coach can say aloud.

/// A probability as people are told it: "34 in 100".
///
/// # Example
/// ```
/// use earlycall::worklist::change::risk_in_words;
/// assert_eq!(risk_in_words(0.344), "34 in 100");
/// assert_eq!(risk_in_words(0.004), "less than 1 in 100");
/// assert_eq!(risk_in_words(0.996), "more than 99 in 100");
/// ```
pub fn risk_in_words(risk: f64) -> String {
    if risk < 0.005 {
        "less than 1 in 100".to_owned()
    } else if risk > 0.995 {
        "more than 99 in 100".to_owned()
    } else {
        format!("{} in 100", percent(risk).min(99))
    }
}

/// How many points the risk went up (or, below zero, down): the difference of the rounded percentages.
pub fn points(now: f64, before: f64) -> i32 {
    percent(now) - percent(before)
}

/// The change since the night before: "up 5 points", "no change", "new on this list, down 2 points", "newly scored".
///
/// `before` is the person's risk on the night before, if they had one; `was_listed` says whether they were on this
/// team's list. Never a sign, so that no cell of a file starts with one.
pub fn change_in_words(now: f64, before: Option<f64>, was_listed: bool) -> String {
    let Some(before) = before else { return "newly scored".to_owned() };
    match (was_listed, points(now, before)) {
        (true, 0) => "no change".to_owned(),
        (true, points) => moved(points),
        (false, 0) => "new on this list".to_owned(),
        (false, points) => format!("new on this list, {}", moved(points)),
    }
}

fn moved(points: i32) -> String {
    let way = if points > 0 { "up" } else { "down" };
    let unit = if points.abs() == 1 { "point" } else { "points" };
    format!("{way} {} {unit}", points.abs())
}

fn percent(risk: f64) -> i32 {
    (100.0 * risk).round() as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_are_not_called_certain() {
        for (risk, words) in [
            (0.0, "less than 1 in 100"),
            (0.004_999, "less than 1 in 100"),
            (0.005, "1 in 100"),
            (0.344, "34 in 100"),
            (0.346, "35 in 100"),
            (0.995, "99 in 100"),
            (0.995_001, "more than 99 in 100"),
            (1.0, "more than 99 in 100"),
        ] {
            assert_eq!(risk_in_words(risk), words, "{risk}");
        }
    }

    #[test]
    fn a_change_is_the_difference_of_what_the_two_pages_said() {
        for (now, before, was_listed, words) in [
            (0.344, Some(0.291), true, "up 5 points"),
            (0.344, Some(0.336), true, "no change"),
            (0.345_001, Some(0.344_999), true, "up 1 point"),
            (0.20, Some(0.22), true, "down 2 points"),
            (0.20, Some(0.20), false, "new on this list"),
            (0.25, Some(0.20), false, "new on this list, up 5 points"),
            (0.25, None, false, "newly scored"),
        ] {
            assert_eq!(change_in_words(now, before, was_listed), words);
        }
    }
}
