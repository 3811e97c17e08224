//! Cells read as dates, timestamps, booleans and numbers.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ArrowNumericType, BooleanBuilder, PrimitiveArray, PrimitiveBuilder};
use arrow::compute::{max, min};
use arrow::datatypes::{ArrowPrimitiveType, Date32Type, Float64Type, Int64Type, TimestampSecondType};
use earlycall_schemas::table::{ColumnSpec, Presence};

use crate::day::{Day, Instant};
use crate::extract::raw::{Cells, NO_DAY, NO_SECOND};
use crate::quality::faults::Faults;
use crate::quality::tally::Rule;

/// Days that stand for "not known" in one system or another (V08): 1800-01-01, 1801-01-01, 1900-01-01, 9999-12-31.
const SENTINELS: [i32; 4] = [-62_091, -61_726, -25_567, END_OF_TIME];
const END_OF_TIME: i32 = 2_932_896;
const FIRST_BIRTH_MONTH: Day = Day(-25_567);
/// Days that [`Day`] can tell: 1800-01-01 to 2200-12-31.
const KNOWN_DAYS: std::ops::RangeInclusive<i32> = -62_091..=84_370;
/// Of these, the days after the last early one that stands for "not known": nothing can be wrong with any of them.
const ORDINARY_DAYS: Range<i32> = -25_566..84_371;
const SECONDS_PER_DAY: i64 = 86_400;
/// Those of the days that [`Day`] can tell.
const KNOWN_SECONDS: Range<i64> = -62_091 * SECONDS_PER_DAY..84_371 * SECONDS_PER_DAY;
/// Above this a decimal number can't tell one whole number from the next.
const LARGEST_WHOLE: f64 = 9_007_199_254_740_992.0;

/// A cell, read.
enum Cell<T> {
    Empty,
    Value(T),
    Breaks(Rule),
}

impl<T> From<Option<T>> for Cell<T> {
    fn from(value: Option<T>) -> Cell<T> {
        value.map_or(Cell::Breaks("TYPE"), Cell::Value)
    }
}

/// Reads dates; those that stand for "not known" become empty (V08).
pub(super) fn dates(spec: &'static ColumnSpec, cells: &Cells, rows: usize, faults: &mut Faults) -> ArrayRef {
    match cells {
        Cells::Days(days) if is_whole(spec, days) && lies_within(days, ORDINARY_DAYS) => Arc::new(days.clone()),
        _ => gather::<Date32Type>(spec, rows, faults, |row| known(day(cells, row), |day| day)),
    }
}

/// Reads months: first days of a month, from January 1900 on.
pub(super) fn months(spec: &'static ColumnSpec, cells: &Cells, rows: usize, faults: &mut Faults) -> ArrayRef {
    gather::<Date32Type>(spec, rows, faults, |row| match day(cells, row) {
        Cell::Value(day) if Day(day).month_start().0 != day => Cell::Breaks("TYPE"),
        Cell::Value(day) if Day(day) < FIRST_BIRTH_MONTH => Cell::Breaks("RANGE"),
        Cell::Value(END_OF_TIME) => Cell::Breaks("TYPE"),
        cell => cell,
    })
}

/// Reads timestamps to the second; those on a day that stands for "not known" become empty (V08).
pub(super) fn timestamps(spec: &'static ColumnSpec, cells: &Cells, rows: usize, faults: &mut Faults) -> ArrayRef {
    let ordinary = i64::from(ORDINARY_DAYS.start) * SECONDS_PER_DAY..i64::from(ORDINARY_DAYS.end) * SECONDS_PER_DAY;
    match cells {
        Cells::Seconds(seconds) if is_whole(spec, seconds) && lies_within(seconds, ordinary) => {
            Arc::new(seconds.reinterpret_cast::<TimestampSecondType>())
        }
        _ => gather::<TimestampSecondType>(spec, rows, faults, |row| {
            known(second(cells, row), |second| second.div_euclid(SECONDS_PER_DAY) as i32)
        }),
    }
}

/// Reads whole numbers.
pub(super) fn integers(spec: &'static ColumnSpec, cells: &Cells, rows: usize, faults: &mut Faults) -> ArrayRef {
    gather::<Int64Type>(spec, rows, faults, |row| {
        let cell = match cells {
            Cells::Text(text) if text.is_valid(row) => text.value(row).parse().ok().into(),
            Cells::Whole(whole) if whole.is_valid(row) => Cell::Value(whole.value(row)),
            Cells::Decimal(decimal) if decimal.is_valid(row) => whole(decimal.value(row)).into(),
            _ => Cell::Empty,
        };
        in_range(spec, cell, |number| number as f64)
    })
}

