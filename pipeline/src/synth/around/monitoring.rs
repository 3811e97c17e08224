//! `remote_monitoring`: readings that people take at home, on a virtual ward and, of some, for months.

use std::io;

use crate::day::{Day, Instant};

use super::{Scene, days, signs, virtual_ward};
use crate::synth::{
    calendar::at,
    cells::{Cell, Cells, Columns},
    chance::Stream,
    rows::{Known, Row},
    world::World,
};

/// How often a year somebody with COPD or heart failure begins to take readings: some 2% do at any one time
/// (specification 5).
const BEGIN: f64 = 0.04;
const MONTHS_DAYS: (f64, f64) = (90.0, 270.0);
/// Share of days on which somebody remembers.
const KEPT: f64 = 0.88;

/// What is measured: its concept and unit, the usual reading, how people differ, how days differ, the drift up to the day
/// before an admission, what hidden frailty does, and the range.
struct Measure {
    snomed: &'static str,
    unit: &'static str,
    usual: f64,
    people: f64,
    days: f64,
    drift: f64,
    frailty: f64,
    range: (f64, f64),
}

/// Oxygen level, heart rate, breathing rate, weight.
const MEASURES: [Measure; 4] = [
    Measure {
        snomed: "431314004",
        unit: "%",
        usual: 94.5,
        people: 1.0,
        days: 0.9,
        drift: -5.0,
        frailty: -2.0,
        range: (75.0, 100.0),
    },
    Measure {
        snomed: "364075005",
        unit: "/min",
        usual: 77.0,
        people: 6.0,
        days: 4.0,
        drift: 15.0,
        frailty: 7.0,
        range: (45.0, 160.0),
    },
    Measure {
        snomed: "86290005",
        unit: "/min",
        usual: 17.5,
        people: 1.2,
        days: 1.2,
        drift: 6.0,
        frailty: 2.0,
        range: (10.0, 40.0),
    },
    Measure {
        snomed: "27113001",
        unit: "kg",
        usual: 77.0,
        people: 14.0,
        days: 0.4,
        drift: 2.5,
        frailty: 0.0,
        range: (38.0, 160.0),
    },
];
/// The number of weight, which rises with the water of a failing heart and of nothing else.
const WEIGHT: usize = 3;

/// A row of `remote_monitoring`.
pub(crate) struct ReadingRow {
    pub n: usize,
    pub taken_at: Instant,
    pub measure: usize,
    pub value: f64,
    pub entered_by: &'static str,
}

/// The readings of a person.
pub(super) fn of(scene: &Scene) -> Vec<ReadingRow> {
    let mut chance = scene.chance(Stream::Monitoring);
    let mut monitored = Vec::new();
    for stay in virtual_ward::stays(scene) {
        monitored.extend((stay.from.0..=stay.until.0).map(Day));
    }
    for begun in days(&mut chance, scene.here.from - MONTHS_DAYS.1 as i32, scene.here.until, BEGIN) {
        let length = chance.between(MONTHS_DAYS.0, MONTHS_DAYS.1) as i32;
        let is_ill = scene.has_copd(begun) || scene.has_heart_failure(begun);
        if is_ill && scene.age(begun) >= 18.0 {
            monitored.extend((begun.0..begun.0 + length).map(Day));
        }
    }
    monitored.retain(|day| (scene.here.from..=scene.here.until).contains(day));
    monitored.sort_unstable();
    monitored.dedup();
    if monitored.is_empty() {
        return Vec::new();
    }
    let frailty = scene.signs.hidden_frailty();
    let own = MEASURES.each_ref().map(|one| one.usual + one.people * chance.normal() + one.frailty * frailty);
    let mut rows = Vec::new();
    for day in monitored {
        let (minute, is_kept) = (7 * 60 + chance.below(240) as i64, chance.yes(KEPT));
        if is_kept && !scene.signs.is_in_hospital(day) {
            let near = scene.signs.nearness(signs::READINGS, day);
            for (measure, one) in MEASURES.iter().enumerate() {
                let drifts = measure != WEIGHT || scene.has_heart_failure(day);
                let drift = if drifts { one.drift * near } else { 0.0 };
                let exact = own[measure] + drift + one.days * chance.normal();
                let exact = exact.clamp(one.range.0, one.range.1);
                let value = if measure == WEIGHT { (exact * 10.0).round() / 10.0 } else { exact.round() };
                let entered_by = if chance.yes(0.8) { "device" } else { "patient" };
                rows.push(ReadingRow { n: rows.len(), taken_at: at(day, minute), measure, value, entered_by });
            }
        }
    }
    rows
}

impl Row for ReadingRow {
    const TABLE: &'static str = "remote_monitoring";
    const COLUMNS: Columns = &[
        ("device_source", Cell::Text),
        ("reading_id", Cell::Id),
        ("person_id", Cell::Person),
        ("taken_at", Cell::Moment),
        ("code", Cell::Text),
        ("value", Cell::Decimal),
        ("unit", Cell::Text),
        ("entered_by", Cell::Text),
    ];

    fn known(&self) -> Known {
        Known::from(Day::of(self.taken_at))
    }

    fn write(&self, _: &World, person: u32, cells: &mut dyn Cells) -> io::Result<()> {
        let measure = &MEASURES[self.measure];
        cells.text("synthetic-monitor");
        cells.text(&format!("m{person}-{}", self.n));
        cells.person(person);
        cells.moment(Some(self.taken_at));
        cells.text(measure.snomed);
        cells.decimal(Some(self.value));
        cells.text(measure.unit);
        cells.text(self.entered_by);
        cells.end_row()
    }
}
