//! The few bytes of a CSV text that need a look, found 64 at a time.
//!
//! Whatever ends a cell or a record, opens a quote, or is forbidden lies at or below the comma in ASCII, and next to
//! nothing else does in data of this kind. So one comparison finds all of them, and the rest is passed over unread.

use wide::u8x16;

const BLOCK_BYTES: usize = 64;

/// A byte that needs no look, to fill the last block with.
const PLAIN: u8 = b'0';

/// Goes through a text from its start and stops at each byte up to the comma: `\0`, `\r`, `\n`, `"`, `,`, the space and its like.
#[derive(Clone, Copy, Default)]
pub(super) struct Marks {
    /// Where the latest block starts.
    block: usize,
    /// Where the next one does.
    ahead: usize,
    /// The marks of the latest block that haven't been given out, the first as the lowest bit.
    left: u64,
}

impl Marks {
    /// The next place to look at; none at the end of the text, which must be the same at every call.
    #[inline]
    pub fn next(&mut self, text: &[u8]) -> Option<usize> {
        while self.left == 0 {
            if self.ahead == text.len() {
                return None;
            }
            self.advance(&text[self.ahead..]);
        }
        let at = self.block + self.left.trailing_zeros() as usize;
        self.left &= self.left - 1;
        Some(at)
    }

    /// Goes to the next block, with which the rest of the text begins.
    fn advance(&mut self, rest: &[u8]) {
        self.block = self.ahead;
        match rest.first_chunk() {
            Some(block) => {
                self.left = marks(block);
                self.ahead += BLOCK_BYTES;
            }
            None => {
                let mut block = [PLAIN; BLOCK_BYTES];
                block[..rest.len()].copy_from_slice(rest);
                self.left = marks(&block);
                self.ahead += rest.len();
            }
        }
    }
}

/// One bit for each byte up to the comma, that of the first byte the lowest.
fn marks(block: &[u8; BLOCK_BYTES]) -> u64 {
    let comma = u8x16::splat(b',');
    let (parts, _) = block.as_chunks::<16>();
    parts.iter().rev().fold(0, |marks, part| {
        let bytes = u8x16::from(*part);
        marks << 16 | u64::from(bytes.min(comma).simd_eq(bytes).to_bitmask())
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_byte_up_to_the_comma_is_marked_and_no_other(
            text in prop::collection::vec(prop_oneof![any::<u8>(), b'*'..b'/'], 0..300),
        ) {
            let mut marks = Marks::default();
            let marked: Vec<usize> = std::iter::from_fn(|| marks.next(&text)).collect();
            let expected: Vec<usize> = (0..text.len()).filter(|&at| text[at] <= b',').collect();
            prop_assert_eq!(marked, expected);
        }
    }
}
