//! Measurements in the GP record: their concepts, their usual unit, and what a body can show (V25, V26).

use std::sync::LazyLock;

use serde::Deserialize;

use crate::{codes::SnomedCode, embedded};

/// A measurement.
#[derive(Clone, Debug)]
pub struct Observation {
    /// Name: `hba1c`.
    pub id: String,
    /// Plain words for the middle of a sentence.
    pub label: String,
    /// The unit in which we keep it, in UCUM.
    pub unit: String,
    /// Smallest value a body can show, in `unit`.
    pub min: f64,
    /// Largest value a body can show, in `unit`.
    pub max: f64,
    /// Its SNOMED CT concepts.
    pub snomed: Vec<u64>,
    code_fixes_unit: bool,
    units: Vec<UnitRow>,
}

#[derive(Clone, Debug, Deserialize)]
struct UnitRow {
    observation: String,
    unit: String,
    multiply_by: f64,
    add: f64,
}

impl UnitRow {
    fn convert(&self, value: f64) -> f64 {
        value * self.multiply_by + self.add
    }
}

impl Observation {
    /// A value in the usual unit; `None` if its unit is unknown or no body can show it.
    ///
    /// Without a unit, a value is taken to be in the only unit the measurement is ever sent in; where there are
    /// several, it is not guessed. HbA1c alone is read by its size, as its two scales hardly overlap (V26).
    ///
    /// # Example
    /// ```
    /// use earlycall_schemas::codelists::observation_by_id;
    /// let hba1c = observation_by_id("hba1c").unwrap();
    /// assert_eq!(hba1c.to_canonical(48.0, Some("mmol/mol")), Some(48.0));
    /// assert_eq!(hba1c.to_canonical(6.5, Some("%")).map(f64::round), Some(48.0));
    /// assert_eq!(hba1c.to_canonical(48.0, Some("mg/dL")), None);
    /// assert_eq!(hba1c.to_canonical(480.0, Some("mmol/mol")), None);
    /// ```
    pub fn to_canonical(&self, value: f64, unit: Option<&str>) -> Option<f64> {
        let unit = match unit {
            Some(unit) => unit,
            None => self.unit_by_size(value)?,
        };
        let canonical = if unit == self.unit { value } else { self.unit_row(unit)?.convert(value) };
        (self.min..=self.max).contains(&canonical).then_some(canonical)
    }

    fn unit_row(&self, unit: &str) -> Option<&UnitRow> {
        self.units.iter().find(|row| row.unit == unit)
    }

    fn unit_by_size(&self, value: f64) -> Option<&str> {
        if self.id != "hba1c" {
            let is_only_unit = self.units.iter().all(|row| row.unit == self.unit);
            return is_only_unit.then_some(&self.unit);
        }
        match value {
            _ if value > 25.0 => Some(&self.unit),
            _ if value < 20.0 => Some("%"),
            _ => self.code_fixes_unit.then_some(&self.unit),
        }
    }
}

static OBSERVATIONS: LazyLock<Vec<Observation>> = LazyLock::new(read);

/// Every measurement we use.
pub fn observations() -> &'static [Observation] {
    &OBSERVATIONS
}

/// The measurement of a SNOMED CT concept; `None` for any other entry of the record.
pub fn observation(snomed: u64) -> Option<&'static Observation> {
    observations().iter().find(|observation| observation.snomed.contains(&snomed))
}

/// The measurement of a name.
pub fn observation_by_id(id: &str) -> Option<&'static Observation> {
    observations().iter().find(|observation| observation.id == id)
}

