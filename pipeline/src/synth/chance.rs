//! Chance that is the same on every machine and any number of threads: a counter through a mixing function.

/// What a stream of random numbers is for. Each person has one of each, so that a change in one part of a life leaves
/// the others as they were.
#[derive(Clone, Copy)]
pub(crate) enum Stream {
    World = 1,
    Identity,
    Conditions,
    Emergencies,
    Stays,
    Planned,
    Attendances,
    Record,
    Measurements,
    Medicines,
    Objections,
    Reports,
    Dirt,
    Fragments,
    Communication,
    Signs,
    GpAppointments,
    Outpatients,
    WaitingList,
    Community,
    HomeCare,
    HomeCareVisits,
    SocialPrescribing,
    VirtualWard,
    Monitoring,
    Telecare,
    MentalHealth,
}

/// A stream of random numbers that depends on (seed, person, what for) and nothing else.
///
/// Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014 (SplitMix64).
pub(crate) struct Chance(u64);

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

fn mixed(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Chance {
    /// The stream of a person for a purpose.
    pub fn of(seed: u64, person: u32, stream: Stream) -> Chance {
        let place = (u64::from(person) << 8) | stream as u64;
        Chance(mixed(mixed(seed.wrapping_add(GOLDEN)) ^ mixed(place.wrapping_mul(GOLDEN))))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mixed(self.0)
    }

    /// Evenly in [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Evenly in [from, to).
    pub fn between(&mut self, from: f64, to: f64) -> f64 {
        from + (to - from) * self.unit()
    }

    /// A whole number, evenly in 0..n.
    pub fn below(&mut self, n: usize) -> usize {
        (self.unit() * n as f64) as usize
    }

    /// True with probability `p`.
    pub fn yes(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// One of a few.
    pub fn one_of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    /// The number of one of several weights, in proportion to them.
    pub fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut left = self.unit() * weights.iter().sum::<f64>();
        for (i, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return i;
            }
        }
        weights.iter().rposition(|&weight| weight > 0.0).unwrap_or(0)
    }

    /// Normal with mean 0 and variance 1.
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// Waiting time of mean 1.
    pub fn wait(&mut self) -> f64 {
        -(1.0 - self.unit()).ln()
    }

    /// Gamma with mean 1 and the given variance. Source: Marsaglia and Tsang, 2000.
    pub fn gamma(&mut self, variance: f64) -> f64 {
        let shape = 1.0 / variance;
        // A shape below 1 is made of one above it and a power.
        let boost = if shape < 1.0 { (1.0 - self.unit()).powf(variance) } else { 1.0 };
        let d = if shape < 1.0 { shape + 1.0 } else { shape } - 1.0 / 3.0;
        loop {
            let x = self.normal();
            let v = (1.0 + x / (9.0 * d).sqrt()).powi(3);
            if v > 0.0 && (1.0 - self.unit()).ln() < 0.5 * x * x + d - d * v + d * v.ln() {
                return boost * d * v / shape;
            }
        }
    }
}

/// Share of a standard normal below `x`. Source: Abramowitz and Stegun 26.2.17; error below 7.5e-8.
pub(crate) fn normal_share_below(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * x.abs());
    let poly =
        t * (0.319_381_530 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    let tail = (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt() * poly;
    if x > 0.0 { 1.0 - tail } else { tail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_depends_on_seed_person_and_purpose() {
        let first = |seed, person, stream| Chance::of(seed, person, stream).next();
        let one = first(1, 1, Stream::Identity);
        assert_eq!(one, first(1, 1, Stream::Identity));
        assert_ne!(one, first(2, 1, Stream::Identity));
        assert_ne!(one, first(1, 2, Stream::Identity));
        assert_ne!(one, first(1, 1, Stream::Conditions));
    }

    #[test]
    fn draws_have_the_mean_and_variance_they_promise() {
        let mut chance = Chance::of(7, 0, Stream::World);
        let n = 20_000;
        let moments = |draws: Vec<f64>| {
            let mean = draws.iter().sum::<f64>() / n as f64;
            (mean, draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n as f64)
        };
        let (mean, variance) = moments((0..n).map(|_| chance.normal()).collect());
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.05, "{mean} {variance}");
        for wanted in [0.8, 1.25] {
            let (mean, variance) = moments((0..n).map(|_| chance.gamma(wanted)).collect());
            assert!((mean - 1.0).abs() < 0.03 && (variance - wanted).abs() < 0.1, "{mean} {variance}");
        }
    }

    #[test]
    fn the_normal_curve_is_known_at_its_landmarks() {
        for (x, share) in [(0.0, 0.5), (1.959_964, 0.975), (-1.281_552, 0.1)] {
            assert!((normal_share_below(x) - share).abs() < 1e-6);
        }
    }
}
