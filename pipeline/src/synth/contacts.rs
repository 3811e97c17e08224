//! Everything else that a practice writes down: contacts and what was found, letters, blood tests and vaccinations.

use crate::day::Day;

use super::{
    calendar::{civil, weekday},
    chance::Chance,
    concepts::{BLOOD_COUNT, FATS, LIVER, OTHER_TESTS, SALTS},
    record::Writer,
};

/// Entries of a contact beyond its kind, on average.
const FINDINGS: f64 = 1.13;

/// Writes them.
pub(crate) fn write(writer: &mut Writer) {
    let age = writer.story.person.age(writer.attended.until);
    let ill = writer.story.conditions.on(writer.attended.until).count() as f64;
    let by_age = match age {
        a if a < 5.0 => 4.6,
        a if a < 18.0 => 2.4,
        a if a < 40.0 => 3.2,
        a if a < 65.0 => 3.9,
        a if a < 80.0 => 5.2,
        _ => 7.0,
    };
    // Women are seen more often between 15 and 50.
    let by_sex = if writer.story.person.sex == 1 && (15.0..50.0).contains(&age) { 1.35 } else { 1.0 };
    let contacts = by_age * by_sex * (0.85 + 0.15 * writer.story.person.frailty) + 1.55 * ill.min(8.0);
    on_some_days(writer, contacts, contact);
    on_some_days(writer, 1.3 + 0.25 * contacts, letter);
    let adult = if age >= 16.0 { 1.0 } else { 0.1 };
    on_some_days(writer, adult * (0.16 + if age > 50.0 { 0.16 } else { 0.0 } + 0.27 * ill.min(6.0)), blood_test);
    vaccinations(writer, age, ill);
}

/// Does something on random working days, so many times a year.
fn on_some_days(writer: &mut Writer, yearly: f64, write: fn(&mut Writer, Day)) {
    let mut time = f64::from(writer.attended.from.0);
    loop {
        time += writer.chance.wait() / yearly * 365.25;
        if time >= f64::from(writer.attended.until.0 + 1) {
            return;
        }
        let day = Day(time as i32);
        // What falls on a weekend happens on Monday.
        write(writer, day + [0, 0, 0, 0, 0, 2, 1][weekday(day)]);
    }
}

fn contact(writer: &mut Writer, day: Day) {
    let minute = 8 * 60 + writer.chance.below(620) as i64;
    let concepts = &writer.world.concepts;
    // The commonest kinds are those of contacts; the rest are letters and messages.
    let kind = concepts.letters.start + zipf(&mut writer.chance, concepts.letters.len() / 6);
    writer.note(day, minute, kind);
    let stop = 1.0 / (1.0 + FINDINGS);
    while !writer.chance.yes(stop) {
        let finding = concepts.findings.start + zipf(&mut writer.chance, concepts.findings.len());
        writer.note(day, minute, finding);
    }
}

fn letter(writer: &mut Writer, day: Day) {
    let minute = 7 * 60 + writer.chance.below(720) as i64;
    let letters = &writer.world.concepts.letters;
    let code = letters.start + zipf(&mut writer.chance, letters.len());
    writer.note(day, minute, code);
}

fn blood_test(writer: &mut Writer, day: Day) {
    // Laboratories answer in the evening, too.
    let minute = 6 * 60 + writer.chance.below(960) as i64;
    for (share, panel) in [(0.8, BLOOD_COUNT), (0.75, SALTS), (0.6, LIVER), (0.45, FATS)] {
        if writer.chance.yes(share) {
            panel.for_each(|test| result(writer, day, minute, test));
        }
    }
    let other = writer.chance.below(OTHER_TESTS.len());
    result(writer, day, minute, OTHER_TESTS.start + other);
}

fn result(writer: &mut Writer, day: Day, minute: i64, test: usize) {
    let test = &writer.world.concepts.tests[test];
    let value = (test.usual + test.spread * writer.chance.normal()).max(0.1);
    writer.measure(day, minute, test.concept, value, test.unit);
}

/// Children's in their first years; against influenza each autumn for the old and the ill.
fn vaccinations(writer: &mut Writer, age: f64, ill: f64) {
    let vaccines = writer.world.concepts.vaccines.clone();
    let born = writer.story.person.born;
    if age < 8.0 {
        for (i, days) in [56, 84, 112, 365, 370, 1_200].into_iter().enumerate() {
            let day = born + days + writer.chance.below(20) as i32;
            for dose in 0..2 + i as u16 % 2 {
                if writer.chance.yes(0.85) && day >= writer.attended.from {
                    writer.note(day, 600, vaccines.start + 3 * i as u16 + dose);
                }
            }
        }
    }
    let share = if age >= 65.0 { 0.7 } else { 0.12 * ill.min(3.0) };
    let mut autumn = Day::parse(&format!("{}-09-15", civil(writer.attended.from).0)).expect("a day of every year");
    while autumn <= writer.attended.until {
        let day = autumn + (writer.chance.wait() * 25.0) as i32;
        if writer.chance.yes(share) && day >= writer.attended.from {
            writer.note(day, 600, vaccines.start + 30);
        }
        autumn = autumn + 365;
    }
}

/// One of `n`, the first the commonest: shares fall as 1, 1/2, 1/3 and so on.
fn zipf(chance: &mut Chance, n: usize) -> u16 {
    ((n as f64 + 1.0).powf(chance.unit()) as usize - 1).min(n - 1) as u16
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::chance::Stream;

    #[test]
    fn the_commonest_is_about_twice_as_common_as_the_next() {
        let mut chance = Chance::of(1, 1, Stream::Record);
        let draws: Vec<u16> = (0..40_000).map(|_| zipf(&mut chance, 100)).collect();
        let count = |n: u16| draws.iter().filter(|&&draw| draw == n).count() as f64;
        assert!((count(0) / count(1) - 1.7).abs() < 0.15); // ln 2 to ln 1.5
        assert!(draws.iter().all(|&draw| draw < 100) && count(99) > 0.0);
    }
}
