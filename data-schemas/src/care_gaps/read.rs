//! One file of care gaps: read from TOML, its names looked up, and checked against what its kind needs.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{AT_LEAST, BESIDE_AT_LEAST, CareGap, Kind, POINTS, Points, ToldWhen, WITHIN_DAYS};
use crate::{
    catalogue::CatalogueError,
    codelists::{bnf_section, condition, medicine_class, observations},
};

/// A gap as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    kind: KindName,
    #[serde(default)]
    conditions: Vec<String>,
    from_age_years: Option<u32>,
    below_age_years: Option<u32>,
    #[serde(default)]
    points: Vec<Points>,
    #[serde(default)]
    observations: Vec<String>,
    told_when: Option<ToldWhen>,
    #[serde(default)]
    medicines: Vec<String>,
    beside: Option<String>,
    limits: BTreeMap<String, f64>,
    says: String,
    says_never: Option<String>,
    priority: u32,
    sensitive: Option<bool>,
    source: String,
    why: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KindName {
    NotMeasured,
    LastValue,
    NotPrescribed,
    Prescribed,
}

/// The gaps of one file, by name.
pub(super) fn read(file: &str, text: &str) -> Result<Vec<CareGap>, CatalogueError> {
    let refuse = |entry: String, message: String| CatalogueError { file: file.to_owned(), entry, message };
    let written: BTreeMap<String, Written> = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
        refuse(format!("line {line}"), error.message().to_owned())
    })?;
    let gaps = written.into_iter().map(|(id, written)| resolve(&id, written).map_err(|message| refuse(id, message)));
    gaps.collect()
}

fn resolve(id: &str, written: Written) -> Result<CareGap, String> {
    if written.sensitive != Some(false) {
        return Err("is not declared as not sensitive, so no line may tell it".to_owned());
    }
    let in_points = written.points.iter().flat_map(|points| &points.conditions);
    written.conditions.iter().chain(in_points).try_for_each(|condition| may_be_spoken_of(condition))?;
    let gap = CareGap {
        id: id.to_owned(),
        kind: kind(&written)?,
        conditions: written.conditions,
        from_age_years: written.from_age_years,
        below_age_years: written.below_age_years,
        points: written.points,
        limits: written.limits,
        says: written.says,
        says_never: written.says_never,
        priority: written.priority,
        why: written.why,
        source: written.source,
    };
    check_limits(&gap)?;
    check_sentences(&gap)?;
    Ok(gap)
}

/// A gap tells that somebody has the condition, so a sensitive one has no gaps.
fn may_be_spoken_of(id: &str) -> Result<(), String> {
    let known = condition(id).ok_or_else(|| format!("names no known condition: {id}"))?;
    if known.is_sensitive { Err(format!("would tell of a sensitive condition: {id}")) } else { Ok(()) }
}

fn kind(written: &Written) -> Result<Kind, String> {
    let observed: Vec<u16> = written.observations.iter().map(|id| observation(id)).collect::<Result<_, _>>()?;
    let medicines = medicines(&written.medicines)?;
    let beside = written.beside.as_ref().map(|class| self::medicines(std::slice::from_ref(class))).transpose()?;
    let asks_of_results = matches!(written.kind, KindName::NotMeasured | KindName::LastValue);
    if asks_of_results == observed.is_empty() || asks_of_results != medicines.is_empty() {
        return Err("needs either observations or medicines, as its kind has it".to_owned());
    }
    if (written.kind == KindName::LastValue) != written.told_when.is_some() {
        return Err("needs told_when if its kind is last_value, and only then".to_owned());
    }
    if beside.is_some() && written.kind != KindName::NotPrescribed {
        return Err("has a medicine beside others, which only not_prescribed asks for".to_owned());
    }
    Ok(match (written.kind, written.told_when) {
        (KindName::LastValue, Some(told_when)) => Kind::LastValue { observations: observed, told_when },
        (KindName::NotPrescribed, _) => Kind::NotPrescribed { medicines, beside },
        (KindName::Prescribed, _) => Kind::Prescribed { medicines },
        _ => match observed[..] {
            [observation] => Kind::NotMeasured { observation },
            _ => return Err("needs one observation".to_owned()),
        },
    })
}

fn observation(id: &str) -> Result<u16, String> {
    let place = observations().iter().position(|known| known.id == id);
    place.map(|n| n as u16).ok_or_else(|| format!("names no known measurement: {id}"))
}

/// The beginnings of the BNF codes of some classes; none may be of a section that is never spoken of.
fn medicines(classes: &[String]) -> Result<Vec<String>, String> {
    let mut all = Vec::new();
    for class in classes {
        let prefixes = medicine_class(class).ok_or_else(|| format!("names no known class of medicines: {class}"))?;
        if prefixes.iter().any(|bnf| bnf_section(bnf).is_none_or(|section| section.is_sensitive)) {
            return Err(format!("would tell of sensitive medicines: {class}"));
        }
        all.extend(prefixes.iter().cloned());
    }
    Ok(all)
}

/// The limits are those that the kind uses, no fewer and no more, and each makes sense.
fn check_limits(gap: &CareGap) -> Result<(), String> {
    let mut expected = vec![WITHIN_DAYS];
    match &gap.kind {
        Kind::NotMeasured { .. } => {}
        Kind::LastValue { observations: some, .. } => {
            expected.extend(some.iter().map(|&n| observations()[usize::from(n)].id.as_str()));
        }
        Kind::NotPrescribed { beside, .. } => expected.extend(beside.as_ref().map(|_| BESIDE_AT_LEAST)),
        Kind::Prescribed { .. } => expected.push(AT_LEAST),
    }
    if !gap.points.is_empty() {
        expected.push(POINTS);
    }
    expected.sort_unstable();
    if !gap.limits.keys().eq(expected.iter()) {
        return Err(format!("needs these limits and no others: {}", expected.join(", ")));
    }
    match gap.limits.iter().find_map(|(name, limit)| Some((name, CareGap::wrong_limit(name, *limit)?))) {
        Some((name, wrong)) => Err(format!("has a limit {name} that {wrong}")),
        None => Ok(()),
    }
}

/// A sentence has no gap that its kind cannot fill, and tells the day or the window.
fn check_sentences(gap: &CareGap) -> Result<(), String> {
    let (may_have, must_have): (&[&str], &str) = match gap.kind {
        Kind::NotMeasured { .. } => (&["date"], "date"),
        Kind::LastValue { .. } => (&["date", "value", "limit"], "date"),
        Kind::NotPrescribed { .. } => (&["window"], "window"),
        Kind::Prescribed { .. } => (&["n", "window", "on", "date"], "date"),
    };
    let mut gaps = gap.says.split('{').skip(1).map(|rest| rest.split('}').next().unwrap_or_default());
    if let Some(unknown) = gaps.find(|name| !may_have.contains(name)) {
        return Err(format!("says something that its kind cannot fill: {{{unknown}}}"));
    }
    if !gap.says.contains(&format!("{{{must_have}}}")) {
        return Err(format!("says nothing of its {{{must_have}}}"));
    }
    if matches!(gap.kind, Kind::NotMeasured { .. }) != gap.says_never.is_some() {
        return Err("needs says_never if its kind is not_measured, and only then".to_owned());
    }
    if gap.says_never.as_ref().is_some_and(|words| words.contains('{')) {
        return Err("has a gap in says_never, where there is nothing to tell".to_owned());
    }
    Ok(())
}
