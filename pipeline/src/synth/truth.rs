//! What no extract says: each person's real risk, to judge a model against.

use std::io;

use crate::day::Day;

use super::{
    cells::{Cell, Cells, Columns},
    conditions::Conditions,
    course::Course,
    emergencies::Fate,
    parallel,
    parquet_cells::ParquetCells,
    person::Person,
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

/// Columns of the file of the truth.
const COLUMNS: Columns = &[
    ("person_id", Cell::Id),
    ("hazard_per_day_at_end", Cell::Decimal),
    ("p_180d_at_end", Cell::Decimal),
    ("p_180d_minus_180", Cell::Decimal),
    ("p_180d_minus_365", Cell::Decimal),
    ("frailty", Cell::Decimal),
];

/// Writes the truth about everybody as Parquet.
pub(crate) fn write(world: &World, threads: usize, out: &mut (dyn io::Write + Send)) -> io::Result<()> {
    let mut cells = ParquetCells::new(COLUMNS, out)?;
    // A stretch at a time, so that memory does not grow with the population.
    const STRETCH: u32 = 200_000;
    let mut from = 0;
    while from < world.records {
        let until = (from + STRETCH).min(world.records);
        let truths = parallel::parts(until - from, threads, |part| {
            part.filter_map(|number| Truth::of(world, from + number)).collect::<Vec<_>>()
        });
        for truth in truths.into_iter().flatten() {
            cells.person(truth.number);
            cells.decimal(truth.hazard_per_day_at_end);
            truth.p_180d.into_iter().for_each(|p| cells.decimal(p));
            cells.decimal(Some(truth.frailty));
            cells.end_row()?;
        }
        from = until;
    }
    cells.finish().map(|_| ())
}
