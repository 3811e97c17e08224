//! Defects on purpose, each of a kind that real extracts have, and a list of where they are.

use std::{any::Any, borrow::Cow};

use crate::day::Day;

use super::{
    calendar::at,
    chance::{Chance, Stream},
    gp_rows::EventLine,
    hospital_rows::{AttendanceRow, EpisodeRow},
    person::person_id,
    rows::PatientRow,
    world::World,
};

/// Share of rows that are sent twice.
const TWICE: f64 = 0.005;
/// Share of rows about somebody whom the patient index does not know.
const NOBODY: f64 = 0.001;

/// Where a defect is; row 1 is the first under the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Planted {
    pub row: u64,
    pub column: &'static str,
    pub rule: &'static str,
}

/// What was done to a row outside the GP record.
pub(crate) struct Defect {
    pub column: &'static str,
    pub rule: &'static str,
    /// Somebody nobody knows, in place of the person.
    pub person: Option<u32>,
    /// The row is sent a second time; the second is the defect.
    pub is_twice: bool,
}

fn in_place(column: &'static str, rule: &'static str) -> Defect {
    Defect { column, rule, person: None, is_twice: false }
}

/// Puts defects into a person's rows, the same ones in every delivery.
pub(crate) struct Soil {
    chance: Option<Chance>,
    number: u32,
}

impl Soil {
    /// Soil for the person of a number; clean unless the parameters ask for dirt.
    pub fn new(world: &World, number: u32) -> Soil {
        let dirt = world.params.dirt.then(|| Chance::of(world.params.seed, number, Stream::Dirt));
        Soil { chance: dirt, number }
    }

    /// Perhaps puts a defect into a row.
    pub fn defect<R: Any>(&mut self, row: &mut R) -> Option<Defect> {
        let chance = self.chance.as_mut()?;
        let draw = chance.unit();
        let row: &mut dyn Any = row;
        if let Some(episode) = row.downcast_mut::<EpisodeRow>() {
            return match draw {
                d if d < TWICE => Some(Defect { is_twice: true, ..in_place("episode_id", "V06") }),
                d if d < TWICE + NOBODY => {
                    Some(Defect { person: Some(nobody(self.number)), ..in_place("person_id", "V07") })
                }
                d if d < 0.010 => episode_defect(episode, chance),
                // A stay that was never closed breaks no rule of a row, so it is in no list.
                d if d < 0.011 => {
                    episode.is_open = episode.order == 1 && episode.is_last;
                    None
                }
                _ => None,
            };
        }
        if let Some(attendance) = row.downcast_mut::<AttendanceRow>()
            && draw < 0.002
        {
            attendance.departure = at(Day::of(attendance.arrival) - 2, 600);
            return Some(in_place("departure_at", "V27"));
        }
        if let Some(patient) = row.downcast_mut::<PatientRow>()
            && draw < 0.005
        {
            // Traced, not verified or missing: no rule of its own, so it is in no list.
            patient.nhs_number_status = ["03", "04", "05", "07", ""][chance.below(5)];
        }
        None
    }
}

fn nobody(number: u32) -> u32 {
    number + (1 << 31)
}

fn episode_defect(episode: &mut EpisodeRow, chance: &mut Chance) -> Option<Defect> {
    if chance.yes(0.4) {
        episode.discharged = episode.admitted - 3;
        return Some(in_place("discharge_date", "V12"));
    }
    let code = episode.diagnoses.first_mut()?;
    *code = Cow::Owned(match code.len() {
        3 => format!("{code}X"),
        _ => format!("{}.{}", &code[..3], &code[3..]),
    });
    Some(in_place("diagnoses", "V18"))
}

/// What was done to a row of the GP record.
#[derive(Default)]
pub(crate) struct GpDefect {
    column: &'static str,
    rule: &'static str,
    /// The key of somebody nobody knows, in place of the person's.
    pub nobody: Option<String>,
    date: Option<Day>,
    snomed: Option<String>,
    value: Option<f64>,
    is_twice: bool,
}

impl GpDefect {
    /// How often the row is sent.
    pub fn copies(&self) -> u64 {
        1 + u64::from(self.is_twice)
    }

