//! What a person is given: repeats that go with conditions, and courses for what passes.

use crate::day::Day;

use super::{
    chance::{Chance, Stream},
    conditions::Conditions,
    emergencies::Fate,
    gp_rows::PrescriptionRow,
    numbers::{Medicine, Occasion},
    person::Person,
    record::{Attended, practice_on},
    rows::Known,
    world::World,
};

/// Every issue of a person, by medicine and then by date.
pub(crate) fn of(world: &World, person: &Person, conditions: &Conditions, fate: &Fate) -> Vec<PrescriptionRow> {
    if person.merged_into.is_some() {
        return Vec::new();
    }
    let mut shelf = Shelf {
        chance: Chance::of(world.params.seed, person.number, Stream::Medicines),
        attended: Attended::of(world, person, fate),
        rows: Vec::new(),
        taken: Vec::new(),
        world,
        person,
    };
    for medicine in &world.numbers.medicines {
        // Drawn for every medicine, so that one person's shelf does not depend on the order of another's conditions.
        let takes = shelf.chance.yes(medicine.share);
        match medicine.occasion {
            Occasion::Acute => shelf.courses(medicine, conditions),
            Occasion::Any if takes => shelf.repeats(medicine, Day(i32::MIN)),
            Occasion::Condition(condition) if takes => {
                if let Some(since) = conditions.0[condition] {
                    shelf.repeats(medicine, since);
                }
            }
            _ => {}
        }
    }
    shelf.rows
}

struct Shelf<'a> {
    world: &'a World,
    person: &'a Person,
    chance: Chance,
    attended: Attended,
    rows: Vec<PrescriptionRow>,
    /// Nobody gets the same medicine twice for two conditions.
    taken: Vec<&'static str>,
}

impl Shelf<'_> {
    fn issue(&mut self, date: Day, medicine: &'static Medicine, issue_type: &'static str) {
        self.rows.push(PrescriptionRow {
            known: Known::from(date + self.chance.below(4) as i32),
            id: format!("p{}-{}", self.person.number, self.rows.len()),
            practice: practice_on(self.world, self.person, date),
            date,
            bnf: &medicine.bnf,
            issue_type,
        });
    }

    /// Month after month from the day a condition began, or from the age at which the medicine is given.
    fn repeats(&mut self, medicine: &'static Medicine, since: Day) {
        if self.taken.contains(&medicine.bnf.as_str()) {
            return;
        }
        self.taken.push(&medicine.bnf);
        let old_enough = self.person.born + (medicine.from_age * 365.25) as i32;
        let begins = since.max(old_enough).max(self.attended.from - 400) + (self.chance.wait() * 30.0) as i32;
        let interval = 365.25 / medicine.issues_per_year;
        let mut time = f64::from(begins.0);
        while time <= f64::from(self.attended.until.0) {
            let day = Day(time as i32);
            if day >= self.attended.from && self.chance.yes(0.93) {
                self.issue(day, medicine, "repeat");
            }
            time += interval + self.chance.between(-4.0, 4.0);
        }
    }

    /// Once in a while; more often for the frail and for people with several conditions.
    fn courses(&mut self, medicine: &'static Medicine, conditions: &Conditions) {
        let ill = conditions.on(self.attended.until).count() as f64;
        let yearly = medicine.share * (0.7 + 0.3 * self.person.frailty) * (1.0 + 0.25 * ill);
        let mut time = f64::from(self.attended.from.0);
        loop {
            time += self.chance.wait() / yearly * 365.25;
            if time > f64::from(self.attended.until.0) {
                return;
            }
            if self.person.age(Day(time as i32)) >= medicine.from_age {
                self.issue(Day(time as i32), medicine, "acute");
            }
        }
    }
}
