//! Small numbers: a report of aggregates tells of nobody.

use std::fmt;

use serde::{Serialize, Serializer};

/// Counts from 1 to this are not told.
const TOO_FEW: u64 = 7;
/// Others are told to the nearest of so many, so that no count comes out as what is left of the whole.
const ROUNDED_TO: u64 = 5;
/// Shares and ratios of a part are told to so many thousandths, for an exact one gives its counts away.
const THOUSANDTHS: f64 = 1000.0;

/// A number of people of a part as a report may tell it.
///
/// # Example
/// ```
/// use earlycall::small_numbers::Told;
/// assert_eq!(Told(1234).to_string(), "1235");
/// assert_eq!(Told(7).to_string(), "<8");
/// assert_eq!(Told(0).to_string(), "0");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told(pub u64);

impl Told {
    /// Whether it must not be told, nor what could be worked out from it.
    pub fn is_too_few(self) -> bool {
        (1..=TOO_FEW).contains(&self.0)
    }

    /// The number as it is told, where it is.
    pub fn rounded(self) -> u64 {
        (self.0 + ROUNDED_TO / 2) / ROUNDED_TO * ROUNDED_TO
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_too_few() {
            true => write!(f, "<{}", TOO_FEW + 1),
            false => self.rounded().fmt(f),
        }
    }
}

impl Serialize for Told {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.is_too_few() {
            true => serializer.serialize_str(&self.to_string()),
            false => serializer.serialize_u64(self.rounded()),
        }
    }
}

/// A share or a ratio of a part as a report may tell it.
pub fn coarse(number: f64) -> f64 {
    (number * THOUSANDTHS).round() / THOUSANDTHS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_are_hidden_and_many_rounded() {
        let told = [0, 1, 7, 8, 12, 13].map(|n| serde_json::to_string(&Told(n)).unwrap());
        assert_eq!(told, ["0", "\"<8\"", "\"<8\"", "10", "10", "15"]);
        assert_eq!(coarse(0.123_456), 0.123);
    }
}
