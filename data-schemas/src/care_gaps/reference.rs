//! The care gaps as a Markdown page for people.

use std::fmt::Write;

use super::{CareGap, Kind, care_gaps};
use crate::codelists::{condition, observations, sex_label};

/// Every care gap, each as a section, in the order in which a line tells them: the page `docs/reference/care_gaps.md`.
pub fn care_gaps_markdown() -> String {
    let mut page = String::from(
        "# Care gaps\n\nGenerated from `data-schemas/care_gaps`. What a line tells under \"Care gaps\": at most five, in \
         this order; of somebody without a GP record \"No data\". `[care_gaps]` in the settings leaves some out (`off`) or \
         sets other limits (`limits`).\n\nA gap is told of the GP record alone, and only of somebody who is registered \
         with a practice that sends it. That something is missing is told only where the practice's records are up to \
         date, the person has been registered there and has had the condition for the whole window, and the record holds \
         a measurement (or a prescription) from before it. A window of w days ends on the index date T and holds the days \
         (T - w, T].\n\nMeasurements are found by the concepts in `observation_snomed.csv`, which are an illustration: a \
         service whose practices use others for one of them would be told of gaps that are none, and turns those gaps \
         off.\n",
    );
    for gap in care_gaps().all() {
        write_gap(&mut page, gap).expect("writing to a string can't fail");
    }
    page
}

fn write_gap(page: &mut String, gap: &CareGap) -> std::fmt::Result {
    writeln!(page, "\n## {}\n", gap.id)?;
    writeln!(page, "> {}\n", gap.says)?;
    if let Some(words) = &gap.says_never {
        writeln!(page, "> {words}\n")?;
    }
    writeln!(page, "- Why: {}", gap.why)?;
    writeln!(page, "- About: {}", whom(gap))?;
    writeln!(page, "- Told when: {}", asks(&gap.kind))?;
    let limits: Vec<String> = gap.limits.iter().map(|(name, limit)| format!("`{name}` = {limit}")).collect();
    writeln!(page, "- Limits: {}", limits.join(", "))?;
    writeln!(page, "- Needs: `{}`", gap.kind.feed())?;
    writeln!(page, "- Source: {}", gap.source)
}

/// "people with COPD or asthma, from 80 years on".
fn whom(gap: &CareGap) -> String {
    let mut words = match gap.conditions.is_empty() {
        true => "everybody".to_owned(),
        false => format!("people with {}", any_of(&gap.conditions)),
    };
    gap.from_age_years.iter().for_each(|age| words.push_str(&format!(", from {age} years on")));
    gap.below_age_years.iter().for_each(|age| words.push_str(&format!(", below {age} years")));
    if !gap.points.is_empty() {
        let points: Vec<String> = gap.points.iter().map(points_in_words).collect();
        words.push_str(&format!("; with enough points: {}", points.join(", ")));
    }
    words
}

/// "1 for heart failure", "1 from 65 years on".
fn points_in_words(points: &super::Points) -> String {
    let mut words = points.n.to_string();
    if !points.conditions.is_empty() {
        words.push_str(&format!(" for {}", any_of(&points.conditions)));
    }
    points.from_age_years.iter().for_each(|age| words.push_str(&format!(" from {age} years on")));
    points.sex.iter().for_each(|sex| words.push_str(&format!(" if recorded as {}", sex_label(sex).to_lowercase())));
    words
}

fn any_of(conditions: &[String]) -> String {
    let labels: Vec<&str> =
        conditions.iter().map(|id| condition(id).map_or(id.as_str(), |known| known.label.as_str())).collect();
    labels.join(" or ")
}

fn asks(kind: &Kind) -> String {
    let named = |n: &u16| observations()[usize::from(*n)].label.as_str();
    let codes = |medicines: &[String]| medicines.join(", ");
    match kind {
        Kind::NotMeasured { observation } => format!("there is no {} within the window", named(observation)),
        Kind::LastValue { observations, told_when } => {
            let values: Vec<&str> = observations.iter().map(named).collect();
            let passes = match told_when {
                super::ToldWhen::Above => "above its limit",
                super::ToldWhen::AtLeast => "at its limit or above",
            };
            format!("the last {} within the window is {passes}", values.join(" or "))
        }
        Kind::NotPrescribed { medicines, beside } => {
            let beside = beside.as_ref().map_or(String::new(), |beside| {
                format!(", and a medicine of {} on `beside_at_least` days or more", codes(beside))
            });
            format!("no medicine of BNF {} was prescribed within the window{beside}", codes(medicines))
        }
        Kind::Prescribed { medicines } => {
            format!(
                "medicines of BNF {} were prescribed on `at_least` days or more within the window",
                codes(medicines)
            )
        }
    }
}
