//! `social_prescribing_referrals`: a row that changes as the referral goes on.

use std::io;

use crate::day::Day;

use super::{Scene, days, versions};
use crate::synth::{
    cells::{Cell, Cells, Columns},
    chance::{Chance, Stream},
    rows::{Known, Row},
    world::World,
};

/// Referrals per adult and year (specification 5).
const YEARLY: f64 = 0.015;
const SOURCES: [&str; 6] = ["gp", "coach", "self", "hospital", "council", "other"];
const NEEDS: [&str; 10] = [
    "loneliness",
    "housing",
    "money",
    "carer",
    "physical_activity",
    "mental_wellbeing",
    "food",
    "employment",
    "long_term_condition",
    "other",
];
const NEED_WEIGHTS: [f64; 10] = [22.0, 10.0, 16.0, 6.0, 9.0, 20.0, 5.0, 6.0, 10.0, 4.0];
const PROGRAMMES: [&str; 4] = ["link-workers-a", "link-workers-b", "link-workers-c", "link-workers-d"];

/// A row of `social_prescribing_referrals`.
pub(crate) struct ReferralRow {
    pub known: Known,
    pub n: usize,
    pub referred: Day,
    pub source: &'static str,
    pub needs: Vec<&'static str>,
    pub status: &'static str,
    pub programme: &'static str,
    pub sessions: i32,
    pub outcome: Option<Day>,
    pub before: Vec<String>,
    pub after: Vec<String>,
}

/// The referrals of a person: those of an adult.
pub(super) fn of(scene: &Scene) -> Vec<ReferralRow> {
    let mut chance = scene.chance(Stream::SocialPrescribing);
    let referred = days(&mut chance, scene.here.from, scene.here.until, YEARLY);
    let adult = referred.into_iter().filter(|&day| scene.age(day) >= 18.0).enumerate();
    adult.flat_map(|(n, day)| referral(scene, n, day, &mut chance)).collect()
}

/// A referral from its arrival to its end, as far as that has come.
fn referral(scene: &Scene, n: usize, referred: Day, chance: &mut Chance) -> Vec<ReferralRow> {
    let source = SOURCES[chance.weighted(&[62.0, 6.0, 8.0, 8.0, 8.0, 8.0])];
    let needs = needs(chance);
    let programme = chance.one_of::<&str>(&PROGRAMMES);
    let accepted = referred + 1 + (chance.wait() * 8.0) as i32;
    let begun = accepted + 2 + (chance.wait() * 14.0) as i32;
    let planned = 2 + chance.below(9) as i32;
    let ended = begun + 14 * planned;
    let (completes, declines) = (chance.yes(0.7), chance.yes(0.15));
    let met = if completes { planned } else { 1 + chance.below(planned as usize) as i32 };
    let steps = if declines {
        vec![(referred, ("received", 0)), (accepted, ("declined", 0))]
    } else {
        let end = if completes { "completed" } else { "disengaged" };
        vec![(referred, ("received", 0)), (accepted, ("accepted", 0)), (begun, ("active", 1)), (ended, (end, met))]
    };
    let steps = steps.into_iter().filter(|(day, _)| *day <= scene.here.until).collect();
    let (is_asked, is_asked_again) = (chance.yes(0.6), chance.yes(0.65));
    let before = is_asked.then(|| wellbeing(chance));
    let after = before.filter(|_| is_asked_again).map(|before| wellbeing_after(before, chance));
    let row = |(known, (status, sessions)): (Known, (&'static str, i32))| {
        let has_ended = ["declined", "completed", "disengaged"].contains(&status);
        let asked = |scores: Option<[i32; 4]>, is_time| scores.filter(|_| is_time).map_or_else(Vec::new, in_words);
        ReferralRow {
            known,
            n,
            referred,
            source,
            needs: needs.clone(),
            status,
            programme,
            sessions,
            outcome: has_ended.then_some(known.from),
            before: asked(before, sessions > 0),
            after: asked(after, status == "completed"),
        }
    };
    versions(steps).into_iter().map(row).collect()
}

/// One to three, each once.
fn needs(chance: &mut Chance) -> Vec<&'static str> {
    let mut needs = Vec::new();
    for _ in 0..1 + chance.below(3) {
        let need = NEEDS[chance.weighted(&NEED_WEIGHTS)];
        if !needs.contains(&need) {
            needs.push(need);
        }
    }
    needs
}

/// Satisfied, worthwhile, happy and anxious, 0 to 10.
fn wellbeing(chance: &mut Chance) -> [i32; 4] {
    [4.6, 5.0, 4.8, 5.6].map(|usual| score(usual + 1.8 * chance.normal()))
}

/// The same later: on average about a point better.
fn wellbeing_after(before: [i32; 4], chance: &mut Chance) -> [i32; 4] {
    let better = [1.0, 0.8, 1.0, -1.0];
    std::array::from_fn(|i| score(f64::from(before[i]) + better[i] + 1.5 * chance.normal()))
}

fn score(exact: f64) -> i32 {
    exact.round().clamp(0.0, 10.0) as i32
}

fn in_words(scores: [i32; 4]) -> Vec<String> {
    scores.map(|score| score.to_string()).into()
}

impl Row for ReferralRow {
    const TABLE: &'static str = "social_prescribing_referrals";
    const COLUMNS: Columns = &[
        ("referral_id", Cell::Id),
        ("person_id", Cell::Person),
        ("referred_at", Cell::Day),
        ("source", Cell::Text),
        ("needs", Cell::List),
        ("status", Cell::Text),
        ("provider_id", Cell::Text),
        ("sessions", Cell::Whole),
        ("outcome_date", Cell::Day),
        ("ons4_before", Cell::List),
        ("ons4_after", Cell::List),
    ];

    fn known(&self) -> Known {
        self.known
    }

    fn write(&self, _: &World, person: u32, cells: &mut dyn Cells) -> io::Result<()> {
        cells.text(&format!("sp{person}-{}", self.n));
        cells.person(person);
        cells.day(Some(self.referred));
        cells.text(self.source);
        cells.list(&self.needs);
        cells.text(self.status);
        cells.text(self.programme);
        cells.whole(Some(self.sessions));
        cells.day(self.outcome);
        cells.list(&self.before.iter().map(String::as_str).collect::<Vec<_>>());
        cells.list(&self.after.iter().map(String::as_str).collect::<Vec<_>>());
        cells.end_row()
    }
}
