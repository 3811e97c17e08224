//! Numbers of 64 bits in groups: where 128 neighbours lie near each other they take the bits by which they differ, and
//! elsewhere eight bytes each.

use bitpacking::{BitPacker, BitPacker4x};

use super::{GROUP, Rest, pack_group};

/// Stands for the bits of a number in a group of eight bytes each.
const EIGHT_BYTES: u8 = 64;

/// Appends the numbers of a group if they are near each other, and tells whether they were: the bits that one takes, the
/// least, and what they exceed it by.
pub fn pack_near(numbers: &[u64], bytes: &mut Vec<u8>) -> bool {
    let (least, most) = numbers.iter().fold((u64::MAX, 0), |(least, most), &n| (least.min(n), most.max(n)));
    if u32::try_from(most - least).is_err() {
        return false;
    }
    let mut above = [0; GROUP];
    above.iter_mut().zip(numbers).for_each(|(above, number)| *above = number.wrapping_sub(least) as u32);
    let width = BitPacker4x::new().num_bits(&above);
    bytes.push(width);
    bytes.extend_from_slice(&least.to_le_bytes());
    pack_group(&above, width, bytes);
    true
}

/// Appends a group of anything that has eight bytes.
pub fn pack_eights(eights: impl Iterator<Item = [u8; 8]>, bytes: &mut Vec<u8>) {
    bytes.push(EIGHT_BYTES);
    eights.for_each(|eight| bytes.extend_from_slice(&eight));
}

/// So many numbers at most, of `n_claimed`, can lie in some bytes: a group takes nine or more.
pub fn at_most(n_claimed: usize, rest: &Rest) -> usize {
    n_claimed.min(rest.0.len().div_ceil(1 + 8) * GROUP)
}

/// Numbers of a group as they were packed.
pub enum Group<'a> {
    /// Near each other.
    Near(&'a [u64]),
    /// As eight bytes each.
    Eights(&'a [u64]),
}

/// Visits so many numbers, a group at a time with the place of its first; none if there are not so many. Left out are
/// groups for which `matters` does not hold: all of their numbers lie between the two that it is given, both included.
pub fn each_group(
    n_numbers: usize,
    rest: &mut Rest,
    matters: impl Fn(u64, u64) -> bool,
    mut visit: impl FnMut(usize, Group),
) -> Option<()> {
    let (mut above, mut numbers) = ([0; GROUP], [0; GROUP]);
    for first in (0..n_numbers).step_by(GROUP) {
        let n = GROUP.min(n_numbers - first);
        let numbers = &mut numbers[..n];
        match rest.byte()? {
            EIGHT_BYTES => {
                let (eights, _) = rest.take(8 * n)?.as_chunks();
                numbers.iter_mut().zip(eights).for_each(|(number, eight)| *number = u64::from_le_bytes(*eight));
                visit(first, Group::Eights(numbers));
            }
            width @ 0..=32 => {
                let least = u64::from_le_bytes(rest.eight()?);
                let packed = rest.take(BitPacker4x::compressed_block_size(width))?;
                if !matters(least, least.saturating_add((1 << width) - 1)) {
                    continue;
                }
                BitPacker4x::new().decompress(packed, &mut above, width);
                numbers.iter_mut().zip(above).for_each(|(number, above)| *number = least.wrapping_add(above.into()));
                visit(first, Group::Near(numbers));
            }
            _ => return None,
        }
    }
    Some(())
}
