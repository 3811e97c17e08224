//! How a life shows from outside: the way into an emergency admission, and the frailty that no record names.
//!
//! With idle feeds nothing shows: nobody seems to be on the way into hospital, to be there, or to come home from it.

use crate::day::Day;

use crate::synth::{
    around::{Feeds, days},
    chance::{Chance, Stream},
    life::Story,
    planned::Reason,
    record::Attended,
    world::World,
};

/// How a kind of sign comes before emergency admissions: before which share of them, and how many days.
#[derive(Clone, Copy)]
pub(super) struct RunUp {
    place: usize,
    share: f64,
    days: i32,
}

/// Readings drift before 40% (specification 5). There it is for 2 to 4 days, of which a list that looks half a year ahead
/// would see nothing: on four days in a hundred somebody is that near.
pub(super) const READINGS: RunUp = RunUp { place: 0, share: 0.4, days: 28 };
/// Visits of home care are missed or cut short, and carers worry.
pub(super) const VISITS: RunUp = RunUp { place: 1, share: 0.6, days: 42 };
/// Alarms are raised, and sensors see nobody move.
pub(super) const ALARMS: RunUp = RunUp { place: 2, share: 0.6, days: 42 };
/// Appointments are missed.
pub(super) const ABSENCES: RunUp = RunUp { place: 3, share: 0.5, days: 45 };
/// The practice is asked for more.
pub(super) const REQUESTS: RunUp = RunUp { place: 4, share: 0.6, days: 35 };

const RUN_UPS: usize = 5;
/// Days a year that idle feeds take for homecomings.
const IDLE_HOMECOMINGS: f64 = 0.47;

/// What shows of one person.
pub(super) struct Signs<'a> {
    story: &'a Story,
    tells: bool,
    /// For each emergency, a draw for each run-up.
    draws: Vec<[f64; RUN_UPS]>,
    homecomings: Vec<Day>,
}

impl<'a> Signs<'a> {
    /// What shows of the person of a story.
    pub fn of(world: &World, story: &'a Story) -> Signs<'a> {
        let mut chance = Chance::of(world.params.seed, story.person.number, Stream::Signs);
        let tells = world.params.feeds == Feeds::Telling;
        let draws = story.fate.emergencies.iter().map(|_| std::array::from_fn(|_| chance.unit())).collect();
        let real = story.stays.iter().filter(|placed| placed.stay.reason == Reason::Emergency && !placed.stay.died);
        let homecomings = if tells {
            real.map(|placed| placed.stay.discharged).collect()
        } else {
            let Attended { from, until } = Attended::of(world, &story.person, &story.fate);
            let mut chance = Chance::of(world.params.seed, story.person.number + (1 << 30), Stream::Signs);
            days(&mut chance, from, until, IDLE_HOMECOMINGS)
        };
        Signs { story, tells, draws, homecomings }
    }

    /// How far the person is on the way into an admission that shows: 0 if at all, rising to 1 on the day before it.
    pub fn nearness(&self, run_up: RunUp, day: Day) -> f64 {
        let emergencies = &self.story.fate.emergencies;
        let next = emergencies.partition_point(|stay| stay.admitted <= day);
        let shows = self.tells && self.draws.get(next).is_some_and(|draws| draws[run_up.place] < run_up.share);
        if !shows {
            return 0.0;
        }
        let left = emergencies[next].admitted - day;
        (1.0 - f64::from(left - 1) / f64::from(run_up.days)).max(0.0)
    }

    /// How much likelier things go wrong for this person than for others: about 1 on average.
    pub fn burden(&self) -> f64 {
        if self.tells { (0.35 + 0.65 * self.story.person.frailty).min(4.0) } else { 1.0 }
    }

    /// The same at home, where frailty shows to whoever comes every day.
    pub fn burden_at_home(&self) -> f64 {
        if self.tells { (0.1 + 0.9 * self.story.person.frailty).min(5.0) } else { 1.0 }
    }

    /// By how much the person is more frail (above 0) or less than their conditions say.
    pub fn hidden_frailty(&self) -> f64 {
        if self.tells { self.story.person.frailty.max(0.01).ln().clamp(-1.5, 1.5) } else { 0.0 }
    }

    /// Whether the person spends the night after a day in a hospital bed.
    pub fn is_in_hospital(&self, day: Day) -> bool {
        let is_over = |stay: &crate::synth::planned::HospitalStay| stay.admitted <= day && stay.discharged > day;
        self.tells && self.story.stays.iter().any(|placed| is_over(&placed.stay))
    }

    /// The day of the next emergency admission from a day on.
    pub fn next_admission(&self, day: Day) -> Option<Day> {
        let next = self.story.fate.emergencies.iter().find(|stay| stay.admitted >= day)?;
        self.tells.then_some(next.admitted)
    }

    /// The days on which the person came home from an emergency stay.
    pub fn homecomings(&self) -> &[Day] {
        &self.homecomings
    }
}
