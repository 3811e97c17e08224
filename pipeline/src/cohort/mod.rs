//! Who may be scored, and why everybody else may not.

pub mod stay;
