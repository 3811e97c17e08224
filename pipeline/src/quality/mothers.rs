//! V16: births are of the newly born, and obstetrics treats nobody of male sex.

use arrow::array::{Array, AsArray, Date32Array, Int32Array};

use crate::quality::batch::Batch;
use crate::quality::declared::one_of;
use crate::quality::faults::Faults;
use crate::quality::registry::Patient;
use crate::quality::rows::Known;

/// Methods of admission of a birth.
const BIRTH: [&str; 3] = ["82", "83", "2C"];
/// Treatment functions of obstetrics and midwifery.
const OBSTETRICS: [&str; 2] = ["501", "560"];
/// Only the month of a birth is known, so somebody may be a month old until the second month after it begins.
const MONTHS: i32 = 2;

/// Warns of births of the grown, and of obstetrics of somebody of male sex.
pub(super) fn births_and_obstetrics(batch: &Batch, persons: &Int32Array, known: &[Known], faults: &mut Faults) {
    if batch.table.name != "apc_episodes" {
        return;
    }
    let column = |name| batch.column(name).expect("a column of the table");
    let admitted: &Date32Array = column("admission_date").as_primitive();
    let is_grown = |row: usize, patient: &Patient| {
        admitted.is_valid(row) && admitted.value(row) >= patient.birth.months_later(MONTHS).0
    };
    let mut warn_where = |name: &'static str, values: &[&str], is_odd: &dyn Fn(usize, &Patient) -> bool| {
        let Some(rows) = one_of(column(name), values) else { return };
        for row in rows.set_indices().filter(|&row| persons.is_valid(row)) {
            if known[persons.value(row) as usize].patient.is_some_and(|patient| is_odd(row, &patient)) {
                faults.warn(row, name, "V16");
            }
        }
    };
    warn_where("admission_method", &BIRTH, &is_grown);
    warn_where("treatment_function", &OBSTETRICS, &|_, patient| patient.is_male);
}
