//! The codes of the GP record: the ones that the code lists know, and many more that only fill dictionaries.
//!
//! The others are invented: their form and check digit are right, and they mean nothing. So a record is as long and as
//! varied as a real one, and nobody can mistake one of its coughs for a finding.

use std::{collections::BTreeSet, ops::Range};

use earlycall_schemas::codes::SnomedCode;

use super::{
    chance::{Chance, Stream},
    numbers::Parameters,
};

/// Codes that the generator asks for by name, at their place in [`Concepts::codes`].
const FIXED: [&str; 14] = [
    "999791000000106",
    "1011481000000105",
    "60621009",
    "27113001",
    "72313002",
    "1091811000000102",
    "364075005",
    "1000731000000107",
    "431314004",
    "871731000000106",
    "13645005",
    "941201000000103",
    "184140000",
    "224484003",
];
pub(crate) const HBA1C: u16 = 0;
pub(crate) const EGFR: u16 = 1;
pub(crate) const BMI: u16 = 2;
pub(crate) const WEIGHT: u16 = 3;
pub(crate) const SYSTOLIC: u16 = 4;
pub(crate) const DIASTOLIC: u16 = 5;
pub(crate) const PULSE: u16 = 6;
pub(crate) const CREATININE: u16 = 7;
pub(crate) const OXYGEN: u16 = 8;
pub(crate) const SOCIAL_PRESCRIBING: u16 = 9;
pub(crate) const COPD: u16 = 10;
pub(crate) const COPD_RESOLVED: u16 = 11;
pub(crate) const CARER_DETAILS: u16 = 12;
pub(crate) const IS_A_CARER: u16 = 13;

/// Tests of a blood sample: what is usual, how much it varies, and the unit. Panels of what is asked for together.
const TESTS: [(f64, f64, &str); 36] = [
    // A full blood count.
    (135.0, 14.0, "g/L"),
    (7.0, 2.0, "10*9/L"),
    (250.0, 60.0, "10*9/L"),
    (4.6, 0.5, "10*12/L"),
    (90.0, 5.0, "fL"),
    (29.5, 2.0, "pg"),
    (0.4, 0.1, "L/L"),
    (4.2, 1.5, "10*9/L"),
    (2.0, 0.7, "10*9/L"),
    (0.5, 0.2, "10*9/L"),
    (0.2, 0.1, "10*9/L"),
    // Salts and kidneys.
    (140.0, 2.6, "mmol/L"),
    (4.4, 0.4, "mmol/L"),
    (5.6, 1.8, "mmol/L"),
    // The liver.
    (25.0, 10.0, "U/L"),
    (76.0, 20.0, "U/L"),
    (9.0, 4.0, "umol/L"),
    (42.0, 4.0, "g/L"),
    (71.0, 5.0, "g/L"),
    (29.0, 4.0, "g/L"),
    // Fats.
    (4.9, 1.0, "mmol/L"),
    (1.4, 0.4, "mmol/L"),
    (2.8, 0.9, "mmol/L"),
    (1.5, 0.7, "mmol/L"),
    (3.6, 1.0, "1"),
    // The rest, one or two at a time.
    (1.9, 1.0, "m[IU]/L"),
    (15.0, 2.5, "pmol/L"),
    (95.0, 60.0, "ug/L"),
    (400.0, 150.0, "ng/L"),
    (8.0, 4.0, "ug/L"),
    (50.0, 22.0, "nmol/L"),
    (4.0, 4.0, "mg/L"),
    (12.0, 9.0, "mm/h"),
    (2.4, 0.1, "mmol/L"),
    (1.1, 0.2, "mmol/L"),
    (5.4, 1.1, "mmol/L"),
];
pub(crate) const BLOOD_COUNT: Range<usize> = 0..11;
pub(crate) const SALTS: Range<usize> = 11..14;
pub(crate) const LIVER: Range<usize> = 14..20;
pub(crate) const FATS: Range<usize> = 20..25;
pub(crate) const OTHER_TESTS: Range<usize> = 25..36;

/// Units of measurement; none first.
pub(crate) const UNITS: [&str; 25] = [
    "",
    "mmol/mol",
    "%",
    "mL/min/{1.73_m2}",
    "kg/m2",
    "kg",
    "mm[Hg]",
    "/min",
    "umol/L",
    "g/L",
    "10*9/L",
    "10*12/L",
    "fL",
    "pg",
    "L/L",
    "mmol/L",
    "U/L",
    "1",
    "m[IU]/L",
    "pmol/L",
    "ug/L",
    "ng/L",
    "nmol/L",
    "mg/L",
    "mm/h",
];

