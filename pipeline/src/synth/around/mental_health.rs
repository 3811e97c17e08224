//! `mental_health_contacts`: courses of contacts, week by week.

use std::io;

use crate::day::Day;

use super::{Scene, days};
use crate::synth::{
    cells::{Cell, Cells, Columns},
    chance::Stream,
    rows::{Known, Row},
    world::World,
};

/// Courses that begin per person and year, from this age on.
const BEGIN: f64 = 0.03;
const FROM_AGE: f64 = 12.0;
const ABSENT: f64 = 9.0;
const TEAMS: [&str; 6] = ["talking_therapies", "community", "crisis", "liaison", "memory", "other"];

/// A row of `mental_health_contacts`.
pub(crate) struct MentalHealthRow {
    pub n: usize,
    pub referral: usize,
    pub provider: &'static str,
    pub date: Day,
    pub team: &'static str,
    pub status: &'static str,
}

/// The contacts of a person: some 3% have any in a year.
pub(super) fn of(scene: &Scene) -> Vec<MentalHealthRow> {
    let mut chance = scene.chance(Stream::MentalHealth);
    let provider = scene.community_trust();
    let mut rows = Vec::new();
    let begun = days(&mut chance, scene.here.from, scene.here.until, BEGIN);
    for (referral, begun) in begun.into_iter().enumerate().filter(|(_, day)| scene.age(*day) >= FROM_AGE) {
        let memory = if scene.age(begun) >= 65.0 { 60.0 } else { 0.0 };
        let team = TEAMS[chance.weighted(&[45.0, 30.0, 8.0, 7.0, memory, 5.0])];
        let contacts = 1 + (chance.wait() * 7.0).min(60.0) as usize;
        let every = *chance.one_of(&[7, 7, 14, 28]);
        for k in 0..contacts as i32 {
            let date = begun + k * every + chance.below(3) as i32;
            let status = ["5", "3", "2", "4"][chance.weighted(&[80.0, ABSENT * scene.signs.burden(), 6.0, 5.0])];
            if date <= scene.here.until {
                rows.push(MentalHealthRow { n: rows.len(), referral, provider, date, team, status });
            }
        }
    }
    rows
}

impl Row for MentalHealthRow {
    const TABLE: &'static str = "mental_health_contacts";
    const COLUMNS: Columns = &[
        ("contact_id", Cell::Id),
        ("referral_id", Cell::Id),
        ("person_id", Cell::Person),
        ("provider_code", Cell::Text),
        ("contact_date", Cell::Day),
        ("team_type", Cell::Text),
        ("attendance_status", Cell::Text),
    ];

    fn known(&self) -> Known {
        Known::from(self.date)
    }

    fn write(&self, _: &World, person: u32, cells: &mut dyn Cells) -> io::Result<()> {
        cells.text(&format!("mh{person}-{}", self.n));
        cells.text(&format!("mr{person}-{}", self.referral));
        cells.person(person);
        cells.text(self.provider);
        cells.day(Some(self.date));
        cells.text(self.team);
        cells.text(self.status);
        cells.end_row()
    }
}
