//! What one set of risks ranks better than another on the same rows, and how much of that is chance.

use std::collections::BTreeMap;

use serde::Serialize;

use super::ranking::ties;
use super::sorted;
use crate::error::{Error, Result};
use crate::number::tidy;

/// Of a normal distribution, 95% lie within so many standard errors.
const STANDARD_ERRORS: f64 = 1.959_963_984_540_054;

/// An area under the ROC curve with and without something, on the same rows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Gain {
    /// AUROC with it.
    pub with: f64,
    /// AUROC without it.
    pub without: f64,
    /// The difference.
    pub gain: f64,
    /// The difference's standard error.
    pub standard_error: f64,
    /// Lower end of the difference's 95% interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The gain in AUROC of some risks over others; none unless some rows had the event and some had not.
///
/// The standard error is that of DeLong, DeLong and Clarke-Pearson (1988) for paired curves, with all rows of one person
/// taken together as in Obuchowski (1997), so that somebody with several rows does not count as several. It does not depend
/// on the order of the rows.
///
/// # Errors
/// [`Error::Length`] when the lengths differ, [`Error::NotARisk`] for a risk outside 0 to 1.
///
/// # Example
/// ```
/// use earlycall_model::metrics::auroc_gain;
/// let events = [true, true, false, false];
/// let gain = auroc_gain(&[0.9, 0.8, 0.2, 0.1], &[0.9, 0.2, 0.8, 0.1], &events, &[1, 2, 3, 4]).unwrap().unwrap();
/// assert_eq!((gain.with, gain.without, gain.gain), (1.0, 0.75, 0.25));
/// assert!(auroc_gain(&[0.9], &[0.9], &[true], &[1]).unwrap().is_none(), "nobody to be above of");
/// assert!(auroc_gain(&[0.9], &[0.9, 0.1], &[true], &[1]).is_err());
/// ```
pub fn auroc_gain(with: &[f64], without: &[f64], events: &[bool], persons: &[u64]) -> Result<Option<Gain>> {
    for found in [without.len(), persons.len()] {
        if found != events.len() {
            return Err(Error::Length { what: "rows", found, expected: events.len() });
        }
    }
    let (with, without) = (Placements::of(with, events)?, Placements::of(without, events)?);
    let Some((with, without)) = with.zip(without) else { return Ok(None) };
    let n_events = events.iter().filter(|event| **event).count() as f64;
    let n_others = events.len() as f64 - n_events;
    // By person, so that a sum over rows does not depend on their order beyond that within one person.
    let mut of_persons: BTreeMap<u64, f64> = BTreeMap::new();
    for (row, (person, event)) in persons.iter().zip(events).enumerate() {
        let moved = (with.shares[row] - with.auroc) - (without.shares[row] - without.auroc);
        *of_persons.entry(*person).or_default() += moved / if *event { n_events } else { n_others };
    }
    let standard_error = of_persons.values().map(|moved| moved * moved).sum::<f64>().sqrt();
    let gain = with.auroc - without.auroc;
    Ok(Some(Gain {
        with: tidy(with.auroc),
        without: tidy(without.auroc),
        gain: tidy(gain),
        standard_error: tidy(standard_error),
        low: tidy(gain - STANDARD_ERRORS * standard_error),
        high: tidy(gain + STANDARD_ERRORS * standard_error),
    }))
}

/// Per row with the event, the share of the others whose risk is lower; per row without, the share of those with the event
/// whose risk is higher; equal risks count half.
struct Placements {
    auroc: f64,
    shares: Vec<f64>,
}