/// What an entry says of an episode of illness.
pub(crate) const EPISODICITY: [&str; 5] = ["", "first", "review", "flare", "ended"];

/// A test of a blood sample.
pub(crate) struct Test {
    pub concept: u16,
    pub usual: f64,
    pub spread: f64,
    pub unit: u8,
}

/// Every code that may stand in a GP record, by its number.
pub(crate) struct Concepts {
    pub codes: Vec<String>,
    /// Codes of each condition, in the order of the parameters.
    pub conditions: Vec<Vec<u16>>,
    pub tests: Vec<Test>,
    /// Complaints, findings, advice and procedures, the commonest first.
    pub findings: Range<u16>,
    /// Kinds of contact, letters and messages, the commonest first.
    pub letters: Range<u16>,
    pub vaccines: Range<u16>,
}

impl Concepts {
    /// The codes, the same for every seed.
    pub fn new(numbers: &Parameters) -> Concepts {
        let mut codes: Vec<String> = FIXED.map(str::to_owned).to_vec();
        let conditions = numbers.conditions.iter().map(|condition| {
            let number = |code: &String| {
                codes.iter().position(|known| known == code).unwrap_or_else(|| {
                    codes.push(code.clone());
                    codes.len() - 1
                }) as u16
            };
            condition.snomed.iter().map(number).collect()
        });
        let conditions = conditions.collect();
        let mut inventor = Inventor::new();
        let mut some = |count: usize| {
            let from = codes.len() as u16;
            codes.extend((0..count).map(|_| inventor.code()));
            from..codes.len() as u16
        };
        let tests = some(TESTS.len()).zip(TESTS).map(|(concept, (usual, spread, unit))| {
            let unit = UNITS.iter().position(|known| *known == unit).expect("every unit of a test is in the list");
            Test { concept, usual, spread, unit: unit as u8 }
        });
        let tests = tests.collect();
        let (findings, letters, vaccines) = (some(1_400), some(180), some(40));
        Concepts { codes, conditions, tests, findings, letters, vaccines }
    }
}

/// Invents ids of concepts that no code list of ours knows.
struct Inventor {
    chance: Chance,
    known: BTreeSet<String>,
}

impl Inventor {
    fn new() -> Inventor {
        let lists = [
            include_str!("../../../data-schemas/codelists/condition_snomed.csv"),
            include_str!("../../../data-schemas/codelists/observation_snomed.csv"),
            include_str!("../../../data-schemas/codelists/emergency_care.csv"),
        ];
        let cells = lists.iter().flat_map(|list| list.split([',', '\n'])).map(str::to_owned);
        Inventor { chance: Chance::of(0, 1, Stream::World), known: cells.collect() }
    }

    /// A short id, or one as the United Kingdom's extension has them.
    fn code(&mut self) -> String {
        loop {
            let stem = if self.chance.yes(0.75) {
                format!("{}00", 10_000 + self.chance.below(40_000_000))
            } else {
                format!("{}100000010", 100 + self.chance.below(99_000))
            };
            let code = with_check_digit(&stem);
            if self.known.insert(code.clone()) {
                return code;
            }
        }
    }
}

/// A concept's id out of all its digits but the last. One of ten last digits fits.
pub(crate) fn with_check_digit(stem: &str) -> String {
    let mut ids = (0..10).map(|digit| format!("{stem}{digit}"));
    ids.find(|id| SnomedCode::parse(id).is_some()).expect("a Verhoeff digit exists for any digits before it")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::parameters::parameters;

    #[test]
    fn every_code_is_one_and_no_invented_one_is_in_a_code_list() {
        let concepts = Concepts::new(parameters());
        let distinct: BTreeSet<&String> = concepts.codes.iter().collect();
        assert_eq!(distinct.len(), concepts.codes.len());
        assert!(concepts.codes.iter().all(|code| SnomedCode::parse(code).is_some()));
        assert!(concepts.codes.len() > 1_500);
        let named = concepts.conditions.iter().flatten().max().unwrap();
        assert!(*named < concepts.findings.start);
        assert_eq!(concepts.codes[usize::from(COPD_RESOLVED)], "941201000000103");
    }
}
