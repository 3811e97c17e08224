//! People whose real risk is known, because a formula drew it. Seeded; no dependence on any crate's generator.

use std::sync::LazyLock;

use earlycall_model::{Column, ColumnKind, RiskModel, RiskModelParams, Rows, Training};
use ndarray::Array2;

/// splitmix64: enough for a test, the same everywhere.
pub struct Random(pub u64);

impl Random {
    /// From 0 to 1.
    pub fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn chance(&mut self, probability: f64) -> bool {
        self.share() < probability
    }

    /// How often in a row a chance comes true.
    pub fn run(&mut self, probability: f64) -> f64 {
        let mut n = 0.0;
        while self.chance(probability) {
            n += 1.0;
        }
        n
    }
}

pub struct People {
    pub columns: Vec<Column>,
    pub x: Array2<f64>,
    pub true_log_odds: Vec<f64>,
    pub events: Vec<bool>,
    pub persons: Vec<u64>,
}

impl People {
    pub fn rows(&self) -> Rows<'_> {
        Rows { columns: &self.columns, x: self.x.view() }
    }

    pub fn training(&self) -> Training<'_> {
        Training { rows: self.rows(), events: &self.events, persons: &self.persons }
    }
}

/// One column of every kind, a second one of the same statement, one of noise, one constant, one never fed.
pub fn columns() -> Vec<Column> {
    vec![
        Column::new("has_copd", "lungs", ColumnKind::Flag),
        Column::new("admissions_n", "hospital", ColumnKind::Count),
        Column::new("bed_days", "hospital", ColumnKind::Amount),
        Column::new("days_since_admission", "recent", ColumnKind::DaysSince),
        Column::new("age_years", "age", ColumnKind::Measure),
        Column::new("hba1c", "diabetes", ColumnKind::Measure),
        Column::new("noise", "noise", ColumnKind::Count),
        Column::new("constant", "constant", ColumnKind::Flag),
        Column::new("never_fed", "never_fed", ColumnKind::Amount),
    ]
}

/// `n` people, drawn from a seed.
pub fn people(n: usize, seed: u64) -> People {
    let mut random = Random(seed);
    let mut x = Array2::zeros((n, columns().len()));
    let (mut true_log_odds, mut events) = (Vec::new(), Vec::new());
    for mut row in x.rows_mut() {
        let copd = f64::from(random.chance(0.15));
        let admissions = random.run(0.3);
        let bed_days = if admissions > 0.0 { (admissions * 10.0 * random.share()).floor() } else { 0.0 };
        let since = if admissions > 0.0 { (700.0 * random.share()).floor() } else { f64::INFINITY };
        let age = (18.0 + 77.0 * random.share()).floor();
        let hba1c = if random.chance(0.4) { f64::NAN } else { (30.0 + 60.0 * random.share().powi(2)).floor() };
        let noise = random.run(0.5);
        let log_odds = -3.4
            + 0.8 * copd
            + 0.5 * admissions.ln_1p()
            + 0.2 * bed_days.ln_1p()
            + 1.2 * (-since / 120.0).exp()
            + 0.04 * (age - 55.0_f64).max(0.0)
            + if hba1c.is_nan() { 0.2 } else { 0.02 * (hba1c - 48.0).max(0.0) };
        let values = [copd, admissions, bed_days, since, age, hba1c, noise, 1.0, f64::NAN];
        row.iter_mut().zip(values).for_each(|(cell, value)| *cell = value);
        true_log_odds.push(log_odds);
        events.push(random.chance(1.0 / (1.0 + (-log_odds).exp())));
    }
    // Every fifth row is a second look at the person of the row before.
    let persons = (0..n as u64).map(|row| if row % 5 == 4 { row - 1 } else { row }).collect();
    People { columns: columns(), x, true_log_odds, events, persons }
}

/// A model of 1,500 people, fitted once for all tests.
pub fn model() -> &'static RiskModel {
    static MODEL: LazyLock<RiskModel> = LazyLock::new(|| {
        let params = RiskModelParams::new().folds(3).l2(&[100.0, 10.0]).check().unwrap();
        params.fit(&people(1500, 1).training()).unwrap()
    });
    &MODEL
}
