//! The declared calendar: which days England keeps as bank holidays, as rules and as single days.

use std::sync::LazyLock;

use serde::Deserialize;

/// Rules and single days. Days of a year are `MM-DD`, days `YYYY-MM-DD`, months 1 to 12.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BankHolidays {
    /// Days of every year; one at a weekend is kept on the next day that is free.
    pub fixed: Vec<String>,
    /// Days before or after Easter Sunday.
    pub days_after_easter_sunday: Vec<i32>,
    /// Months whose first Monday is kept.
    pub first_monday_of: Vec<i32>,
    /// Months whose last Monday is kept.
    pub last_monday_of: Vec<i32>,
    /// The first day of the quiet time from Christmas to New Year.
    pub quiet_from: String,
    /// Its last day, in the year after.
    pub quiet_to: String,
    /// Days that were kept besides.
    pub one_off: Vec<String>,
    /// Days of the rules that were not kept.
    pub moved_away: Vec<String>,
}

static BANK_HOLIDAYS: LazyLock<BankHolidays> =
    LazyLock::new(|| crate::embedded::parse_toml("calendar/bank_holidays.toml", crate::embedded::BANK_HOLIDAYS));

/// The bank holidays of England.
pub fn bank_holidays() -> &'static BankHolidays {
    &BANK_HOLIDAYS
}
