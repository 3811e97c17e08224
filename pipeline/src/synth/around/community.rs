//! `community_contacts`: nurses and therapists at home, week by week for the housebound, and for some weeks after hospital.

use std::io;

use crate::day::Day;

use super::{Scene, signs};
use crate::synth::{
    cells::{Cell, Cells, Columns},
    chance::{Chance, Stream},
    reports,
    rows::{Known, Row},
    world::World,
};

/// Share of homecomings of the old, and of people with a disease of the lungs or the heart, that are followed up.
const FOLLOWED_UP: f64 = 0.35;
/// Chance that a week's contact is followed by another of the rapid response, just before an admission that shows.
const RAPID_BEFORE: f64 = 0.5;

/// A row of `community_contacts`.
pub(crate) struct CommunityRow {
    pub n: usize,
    pub referral: usize,
    pub provider: &'static str,
    pub date: Day,
    pub team: &'static str,
    pub status: &'static str,
    pub minutes: i32,
}

/// The contacts of a person.
pub(super) fn of(scene: &Scene) -> Vec<CommunityRow> {
    let mut chance = scene.chance(Stream::Community);
    let mut planned: Vec<(Day, usize, &'static str)> = Vec::new();
    let person = &scene.story.person;
    let index = reports::patient(scene.world, person, &scene.story.conditions);
    if index.first().is_some_and(|row| row.housebound) {
        housebound(scene, &mut chance, &mut planned);
    }
    for (k, &home) in scene.signs.homecomings().iter().enumerate() {
        let needed = scene.age(home) >= 65.0 || scene.has_heart_failure(home) || scene.has_copd(home);
        if needed && chance.yes(FOLLOWED_UP) {
            let team = team(scene, home, &mut chance);
            let mut day = home + 1 + chance.below(4) as i32;
            for _ in 0..3 + chance.below(8) {
                planned.push((day, k + 1, team));
                day = day + 3 + chance.below(5) as i32;
            }
        }
    }
    planned
        .retain(|&(day, _, _)| (scene.here.from..=scene.here.until).contains(&day) && !scene.signs.is_in_hospital(day));
    planned.sort_unstable();
    let provider = scene.community_trust();
    let row = |(n, (date, referral, team))| CommunityRow {
        n,
        referral,
        provider,
        date,
        team,
        status: ["5", "3", "2", "4"][chance.weighted(&[90.0, 3.0 * scene.signs.burden(), 3.0, 4.0])],
        minutes: 10 + chance.below(50) as i32,
    };
    planned.into_iter().enumerate().map(row).collect()
}

fn housebound(scene: &Scene, chance: &mut Chance, planned: &mut Vec<(Day, usize, &'static str)>) {
    let mut day = scene.here.from;
    while day <= scene.here.until {
        day = day + 5 + (chance.wait() * 3.0).min(30.0) as i32;
        planned.push((day, 0, "district_nursing"));
        if chance.yes(RAPID_BEFORE * scene.signs.nearness(signs::VISITS, day)) {
            planned.push((day + 1, 0, "rapid_response"));
        }
    }
}

fn team(scene: &Scene, day: Day, chance: &mut Chance) -> &'static str {
    match () {
        () if scene.has_heart_failure(day) && chance.yes(0.6) => "heart_failure_nurse",
        () if scene.has_copd(day) && chance.yes(0.6) => "respiratory_nurse",
        () => ["district_nursing", "rapid_response", "therapy", "falls"][chance.weighted(&[40.0, 15.0, 30.0, 15.0])],
    }
}

impl Row for CommunityRow {
    const TABLE: &'static str = "community_contacts";
    const COLUMNS: Columns = &[
        ("contact_id", Cell::Id),
        ("referral_id", Cell::Id),
        ("person_id", Cell::Person),
        ("provider_code", Cell::Text),
        ("contact_date", Cell::Day),
        ("team_type", Cell::Text),
        ("attendance_status", Cell::Text),
        ("duration_min", Cell::Whole),
    ];

    fn known(&self) -> Known {
        Known::from(self.date)
    }

    fn write(&self, _: &World, person: u32, cells: &mut dyn Cells) -> io::Result<()> {
        cells.text(&format!("c{person}-{}", self.n));
        cells.text(&format!("cr{person}-{}", self.referral));
        cells.person(person);
        cells.text(self.provider);
        cells.day(Some(self.date));
        cells.text(self.team);
        cells.text(self.status);
        cells.whole(Some(self.minutes));
        cells.end_row()
    }
}
