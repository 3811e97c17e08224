//! Whom lists leave to services that look after them already: counts, for leads and for the night's record.

use std::collections::BTreeMap;

use earlycall_schemas::{looked_after::services, pathways::PathwayId};

use super::{
    eligible::{Eligible, WhyNot},
    lists::Standing,
};
use crate::{
    history::records::PersonKey,
    worklist::{left_to_service::LeftToService, owner::Team},
};

/// People whom a rule of a pathway finds and who are left to a service. Nobody is counted twice for one pathway.
#[derive(Debug, Default)]
pub struct LeftTo(BTreeMap<PersonKey, Vec<LeftToService>>);

impl LeftTo {
    /// Finds them.
    pub fn of(standing: &Standing) -> LeftTo {
        let eligible = Eligible::of(standing);
        let mut left = LeftTo::default();
        for member in standing.scored.cohort.members() {
            for pathway in PathwayId::ALL {
                // Before the rules are asked: hardly anybody is looked after.
                if member.looked_after.keeps_off(&standing.settings.pathways[pathway]).is_none() {
                    continue;
                }
                let Some(WhyNot::LookedAfter(by)) = eligible.why_not(member, pathway) else { continue };
                if eligible.is_found(member, pathway) {
                    let service = by.service().id.as_str().into();
                    let team_id = standing.scored.team(member, pathway);
                    let to = LeftToService { pathway: pathway.code().into(), service, team_id };
                    left.0.entry(member.key).or_default().push(to);
                }
            }
        }
        left
    }

    /// To which service each pathway leaves a person.
    pub fn of_person(&self, person: PersonKey) -> &[LeftToService] {
        self.0.get(&person).map_or(&[], Vec::as_slice)
    }

    /// Of a team's people, by what the service is called, in the order in which services are declared.
    pub fn by(&self, team: &Team) -> Vec<(String, u64)> {
        let is_of_team = |to: &&LeftToService| {
            *to.pathway == *team.pathway.code() && to.team_id.as_deref() == Some(team.team_id.as_str())
        };
        let n = |service: &str| self.all().filter(is_of_team).filter(|to| *to.service == *service).count() as u64;
        let told = services().iter().map(|service| (service.words.clone(), n(&service.id)));
        told.filter(|(_, n)| *n > 0).collect()
    }

    /// By pathway and service.
    pub fn by_pathway(&self) -> BTreeMap<&str, BTreeMap<&str, u64>> {
        let mut counts: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
        for to in self.all() {
            *counts.entry(&to.pathway).or_default().entry(&to.service).or_default() += 1;
        }
        counts
    }

    fn all(&self) -> impl Iterator<Item = &LeftToService> {
        self.0.values().flatten()
    }
}
