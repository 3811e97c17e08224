//! What a person is given: repeats that go with conditions and with age, and courses for what passes.

use crate::day::Day;

use super::{
    calendar::weekday,
    chance::{Chance, Stream},
    gp_rows::Issue,
    life::Story,
    numbers::{Medicine, Occasion},
    record::Attended,
    world::World,
};

/// Share of repeats that are collected.
const COLLECTED: f64 = 0.93;

/// Every issue to a person at one practice or at all of theirs, by medicine and then by date.
pub(crate) fn of(world: &World, story: &Story, practice: Option<usize>) -> Vec<Issue> {
    if story.person.merged_into.is_some() {
        return Vec::new();
    }
    let attended = Attended::of(world, &story.person, &story.fate);
    let ill = story.conditions.on(attended.until).count() as f64;
    let mut shelf = Shelf {
        chance: Chance::of(world.params.seed, story.person.number, Stream::Medicines),
        attended,
        practice,
        rows: Vec::new(),
        taken: Vec::new(),
        story,
        ill,
    };
    for (number, medicine) in world.numbers.medicines.iter().enumerate() {
        // Drawn for every medicine, so that one person's shelf does not depend on the order of another's conditions.
        let place = shelf.chance.unit();
        let product = world.products.of(number, shelf.chance.below(3));
        match medicine.occasion {
            Occasion::Acute => shelf.courses(medicine, product),
            // Illness brings medicines that no register knows: for pain, sleep, stomach and skin.
            Occasion::Any if place < medicine.share * (0.5 + 0.88 * ill.min(7.0)) => {
                shelf.repeats(medicine, product, Day(i32::MIN));
            }
            Occasion::Condition(condition) if place < medicine.share => {
                if let Some(since) = story.conditions.0[condition] {
                    shelf.repeats(medicine, product, since);
                }
            }
            _ => {}
        }
    }
    shelf.rows
}

struct Shelf<'a> {
    story: &'a Story,
    chance: Chance,
    attended: Attended,
    practice: Option<usize>,
    rows: Vec<Issue>,
    /// Nobody gets the same medicine twice for two conditions.
    taken: Vec<&'static str>,
    /// How many conditions the person has at the end.
    ill: f64,
}

impl Shelf<'_> {
    fn issue(&mut self, date: Day, product: u16, is_repeat: bool) {
        let known_from = date + self.chance.below(4) as i32;
        let person = &self.story.person;
        if self.practice.is_none_or(|practice| practice == person.practice_on(date)) {
            self.rows.push(Issue { known_from, date, person: person.number, product, is_repeat });
        }
    }

    /// Month after month from the day a condition began, or from the age at which the medicine is given.
    fn repeats(&mut self, medicine: &'static Medicine, product: u16, since: Day) {
        if self.taken.contains(&medicine.bnf9.as_str()) {
            return;
        }
        self.taken.push(&medicine.bnf9);
        let old_enough = self.story.person.born + (medicine.from_age * 365.25) as i32;
        let begins = since.max(old_enough).max(self.attended.from - 400) + (self.chance.wait() * 30.0) as i32;
        let interval = 365.25 / medicine.issues_per_year;
        let mut time = f64::from(begins.0);
        while time <= f64::from(self.attended.until.0) {
            // Practices issue on working days; what would fall on a weekend is issued on Friday.
            let day = Day(time as i32) - [0, 0, 0, 0, 0, 1, 2][weekday(Day(time as i32))];
            if day >= self.attended.from && self.chance.yes(COLLECTED) {
                self.issue(day, product, true);
            }
            time += interval + self.chance.between(-4.0, 4.0);
        }
    }

    /// Once in a while; more often for the frail and for people with several conditions.
    fn courses(&mut self, medicine: &'static Medicine, product: u16) {
        let yearly = medicine.share * (0.7 + 0.3 * self.story.person.frailty) * (1.0 + 0.25 * self.ill);
        let mut time = f64::from(self.attended.from.0);
        loop {
            time += self.chance.wait() / yearly * 365.25;
            if time > f64::from(self.attended.until.0) {
                return;
            }
            if self.story.person.age(Day(time as i32)) >= medicine.from_age {
                self.issue(Day(time as i32), product, false);
            }
        }
    }
}
