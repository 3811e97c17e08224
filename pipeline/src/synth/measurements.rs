//! Measurements: checks as often as conditions and age ask for them, of values that drift around a person's own level.

use crate::day::Day;

use super::{
    calendar::weekday,
    concepts::{BMI, CREATININE, DIASTOLIC, EGFR, HBA1C, OXYGEN, PULSE, SYSTOLIC, WEIGHT},
    levels::Levels,
    numbers::CONDITIONS,
    record::Writer,
};

/// Numbers of units, in the list of concepts.rs.
const MMOL_PER_MOL: u8 = 1;
const PER_CENT: u8 = 2;
const FILTRATION: u8 = 3;
const KG_PER_M2: u8 = 4;
const KG: u8 = 5;
const MM_HG: u8 = 6;
const PER_MINUTE: u8 = 7;
const UMOL: u8 = 8;

#[derive(Clone, Copy)]
enum Check {
    Pressure,
    Sugar,
    Kidneys,
    Body,
    Lungs,
}

/// Writes them.
pub(crate) fn write(writer: &mut Writer) {
    let (world, story) = (writer.world, writer.story);
    let mut levels = Levels::of(world, &story.person, &story.conditions);
    let (named, last) = (&world.named, writer.attended.until);
    let age = story.person.age(last);
    let has = |condition: usize| story.conditions.has(condition, last);
    let ill = (0..CONDITIONS).filter(|&condition| has(condition)).count() as f64;
    let adult = f64::from(u8::from(age >= 18.0));
    let sugar = match () {
        () if has(named.diabetes) => 2.2,
        () if has(named.ndh) => 1.1,
        () if age > 40.0 => 0.25,
        () => 0.05,
    };
    for (yearly, check) in [
        (adult * (0.6 + 0.75 * ill.min(6.0) + if age > 60.0 { 0.5 } else { 0.0 }), Check::Pressure),
        (adult * sugar, Check::Sugar),
        (adult * (0.22 + if has(named.ckd) { 2.0 } else { 0.0 } + 0.55 * ill.min(4.0)), Check::Kidneys),
        (0.4 + adult * (0.3 + 0.4 * ill.min(6.0)), Check::Body),
        (adult * if has(named.copd) { 1.5 } else { 0.05 }, Check::Lungs),
    ] {
        let mut time = f64::from(writer.attended.from.0);
        loop {
            // Regular, not random: half of the wait is fixed.
            time += (0.5 + 0.5 * writer.chance.wait()) * 365.25 / yearly.max(0.001);
            if time > f64::from(last.0) {
                break;
            }
            let day = Day(time as i32);
            take(writer, check, day + [0, 0, 0, 0, 0, 2, 1][weekday(day)], &mut levels);
        }
    }
}

fn take(writer: &mut Writer, check: Check, day: Day, levels: &mut Levels) {
    let minute = 8 * 60 + writer.chance.below(620) as i64;
    let chance = &mut writer.chance;
    match check {
        Check::Pressure => {
            let systolic = (levels.systolic.next(chance) + 7.0 * chance.normal()).clamp(85.0, 230.0).round();
            let diastolic = (0.42 * systolic + 22.0 + 6.0 * chance.normal()).clamp(40.0, 130.0).round();
            let pulse = (74.0 + 9.0 * chance.normal()).clamp(45.0, 150.0).round();
            writer.measure(day, minute, SYSTOLIC, systolic, MM_HG);
            writer.measure(day, minute, DIASTOLIC, diastolic, MM_HG);
            writer.measure(day, minute, PULSE, pulse, PER_MINUTE);
        }
        Check::Sugar => {
            let value = levels.hba1c.next(chance).clamp(24.0, 160.0).round();
            // Some laboratories still answer in per cent.
            if chance.yes(0.02) {
                writer.measure(day, minute, HBA1C, (value + 23.497) / 10.929, PER_CENT);
            } else {
                writer.measure(day, minute, HBA1C, value, MMOL_PER_MOL);
            }
        }
        Check::Kidneys => {
            let years = f64::from(day - writer.world.first_day) / 365.25;
            let decline = if writer.story.conditions.has(writer.world.named.ckd, day) { 2.2 } else { 0.7 };
            let value = levels.egfr.next(chance) - decline * years + 2.0 * chance.normal();
            writer.measure(day, minute, EGFR, value.clamp(4.0, 125.0).round(), FILTRATION);
            // The laboratory measures creatinine and works the rate out from it.
            writer.measure(day, minute, CREATININE, (7_200.0 / value.clamp(9.0, 125.0)).round(), UMOL);
        }
        Check::Body => {
            let bmi = levels.bmi.next(chance).clamp(levels.bmi_range.0, levels.bmi_range.1);
            writer.measure(day, minute, BMI, bmi, KG_PER_M2);
            writer.measure(day, minute, WEIGHT, bmi * levels.height_squared, KG);
        }
        Check::Lungs => {
            let oxygen = (levels.oxygen + 1.2 * chance.normal()).clamp(80.0, 100.0).round();
            writer.measure(day, minute, OXYGEN, oxygen, PER_CENT);
        }
    }
}
