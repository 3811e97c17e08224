//! One person's line: what is known of them, in sentences for a coach, and nothing that is sensitive.

use earlycall_model::Rows;
use earlycall_schemas::{
    codelists::{borough_name, is_ambulance_arrival, plain_reason, sex_label},
    pathways::{PathwayId, pathways},
};
use ndarray::ArrayView2;

use crate::{
    cohort::{Assessed, Circumstances, stay::Cip, unplanned},
    day::Day,
    features::{self, ConditionRecord, FeatureRow, Value},
    feedback::status::Status,
    history::records::{Attendance, ShortCode},
    model_store::Chosen,
    pathways::{FoundBy, facts::Facts, flags, looked_after::LookedAfter, tell},
    settings::Settings,
    worklist::{
        appointments, care_gaps,
        change::risk_in_words,
        columns::{NO_DATA, WITHHELD, or_no_data},
        contact_needs, contributions,
        history::{self, Past},
        lateness::Lateness,
        line::{Band, FRAILTY_HIGH, Line},
        moved::{self, Said},
    },
};

/// Most reasons on a line.
const REASONS_MAX: usize = 4;
/// Most reasons that are about the same kind of thing: an admission by ambulance is one event, not three reasons.
const REASONS_PER_VIEW_MAX: usize = 2;
/// Smallest contribution to the log-odds that counts as a reason: some 5% more than the average person's odds.
const REASON_FROM: f64 = 0.05;
/// The statement of the age, which stands under every reference: as a reason it comes last.
const AGE: &str = "age_years";
/// Another pathway that finds somebody.
#[derive(Clone, Debug)]
pub struct Elsewhere {
    /// Which.
    pub pathway: PathwayId,
    /// The first of its rules that does.
    pub found_by: FoundBy,
    /// The team on whose list they are; none if there is no room, or no team.
    pub team_id: Option<String>,
}

/// Where a person stands on a list, and what the model said.
#[derive(Clone, Debug)]
pub struct Placed {
    /// The team.
    pub team_id: String,
    /// What its list is for.
    pub pathway: PathwayId,
    /// The rules that put them on it; none of somebody who is carried over and whom none finds any more.
    pub found_by: Vec<FoundBy>,
    /// The other pathways that find them.
    pub elsewhere: Vec<Elsewhere>,
    /// 1 is to be called first.
    pub line_no: u32,
    /// Ten characters that stand for the person within the team.
    pub person_ref: String,
    /// Probability, 0 to 1.
    pub risk: f64,
    /// The change since the night before, in words.
    pub change: String,
    /// What the model said the night before, where the risk is another now.
    pub said_before: Option<Said>,
    /// Band.
    pub band: Band,
    /// On the team's list of the night before.
    pub was_listed: bool,
    /// Their record may mix two people (V30).
    pub may_be_two: bool,
    /// The risk over the nights before.
    pub history: Vec<Past>,
    /// What contacts with them came to.
    pub contacts: Status,
}

