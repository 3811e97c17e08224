//! The GP record of a person: how it is written, conditions as they are coded and reviewed, and letters from hospital.

use crate::day::Day;

use super::{
    calendar::{at, civil, month_start},
    chance::{Chance, Stream},
    concepts::{CARER_DETAILS, COPD, COPD_RESOLVED, IS_A_CARER, SOCIAL_PRESCRIBING},
    contacts,
    emergencies::Fate,
    gp_rows::Event,
    life::Story,
    measurements,
    person::Person,
    planned::Reason,
    world::World,
};

/// Number of "first", "review", "flare" and "ended" in the list of episodicities.
const FIRST: u8 = 1;
const REVIEW: u8 = 2;
const FLARE: u8 = 3;
const ENDED: u8 = 4;
/// Reviews by month, April first: practices are paid by the state of things at the end of March.
const REVIEWS: [f64; 12] = [0.5, 0.6, 0.7, 0.75, 0.75, 0.95, 1.05, 1.1, 0.9, 1.25, 1.5, 1.95];
/// Share of reviews that take place.
const REVIEWED: f64 = 0.8;

/// Days on which a person has a GP who writes things down.
pub(crate) struct Attended {
    pub from: Day,
    pub until: Day,
}

impl Attended {
    /// From the start of the history or the person's arrival, until its end, their leaving or their death.
    pub fn of(world: &World, person: &Person, fate: &Fate) -> Attended {
        let until = person.left.unwrap_or(world.params.last_day);
        Attended { from: world.first_day.max(person.arrived), until: fate.died.map_or(until, |day| until.min(day - 1)) }
    }

    /// How long that is.
    pub fn years(&self) -> f64 {
        f64::from((self.until - self.from).max(0)) / 365.25
    }
}

/// The entries of a person's record at one practice, or at all of theirs.
pub(crate) fn events(world: &World, story: &Story, practice: Option<usize>) -> Vec<Event> {
    if story.person.merged_into.is_some() {
        return Vec::new();
    }
    let mut writer = Writer {
        chance: Chance::of(world.params.seed, story.person.number, Stream::Record),
        attended: Attended::of(world, &story.person, &story.fate),
        practice,
        rows: Vec::new(),
        world,
        story,
    };
    writer.conditions();
    writer.mistaken_copd();
    writer.discharge_letters();
    writer.referrals();
    measurements::write(&mut writer);
    contacts::write(&mut writer);
    writer.carers();
    writer.rows
}

/// Writes a person's record.
pub(crate) struct Writer<'a> {
    pub world: &'a World,
    pub story: &'a Story,
    pub chance: Chance,
    pub attended: Attended,
    practice: Option<usize>,
    rows: Vec<Event>,
}

