//! Permuted blocks under a key: which arm the next person of a stratum is in. Nobody can foretell it without the key, and
//! whoever has it can draw the lots again.

use super::{Arm, Stratum};
use crate::{settings, worklist::keyed::Keyed};

/// A block has each side of the ratio so many times: 2 to 1 makes blocks of six.
const TIMES: u64 = 2;

/// The lots of a trial.
pub struct Blocks {
    keyed: Keyed,
    trial_id: String,
    /// People of a block, and of these people in usual care.
    size: u64,
    n_usual_care: u64,
}

impl std::fmt::Debug for Blocks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Blocks(..)")
    }
}

impl Blocks {
    /// Of a trial, under its key.
    pub fn new(key: &[u8], holdout: &settings::Holdout) -> Blocks {
        let [offered, usual_care] = [holdout.offered, holdout.usual_care].map(u64::from);
        Blocks {
            keyed: Keyed::new(key),
            trial_id: holdout.trial_id.clone(),
            size: TIMES * (offered + usual_care),
            n_usual_care: TIMES * usual_care,
        }
    }

    /// The arm of somebody before whom so many of their stratum were randomised.
    ///
    /// The seats of a block are drawn in the order of HMAC-SHA256(key, trial, team, third, block, seat); the first of them are
    /// usual care. So each block has as many of each arm as the ratio says, in an order of its own.
    pub fn arm(&self, stratum: &Stratum, place: u64) -> Arm {
        let (block, seat) = (place / self.size, place % self.size);
        let drawn = |seat: u64| (self.keyed.hash(&self.message(stratum, block, seat)), seat);
        let mine = drawn(seat);
        let n_before = (0..self.size).filter(|seat| drawn(*seat) < mine).count() as u64;
        if n_before < self.n_usual_care { Arm::UsualCare } else { Arm::Offered }
    }

    fn message(&self, stratum: &Stratum, block: u64, seat: u64) -> Vec<u8> {
        let numbers = [u64::from(stratum.risk_third), block, seat].map(u64::to_be_bytes).concat();
        [self.trial_id.as_bytes(), &[0], stratum.team_id.as_bytes(), &[0], &numbers].concat()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::day::Day;

    pub fn blocks(key: &[u8], trial_id: &str, offered: u8, usual_care: u8) -> Blocks {
        let text = || "written".to_owned();
        let (trial_id, starts, ends) = (trial_id.to_owned(), Day(20_000), Day(21_000));
        let (approval, dpia, stop_rules) = (text(), text(), text());
        let holdout = settings::Holdout { trial_id, approval, dpia, stop_rules, starts, ends, offered, usual_care };
        Blocks::new(key, &holdout)
    }

    fn stratum(team_id: &str, risk_third: u8) -> Stratum {
        Stratum { team_id: team_id.into(), risk_third }
    }

    /// `o` for offered, `u` for usual care.
    fn drawn(blocks: &Blocks, stratum: &Stratum, n: u64) -> String {
        let letter = |place| if blocks.arm(stratum, place) == Arm::UsualCare { 'u' } else { 'o' };
        (0..n).map(letter).collect()
    }

    #[test]
    fn every_block_of_six_has_two_in_usual_care_in_an_order_of_its_own() {
        let drawn = drawn(&blocks(b"key", "t", 2, 1), &stratum("coach-31", 3), 600);
        let of_block = |at: usize| &drawn[6 * at..6 * at + 6];
        assert!((0..100).all(|at| of_block(at).matches('u').count() == 2), "{drawn}");
        // There are fifteen orders of two among six.
        assert_eq!((0..100).map(of_block).collect::<BTreeSet<_>>().len(), 15);
        assert!((0..6).all(|seat| (0..100).any(|at| &of_block(at)[seat..=seat] == "u")), "no seat is safe");
    }

    #[test]
    fn the_lots_are_those_of_the_key_the_trial_and_the_stratum() {
        let of = |key: &[u8], trial, team, third| drawn(&blocks(key, trial, 2, 1), &stratum(team, third), 60);
        let lots = [
            of(b"key", "t", "coach-31", 3),
            of(b"other", "t", "coach-31", 3),
            of(b"key", "u", "coach-31", 3),
            of(b"key", "t", "coach-32", 3),
            of(b"key", "t", "coach-31", 2),
        ];
        assert_eq!(lots.iter().collect::<BTreeSet<_>>().len(), 5, "{lots:?}");
        assert_eq!(of(b"key", "t", "coach-31", 3), lots[0], "drawn again they are the same");
    }

    proptest! {
        #[test]
        fn the_ratio_is_kept_at_every_place_but_for_a_block(offered in 1u8..=10, usual_care in 1u8..=10, n in 0u64..300) {
            let drawn = drawn(&blocks(b"key", "t", offered, usual_care), &stratum("coach-31", 1), n);
            let (size, each) = (2 * u64::from(offered + usual_care), 2 * u64::from(usual_care));
            let n_usual_care = drawn.matches('u').count() as u64;
            let of_whole_blocks = n / size * each;
            prop_assert!((of_whole_blocks..=of_whole_blocks + each).contains(&n_usual_care));
            prop_assert!(n % size > 0 || n_usual_care == of_whole_blocks);
        }
    }
}
