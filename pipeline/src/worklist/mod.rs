//! Who is on which list and in what order, in words for coaches, and one small file per format.
//!
//! Everything here is pure: data in, data or bytes out. Start reading at [`rank`] for the order and at [`columns`]
//! for what a line says.

pub mod appointments;
pub mod care_gaps;
pub mod change;
pub mod columns;
pub mod compose;
mod contact_needs;
pub mod contributions;
pub mod count;
pub mod csv;
pub mod fill_in;
pub mod floors;
mod frame;
pub mod history;
pub mod html;
pub mod inert;
pub(crate) mod keyed;
pub mod lateness;
pub mod left_to_service;
pub mod line;
pub mod moved;
pub mod owner;
pub mod parquet;
pub mod person_ref;
pub mod rank;
pub mod read_me;
pub mod removed;
#[cfg(test)]
pub(crate) mod sample;
pub mod scores;
pub mod standing;
pub mod summary;
pub mod waiting;
pub mod xlsx;
