//! V16: births are of the newly born, and obstetrics treats nobody of male sex.

use arrow::array::{Array, AsArray, Date32Array, Int32Array};
use arrow::datatypes::Int32Type;
use jiff::ToSpan;

use crate::day::Day;
use crate::quality::batch::Batch;
use crate::quality::faults::Faults;
use crate::quality::rows::Bounds;

/// Methods of admission of a birth.
const BIRTH: [&str; 3] = ["82", "83", "2C"];
/// Treatment functions of obstetrics and midwifery.
const OBSTETRICS: [&str; 2] = ["501", "560"];
/// Only the month of a birth is known, so somebody may be a month old until the second month after it begins.
const MONTHS: i32 = 2;

/// Warns of births of the grown, and of obstetrics of somebody of male sex.
pub(super) fn births_and_obstetrics(batch: &Batch, persons: &Int32Array, bounds: &[Bounds], faults: &mut Faults) {
    if batch.table.name != "apc_episodes" {
        return;
    }
    let admitted: &Date32Array = batch.column("admission_date").expect("a column of the table").as_primitive();
    let is_grown = |row: usize| {
        let birth = bounds[persons.value(row) as usize].birth;
        birth.is_some_and(|birth| admitted.is_valid(row) && admitted.value(row) >= months_after(birth, MONTHS).0)
    };
    let is_male = |row: usize| bounds[persons.value(row) as usize].is_male;
    warn_where(batch, "admission_method", &BIRTH, persons, is_grown, faults);
    warn_where(batch, "treatment_function", &OBSTETRICS, persons, is_male, faults);
}

fn warn_where(
    batch: &Batch,
    name: &str,
    values: &[&str],
    persons: &Int32Array,
    is_odd: impl Fn(usize) -> bool,
    faults: &mut Faults,
) {
    let cells = batch.column(name).expect("a column of the table").as_dictionary::<Int32Type>();
    let known = cells.values().as_string::<i32>();
    let fits: Vec<bool> = known.iter().map(|value| value.is_some_and(|value| values.contains(&value))).collect();
    if !fits.contains(&true) {
        return;
    }
    for (row, key) in cells.keys().iter().enumerate() {
        if key.is_some_and(|key| fits[key as usize]) && persons.is_valid(row) && is_odd(row) {
            faults.warn(row, "V16");
        }
    }
}

fn months_after(birth: Day, months: i32) -> Day {
    let date = birth.date().checked_add(months.months()).expect("births are before 9999");
    birth + birth.date().until(date).expect("both dates are in range").get_days()
}
