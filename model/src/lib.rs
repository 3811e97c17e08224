//! Risk models: pure functions from named columns to risks and reasons.
//!
//! Risk is a base plus one curve per column, and a few surfaces of two columns, on the log-odds scale. So every score comes
//! apart into contributions that add up to it exactly, and the file of a model is enough to compute a score without this
//! crate. What is used is the [boosted](boosted) model, of [several horizons](horizons) that agree; a penalised logistic
//! regression, [`RiskModel`], is what it is held against.
//! Nothing here reads a file, a clock or the environment, and the same input always gives the same bytes.
//!
//! # Example
//! ```
//! use earlycall_model::{Column, ColumnKind, Error, RiskModelParams, Rows, Training};
//! use ndarray::Array2;
//!
//! // 200 people; those with the flag set have the event twice as often.
//! let columns = [Column::new("is_smoker", "smoking", ColumnKind::Flag)];
//! let x = Array2::from_shape_fn((200, 1), |(row, _)| f64::from(row % 2 == 0));
//! let events: Vec<bool> = (0..200).map(|row| if row % 2 == 0 { row % 5 < 2 } else { row % 5 < 1 }).collect();
//! let persons: Vec<u64> = (0..200).collect();
//! let rows = Rows { columns: &columns, x: x.view() };
//!
//! let model = RiskModelParams::new().horizon_days(180).folds(4).check()?
//!     .fit(&Training { rows, events: &events, persons: &persons })?;
//!
//! let scores = model.score(&rows)?;
//! assert!(scores[0].risk > scores[1].risk);
//! let contributions = model.contributions(&rows, 0)?;
//! assert_eq!(contributions.log_odds(), scores[0].log_odds);
//!
//! // Columns under another name are refused, never guessed.
//! let others = [Column::new("is_tall", "height", ColumnKind::Flag)];
//! assert!(matches!(model.score(&Rows { columns: &others, x: x.view() }), Err(Error::ColumnsDiffer { .. })));
//! # Ok::<(), Error>(())
//! ```

pub mod artefact;
pub mod boosted;
pub mod card;
pub mod horizons;
pub mod metrics;
pub mod signature;

mod block;
mod calibrate;
mod cells;
mod census;
mod column;
mod cross_validate;
mod curve;
mod design;
mod error;
mod fit;
mod folds;
mod linfa_traits;
mod model;
mod number;
mod params;
mod solver;
mod stripes;
mod table;

pub use calibrate::Calibration;
pub use column::{Column, ColumnKind, Rows, Training};
pub use curve::{Basis, Curve, Term};
pub use error::{Error, Result};
pub use model::{Contributions, Formula, RiskModel, Score};
pub use params::{RiskModelParams, RiskModelValidParams};
