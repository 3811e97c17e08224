//! The GP record: conditions as they are coded and reviewed, and measurements that drift around a person's own level.

use std::borrow::Cow;

use crate::day::{Day, Instant};

use super::{
    calendar::at,
    chance::{Chance, Stream},
    conditions::Conditions,
    emergencies::Fate,
    episodes::Placed,
    gp_rows::EventRow,
    levels::Levels,
    numbers::CONDITIONS,
    person::Person,
    planned::Reason,
    rows::{Code, Known},
    world::World,
};

const HBA1C: &str = "999791000000106";
const EGFR: &str = "1011481000000105";
const BMI: &str = "60621009";
const WEIGHT: &str = "27113001";
const SYSTOLIC: &str = "72313002";
const DIASTOLIC: &str = "1091811000000102";
const PULSE: &str = "364075005";
const CREATININE: &str = "1000731000000107";
const OXYGEN: &str = "431314004";
const SOCIAL_PRESCRIBING: &str = "871731000000106";
const COPD: &str = "13645005";
const COPD_RESOLVED: &str = "941201000000103";

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
}

/// The code of the practice that a person was with on a day.
pub(crate) fn practice_on(world: &World, person: &Person, day: Day) -> Code {
    let stay = person.practices.iter().rev().find(|stay| stay.from <= day).unwrap_or(&person.practices[0]);
    Cow::Owned(world.practices[stay.practice].code.clone())
}

/// Every entry of a person's record.
pub(crate) fn events(
    world: &World,
    person: &Person,
    conditions: &Conditions,
    fate: &Fate,
    stays: &[Placed],
) -> Vec<EventRow> {
    if person.merged_into.is_some() {
        return Vec::new();
    }
    let mut writer = Writer {
        chance: Chance::of(world.params.seed, person.number, Stream::Record),
        attended: Attended::of(world, person, fate),
        rows: Vec::new(),
        world,
        person,
    };
    writer.conditions(conditions);
    writer.mistaken_copd(conditions);
    writer.discharge_letters(stays);
    writer.referrals();
    writer.measurements(conditions);
    writer.rows
}

struct Writer<'a> {
    world: &'a World,
    person: &'a Person,
    chance: Chance,
    attended: Attended,
    rows: Vec<EventRow>,
}

