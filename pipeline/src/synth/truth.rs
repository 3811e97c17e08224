//! What no extract says: each person's real risk, to judge a model against.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, Float64Array, RecordBatch, StringArray},
    datatypes::{DataType, Field, Schema},
};

use crate::day::Day;

use super::{
    conditions::Conditions,
    course::Course,
    emergencies::Fate,
    parquet_cells::parquet_bytes,
    person::{Person, person_id},
    world::World,
};

/// How long before the last day each probability is given.
pub(crate) const BEFORE_END: [i32; 3] = [0, 180, 365];
/// The prediction window.
const HORIZON_DAYS: i32 = 180;

/// The real risk of one person.
#[derive(Clone, Debug)]
pub(crate) struct Truth {
    pub number: u32,
    /// Rate of emergency admissions on the last day, per day; none for the dead, those who left and those in a bed.
    pub hazard_per_day_at_end: Option<f64>,
    /// Probability of at least one emergency admission in the 180 days after the last day, after the day 180 days before
    /// it and after the day 365 days before it; none for those who were not among us on that day.
    pub p_180d: [Option<f64>; 3],
    pub frailty: f64,
}

impl Truth {
    /// The truth about the person of a number; none for records that are no people of their own.
    pub fn of(world: &World, number: u32) -> Option<Truth> {
        let person = Person::new(world, number);
        if person.is_test_patient || person.merged_into.is_some() {
            return None;
        }
        let conditions = Conditions::of(world, &person);
        let course = Course::new(world, &person, &conditions);
        let fate = Fate::of(world, &person, &course);
        let end = world.params.last_day;
        let at_home = is_here(&person, &fate, end) && fate.stay_over(end).is_none();
        Some(Truth {
            number,
            hazard_per_day_at_end: at_home.then(|| course.admission(end, fate.last_discharge(end))),
            p_180d: BEFORE_END.map(|before| probability(&person, &fate, &course, end - before, HORIZON_DAYS)),
            frailty: person.frailty,
        })
    }
}

/// Probability of at least one emergency admission in the days after a day, of somebody who is here on it.
pub(crate) fn probability(person: &Person, fate: &Fate, course: &Course, day: Day, days: i32) -> Option<f64> {
    if !is_here(person, fate, day) {
        return None;
    }
    if fate.stay_over(day).is_some_and(|stay| stay.died) {
        return Some(0.0);
    }
    Some(course.probability(day, days, fate.last_discharge(day)))
}

/// Whether a person lives among us at the end of a day.
pub(crate) fn is_here(person: &Person, fate: &Fate, day: Day) -> bool {
    person.arrived <= day && person.left.is_none_or(|left| left > day) && fate.died.is_none_or(|died| died > day)
}

/// The truth as Parquet.
pub(crate) fn file(truths: &[Truth]) -> Vec<u8> {
    let numbers = ["hazard_per_day_at_end", "p_180d_at_end", "p_180d_minus_180", "p_180d_minus_365", "frailty"];
    let mut fields = vec![Field::new("person_id", DataType::Utf8, false)];
    fields.extend(numbers.iter().map(|name| Field::new(*name, DataType::Float64, true)));
    let column = |pick: &dyn Fn(&Truth) -> Option<f64>| -> ArrayRef {
        Arc::new(truths.iter().map(pick).collect::<Float64Array>())
    };
    let mut columns: Vec<ArrayRef> =
        vec![Arc::new(truths.iter().map(|truth| Some(person_id(truth.number))).collect::<StringArray>())];
    columns.push(column(&|truth| truth.hazard_per_day_at_end));
    for i in 0..BEFORE_END.len() {
        columns.push(column(&|truth| truth.p_180d[i]));
    }
    columns.push(column(&|truth| Some(truth.frailty)));
    let schema = Arc::new(Schema::new(fields));
    let batch = RecordBatch::try_new(schema.clone(), columns).expect("one column for each field, of its type");
    parquet_bytes(schema, &[batch])
}
