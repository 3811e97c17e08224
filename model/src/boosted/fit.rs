//! Fitting: bin, grow curves in every bag, look for pairs in what they leave over, grow on with surfaces, average.

use std::collections::BTreeSet;

use super::choose::choose;
use super::detect;
use super::drawing::Drawing;
use super::formula::BoostedFormula;
use super::grow::{Bag, Growth, Pace, grow};
use super::model::BoostedModel;
use super::params::BoostedValidParams;
use super::settings::Settings;
use super::sketch::{Plan, Sketch, mean};
use super::step::Stride;
use super::table::{self, Binned};
use super::term::{Side, Term};
use crate::calibrate::Calibration;
use crate::column::Training;
use crate::cross_validate::calibrate;
use crate::error::{Error, Result};
use crate::folds;
use crate::metrics::Metrics;
use crate::number::{risk_from_log_odds, tidy};

impl BoostedValidParams {
    /// Fits a calibrated additive model of curves and surfaces.
    ///
    /// People are dealt into bags. For every bag a model learns from all other people and stops when it gets no better for
    /// those of the bag; the result is the mean of these models, and how far they differ is the band of every curve. What
    /// each says of the people it didn't learn from gives the calibration and the metrics.
    ///
    /// The same training rows and settings give the same model, bit for bit, on any number of threads.
    ///
    /// # Errors
    /// [`Error::Length`] or [`Error::RepeatedColumn`] when the training data don't fit together, [`Error::NoSuchColumn`]
    /// when a shape is given to a column that isn't there, [`Error::TooFew`] when fewer people than bags had the event or
    /// did not have it.
    pub fn fit(&self, training: &Training) -> Result<BoostedModel> {
        Ok(self.fit_to(training, None)?.0)
    }

    /// The same, and the risk of every training row by the bag that did not learn from its person, calibrated on the other
    /// bags: what the metrics are measured on. People are dealt alike whatever the columns, so two models of the same rows
    /// are judged alike.
    ///
    /// # Errors
    /// As [`fit`](BoostedValidParams::fit).
    pub fn fit_judged(&self, training: &Training) -> Result<(BoostedModel, Vec<f64>)> {
        self.fit_to(training, None)
    }

    /// The same where rows have weights: a row of weight 2 teaches what two rows would.
    ///
    /// Nothing is calibrated then, since the rows are not as the people are; the metrics count every row once.
    ///
    /// # Errors
    /// As [`fit`](BoostedValidParams::fit); also unless there is a weight for every row, 0 or more and finite.
    pub fn fit_weighted(&self, training: &Training, weights: &[f64]) -> Result<BoostedModel> {
        let (found, expected) = (weights.len(), training.events.len());
        if found != expected {
            return Err(Error::Length { what: "weights", found, expected });
        }
        if !weights.iter().all(|weight| (0.0..=1e6).contains(weight)) || weights.iter().all(|weight| *weight == 0.0) {
            return Err(Error::Parameter { name: "weights", rule: "numbers from 0 to 10^6, not all 0" });
        }
        Ok(self.fit_to(training, Some(weights))?.0)
    }

    fn fit_to(&self, training: &Training, weights: Option<&[f64]>) -> Result<(BoostedModel, Vec<f64>)> {
        training.check()?;
        self.check_shapes(training)?;
        let bags = folds::deal(training.persons, training.events, self.settings.bags, self.settings.seed)?;
        let people = People { training, weights, bags: &bags };
        let columns =
            table::bin(training.rows.columns, training.rows.x, &self.shapes, self.settings.bins, self.threads);

        let curves: Vec<usize> = (0..columns.len()).filter(|column| !columns[*column].says_nothing()).collect();
        let mut terms: Vec<Term> =
            curves.iter().map(|column| Term::curve(&columns[*column], self.settings.l2)).collect();
        let start = vec![Growth::none(&terms); self.settings.bags];
        let mut grown = self.grow(&terms, start, &people);

        let sides = self.sides(&columns);
        let pairs = self.pairs(&sides, people.slopes(&grown.unseen));
        if !pairs.is_empty() {
            terms.extend(pairs.iter().map(|pair| {
                Term::surface(
                    pair.map(|column| sides[column].as_ref().expect("a pair has sides")),
                    self.settings.pair_l2,
                )
            }));
            let start: Vec<Growth> = grown.bags.into_iter().map(|bag| bag.with_room_for(&terms)).collect();
            grown = self.grow(&terms, start, &people);
        }
        let plan = Plan { columns: &columns, curves: &curves, sides: &sides, pairs: &pairs };
        self.assemble(&plan, &grown, &people)
    }

