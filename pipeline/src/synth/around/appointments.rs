//! `gp_appointments`: booked, then kept or not.

use std::io;

use crate::day::{Day, Instant};

use super::{Scene, days, here::Turn, signs, working_day};
use crate::synth::{
    calendar::at,
    cells::{Cell, Cells, Columns},
    chance::{Chance, Stream},
    rows::{Filing, Known, Row},
    world::World,
};

/// By how much more often people book just before an admission that shows.
const MORE_BEFORE: f64 = 1.8;
/// Chance of not coming.
const ABSENT: f64 = 0.043;
const ABSENT_MORE_BEFORE: f64 = 2.0;
const CANCELLED: f64 = 0.08;
const STATUS_OF_CANCELLED: [&str; 2] = ["cancelled_by_patient", "cancelled_by_unit"];

/// A row of `gp_appointments`.
pub(crate) struct AppointmentRow {
    pub known: Known,
    pub n: usize,
    pub practice: usize,
    pub booked_at: Instant,
    pub start_at: Instant,
    pub status: &'static str,
    pub mode: &'static str,
    pub hcp_type: &'static str,
}

/// The appointments of a person: 5.5 a year on average (specification 5).
pub(super) fn of(scene: &Scene) -> Vec<AppointmentRow> {
    let mut chance = scene.chance(Stream::GpAppointments);
    let yearly = match scene.age(scene.here.until) {
        a if a < 5.0 => 6.0,
        a if a < 18.0 => 3.0,
        a if a < 40.0 => 4.6,
        a if a < 65.0 => 6.2,
        a if a < 80.0 => 9.5,
        _ => 12.0,
    };
    let most = 1.0 + MORE_BEFORE;
    let mut rows = Vec::new();
    let tried = days(&mut chance, scene.here.from, scene.here.until, yearly * most);
    for (n, booked) in tried.into_iter().enumerate() {
        let wanted = 1.0 + MORE_BEFORE * scene.signs.nearness(signs::REQUESTS, booked);
        if chance.unit() * most < wanted {
            appointment(scene, n, working_day(booked).min(scene.here.until), &mut chance, &mut rows);
        }
    }
    rows
}

/// As it was booked, and as it turned out on its day.
fn appointment(scene: &Scene, n: usize, booked: Day, chance: &mut Chance, rows: &mut Vec<AppointmentRow>) {
    let wait = if chance.yes(0.45) { 0 } else { 1 + (chance.wait() * 9.0).min(60.0) as i32 };
    let day = working_day(booked + wait);
    let minute = 8 * 60 + chance.below(180) as i64;
    let later = 20 + chance.below(400) as i64;
    let old = scene.age(day) >= 80.0;
    let modes = [62.0, 30.0, 1.0, if old { 12.0 } else { 1.0 }, 5.0];
    let row = AppointmentRow {
        known: Known::from(booked),
        n,
        practice: scene.story.person.practice_on(booked),
        booked_at: at(booked, minute),
        start_at: at(day, minute + later),
        status: "booked",
        mode: ["face_to_face", "telephone", "video", "home_visit", "unknown"][chance.weighted(&modes)],
        hcp_type: ["gp", "nurse", "pharmacist", "social_prescriber", "other"]
            [chance.weighted(&[46.0, 26.0, 5.0, 1.0, 22.0])],
    };
    let near = scene.signs.nearness(signs::ABSENCES, day);
    let absent = ABSENT * scene.by_place() * scene.signs.burden() * (1.0 + ABSENT_MORE_BEFORE * near);
    let kept = match chance.unit() {
        draw if draw < absent.min(0.6) => "did_not_attend",
        draw if draw > 1.0 - CANCELLED => STATUS_OF_CANCELLED[chance.weighted(&[70.0, 30.0])],
        _ if scene.signs.is_in_hospital(day) => "cancelled_by_patient",
        _ => "attended",
    };
    let (settled, status) = match scene.here.turn(day) {
        Turn::Ahead => (None, ""),
        Turn::TakesPlace => (Some(day), kept),
        Turn::CalledOff(on) if scene.here.has_died => (Some(on), "cancelled_due_to_death"),
        Turn::CalledOff(on) => (Some(on), "cancelled_by_patient"),
    };
    let ended = settled.map(|on| AppointmentRow { known: Known::from(on), status, ..row });
    rows.push(AppointmentRow { known: Known { from: booked, until: settled }, ..row });
    rows.extend(ended);
}

impl Row for AppointmentRow {
    const TABLE: &'static str = "gp_appointments";
    const COLUMNS: Columns = &[
        ("appointment_id", Cell::Id),
        ("person_id", Cell::Person),
        ("practice_code", Cell::Text),
        ("booked_at", Cell::Moment),
        ("start_at", Cell::Moment),
        ("status", Cell::Text),
        ("mode", Cell::Text),
        ("hcp_type", Cell::Text),
    ];
    const FILING: Filing = Filing::ByPractice;

    fn known(&self) -> Known {
        self.known
    }

    fn provider(&self, _: &World) -> usize {
        self.practice
    }

    fn write(&self, world: &World, person: u32, cells: &mut dyn Cells) -> io::Result<()> {
        cells.text(&format!("g{person}-{}", self.n));
        cells.person(person);
        cells.text(&world.practices[self.practice].code);
        cells.moment(Some(self.booked_at));
        cells.moment(Some(self.start_at));
        cells.text(self.status);
        cells.text(self.mode);
        cells.text(self.hcp_type);
        cells.end_row()
    }
}
