//! The files of this crate, compiled in.

pub(crate) const TABLES: &[(&str, &str)] = &[];
