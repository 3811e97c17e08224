//! Checks of what arrives, and the quarantine.
//!
//! Every row of a delivery ends on exactly one side: accepted, or rejected under the first rule that it fails.
//! `rows` holds the rules that one row can answer, among them those that its table declares (`declared`), `across` those
//! that need the other rows of its table, `person` those that need the other rows of its person, in the night.

pub(crate) mod across;
mod batch;
pub(crate) mod cell;
mod declared;
pub(crate) mod faults;
pub mod finding;
pub(crate) mod hashes;
pub(crate) mod leak;
pub(crate) mod measures;
pub(crate) mod memo;
mod mothers;
pub mod person;
pub mod profile;
pub mod quarantine;
pub mod recent;
pub mod registry;
pub mod report;
pub(crate) mod rows;
pub mod set_aside;
mod stand_in;
pub mod tally;
pub mod ten_digits;
pub mod trace;