/// Reads finite decimal numbers.
pub(super) fn decimals(spec: &'static ColumnSpec, cells: &Cells, rows: usize, faults: &mut Faults) -> ArrayRef {
    if let Cells::Decimal(decimal) = cells {
        // What stands under a null may be anything, but is nearly always 0.
        let is_fine = |number: &f64| number.is_finite() & is_inside(spec, *number);
        // Without a way out, many are looked at at once.
        let all_are_fine = || decimal.values().iter().fold(true, |all, number| all & is_fine(number));
        if is_whole(spec, decimal) && all_are_fine() {
            return Arc::new(decimal.clone());
        }
    }
    gather::<Float64Type>(spec, rows, faults, |row| {
        let finite = |number: f64| Some(number).filter(|number| number.is_finite());
        let cell = match cells {
            Cells::Text(text) if text.is_valid(row) => finite(decimal_of(text.value(row))).into(),
            Cells::Whole(whole) if whole.is_valid(row) => Cell::Value(whole.value(row) as f64),
            Cells::Decimal(decimal) if decimal.is_valid(row) => finite(decimal.value(row)).into(),
            _ => Cell::Empty,
        };
        in_range(spec, cell, |number| number)
    })
}

/// Reads `true` and `false`.
pub(super) fn booleans(spec: &'static ColumnSpec, cells: &Cells, rows: usize, faults: &mut Faults) -> ArrayRef {
    if let Cells::Flags(flags) = cells
        && is_whole(spec, flags)
    {
        return Arc::new(flags.clone());
    }
    let mut builder = BooleanBuilder::with_capacity(rows);
    for row in 0..rows {
        let cell = match cells {
            Cells::Text(text) if text.is_valid(row) => match text.value(row) {
                "true" => Cell::Value(true),
                "false" => Cell::Value(false),
                _ => Cell::Breaks("TYPE"),
            },
            Cells::Flags(flags) if flags.is_valid(row) => Cell::Value(flags.value(row)),
            _ => Cell::Empty,
        };
        builder.append_option(settle(spec, row, cell, faults));
    }
    Arc::new(builder.finish())
}

/// The day that a text names, or [`NO_DAY`].
pub(super) fn day_of(text: &str) -> i32 {
    match Day::parse(text) {
        Some(day) => day.0,
        None if text == "9999-12-31" => END_OF_TIME,
        None => NO_DAY,
    }
}

/// The second that a text names, or [`NO_SECOND`]; of the day that ends all time, the first.
pub(super) fn second_of(text: &str) -> i64 {
    match Instant::parse(text) {
        Some(instant) => instant.0,
        None if text.starts_with("9999-12-31T") => i64::from(END_OF_TIME) * SECONDS_PER_DAY,
        None => NO_SECOND,
    }
}

/// A second of a file that counts them, or [`NO_SECOND`] where its day can't be told.
pub(super) fn tellable_second(second: i64) -> i64 {
    let is_tellable = KNOWN_SECONDS.contains(&second) || second.div_euclid(SECONDS_PER_DAY) == i64::from(END_OF_TIME);
    if is_tellable { second } else { NO_SECOND }
}

/// The number that a text writes; not finite if it writes none.
pub(super) fn decimal_of(text: &str) -> f64 {
    text.parse().unwrap_or(f64::NAN)
}

/// Whether a text is a date of the contract, for the elements of a list.
pub(super) fn is_date(text: &str) -> bool {
    Day::parse(text).is_some()
}

fn gather<T: ArrowPrimitiveType>(
    spec: &'static ColumnSpec,
    rows: usize,
    faults: &mut Faults,
    read: impl Fn(usize) -> Cell<T::Native>,
) -> ArrayRef {
    let mut builder = PrimitiveBuilder::<T>::with_capacity(rows);
    for row in 0..rows {
        builder.append_option(settle(spec, row, read(row), faults));
    }
    Arc::new(builder.finish())
}

