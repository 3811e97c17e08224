//! The night as a whole: what it must show, and a test for each. Start reading at `killed.rs`.

mod ahead;
mod canary;
mod delivery;
mod evaluated;
mod gaps;
mod gates;
mod horizons;
mod killed;
mod meanwhile;
mod named;
mod never_shown;
mod objection;
mod objection_killed;
mod odd_people;
mod orders;
mod published;
mod purged;
mod real_data;
mod refused;
mod same_bytes;
mod service;
mod signed;
mod snapshot;
mod two_clocks;
mod two_nights;
mod variants;
