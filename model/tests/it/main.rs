//! The model as its users meet it: fitted on simulated people, scored, taken apart, written and read.

mod boosted;
mod card;
mod fit;
mod horizons;
mod plain;
mod recovery;
mod scoring;
mod simulate;
