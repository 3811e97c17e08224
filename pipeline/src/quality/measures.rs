//! Test results brought to the usual unit of their measurement (V25, V26).

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Builder, StringBuilder};
use arrow::datatypes::Float64Type;
use earlycall_schemas::codelists::{Observation, observation};
use earlycall_schemas::table::TableSpec;

use crate::quality::faults::Faults;

/// In a table of measurements, replaces `value` and `unit` where `snomed_code` names one that we know.
///
/// A value in an unknown unit, or one that no body can show, is emptied and the entry stays. Results of measurements
/// that nobody asks for stay as they were sent.
pub(crate) fn to_canonical(table: &TableSpec, columns: &mut [ArrayRef], faults: &mut Faults) {
    let position = |name: &str| table.columns.iter().position(|column| column.name == name);
    let (Some(code_at), Some(value_at), Some(unit_at)) = (position("snomed_code"), position("value"), position("unit"))
    else {
        return;
    };
    let (codes, sent_units) = (columns[code_at].as_string::<i32>(), columns[unit_at].as_string::<i32>());
    let sent_values = columns[value_at].as_primitive::<Float64Type>();
    let mut values = Float64Builder::with_capacity(sent_values.len());
    let mut units = StringBuilder::with_capacity(sent_units.len(), sent_units.value_data().len());
    for (row, ((code, value), unit)) in codes.iter().zip(sent_values).zip(sent_units).enumerate() {
        let known = code.and_then(|code| observation(code.parse().ok()?));
        let (value, unit) = match known.zip(value) {
            Some((measurement, value)) => canonical(measurement, value, unit, row, faults),
            None => (value, unit),
        };
        values.append_option(value);
        units.append_option(unit);
    }
    columns[value_at] = Arc::new(values.finish());
    columns[unit_at] = Arc::new(units.finish());
}

fn canonical<'a>(
    measurement: &'static Observation,
    value: f64,
    unit: Option<&'a str>,
    row: usize,
    faults: &mut Faults,
) -> (Option<f64>, Option<&'a str>) {
    // HbA1c alone is read by its size where its unit is missing, which counts as a repair also where it succeeds.
    let is_read_by_size = unit.is_none() && measurement.id == "hba1c";
    let canonical = measurement.to_canonical(value, unit);
    match canonical {
        _ if is_read_by_size => faults.repair(row, "V26"),
        None => faults.repair(row, "V25"),
        Some(_) => {}
    }
    (canonical, if canonical.is_some() { Some(&measurement.unit) } else { unit })
}
