//! The same seed gives the same bytes, whoever makes them.

use super::*;

#[test]
fn any_number_of_threads_makes_the_same_bytes() {
    for format in [Format::Csv, Format::Parquet] {
        let alone = generate(&small()).with_threads(1).delivery_full(small().last_day, format);
        let many = generate(&small()).with_threads(3).delivery_full(small().last_day, format);
        assert!(alone == many, "{format:?}");
    }
    assert!(generate(&small()).with_threads(1).truth() == generate(&small()).with_threads(3).truth());
}

#[test]
fn any_number_of_threads_writes_the_same_folder() {
    let params = SynthParams { dirt: true, ..with_feeds() };
    for format in [Format::CsvGz, Format::Parquet] {
        let one = written(&generate(&params).with_threads(1), None, small().last_day, format);
        let two = written(&generate(&params).with_threads(2), None, small().last_day, format);
        assert!(one == two, "{format:?}");
    }
}

#[test]
fn another_seed_makes_other_people() {
    let one = generate(&small()).delivery_full(small().last_day, Format::Csv);
    let other = generate(&SynthParams { seed: 12, ..small() }).delivery_full(small().last_day, Format::Csv);
    assert_ne!(rows(&one, "deaths"), rows(&other, "deaths"));
}

/// A person is the same in a population of any size but for where they live: there are more places in a large one.
#[test]
fn a_person_does_not_depend_on_how_many_others_there_are() {
    let few = generate(&SynthParams { people: 30, ..small() });
    let many = generate(&small());
    for number in 0..30 {
        let (one, other) = (person::Person::new(&few.world, number), person::Person::new(&many.world, number));
        assert_eq!((one.born, one.sex, one.ethnic_category), (other.born, other.sex, other.ethnic_category));
    }
}
