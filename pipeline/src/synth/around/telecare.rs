//! `telecare_events`: pendants and sensors in the homes of the old.

use std::io;

use crate::day::{Day, Instant};

use super::{Scene, days, home_care, signs};
use crate::synth::{
    calendar::at,
    cells::{Cell, Cells, Columns},
    chance::{Chance, Stream},
    rows::{Known, Row},
    world::World,
};

/// Share of people with home care who have telecare, and of everybody else from 80.
const OF_HOME_CARE: f64 = 0.33;
const OF_THE_OLD: f64 = 0.06;
const OLD_FROM_AGE: f64 = 80.0;
/// By how much more often something happens just before an admission that shows.
const MORE_BEFORE: f64 = 5.0;
/// Days between the test calls.
const TESTED_EVERY_DAYS: i32 = 28;
/// What happens how often a year, from which device, and whether it happens more to the frail and before admissions. The
/// pendant is everybody's; of the other devices each home has one.
const EVENTS: [(&str, &str, f64, bool); 8] = [
    ("alarm", "pendant", 9.0, true),
    ("alarm", "fall_detector", 12.0, true),
    ("no_activity", "motion_sensor", 9.0, true),
    ("out_of_bed", "bed_sensor", 25.0, true),
    ("left_home", "door_sensor", 6.0, false),
    ("missed_medication", "medication_dispenser", 14.0, true),
    ("fault", "pendant", 0.6, false),
    ("alarm", "smoke_detector", 0.5, false),
];
const DEVICES: [&str; 5] = ["fall_detector", "motion_sensor", "bed_sensor", "door_sensor", "medication_dispenser"];
const RESPONSES: [&str; 6] =
    ["none_needed", "spoke_to_person", "family_attended", "responder_attended", "ambulance_called", "no_answer"];

/// A row of `telecare_events`.
pub(crate) struct TelecareRow {
    pub n: usize,
    pub occurred_at: Instant,
    pub device: &'static str,
    pub event: &'static str,
    pub response: &'static str,
    pub responded_at: Instant,
}

/// Since when a person has telecare.
fn since(scene: &Scene, chance: &mut Chance) -> Option<Day> {
    let lot = chance.unit();
    let turned_old = scene.story.person.born + (OLD_FROM_AGE * 365.25) as i32;
    let since = match home_care::since(scene) {
        Some(day) => (lot < OF_HOME_CARE).then_some(day),
        None => (lot < OF_THE_OLD).then_some(turned_old),
    };
    since.map(|day| day.max(scene.here.from)).filter(|&day| day <= scene.here.until)
}

/// The events of a person's home, in order.
pub(super) fn of(scene: &Scene) -> Vec<TelecareRow> {
    let mut chance = scene.chance(Stream::Telecare);
    let Some(since) = since(scene, &mut chance) else { return Vec::new() };
    let own = chance.one_of::<&str>(&DEVICES);
    let mut happened: Vec<(Day, &'static str, &'static str)> = Vec::new();
    let tests = (since.0..=scene.here.until.0).step_by(TESTED_EVERY_DAYS as usize);
    happened.extend(tests.map(|day| (Day(day), "test", "pendant")));
    for (event, device, yearly, tells) in EVENTS {
        if DEVICES.contains(&device) && device != *own {
            continue;
        }
        let burden = if tells { scene.signs.burden_at_home() } else { 1.0 };
        let most = 1.0 + MORE_BEFORE;
        for day in days(&mut chance, since, scene.here.until, yearly * burden * most) {
            let near = if tells { scene.signs.nearness(signs::ALARMS, day) } else { 0.0 };
            if chance.unit() * most < 1.0 + MORE_BEFORE * near {
                happened.push((day, event, device));
            }
        }
    }
    happened.retain(|&(day, _, _)| !scene.signs.is_in_hospital(day));
    happened.sort_unstable();
    let row = |(n, (day, event, device))| {
        let minute = chance.below(22 * 60) as i64;
        let occurred_at = at(day, minute);
        let weights: &[f64] = match event {
            "alarm" => &[18.0, 56.0, 9.0, 8.0, 4.0, 5.0],
            "no_activity" => &[10.0, 60.0, 15.0, 8.0, 1.0, 6.0],
            _ => &[70.0, 25.0, 3.0, 1.0, 0.0, 1.0],
        };
        let response = RESPONSES[chance.weighted(weights)];
        let responded_at = Instant(occurred_at.0 + 20 + chance.below(1_200) as i64);
        TelecareRow { n, occurred_at, device, event, response, responded_at }
    };
    happened.into_iter().enumerate().map(row).collect()
}

impl Row for TelecareRow {
    const TABLE: &'static str = "telecare_events";
    const COLUMNS: Columns = &[
        ("supplier_id", Cell::Text),
        ("event_id", Cell::Id),
        ("person_id", Cell::Person),
        ("occurred_at", Cell::Moment),
        ("device_type", Cell::Text),
        ("event_type", Cell::Text),
        ("response", Cell::Text),
        ("responded_at", Cell::Moment),
    ];

    fn known(&self) -> Known {
        Known::from(Day::of(self.occurred_at))
    }

    fn write(&self, _: &World, person: u32, cells: &mut dyn Cells) -> io::Result<()> {
        cells.text("synthetic-careline");
        cells.text(&format!("t{person}-{}", self.n));
        cells.person(person);
        cells.moment(Some(self.occurred_at));
        cells.text(self.device);
        cells.text(self.event);
        cells.text(self.response);
        cells.moment(Some(self.responded_at));
        cells.end_row()
    }
}
