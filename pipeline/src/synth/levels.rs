//! A person's own level of each thing that is measured.

use super::{
    chance::{Chance, Stream},
    conditions::Conditions,
    person::Person,
    world::World,
};

/// A person's own levels.
pub(crate) struct Levels {
    pub systolic: f64,
    pub hba1c: f64,
    pub hba1c_home: f64,
    /// How much sugar sways around its level.
    pub sway: f64,
    pub egfr: f64,
    pub bmi: f64,
    pub bmi_range: (f64, f64),
    pub height_squared: f64,
    pub oxygen: f64,
}

impl Levels {
    /// The levels of a person, by their conditions, age, sex and frame.
    pub fn of(world: &World, person: &Person, conditions: &Conditions) -> Levels {
        let mut chance = Chance::of(world.params.seed, person.number, Stream::Measurements);
        let named = &world.named;
        let last = world.params.last_day;
        let age = person.age(last);
        let has = |condition: usize| conditions.has(condition, last);
        let home = if has(named.diabetes) {
            (57.0 + 14.0 * chance.normal()).max(42.0)
        } else {
            (if has(named.ndh) { 44.0 } else { 36.5 }) + 1.8 * chance.normal()
        };
        // Obesity begins at 30, at 27.5 in Black, Asian and other minority groups (specification 2.7).
        let obese_from = if matches!(person.ethnic_category, "A" | "B" | "C" | "Z" | "99") { 30.0 } else { 27.5 };
        let obese = has(named.obesity);
        let egfr = if has(named.ckd) { 52.0 - 11.0 * chance.unit().powi(2) * 3.0 } else { 118.0 - 0.55 * age };
        let height: f64 = if person.sex == 0 { 1.76 } else { 1.62 } + 0.07 * chance.normal();
        let frame = chance.normal();
        Levels {
            systolic: if has(named.hypertension) { 139.0 } else { 118.0 + 0.15 * age } + 8.0 * chance.normal(),
            hba1c: home,
            hba1c_home: home,
            sway: if has(named.diabetes) { 1.0 } else { 0.2 },
            egfr: egfr + 7.0 * chance.normal(),
            bmi: if obese { obese_from + 3.5 + 2.5 * frame } else { (24.0 + 2.6 * frame).min(obese_from - 0.6) },
            bmi_range: if obese { (obese_from, 70.0) } else { (15.0, obese_from - 0.1) },
            height_squared: height.clamp(1.4, 2.1).powi(2) * if age < 18.0 { (age / 18.0).max(0.25) } else { 1.0 },
            oxygen: if has(named.copd) { 93.5 } else { 97.5 },
        }
    }
}
