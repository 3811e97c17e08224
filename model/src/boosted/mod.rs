//! An explainable boosting machine: a base, one curve per column and one surface per pair of columns that tell something
//! together, each drawn, each contribution exact, and as accurate as boosted trees.
//!
//! After Lou, Caruana, Gehrke and Hooker (2012, 2013) and Nori, Jenkins, Koch and Caruana (InterpretML, 2019).
//! What is our own: a curve touches only the rows that are not as most rows are, so a flag costs as much as it has rows;
//! steps are held back by a ridge, so a rare level is believed less than a common one; what gains much steps again; and
//! every bag is at once a fold, so calibration and metrics come from people that were not learnt from.
//!
//! Every bag is grown by one thread in a fixed order, so results don't depend on the number of threads.

mod bins;
mod choose;
mod detect;
mod drawing;
mod fit;
mod formula;
mod grid;
mod grow;
mod linfa_traits;
mod lookup;
mod model;
mod ordered;
mod params;
mod purify;
mod search;
mod settings;
mod sketch;
mod sound;
mod state;
mod step;
mod table;
mod term;

pub use bins::Bins;
pub use formula::{BoostedFormula, StepCurve, Surface};
pub use model::{BoostedModel, PairedContributions};
pub use params::{BoostedParams, BoostedValidParams, Shape};
pub use settings::Settings;
