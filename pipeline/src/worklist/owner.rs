//! Which team looks after a person.

use std::{collections::BTreeMap, sync::Arc};

use crate::history::records::LongCode;

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

/// Where a person belongs, as far as it is known; an empty code is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Placement {
    /// Practice of the regular registration.
    pub practice_code: LongCode,
    /// Primary care network of that practice.
    pub pcn_code: LongCode,
    /// Provider of the last emergency admission within 12 months.
    pub last_provider: LongCode,
    /// Borough of residence.
    pub lad_code: LongCode,
}

/// The coaching teams, by what they cover.
///
/// # Example
/// ```
/// use earlycall::{history::records::LongCode, worklist::owner::{Owners, Placement, Team}};
/// let team = |team_id: &str, scope: &str| Team {
///     team_id: team_id.into(), pathway: "coaching".into(), scope: vec![scope.into()],
///     weekly_capacity: 10, languages: vec![],
/// };
/// let owners = Owners::new(&[team("a-borough", "E09000031"), team("b-practice", "F86001")]);
/// let owner = |person: &Placement| owners.owner(person).map(|n| &*owners.team_ids()[usize::from(n)]);
/// let mut person = Placement { lad_code: LongCode::new("E09000031"), ..Placement::default() };
/// assert_eq!(owner(&person), Some("a-borough"));
/// person.practice_code = LongCode::new("F86001"); // a practice comes before a borough
/// assert_eq!(owner(&person), Some("b-practice"));
/// assert_eq!(owner(&Placement::default()), None);
/// ```
#[derive(Clone, Debug)]
pub struct Owners {
    team_ids: Vec<Arc<str>>,
    /// The first team by `team_id` for each code.
    by_code: BTreeMap<String, u16>,
}

impl Owners {
    /// Takes the coaching teams out of all teams; where two cover the same code, the first by `team_id` has it.
    ///
    /// # Panics
    /// With 65,536 coaching teams.
    pub fn new(teams: &[Team]) -> Owners {
        let mut coaching: Vec<&Team> = teams.iter().filter(|team| team.pathway == COACHING).collect();
        coaching.sort_by(|a, b| a.team_id.cmp(&b.team_id));
        let mut by_code = BTreeMap::new();
        for (n, team) in coaching.iter().enumerate() {
            let n = u16::try_from(n).expect("an area has fewer than 65,536 teams");
            for code in &team.scope {
                by_code.entry(code.clone()).or_insert(n);
            }
        }
        Owners { team_ids: coaching.iter().map(|team| Arc::from(team.team_id.as_str())).collect(), by_code }
    }

    /// The coaching teams, by `team_id`.
    pub fn team_ids(&self) -> &[Arc<str>] {
        &self.team_ids
    }

    /// The team of a person, by its position in [`Owners::team_ids`]: by practice, else PCN, else provider of the last
    /// emergency admission, else borough.
    ///
    /// None means that no team covers the person; the caller counts them.
    pub fn owner(&self, person: &Placement) -> Option<u16> {
        let codes = [&person.practice_code, &person.pcn_code, &person.last_provider, &person.lad_code];
        codes.into_iter().filter(|code| !code.is_empty()).find_map(|code| self.by_code.get(code.as_str()).copied())
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
        let [practice_code, pcn_code, last_provider, lad_code] = codes.map(LongCode::new);
        Placement { practice_code, pcn_code, last_provider, lad_code }
    }

    fn owner<'a>(owners: &'a Owners, codes: [&str; 4]) -> Option<&'a str> {
        owners.owner(&person(codes)).map(|n| &*owners.team_ids()[usize::from(n)])
    }

    #[test]
    fn practice_then_pcn_then_provider_then_borough() {
        let owners = Owners::new(&[
            team("1-borough", COACHING, &["E09000031"]),
            team("2-provider", COACHING, &["R1H", "RF4"]),
            team("3-pcn", COACHING, &["U11111"]),
            team("4-practice", COACHING, &["F86001"]),
        ]);
        for (codes, expected) in [
            (["F86001", "U11111", "R1H", "E09000031"], Some("4-practice")),
            (["F86002", "U11111", "R1H", "E09000031"], Some("3-pcn")),
            (["F86002", "", "RF4", "E09000031"], Some("2-provider")),
            (["F86002", "U22222", "RQX", "E09000031"], Some("1-borough")),
            (["", "", "", "E09000002"], None),
            (["", "", "", ""], None),
        ] {
            assert_eq!(owner(&owners, codes), expected, "{codes:?}");
        }
    }

    #[test]
    fn the_first_by_team_id_has_a_code_that_two_teams_cover() {
        let owners = Owners::new(&[team("b", COACHING, &["R1H"]), team("a", COACHING, &["R1H"])]);
        assert_eq!(owner(&owners, ["", "", "R1H", ""]), Some("a"));
    }

    #[test]
    fn other_pathways_own_nobody() {
        let owners = Owners::new(&[team("a", "home_care", &["R1H"])]);
        assert_eq!(owners.owner(&person(["", "", "R1H", ""])), None);
    }
}
