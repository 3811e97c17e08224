//! The systems around the practice and the hospital: appointments, waiting lists, community and home care, social
//! prescribing, virtual wards, readings and alarms at home, mental health services.
//!
//! Each of the ten tables has a file and a stream of chance of its own, so none of them changes another, and with or
//! without them all other tables are the same to the byte. `signs.rs` is the one place where a life shows in them.
//! Where no source is named, figures are own design.

mod appointments;
mod community;
mod here;
mod home_care;
mod mental_health;
mod monitoring;
mod outpatients;
mod signs;
mod social_prescribing;
mod telecare;
#[cfg(test)]
mod tests;
mod virtual_ward;
mod waiting_list;

use crate::day::Day;

use super::{chance::Chance, life::Story, numbers::BoroughFigures, rows::Known, world::World};
use here::Here;
use signs::Signs;

pub(crate) use appointments::AppointmentRow;
pub(crate) use community::CommunityRow;
pub(crate) use home_care::VisitRow;
pub(crate) use mental_health::MentalHealthRow;
pub(crate) use monitoring::ReadingRow;
pub(crate) use outpatients::ClinicRow;
pub(crate) use social_prescribing::ReferralRow;
pub(crate) use telecare::TelecareRow;
pub(crate) use virtual_ward::WardRow;
pub(crate) use waiting_list::EntryRow;

/// Whether the optional tables are made, and what they know of what will happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Feeds {
    /// They are not made.
    None,
    /// They are made, and their contents tell nothing of who will be admitted: to see that a model finds nothing there.
    Idle,
    /// In the weeks before many emergency admissions readings drift, visits are missed and alarms rise; and all the
    /// time more visits and appointments fail those who are more frail than their conditions say.
    Telling,
}

/// Every row about a person in the optional tables, in every version.
#[derive(Default)]
pub(crate) struct Around {
    pub appointments: Vec<AppointmentRow>,
    pub clinics: Vec<ClinicRow>,
    pub entries: Vec<EntryRow>,
    pub community: Vec<CommunityRow>,
    pub visits: Vec<VisitRow>,
    pub referrals: Vec<ReferralRow>,
    pub wards: Vec<WardRow>,
    pub readings: Vec<ReadingRow>,
    pub telecare: Vec<TelecareRow>,
    pub mental_health: Vec<MentalHealthRow>,
}

impl Around {
    /// The rows about the person of a story; none without feeds, and none of a record that is no person of its own.
    pub fn of(world: &World, story: &Story) -> Around {
        if world.params.feeds == Feeds::None || story.person.merged_into.is_some() {
            return Around::default();
        }
        let scene = Scene { world, story, here: Here::of(world, story), signs: Signs::of(world, story) };
        Around {
            appointments: appointments::of(&scene),
            clinics: outpatients::of(&scene),
            entries: waiting_list::of(&scene),
            community: community::of(&scene),
            visits: home_care::of(&scene),
            referrals: social_prescribing::of(&scene),
            wards: virtual_ward::of(&scene),
            readings: monitoring::of(&scene),
            telecare: telecare::of(&scene),
            mental_health: mental_health::of(&scene),
        }
    }
}

/// One person as the systems around them see them.
struct Scene<'a> {
    world: &'a World,
    story: &'a Story,
    here: Here,
    signs: Signs<'a>,
}

impl<'a> Scene<'a> {
    fn chance(&self, stream: super::chance::Stream) -> Chance {
        Chance::of(self.world.params.seed, self.story.person.number, stream)
    }

    fn age(&self, day: Day) -> f64 {
        self.story.person.age(day)
    }

    fn borough(&self) -> &'static BoroughFigures {
        &self.world.numbers.boroughs[self.world.areas[self.story.person.area].borough]
    }

    /// The community and mental health trust of the person's borough.
    fn community_trust(&self) -> &'static str {
        const EAST_LONDON: [&str; 4] = ["E09000001", "E09000012", "E09000025", "E09000030"];
        if EAST_LONDON.contains(&&*self.borough().lad_code) { "RWK" } else { "RAT" }
    }

    /// How much likelier than elsewhere people do not come, where this person lives.
    fn by_place(&self) -> f64 {
        1.35 - 0.9 * self.world.areas[self.story.person.area].affluence()
    }

    fn has_heart_failure(&self, day: Day) -> bool {
        self.story.conditions.has(self.world.named.frail[0], day)
    }

    fn has_copd(&self, day: Day) -> bool {
        self.story.conditions.has(self.world.named.copd, day)
    }
}

/// Days that come at random at a yearly rate, in order.
fn days(chance: &mut Chance, from: Day, until: Day, yearly: f64) -> Vec<Day> {
    let (mut days, mut time) = (Vec::new(), f64::from(from.0));
    if yearly > 0.0 {
        loop {
            time += chance.wait() / yearly * 365.25;
            if time >= f64::from(until.0 + 1) {
                break;
            }
            days.push(Day(time as i32));
        }
    }
    days
}

/// The next working day, or the day itself.
fn working_day(day: Day) -> Day {
    day + [0, 0, 0, 0, 0, 2, 1][super::calendar::weekday(day)]
}

/// What a row says from each of some days on, in order, as its versions.
fn versions<S>(steps: Vec<(Day, S)>) -> Vec<(Known, S)> {
    let ends: Vec<Option<Day>> = steps.iter().skip(1).map(|(day, _)| Some(*day)).chain([None]).collect();
    steps.into_iter().zip(ends).map(|((from, step), until)| (Known { from, until }, step)).collect()
}
