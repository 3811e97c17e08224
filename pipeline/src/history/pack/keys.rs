//! Keys as bytes: those of rows that were numbered one after another are near each other.

use super::{
    GROUP, Rest,
    near::{self, Group, at_most, pack_eights, pack_near},
};

/// Appends keys.
pub fn pack(keys: &[u64], bytes: &mut Vec<u8>) {
    for group in keys.chunks(GROUP) {
        if !pack_near(group, bytes) {
            pack_eights(group.iter().map(|key| key.to_le_bytes()), bytes);
        }
    }
}

/// Reads so many keys.
pub fn unpack(n_keys: usize, rest: &mut Rest) -> Option<Vec<u64>> {
    let mut keys = Vec::with_capacity(at_most(n_keys, rest));
    each_group(n_keys, rest, |_, _| true, |_, group| keys.extend_from_slice(group))?;
    Some(keys)
}

/// Visits keys, a group at a time with the place of its first; none if there are not so many. Left out are groups for which
/// `matters` does not hold: all of their keys lie between the two that it is given, both included.
pub fn each_group(
    n_keys: usize,
    rest: &mut Rest,
    matters: impl Fn(u64, u64) -> bool,
    mut visit: impl FnMut(usize, &[u64]),
) -> Option<()> {
    near::each_group(n_keys, rest, matters, |first, group| match group {
        Group::Near(keys) | Group::Eights(keys) => visit(first, keys),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn packed(keys: &[u64]) -> Vec<u8> {
        let mut bytes = Vec::new();
        pack(keys, &mut bytes);
        bytes
    }

    #[test]
    fn keys_near_each_other_take_the_bits_by_which_they_differ_and_others_eight_bytes() {
        let far = 0x0123_4567_89ab_cdef;
        let near: Vec<u64> = (0..128).map(|n| far + n * 37 % 256).collect();
        assert_eq!(packed(&near).len(), 1 + 8 + 128);
        assert_eq!(packed(&[far; 128]).len(), 1 + 8);
        // One that lies elsewhere makes its whole group long, and no other.
        let last: Vec<u64> = near.iter().copied().chain([0, far]).collect();
        assert_eq!(packed(&last).len(), 1 + 8 + 128 + 1 + 2 * 8);
        assert_eq!(unpack(130, &mut Rest(&packed(&last))), Some(last.clone()));
        assert_eq!(unpack(131, &mut Rest(&packed(&last))), None);
    }

    #[test]
    fn a_group_that_cannot_matter_is_left_out() {
        let keys: Vec<u64> = (1000..1256).collect();
        let mut visited = Vec::new();
        let may_have_it = |least, most| (least..=most).contains(&1200);
        each_group(256, &mut Rest(&packed(&keys)), may_have_it, |first, keys| visited.push((first, keys.len())))
            .unwrap();
        assert_eq!(visited, [(128, 128)]);
    }

    proptest! {
        #[test]
        fn whatever_keys_are_packed_are_unpacked(
            bases in prop::collection::vec(any::<u64>(), 1..3),
            cells in prop::collection::vec((any::<prop::sample::Index>(), any::<u32>()), 0..400),
            narrow in 0..32_u32,
        ) {
            let key = |(base, above): &(prop::sample::Index, u32)| base.get(&bases).wrapping_add((above >> narrow).into());
            let keys: Vec<u64> = cells.iter().map(key).collect();
            prop_assert_eq!(unpack(keys.len(), &mut Rest(&packed(&keys))), Some(keys));
        }
    }
}