impl Placements {
    fn of(risks: &[f64], events: &[bool]) -> Result<Option<Placements>> {
        let sorted = sorted(risks, events)?;
        let n_events = sorted.iter().filter(|(_, event)| *event).count();
        let n_others = sorted.len() - n_events;
        if n_events == 0 || n_others == 0 {
            return Ok(None);
        }
        // Per distinct risk: how many lie below it with the event and without, and the same of itself.
        let mut known: Vec<(f64, [usize; 4])> = Vec::new();
        let (mut with_below, mut without_below) = (0, 0);
        for group in ties(&sorted) {
            let with = group.iter().filter(|(_, event)| *event).count();
            let without = group.len() - with;
            known.push((group[0].0, [with_below, with, without_below, without]));
            (with_below, without_below) = (with_below + with, without_below + without);
        }
        let share = |(risk, event): (&f64, &bool)| {
            let at = known.partition_point(|(known, _)| known.total_cmp(risk).is_lt());
            let [with_below, with, without_below, without] = known[at].1;
            match event {
                true => (without_below as f64 + 0.5 * without as f64) / n_others as f64,
                false => (n_events as f64 - with_below as f64 - 0.5 * with as f64) / n_events as f64,
            }
        };
        let auroc = super::ranking::auroc(&sorted).expect("there are rows of both kinds");
        Ok(Some(Placements { auroc, shares: risks.iter().zip(events).map(share).collect() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::mix;
    use proptest::prelude::*;

    /// A number by lot from 0 to below 1.
    fn lot(seed: u64) -> f64 {
        (mix(seed) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Rows whose risk with something knows more than the risk without: `sharpness` of 0 says nothing more.
    fn drawn(seed: u64, n: u64, sharpness: f64) -> (Vec<f64>, Vec<f64>, Vec<bool>) {
        let rows = (0..n).map(|row| {
            let (known, more, noise) = (lot(seed + 3 * row), lot(seed + 3 * row + 1), lot(seed + 3 * row + 2));
            let risk = 0.05 + 0.5 * known * known;
            let event = lot(seed ^ mix(row)) < (risk + sharpness * (more - 0.5)).clamp(0.0, 1.0);
            let without = (0.9 * known + 0.1 * noise).clamp(0.0, 1.0);
            // With nothing to gain, what is added is noise of the same size in another place.
            let with =
                (0.9 * known + 0.1 * if sharpness > 0.0 { more } else { lot(seed ^ mix(row + n)) }).clamp(0.0, 1.0);
            (with, without, event)
        });
        let (mut with, mut without, mut events) = (vec![], vec![], vec![]);
        rows.for_each(|(a, b, event)| {
            with.push(a);
            without.push(b);
            events.push(event);
        });
        (with, without, events)
    }

    #[test]
    fn a_standard_error_is_worked_out_by_hand() {
        // Two events, two others. With: shares 1, 1 | 1, 1. Without: 1, 1/2 | 1/2, 1; AUROC 3/4.
        // Each row's move: 0 - 1/4, 0 + 1/4 | 0 + 1/4, 0 - 1/4, over 2: four squares of 1/8, the root of 4/64.
        let gain = |persons: &[u64]| {
            auroc_gain(&[0.9, 0.8, 0.2, 0.1], &[0.9, 0.2, 0.8, 0.1], &[true, true, false, false], persons)
                .unwrap()
                .unwrap()
        };
        assert_eq!((gain(&[1, 2, 3, 4]).gain, gain(&[1, 2, 3, 4]).standard_error), (0.25, 0.25));
        assert_eq!(
            gain(&[1, 2, 2, 1]).standard_error,
            tidy(0.125_f64.sqrt()),
            "moves of one person add up: two of 1/4"
        );
        assert_eq!(gain(&[1, 1, 3, 3]).standard_error, 0.0, "or cancel out");
    }

    #[test]
    fn of_a_hundred_gains_of_nothing_about_95_intervals_hold_nothing() {
        let holds = |seed: &u64| {
            let (with, without, events) = drawn(mix(*seed), 600, 0.0);
            let persons: Vec<u64> = (0..600).collect();
            let gain = auroc_gain(&with, &without, &events, &persons).unwrap().unwrap();
            gain.low <= 0.0 && 0.0 <= gain.high
        };
        let n = (0..100).filter(holds).count();
        assert!((88..=100).contains(&n), "{n}");
    }

    #[test]
    fn a_real_gain_is_found() {
        let (with, without, events) = drawn(7, 4000, 0.4);
        let persons: Vec<u64> = (0..4000).collect();
        let gain = auroc_gain(&with, &without, &events, &persons).unwrap().unwrap();
        assert!(gain.gain > 3.0 * gain.standard_error && gain.low > 0.0, "{gain:?}");
    }

    proptest! {
        #[test]
        fn who_is_doubled_as_one_person_is_no_surer(rows in prop::collection::vec((0.0..=1.0, 0.0..=1.0, any::<bool>()), 2..40)) {
            let (with, rest): (Vec<f64>, Vec<(f64, bool)>) = rows.iter().map(|(a, b, e)| (*a, (*b, *e))).unzip();
            let (without, events): (Vec<f64>, Vec<bool>) = rest.into_iter().unzip();
            let persons: Vec<u64> = (0..rows.len() as u64).collect();
            let Some(once) = auroc_gain(&with, &without, &events, &persons).unwrap() else { return Ok(()) };
            let twice = |of: &[f64]| [of, of].concat();
            let doubled = auroc_gain(
                &twice(&with), &twice(&without), &[&events[..], &events].concat(), &[&persons[..], &persons].concat(),
            ).unwrap().unwrap();
            prop_assert!((once.gain - doubled.gain).abs() < 1e-12);
            prop_assert!((once.standard_error - doubled.standard_error).abs() < 1e-12);
        }
    }
}
