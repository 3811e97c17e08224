//! Where the log-odds of every row stand, and which way they should go.
//!
//! Short numbers do: what they are rounded by is far below what a step is. Everything is added up in a fixed order.

use super::term::{Cells, Term};

/// Rows that are worked on at a time, in the processor's nearest memory.
const CHUNK: usize = 64;

/// Slope and bend of the loss, summed.
pub(super) type Sums = [f64; 2];

/// The rows as one bag sees them.
pub(super) struct State {
    log_odds: Vec<f32>,
    /// Slope and bend of the loss of each row.
    slopes: Vec<[f32; 2]>,
    /// Weight of each row and weight times outcome; both 0 for rows that are not learnt from.
    aims: Vec<[f32; 2]>,
    /// Slope and bend over all rows.
    pub(super) total: Sums,
}

impl State {
    /// Rows that all stand at 0.
    pub(super) fn new(aims: Vec<[f32; 2]>) -> State {
        let mut state =
            State { log_odds: vec![0.0; aims.len()], slopes: vec![[0.0; 2]; aims.len()], aims, total: [0.0; 2] };
        state.raise_all(0.0);
        state
    }

    pub(super) fn log_odds(&self) -> &[f32] {
        &self.log_odds
    }

    /// Adds a number to the log-odds of every row.
    pub(super) fn raise_all(&mut self, by: f32) {
        self.move_all(std::iter::repeat_n(0_u8, self.log_odds.len()).collect::<Vec<u8>>().as_slice(), &[by]);
    }

    /// Adds the height of its cell to the log-odds of every row that a term can move.
    pub(super) fn add(&mut self, term: &Term, heights: &[f32]) {
        match (&term.rows, &term.cells) {
            (None, Cells::One(cell)) => self.raise_all(heights[*cell]),
            (None, Cells::Bytes(cells)) => self.move_all(cells, heights),
            (None, Cells::Words(cells)) => self.move_all(cells, heights),
            (Some(rows), Cells::One(cell)) => self.move_listed(rows, std::iter::repeat(heights[*cell])),
            (Some(rows), Cells::Bytes(cells)) => {
                self.move_listed(rows, cells.iter().map(|cell| heights[usize::from(*cell)]));
            }
            (Some(rows), Cells::Words(cells)) => {
                self.move_listed(rows, cells.iter().map(|cell| heights[usize::from(*cell)]));
            }
        }
    }

    fn move_all<P: Copy + Into<usize>>(&mut self, cells: &[P], heights: &[f32]) {
        let mut total = Lanes::default();
        let chunks = self.log_odds.chunks_mut(CHUNK).zip(self.slopes.chunks_mut(CHUNK));
        for (((log_odds, slopes), aims), cells) in chunks.zip(self.aims.chunks(CHUNK)).zip(cells.chunks(CHUNK)) {
            for (log_odds, cell) in log_odds.iter_mut().zip(cells) {
                *log_odds += heights[(*cell).into()];
            }
            for ((slope, log_odds), aim) in slopes.iter_mut().zip(log_odds).zip(aims) {
                *slope = slope_of(*log_odds, *aim);
            }
            total.add(slopes);
        }
        self.total = total.sum();
    }

    fn move_listed(&mut self, rows: &[u32], mut heights: impl Iterator<Item = f32>) {
        let (mut before, mut after) = (Lanes::default(), Lanes::default());
        let mut log_odds = [0.0; CHUNK];
        let mut aims = [[0.0; 2]; CHUNK];
        let mut slopes = [[0.0; 2]; CHUNK];
        for rows in rows.chunks(CHUNK) {
            for (place, (row, height)) in rows.iter().zip(&mut heights).enumerate() {
                let row = *row as usize;
                log_odds[place] = self.log_odds[row] + height;
                aims[place] = self.aims[row];
                slopes[place] = self.slopes[row];
            }
            before.add(&slopes[..rows.len()]);
            for place in 0..CHUNK {
                slopes[place] = slope_of(log_odds[place], aims[place]);
            }
            after.add(&slopes[..rows.len()]);
            for (place, row) in rows.iter().enumerate() {
                let row = *row as usize;
                self.log_odds[row] = log_odds[place];
                self.slopes[row] = slopes[place];
            }
        }
        let (before, after) = (before.sum(), after.sum());
        self.total = [self.total[0] + after[0] - before[0], self.total[1] + after[1] - before[1]];
    }

