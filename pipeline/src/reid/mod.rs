//! Re-identification: who stands behind one reference of one team, for somebody who may know it. A program of its own,
//! `earlycall-reid`, with a folder, a key and a user of the system of its own; it reads nothing that the nights keep.
//!
//! [`show`] is the door: whatever is asked is written to the [`audit`] before anything is told.

pub mod access;
pub mod audit;
pub mod clock;
pub mod identities;
pub mod load;
pub mod place;
mod rows;
pub mod settings;
pub mod show;
pub mod who;
