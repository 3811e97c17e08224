//! The heavy part of a night on made-up lives: to look at each person, count their features, and score.
//!
//! Nothing comes from a file, and nothing from the synthetic population, so the work changes only when the code of the
//! night does. `benchmarks/instructions.py` counts the instructions of [`work`] and of what it calls; the lives and
//! the model are made outside of it. Prints how many people are scored, and a checksum of their risks.

mod lives;

use std::{collections::BTreeMap, error::Error};

use earlycall::{
    cohort::{Circumstances, divide, one_fate::Fates},
    day::Day,
    features::{Feeds, Tally, cells, columns::scales},
    history::{LsoaRow, PracticeRow, Reference, records::Code, records::Person},
    model_store,
    settings::Settings,
};
use earlycall_model::{Column, RiskModel, RiskModelParams, Rows, Training};
use ndarray::ArrayView2;

/// People who are scored at a time, as in a night.
const BLOCK: usize = 256;
/// People made up, and those of them that the model is trained on.
const PEOPLE: usize = 2_000;
const TAUGHT: usize = 500;

fn main() -> Result<(), Box<dyn Error>> {
    let index_date = Day::parse("2026-11-20").ok_or("a day")?;
    let feeds = Feeds::new(["gp_events", "gp_prescriptions", "apc_episodes", "ed_attendances"]);
    let (reference, settings) = (reference(), Settings::default());
    let at = Circumstances::of(&reference, index_date, &feeds, &settings, Fates::none());
    let people = lives::draw(PEOPLE, index_date);
    let columns = model_store::columns();
    let model = train(&people[..TAUGHT], &at, &columns)?;
    let risks = work(&people, &at, &columns, &model)?;
    let sum = risks.iter().fold(0_u64, |sum, risk| sum.rotate_left(5) ^ risk.to_bits());
    println!("{} of {PEOPLE} scored, checksum {sum:016x}", risks.len());
    Ok(())
}

/// What is counted. As `score::everybody` does it, but for the reading of the buckets.
#[inline(never)]
fn work(
    people: &[Person],
    at: &Circumstances,
    columns: &[Column],
    model: &RiskModel,
) -> Result<Vec<f64>, earlycall_model::Error> {
    let mut risks = Vec::new();
    for people in people.chunks(BLOCK) {
        let rows = rows(people, at);
        let x = ArrayView2::from_shape((rows.len() / columns.len(), columns.len()), &rows).expect("whole rows");
        risks.extend(model.score(&Rows { columns, x })?.into_iter().map(|score| score.risk));
    }
    Ok(risks)
}

/// The model's rows of whoever is scored, one after another.
fn rows(people: &[Person], at: &Circumstances) -> Vec<f64> {
    let mut tally = Tally::new(at.index_date, at.feeds);
    let mut rows = Vec::new();
    divide(people, at, |assessed| {
        let values = tally.values(&assessed.subject());
        rows.extend(cells(values).zip(scales()).map(|(cell, &scale)| cell.number(scale)));
    });
    rows
}

/// Every fifth has an admission: enough for a model, which is not counted.
fn train(people: &[Person], at: &Circumstances, columns: &[Column]) -> Result<RiskModel, Box<dyn Error>> {
    let rows = rows(people, at);
    let x = ArrayView2::from_shape((rows.len() / columns.len(), columns.len()), &rows)?;
    let persons: Vec<u64> = (0..x.nrows() as u64).collect();
    let events: Vec<bool> = persons.iter().map(|person| person % 5 == 0).collect();
    let params = RiskModelParams::new().folds(2).l2(&[100.0]).threads(1).check()?;
    Ok(params.fit(&Training { rows: Rows { columns, x }, events: &events, persons: &persons })?)
}

/// One practice, which shares its records, and one area.
fn reference() -> Reference {
    let practice = PracticeRow {
        name: "Practice".to_owned(),
        pcn_code: Code::new("U90000"),
        lad_code: Code::new("E09000001"),
        shares: true,
        gap: None,
        is_part_read: false,
    };
    let area = LsoaRow { imd_decile: Some(3), lad_code: Code::new("E09000001"), neighbourhood: String::new() };
    Reference {
        practices: BTreeMap::from([(Code::new(lives::PRACTICE), practice)]),
        areas: BTreeMap::from([(Code::new(lives::HOME), area)]),
        teams: Vec::new(),
    }
}
