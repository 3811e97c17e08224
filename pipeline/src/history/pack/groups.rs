//! Groups of packed numbers, one after another.

use bitpacking::{BitPacker, BitPacker4x};

use super::{ABOVE_SMALLEST, DIFFERENCES, GROUP, Rest};

/// Visits packed numbers, a group at a time, as what they exceed the smallest by; none if there are not so many.
pub fn each_group(n_rows: usize, how: u8, rest: &mut Rest, mut visit: impl FnMut(&[u32])) -> Option<()> {
    each_group_that(n_rows, how, rest, |_, _| true, |_, group| visit(group))
}

/// The same, with the first row of each group, of those alone that matter by their lowest and their highest number. Numbers
/// of which none falls say both as differences: a group of them that does not matter is never made.
pub fn each_group_that(
    n_rows: usize,
    how: u8,
    rest: &mut Rest,
    matters: impl Fn(u32, u32) -> bool,
    mut visit: impl FnMut(usize, &[u32]),
) -> Option<()> {
    let packer = BitPacker4x::new();
    let (mut group, mut before) = ([0; GROUP], 0_u32);
    for first in (0..n_rows).step_by(GROUP) {
        let width = rest.byte().filter(|width| *width <= 32)?;
        packer.decompress(rest.take(BitPacker4x::compressed_block_size(width))?, &mut group, width);
        match how {
            ABOVE_SMALLEST => {}
            DIFFERENCES => match ends_of_rising(&group, before) {
                Some((lowest, highest)) if !matters(lowest, highest) => {
                    before = highest;
                    continue;
                }
                _ => before = from_differences(&mut group, before),
            },
            _ => return None,
        }
        let numbers = &group[..GROUP.min(n_rows - first)];
        let (lowest, highest) = numbers.iter().fold((u32::MAX, 0), |(low, high), &n| (low.min(n), high.max(n)));
        if matters(lowest, highest) {
            visit(first, numbers);
        }
    }
    Some(())
}

/// The first and the last number of differences of which none falls.
fn ends_of_rising(differences: &[u32; GROUP], before: u32) -> Option<(u32, u32)> {
    // So few numbers of 32 bits cannot leave 64: without asking each time, many are added at once.
    let add = |(signs, sum): (u32, u64), &n: &u32| (signs | n, sum.wrapping_add((n >> 1).into()));
    let (signs, sum) = differences.iter().fold((0, 0), add);
    // A fall by more than half of all numbers looks like a rise, but then the sum is beyond them.
    let last = u32::try_from(sum.wrapping_add(before.into())).ok().filter(|_| signs & 1 == 0)?;
    Some((before.wrapping_add(differences[0] >> 1), last))
}

/// Makes the numbers out of what they differ by; gives back the last.
fn from_differences(differences: &mut [u32; GROUP], mut before: u32) -> u32 {
    for number in &mut *differences {
        *number = (*number >> 1) ^ (*number & 1).wrapping_neg();
    }
    for number in differences {
        before = before.wrapping_add(*number);
        *number = before;
    }
    before
}
