//! `home_care_visits`: a few times a day, planned a week ahead.

use std::io;

use crate::day::{Day, Instant};

use super::{Scene, here::Turn, signs};
use crate::synth::{
    calendar::at,
    cells::{Cell, Cells, Columns},
    chance::{Chance, Stream},
    rows::{Known, Row},
    world::World,
};

/// From each age on, the share of people who have home care (specification 5).
const SHARES: [(f64, f64); 3] = [(65.0, 0.015), (75.0, 0.04), (85.0, 0.12)];
const PLANNED_DAYS_AHEAD: i32 = 7;
const HOURS: [i64; 4] = [8, 12, 17, 20];
/// By how much more visits are missed, visits cut short and concerns noted just before an admission that shows.
const FAILING_MORE_BEFORE: f64 = 5.0;
const CONCERNS_MORE_BEFORE: f64 = 10.0;
const CONCERNS: [&str; 10] = [
    "fall",
    "reduced_intake",
    "confusion",
    "breathless",
    "skin",
    "medication_refused",
    "pain",
    "mobility_change",
    "carer_strain",
    "other",
];
const CONCERNS_USUAL: [f64; 10] = [8.0, 12.0, 10.0, 6.0, 15.0, 15.0, 12.0, 10.0, 7.0, 5.0];
const CONCERNS_BEFORE: [f64; 10] = [30.0, 40.0, 35.0, 30.0, 15.0, 15.0, 12.0, 20.0, 7.0, 5.0];

/// A row of `home_care_visits`.
#[derive(Clone)]
pub(crate) struct VisitRow {
    pub known: Known,
    pub n: usize,
    pub provider: &'static str,
    pub planned: Instant,
    pub actual: Option<(Instant, Instant)>,
    pub status: &'static str,
    pub carers: i32,
    pub concerns: Vec<&'static str>,
}

/// Somebody's home care.
struct Package {
    since: Day,
    a_day: usize,
    minutes: f64,
    carers: i32,
    provider: &'static str,
}

/// Since when a person has home care.
pub(super) fn since(scene: &Scene) -> Option<Day> {
    let lot = scene.chance(Stream::HomeCare).unit();
    let (age, _) = SHARES.into_iter().find(|(_, share)| lot < *share)?;
    let since = scene.here.from.max(scene.story.person.born + (age * 365.25) as i32);
    (since <= scene.here.until).then_some(since)
}

/// The visits to a person.
pub(super) fn of(scene: &Scene) -> Vec<VisitRow> {
    let Some(since) = since(scene) else { return Vec::new() };
    let mut chance = scene.chance(Stream::HomeCareVisits);
    let package = Package {
        since,
        a_day: 1 + chance.weighted(&[30.0, 35.0, 20.0, 15.0]),
        minutes: *chance.one_of(&[20.0, 30.0, 30.0, 45.0]),
        carers: 1 + i32::from(chance.yes(0.15)),
        provider: ["1-1000000001", "1-1000000002", "1-1000000003"][chance.below(3)],
    };
    let mut rows = Vec::new();
    let last = scene.here.until + PLANNED_DAYS_AHEAD;
    for day in (package.since.0..=last.0).map(Day) {
        for hour in &HOURS[..package.a_day] {
            let booked = (day - PLANNED_DAYS_AHEAD).max(package.since);
            let planned = VisitRow {
                known: Known::from(booked),
                n: rows.len(),
                provider: package.provider,
                planned: at(day, hour * 60),
                actual: None,
                status: "planned",
                carers: package.carers,
                concerns: Vec::new(),
            };
            let ended = match scene.here.turn(day) {
                Turn::Ahead => None,
                Turn::TakesPlace => Some(visited(scene, &package, day, &planned, &mut chance)),
                Turn::CalledOff(on) => {
                    let known = Known::from(on);
                    Some(VisitRow { known, status: "cancelled_by_provider", ..planned.clone() })
                }
            };
            let known = Known { from: booked, until: ended.as_ref().map(|row| row.known.from) };
            rows.push(VisitRow { known, ..planned });
            rows.extend(ended);
        }
    }
    rows
}

/// What became of a visit on its day.
fn visited(scene: &Scene, package: &Package, day: Day, planned: &VisitRow, chance: &mut Chance) -> VisitRow {
    let known = Known::from(day);
    let near = scene.signs.nearness(signs::VISITS, day);
    let failing = scene.signs.burden_at_home() * (1.0 + FAILING_MORE_BEFORE * near);
    let status = match chance.weighted(&[90.0, 6.0, 1.2 * failing, 1.5, 0.8]) {
        _ if scene.signs.is_in_hospital(day) => "hospital",
        n => ["delivered", "late", "missed", "cancelled_by_person", "cancelled_by_provider"][n],
    };
    if !["delivered", "late"].contains(&status) {
        return VisitRow { known, status, ..planned.clone() };
    }
    let late = if status == "late" { 30.0 + 20.0 * chance.wait().min(2.0) } else { chance.between(-10.0, 15.0) };
    let short = if chance.yes((0.04 * failing).min(0.7)) { chance.between(0.3, 0.6) } else { 1.0 };
    let begun = Instant(planned.planned.0 + (late * 60.0) as i64);
    let seconds = package.minutes * 60.0 * short * chance.between(0.85, 1.15);
    let worry = 0.006 * scene.signs.burden_at_home() * (1.0 + CONCERNS_MORE_BEFORE * near);
    let concerns = if chance.yes(worry.min(0.5)) { concerns(near, chance) } else { Vec::new() };
    VisitRow { known, status, actual: Some((begun, Instant(begun.0 + seconds as i64))), concerns, ..planned.clone() }
}

/// What worried the carer: one thing, or two.
fn concerns(near: f64, chance: &mut Chance) -> Vec<&'static str> {
    let weights = if near > 0.0 { &CONCERNS_BEFORE } else { &CONCERNS_USUAL };
    let (one, other) = (chance.weighted(weights), chance.weighted(weights));
    if one == other || chance.yes(0.7) { vec![CONCERNS[one]] } else { vec![CONCERNS[one], CONCERNS[other]] }
}

impl Row for VisitRow {
    const TABLE: &'static str = "home_care_visits";
    const COLUMNS: Columns = &[
        ("visit_id", Cell::Id),
        ("person_id", Cell::Person),
        ("provider_id", Cell::Text),
        ("package_id", Cell::Text),
        ("planned_start", Cell::Moment),
        ("actual_start", Cell::Moment),
        ("actual_end", Cell::Moment),
        ("status", Cell::Text),
        ("carers", Cell::Whole),
        ("concern_flags", Cell::List),
    ];

    fn known(&self) -> Known {
        self.known
    }

    fn write(&self, _: &World, person: u32, cells: &mut dyn Cells) -> io::Result<()> {
        cells.text(&format!("v{person}-{}", self.n));
        cells.person(person);
        cells.text(self.provider);
        cells.text(&format!("p{person}"));
        cells.moment(Some(self.planned));
        cells.moment(self.actual.map(|(start, _)| start));
        cells.moment(self.actual.map(|(_, end)| end));
        cells.text(self.status);
        cells.whole(Some(self.carers));
        cells.list(&self.concerns);
        cells.end_row()
    }
}
