//! Which team looks after a person.

use std::{collections::BTreeMap, sync::Arc};

use earlycall_schemas::pathways::PathwayId;

use crate::{
    error::{Error, Kind, Result},
    history::records::LongCode,
    settings::Decided,
};

/// A row of `reference_teams`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    /// Name of the team in files and folders.
    pub team_id: String,
    /// What it offers.
    pub pathway: PathwayId,
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

/// The teams of one pathway, by what they cover.
///
/// # Example
/// ```
/// use earlycall::{history::records::LongCode, worklist::owner::{Owners, Placement, Team}};
/// use earlycall_schemas::pathways::PathwayId::Coaching;
/// let team = |team_id: &str, scope: &str| Team {
///     team_id: team_id.into(), pathway: Coaching, scope: vec![scope.into()],
///     weekly_capacity: 10, languages: vec![],
/// };
/// let owners = Owners::new(&[team("a-borough", "E09000031"), team("b-practice", "F86001")], Coaching);
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
    /// The team that is decided to have a code.
    decided: BTreeMap<String, u16>,
    /// The first team by `team_id` for each code.
    by_code: BTreeMap<String, u16>,
}

impl Owners {
    /// Takes the teams of a pathway out of all teams; where two cover the same code, the first by `team_id` has it.
    ///
    /// # Panics
    /// With 65,536 teams of one pathway.
    pub fn new(teams: &[Team], pathway: PathwayId) -> Owners {
        let mut of_pathway: Vec<&Team> = teams.iter().filter(|team| team.pathway == pathway).collect();
        of_pathway.sort_by(|a, b| a.team_id.cmp(&b.team_id));
        let mut by_code = BTreeMap::new();
        for (n, team) in of_pathway.iter().enumerate() {
            let n = u16::try_from(n).expect("an area has fewer than 65,536 teams");
            for code in &team.scope {
                by_code.entry(code.clone()).or_insert(n);
            }
        }
        Owners {
            decided: BTreeMap::new(),
            team_ids: of_pathway.iter().map(|team| Arc::from(team.team_id.as_str())).collect(),
            by_code,
        }
    }

    /// Gives codes to teams of this pathway, whatever others cover.
    ///
    /// # Errors
    /// * [`Kind::Settings`] when two teams are given the same code.
    pub fn decide(&mut self, decided: &[&Decided]) -> Result<()> {
        for Decided { team_id, codes, .. } in decided {
            let team = self.team_ids.iter().position(|of| **of == **team_id).expect("a team of this pathway") as u16;
            for code in codes {
                let other = self.decided.insert(code.clone(), team).filter(|other| *other != team);
                if let Some(other) = other {
                    let other = &self.team_ids[usize::from(other)];
                    let what = format!("gives {code} to {other} and to {team_id}");
                    return Err(Error::new(Kind::Settings, what).setting("owner"));
                }
            }
        }
        Ok(())
    }

    /// The teams, by `team_id`.
    pub fn team_ids(&self) -> &[Arc<str>] {
        &self.team_ids
    }

    /// The team of a person, by its position in [`Owners::team_ids`]: as it is decided, else as teams cover; of each by
    /// practice, else PCN, else provider of the last emergency admission, else borough.
    ///
    /// None means that no team covers the person; the caller counts them.
    pub fn owner(&self, person: &Placement) -> Option<u16> {
        let codes = [&person.practice_code, &person.pcn_code, &person.last_provider, &person.lad_code];
        let known = || codes.into_iter().filter(|code| !code.is_empty());
        let of = |by: &BTreeMap<String, u16>| known().find_map(|code| by.get(code.as_str()).copied());
        of(&self.decided).or_else(|| of(&self.by_code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use PathwayId::{Coaching, HomeCare};

    fn team(team_id: &str, pathway: PathwayId, scope: &[&str]) -> Team {
        Team {
            team_id: team_id.into(),
            pathway,
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
        let teams = [
            team("1-borough", Coaching, &["E09000031"]),
            team("2-provider", Coaching, &["R1H", "RF4"]),
            team("3-pcn", Coaching, &["U11111"]),
            team("4-practice", Coaching, &["F86001"]),
        ];
        let owners = Owners::new(&teams, Coaching);
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
        let owners = Owners::new(&[team("b", Coaching, &["R1H"]), team("a", Coaching, &["R1H"])], Coaching);
        assert_eq!(owner(&owners, ["", "", "R1H", ""]), Some("a"));
    }

    #[test]
    fn each_pathway_has_its_own_teams() {
        let teams = [team("a", HomeCare, &["R1H"]), team("b", Coaching, &["RF4"])];
        let owner = |pathway| owner(&Owners::new(&teams, pathway), ["", "", "R1H", ""]).map(str::to_owned);
        assert_eq!(owner(HomeCare), Some("a".to_owned()));
        assert_eq!(owner(Coaching), None);
    }
}