impl Writer<'_> {
    /// Adds an entry that was written down some days after its date, and not before the person came.
    fn write(
        &mut self,
        date: Day,
        delay: i32,
        snomed: &'static str,
        episodicity: &'static str,
    ) -> Option<&mut EventRow> {
        let recorded = (date + delay).max(self.person.arrived);
        if recorded > self.attended.until || date < self.person.born {
            return None;
        }
        let minute = 9 * 60 + self.chance.below(540) as i64;
        let recorded_at: Instant = at(recorded, minute);
        self.rows.push(EventRow {
            known: Known::from(recorded),
            id: format!("e{}-{}", self.person.number, self.rows.len()),
            practice: practice_on(self.world, self.person, recorded),
            date,
            recorded_at,
            snomed: Cow::Borrowed(snomed),
            value: None,
            episodicity,
            is_deleted: false,
        });
        self.rows.last_mut()
    }

    fn measure(&mut self, date: Day, snomed: &'static str, value: f64, unit: &'static str) {
        let rounded = (value * 10.0).round() / 10.0;
        if let Some(row) = self.write(date, 0, snomed, "") {
            row.value = Some((rounded, unit));
        }
    }

    /// The first entry of each condition, and its reviews. A few are never coded by the GP.
    fn conditions(&mut self, conditions: &Conditions) {
        let numbers = self.world.numbers;
        for (i, condition) in numbers.conditions.iter().enumerate() {
            let Some(since) = conditions.0[i] else { continue };
            if condition.snomed.is_empty() || self.chance.yes(0.04) {
                continue;
            }
            let code = self.chance.one_of(&condition.snomed);
            let delay = (self.chance.wait() * 10.0) as i32;
            self.write(since, delay, code, "first");
            let mut review = self.attended.from.max(since + 60) + self.chance.below(365) as i32;
            while review <= self.attended.until && i != self.world.named.palliative {
                if self.chance.yes(0.7) {
                    self.write(review, 0, code, "review");
                }
                review = review + 330 + self.chance.below(80) as i32;
            }
        }
    }

    /// COPD that was taken back: no lung disease, then or now.
    fn mistaken_copd(&mut self, conditions: &Conditions) {
        let likely = conditions.0[self.world.named.copd].is_none() && self.person.age(self.attended.until) > 45.0;
        if likely && self.chance.yes(0.004) {
            let date = self.attended.from + self.chance.below(400) as i32;
            self.write(date, 0, COPD, "first");
            self.write(date + 200, 0, COPD_RESOLVED, "ended");
        }
    }

    /// The practice codes a condition again from the letter of an emergency stay.
    fn discharge_letters(&mut self, stays: &[Placed]) {
        for placed in stays.iter().filter(|placed| placed.stay.reason == Reason::Emergency && !placed.stay.died) {
            let Some(code) = gp_code(self.world, &placed.reason) else { continue };
            let delay = 3 + (self.chance.wait() * 6.0) as i32;
            self.write(placed.stay.discharged, delay, code, "flare");
        }
    }

    fn referrals(&mut self) {
        let years = f64::from(self.attended.until - self.attended.from) / 365.25;
        if self.person.age(self.attended.until) >= 18.0 && years > 0.0 && self.chance.yes(0.015 * years) {
            let date = self.attended.from
                + self.chance.below((self.attended.until - self.attended.from).max(1) as usize) as i32;
            self.write(date, 0, SOCIAL_PRESCRIBING, "");
        }
    }

    /// Checks as often as conditions and age ask for them.
    fn measurements(&mut self, conditions: &Conditions) {
        let mut levels = Levels::of(self.world, self.person, conditions);
        let named = &self.world.named;
        let last = self.attended.until;
        let age = self.person.age(last);
        let has = |condition: usize| conditions.has(condition, last);
        let ill = (0..CONDITIONS).filter(|&condition| has(condition)).count() as f64;
        let adult = f64::from(u8::from(age >= 18.0));
        let pressure = adult * (0.7 + 0.85 * ill.min(6.0) + if age > 60.0 { 0.5 } else { 0.0 });
        let sugar = adult
            * if has(named.diabetes) {
                2.2
            } else if has(named.ndh) {
                1.1
            } else if age > 40.0 {
                0.2
            } else {
                0.04
            };
        let kidneys = adult * (0.25 + if has(named.ckd) { 2.0 } else { 0.0 } + 0.6 * ill.min(4.0));
        let body = 0.4 + adult * (0.4 + 0.4 * ill.min(6.0));
        let lungs = adult * if has(named.copd) { 1.5 } else { 0.05 };
        for (yearly, check) in [
            (pressure, Check::Pressure),
            (sugar, Check::Sugar),
            (kidneys, Check::Kidneys),
            (body, Check::Body),
            (lungs, Check::Lungs),
        ] {
            let mut time = f64::from(self.attended.from.0);
            loop {
                // Regular, not random: half of the wait is fixed.
                time += (0.5 + 0.5 * self.chance.wait()) * 365.25 / yearly.max(0.001);
                if time > f64::from(self.attended.until.0) {
                    break;
                }
                self.check(check, Day(time as i32), conditions, &mut levels);
            }
        }
    }

    fn check(&mut self, check: Check, day: Day, conditions: &Conditions, levels: &mut Levels) {
        let noise = |chance: &mut Chance, spread: f64| spread * chance.normal();
        match check {
            Check::Pressure => {
                let systolic = (levels.systolic + noise(&mut self.chance, 11.0)).clamp(85.0, 230.0).round();
                let diastolic = (0.42 * systolic + 22.0 + noise(&mut self.chance, 6.0)).clamp(40.0, 130.0).round();
                self.measure(day, SYSTOLIC, systolic, "mm[Hg]");
                self.measure(day, DIASTOLIC, diastolic, "mm[Hg]");
                let pulse = 74.0 + noise(&mut self.chance, 9.0);
                self.measure(day, PULSE, pulse.clamp(45.0, 150.0).round(), "/min");
            }
            Check::Sugar => {
                levels.hba1c += 0.3 * (levels.hba1c_home - levels.hba1c) + noise(&mut self.chance, 4.0 * levels.sway);
                let value = levels.hba1c.clamp(24.0, 160.0).round();
                // Some laboratories still answer in per cent.
                if self.chance.yes(0.02) {
                    self.measure(day, HBA1C, (value + 23.497) / 10.929, "%");
                } else {
                    self.measure(day, HBA1C, value, "mmol/mol");
                }
            }
            Check::Kidneys => {
                let years = f64::from(day - self.world.first_day) / 365.25;
                let decline = if conditions.has(self.world.named.ckd, day) { 2.2 } else { 0.7 };
                let value = levels.egfr - decline * years + noise(&mut self.chance, 4.0);
                self.measure(day, EGFR, value.clamp(4.0, 125.0).round(), "mL/min/{1.73_m2}");
                // The laboratory measures creatinine and works the rate out from it.
                self.measure(day, CREATININE, (7_200.0 / value.clamp(9.0, 125.0)).round(), "umol/L");
            }
            Check::Body => {
                let bmi = (levels.bmi + noise(&mut self.chance, 0.4)).clamp(levels.bmi_range.0, levels.bmi_range.1);
                self.measure(day, BMI, bmi, "kg/m2");
                self.measure(day, WEIGHT, bmi * levels.height_squared, "kg");
            }
            Check::Lungs => {
                let oxygen = levels.oxygen + noise(&mut self.chance, 1.2);
                self.measure(day, OXYGEN, oxygen.clamp(80.0, 100.0).round(), "%");
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Check {
    Pressure,
    Sugar,
    Kidneys,
    Body,
    Lungs,
}

/// The GP code of a condition whose hospital code is the reason of a stay.
fn gp_code(world: &World, reason: &str) -> Option<&'static str> {
    let tilted = world.numbers.diagnoses.iter().find(|diagnosis| diagnosis.icd10 == reason)?.tilted_by?;
    world.numbers.conditions[tilted].snomed.first().map(String::as_str)
}
