//! Files of entries that only grow or are made anew whole: one JSON object a line, and a last line that says how many there
//! are and has their checksum. So a file that lost its end or was edited is refused, and never read as one with fewer.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::sha256::sha256;

/// How many entries a file has, and its checksum: an input of a night.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Seal {
    /// Entries.
    pub entries: usize,
    /// SHA-256 of the file.
    pub sha256: String,
}

impl Seal {
    /// Of some entries; none of no entries.
    pub fn of<T: Serialize>(entries: &[T]) -> Option<Seal> {
        (!entries.is_empty()).then(|| Seal { entries: entries.len(), sha256: sha256(&to_bytes(entries)) })
    }
}

/// The last line of a file.
#[derive(Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct End {
    entries: usize,
    sha256: String,
}

/// The bytes of a file.
pub fn to_bytes<T: Serialize>(entries: &[T]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in entries {
        bytes.extend(serde_json::to_vec(entry).expect("an entry is plain data"));
        bytes.push(b'\n');
    }
    let end = end_of(entries.len(), &bytes);
    bytes.extend(serde_json::to_vec(&end).expect("plain data"));
    bytes.push(b'\n');
    bytes
}

/// The entries in these bytes, if they are what [`to_bytes`] wrote.
///
/// # Example
/// ```
/// use earlycall::store::sealed::{parse, to_bytes};
/// let bytes = to_bytes(&["one", "two"]);
/// assert_eq!(parse::<String>(&bytes).unwrap(), ["one", "two"]);
/// assert_eq!(parse::<String>(&bytes[6..]), None); // a line is lost
/// ```
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Option<Vec<T>> {
    let text = str::from_utf8(bytes).ok()?.strip_suffix('\n')?;
    let (entries, end) = match text.rfind('\n') {
        Some(at) => text.split_at(at + 1),
        None => ("", text),
    };
    let end: End = serde_json::from_str(end).ok()?;
    let lines: Option<Vec<T>> = entries.lines().map(|line| serde_json::from_str(line).ok()).collect();
    lines.filter(|lines| end == end_of(lines.len(), entries.as_bytes()))
}

fn end_of(entries: usize, bytes: &[u8]) -> End {
    End { entries, sha256: sha256(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_also_if_it_is_nothing() {
        for entries in [vec![], vec![1], vec![3, 1, 2]] {
            assert_eq!(parse::<u32>(&to_bytes(&entries)), Some(entries.clone()));
            assert_eq!(Seal::of(&entries).map_or(0, |seal| seal.entries), entries.len());
        }
    }

    #[test]
    fn a_file_that_lost_a_byte_or_a_line_is_refused() {
        let whole = to_bytes(&["one", "two", "three"]);
        for at in 0..whole.len() {
            let mut flipped = whole.clone();
            flipped[at] ^= 1;
            assert_eq!(parse::<String>(&flipped), None, "byte {at} flipped");
            assert_eq!(parse::<String>(&whole[..at]), None, "cut at {at}");
        }
        let without_first: Vec<u8> = whole.split_inclusive(|byte| *byte == b'\n').skip(1).flatten().copied().collect();
        assert_eq!(parse::<String>(&without_first), None);
    }
}
