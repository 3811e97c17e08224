//! Rules that one row can answer, given the persons and practices known: V05, V07, V09, V10, V16, V22, V38, the
//! orders of dates that a table declares (V12, V27), and its other checks.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Int32Array, StringArray, TimestampSecondArray,
};
use arrow::compute::{max, nullif};
use arrow::datatypes::{ArrowPrimitiveType, DataType, Date32Type, TimestampSecondType};
use earlycall_schemas::codelists::is_known_provider;
use earlycall_schemas::rules::Action;
use earlycall_schemas::table::{ColumnSpec, DType, TableKind, TableSpec};

use crate::codelists::RestrictedCodes;
use crate::day::{Day, Instant};
use crate::history::is_no_practice;
use crate::history::records::ShortCode;
use crate::quality::batch::Batch;
use crate::quality::declared::declared;
use crate::quality::faults::Faults;
use crate::quality::memo::Memo;
use crate::quality::mothers::births_and_obstetrics;
use crate::quality::registry::{Patient, Registry};
use crate::quality::stand_in;

/// Clocks of suppliers may be this far ahead (V09).
const CLOCK_SKEW_SECONDS: i64 = 300;
/// Entries of the GP record made before birth may lie this long before its month (V10).
const ANTENATAL_MONTHS: i32 = 9;
const SECONDS_PER_DAY: i64 = 86_400;

/// What rows are measured against.
pub(crate) struct Yardstick<'a> {
    /// When the delivery was taken from its source.
    pub extracted_at: Instant,
    /// Persons and practices known.
    pub registry: &'a Registry,
    /// Whether persons may be judged: not when the delivery's own `patients` is refused.
    pub judges_persons: bool,
    /// Whether practices may be judged: not when the delivery's own `reference_practices` is refused.
    pub judges_practices: bool,
}

/// The rules on rows of one table, and what they remember of its persons from batch to batch.
pub(crate) struct RowChecks<'a> {
    table: &'static TableSpec,
    specs: Vec<&'static ColumnSpec>,
    yardstick: &'a Yardstick<'a>,
    persons: Memo<Persons>,
    /// By value of the dictionary of concepts, whether the law keeps it out.
    is_restricted: Memo<Vec<bool>>,
}

/// What is known of the persons of a dictionary.
struct Persons {
    /// By value, the number in the registry.
    numbers: Arc<[u32]>,
    /// By value.
    known: Vec<Known>,
    /// By value, the first day on which something can have happened to them: apart, for every row asks for it.
    earliest: Vec<i32>,
}

/// What is known of a person.
pub(super) struct Known {
    /// What `patients` says of them, if they are there.
    pub patient: Option<Patient>,
    /// Whether another record was merged into theirs, which `patients` may not have yet.
    is_survivor: bool,
}

impl<'a> RowChecks<'a> {
    /// The rules for the columns of `specs`, which are those of `table` that are read.
    pub fn new(
        table: &'static TableSpec,
        specs: Vec<&'static ColumnSpec>,
        yardstick: &'a Yardstick<'a>,
    ) -> RowChecks<'a> {
        RowChecks { table, specs, yardstick, persons: Memo::default(), is_restricted: Memo::default() }
    }

    /// Tries the rules on each row of a batch, and puts what is declared in the place of cells that must cost no row.
    /// Gives, by value of its dictionary of persons, their numbers in the registry.
    pub fn check(&mut self, columns: &mut [ArrayRef], faults: &mut Faults) -> Arc<[u32]> {
        not_after_the_extract(&self.specs, columns, self.yardstick.extracted_at, faults);
        let persons = self.judge(columns, faults);
        stand_in::fill(&self.specs, columns, self.yardstick.extracted_at, faults);
        persons
    }

    /// Tries the rules in the order of the functions called here.
    fn judge(&mut self, columns: &[ArrayRef], faults: &mut Faults) -> Arc<[u32]> {
        let RowChecks { table, specs, yardstick, persons, is_restricted } = self;
        let batch = Batch { table, specs, columns };
        restricted(&batch, &yardstick.registry.restricted, is_restricted, faults);
        in_order(&batch, faults);
        declared(&batch, faults);
        unknown_providers(&batch, faults);
        // A table of state says who there is: nobody in it is a stranger, and nothing in it happens to them.
        let Some(ids) = batch.coded("person_id").filter(|_| table.kind != TableKind::State) else {
            return Arc::default();
        };
        let persons = persons.of(ids.values(), |latest, from| {
            let new = ids.values().slice(from, ids.values().len() - from);
            Persons::of(table, &new, yardstick.registry).behind(latest)
        });
        if yardstick.judges_persons {
            not_before_birth(&batch, ids.keys(), &persons.earliest, faults);
        }
        if yardstick.judges_practices {
            practice_shares(&batch, yardstick.registry, faults);
        }
        if yardstick.judges_persons {
            person_is_known(table, ids.keys(), &persons.known, faults);
            births_and_obstetrics(&batch, ids.keys(), &persons.known, faults);
        }
        persons.numbers.clone()
    }
}

