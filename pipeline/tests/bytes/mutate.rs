//! Samples spoiled as disks, networks, other programs and ill will spoil them.

use twox_hash::XxHash3_64;

/// What breaks readers that trust what they are told: numbers too large, too small or none, ends of cells and texts.
const MALICE: [&[u8]; 18] = [
    b"99999999999999999999999999",
    b"-1",
    b"1e999",
    b"NaN",
    b"9999-12-31",
    b"0000-00-00",
    b"\"",
    b",,,,",
    b"|||",
    b"\r",
    b"\n\n",
    b"\0",
    b"{[{[{[",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    &[0xff; 10],
    &[0xff, 0xff, 0xff, 0x7f],
    &[0x80; 9],
];

/// A sample with a few faults; in one round of sixteen, bytes of no sample at all.
pub fn mutated(name: &str, round: u64, samples: &[Vec<u8>]) -> Vec<u8> {
    let mut dice = Dice(XxHash3_64::oneshot_with_seed(round, name.as_bytes()));
    if dice.below(16) == 0 {
        return (0..dice.below(2_000)).map(|_| dice.roll() as u8).collect();
    }
    let mut bytes = samples[dice.below(samples.len())].clone();
    for _ in 0..=dice.below(4) {
        fault(&mut bytes, samples, &mut dice);
    }
    bytes
}

fn fault(bytes: &mut Vec<u8>, samples: &[Vec<u8>], dice: &mut Dice) {
    let at = dice.below(bytes.len() + 1);
    let some = at..(at + dice.below(64)).min(bytes.len());
    match dice.below(8) {
        0 | 1 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << dice.below(8);
            }
        }
        2 => {
            let number = MALICE[dice.below(MALICE.len())];
            bytes.splice(at..(at + number.len()).min(bytes.len()), number.iter().copied());
        }
        3 => {
            bytes.splice(at..at, MALICE[dice.below(MALICE.len())].iter().copied());
        }
        4 => drop(bytes.drain(some)),
        5 => {
            let again = bytes[some].repeat(1 + dice.below(20));
            bytes.splice(at..at, again);
        }
        6 => {
            let other = &samples[dice.below(samples.len())];
            let rest = other[dice.below(other.len() + 1)..].to_vec();
            bytes.splice(at.., rest);
        }
        _ => bytes.truncate(at),
    }
}

/// Numbers as good as random, and the same in every run.
struct Dice(u64);

impl Dice {
    /// Source: the generator SplitMix64.
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.roll() % n as u64) as usize
    }
}
