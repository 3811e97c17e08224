//! Rules that one row can answer, given the persons and practices known: V05, V07, V09, V10, V12, V21, V27 and the
//! other orders of dates that a table declares.

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Date32Array, StringArray, TimestampSecondArray};
use arrow::compute::nullif;
use arrow::datatypes::{Date32Type, TimestampSecondType};
use earlycall_schemas::rules::Action;
use earlycall_schemas::table::{ColumnSpec, DType, TableKind, TableSpec};
use jiff::ToSpan;

use crate::day::{Day, Instant};
use crate::history::is_no_practice;
use crate::history::records::{PersonKey, ShortCode};
use crate::quality::faults::Faults;
use crate::quality::registry::Registry;

/// Clocks of suppliers may be this far ahead (V09).
const CLOCK_SKEW_SECONDS: i64 = 300;
/// Entries of the GP record made before birth may lie this long before its month (V10).
const ANTENATAL_MONTHS: i32 = 9;

/// The columns of which a prescription needs one (V21).
pub(crate) const SOME_DRUG: [&str; 2] = ["dmd_code", "bnf_code"];

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

/// Tries the rules on each row of a batch, in the order of the functions called here.
pub(crate) fn check(table: &'static TableSpec, columns: &mut [ArrayRef], yardstick: &Yardstick, faults: &mut Faults) {
    not_after_the_extract(table, columns, yardstick.extracted_at, faults);
    let batch = Batch { table, columns };
    in_order(&batch, faults);
    some_drug(&batch, faults);
    if let Some(persons) = batch.persons() {
        if yardstick.judges_persons {
            not_before_birth(&batch, &persons, yardstick.registry, faults);
        }
        if yardstick.judges_practices {
            practice_shares(&batch, yardstick.registry, faults);
        }
        if yardstick.judges_persons {
            person_is_known(table.kind, &persons, yardstick.registry, faults);
        }
    }
}

/// V09: nothing lies after the extract, but for what is booked or expected.
fn not_after_the_extract(
    table: &'static TableSpec,
    columns: &mut [ArrayRef],
    extracted_at: Instant,
    faults: &mut Faults,
) {
    let latest = Instant(extracted_at.0 + CLOCK_SKEW_SECONDS);
    let latest_day = Day::of(latest);
    for (at, spec) in table.columns.iter().enumerate().filter(|(_, spec)| !spec.may_be_future) {
        let Some(moments) = (Batch { table, columns }).moments_at(at) else { continue };
        let is_late = |row: usize| match &moments {
            Moments::Days(days) => days.is_valid(row) && days.value(row) > latest_day.0,
            Moments::Seconds(seconds) => seconds.is_valid(row) && seconds.value(row) > latest.0,
        };
        let is_emptied: BooleanArray = (0..columns[at].len())
            .map(|row| Some(is_late(row) && faults.breach(row, spec, "V09") == Action::Fix))
            .collect();
        if is_emptied.true_count() > 0 {
            columns[at] = nullif(&columns[at], &is_emptied).expect("one flag per row");
        }
    }
}

/// `not_before` and `not_after`, under the rule that the column declares.
fn in_order(batch: &Batch, faults: &mut Faults) {
    for (spec, moments) in batch.moments() {
        let rule = spec.order_rule.as_deref().unwrap_or("ORDER");
        let named = |name: &Option<String>| name.as_deref().and_then(|name| batch.moments_of(name));
        let (earliest, latest) = (named(&spec.not_before), named(&spec.not_after));
        for row in 0..batch.rows() {
            let is_early = earliest.as_ref().is_some_and(|bound| moments.is_before(bound, row));
            let is_late = latest.as_ref().is_some_and(|bound| bound.is_before(&moments, row));
            if is_early || is_late {
                faults.reject(row, &spec.name, rule);
            }
        }
    }
}

/// V21: a prescription says what was prescribed, by dm+d or by BNF code.
fn some_drug(batch: &Batch, faults: &mut Faults) {
    let (Some(dmd), Some(bnf)) = (batch.text(SOME_DRUG[0]), batch.text(SOME_DRUG[1])) else { return };
    for row in 0..batch.rows() {
        if dmd.is_null(row) && bnf.is_null(row) {
            faults.reject(row, "dmd_code", "V21");
        }
    }
}

