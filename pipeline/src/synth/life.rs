//! One person's whole life. It depends on the seed and the person's number alone, so any part of a population can be made
//! anywhere, in any order, and left again.

use crate::day::Day;

use super::{
    attendances,
    calendar::{at, delivery_time},
    chance::{Chance, Stream},
    conditions::Conditions,
    course::Course,
    emergencies::Fate,
    episodes::{self, Placed},
    hospital_rows::{AttendanceRow, BedRow, EpisodeRow},
    person::Person,
    planned, reports,
    rows::{DeathRow, Known, ObjectionRow, PatientRow, RegistrationRow},
    sdec,
    world::World,
};

/// What happens to a person, before anybody writes it down.
pub(crate) struct Story {
    pub person: Person,
    pub conditions: Conditions,
    pub fate: Fate,
    pub stays: Vec<Placed>,
    /// The trusts' rows of the stays, in every version.
    pub episodes: Vec<EpisodeRow>,
}

impl Story {
    /// The story of the person of a number.
    pub fn of(world: &World, number: u32) -> Story {
        let person = Person::new(world, number);
        let conditions = Conditions::of(world, &person);
        let fate = Fate::of(world, &person, &Course::new(world, &person, &conditions));
        let stays = planned::stays(world, &person, &conditions, &fate);
        let (episodes, stays) = episodes::of_stays(world, &person, &conditions, stays);
        Story { person, conditions, fate, stays, episodes }
    }
}

/// Every row about a person outside the GP record, in every version.
pub(crate) struct Life {
    pub patient: Vec<PatientRow>,
    pub registrations: Vec<RegistrationRow>,
    pub episodes: Vec<EpisodeRow>,
    pub attendances: Vec<AttendanceRow>,
    pub deaths: Vec<DeathRow>,
    pub objections: Vec<ObjectionRow>,
    pub beds: Vec<BedRow>,
}

impl Life {
    /// A story as it is told on a day.
    pub fn of(world: &World, story: Story, told_on: Day) -> Life {
        let Story { person, conditions, fate, stays, mut episodes } = story;
        let (admissions, attendances): (Vec<_>, Vec<_>) = attendances::of(world, &person, &conditions, &fate, &stays)
            .into_iter()
            .partition(sdec::is_recorded_as_admission);
        episodes.extend(admissions.into_iter().map(|attendance| sdec::episode(&person, attendance)));
        Life {
            patient: reports::patient(world, &person, &conditions),
            registrations: reports::registrations(&person, &fate),
            attendances,
            deaths: reports::deaths(world, &person, &fate, &stays),
            objections: reports::objections(world, &person, told_on),
            beds: beds(world, person.number, &stays, told_on),
            episodes,
        }
    }
}

/// The bed that the person is in when the beds are counted, half an hour before the delivery is made.
fn beds(world: &World, number: u32, stays: &[Placed], day: Day) -> Vec<BedRow> {
    let mut chance = Chance::of(world.params.seed, number + (1 << 30), Stream::Stays);
    let bed = |placed: &Placed| BedRow {
        provider: placed.provider,
        site: placed.site,
        admitted_at: at(placed.stay.admitted, chance.below(20 * 60) as i64),
        method: placed.method,
        treatment_function: placed.treatment_function,
        snapshot_at: crate::day::Instant(delivery_time(day).0 - 30 * 60),
        known: Known::from(day),
    };
    stays.iter().filter(|placed| placed.stay.admitted <= day && placed.stay.discharged > day).map(bed).collect()
}
