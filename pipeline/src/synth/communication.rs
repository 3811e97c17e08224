//! How to speak with a person: main language, interpreter, and ways in which they need information.

use super::{
    chance::{Chance, Stream},
    person::Person,
    world::World,
};

/// Share of people whose main language nobody has recorded.
const NOT_RECORDED: f64 = 0.12;
const ENGLISH: &str = "en";

/// What the practice has recorded of it.
pub(crate) struct Communication {
    /// An ISO 639 code, or nothing.
    pub main_language: &'static str,
    /// SNOMED CT concepts.
    pub accessible_needs: Vec<&'static str>,
}

impl Communication {
    /// Of a person, the same in every version of their record.
    pub fn of(world: &World, person: &Person) -> Communication {
        let mut chance = Chance::of(world.params.seed, person.number, Stream::Communication);
        let (is_recorded, place) = (!chance.yes(NOT_RECORDED), chance.unit());
        let mut below = 0.0;
        let mut spoken = world.numbers.languages.iter().filter(|one| one.ethnic_category == person.ethnic_category);
        let language = spoken.find(|one| {
            below += one.share;
            place < below
        });
        let age = person.age(world.params.last_day);
        let needs = world.numbers.accessible_needs.iter();
        // One draw for each, whether it is asked or not: a birthday changes nothing else.
        let drawn = needs.map(|need| (need, chance.yes(need.share)));
        let accessible_needs =
            drawn.filter(|(need, is_drawn)| *is_drawn && age >= need.from_age).map(|(need, _)| &*need.snomed).collect();
        let main_language = language.map_or(ENGLISH, |one| &one.language);
        Communication { main_language: if is_recorded { main_language } else { "" }, accessible_needs }
    }

    /// How likely it is that an interpreter is needed.
    pub fn interpreter_needed(&self) -> f64 {
        match self.main_language {
            ENGLISH => 0.0,
            "" => 0.02,
            _ => 0.3,
        }
    }
}
