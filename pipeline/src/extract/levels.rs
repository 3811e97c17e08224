//! Whether each row of a page has a value: levels of one bit, in runs and in groups of eight.
//!
//! Source: the Parquet format, `Encodings.md`, "Run Length Encoding / Bit-Packing Hybrid".

use bytes::{Buf, Bytes};
use parquet::errors::ParquetError;

/// What is still to come of a page's levels.
#[derive(Debug, Default)]
pub(super) struct Levels {
    bytes: Bytes,
    /// Rows of the page that are to come.
    rows: usize,
    /// The run at hand, and how many rows it still has.
    are_there: bool,
    run: usize,
    /// Bytes to come of groups, and the bits of the one at hand: the lowest is the next.
    packed: usize,
    bits: u8,
    n_bits: u32,
}

impl Levels {
    /// Levels as they lie in a page of so many rows.
    pub fn of(bytes: Bytes, rows: usize) -> Levels {
        Levels { bytes, rows, ..Levels::default() }
    }

    /// Of a page all of whose rows have a value.
    pub fn all(rows: usize) -> Levels {
        Levels { rows, are_there: true, run: rows, ..Levels::default() }
    }

    /// Whether the next rows have a value, and how many of them are alike in that: as many as are known, and at most `most`;
    /// none where the page has ended.
    ///
    /// # Errors
    /// They are cut.
    pub fn next_run(&mut self, most: usize) -> Result<Option<(bool, usize)>, ParquetError> {
        while self.run == 0 && self.rows > 0 {
            self.advance().ok_or_else(|| ParquetError::General("the levels of a page are cut".to_owned()))?;
        }
        let n = self.run.min(self.rows).min(most);
        (self.run, self.rows) = (self.run - n, self.rows - n);
        Ok((n > 0).then_some((self.are_there, n)))
    }

    /// Whether the page has ended.
    pub fn are_at_end(&self) -> bool {
        self.rows == 0
    }

    /// To the next run, which may be of no row.
    fn advance(&mut self) -> Option<()> {
        if self.n_bits > 0 {
            self.are_there = self.bits & 1 == 1;
            let alike = if self.are_there { self.bits.trailing_ones() } else { self.bits.trailing_zeros() };
            let n = alike.min(self.n_bits);
            self.bits = self.bits.checked_shr(n).unwrap_or(0);
            (self.run, self.n_bits) = (n as usize, self.n_bits - n);
        } else if self.packed > 0 {
            (self.bits, self.n_bits) = (self.bytes.try_get_u8().ok()?, u8::BITS);
            self.packed -= 1;
        } else {
            let head = self.number()?;
            match head & 1 {
                1 => self.packed = usize::try_from(head >> 1).ok()?,
                _ => {
                    self.run = usize::try_from(head >> 1).ok()?;
                    self.are_there = self.bytes.try_get_u8().ok()? != 0;
                }
            }
        }
        Some(())
    }

    /// A number of which each byte holds seven bits, the lowest first.
    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.bytes.try_get_u8().ok()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(bytes: &'static [u8], rows: usize, most: usize) -> Result<Vec<bool>, ParquetError> {
        let (mut levels, mut found) = (Levels::of(Bytes::from_static(bytes), rows), Vec::new());
        while let Some((is_there, n)) = levels.next_run(most)? {
            found.extend(vec![is_there; n]);
        }
        Ok(found)
    }

    #[test]
    fn runs_and_groups_of_eight_follow_each_other_and_end_with_the_page() {
        // Three rows with a value, eight as their bits say from the lowest on, and a run of 200 without, of which two count.
        let bytes = &[3 << 1, 1, 1 << 1 | 1, 0b1000_0110, 0x90, 0x03, 0];
        let said = [1, 1, 1, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0].map(|bit| bit == 1);
        for most in [1, 2, 100] {
            assert_eq!(rows(bytes, 13, most).unwrap(), said, "{most}");
        }
        assert!(rows(bytes, 0, 9).unwrap().is_empty());
    }

    #[test]
    fn what_is_cut_is_an_error() {
        let bytes: &[u8] = &[3 << 1, 1, 1 << 1 | 1, 0b1000_0110];
        for end in 0..bytes.len() {
            assert!(rows(&bytes[..end], 11, 100).is_err(), "{end}");
        }
        assert!(rows(bytes, 12, 100).is_err());
        assert!(rows(&[0x80, 0x80, 0x80, 0x80, 0x80, 0], 1, 100).is_err());
    }
}
