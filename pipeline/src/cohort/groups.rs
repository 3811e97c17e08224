//! The groups of people for whom risks must be as right, and lists as open, as for everybody: by age, sex, deprivation,
//! ethnicity, main language, and whether an interpreter is needed.

use earlycall_schemas::codelists::{LANGUAGE_FAMILIES, MainLanguage, main_language};

use crate::{cohort::Circumstances, history::records::Person};

/// A way to divide people into groups.
pub struct Characteristic {
    /// As told in reports and JSON.
    pub name: &'static str,
    /// Its groups, in the order in which they are told. The last is of whom it is not known.
    pub groups: &'static [&'static str],
    /// The place of a person's group.
    place: fn(&Person, &Circumstances) -> usize,
}

const NOT_KNOWN: &str = "not known";

/// All of them. None is left out of a report because somebody would rather not know.
pub const CHARACTERISTICS: [Characteristic; 6] = [
    Characteristic {
        name: "age",
        groups: &["18 to 39", "40 to 64", "65 to 74", "75 to 84", "85 and over", NOT_KNOWN],
        place: age,
    },
    Characteristic { name: "sex", groups: &["male", "female", NOT_KNOWN], place: sex },
    Characteristic {
        name: "deprivation",
        groups: &["most deprived fifth", "second", "third", "fourth", "least deprived fifth", NOT_KNOWN],
        place: deprivation,
    },
    Characteristic {
        name: "ethnicity",
        groups: &["White", "Mixed", "Asian or Asian British", "Black or Black British", "Chinese or other", NOT_KNOWN],
        place: ethnicity,
    },
    Characteristic { name: "main language", groups: &LANGUAGES, place: language },
    Characteristic { name: "interpreter", groups: &["needed", "not needed", NOT_KNOWN], place: interpreter },
];

/// The families of main languages, others, and not known.
const LANGUAGES: [&str; LANGUAGE_FAMILIES.len() + 2] = {
    let mut groups = ["another"; LANGUAGE_FAMILIES.len() + 2];
    let mut n = 0;
    while n < LANGUAGE_FAMILIES.len() {
        groups[n] = LANGUAGE_FAMILIES[n];
        n += 1;
    }
    groups[LANGUAGE_FAMILIES.len() + 1] = NOT_KNOWN;
    groups
};

/// The places of somebody's groups, one for each characteristic.
pub type Places = [u8; CHARACTERISTICS.len()];

/// The places of a person's groups, one for each characteristic.
pub fn places(person: &Person, at: &Circumstances) -> Places {
    CHARACTERISTICS.map(|one| (one.place)(person, at) as u8)
}

fn age(person: &Person, at: &Circumstances) -> usize {
    let Some(birth) = person.patient.birth_month else { return 5 };
    match at.index_date.years_since(birth) {
        ..40 => 0,
        40..65 => 1,
        65..75 => 2,
        75..85 => 3,
        85.. => 4,
    }
}

fn sex(person: &Person, _: &Circumstances) -> usize {
    match person.patient.sex.as_str() {
        "1" => 0,
        "2" => 1,
        _ => 2,
    }
}

/// Fifths of the areas of England by the Index of Multiple Deprivation.
fn deprivation(person: &Person, at: &Circumstances) -> usize {
    let decile = at.reference.areas.get(&person.patient.lsoa21).and_then(|area| area.imd_decile);
    decile.and_then(|decile| usize::try_from((decile - 1) / 2).ok()).unwrap_or(5)
}

/// The headings under which the 2001 categories stand.
fn ethnicity(person: &Person, _: &Circumstances) -> usize {
    match person.patient.ethnic_category.as_str() {
        "A" | "B" | "C" => 0,
        "D" | "E" | "F" | "G" => 1,
        "H" | "J" | "K" | "L" => 2,
        "M" | "N" | "P" => 3,
        "R" | "S" => 4,
        _ => 5,
    }
}

fn language(person: &Person, _: &Circumstances) -> usize {
    match main_language(person.patient.main_language.as_str()) {
        MainLanguage::Known(language) => {
            let families = LANGUAGE_FAMILIES.iter();
            families.take_while(|family| **family != language.family).count()
        }
        MainLanguage::Another => LANGUAGE_FAMILIES.len(),
        MainLanguage::NotRecorded | MainLanguage::Unlisted => LANGUAGE_FAMILIES.len() + 1,
    }
}

fn interpreter(person: &Person, _: &Circumstances) -> usize {
    match person.patient.interpreter_needed {
        Some(true) => 0,
        Some(false) => 1,
        None => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cohort::tests::life::{HOME, circumstances, person},
        history::records::{Code, ShortCode},
    };

    /// The names of somebody's groups; sex and ethnicity as codes.
    fn names(lines: &str, sex: &str, ethnicity: &str) -> [&'static str; 6] {
        let mut somebody = person(lines);
        somebody.patient.sex = ShortCode::new(sex);
        somebody.patient.ethnic_category = ShortCode::new(ethnicity);
        let places = circumstances(|at| places(&somebody, at));
        std::array::from_fn(|nth| CHARACTERISTICS[nth].groups[usize::from(places[nth])])
    }

    #[test]
    fn everybody_has_a_group_of_each_characteristic() {
        // The area is of the third decile.
        let expected = ["75 to 84", "female", "second", "Black or Black British", NOT_KNOWN, NOT_KNOWN];
        assert_eq!(names(&format!("born 1950-03 {HOME}"), "2", "N"), expected);
        assert_eq!(
            names("born 1941-11 E01999999", "9", "Z"),
            ["85 and over", NOT_KNOWN, NOT_KNOWN, NOT_KNOWN, NOT_KNOWN, NOT_KNOWN]
        );
    }

    #[test]
    fn a_language_counts_with_its_family_and_a_concept_that_is_not_listed_with_nobody() {
        let group = |code: &str| {
            let mut somebody = person("born 1950-03 -");
            somebody.patient.main_language = Code::new(code);
            CHARACTERISTICS[4].groups[circumstances(|at| language(&somebody, at))]
        };
        let told = ["en", "bn", "pl", "bfi", "mt", "160000000", ""].map(group);
        let expected = ["English", "South Asian", "European", "sign language", "another", NOT_KNOWN, NOT_KNOWN];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_group_begins_on_the_birthday() {
        // On 20 November 2026; a month of birth counts from its first day.
        let born =
            ["1986-12", "1986-11", "1961-12", "1961-11"].map(|month| names(&format!("born {month} -"), "1", "A")[0]);
        assert_eq!(born, ["18 to 39", "40 to 64", "40 to 64", "65 to 74"]);
    }
}