    fn check_shapes(&self, training: &Training) -> Result<()> {
        let known = |name: &String| training.rows.columns.iter().any(|column| column.name == *name);
        match self.shapes.keys().find(|name| !known(name)) {
            Some(unknown) => Err(Error::NoSuchColumn(unknown.clone())),
            None => Ok(()),
        }
    }

    /// Grows every bag on from where it stands.
    fn grow(&self, terms: &[Term], start: Vec<Growth>, people: &People) -> Grown {
        let Settings { learning_rate, leaves, eager, rounds, patience, bags, .. } = self.settings;
        let stride = Stride { learning_rate, leaves, eager };
        let pace = Pace { stride, rounds, patience, threads: self.threads };
        let bags: Vec<Bag> = (0..bags).map(|bag| people.bag(bag)).collect();
        let (bags, unseen) = grow(terms, start, &bags, &pace);
        Grown { bags, unseen }
    }

    /// The columns that may stand on one side of a surface.
    fn sides(&self, columns: &[Binned]) -> Vec<Option<Side>> {
        let mut met = BTreeSet::new();
        let mut side = |column: &Binned| {
            let side = Some(Side::of(column, self.settings.pair_bins))
                .filter(|_| !column.says_nothing() && self.settings.pairs > 0)?;
            // Two flags of which one is there where the other isn't tell the same: the first stands for both.
            met.insert(side.fingerprint()).then_some(side)
        };
        columns.iter().map(&mut side).collect()
    }

    /// The pairs that tell most, in what the curves leave over.
    fn pairs(&self, sides: &[Option<Side>], slopes: Vec<[f32; 2]>) -> Vec<[usize; 2]> {
        let Settings { pairs, pair_l2, .. } = self.settings;
        if pairs == 0 {
            return Vec::new();
        }
        let found = detect::pairs(sides, &slopes, pair_l2, self.threads);
        choose(found, sides, slopes, pairs, pair_l2)
    }

    fn assemble(&self, plan: &Plan, grown: &Grown, people: &People) -> Result<(BoostedModel, Vec<f64>)> {
        let training = people.training;
        let (calibration, risks) = match people.weights {
            None => calibrate(&grown.unseen, training.events, people.bags, self.threads),
            Some(_) => {
                let risks = grown.unseen.iter().map(|log_odds| risk_from_log_odds(*log_odds)).collect();
                (Calibration { scale: 1.0, shift: 0.0 }, risks)
            }
        };
        let metrics = Metrics::of(&risks, training.events)?;
        let counts: Vec<Vec<f64>> = (0..plan.pairs.len()).map(|pair| plan.counts(pair)).collect();
        let sketches: Vec<Sketch> = grown.bags.iter().map(|growth| plan.sketch(growth, &counts)).collect();
        let (heights, bands) = mean(&sketches);
        let drawing = Drawing { plan, counts: &counts, scale: calibration.scale, heights: &heights, bands: &bands };
        let curves = drawing.curves(training.rows.columns);
        let surfaces = drawing.surfaces();
        let formula = BoostedFormula {
            base: tidy(calibration.apply(heights.base)),
            calibration,
            settings: self.settings.clone(),
            rounds: grown.bags.iter().map(|bag| bag.rounds as u64).collect(),
            n_columns: curves.len(),
            curves,
            n_pairs: surfaces.len(),
            surfaces,
        };
        Ok((BoostedModel::assemble(formula, self.horizon_days, metrics), risks))
    }
}

/// The training rows, dealt into bags.
struct People<'a, 't> {
    training: &'a Training<'t>,
    weights: Option<&'a [f64]>,
    bags: &'a [usize],
}

impl People<'_, '_> {
    fn bag(&self, held_out: usize) -> Bag<'_> {
        Bag { events: self.training.events, weights: self.weights, bags: self.bags, held_out }
    }

    /// Slope and bend of the loss at log-odds.
    fn slopes(&self, log_odds: &[f64]) -> Vec<[f32; 2]> {
        let slope = |(row, log_odds): (usize, &f64)| {
            let weight = self.weights.map_or(1.0, |weights| weights[row]);
            let risk = risk_from_log_odds(*log_odds);
            let excess = risk - f64::from(self.training.events[row]);
            [(weight * excess) as f32, (weight * risk * (1.0 - risk)) as f32]
        };
        log_odds.iter().enumerate().map(slope).collect()
    }
}

/// All bags, and the log-odds of every row by the bag that has not learnt from it.
struct Grown {
    bags: Vec<Growth>,
    unseen: Vec<f64>,
}

impl Growth {
    /// The same, with terms added that have not grown yet.
    fn with_room_for(mut self, terms: &[Term]) -> Growth {
        self.heights.extend(terms[self.heights.len()..].iter().map(|term| vec![0.0; term.n_cells]));
        self
    }
}
