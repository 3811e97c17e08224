//! SNOMED CT ids with a slip of the pen.

/// The id with another last digit, which is the check digit.
pub(super) fn with_wrong_check_digit(code: &str) -> String {
    let (rest, last) = code.split_at(code.len() - 1);
    let wrong = (last.parse::<u8>().expect("a SNOMED CT id is digits") + 1) % 10;
    format!("{rest}{wrong}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_check_digit_differs_in_the_last_place_only() {
        assert_eq!(with_wrong_check_digit("195967001"), "195967002");
        assert_eq!(with_wrong_check_digit("44054009"), "44054000");
    }
}
