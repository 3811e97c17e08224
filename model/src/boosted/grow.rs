//! Boosting: round after round, every term takes a small step, until unseen people are served no better.

use std::sync::Mutex;

use super::state::{State, Sums};
use super::step::{self, Stride};
use super::term::Term;
use crate::number::log_loss;
use crate::stripes::in_order;

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
    pub(super) threads: usize,
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

/// The most steps of a term in a round.
const STEPS_MAX: usize = 10;

/// Rounds that every bag takes before they look at each other again.
const TOGETHER: usize = 10;

/// Grows all bags on from where they stand, up to the round after which unseen people are served best, all bags together;
/// a bag alone has too few people to say. Returns them with the log-odds of every row by the bag that holds it out.
pub(super) fn grow(terms: &[Term], start: Vec<Growth>, bags: &[Bag], pace: &Pace) -> (Vec<Growth>, Vec<f64>) {
    let growers: Vec<Mutex<Grower>> = start.into_iter().map(|growth| Mutex::new(Grower::at(growth))).collect();
    let each = |work: &(dyn Fn(usize, &mut Grower) + Sync)| {
        in_order(bags.len(), pace.threads, |bag| {
            work(bag, &mut growers[bag].lock().expect("another bag panics only for a bug"));
        });
    };
    each(&|bag, grower| grower.begin(terms, &bags[bag]));
    let mut best = (mean_loss(&growers, 0), 0);
    let mut seen = 0;
    while seen < pace.rounds && seen < best.1 + pace.patience {
        let rounds = TOGETHER.min(pace.rounds - seen);
        each(&|bag, grower| grower.rounds(terms, &bags[bag], pace.stride, rounds));
        for round in seen + 1..=seen + rounds {
            let loss = mean_loss(&growers, round);
            if loss < best.0 * (1.0 - HELPS) {
                best = (loss, round);
            }
        }
        seen += rounds;
        each(&|_, grower| grower.forget_before(best.1));
    }
    each(&|bag, grower| grower.go_back_to(best.1, terms, &bags[bag]));
    let growers: Vec<Grower> = growers.into_iter().map(|grower| grower.into_inner().expect("as above")).collect();
    let unseen = |(row, bag): (usize, &usize)| f64::from(growers[*bag].state.log_odds()[row]);
    let unseen = bags[0].bags.iter().enumerate().map(unseen).collect();
    (growers.into_iter().map(|grower| grower.growth).collect(), unseen)
}

/// Mean over the bags of what unseen people lose after a round.
fn mean_loss(growers: &[Mutex<Grower>], round: usize) -> f64 {
    growers.iter().map(|grower| grower.lock().expect("nobody works").losses[round]).sum::<f64>() / growers.len() as f64
}

/// One bag on its way.
struct Grower {
    growth: Growth,
    state: State,
    /// What unseen people lose after each round, from none on.
    losses: Vec<f64>,
    /// The latest rounds, of which one may turn out to be the best; the first is round `kept_from`.
    kept: Vec<Growth>,
    kept_from: usize,
}

impl Grower {
    fn at(growth: Growth) -> Grower {
        Grower { kept: vec![growth.clone()], growth, state: State::new(Vec::new()), losses: Vec::new(), kept_from: 0 }
    }

    fn begin(&mut self, terms: &[Term], bag: &Bag) {
        self.state = standing_at(terms, &self.growth, bag);
        self.losses.push(bag.loss(self.state.log_odds()));
    }

    fn rounds(&mut self, terms: &[Term], bag: &Bag, stride: Stride, rounds: usize) {
        let mut room = Room::default();
        for _ in 0..rounds {
            settle_base(&mut self.state, &mut self.growth);
            for (term, heights) in terms.iter().zip(&mut self.growth.heights) {
                room.step(&mut self.state, term, heights, stride);
            }
            self.growth.rounds += 1;
            self.losses.push(bag.loss(self.state.log_odds()));
            self.kept.push(self.growth.clone());
        }
    }

    fn forget_before(&mut self, round: usize) {
        self.kept.drain(..round - self.kept_from);
        self.kept_from = round;
    }

    fn go_back_to(&mut self, round: usize, terms: &[Term], bag: &Bag) {
        self.growth = self.kept.swap_remove(round - self.kept_from);
        self.state = standing_at(terms, &self.growth, bag);
        settle_base(&mut self.state, &mut self.growth);
    }
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
    /// The steps of one term in a round: one, and more as long as they gain much. So what many rows are sure of is learnt
    /// before what few rows hint at has had the time to overfit.
    fn step(&mut self, state: &mut State, term: &Term, heights: &mut [f64], stride: Stride) {
        for _ in 0..STEPS_MAX {
            state.by_cell(term, &mut self.sums);
            let gain = step::find(term, heights, &self.sums, stride, &mut self.step);
            if gain <= 0.0 {
                return;
            }
            heights.iter_mut().zip(&self.step).for_each(|(height, step)| *height += step);
            self.short.clear();
            self.short.extend(self.step.iter().map(|step| *step as f32));
            state.add(term, &self.short);
            if gain < stride.eager * step::freedom(term, stride.leaves) {
                return;
            }
        }
    }
}