/// Writes a line.
///
/// # Errors
/// * [`earlycall_model::Error`] when the model is for other columns than this program's.
pub fn line(
    assessed: &Assessed,
    placed: &Placed,
    at: &Circumstances,
    model: &Chosen,
    late: &Lateness,
    settings: &Settings,
) -> Result<Line, earlycall_model::Error> {
    let patient = &assessed.person.patient;
    let open = |text: String| if patient.is_confidential { WITHHELD.to_owned() } else { text };
    let age = at.index_date.years_since(assessed.birth_month);
    let spoken = Spoken::of(assessed, at, model)?;
    let reasons = reasons(&spoken, assessed, at);
    let stated = features::stated(&assessed.subject(), at.index_date, at.feeds, &spoken.features);
    let contributions = contributions::told(&contributions::parts(&spoken.contributions, &stated));
    let facts = Facts::of(assessed, at, &spoken.features.values);
    let frailty = frailty(&spoken.features, age).to_owned();
    let said_before = placed.said_before.as_ref();
    let change_facts = said_before.map_or_else(Vec::new, |before| moved::facts(&spoken.said(assessed, at), before));
    Ok(Line {
        line_no: placed.line_no,
        person_ref: placed.person_ref.clone(),
        age: if age >= 90 { "90 or over".to_owned() } else { age.to_string() },
        sex: sex_label(patient.sex.as_str()).to_owned(),
        practice: open(practice(assessed, at)),
        borough: open(borough_name(assessed.placement.lad_code.as_str()).unwrap_or(NO_DATA).to_owned()),
        neighbourhood: open(neighbourhood(assessed, at)),
        pcn: open(or_no_data(assessed.placement.pcn_code.as_str().to_owned())),
        contact_hint: open(contact_needs::in_words(patient, &assessed.person.gp_events)),
        conditions: conditions(&assessed.conditions),
        // As exact as it is told: a risk to many digits would tell who somebody is.
        risk: Some((100.0 * placed.risk).round() / 100.0),
        risk_in_words: risk_in_words(placed.risk),
        band: Some(placed.band),
        change: placed.change.clone(),
        change_facts,
        history: history::with(placed.history.clone(), Past::of(at.index_date, placed.risk)),
        is_new: !placed.was_listed,
        contact: placed.contacts.in_words(),
        is_carried_over: placed.contacts.is_carried_over,
        why_listed: why_listed(placed, &facts, at.index_date),
        reasons,
        recent_use: recent_use(assessed, at, late),
        care_gaps: care_gaps::told(assessed, at, late, &settings.care_gaps),
        looked_after: looked_after(assessed, at).told(at.feeds),
        frailty,
        other_pathways: placed.elsewhere.iter().map(|other| other_pathway(other, &facts, at.index_date)).collect(),
        flags: flags(placed, assessed, at, settings),
        contributions,
        badges: model.badge().into_iter().chain(badges(assessed, placed.may_be_two, at, late)).collect(),
    })
}

fn practice(assessed: &Assessed, at: &Circumstances) -> String {
    let code = assessed.placement.practice_code.as_str();
    match at.reference.practices.get(&ShortCode::new(code)) {
        _ if code.is_empty() => NO_DATA.to_owned(),
        Some(practice) => format!("{} ({code})", practice.name),
        None => code.to_owned(),
    }
}

fn neighbourhood(assessed: &Assessed, at: &Circumstances) -> String {
    let area = at.reference.areas.get(&assessed.person.patient.lsoa21);
    or_no_data(area.map(|area| area.neighbourhood.clone()).unwrap_or_default())
}

fn conditions(records: &[ConditionRecord]) -> Vec<String> {
    let spoken = records.iter().filter(|record| record.condition.is_disease && !record.condition.is_sensitive);
    spoken
        .map(|record| {
            let origin = match (record.in_gp_record, record.in_hospital) {
                (true, true) => "GP and hospital record",
                (true, false) => "GP record",
                _ => "hospital record only",
            };
            let label = &record.condition.label;
            let bare = label.strip_prefix("an ").or(label.strip_prefix("a ")).unwrap_or(label);
            format!("{} (since {}, {origin})", capitalised(bare), record.first.date().year())
        })
        .collect()
}

/// The rules that put somebody on the list, in words.
fn why_listed(placed: &Placed, facts: &Facts, index_date: Day) -> Vec<String> {
    match placed.found_by.as_slice() {
        [] => vec!["Called before, and not done with".to_owned()],
        rules => {
            let mut told: Vec<String> =
                rules.iter().map(|rule| capitalised(&tell::why(rule, facts, index_date))).collect();
            told.dedup();
            told
        }
    }
}

/// Who looks after the person already.
fn looked_after(assessed: &Assessed, at: &Circumstances) -> LookedAfter {
    LookedAfter::of(assessed.person, &assessed.cips, at.feeds, at.index_date)
}

/// What to check before the call: flags of the person, who looks after them already, and other teams who may call them as well.
fn flags(placed: &Placed, assessed: &Assessed, at: &Circumstances, settings: &Settings) -> Vec<String> {
    let pathway = &settings.pathways[placed.pathway];
    let mut told = flags::told(&pathway.flags, assessed, at);
    told.extend(looked_after(assessed, at).checks(pathway));
    let is_confidential = assessed.person.patient.is_confidential;
    let listed = placed.elsewhere.iter().filter_map(|other| Some((other.pathway, other.team_id.as_ref()?)));
    // The name of a team may tell where somebody lives.
    told.extend(listed.map(|(pathway, team_id)| match is_confidential {
        true => format!("On a list of {} too", pathways()[pathway].name.to_lowercase()),
        false => format!("On the list of {team_id} too"),
    }));
    told
}

