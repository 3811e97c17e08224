//! Which long-term conditions a person has, since when, and what says so.

use std::sync::LazyLock;

use earlycall_schemas::codelists::{Condition, conditions};

use crate::{
    cohort::stay::Cip,
    day::Day,
    features::ConditionRecord,
    history::records::{GpEvent, Person, Prescription},
    meaning,
};

/// Years for which a diagnosis of a stay shows a condition.
const HOSPITAL_YEARS: i32 = 10;

/// Per condition: the day before which GP records do not count.
static NOT_BEFORE: LazyLock<Vec<Day>> = LazyLock::new(|| {
    let first_day = |(year, month): (i32, u32)| {
        Day::parse(&format!("{year:04}-{month:02}-01")).expect("a declared month is a month")
    };
    conditions().iter().map(|condition| condition.not_before.map_or(Day(i32::MIN), first_day)).collect()
});

/// What registers are made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backing {
    /// Stays, the GP record, and the medicines for which some registers ask.
    Medicines,
    /// Stays and the GP record. Nobody is off a register for want of a medicine that nobody can see.
    GpRecord,
    /// Stays alone.
    Hospital,
}

impl Backing {
    /// What there is, given which feeds count.
    pub fn of(has_gp_events: bool, has_prescriptions: bool) -> Backing {
        match (has_gp_events, has_prescriptions) {
            (false, _) => Backing::Hospital,
            (true, false) => Backing::GpRecord,
            (true, true) => Backing::Medicines,
        }
    }
}

/// Every condition of a person on the index date, in the order of the declared conditions.
///
/// The GP record makes a register when its newest code of the condition is later than any that ends it, and its ages and
/// dates fit; where prescriptions are sent at all, some registers also ask for a medicine. A diagnosis in any
/// position of any stay of the last ten years shows it too, unless the GP record says that it has ended.
/// Source: specification 2.7; QOF business rules.
pub fn registers(person: &Person, cips: &[Cip], birth: Day, on: Day, backing: Backing) -> Vec<ConditionRecord> {
    let gp_events = if backing == Backing::Hospital { &[][..] } else { &person.gp_events[..] };
    let Some(evidence) = evidence(gp_events, cips, on) else { return Vec::new() };
    let age = on.years_since(birth);
    let found = conditions().iter().zip(&evidence).enumerate().filter_map(|(n, (condition, evidence))| {
        let is_old_enough =
            |first: &Day| condition.min_age_at_first_record.is_none_or(|from| first.years_since(birth) >= from);
        let has_ended = evidence.ended.is_some_and(|end| evidence.newest.is_none_or(|newest| end >= newest));
        let has_medicine = || backing != Backing::Medicines || has_its_medicine(n, &person.prescriptions, on);
        let in_gp_record = evidence.first.filter(|_| !has_ended).filter(is_old_enough).filter(|_| has_medicine());
        let in_hospital = evidence.in_stay.filter(|_| !has_ended);
        let first = [in_gp_record, in_hospital].into_iter().flatten().min()?;
        let (in_gp_record, in_hospital) = (in_gp_record.is_some(), in_hospital.is_some());
        let is_on = condition.min_age.is_none_or(|from| age >= from);
        is_on.then_some(ConditionRecord { condition, first, in_gp_record, in_hospital })
    });
    let found: Vec<ConditionRecord> = found.collect();
    let has = |id: &String| found.iter().any(|record| record.condition.id == *id);
    let is_ruled_out = |record: &ConditionRecord| record.condition.unless.iter().any(has);
    found.iter().filter(|record| !is_ruled_out(record)).cloned().collect()
}

/// Whether a person is coached for any of these conditions.
pub fn is_coached(records: &[ConditionRecord], coached: &[String]) -> bool {
    records.iter().any(|record| coached.contains(&record.condition.id))
}

/// What a person's rows say of one condition.
#[derive(Clone, Copy, Debug, Default)]
struct Evidence {
    /// First code in the GP record that counts.
    first: Option<Day>,
    /// Last code in the GP record that counts.
    newest: Option<Day>,
    /// Last code in the GP record that ends it.
    ended: Option<Day>,
    /// First stay with a diagnosis of it.
    in_stay: Option<Day>,
}

/// The evidence for each condition, in one walk over a person's rows; `None` if there is none of any.
fn evidence(gp_events: &[GpEvent], cips: &[Cip], on: Day) -> Option<Vec<Evidence>> {
    let mut found: Option<Vec<Evidence>> = None;
    let nothing = || vec![Evidence::default(); conditions().len()];
    for event in gp_events {
        let Some(meaning) = event.means else { continue };
        for &n in meaning.shows.iter().filter(|&&n| event.date >= NOT_BEFORE[n as usize]) {
            let of_it = &mut found.get_or_insert_with(nothing)[n as usize];
            of_it.first = Some(of_it.first.map_or(event.date, |first| first.min(event.date)));
            of_it.newest = of_it.newest.max(Some(event.date));
        }
        for &n in &meaning.ends {
            let of_it = &mut found.get_or_insert_with(nothing)[n as usize];
            of_it.ended = of_it.ended.max(Some(event.date));
        }
    }
    for cip in cips.iter().filter(|cip| on.years_since(cip.admission_date) < HOSPITAL_YEARS) {
        for &n in cip.diagnoses.iter().flat_map(|code| &meaning::of_icd10(code.as_str()).conditions) {
            let of_it = &mut found.get_or_insert_with(nothing)[n as usize];
            of_it.in_stay = Some(of_it.in_stay.map_or(cip.admission_date, |first| first.min(cip.admission_date)));
        }
    }
    found
}

/// Whether the medicine that a condition's register asks for, if any, was prescribed in time.
fn has_its_medicine(condition: usize, prescriptions: &[Prescription], on: Day) -> bool {
    let Condition { needs_medicine: Some(needed), .. } = &conditions()[condition] else { return true };
    let mut in_time = prescriptions.iter().filter(|issue| issue.date > on - needed.within_days);
    in_time.any(|issue| issue.medicine.means.supports.contains(&(condition as u16)))
}
