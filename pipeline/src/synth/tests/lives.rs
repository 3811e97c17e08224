//! A life makes sense: things happen in order, between birth and death, and never in two places at once.

use super::*;
use life::{Life, Story};

fn life(world: &World, number: u32) -> Life {
    Life::of(world, Story::of(world, number), small().last_day)
}

fn lives() -> Vec<(person::Person, Life)> {
    let people = generate(&small());
    let of = |number| (person::Person::new(&people.world, number), life(&people.world, number));
    (0..small().people).map(of).collect()
}

#[test]
fn dates_of_a_stay_are_in_order() {
    for (_, life) in lives() {
        for row in &life.episodes {
            assert!(row.admitted <= row.start && row.start <= row.end && row.end <= row.discharged);
            assert!(row.known.from > row.discharged); // only finished stays are sent
        }
        for row in &life.attendances {
            assert!(row.arrival < row.departure && Day::of(row.departure) < row.known.from);
        }
    }
}

#[test]
fn nothing_happens_before_birth_or_after_death() {
    let mut dead = 0;
    let people = generate(&small());
    for (person, life) in lives() {
        let story = Story::of(&people.world, person.number);
        let death = life.deaths.first().map(|death| death.date);
        dead += usize::from(death.is_some());
        let mut days: Vec<Day> = record::events(&people.world, &story, None).iter().map(|row| row.date).collect();
        days.extend(prescriptions::of(&people.world, &story, None).iter().map(|row| row.date));
        days.extend(life.episodes.iter().flat_map(|row| [row.admitted, row.discharged]));
        days.extend(life.attendances.iter().map(|row| Day::of(row.departure)));
        days.extend(life.registrations.iter().map(|row| row.start));
        for day in days {
            assert!(day >= person.born && death.is_none_or(|death| day <= death));
        }
    }
    assert!(dead > 10);
}

#[test]
fn nobody_is_in_two_beds_at_once() {
    for (_, life) in lives() {
        let mut spells: Vec<(Day, Day)> =
            life.episodes.iter().filter(|row| row.order == 1).map(|row| (row.admitted, row.discharged)).collect();
        spells.sort_unstable();
        spells.dedup(); // a stay that was coded later has two versions
        assert!(spells.windows(2).all(|pair| pair[0].1 <= pair[1].0));
    }
}

#[test]
fn episodes_of_a_spell_follow_each_other() {
    let mut split = 0;
    for (_, life) in lives() {
        for row in &life.episodes {
            let next = life.episodes.iter().find(|other| other.spell == row.spell && other.order == row.order + 1);
            assert_eq!(row.is_last, next.is_none());
            split += usize::from(next.is_some());
            assert!(next.is_none_or(|next| next.start == row.end));
        }
    }
    assert!(split > 10);
}

#[test]
fn a_merged_record_names_a_living_record_of_the_same_human_being() {
    let people = generate(&small());
    let merged: Vec<person::Person> = (0..small().people)
        .map(|n| person::Person::new(&people.world, n))
        .filter(|p| p.merged_into.is_some())
        .collect();
    assert!(!merged.is_empty());
    for record in merged {
        let survivor = person::Person::new(&people.world, record.merged_into.unwrap());
        assert!(survivor.merged_into.is_none() && (survivor.born, survivor.sex) == (record.born, record.sex));
        let life = life(&people.world, record.number);
        assert_eq!(life.patient.last().unwrap().superseded_by, Some(person::person_id(survivor.number)));
    }
}