/// "Virtual ward review: home from an emergency stay since 3 May 2026, COPD (on the list of ward-r1h)".
fn other_pathway(other: &Elsewhere, facts: &Facts, index_date: Day) -> String {
    let list = other.team_id.as_ref().map(|team_id| match facts.place_is_withheld {
        true => " (on a list)".to_owned(),
        false => format!(" (on the list of {team_id})"),
    });
    format!(
        "{}: {}{}",
        pathways()[other.pathway].name,
        tell::why(&other.found_by, facts, index_date),
        list.unwrap_or_default()
    )
}

/// What the model says of a person under some circumstances.
struct Spoken {
    features: FeatureRow,
    /// By statement, those first that raise the risk most.
    contributions: Vec<(String, f64)>,
}

impl Spoken {
    fn of(assessed: &Assessed, at: &Circumstances, model: &Chosen) -> Result<Spoken, earlycall_model::Error> {
        let features = features::build(&assessed.subject(), at.index_date, at.feeds);
        let row: Vec<f64> = model.numbers(&features.values).collect();
        let x = ArrayView2::from_shape((1, row.len()), &row).expect("one row of its own length");
        let contributions = model.lead().contributions(&Rows { columns: model.columns(), x }, 0)?;
        Ok(Spoken { features, contributions: model.lead().by_statement(&contributions) })
    }

    /// To be held against another night.
    fn said(self, assessed: &Assessed, at: &Circumstances) -> Said {
        let counted = features::counted(&assessed.subject(), at.index_date, at.feeds, &self.features);
        Said { contributions: self.contributions.into_iter().collect(), counted }
    }
}

/// What the model says of a person, to be held against another night.
///
/// # Errors
/// * [`earlycall_model::Error`] when the model is for other columns than this program's.
pub fn said(assessed: &Assessed, at: &Circumstances, model: &Chosen) -> Result<Said, earlycall_model::Error> {
    Ok(Spoken::of(assessed, at, model)?.said(assessed, at))
}

/// The facts behind the largest contributions that raise this person's risk above the average person's: first the best of
/// each kind, then the second best, and the age last.
fn reasons(spoken: &Spoken, assessed: &Assessed, at: &Circumstances) -> Vec<String> {
    let all = features::statements(&assessed.subject(), at.index_date, at.feeds, &spoken.features);
    let told_of = |statement: &str| all.iter().find(|told| told.statement == statement);
    let raising = spoken.contributions.iter().filter(|(_, contribution)| *contribution >= REASON_FROM);
    let told: Vec<&features::Told> = raising.filter_map(|(statement, _)| told_of(statement)).collect();
    let nth_of_its_view =
        |i: usize| told[..i].iter().filter(|earlier: &&&features::Told| earlier.view == told[i].view).count();
    let mut order: Vec<usize> = (0..told.len()).filter(|&i| nth_of_its_view(i) < REASONS_PER_VIEW_MAX).collect();
    order.sort_by_key(|&i| (told[i].statement == AGE, nth_of_its_view(i)));
    let mut reasons: Vec<String> = order.into_iter().take(REASONS_MAX).map(|i| told[i].sentence.clone()).collect();
    if reasons.is_empty() {
        reasons.push("No single fact stands out: many small ones add up".to_owned());
    }
    reasons
}

