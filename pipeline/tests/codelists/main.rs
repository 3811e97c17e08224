//! Code lists that others publish: read, imported, and used.

mod check;
mod import;
mod refsets;
mod used;