/// V09: nothing lies after the extract, but for what is booked or expected.
fn not_after_the_extract(
    specs: &[&'static ColumnSpec],
    columns: &mut [ArrayRef],
    extracted_at: Instant,
    faults: &mut Faults,
) {
    let latest = Instant(extracted_at.0 + CLOCK_SKEW_SECONDS);
    let latest_day = Day::of(latest);
    for (spec, column) in specs.iter().zip(columns).filter(|(spec, _)| !spec.may_be_future) {
        let Some(moments) = moments(spec, column) else { continue };
        let has_late = match moments {
            Moments::Days(days) => max(days).is_some_and(|day| day > latest_day.0),
            Moments::Seconds(seconds) => max(seconds).is_some_and(|second| second > latest.0),
        };
        if !has_late {
            continue;
        }
        let is_late = |row: usize| match moments {
            Moments::Days(days) => days.is_valid(row) && days.value(row) > latest_day.0,
            Moments::Seconds(seconds) => seconds.is_valid(row) && seconds.value(row) > latest.0,
        };
        let is_emptied: BooleanArray =
            (0..column.len()).map(|row| Some(is_late(row) && faults.breach(row, spec, "V09") == Action::Fix)).collect();
        if is_emptied.true_count() > 0 {
            *column = nullif(column, &is_emptied).expect("one flag per row");
        }
    }
}

/// V38: concepts of the GP record that the law keeps out. What else is wrong with such a row is nobody's business.
fn restricted(batch: &Batch, codes: &RestrictedCodes, known: &mut Memo<Vec<bool>>, faults: &mut Faults) {
    let Some(concepts) = batch.coded("snomed_code").filter(|_| batch.table.name == "gp_events") else { return };
    let is_restricted = |concept: &str| concept.parse().is_ok_and(|concept| codes.contains(concept));
    let is_restricted = known.of(concepts.values(), |latest, from| {
        let mut all = latest.unwrap_or_default();
        all.extend((from..concepts.values().len()).map(|at| is_restricted(concepts.values().value(at))));
        all
    });
    reject_where(
        concepts.keys(),
        |concept| is_restricted[concept],
        |row| faults.withhold(row, "snomed_code", "V38"),
        is_restricted.len(),
    );
}

/// `not_before` and `not_after`, under the rule that the column declares.
fn in_order(batch: &Batch, faults: &mut Faults) {
    for (spec, column) in batch.specs.iter().zip(batch.columns) {
        let Some(rule) = spec.order_rule.as_deref() else { continue };
        let named = |name: &Option<String>| name.as_deref().and_then(|name| batch.column(name));
        let early = named(&spec.not_before).map(|bound| is_before(column, bound));
        let late = named(&spec.not_after).map(|bound| is_before(bound, column));
        let outside: Vec<BooleanArray> = early.into_iter().chain(late).filter(|flags| flags.true_count() > 0).collect();
        for flags in outside {
            for row in (0..flags.len()).filter(|&row| flags.is_valid(row) && flags.value(row)) {
                faults.misfit(row, spec, rule);
            }
        }
    }
}

/// Row by row, whether the one moment lies before the other; neither yes nor no where either is missing. Columns that
/// belong in order are of one type.
fn is_before(one: &ArrayRef, other: &ArrayRef) -> BooleanArray {
    fn of<T: ArrowPrimitiveType>(one: &ArrayRef, other: &ArrayRef) -> BooleanArray {
        BooleanArray::from_binary(one.as_primitive::<T>(), other.as_primitive::<T>(), |one, other| one < other)
    }
    match one.data_type() {
        DataType::Date32 => of::<Date32Type>(one, other),
        _ => of::<TimestampSecondType>(one, other),
    }
}

impl Persons {
    fn of(table: &TableSpec, ids: &StringArray, registry: &Registry) -> Persons {
        let is_gp_record = table.name.starts_with("gp_");
        let known = |number: &u32| {
            let patient = registry.patient(*number);
            Known { patient, is_survivor: patient.is_none() && registry.is_survivor(*number) }
        };
        // Many were born in the same month, and to count months back takes longer than to look it up.
        let mut by_birth: BTreeMap<Day, Day> = BTreeMap::new();
        let mut earliest = |known: &Known| match known.patient {
            None => i32::MIN,
            Some(patient) if is_gp_record => {
                by_birth.entry(patient.birth).or_insert_with(|| antenatal(patient.birth)).0
            }
            Some(patient) => patient.birth.0,
        };
        let numbers = registry.numbers_in(ids);
        let known: Vec<Known> = numbers.iter().map(known).collect();
        Persons { earliest: known.iter().map(&mut earliest).collect(), known, numbers }
    }

    /// With what is known of the persons before these.
    fn behind(self, before: Option<Persons>) -> Persons {
        let Some(Persons { numbers, mut known, mut earliest }) = before else { return self };
        known.extend(self.known);
        earliest.extend(self.earliest);
        Persons { numbers: numbers.iter().chain(self.numbers.iter()).copied().collect(), known, earliest }
    }
}

/// V10: nothing happens to a person before the month of birth, but for antenatal entries in the GP record.
fn not_before_birth(batch: &Batch, persons: &Int32Array, earliest: &[i32], faults: &mut Faults) {
    for (spec, column) in batch.specs.iter().zip(batch.columns).filter(|(spec, _)| spec.not_before_birth) {
        let earliest = |person: i32| earliest.get(person as usize).copied().unwrap_or(i32::MIN);
        // What lies under an empty cell is looked at too, and judged by nobody.
        let is_there = |row: usize| persons.is_valid(row) && column.is_valid(row);
        let note = |row| faults.misfit(row, spec, "V10");
        match moments(spec, column) {
            Some(Moments::Days(days)) => {
                note_where(persons, |row, person| days.value(row) < earliest(person) && is_there(row), note);
            }
            Some(Moments::Seconds(seconds)) => {
                let is_early = |row: usize, person| {
                    let second = seconds.value(row);
                    // The London day is that of UTC or a neighbour.
                    let is_near = second < (i64::from(earliest(person)) + 2) * SECONDS_PER_DAY;
                    is_near && is_there(row) && Day::of(Instant(second)).0 < earliest(person)
                };
                note_where(persons, is_early, note);
            }
            None => {}
        }
    }
}

/// Notes the rows of which something holds, given the row and the place of its person: a loop of its own for each question.
fn note_where(persons: &Int32Array, holds: impl Fn(usize, i32) -> bool, note: impl FnMut(usize)) {
    let rows = persons.values().iter().enumerate().filter(|(row, person)| holds(*row, **person));
    rows.map(|(row, _)| row).for_each(note);
}

/// The first day of the antenatal months.
fn antenatal(birth: Day) -> Day {
    birth.months_later(-ANTENATAL_MONTHS)
}

/// V05: the practice has agreed to share. A row without a practice has nobody to ask.
fn practice_shares(batch: &Batch, registry: &Registry, faults: &mut Faults) {
    let practices = batch.coded("practice_code").filter(|_| batch.table.is_kept_by_practices());
    let Some(practices) = practices else { return };
    let may_be_used =
        |practice: &str| is_no_practice(practice) || registry.sharing.get(&ShortCode::new(practice)) == Some(&true);
    let may_be_used: Vec<bool> = practices.values().iter().map(|practice| practice.is_some_and(may_be_used)).collect();
    reject_where(
        practices.keys(),
        |practice| !may_be_used[practice],
        |row| faults.reject(row, "practice_code", "V05"),
        may_be_used.len(),
    );
}

/// V22: a provider that no list knows is kept and counted. Of practices V05 says more.
fn unknown_providers(batch: &Batch, faults: &mut Faults) {
    let Some(providers) = batch.coded("provider_code") else { return };
    let is_known: Vec<bool> =
        providers.values().iter().map(|provider| provider.is_some_and(is_known_provider)).collect();
    let note = |row| faults.warn(row, "provider_code", "V22");
    reject_where(providers.keys(), |provider| !is_known[provider], note, is_known.len());
}

/// V07: the person is in `patients`. An objection of somebody unknown stays, for they may arrive tomorrow; so does a death
/// of a record into which others were merged, for it is theirs too.
fn person_is_known(table: &TableSpec, persons: &Int32Array, known: &[Known], faults: &mut Faults) {
    let (kind, is_of_deaths) = (table.kind, table.name == "deaths");
    let is_stranger = |person: usize| known[person].patient.is_none() && !(is_of_deaths && known[person].is_survivor);
    let is_judged = matches!(kind, TableKind::Clinical | TableKind::Permission);
    if !is_judged {
        return;
    }
    let note = |row| match kind {
        TableKind::Clinical => faults.reject(row, "person_id", "V07"),
        _ => faults.warn(row, "person_id", "V07"),
    };
    reject_where(persons, is_stranger, note, known.len());
}

/// Calls `note` with each row whose value of a dictionary of `n_values` is wrong; where no value is, no row is looked at.
fn reject_where(keys: &Int32Array, is_wrong: impl Fn(usize) -> bool, mut note: impl FnMut(usize), n_values: usize) {
    if !(0..n_values).any(&is_wrong) {
        return;
    }
    for (row, key) in keys.iter().enumerate() {
        if key.is_some_and(|key| is_wrong(key as usize)) {
            note(row);
        }
    }
}

/// A column of dates or of timestamps.
enum Moments<'a> {
    Days(&'a Date32Array),
    Seconds(&'a TimestampSecondArray),
}

fn moments<'a>(spec: &ColumnSpec, column: &'a ArrayRef) -> Option<Moments<'a>> {
    match spec.dtype {
        _ if spec.list => None,
        DType::Date | DType::Month => Some(Moments::Days(column.as_primitive())),
        DType::Timestamp => Some(Moments::Seconds(column.as_primitive())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn antenatal_months_reach_nine_months_back() {
        let day = |text| Day::parse(text).unwrap();
        assert_eq!(antenatal(day("2020-10-01")), day("2020-01-01"));
        assert_eq!(antenatal(day("2020-02-01")), day("2019-05-01"));
    }
}
