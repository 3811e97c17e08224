//! People whose real risk within each of several horizons is known, because a formula drew what happened to them.

use earlycall_model::horizons::{End, FollowUp, HorizonsTraining};
use earlycall_model::{Column, ColumnKind, Rows};
use ndarray::Array2;

use crate::simulate::Random;

/// The horizons, and between them the stretches of time in which chances are as they are.
pub const DAYS: [u32; 4] = [30, 90, 180, 365];

pub struct Cohort {
    pub columns: Vec<Column>,
    pub x: Array2<f64>,
    pub follow_ups: Vec<FollowUp>,
    pub persons: Vec<u64>,
    /// The real risk of an admission within each horizon.
    pub true_risks: Vec<[f64; 4]>,
}

impl Cohort {
    pub fn rows(&self) -> Rows<'_> {
        Rows { columns: &self.columns, x: self.x.view() }
    }

    pub fn training(&self) -> HorizonsTraining<'_> {
        HorizonsTraining { rows: self.rows(), follow_ups: &self.follow_ups, persons: &self.persons }
    }

    /// Whether each person was admitted within a horizon; nobody is lost.
    pub fn events(&self, horizon_days: u32) -> Vec<bool> {
        self.follow_ups.iter().map(|one| one.admitted_within(horizon_days).unwrap()).collect()
    }
}

pub fn columns() -> Vec<Column> {
    vec![
        Column::new("was_discharged", "discharge", ColumnKind::Flag),
        Column::new("is_dying", "dying", ColumnKind::Flag),
        Column::new("admissions_n", "admissions", ColumnKind::Count),
        Column::new("age_years", "age", ColumnKind::Measure),
        Column::new("noise", "noise", ColumnKind::Measure),
    ]
}

/// Chances of admission and of death in a stretch of time, for somebody who comes to it alive and not yet admitted.
///
/// A discharge raises the first month's risk most and after half a year none; the dying mostly die, within any stretch.
fn chances(row: [f64; 5], stretch: usize) -> [f64; 2] {
    let [was_discharged, is_dying, admissions, age, _] = row;
    let discharge = [1.8, 0.9, 0.3, 0.0][stretch] * was_discharged;
    let age = if age.is_nan() { 0.3 } else { 0.03 * (age - 60.0) };
    let log_odds = [-4.0, -3.4, -3.1, -2.6][stretch] + discharge + 0.5 * admissions.ln_1p() + age + 0.4 * is_dying;
    let dies = if is_dying == 1.0 { 0.3 } else { 0.004 };
    let admitted = 1.0 / (1.0 + f64::exp(-log_odds));
    [admitted * (1.0 - dies), dies]
}

/// `n` people, drawn from a seed. Nobody is lost.
pub fn cohort(n: usize, seed: u64) -> Cohort {
    let mut random = Random(seed);
    let mut x = Array2::zeros((n, 5));
    let (mut follow_ups, mut true_risks) = (Vec::new(), Vec::new());
    for mut values in x.rows_mut() {
        let age = if random.chance(0.1) { f64::NAN } else { (30.0 + 60.0 * random.share()).floor() };
        let row = [
            f64::from(random.chance(0.15)),
            f64::from(random.chance(0.08)),
            random.run(0.35),
            age,
            (10.0 * random.share()).floor(),
        ];
        values.iter_mut().zip(row).for_each(|(cell, value)| *cell = value);
        let (mut neither, mut risk, mut risks) = (1.0, 0.0, [0.0; 4]);
        let mut follow_up = FollowUp { days: 365, end: End::Lost, seen_days: 365 };
        for stretch in 0..4 {
            let [admitted, dies] = chances(row, stretch);
            risk += neither * admitted;
            neither *= 1.0 - admitted - dies;
            risks[stretch] = risk;
            let lot = random.share();
            if follow_up.end == End::Lost && lot < admitted + dies {
                let first = if stretch == 0 { 0 } else { DAYS[stretch - 1] };
                let days = first + 1 + (random.share() * f64::from(DAYS[stretch] - first)) as u32;
                follow_up = FollowUp { days, end: if lot < admitted { End::Admitted } else { End::Died }, ..follow_up };
            }
        }
        follow_ups.push(follow_up);
        true_risks.push(risks);
    }
    Cohort { columns: columns(), x, follow_ups, persons: (0..n as u64).collect(), true_risks }
}