/// The value of a cell, or none with what is wrong noted.
fn settle<T>(spec: &'static ColumnSpec, row: usize, cell: Cell<T>, faults: &mut Faults) -> Option<T> {
    match cell {
        Cell::Value(value) => return Some(value),
        Cell::Breaks(rule) => faults.breach(row, spec, rule),
        Cell::Empty if spec.presence == Presence::M => faults.breach(row, spec, "NULL"),
        Cell::Empty => return None,
    };
    None
}

fn day(cells: &Cells, row: usize) -> Cell<i32> {
    match cells {
        Cells::Text(text) if text.is_valid(row) => Some(day_of(text.value(row))).filter(is_tellable).into(),
        Cells::Days(days) if days.is_valid(row) => Some(days.value(row)).filter(is_tellable).into(),
        // Some tools know no dates and write midnights.
        Cells::Seconds(seconds) if seconds.is_valid(row) => midnight(seconds.value(row)).filter(is_tellable).into(),
        _ => Cell::Empty,
    }
}

fn second(cells: &Cells, row: usize) -> Cell<i64> {
    let second = match cells {
        Cells::Text(text) if text.is_valid(row) => second_of(text.value(row)),
        Cells::Seconds(seconds) if seconds.is_valid(row) => seconds.value(row),
        _ => return Cell::Empty,
    };
    Some(second).filter(|&second| second != NO_SECOND).into()
}

fn known<T: Copy>(cell: Cell<T>, day: impl Fn(T) -> i32) -> Cell<T> {
    match cell {
        Cell::Value(value) if SENTINELS.contains(&day(value)) => Cell::Breaks("V08"),
        cell => cell,
    }
}

fn is_tellable(day: &i32) -> bool {
    KNOWN_DAYS.contains(day) || *day == END_OF_TIME
}

fn midnight(second: i64) -> Option<i32> {
    (second.rem_euclid(SECONDS_PER_DAY) == 0).then(|| i32::try_from(second / SECONDS_PER_DAY).ok()).flatten()
}

fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() < LARGEST_WHOLE).then_some(number as i64)
}

fn in_range<T: Copy>(spec: &ColumnSpec, cell: Cell<T>, number: impl Fn(T) -> f64) -> Cell<T> {
    match cell {
        Cell::Value(value) if !is_inside(spec, number(value)) => Cell::Breaks("RANGE"),
        cell => cell,
    }
}

fn is_inside(spec: &ColumnSpec, number: f64) -> bool {
    spec.min.is_none_or(|min| number >= min) && spec.max.is_none_or(|max| number <= max)
}

/// Whether no row lacks a cell that it must have.
fn is_whole(spec: &ColumnSpec, cells: &dyn Array) -> bool {
    spec.presence != Presence::M || cells.null_count() == 0
}

/// Whether every cell that is there lies in a range.
fn lies_within<T: ArrowNumericType>(cells: &PrimitiveArray<T>, range: Range<T::Native>) -> bool
where
    T::Native: PartialOrd,
{
    min(cells).is_none_or(|min| range.start <= min) && max(cells).is_none_or(|max| max < range.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_days_that_mean_unknown_are_those_of_the_rule() {
        let days: Vec<i32> =
            ["1800-01-01", "1801-01-01", "1900-01-01"].iter().map(|day| Day::parse(day).unwrap().0).collect();
        assert_eq!(SENTINELS[..3], days);
        assert_eq!(Day(END_OF_TIME).to_string(), "9999-12-31");
        assert_eq!(Day(*KNOWN_DAYS.start()).to_string(), "1800-01-01");
        assert_eq!(Day(*KNOWN_DAYS.end()).to_string(), "2200-12-31");
        assert_eq!(KNOWN_SECONDS.start, i64::from(*KNOWN_DAYS.start()) * SECONDS_PER_DAY);
        assert_eq!(KNOWN_SECONDS.end, i64::from(*KNOWN_DAYS.end() + 1) * SECONDS_PER_DAY);
        assert_eq!((ORDINARY_DAYS.start - 1, ORDINARY_DAYS.end - 1), (SENTINELS[2], *KNOWN_DAYS.end()));
    }

    #[test]
    fn only_whole_numbers_that_a_decimal_can_hold_are_whole() {
        assert_eq!(
            [whole(3.0), whole(-2.0), whole(0.5), whole(1e18), whole(f64::NAN)],
            [Some(3), Some(-2), None, None, None]
        );
    }
}
