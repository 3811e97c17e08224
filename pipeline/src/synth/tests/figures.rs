//! The population looks like the place it imitates. Bounds are written by hand around `calibration_targets.csv`, wide
//! enough for chance in 12,000 people and for people who are younger than England's; `synth --accept` holds the targets
//! themselves against a population of any size.

use super::*;
use conditions::Conditions;
use course::Course;
use emergencies::Fate;
use person::Person;
use truth::probability;

fn population() -> Population {
    generate(&SynthParams { people: 12_000, years: 3, seed: 3, ..SynthParams::default() })
}

#[test]
fn the_population_meets_its_targets() {
    let acceptance = population().accept();
    for (target, least, most) in [
        ("emergency admissions per 1,000 a year", 82.0, 108.0),
        ("emergency admissions of a day, %", 30.0, 36.0),
        ("mean nights of stays with any", 7.0, 10.5),
        ("readmitted within 30 days, %", 10.5, 17.0),
        ("respiratory admissions, winter to spring", 1.3, 2.4),
        ("A&E attendances per 1,000 a year", 420.0, 500.0),
        ("A&E, on a Monday, %", 15.0, 17.0),
        ("A&E, back within 7 days, %", 7.2, 10.2),
        ("A&E, major attendances admitted, %", 26.0, 33.0),
        ("A&E, adults by ambulance, %", 23.0, 31.0),
        ("aged 65 and over, %", 8.0, 10.5),
        ("several long-term conditions, %", 13.0, 17.0),
        ("deaths per 1,000 a year", 4.4, 7.0),
        ("leave their practice in a year, %", 10.0, 13.5),
        ("type 1 objections, %", 4.2, 5.8),
        ("national data opt-outs, %", 4.2, 5.8),
        ("GP entries per person and year", 22.0, 29.0),
        ("prescriptions per person and year", 16.0, 22.0),
        ("GP entries, three and more to two", 1.2, 3.0),
        ("prescriptions, three and more to two", 1.3, 4.0),
        ("AUROC of the true risk of a year", 0.79, 0.87),
    ] {
        let check = acceptance.checks.iter().find(|check| check.target == target).expect(target);
        assert!((least..=most).contains(&check.found), "{target}: {}", check.found);
    }
}

/// Somebody's true risk of an emergency admission in the year to the last day, and whether there was one.
fn last_year(world: &World, number: u32) -> Option<(f64, bool)> {
    let person = Person::new(world, number);
    let conditions = Conditions::of(world, &person);
    let course = Course::new(world, &person, &conditions);
    let fate = Fate::of(world, &person, &course);
    let before = world.params.last_day - 365;
    let stays = person.left.is_none_or(|left| left > world.params.last_day) && person.merged_into.is_none();
    let risk = probability(&person, &fate, &course, before, 365).filter(|_| stays)?;
    Some((risk, fate.emergencies.iter().any(|stay| stay.admitted > before)))
}

#[test]
fn the_truth_is_calibrated() {
    let people = population();
    let numbers = 0..people.world.records;
    let mut pairs: Vec<(f64, bool)> = numbers.filter_map(|number| last_year(&people.world, number)).collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    for some in [&pairs[..], &pairs[pairs.len() * 9 / 10..]] {
        let expected: f64 = some.iter().map(|pair| pair.0).sum();
        let spread = some.iter().map(|pair| pair.0 * (1.0 - pair.0)).sum::<f64>().sqrt();
        let admitted = some.iter().filter(|pair| pair.1).count() as f64;
        assert!((admitted - expected).abs() < 3.0 * spread, "{admitted}, expected {expected}");
    }
}
