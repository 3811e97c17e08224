//! Defects on purpose, each of a kind that real extracts have, and a list of where they are.

use std::{any::Any, borrow::Cow};

use crate::day::Day;

use super::{
    calendar::at,
    chance::{Chance, Stream},
    gp_rows::{EventRow, PrescriptionRow},
    hospital_rows::{AttendanceRow, EpisodeRow},
    person::person_id,
    world::World,
};

/// Share of rows with a defect, in the tables that have any.
const SHARE: f64 = 0.004;

/// What was done to a row.
pub(crate) struct Defect {
    pub column: &'static str,
    pub rule: &'static str,
    /// Somebody nobody knows, in place of the person.
    pub person_id: Option<String>,
    /// The row is sent a second time; the second is the defect.
    pub is_twice: bool,
}

/// Where a defect is; row 1 is the first under the header.
pub(crate) struct Planted {
    pub row: u64,
    pub column: &'static str,
    pub rule: &'static str,
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
        if !chance.yes(SHARE) {
            return None;
        }
        let row: &mut dyn Any = row;
        let common = |chance: &mut Chance, number: u32, key: &'static str| {
            if chance.yes(0.6) {
                Defect { column: key, rule: "V06", person_id: None, is_twice: true }
            } else {
                let nobody = Some(person_id(number + (1 << 31)));
                Defect { column: "person_id", rule: "V07", person_id: nobody, is_twice: false }
            }
        };
        if let Some(event) = row.downcast_mut::<EventRow>() {
            return event_defect(event, chance).or_else(|| Some(common(chance, self.number, "event_id")));
        }
        if row.is::<PrescriptionRow>() {
            return Some(common(chance, self.number, "prescription_id"));
        }
        if let Some(episode) = row.downcast_mut::<EpisodeRow>() {
            return episode_defect(episode, chance).or_else(|| Some(common(chance, self.number, "episode_id")));
        }
        if let Some(attendance) = row.downcast_mut::<AttendanceRow>() {
            attendance.departure = at(Day::of(attendance.arrival) - 2, 600);
            return Some(in_place("departure_at", "V27"));
        }
        None
    }
}

fn in_place(column: &'static str, rule: &'static str) -> Defect {
    Defect { column, rule, person_id: None, is_twice: false }
}

fn event_defect(event: &mut EventRow, chance: &mut Chance) -> Option<Defect> {
    match chance.below(6) {
        0 => {
            event.date = event.date + 3_650;
            Some(in_place("event_date", "V09"))
        }
        1 => {
            event.date = Day::parse("1900-01-01").expect("a day of the calendar");
            Some(in_place("event_date", "V08"))
        }
        2 => {
            event.date = Day::parse("1905-06-15").expect("a day of the calendar");
            Some(in_place("event_date", "V10"))
        }
        3 => {
            event.snomed = Cow::Owned(with_wrong_check_digit(&event.snomed));
            Some(in_place("snomed_code", "V20"))
        }
        4 => match &mut event.value {
            // A laboratory's per cent under the name of the other unit.
            Some((value, unit)) if *unit == "mmol/mol" => {
                *value = ((*value + 23.497) / 10.929 * 10.0).round() / 10.0;
                Some(in_place("value", "V25"))
            }
            _ => None,
        },
        _ => None,
    }
}

fn with_wrong_check_digit(code: &str) -> String {
    let (rest, last) = code.split_at(code.len() - 1);
    let wrong = (last.parse::<u8>().expect("a SNOMED CT id is digits") + 1) % 10;
    format!("{rest}{wrong}")
}

fn episode_defect(episode: &mut EpisodeRow, chance: &mut Chance) -> Option<Defect> {
    match chance.below(4) {
        0 => {
            episode.discharged = episode.admitted - 3;
            Some(in_place("discharge_date", "V12"))
        }
        1 | 2 => {
            let code = episode.diagnoses.first_mut()?;
            *code = Cow::Owned(match code.len() {
                3 => format!("{code}X"),
                _ => format!("{}.{}", &code[..3], &code[3..]),
            });
            Some(in_place("diagnoses", "V18"))
        }
        _ => None,
    }
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
