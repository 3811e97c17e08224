//! Which segments are written anew together, so that a table never has many small ones.

use std::collections::BTreeSet;

use super::Segment;

/// Deliveries of which a table's segments are young, until there are this many.
const YOUNG_MAX: usize = 16;
/// How many times as many rows as all younger deliveries together one may have brought to count as young.
const YOUNG_SHARE: usize = 4;

/// The segments that are written anew with the next one: those of the young deliveries, once there are many. What they
/// brought together outweighs a quarter of any of them, so no row is written often.
pub fn folded(segments: &[Segment]) -> BTreeSet<u32> {
    let brought = |segment: &Segment| (segment.delivery(), segment.number, segment.rows());
    young(&segments.iter().map(brought).collect::<Vec<_>>())
}

/// The same of the delivery, number and rows of each segment.
fn young(segments: &[(u32, u32, usize)]) -> BTreeSet<u32> {
    let (mut n_young, mut younger, mut young) = (0, 0, BTreeSet::new());
    for of_delivery in segments.chunk_by(|a, b| a.0 == b.0).rev() {
        let rows: usize = of_delivery.iter().map(|(_, _, rows)| rows).sum();
        if n_young > 0 && rows > YOUNG_SHARE * younger {
            break;
        }
        n_young += 1;
        younger += rows;
        young.extend(of_delivery.iter().map(|(_, number, _)| *number));
    }
    if n_young < YOUNG_MAX { BTreeSet::new() } else { young }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A first delivery in `n_parts` parts, the last one nearly empty, then `n_deltas` of 100 rows.
    fn after(n_parts: u32, n_deltas: u32) -> Vec<u32> {
        let rows = |part: u32| if part == n_parts { 5 } else { 8_000_000 };
        let first = (1..=n_parts).map(|part| (1, part, rows(part)));
        let deltas = (1..=n_deltas).map(|delta| (1 + delta, n_parts + delta, 100));
        young(&first.chain(deltas).collect::<Vec<_>>()).into_iter().collect()
    }

    #[test]
    fn sixteen_young_deliveries_are_folded_and_the_parts_of_a_large_one_are_not() {
        assert!(after(60, 0).is_empty());
        assert!(after(60, 15).is_empty());
        assert_eq!(after(60, 16), (61..=76).collect::<Vec<_>>());
        // What the deltas brought together outweighs a quarter of the first.
        assert_eq!(after(1, 15), (1..=16).collect::<Vec<_>>());
    }
}
