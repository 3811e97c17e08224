//! Bins worked out beforehand, since most values are small whole numbers: flags, counts, days.

use std::fmt;

use super::bins::Bins;
use super::formula::BoostedFormula;
use crate::table::place_in_table;

/// Whole numbers up to this stand in a table at most: eleven years of days.
const WHOLE_MAX: f64 = 4095.0;

/// Rows that are added up together: the sum of one row is a chain of additions, of which the processor can follow several
/// at once.
const TOGETHER: usize = 4;

/// The bin of something that isn't in a table.
const ASK: u16 = u16::MAX;

/// What is needed to score quickly; the same bits as the curves and surfaces give, added in their order.
#[derive(Clone, PartialEq)]
pub(super) struct Lookup {
    /// The bin of every small whole number, table after table, and after each table [`ASK`].
    bins: Vec<u16>,
    /// Where the table of each column starts, and how long it is.
    starts: Vec<u32>,
    beyond: Vec<f64>,
    /// What to ask about other values.
    others: Vec<Bins>,
    /// The heights of all curves.
    heights: Vec<f64>,
    /// The columns whose curve says anything, and where its heights start.
    curves: Vec<(usize, u32)>,
    pairs: Vec<Pair>,
}

#[derive(Clone, PartialEq)]
struct Pair {
    columns: [usize; 2],
    /// For each bin, where its row of cells starts, and its place in it.
    rows: Vec<u32>,
    places: Vec<u32>,
    heights: Vec<f64>,
}

impl Lookup {
    pub(super) fn of(formula: &BoostedFormula) -> Lookup {
        let mut lookup = Lookup {
            bins: Vec::new(),
            starts: Vec::new(),
            beyond: Vec::new(),
            others: Vec::new(),
            heights: Vec::new(),
            curves: Vec::new(),
            pairs: Vec::new(),
        };
        for curve in &formula.curves {
            let last = match &curve.bins {
                Bins::Cuts(ends) | Bins::Levels(ends) => ends.last().map_or(0.0, |last| last.ceil()),
            };
            let places = last.clamp(0.0, WHOLE_MAX) + 1.0;
            lookup.starts.push(lookup.bins.len() as u32);
            lookup.beyond.push(places);
            lookup.bins.extend((0..places as u32).map(|whole| curve.bins.of(f64::from(whole)) as u16));
            lookup.bins.push(ASK);
            lookup.others.push(curve.bins.clone());
            if !curve.is_flat() {
                lookup.curves.push((lookup.others.len() - 1, lookup.heights.len() as u32));
            }
            lookup.heights.extend(&curve.heights);
        }
        for surface in &formula.surfaces {
            let width = surface.width();
            lookup.pairs.push(Pair {
                columns: surface.columns,
                rows: surface.groups[0].iter().map(|group| (group * width) as u32).collect(),
                places: surface.groups[1].iter().map(|group| *group as u32).collect(),
                heights: surface.heights.clone(),
            });
        }
        lookup
    }

    /// The log-odds of rows that stand one after the other.
    pub(super) fn add_up<T: Copy + Into<f64>>(&self, values: &[T], base: f64, log_odds: &mut [f64]) {
        let width = self.starts.len();
        let mut bins = vec![0_u32; TOGETHER * width];
        let mut places = vec![0_u32; width];
        for (group, log_odds) in log_odds.chunks_mut(TOGETHER).enumerate() {
            let row = group * TOGETHER;
            let values = &values[row * width..(row + log_odds.len()) * width];
            for (values, bins) in values.chunks_exact(width.max(1)).zip(bins.chunks_exact_mut(width.max(1))) {
                self.bins(values, &mut places, bins);
            }
            let sums = self.sums(base, &bins);
            // The last group may have fewer rows; what is left of earlier ones in their place is not taken.
            log_odds.copy_from_slice(&sums[..log_odds.len()]);
        }
    }

    /// The bin of every value of a row.
    fn bins<T: Copy + Into<f64>>(&self, values: &[T], places: &mut [u32], bins: &mut [u32]) {
        // Two loops: the processor works out several places at once, and can then look them up one by one.
        for (((place, x), start), beyond) in places.iter_mut().zip(values).zip(&self.starts).zip(&self.beyond) {
            *place = start.wrapping_add(place_in_table((*x).into(), *beyond));
        }
        for (column, (bin, place)) in bins.iter_mut().zip(places).enumerate() {
            let found = self.bins[*place as usize];
            *bin = if found == ASK { self.others[column].of(values[column].into()) as u32 } else { u32::from(found) };
        }
    }

    /// The log-odds of a few rows: the base, then the curves in column order, then the surfaces.
    fn sums(&self, base: f64, bins: &[u32]) -> [f64; TOGETHER] {
        let width = self.starts.len();
        let (a, rest) = bins.split_at(width);
        let (b, rest) = rest.split_at(width);
        let (c, d) = rest.split_at(width);
        let mut sums = [base; TOGETHER];
        for (column, start) in &self.curves {
            for (sum, bins) in sums.iter_mut().zip([a, b, c, d]) {
                *sum += self.heights[(*start + bins[*column]) as usize];
            }
        }
        for pair in &self.pairs {
            let [first, second] = pair.columns;
            for (sum, bins) in sums.iter_mut().zip([a, b, c, d]) {
                let cell = pair.rows[bins[first] as usize] + pair.places[bins[second] as usize];
                *sum += pair.heights[cell as usize];
            }
        }
        sums
    }
}

/// Thousands of numbers would tell nobody anything.
impl fmt::Debug for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lookup").field("places", &self.bins.len()).finish_non_exhaustive()
    }
}
