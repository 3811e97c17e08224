//! Code lists that others publish: read, imported, and used.

mod refsets;