impl Writer<'_> {
    /// Adds an entry that was written down some days after its date, and not before the person came.
    pub fn write(&mut self, date: Day, delay: i32, concept: u16, episodicity: u8) {
        let minute = 8 * 60 + self.chance.below(620) as i64;
        self.put(date, delay, minute, Event { concept, episodicity, ..BLANK });
    }

    /// Adds a result of a minute of a day.
    pub fn measure(&mut self, date: Day, minute: i64, concept: u16, value: f64, unit: u8) {
        self.put(date, 0, minute, Event { concept, unit, tenths: (value * 10.0).round() as i32, ..BLANK });
    }

    /// Adds an entry of a minute of a day.
    pub fn note(&mut self, date: Day, minute: i64, concept: u16) {
        self.put(date, 0, minute, Event { concept, ..BLANK });
    }

    fn put(&mut self, date: Day, delay: i32, minute: i64, event: Event) {
        let person = &self.story.person;
        let recorded = (date + delay).max(person.arrived);
        let is_here = self.practice.is_none_or(|practice| practice == person.practice_on(recorded));
        if recorded <= self.attended.until && date >= person.born && is_here {
            self.rows.push(Event { at: at(recorded, minute), date, person: person.number, ..event });
        }
    }

    /// The first entry of each condition, and its reviews. A few are never coded by the GP.
    fn conditions(&mut self) {
        for (i, codes) in self.world.concepts.conditions.iter().enumerate() {
            let Some(since) = self.story.conditions.0[i] else { continue };
            if codes.is_empty() || self.chance.yes(0.04) {
                continue;
            }
            let code = *self.chance.one_of(codes);
            let delay = (self.chance.wait() * 10.0) as i32;
            self.write(since, delay, code, FIRST);
            if i != self.world.named.palliative {
                self.reviews(self.attended.from.max(since + 60), code);
            }
        }
    }

    /// Once in each year from April to March.
    fn reviews(&mut self, from: Day, code: u16) {
        let (year, month, _) = civil(from);
        let mut april = Day::parse(&format!("{}-04-01", if month >= 4 { year } else { year - 1 }))
            .expect("the first of April is a day of every year");
        while april <= self.attended.until {
            let month = self.chance.weighted(&REVIEWS) as i32;
            let day = april + month * 30 + self.chance.below(30) as i32 + month / 2;
            if self.chance.yes(REVIEWED) && day >= from {
                self.write(day, 0, code, REVIEW);
            }
            april = month_start(april + 367);
        }
    }

    /// COPD that was taken back: no lung disease, then or now.
    fn mistaken_copd(&mut self) {
        let never = self.story.conditions.0[self.world.named.copd].is_none();
        if never && self.story.person.age(self.attended.until) > 45.0 && self.chance.yes(0.004) {
            let date = self.attended.from + self.chance.below(400) as i32;
            self.write(date, 0, COPD, FIRST);
            self.write(date + 200, 0, COPD_RESOLVED, ENDED);
        }
    }

    /// The practice codes a condition again from the letter of an emergency stay, 5 to 45 days after it.
    fn discharge_letters(&mut self) {
        let story = self.story;
        for placed in story.stays.iter().filter(|placed| placed.stay.reason == Reason::Emergency && !placed.stay.died) {
            let Some(code) = gp_code(self.world, &placed.reason) else { continue };
            let delay = (5.0 + self.chance.wait() * 7.0).min(45.0) as i32;
            self.write(placed.stay.discharged, delay, code, FLARE);
        }
    }

    fn referrals(&mut self) {
        let years = self.attended.years();
        if self.story.person.age(self.attended.until) >= 18.0 && self.chance.yes(0.015 * years) {
            let date = self.attended.from + (self.chance.unit() * years * 365.25) as i32;
            self.write(date, 0, SOCIAL_PRESCRIBING, 0);
        }
    }

    /// Who cares for the person, and for whom the person cares: more often in old age, and around sixty. Own design values.
    fn carers(&mut self) {
        let age = self.story.person.age(self.attended.until);
        let shares = [
            (CARER_DETAILS, if age >= 75.0 { 0.12 } else { 0.005 }),
            (IS_A_CARER, if (45.0..80.0).contains(&age) { 0.04 } else { 0.01 }),
        ];
        for (concept, share) in shares {
            let (is_recorded, place) = (self.chance.yes(share), self.chance.unit());
            if is_recorded && age >= 18.0 {
                let date = self.attended.from + (place * self.attended.years() * 365.25) as i32;
                self.write(date, 0, concept, 0);
            }
        }
    }
}

/// An entry that says nothing yet.
const BLANK: Event =
    Event { at: crate::day::Instant(0), date: Day(0), person: 0, concept: 0, unit: 0, episodicity: 0, tenths: 0 };

/// The GP code of a condition whose hospital code is the reason of a stay.
fn gp_code(world: &World, reason: &str) -> Option<u16> {
    let tilted = world.numbers.diagnoses.iter().find(|diagnosis| diagnosis.icd10 == reason)?.tilted_by?;
    world.concepts.conditions[tilted].first().copied()
}
