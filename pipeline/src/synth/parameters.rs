//! The numbers behind the population, read from the embedded files: published aggregates and design values.
//!
//! Each file's origin is in `data-schemas/synthetic/PROVENANCE.md`.

use std::sync::LazyLock;

use serde::{Deserialize, de::DeserializeOwned};

use super::numbers::{AgeBand, BoroughFigures, CONDITIONS, Condition, Diagnosis, Medicine, Occasion, Parameters};

macro_rules! embedded {
    ($name:literal) => {
        include_str!(concat!("../../../data-schemas/synthetic/", $name))
    };
}

/// The parameters, read once.
pub(crate) fn parameters() -> &'static Parameters {
    static PARAMETERS: LazyLock<Parameters> = LazyLock::new(|| {
        let conditions = conditions();
        Parameters {
            ages: ages(),
            admitted: admitted(),
            admitted_by_decade: column(embedded!("sparra_event_by_age.csv"), "event_rate_12m"),
            diagnoses: diagnoses(&conditions),
            medicines: medicines(&conditions),
            boroughs: boroughs(),
            languages: rows(embedded!("languages.csv")),
            accessible_needs: rows(embedded!("accessible_needs.csv")),
            seasons: rows(embedded!("seasonality.csv")),
            mortality: rows(embedded!("mortality_gompertz.csv")),
            conditions,
        }
    });
    &PARAMETERS
}

fn rows<T: DeserializeOwned>(text: &str) -> Vec<T> {
    let rows = csv::Reader::from_reader(text.as_bytes()).into_deserialize().collect::<Result<Vec<T>, _>>();
    rows.expect("the embedded files are well-formed; a test reads them all")
}

fn column(text: &str, name: &str) -> Vec<f64> {
    let cells: Vec<std::collections::BTreeMap<String, String>> = rows(text);
    cells.iter().map(|row| number(&row[name])).collect()
}

fn number(text: &str) -> f64 {
    text.parse().expect("the embedded files hold numbers where they should")
}

