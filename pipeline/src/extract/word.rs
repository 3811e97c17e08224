//! Short cells as numbers, which are compared at once.

/// The bytes of a cell of at most sixteen, the first the lowest, without a loop. No cell holds a NUL, so two are alike if
/// their numbers are, and no cell that is there is 0.
// Always: as a function of its own it would hand the number over through memory, in halves, and whoever reads it whole waits
// until both are there.
#[inline(always)]
pub(super) fn word(cell: &[u8]) -> Option<u128> {
    let n = cell.len();
    // Two halves that overlap where the length is odd: there both say the same.
    let join = |first: u64, last: u64, half: usize| u128::from(first) | u128::from(last) << (8 * (n - half));
    match n {
        8..=16 => Some(join(u64::from_le_bytes(*cell.first_chunk()?), u64::from_le_bytes(*cell.last_chunk()?), 8)),
        4..8 => {
            let (first, last) = (u32::from_le_bytes(*cell.first_chunk()?), u32::from_le_bytes(*cell.last_chunk()?));
            Some(join(first.into(), last.into(), 4))
        }
        2..4 => {
            let (first, last) = (u16::from_le_bytes(*cell.first_chunk()?), u16::from_le_bytes(*cell.last_chunk()?));
            Some(join(first.into(), last.into(), 2))
        }
        1 => Some(cell[0].into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_word_is_its_bytes_and_a_long_cell_has_none(cell in prop::collection::vec(1..=u8::MAX, 1..20)) {
            let mut bytes = [0; 20];
            bytes[..cell.len()].copy_from_slice(&cell);
            let expected = u128::from_le_bytes(*bytes.first_chunk().unwrap());
            prop_assert_eq!(word(&cell), Some(expected).filter(|_| cell.len() <= 16));
        }
    }
}
