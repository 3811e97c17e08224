//! earlycall: from a night's extracts to the worklists that coaches open in the morning.
//!
//! Start reading at [`night`].

pub mod any_table;
pub mod cli;
pub mod codelists;
pub mod cohort;
pub mod day;
pub mod encryption;
pub mod error;
pub mod evaluate;
pub mod exit;
pub mod extract;
pub mod features;
pub mod feedback;
pub mod history;
pub mod holdout;
pub mod keys;
pub mod meaning;
pub mod model_store;
pub mod night;
pub mod objections;
pub mod outcomes;
pub mod panics;
pub mod pathways;
pub mod progress;
pub mod quality;
pub mod reid;
pub mod report;
pub mod score;
pub mod settings;
pub mod sha256;
pub mod small_numbers;
pub mod store;
pub mod supply;
pub mod synth;
pub mod train;
pub mod worklist;
pub mod worth;
