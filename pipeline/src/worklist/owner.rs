//! Which team looks after a person.

use std::collections::BTreeMap;

/// The pathway whose lists this program makes.
pub const COACHING: &str = "coaching";

/// A row of `reference_teams`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    /// Name of the team in files and folders.
    pub team_id: String,
    /// `coaching`, `social_prescribing`, `virtual_ward` or `home_care`.
    pub pathway: String,
    /// Codes of practices, PCNs, providers and boroughs that the team covers.
    pub scope: Vec<String>,
    /// New people per week.
    pub weekly_capacity: u32,
    /// Languages spoken.
    pub languages: Vec<String>,
}

/// Where a person belongs, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placement {
    /// Practice of the regular registration.
    pub practice_code: Option<String>,
    /// Primary care network of that practice.
    pub pcn_code: Option<String>,
    /// Provider of the last emergency admission within 12 months.
    pub last_provider: Option<String>,
    /// Borough of residence.
    pub lad_code: Option<String>,
}

/// The coaching teams, by what they cover.
///
/// # Example
/// ```
/// use earlycall::worklist::owner::{Owners, Placement, Team};
/// let team = |team_id: &str, scope: &str| Team {
///     team_id: team_id.into(), pathway: "coaching".into(), scope: vec![scope.into()],
///     weekly_capacity: 10, languages: vec![],
/// };
/// let owners = Owners::new(&[team("a-borough", "E09000031"), team("b-practice", "F86001")]);
/// let mut person = Placement { lad_code: Some("E09000031".into()), ..Placement::default() };
/// assert_eq!(owners.owner(&person).unwrap().team_id, "a-borough");
/// person.practice_code = Some("F86001".into()); // a practice comes before a borough
/// assert_eq!(owners.owner(&person).unwrap().team_id, "b-practice");
/// assert_eq!(owners.owner(&Placement::default()), None);
/// ```
#[derive(Clone, Debug)]
pub struct Owners {
    /// The first team by `team_id` for each code.
    by_code: BTreeMap<String, Team>,
}

impl Owners {
    /// Takes the coaching teams out of all teams; where two cover the same code, the first by `team_id` has it.
    pub fn new(teams: &[Team]) -> Owners {
        let mut coaching: Vec<&Team> = teams.iter().filter(|team| team.pathway == COACHING).collect();
        coaching.sort_by(|a, b| a.team_id.cmp(&b.team_id));
        let mut by_code = BTreeMap::new();
        for team in coaching {
            for code in &team.scope {
                by_code.entry(code.clone()).or_insert_with(|| team.clone());
            }
        }
        Owners { by_code }
    }

    /// The team of a person: by practice, else PCN, else provider of the last emergency admission, else borough.
    ///
    /// None means that no team covers the person; the caller counts them.
    pub fn owner(&self, person: &Placement) -> Option<&Team> {
        [&person.practice_code, &person.pcn_code, &person.last_provider, &person.lad_code]
            .into_iter()
            .flatten()
            .find_map(|code| self.by_code.get(code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn team(team_id: &str, pathway: &str, scope: &[&str]) -> Team {
        Team {
            team_id: team_id.into(),
            pathway: pathway.into(),
            scope: scope.iter().map(|&code| code.into()).collect(),
            weekly_capacity: 10,
            languages: vec![],
        }
    }

    fn person(codes: [&str; 4]) -> Placement {
        let [practice_code, pcn_code, last_provider, lad_code] =
            codes.map(|code| (!code.is_empty()).then(|| code.to_owned()));
        Placement { practice_code, pcn_code, last_provider, lad_code }
    }

    #[test]
    fn practice_then_pcn_then_provider_then_borough() {
        let owners = Owners::new(&[
            team("1-borough", COACHING, &["E09000031"]),
            team("2-provider", COACHING, &["R1H", "RF4"]),
            team("3-pcn", COACHING, &["U11111"]),
            team("4-practice", COACHING, &["F86001"]),
        ]);
        for (codes, owner) in [
            (["F86001", "U11111", "R1H", "E09000031"], Some("4-practice")),
            (["F86002", "U11111", "R1H", "E09000031"], Some("3-pcn")),
            (["F86002", "", "RF4", "E09000031"], Some("2-provider")),
            (["F86002", "U22222", "RQX", "E09000031"], Some("1-borough")),
            (["", "", "", "E09000002"], None),
            (["", "", "", ""], None),
        ] {
            assert_eq!(owners.owner(&person(codes)).map(|team| team.team_id.as_str()), owner, "{codes:?}");
        }
    }

    #[test]
    fn the_first_by_team_id_has_a_code_that_two_teams_cover() {
        let owners = Owners::new(&[team("b", COACHING, &["R1H"]), team("a", COACHING, &["R1H"])]);
        assert_eq!(owners.owner(&person(["", "", "R1H", ""])).unwrap().team_id, "a");
    }

    #[test]
    fn other_pathways_own_nobody() {
        let owners = Owners::new(&[team("a", "home_care", &["R1H"])]);
        assert_eq!(owners.owner(&person(["", "", "R1H", ""])), None);
    }
}
