//! An amount of memory as people write it: `4GB`.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An amount of memory in whole megabytes or gigabytes, each a thousand times the one before; at least 256 MB.
///
/// # Example
/// ```
/// use earlycall::settings::MemoryLimit;
/// assert_eq!("4GB".parse::<MemoryLimit>().unwrap().bytes(), 4_000_000_000);
/// assert!("4 gigabytes".parse::<MemoryLimit>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryLimit {
    megabytes: u64,
}

/// With less, no bucket of a large population could be worked on.
const MEGABYTES_MIN: u64 = 256;

impl MemoryLimit {
    /// The amount in bytes.
    pub fn bytes(self) -> u64 {
        1_000_000 * self.megabytes
    }

    /// So little that a file of settings would not be taken at its word.
    #[cfg(test)]
    pub fn of_megabytes(megabytes: u64) -> MemoryLimit {
        MemoryLimit { megabytes }
    }
}

impl Default for MemoryLimit {
    fn default() -> MemoryLimit {
        MemoryLimit { megabytes: 4000 }
    }
}

impl std::str::FromStr for MemoryLimit {
    type Err = String;

    fn from_str(text: &str) -> Result<MemoryLimit, String> {
        let units = [("MB", 1), ("GB", 1000)];
        let (number, megabytes_each) = units
            .iter()
            .find_map(|(unit, megabytes)| Some((text.strip_suffix(unit)?, *megabytes)))
            .filter(|(number, _)| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
            .ok_or("must be a whole number with MB or GB and no blank, such as \"4GB\"")?;
        let megabytes = number.parse::<u64>().ok().and_then(|number| number.checked_mul(megabytes_each));
        match megabytes {
            Some(megabytes) if (MEGABYTES_MIN..=1_000_000_000).contains(&megabytes) => Ok(MemoryLimit { megabytes }),
            _ => Err(format!("must be {MEGABYTES_MIN}MB to 1000000GB")),
        }
    }
}

impl Serialize for MemoryLimit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{}MB", self.megabytes))
    }
}

impl<'de> Deserialize<'de> for MemoryLimit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<MemoryLimit, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_a_whole_number_and_its_unit() {
        for (text, bytes) in [("256MB", 256_000_000), ("1GB", 1_000_000_000), ("0004GB", 4_000_000_000)] {
            assert_eq!(text.parse::<MemoryLimit>().map(MemoryLimit::bytes), Ok(bytes), "{text}");
        }
        for text in
            ["", "GB", "4", "4gb", "4 GB", "1.5GB", "-1GB", "4GiB", "4KB", "255MB", "0GB", "99999999999999999999GB"]
        {
            assert!(text.parse::<MemoryLimit>().is_err(), "{text}");
        }
    }
}
