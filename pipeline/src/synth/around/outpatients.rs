//! `outpatient_appointments`: as trusts send them, a month late.

use std::io;

use crate::day::Day;

use super::{Scene, days, here::Turn, signs, working_day};
use crate::synth::{
    cells::{Cell, Cells, Columns},
    chance::{Chance, Stream},
    rows::{Filing, Known, Row},
    world::World,
};

/// Days from an appointment until the trust has sent what became of it.
pub(crate) const SENT_AFTER: i32 = 30;
/// Chance of not coming (specification 5).
const ABSENT: f64 = 0.067;
const ABSENT_MORE_BEFORE: f64 = 2.0;
/// Share of appointments of a trust that is not the borough's.
const ELSEWHERE: f64 = 0.12;
const FUNCTIONS: [&str; 10] = ["100", "110", "120", "130", "300", "320", "330", "340", "410", "502"];

/// A row of `outpatient_appointments`.
pub(crate) struct ClinicRow {
    pub known: Known,
    pub n: usize,
    pub provider: &'static str,
    pub date: Day,
    pub attended: &'static str,
    pub first: &'static str,
    pub function: &'static str,
    pub referred: Day,
}

/// The appointments of a person: 1.7 a year on average (specification 5).
pub(super) fn of(scene: &Scene) -> Vec<ClinicRow> {
    let mut chance = scene.chance(Stream::Outpatients);
    let yearly = match scene.age(scene.here.until) {
        a if a < 18.0 => 0.9,
        a if a < 40.0 => 1.25,
        a if a < 65.0 => 1.9,
        a if a < 80.0 => 4.4,
        _ => 5.0,
    };
    let mut rows = Vec::new();
    let booked = days(&mut chance, scene.here.from, scene.here.until, yearly);
    for (n, booked) in booked.into_iter().enumerate() {
        appointment(scene, n, booked, &mut chance, &mut rows);
    }
    rows
}

fn appointment(scene: &Scene, n: usize, booked: Day, chance: &mut Chance, rows: &mut Vec<ClinicRow>) {
    let date = working_day(booked + 7 + (chance.wait() * 35.0).min(180.0) as i32);
    let elsewhere = chance.yes(ELSEWHERE);
    let there = chance.one_of(&scene.world.numbers.boroughs);
    let row = ClinicRow {
        known: Known::from(booked),
        n,
        provider: if elsewhere { &there.trust } else { &scene.borough().trust },
        date,
        attended: "0",
        first: ["1", "2", "3", "4"][chance.weighted(&[30.0, 62.0, 2.0, 6.0])],
        function: chance.one_of::<&str>(&FUNCTIONS),
        referred: (booked - chance.below(40) as i32).max(scene.story.person.born),
    };
    let near = scene.signs.nearness(signs::ABSENCES, date);
    let absent = ABSENT * scene.by_place() * scene.signs.burden() * (1.0 + ABSENT_MORE_BEFORE * near);
    let kept = match chance.unit() {
        draw if draw < absent.min(0.6) => ["3", "7"][chance.weighted(&[93.0, 7.0])],
        draw if draw > 0.85 => ["2", "4"][chance.weighted(&[45.0, 55.0])],
        _ if scene.signs.is_in_hospital(date) => "2",
        _ => ["5", "6"][chance.weighted(&[96.0, 4.0])],
    };
    let (settled, attended) = match scene.here.turn(date) {
        Turn::Ahead => (None, ""),
        Turn::TakesPlace => (Some(date + SENT_AFTER), kept),
        Turn::CalledOff(on) => (Some(on + SENT_AFTER), "2"),
    };
    let ended = settled.map(|on| ClinicRow { known: Known::from(on), attended, ..row });
    rows.push(ClinicRow { known: Known { from: booked, until: settled }, ..row });
    rows.extend(ended);
}

impl Row for ClinicRow {
    const TABLE: &'static str = "outpatient_appointments";
    const COLUMNS: Columns = &[
        ("appointment_id", Cell::Id),
        ("person_id", Cell::Person),
        ("provider_code", Cell::Text),
        ("appointment_date", Cell::Day),
        ("attended", Cell::Text),
        ("first_attendance", Cell::Text),
        ("treatment_function", Cell::Text),
        ("referral_received_date", Cell::Day),
    ];
    const FILING: Filing = Filing::ByTrustAndMonth;

    fn known(&self) -> Known {
        self.known
    }

    fn provider(&self, world: &World) -> usize {
        world.trust(self.provider)
    }

    fn write(&self, _: &World, person: u32, cells: &mut dyn Cells) -> io::Result<()> {
        cells.text(&format!("o{person}-{}", self.n));
        cells.person(person);
        cells.text(self.provider);
        cells.day(Some(self.date));
        cells.text(self.attended);
        cells.text(self.first);
        cells.text(self.function);
        cells.day(Some(self.referred));
        cells.end_row()
    }
}
