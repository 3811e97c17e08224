//! A person's own level of each thing that is measured.

use super::{
    chance::{Chance, Stream},
    conditions::Conditions,
    person::Person,
    world::World,
};

/// A value that sways around its home: each time it keeps a part of its distance, and is pushed anew.
pub(crate) struct Swaying {
    home: f64,
    distance: f64,
    keeps: f64,
    push: f64,
}

impl Swaying {
    fn around(home: f64, keeps: f64, push: f64) -> Swaying {
        Swaying { home, distance: 0.0, keeps, push }
    }

    /// The value at the next check.
    pub fn next(&mut self, chance: &mut Chance) -> f64 {
        self.distance = self.keeps * self.distance + self.push * chance.normal();
        self.home + self.distance
    }
}

/// A person's own levels.
pub(crate) struct Levels {
    pub systolic: Swaying,
    pub hba1c: Swaying,
    pub egfr: Swaying,
    pub bmi: Swaying,
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
        let systolic = if has(named.hypertension) { 139.0 } else { 118.0 + 0.15 * age } + 8.0 * chance.normal();
        let egfr = egfr + 7.0 * chance.normal();
        let bmi = if obese { obese_from + 3.5 + 2.5 * frame } else { (24.0 + 2.6 * frame).min(obese_from - 0.6) };
        Levels {
            systolic: Swaying::around(systolic, 0.6, 7.0),
            hba1c: Swaying::around(home, 0.7, if has(named.diabetes) { 4.0 } else { 0.8 }),
            egfr: Swaying::around(egfr, 0.5, 3.0),
            bmi: Swaying::around(bmi, 0.85, 0.3),
            bmi_range: if obese { (obese_from, 70.0) } else { (15.0, obese_from - 0.1) },
            height_squared: height.clamp(1.4, 2.1).powi(2) * if age < 18.0 { (age / 18.0).max(0.25) } else { 1.0 },
            oxygen: if has(named.copd) { 93.5 } else { 97.5 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_sways_around_its_home_and_remembers_where_it_was() {
        let mut chance = Chance::of(1, 1, Stream::Measurements);
        let mut value = Swaying::around(50.0, 0.8, 3.0);
        let series: Vec<f64> = (0..20_000).map(|_| value.next(&mut chance) - 50.0).collect();
        let mean = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>() / series.len() as f64;
        let variance = mean(&mut series.iter().map(|x| x * x));
        assert!(mean(&mut series.iter().copied()).abs() < 0.5);
        assert!((variance / 25.0 - 1.0).abs() < 0.1); // 3 squared over 1 - 0.8 squared
        let with_next = mean(&mut series.windows(2).map(|two| two[0] * two[1]));
        assert!((with_next / variance - 0.8).abs() < 0.03);
    }
}
