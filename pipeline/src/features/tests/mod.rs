//! What the engine promises, in small tables with values written by hand, and on random lives.

pub(crate) mod deny;
mod edges;
mod naive;
mod never;
mod off;
mod sentences;
mod stated;
pub(super) mod support;
mod takes;
mod tally;
