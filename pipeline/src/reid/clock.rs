//! The clock: when somebody asked is what the audit is a log of, and which day it is decides on access and its limit.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::day::Instant;

/// This second.
pub fn now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("no clock is set before 1970");
    Instant(i64::try_from(since.as_secs()).expect("a clock of this millennium"))
}
