//! Code lists that others publish: read, imported, and used.

mod import;
mod refsets;
mod used;