    /// Slope and bend of the loss by cell of a term.
    pub(super) fn by_cell(&self, term: &Term, sums: &mut Vec<Sums>) {
        sums.clear();
        sums.resize(term.n_cells, [0.0; 2]);
        match (&term.rows, &term.cells) {
            (None, Cells::One(cell)) => sums[*cell] = self.total,
            (None, Cells::Bytes(cells)) => tally(self.slopes.iter().zip(cells), sums),
            (None, Cells::Words(cells)) => tally(self.slopes.iter().zip(cells), sums),
            (Some(rows), Cells::One(cell)) => sums[*cell] = self.of_rows(rows),
            (Some(rows), Cells::Bytes(cells)) => tally(rows.iter().map(|row| self.slope(row)).zip(cells), sums),
            (Some(rows), Cells::Words(cells)) => tally(rows.iter().map(|row| self.slope(row)).zip(cells), sums),
        }
        if let Some(usual) = term.usual {
            let others = sums.iter().fold([0.0; 2], |sum, cell| [sum[0] + cell[0], sum[1] + cell[1]]);
            sums[usual] = [self.total[0] - others[0], (self.total[1] - others[1]).max(0.0)];
        }
    }

    fn slope(&self, row: &u32) -> &[f32; 2] {
        &self.slopes[*row as usize]
    }

    fn of_rows(&self, rows: &[u32]) -> Sums {
        let mut lanes = Lanes::default();
        let mut slopes = [[0.0; 2]; CHUNK];
        for rows in rows.chunks(CHUNK) {
            for (slope, row) in slopes.iter_mut().zip(rows) {
                *slope = *self.slope(row);
            }
            lanes.add(&slopes[..rows.len()]);
        }
        lanes.sum()
    }
}

fn tally<'a, P: Copy + Into<usize> + 'a>(
    slopes_and_cells: impl Iterator<Item = (&'a [f32; 2], &'a P)>,
    sums: &mut [Sums],
) {
    for (slope, cell) in slopes_and_cells {
        let sum = &mut sums[(*cell).into()];
        *sum = [sum[0] + f64::from(slope[0]), sum[1] + f64::from(slope[1])];
    }
}

/// Slope and bend of the weighted loss at log-odds.
#[inline]
fn slope_of(log_odds: f32, [weight, target]: [f32; 2]) -> [f32; 2] {
    let risk = risk(log_odds);
    [weight * risk - target, weight * risk * (1.0 - risk)]
}

/// The probability that belongs to log-odds, the same bits on every machine, right to a millionth.
#[inline]
fn risk(log_odds: f32) -> f32 {
    // 2^23 * 1.5: what is added to this is rounded to a whole number in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    let halvings = (-log_odds).clamp(-40.0, 40.0) * std::f32::consts::LOG2_E;
    let shifted = halvings + ROUND;
    let rest = (halvings - (shifted - ROUND)) * std::f32::consts::LN_2;
    let near_one = 1.0 + rest * (1.0 + rest * (0.5 + rest * (1.0 / 6.0 + rest * (1.0 / 24.0 + rest * (1.0 / 120.0)))));
    let power = f32::from_bits(shifted.to_bits().wrapping_add(127) << 23);
    1.0 / (1.0 + near_one * power)
}

/// Sums side by side, so that no addition waits for the one before.
#[derive(Default)]
struct Lanes([f64; 8]);

impl Lanes {
    #[inline]
    fn add(&mut self, slopes: &[[f32; 2]]) {
        let (fours, rest) = slopes.as_chunks::<4>();
        for four in fours {
            for (lane, value) in self.0.iter_mut().zip(four.as_flattened()) {
                *lane += f64::from(*value);
            }
        }
        for (lane, value) in self.0.iter_mut().zip(rest.as_flattened()) {
            *lane += f64::from(*value);
        }
    }

    fn sum(&self) -> Sums {
        let lanes = &self.0;
        [lanes[0] + lanes[2] + lanes[4] + lanes[6], lanes[1] + lanes[3] + lanes[5] + lanes[7]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::risk_from_log_odds;

    #[test]
    fn the_quick_risk_is_the_risk() {
        for tenth in -500..500 {
            let log_odds = tenth as f32 / 10.0 + 0.037;
            let expected = risk_from_log_odds(f64::from(log_odds));
            assert!((f64::from(risk(log_odds)) - expected).abs() < 1e-6, "{log_odds}");
        }
        assert_eq!(risk(0.0), 0.5);
    }
}
