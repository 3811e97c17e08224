//! Made-up people whose columns look like a night's: mostly zeros, some days since, a few measurements in tenths.

use earlycall_model::{Column, ColumnKind};
use ndarray::{Array1, Array2, Axis};

/// Of any twenty columns: what they are.
const KINDS: [ColumnKind; 20] = {
    use ColumnKind::{Amount, Count, DaysSince, Flag, Measure};
    [
        Flag, Count, Count, Count, Flag, Count, DaysSince, Count, Amount, Count, Flag, Count, Count, Measure, Count,
        Flag, DaysSince, Count, Amount, Count,
    ]
};

/// Rows, what happened to them, and whose they are.
pub struct Population {
    pub columns: Vec<Column>,
    pub x: Array2<f64>,
    pub events: Vec<bool>,
    pub persons: Vec<u64>,
}

impl Population {
    /// The same people for the same numbers. A hidden frailty moves all columns and the event, so columns go together.
    pub fn draw(n_rows: usize, n_columns: usize, seed: u64) -> Population {
        let kind = |column: usize| KINDS[column % KINDS.len()];
        let name =
            |column: usize| Column::new(format!("column_{column}"), format!("statement_{}", column / 3), kind(column));
        let columns: Vec<Column> = (0..n_columns).map(name).collect();
        let mut random = Random(seed);
        let weights = Array1::from_shape_fn(n_columns, |_| (random.share() - 0.4) * 0.2);
        let mut x = Array2::zeros((n_rows, n_columns));
        let mut events = Vec::with_capacity(n_rows);
        for mut row in x.rows_mut() {
            let frailty = random.share();
            let mut log_odds = -4.2 + 3.0 * frailty * frailty;
            for (column, cell) in row.iter_mut().enumerate() {
                let often = (0.02 + 0.5 * frailty * frailty) * (1.0 + (column % 7) as f64) / 7.0;
                let happened = random.share() < often;
                *cell = random.value(kind(column), happened, frailty);
                log_odds += if happened { weights[column] } else { 0.0 };
            }
            events.push(random.share() < 1.0 / (1.0 + (-log_odds).exp()));
        }
        Population { columns, x, events, persons: (0..n_rows as u64).collect() }
    }

    /// The first so many of them.
    pub fn first(&self, n_rows: usize) -> Population {
        Population {
            columns: self.columns.clone(),
            x: self.x.view().split_at(Axis(0), n_rows).0.to_owned(),
            events: self.events[..n_rows].to_vec(),
            persons: self.persons[..n_rows].to_vec(),
        }
    }
}

/// splitmix64.
struct Random(u64);

impl Random {
    /// From 0 to 1.
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn value(&mut self, kind: ColumnKind, happened: bool, frailty: f64) -> f64 {
        match kind {
            ColumnKind::Flag => f64::from(happened),
            ColumnKind::Count if happened => (1.0 / (0.05 + self.share())).ceil(),
            ColumnKind::Amount if happened => (30.0 / (0.1 + self.share())).floor(),
            ColumnKind::Count | ColumnKind::Amount => 0.0,
            ColumnKind::DaysSince if happened => (1826.0 * self.share()).floor(),
            ColumnKind::DaysSince => f64::INFINITY,
            ColumnKind::Measure if happened => (300.0 + 500.0 * frailty * self.share()).floor() / 10.0,
            ColumnKind::Measure => f64::NAN,
        }
    }
}
