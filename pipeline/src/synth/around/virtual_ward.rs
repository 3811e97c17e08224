//! `virtual_ward_stays`: for some days after hospital, at home.

use std::io;

use crate::day::{Day, Instant};

use super::{Scene, versions};
use crate::synth::{
    calendar::at,
    cells::{Cell, Cells, Columns},
    chance::Stream,
    rows::{Known, Row},
    world::World,
};

/// Share of homecomings of people with COPD, heart failure or frailty that go by way of a virtual ward: some 45 beds per
/// 100,000 adults (specification 5).
const BY_THE_WARD: f64 = 0.7;
const FRAIL_FROM_AGE: f64 = 75.0;
const MINUTES_ADMITTED: i64 = 12 * 60;
const MINUTES_ENDED: i64 = 19 * 60;

/// A row of `virtual_ward_stays`.
pub(crate) struct WardRow {
    pub known: Known,
    pub n: usize,
    pub provider: &'static str,
    pub start_at: Instant,
    pub end_at: Option<Instant>,
    pub pathway: &'static str,
    pub reason: &'static str,
}

/// A stay: its first day, and its last, which may lie after the history.
pub(super) struct WardStay {
    pub from: Day,
    pub until: Day,
    pathway: &'static str,
    reason: &'static str,
}

/// The stays of a person.
pub(super) fn stays(scene: &Scene) -> Vec<WardStay> {
    let mut chance = scene.chance(Stream::VirtualWard);
    let mut stays: Vec<WardStay> = Vec::new();
    for &from in scene.signs.homecomings() {
        let Some(pathway) = pathway(scene, from) else { continue };
        let is_free = stays.last().is_none_or(|stay| stay.until < from);
        if !chance.yes(BY_THE_WARD) || !is_free || !(scene.here.from..=scene.here.until).contains(&from) {
            continue;
        }
        let nights = (2.45 + 0.6 * chance.normal()).exp().clamp(2.0, 42.0) as i32;
        let declines = chance.yes(0.05);
        let planned = if declines { from + 1 } else { from + nights };
        let mut stay =
            WardStay { from, until: planned, pathway, reason: if declines { "declined" } else { "completed" } };
        if let Some(day) = scene.signs.next_admission(from).filter(|&day| day <= planned) {
            (stay.until, stay.reason) = (day, "admitted");
        }
        if scene.here.is_gone && stay.until > scene.here.until {
            (stay.until, stay.reason) = (scene.here.until, if scene.here.has_died { "died" } else { "completed" });
        }
        stays.push(stay);
    }
    stays
}

/// The ward that somebody would go to.
fn pathway(scene: &Scene, day: Day) -> Option<&'static str> {
    let frail = scene.world.named.frail.iter().any(|&condition| scene.story.conditions.has(condition, day));
    match () {
        () if scene.age(day) < 18.0 => None,
        () if scene.has_heart_failure(day) => Some("heart_failure"),
        () if scene.has_copd(day) => Some("respiratory"),
        () if frail || scene.age(day) >= FRAIL_FROM_AGE => Some("frailty"),
        () => None,
    }
}

/// The rows of a person: each stay as it began, and as it ended.
pub(super) fn of(scene: &Scene) -> Vec<WardRow> {
    let provider = scene.borough().trust.as_str();
    let mut rows = Vec::new();
    for (n, stay) in stays(scene).into_iter().enumerate() {
        let mut steps = vec![(stay.from, None)];
        if stay.until <= scene.here.until {
            steps.push((stay.until, Some(at(stay.until, MINUTES_ENDED))));
        }
        rows.extend(versions(steps).into_iter().map(|(known, end_at)| WardRow {
            known,
            n,
            provider,
            start_at: at(stay.from, MINUTES_ADMITTED),
            end_at,
            pathway: stay.pathway,
            reason: if end_at.is_some() { stay.reason } else { "" },
        }));
    }
    rows
}

impl Row for WardRow {
    const TABLE: &'static str = "virtual_ward_stays";
    const COLUMNS: Columns = &[
        ("stay_id", Cell::Id),
        ("person_id", Cell::Person),
        ("provider_code", Cell::Text),
        ("start_at", Cell::Moment),
        ("end_at", Cell::Moment),
        ("pathway", Cell::Text),
        ("end_reason", Cell::Text),
    ];

    fn known(&self) -> Known {
        self.known
    }

    fn write(&self, _: &World, person: u32, cells: &mut dyn Cells) -> io::Result<()> {
        cells.text(&format!("vw{person}-{}", self.n));
        cells.person(person);
        cells.text(self.provider);
        cells.moment(Some(self.start_at));
        cells.moment(self.end_at);
        cells.text(self.pathway);
        cells.text(self.reason);
        cells.end_row()
    }
}