fn parts(text: &str) -> Vec<String> {
    text.split('|').filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn ages() -> Vec<AgeBand> {
    #[derive(Deserialize)]
    struct Row {
        age_band: String,
        north_east_london: f64,
    }
    let band = |row: &Row| match row.age_band.split_once('-') {
        Some((from, to)) => (number(from), number(to) + 1.0),
        None => (number(row.age_band.trim_end_matches('+')), 103.0),
    };
    let rows: Vec<Row> = rows(embedded!("age_structure.csv"));
    rows.iter().map(|row| AgeBand { from: band(row).0, to: band(row).1, share: row.north_east_london }).collect()
}

fn conditions() -> Vec<Condition> {
    type Prevalence = (String, [f64; 7]);
    #[derive(Deserialize)]
    struct Row {
        condition: String,
        snomed: String,
        icd10: String,
        mortality_ratio: f64,
        deprivation_odds_ratio: f64,
    }
    #[derive(Deserialize)]
    struct Ratio {
        condition: String,
        rate_ratio: f64,
    }
    let mut prevalence: Vec<Prevalence> = Vec::new();
    for text in [embedded!("ltc_prevalence_by_age.csv"), embedded!("extra_prevalence_by_age.csv")] {
        for record in csv::Reader::from_reader(text.as_bytes()).records() {
            let record = record.expect("the embedded files are well-formed");
            prevalence.push((record[0].to_owned(), std::array::from_fn(|i| number(&record[i + 1]) / 100.0)));
        }
    }
    let ratios: Vec<Ratio> = rows(embedded!("emergency_admission_relative_rates.csv"));
    let details: Vec<Row> = rows(embedded!("conditions.csv"));
    let condition = |row: &Row| {
        let known =
            prevalence.iter().find(|(name, _)| *name == row.condition).expect("each condition has a prevalence");
        let ratio = ratios.iter().find(|ratio| ratio.condition == row.condition).expect("each condition has a ratio");
        Condition {
            name: row.condition.clone(),
            prevalence: std::array::from_fn(|i| if i == 0 { 0.0 } else { known.1[i - 1] }),
            admission_ratio: ratio.rate_ratio,
            mortality_ratio: row.mortality_ratio,
            deprivation_odds_ratio: row.deprivation_odds_ratio,
            snomed: parts(&row.snomed),
            icd10: parts(&row.icd10),
        }
    };
    let conditions: Vec<Condition> = details.iter().map(condition).collect();
    assert_eq!(conditions.len(), CONDITIONS, "the constant follows the embedded file");
    conditions
}

fn admitted() -> Vec<(f64, [f64; 5])> {
    #[derive(Deserialize)]
    struct Row {
        age_band: String,
        rate_per_1000: f64,
    }
    let rows: Vec<Row> = rows(embedded!("emergency_admission_age_imd.csv"));
    let oldest = |row: &Row| number(row.age_band.split_once('-').expect("bands are written FROM-TO").1);
    rows.chunks(5).map(|five| (oldest(&five[0]), std::array::from_fn(|i| five[i].rate_per_1000 / 1000.0))).collect()
}

fn diagnoses(conditions: &[Condition]) -> Vec<Diagnosis> {
    #[derive(Deserialize)]
    struct Class {
        class: String,
        percent: f64,
    }
    #[derive(Deserialize)]
    struct Row {
        class: String,
        icd10: String,
        weight: f64,
        tilted_by: String,
        from_age: i32,
        to_age: i32,
        sex: Option<char>,
        also: Option<String>,
    }
    let classes: Vec<Class> = rows(embedded!("emergency_admission_diagnosis_class.csv"));
    let rows: Vec<Row> = rows(embedded!("diagnoses.csv"));
    let percent = |class: &str| classes.iter().find(|c| c.class == class).expect("each class has a share").percent;
    let total = |class: &str| rows.iter().filter(|row| row.class == class).map(|row| row.weight).sum::<f64>();
    let diagnosis = |row: &Row| Diagnosis {
        icd10: row.icd10.clone(),
        weight: percent(&row.class) * row.weight / total(&row.class),
        tilted_by: conditions.iter().position(|condition| condition.name == row.tilted_by),
        ages: (row.from_age, row.to_age),
        sex: row.sex,
        also: row.also.clone(),
        is_respiratory: row.class == "respiratory",
    };
    rows.iter().map(diagnosis).collect()
}

fn medicines(conditions: &[Condition]) -> Vec<Medicine> {
    #[derive(Deserialize)]
    struct Row {
        condition: String,
        bnf9: String,
        share: f64,
        issues_per_year: f64,
        from_age: f64,
    }
    let occasion = |name: &str| match name {
        "any" => Occasion::Any,
        "acute" => Occasion::Acute,
        _ => Occasion::Condition(
            conditions.iter().position(|c| c.name == name).expect("medicines name conditions of conditions.csv"),
        ),
    };
    let rows: Vec<Row> = rows(embedded!("medicines.csv"));
    let medicine = |row: &Row| Medicine {
        occasion: occasion(&row.condition),
        bnf9: row.bnf9.clone(),
        share: row.share,
        issues_per_year: row.issues_per_year,
        from_age: row.from_age,
    };
    rows.iter().map(medicine).collect()
}

fn boroughs() -> Vec<BoroughFigures> {
    let read = |record: Result<csv::StringRecord, csv::Error>| {
        let record = record.expect("the embedded files are well-formed");
        BoroughFigures {
            lad_code: record[0].to_owned(),
            slug: record[1].to_owned(),
            population: number(&record[2]),
            trust: record[3].to_owned(),
            site: record[4].to_owned(),
            imd_fifths: std::array::from_fn(|i| number(&record[5 + i])),
            ethnic: std::array::from_fn(|i| number(&record[10 + i])),
        }
    };
    csv::Reader::from_reader(embedded!("boroughs.csv").as_bytes()).into_records().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::numbers::ETHNIC;

    #[test]
    fn the_embedded_files_are_read_whole() {
        let all = parameters();
        assert_eq!(all.boroughs.iter().map(|b| b.population).sum::<f64>(), 2_036_470.0); // calibration_targets.csv
        assert_eq!((all.ages[0].from, all.ages[0].to), (0.0, 18.0));
        assert!((all.ages.iter().map(|band| band.share).sum::<f64>() - 1.0).abs() < 1e-9);
        assert_eq!(all.admitted.len(), 5);
        assert!((all.admitted[4].1[0] - 0.28215).abs() < 1e-9);
        assert_eq!(all.seasons.len(), 12);
        for category in ETHNIC {
            let of_it = all.languages.iter().filter(|one| one.ethnic_category == category);
            assert!(of_it.map(|one| one.share).sum::<f64>() < 1.0, "{category}: some speak English");
        }
        assert!(all.accessible_needs.iter().all(|need| need.share > 0.0));
        assert!(all.diagnoses.iter().all(|diagnosis| diagnosis.weight > 0.0));
        assert!(all.medicines.iter().all(|medicine| medicine.bnf9.len() == 9));
    }
}
