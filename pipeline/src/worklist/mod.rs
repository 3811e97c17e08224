//! Rank, reasons, capacity, and one small file per format.

pub mod line;
