//! Several horizons that agree: for nobody is the risk within 30 days above that within 90.
//!
//! One horizon leads, that of the worklist. Its risk is a [`BoostedModel`](crate::boosted::BoostedModel)'s, the same with
//! other horizons or without, so contributions to its log-odds stay exact. Every other horizon hangs by a *link* on its
//! neighbour on the side of the leading one. A link is a boosted model of a share:
//!
//! - a sooner horizon: of those who are admitted within its neighbour, the share of those admitted within it;
//! - a later one: of those who are not admitted within its neighbour, the share of those admitted within it all the same.
//!
//! A share lies between 0 and 1, so horizons can't cross, whatever the links say.
//!
//! Death without admission is a competing event: whoever dies is not admitted afterwards, and counts as not admitted at
//! every horizon. So a risk is a cumulative incidence, what will be seen, and not what would be if nobody died. How many
//! died is [reported](HorizonReport) beside how many were admitted, by the estimator of Aalen and Johansen (1978).
//!
//! # Example
//! ```
//! use earlycall_model::boosted::BoostedParams;
//! use earlycall_model::horizons::{End, FollowUp, HorizonsParams, HorizonsTraining};
//! use earlycall_model::{Column, ColumnKind, Error, Rows};
//! use ndarray::Array2;
//!
//! // 900 people, of whom every third is admitted: those with a flag sooner than the others.
//! let columns = [Column::new("was_discharged", "discharge", ColumnKind::Flag)];
//! let x = Array2::from_shape_fn((900, 1), |(row, _)| f64::from(row % 2 == 0));
//! let follow_up = |row: u32| match row % 3 {
//!     0 => FollowUp { days: if row % 2 == 0 { 20 } else { 70 }, end: End::Admitted, seen_days: 400 },
//!     _ => FollowUp { days: 400, end: End::Lost, seen_days: 400 },
//! };
//! let follow_ups: Vec<FollowUp> = (0..900).map(follow_up).collect();
//! let persons: Vec<u64> = (0..900).collect();
//! let rows = Rows { columns: &columns, x: x.view() };
//!
//! let params = HorizonsParams::new(BoostedParams::new().bags(4)).horizons_days(&[30, 180]).lead_days(180);
//! let model = params.check()?.fit(&HorizonsTraining { rows, follow_ups: &follow_ups, persons: &persons })?;
//!
//! let risks = model.risks(&rows)?;
//! assert!(risks[[0, 0]] > 5.0 * risks[[1, 0]] && risks[[0, 0]] < risks[[0, 1]]);
//! // The last column is that of the leading horizon, and its score comes apart.
//! assert_eq!(model.lead().score(&rows)?[0].risk, risks[[0, 1]]);
//! # Ok::<(), Error>(())
//! ```

mod fit;
mod follow_up;
mod incidence;
mod linfa_traits;
mod model;
mod params;
mod report;

pub use follow_up::{End, FollowUp, HorizonsTraining};
pub use incidence::{Incidence, incidence};
pub use model::HorizonsModel;
pub use params::{HorizonsParams, HorizonsValidParams};
pub use report::HorizonReport;
