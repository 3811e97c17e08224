//! Exit codes: the contract with whatever schedules the night. Unknown means failure.

use crate::error::Kind;

/// Published, or done.
pub const DONE: u8 = 0;
/// A bug in this program.
pub const BUG: u8 = 70;

/// The exit code of a failure.
pub fn code(kind: Kind) -> u8 {
    match kind {
        Kind::Usage => 2,
        Kind::Settings => 10,
        Kind::Extract => 11,
        Kind::Held => 12,
        Kind::Model => 13,
        Kind::Storage => 14,
        Kind::Locked => 15,
        Kind::Permission => 16,
        Kind::NothingToDo => 99,
    }
}
