//! Which long-term conditions a person has, since when, and what says so.

use earlycall_schemas::codelists::{Condition, conditions};

use crate::{
    cohort::stay::Cip,
    day::Day,
    features::ConditionRecord,
    history::records::{GpEvent, Person, Prescription},
};

/// Years for which a diagnosis of a stay shows a condition.
const HOSPITAL_YEARS: i32 = 10;

/// Every condition of a person on the index date, in the order of the declared conditions.
///
/// The GP record makes a register when its newest code of the condition is later than any that ends it, and its ages and
/// dates fit; where prescriptions are sent at all, some registers also ask for a medicine. A diagnosis in any
/// position of any stay of the last ten years shows it too, unless the GP record says that it has ended.
/// Source: specification 2.7; QOF business rules.
pub fn registers(person: &Person, cips: &[Cip], birth: Day, on: Day, has_prescriptions: bool) -> Vec<ConditionRecord> {
    let age = on.years_since(birth);
    let is_old_enough = |condition: &&Condition| condition.min_age.is_none_or(|from| age >= from);
    let found = conditions().iter().filter(is_old_enough).filter_map(|condition| {
        let gp = in_gp_record(condition, &person.gp_events, birth);
        let has_medicine = !has_prescriptions || has_its_medicine(condition, &person.prescriptions, on);
        let in_gp_record = gp.first.filter(|_| has_medicine && !gp.has_ended);
        let in_hospital = if gp.has_ended { None } else { in_stays(condition, cips, on) };
        let first = [in_gp_record, in_hospital].into_iter().flatten().min()?;
        let (in_gp_record, in_hospital) = (in_gp_record.is_some(), in_hospital.is_some());
        Some(ConditionRecord { condition, first, in_gp_record, in_hospital })
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

struct GpEvidence {
    first: Option<Day>,
    has_ended: bool,
}

fn in_gp_record(condition: &Condition, events: &[GpEvent], birth: Day) -> GpEvidence {
    let not_before = condition
        .not_before
        .map(|(year, month)| Day::parse(&format!("{year:04}-{month:02}-01")).expect("a declared month is a month"));
    let counts = |event: &&GpEvent| not_before.is_none_or(|from| event.date >= from);
    let mut dates = events.iter().filter(counts).filter(|event| condition.snomed.contains(&event.snomed));
    let first = dates.next().map(|event| event.date);
    let newest = dates.next_back().map(|event| event.date).or(first);
    let ended = events.iter().rfind(|event| condition.snomed_resolved.contains(&event.snomed));
    let is_old_enough =
        |first: &Day| condition.min_age_at_first_record.is_none_or(|from| first.years_since(birth) >= from);
    GpEvidence {
        first: first.filter(is_old_enough),
        has_ended: ended.is_some_and(|end| newest.is_none_or(|newest| end.date >= newest)),
    }
}

fn has_its_medicine(condition: &Condition, prescriptions: &[Prescription], on: Day) -> bool {
    let Some(needed) = &condition.needs_medicine else { return true };
    let in_time = prescriptions.iter().filter(|issue| issue.date > on - needed.within_days);
    let mut codes = in_time.map(|issue| issue.bnf);
    codes.any(|bnf| needed.bnf_prefixes.iter().any(|prefix| bnf.as_str().starts_with(prefix.as_str())))
}

fn in_stays(condition: &Condition, cips: &[Cip], on: Day) -> Option<Day> {
    let shows = |cip: &&Cip| cip.diagnoses.iter().any(|code| condition.is_shown_by_icd10(code.as_str()));
    cips.iter()
        .filter(|cip| on.years_since(cip.admission_date) < HOSPITAL_YEARS)
        .filter(shows)
        .map(|cip| cip.admission_date)
        .min()
}
