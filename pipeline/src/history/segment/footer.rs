//! What a segment says of itself, at its end: where the columns of each bucket lie, and the words that its rows name.

use std::{fs::File, os::unix::fs::FileExt};

use serde::{Deserialize, Serialize};

use crate::history::pack::ROWS_PER_BYTE_MAX;

/// How a segment ends, after the length and the checksum of its footer.
const END: &[u8; 8] = b"segment5";
const TAIL_BYTES: u64 = 8 + 4 + END.len() as u64;

/// What a segment says of itself.
#[derive(Debug, Serialize, Deserialize)]
pub struct Footer {
    /// The number of the delivery that brought it.
    pub delivery: u32,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// The words that its rows name, by number.
    pub words: Vec<String>,
    /// By bucket, those that have rows.
    pub groups: Vec<Group>,
}

/// The rows of a bucket.
#[derive(Debug, Serialize, Deserialize)]
pub struct Group {
    /// The bucket.
    pub bucket: u8,
    /// How many.
    pub rows: u32,
    /// No row counts sooner than so many days after its event. Absent where none has an event.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub soonest: Option<i32>,
    /// One for each column.
    pub blocks: Vec<Block>,
}

/// A column of a bucket.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Block {
    /// Where its bytes begin.
    pub offset: u64,
    /// How many these are.
    pub length: u32,
    /// Their checksum.
    pub crc32: u32,
    /// Of days and moments, the largest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub largest: Option<i64>,
    /// Of days that lie where others do: so many days after these.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub later_by: Option<i32>,
}

impl Footer {
    /// The footer of a file, if it has one and that is whole.
    pub fn of(file: &File) -> Option<Footer> {
        let length = file.metadata().ok()?.len();
        let mut tail = [0; TAIL_BYTES as usize];
        file.read_exact_at(&mut tail, length.checked_sub(TAIL_BYTES)?).ok()?;
        let (footer_length, rest) = tail.split_first_chunk::<8>()?;
        let (crc32, end) = rest.split_first_chunk::<4>()?;
        let footer_length = u64::from_le_bytes(*footer_length);
        let start = length.checked_sub(TAIL_BYTES)?.checked_sub(footer_length)?;
        let mut bytes = vec![0; usize::try_from(footer_length).ok().filter(|_| end == END)?];
        file.read_exact_at(&mut bytes, start).ok()?;
        let is_whole = crc32fast::hash(&bytes) == u32::from_le_bytes(*crc32);
        let footer: Footer = is_whole.then(|| serde_json::from_slice(&bytes).ok()).flatten()?;
        footer.groups.iter().all(|group| group.can_be(footer.columns.len(), start)).then_some(footer)
    }

    /// The bytes that end a file: the footer, its length and its checksum.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec(self).expect("a footer is plain data");
        let (length, crc32) = (bytes.len() as u64, crc32fast::hash(&bytes));
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(&crc32.to_le_bytes());
        bytes.extend_from_slice(END);
        bytes
    }
}

impl Group {
    /// Whether a bucket's rows can lie before the footer as it says. Whoever reads it takes as much memory as it claims.
    fn can_be(&self, n_columns: usize, rows_end: u64) -> bool {
        let lies_within =
            |block: &Block| block.offset.checked_add(block.length.into()).is_some_and(|end| end <= rows_end);
        // Every table has a column that says another thing in each row, its key or its persons: of that a byte tells at most
        // so many.
        let longest = self.blocks.iter().map(|block| u64::from(block.length)).max().unwrap_or(0);
        let rows_fit = u64::from(self.rows) <= ROWS_PER_BYTE_MAX * longest;
        self.blocks.len() == n_columns && self.blocks.iter().all(lies_within) && rows_fit
    }
}
