//! Boosting: round after round, every term takes a small step, until unseen people are served no better.

use super::state::{State, Sums};
use super::step::{self, Stride};
use super::term::Term;
use crate::number::log_loss;

/// What a loss must fall by to count, as a share of it.
const HELPS: f64 = 1e-7;

/// Curves and surfaces as far as they have grown.
#[derive(Clone)]
pub(super) struct Growth {
    pub(super) base: f64,
    /// The height of every cell of every term.
    pub(super) heights: Vec<Vec<f64>>,
    pub(super) rounds: usize,
}

impl Growth {
    /// Nothing yet.
    pub(super) fn none(terms: &[Term]) -> Growth {
        Growth { base: 0.0, heights: terms.iter().map(|term| vec![0.0; term.n_cells]).collect(), rounds: 0 }
    }
}

/// How it grows.
#[derive(Clone, Copy)]
pub(super) struct Pace {
    pub(super) stride: Stride,
    pub(super) rounds: usize,
    pub(super) patience: usize,
}

/// Who is learnt from, with what weight, and who only says when to stop.
pub(super) struct Bag<'a> {
    pub(super) events: &'a [bool],
    pub(super) weights: Option<&'a [f64]>,
    /// The bag of each row.
    pub(super) bags: &'a [usize],
    /// The bag that is not learnt from.
    pub(super) held_out: usize,
}

impl Bag<'_> {
    fn weight(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[row])
    }

    fn aims(&self) -> Vec<[f32; 2]> {
        let aim = |row: usize| {
            let weight = if self.bags[row] == self.held_out { 0.0 } else { self.weight(row) };
            [weight as f32, if self.events[row] { weight as f32 } else { 0.0 }]
        };
        (0..self.events.len()).map(aim).collect()
    }

    /// Mean log loss of the rows that are not learnt from.
    fn loss(&self, log_odds: &[f32]) -> f64 {
        let (mut loss, mut weights) = (0.0, 0.0);
        for (row, bag) in self.bags.iter().enumerate() {
            if *bag == self.held_out {
                let weight = self.weight(row);
                loss += weight * log_loss(f64::from(log_odds[row]), self.events[row]);
                weights += weight;
            }
        }
        loss / weights
    }
}

/// Grows on from a start, and returns where unseen people were served best, with the log-odds of every row there.
pub(super) fn grow(terms: &[Term], start: &Growth, bag: &Bag, pace: &Pace) -> (Growth, Vec<f32>) {
    let mut state = standing_at(terms, start, bag);
    let mut growth = start.clone();
    let mut best = Best { loss: bag.loss(state.log_odds()), growth: start.clone() };
    let mut room = Room::default();
    for _ in 0..pace.rounds {
        settle_base(&mut state, &mut growth);
        for (term, heights) in terms.iter().zip(&mut growth.heights) {
            room.step(&mut state, term, heights, pace.stride);
        }
        growth.rounds += 1;
        let loss = bag.loss(state.log_odds());
        if loss < best.loss * (1.0 - HELPS) {
            best = Best { loss, growth: growth.clone() };
        } else if growth.rounds >= best.growth.rounds + pace.patience {
            break;
        }
    }
    let mut best = best.growth;
    let mut state = standing_at(terms, &best, bag);
    settle_base(&mut state, &mut best);
    (best, state.log_odds().to_vec())
}

struct Best {
    loss: f64,
    growth: Growth,
}

/// The rows where a growth puts them.
fn standing_at(terms: &[Term], growth: &Growth, bag: &Bag) -> State {
    let mut state = State::new(bag.aims());
    state.raise_all(growth.base as f32);
    for (term, heights) in terms.iter().zip(&growth.heights) {
        if heights.iter().any(|height| *height != 0.0) {
            state.add(term, &heights.iter().map(|height| *height as f32).collect::<Vec<f32>>());
        }
    }
    state
}

/// Newton's whole step of the base.
fn settle_base(state: &mut State, growth: &mut Growth) {
    let by = step::newton(state.total, 0.0);
    growth.base += by;
    state.raise_all(by as f32);
}

/// Room that every step uses again.
#[derive(Default)]
struct Room {
    sums: Vec<Sums>,
    step: Vec<f64>,
    short: Vec<f32>,
}

impl Room {
    /// One step of one term.
    fn step(&mut self, state: &mut State, term: &Term, heights: &mut [f64], stride: Stride) {
        state.by_cell(term, &mut self.sums);
        let gain = step::find(term, &self.sums, stride, &mut self.step);
        if gain <= 0.0 {
            return;
        }
        heights.iter_mut().zip(&self.step).for_each(|(height, step)| *height += step);
        self.short.clear();
        self.short.extend(self.step.iter().map(|step| *step as f32));
        state.add(term, &self.short);
    }
}
