//! `[[owner]]` and `[[floor]]`: who is decided to be whose, and places that are kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Kind, Result},
    worklist::floors::FLOORS_MAX,
};

/// `[[owner]]`: people of some organisations who are a team's whatever others cover.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Decided {
    /// The team.
    pub team_id: String,
    /// Practices, networks, trusts or boroughs.
    pub codes: Vec<String>,
    /// Who answers for it.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// `[[floor]]`: a share of a team's places that is kept for people of some organisations.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Floor {
    /// The team.
    pub team_id: String,
    /// Practices, networks or boroughs.
    pub codes: Vec<String>,
    /// The share of the places, more than 0 and at most 1.
    pub share: f64,
}

/// Checks what stands there; whether there are such teams is known when a night has arrived.
///
/// # Errors
/// * [`Kind::Settings`] when something is missing or more is kept than there is.
pub fn check(owners: &[Decided], floors: &[Floor]) -> Result<()> {
    let wrong = |key: &str, what: &str| Err(Error::new(Kind::Settings, what).setting(key));
    let is_bare = |codes: &[String]| codes.is_empty() || codes.iter().any(String::is_empty);
    if owners.iter().any(|owner| is_bare(&owner.codes)) {
        return wrong("owner.codes", "must name practices, networks, trusts or boroughs");
    }
    if owners.iter().any(|owner| owner.name.trim().is_empty() || owner.reason.trim().is_empty()) {
        return wrong("owner", "must say who answers for it and why: `name` and `reason`");
    }
    if floors.iter().any(|floor| is_bare(&floor.codes)) {
        return wrong("floor.codes", "must name practices, networks or boroughs");
    }
    if !floors.iter().all(|floor| floor.share > 0.0 && floor.share <= 1.0) {
        return wrong("floor.share", "must be more than 0, and at most 1");
    }
    if floors.len() > FLOORS_MAX {
        return wrong("floor", &format!("must stand at most {FLOORS_MAX} times"));
    }
    let mut kept: BTreeMap<&str, f64> = BTreeMap::new();
    for floor in floors {
        *kept.entry(&floor.team_id).or_default() += floor.share;
    }
    match kept.values().any(|share| *share > 1.0 + 1e-9) {
        true => wrong("floor.share", "must add up to at most 1 for each team"),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use crate::settings::Settings;

    #[test]
    fn what_makes_no_sense_is_refused_with_its_key() {
        let owner = "[[owner]]\nteam_id = \"coach-1\"\ncodes = [\"F86001\"]\nname = \"A\"\nreason = \"B\"\n";
        let floor = "[[floor]]\nteam_id = \"coach-1\"\ncodes = [\"F86001\"]\nshare = 0.6\n";
        for (text, expected) in [
            (owner.replace("[\"F86001\"]", "[]"), "owner.codes"),
            (owner.replace("\"A\"", "\" \""), "who answers for it"),
            (floor.replace("0.6", "0"), "floor.share"),
            (floor.replace("0.6", "nan"), "floor.share"),
            (floor.replace("\"F86001\"", "\"\""), "floor.codes"),
            (floor.repeat(2), "add up to at most 1"),
            (floor.replace("0.6", "0.05").repeat(17), "at most 16 times"),
        ] {
            let error = Settings::parse(&text, std::path::Path::new("")).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        assert!(Settings::parse(&format!("{owner}{floor}"), std::path::Path::new("")).is_ok());
    }
}