fn read() -> Vec<Observation> {
    #[derive(Deserialize)]
    struct Row {
        observation: String,
        label: String,
        unit: String,
        min: f64,
        max: f64,
        code_fixes_unit: bool,
    }
    #[derive(Deserialize)]
    struct SnomedRow {
        observation: String,
        snomed: String,
    }
    let rows = embedded::parse_csv::<Row>("codelists/observations.csv", embedded::OBSERVATIONS);
    let units = embedded::parse_csv::<UnitRow>("codelists/observation_units.csv", embedded::OBSERVATION_UNITS);
    let codes = embedded::parse_csv::<SnomedRow>("codelists/observation_snomed.csv", embedded::OBSERVATION_SNOMED);
    let snomed_of = |id: &str| {
        let of_it = codes.iter().filter(|row| row.observation == id);
        let id_of = |row: &SnomedRow| SnomedCode::parse(&row.snomed).expect("a test parses this embedded file").id();
        of_it.map(id_of).collect()
    };
    let observation = |row: Row| Observation {
        units: units.iter().filter(|unit| unit.observation == row.observation).cloned().collect(),
        snomed: snomed_of(&row.observation),
        id: row.observation,
        label: row.label,
        unit: row.unit,
        min: row.min,
        max: row.max,
        code_fixes_unit: row.code_fixes_unit,
    };
    rows.into_iter().map(observation).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_as(id: &str, value: f64, unit: Option<&str>) -> Option<f64> {
        observation_by_id(id).unwrap().to_canonical(value, unit).map(|value| (value * 100.0).round() / 100.0)
    }

    #[test]
    fn units_are_converted() {
        assert_eq!(read_as("weight", 10.0, Some("[stone_av]")), Some(63.5));
        assert_eq!(read_as("temperature", 98.6, Some("[degF]")), Some(37.0));
        assert_eq!(read_as("creatinine", 1.0, Some("mg/dL")), Some(88.42));
        assert_eq!(read_as("hba1c", 7.0, Some("%")), Some(53.01));
    }

    #[test]
    fn what_no_body_can_show_is_no_value() {
        assert_eq!(read_as("systolic_bp", 1200.0, Some("mm[Hg]")), None);
        assert_eq!(read_as("weight", 70_000.0, Some("kg")), None);
        assert_eq!(read_as("weight", 70_000.0, Some("g")), Some(70.0));
        assert_eq!(read_as("bmi", f64::NAN, Some("kg/m2")), None);
        assert_eq!(read_as("bmi", 150.0, Some("kg/m2")), Some(150.0));
        assert_eq!(read_as("capillary_glucose", 0.6, Some("mmol/L")), Some(0.6));
        assert_eq!(read_as("capillary_glucose", 41.0, Some("mmol/L")), None);
        assert_eq!(read_as("capillary_glucose", 110.0, Some("mg/dL")), None, "a unit that is not read here");
        assert_eq!(read_as("peak_flow", 380.0, Some("L/min")), Some(380.0));
        assert_eq!(read_as("peak_flow", 901.0, Some("L/min")), None);
    }

    #[test]
    fn a_missing_unit_is_guessed_only_where_there_is_no_choice() {
        assert_eq!(read_as("systolic_bp", 130.0, None), Some(130.0));
        assert_eq!(read_as("news2_total", 3.0, None), Some(3.0));
        assert_eq!(read_as("weight", 70.0, None), None);
    }

    #[test]
    fn hba1c_without_a_unit_is_read_by_its_size() {
        assert_eq!(read_as("hba1c", 53.0, None), Some(53.0));
        assert_eq!(read_as("hba1c", 7.0, None), Some(53.01));
        assert_eq!(read_as("hba1c", 22.0, None), Some(22.0)); // all our HbA1c concepts are of the mmol/mol scale
    }

    #[test]
    fn every_measurement_has_a_concept_and_none_has_anothers() {
        let mut all: Vec<u64> = observations().iter().flat_map(|observation| observation.snomed.clone()).collect();
        assert!(observations().iter().all(|observation| !observation.snomed.is_empty()));
        assert_eq!(all.len(), 17);
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 17);
        assert_eq!(observation(999_791_000_000_106).unwrap().id, "hba1c");
        assert!(observation(44_054_006).is_none());
    }
}
