//! Which team a person comes to, by which rules, and of which places some are kept for whom.

use earlycall_schemas::pathways::{ByPathway, PathwayId};

use super::Rules;
use crate::{
    error::{Error, Kind, Result},
    settings::{Decided, Settings},
    worklist::{
        floors::Floors,
        owner::{Owners, Team},
    },
};

/// How people come to the lists of teams.
#[derive(Clone, Debug)]
pub struct Routing {
    /// The teams of each pathway.
    pub owners: ByPathway<Owners>,
    /// The rules of all pathways.
    pub rules: Rules,
    /// Places that are kept for some.
    pub floors: Floors,
}

impl Routing {
    /// As the settings have it for these teams.
    ///
    /// # Errors
    /// * [`Kind::Settings`] when `[[owner]]` or `[[floor]]` names none of the teams, or two owners of one pathway have the same
    ///   code.
    pub fn of(settings: &Settings, teams: &[Team]) -> Result<Routing> {
        let named = settings.owners.iter().map(|owner| (&owner.team_id, "owner"));
        let named = named.chain(settings.floors.iter().map(|floor| (&floor.team_id, "floor")));
        for (team_id, key) in named {
            if !teams.iter().any(|team| team.team_id == *team_id) {
                return Err(Error::new(Kind::Settings, format!("reference_teams has no team `{team_id}`")).setting(key));
            }
        }
        let mut owners = ByPathway::of(|pathway| Owners::new(teams, pathway));
        for pathway in PathwayId::ALL {
            owners[pathway].decide(&of_pathway(&settings.owners, teams, pathway))?;
        }
        let rules = Rules::of(&settings.pathways, settings.worklist.hysteresis);
        Ok(Routing { owners, rules, floors: Floors::of(&settings.floors) })
    }
}

/// The decisions for teams of a pathway.
fn of_pathway<'a>(decided: &'a [Decided], teams: &[Team], pathway: PathwayId) -> Vec<&'a Decided> {
    let is_of = |owner: &&Decided| teams.iter().any(|team| team.team_id == owner.team_id && team.pathway == pathway);
    decided.iter().filter(is_of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{history::records::LongCode, worklist::owner::Placement};

    fn routing(settings: &str) -> Result<Routing> {
        let team = |team_id: &str, pathway, scope: &str| Team {
            team_id: team_id.into(),
            pathway,
            scope: vec![scope.into()],
            weekly_capacity: 10,
            languages: vec![],
        };
        let teams = [
            team("coach-1", PathwayId::Coaching, "E09000031"),
            team("coach-2", PathwayId::Coaching, "F86001"),
            team("ward-1", PathwayId::VirtualWard, "RF4"),
        ];
        Routing::of(&Settings::parse(settings, std::path::Path::new(""))?, &teams)
    }

    const DECIDED: &str = "[[owner]]\nteam_id = \"coach-1\"\ncodes = [\"F86001\"]\nname = \"A\"\nreason = \"B\"\n";

    #[test]
    fn what_is_decided_comes_before_what_a_team_covers_and_only_in_its_pathway() {
        let routing = routing(DECIDED).unwrap();
        let person = Placement { practice_code: LongCode::new("F86001"), ..Placement::default() };
        let owner = |pathway: PathwayId| {
            let owners = &routing.owners[pathway];
            owners.owner(&person).map(|n| owners.team_ids()[usize::from(n)].to_string())
        };
        assert_eq!(owner(PathwayId::Coaching), Some("coach-1".to_owned()));
        assert_eq!(owner(PathwayId::VirtualWard), None);
    }

    #[test]
    fn a_team_that_is_none_and_a_code_with_two_owners_are_refused() {
        let error = routing(&DECIDED.replace("coach-1", "coach-9")).unwrap_err().to_string();
        assert!(error.contains("no team `coach-9`"), "{error}");
        let error = routing(&format!("{DECIDED}{}", DECIDED.replace("coach-1", "coach-2"))).unwrap_err().to_string();
        assert!(error.contains("F86001") && error.contains("coach-1") && error.contains("coach-2"), "{error}");
        assert!(routing(&format!("{DECIDED}{}", DECIDED.replace("coach-1", "ward-1"))).is_ok());
    }
}
