//! What `check` tells: what has arrived and what is wrong with it, beside other nights and beside what is to be expected.
//! Numbers of people, rows and codes, never a value.

pub mod checked;
pub mod dialects;
pub mod firsts;
mod page;
mod pictures;
pub mod refused_feeds;
pub mod registers;
mod screen;
mod verdict;
