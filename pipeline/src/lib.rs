//! earlycall: from a night's extracts to the worklists that coaches open in the morning.
//!
//! Start reading at [`night`].

pub mod cohort;
pub mod day;
pub mod error;
pub mod exit;
pub mod extract;
pub mod features;
pub mod history;
pub mod keys;
pub mod quality;
pub mod settings;
pub mod store;
pub mod synth;
pub mod worklist;