fn recent_use(assessed: &Assessed, at: &Circumstances, late: &Lateness) -> Vec<String> {
    let mut sentences = Vec::new();
    let emergencies: Vec<&Cip> = unplanned::admissions(&assessed.cips).collect();
    let within = |days: i32| emergencies.iter().filter(|cip| cip.admission_date > at.index_date - days).count();
    sentences.push(match emergencies.last() {
        None => "No emergency admission on record".to_owned(),
        Some(last) => format!(
            "Last emergency admission on {}, {}, for {}",
            last.admission_date.in_words(),
            stay_in_words(last, at.index_date),
            last.primary.map_or("another reason", |code| plain_reason(code.as_str()).words)
        ),
    });
    sentences.push(format!(
        "Emergency admissions: {} in the last 6 months, {} in the last 12 months",
        within(183),
        within(365)
    ));
    sentences.push(emergency_care(assessed, at));
    let is_behind = late.is_behind("gp_appointments", assessed, at);
    sentences.extend(appointments::told(assessed.person, at.feeds, at.index_date, is_behind));
    sentences
}

fn stay_in_words(cip: &Cip, index_date: Day) -> String {
    match cip.discharge_date {
        None => format!("still open on {}", index_date.in_words()),
        Some(discharged) => match discharged - cip.admission_date {
            0 => "left the same day".to_owned(),
            1 => "1 night".to_owned(),
            nights => format!("{nights} nights"),
        },
    }
}

fn emergency_care(assessed: &Assessed, at: &Circumstances) -> String {
    if !at.feeds.can_tell("ed_attendances") {
        return "A&E attendances: no data".to_owned();
    }
    let visits: Vec<&Attendance> = unplanned::attendances(assessed.person).collect();
    let in_a_year = visits.iter().filter(|visit| visit.date > at.index_date - 365).count();
    match visits.last() {
        None => "No A&E attendance on record".to_owned(),
        Some(last) => format!(
            "A&E attendances: {in_a_year} in the last 12 months, the last on {}{}",
            last.date.in_words(),
            if is_ambulance_arrival(last.arrival_mode) { " by ambulance" } else { "" }
        ),
    }
}

/// The band of the Hospital Frailty Risk Score, in tenths of its points: from 5 intermediate, above 15 high.
fn frailty(features: &FeatureRow, age_years: i32) -> &'static str {
    match features.get("hfrs_points_730d") {
        Value::Known(151..) => FRAILTY_HIGH,
        Value::Known(50..) => "Intermediate",
        Value::Known(_) | Value::Never => "Low",
        Value::Missing if age_years < 75 => "Not scored below 75 years",
        Value::Missing => NO_DATA,
    }
}

fn badges(assessed: &Assessed, may_be_two: bool, at: &Circumstances, late: &Lateness) -> Vec<String> {
    let mut badges = Vec::new();
    if may_be_two {
        badges.push("May be the records of two people: check who it is before calling".to_owned());
    }
    if assessed.fate.has_another_record {
        badges.push("May have a second record: check before calling".to_owned());
    }
    if !at.feeds.can_tell("inpatients_now") {
        badges.push("Not known if in hospital now: check before calling".to_owned());
    }
    badges.extend(late.badges(assessed, at));
    if !assessed.conditions.iter().any(|record| record.in_gp_record) {
        badges.push("Conditions from the hospital record only".to_owned());
    }
    badges
}

/// The text with a capital at its start.
pub(crate) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cohort::{
        self,
        tests::life::{HOME, circumstances, person},
    };

    /// The band of the frailty score of somebody born then, with such diagnoses: F00 has 7.1 points, W19 3.2, R29 3.6, N39
    /// 3.2.
    fn frailty_of(born: &str, diagnoses: &str) -> String {
        let person = person(&format!("born {born} {HOME}\n stay R1H 2026-03-10 2026-03-14 21 19 {diagnoses}"));
        circumstances(|at| {
            let assessed = cohort::assess(&person, at);
            let features = features::build(&assessed.subject(), at.index_date, at.feeds);
            frailty(&features, at.index_date.years_since(assessed.birth_month)).to_owned()
        })
    }

    #[test]
    fn frailty_is_told_by_the_bands_of_the_score_and_of_nobody_below_75() {
        assert_eq!(frailty_of("1940-03", "J440"), "Low");
        assert_eq!(frailty_of("1940-03", "F009"), "Intermediate");
        assert_eq!(frailty_of("1940-03", "F009|W190|R296|N390"), "High");
        assert_eq!(frailty_of("1960-03", "F009|W190|R296|N390"), "Not scored below 75 years");
    }
}
