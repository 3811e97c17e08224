//! Test results brought to the usual unit of their measurement (V25, V26).

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanBufferBuilder, DictionaryArray, Float64Array, Int32Array, StringArray,
};
use arrow::buffer::NullBuffer;
use arrow::datatypes::Int32Type;
use earlycall_schemas::codelists::{Observation, observation};
use earlycall_schemas::table::{ColumnSpec, DType};

use crate::quality::faults::Faults;
use crate::quality::memo::Memo;

/// What the codes of a table's latest dictionary measure.
#[derive(Default)]
pub(crate) struct Measures {
    known: Memo<Vec<Option<&'static Observation>>>,
}

impl Measures {
    /// In a table of measurements, replaces `value` and `unit` where the column of concepts names one that we know.
    ///
    /// A value in an unknown unit, or one that no body can show, is emptied and the entry stays. Results of measurements
    /// that nobody asks for stay as they were sent.
    pub fn make_canonical(&mut self, specs: &[&'static ColumnSpec], columns: &mut [ArrayRef], faults: &mut Faults) {
        let position = |name: &str| specs.iter().position(|column| column.name == name);
        let code_at = specs.iter().position(|column| column.dtype == DType::Snomed);
        let (Some(code_at), Some(value_at), Some(unit_at)) = (code_at, position("value"), position("unit")) else {
            return;
        };
        let codes = columns[code_at].as_dictionary::<Int32Type>();
        let known = |code: Option<&str>| code.and_then(|code| observation(code.parse().ok()?));
        let codes_sent = codes.values().as_string();
        let measurements = self.known.of(codes_sent, |latest, from| {
            let mut measurements = latest.unwrap_or_default();
            measurements.extend(codes_sent.iter().skip(from).map(known));
            measurements
        });
        let units = columns[unit_at].as_dictionary::<Int32Type>();
        let results = Results {
            codes: codes.keys(),
            measurements,
            values: columns[value_at].as_primitive(),
            units: units.keys(),
            unit_names: units.values().as_string(),
        };
        let odd = results.odd();
        if odd.is_empty() {
            return;
        }
        let (values, units) = results.with_canonical(&odd, faults);
        columns[value_at] = Arc::new(values);
        columns[unit_at] = Arc::new(units);
    }
}

/// The results of a batch.
struct Results<'a> {
    codes: &'a Int32Array,
    /// Per value of the codes' dictionary.
    measurements: &'a [Option<&'static Observation>],
    values: &'a Float64Array,
    units: &'a Int32Array,
    unit_names: &'a StringArray,
}

impl Results<'_> {
    fn measurement(&self, row: usize) -> Option<&'static Observation> {
        self.codes.is_valid(row).then(|| self.measurements[self.codes.value(row) as usize]).flatten()
    }

    /// The rows with a result that we know, but for those that are in their usual unit and of a possible size.
    fn odd(&self) -> Vec<usize> {
        // Per value of the codes' dictionary: where the usual unit stands, and the possible sizes.
        let place = |unit: &str| self.unit_names.iter().position(|name| name == Some(unit)).map(|at| at as i32);
        let usual = |known: &&'static Observation| (place(&known.unit), known.min..=known.max);
        let usual: Vec<Option<(Option<i32>, RangeInclusive<f64>)>> =
            self.measurements.iter().map(|known| known.as_ref().map(usual)).collect();
        let is_odd = |&row: &usize| {
            let code = self.codes.is_valid(row).then(|| self.codes.value(row) as usize);
            let Some((unit, sizes)) = code.and_then(|code| usual[code].as_ref()) else { return false };
            let is_usual = unit.is_some_and(|unit| self.units.value(row) == unit && self.units.is_valid(row));
            !(is_usual && sizes.contains(&self.values.value(row)))
        };
        match self.values.nulls() {
            Some(filled) => filled.valid_indices().filter(is_odd).collect(),
            None => (0..self.values.len()).filter(is_odd).collect(),
        }
    }

    /// Values and units with those of some rows replaced.
    fn with_canonical(&self, odd: &[usize], faults: &mut Faults) -> (Float64Array, DictionaryArray<Int32Type>) {
        let mut values = self.values.values().to_vec();
        let mut units = self.units.values().to_vec();
        let (mut has_value, mut has_unit) = (filled(self.values), filled(self.units));
        let mut names: Vec<&str> = self.unit_names.iter().map(Option::unwrap_or_default).collect();
        let mut places: BTreeMap<&str, i32> = names.iter().copied().zip(0..).collect();
        for &row in odd {
            let measurement = self.measurement(row).expect("the row has a result that we know");
            let unit = has_unit.get_bit(row).then(|| names[units[row] as usize]);
            match canonical(measurement, values[row], unit, row, faults) {
                None => has_value.set_bit(row, false),
                Some(value) => {
                    values[row] = value;
                    has_unit.set_bit(row, true);
                    units[row] = *places.entry(&measurement.unit).or_insert_with(|| {
                        names.push(&measurement.unit);
                        names.len() as i32 - 1
                    });
                }
            }
        }
        let values = Float64Array::new(values.into(), Some(NullBuffer::new(has_value.finish())));
        let units = Int32Array::new(units.into(), Some(NullBuffer::new(has_unit.finish())));
        (values, DictionaryArray::new(units, Arc::new(StringArray::from(names))))
    }
}

/// Per row, whether a column has a value.
fn filled(cells: &dyn Array) -> BooleanBufferBuilder {
    let mut filled = BooleanBufferBuilder::new(cells.len());
    match cells.nulls() {
        Some(nulls) => filled.append_buffer(nulls.inner()),
        None => filled.append_n(cells.len(), true),
    }
    filled
}

fn canonical(
    measurement: &'static Observation,
    value: f64,
    unit: Option<&str>,
    row: usize,
    faults: &mut Faults,
) -> Option<f64> {
    // HbA1c alone is read by its size where its unit is missing, which counts as a repair also where it succeeds.
    let is_read_by_size = unit.is_none() && measurement.id == "hba1c";
    let canonical = measurement.to_canonical(value, unit);
    match canonical {
        _ if is_read_by_size => faults.repair(row, "value", "V26"),
        None => faults.repair(row, "value", "V25"),
        Some(_) => {}
    }
    canonical
}
