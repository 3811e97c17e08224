//! Lives of a few lines, and where they stand.

mod counts;
pub(crate) mod life;
mod places;
mod registers;
mod standings;