/// V10: nothing happens to a person before the month of birth, but for antenatal entries in the GP record.
fn not_before_birth(batch: &Batch, persons: &[Option<PersonKey>], registry: &Registry, faults: &mut Faults) {
    let is_gp_record = batch.table.name.starts_with("gp_");
    let earliest = |birth| if is_gp_record { antenatal(birth) } else { birth };
    for (spec, moments) in batch.moments().filter(|(spec, _)| spec.not_before_birth) {
        for (row, person) in persons.iter().enumerate() {
            let Some((day, person)) = moments.day(row).zip(*person) else { continue };
            let is_early = registry.births.get(&person).is_some_and(|&birth| day < birth && day < earliest(birth));
            if is_early {
                faults.reject(row, &spec.name, "V10");
            }
        }
    }
}

/// The first day of the antenatal months.
fn antenatal(birth: Day) -> Day {
    let date = birth.date().checked_sub(ANTENATAL_MONTHS.months()).expect("births are after 1900");
    birth - date.until(birth.date()).expect("both dates are in range").get_days()
}

/// V05: the practice has agreed to share. A row without a practice has nobody to ask.
fn practice_shares(batch: &Batch, registry: &Registry, faults: &mut Faults) {
    let is_practice_record = batch.table.name == "registrations" || batch.table.name.starts_with("gp_");
    let Some(practices) = batch.text("practice_code").filter(|_| is_practice_record) else { return };
    for (row, practice) in practices.iter().enumerate() {
        let Some(practice) = practice.filter(|practice| !is_no_practice(practice)) else { continue };
        if registry.sharing.get(&ShortCode::new(practice)) != Some(&true) {
            faults.reject(row, "practice_code", "V05");
        }
    }
}

/// V07: the person is in `patients`. An objection of somebody unknown stays, for they may arrive tomorrow.
fn person_is_known(kind: TableKind, persons: &[Option<PersonKey>], registry: &Registry, faults: &mut Faults) {
    for (row, person) in persons.iter().enumerate() {
        if person.is_some_and(|person| !registry.births.contains_key(&person)) {
            match kind {
                TableKind::Clinical => faults.reject(row, "person_id", "V07"),
                TableKind::Permission => faults.warn(row, "V07"),
                TableKind::State | TableKind::Reference => {}
            }
        }
    }
}

/// The typed columns of a batch, by name.
struct Batch<'a> {
    table: &'static TableSpec,
    columns: &'a [ArrayRef],
}

impl<'a> Batch<'a> {
    fn rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.len())
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.table.columns.iter().position(|column| column.name == name)
    }

    fn text(&self, name: &str) -> Option<&'a StringArray> {
        self.position(name).map(|at| self.columns[at].as_string())
    }

    fn persons(&self) -> Option<Vec<Option<PersonKey>>> {
        Some(self.text("person_id")?.iter().map(|person| person.and_then(PersonKey::parse)).collect())
    }

    fn moments_of(&self, name: &str) -> Option<Moments<'a>> {
        self.moments_at(self.position(name)?)
    }

    fn moments_at(&self, at: usize) -> Option<Moments<'a>> {
        match (self.table.columns[at].list, self.table.columns[at].dtype) {
            (false, DType::Date | DType::Month) => Some(Moments::Days(self.columns[at].as_primitive::<Date32Type>())),
            (false, DType::Timestamp) => Some(Moments::Seconds(self.columns[at].as_primitive::<TimestampSecondType>())),
            _ => None,
        }
    }

    fn moments(&self) -> impl Iterator<Item = (&'static ColumnSpec, Moments<'a>)> {
        self.table.columns.iter().enumerate().filter_map(|(at, spec)| Some((spec, self.moments_at(at)?)))
    }
}

/// A column of dates or of timestamps.
enum Moments<'a> {
    Days(&'a Date32Array),
    Seconds(&'a TimestampSecondArray),
}

impl Moments<'_> {
    fn day(&self, row: usize) -> Option<Day> {
        match self {
            Moments::Days(days) => days.is_valid(row).then(|| Day(days.value(row))),
            Moments::Seconds(seconds) => seconds.is_valid(row).then(|| Day::of(Instant(seconds.value(row)))),
        }
    }

    /// Whether this lies before the other, to the second where both are timestamps, else to the day.
    fn is_before(&self, other: &Moments, row: usize) -> bool {
        match (self, other) {
            (Moments::Days(a), Moments::Days(b)) => both(*a, *b, row) && a.value(row) < b.value(row),
            (Moments::Seconds(a), Moments::Seconds(b)) => both(*a, *b, row) && a.value(row) < b.value(row),
            (a, b) => a.day(row).zip(b.day(row)).is_some_and(|(a, b)| a < b),
        }
    }
}

fn both(a: &dyn Array, b: &dyn Array, row: usize) -> bool {
    a.is_valid(row) && b.is_valid(row)
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
