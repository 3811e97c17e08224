//! The settled record: buckets of people, known_from and known_to.

pub mod records;