    /// Where it is, in the last of the rows that were sent.
    pub fn planted(&self, row: u64) -> Planted {
        Planted { row, column: self.column, rule: self.rule }
    }

    /// Does to an entry what was decided.
    pub fn change<'a>(&'a self, line: &mut EventLine<'a>) {
        line.person_id = self.nobody.as_deref().unwrap_or(line.person_id);
        line.date = self.date.unwrap_or(line.date);
        line.snomed = self.snomed.as_deref().unwrap_or(line.snomed);
        line.value = self.value.or(line.value);
    }
}

/// The chance of one row of a practice, the same in every delivery.
fn of_row(world: &World, practice: usize, row: usize, offset: u64) -> Chance {
    Chance::of(world.params.seed + offset + 2 * practice as u64, row as u32, Stream::Dirt)
}

/// The defect of a prescription, if it has any.
pub(crate) fn of_issue(world: &World, practice: usize, row: usize) -> Option<GpDefect> {
    let mut chance = of_row(world, practice, row, 1 << 40);
    common(chance.unit(), practice, row, "prescription_id")
}

/// The defect of an entry, if it has any.
pub(crate) fn of_event(world: &World, practice: usize, row: usize, line: &EventLine) -> Option<GpDefect> {
    let mut chance = of_row(world, practice, row, (1 << 40) + 1);
    let draw = chance.unit();
    let date = |day: &str| Day::parse(day).expect("a day of the calendar");
    let at = |column, rule| GpDefect { column, rule, ..GpDefect::default() };
    match draw {
        d if d > 0.9995 => Some(GpDefect { date: Some(world.params.last_day + 365), ..at("event_date", "V09") }),
        d if d > 0.9990 => Some(GpDefect { date: Some(date("1900-01-01")), ..at("event_date", "V08") }),
        d if d > 0.9988 => Some(GpDefect { date: Some(date("1905-06-15")), ..at("event_date", "V10") }),
        d if d > 0.9984 => {
            Some(GpDefect { snomed: Some(with_wrong_check_digit(line.snomed)), ..at("snomed_code", "V20") })
        }
        d if d > 0.9924 => match line.unit {
            // A laboratory's per cent under the name of the other unit.
            "mmol/mol" => {
                let per_cent = line.value.map(|value| ((value + 23.497) / 10.929 * 10.0).round() / 10.0);
                Some(GpDefect { value: per_cent, ..at("value", "V25") })
            }
            "kg" => Some(GpDefect { value: line.value.map(|kg| (kg * 1000.0).round()), ..at("value", "V25") }),
            _ => None,
        },
        _ => common(draw, practice, row, "event_id"),
    }
}

fn common(draw: f64, practice: usize, row: usize, key: &'static str) -> Option<GpDefect> {
    if draw < TWICE {
        return Some(GpDefect { column: key, rule: "V06", is_twice: true, ..GpDefect::default() });
    }
    let stranger = || person_id(nobody((practice as u32).wrapping_mul(1 << 20).wrapping_add(row as u32) >> 1));
    (draw < TWICE + NOBODY).then(|| GpDefect {
        column: "person_id",
        rule: "V07",
        nobody: Some(stranger()),
        ..GpDefect::default()
    })
}

fn with_wrong_check_digit(code: &str) -> String {
    let (rest, last) = code.split_at(code.len() - 1);
    let wrong = (last.parse::<u8>().expect("a SNOMED CT id is digits") + 1) % 10;
    format!("{rest}{wrong}")
}

/// The list of defects, as CSV.
pub(crate) fn planted_csv(defects: &[(String, Planted)]) -> Vec<u8> {
    let mut text = String::from("file,row,column,rule\n");
    for (file, planted) in defects {
        text.push_str(&format!("{file},{},{},{}\n", planted.row, planted.column, planted.rule));
    }
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_check_digit_differs_in_the_last_place_only() {
        assert_eq!(with_wrong_check_digit("195967001"), "195967002");
        assert_eq!(with_wrong_check_digit("44054009"), "44054000");
    }
}
