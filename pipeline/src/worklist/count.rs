//! Numbers of people, as they are read.

/// "1 person", "4,210 people", "25 new people".
///
/// # Example
/// ```
/// use earlycall::worklist::count::people;
/// assert_eq!(people(1, ""), "1 person");
/// assert_eq!(people(4_210, ""), "4,210 people");
/// ```
pub fn people(n: u64, which: &str) -> String {
    let digits = n.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).expect("digits")).collect();
    format!("{} {which}{}", groups.join(","), if n == 1 { "person" } else { "people" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_counted_in_words() {
        for (n, words) in [(0, "0 people"), (1, "1 person"), (999, "999 people"), (4_210, "4,210 people")] {
            assert_eq!(people(n, ""), words);
        }
        assert_eq!(people(1_234_567, "new "), "1,234,567 new people");
    }
}
