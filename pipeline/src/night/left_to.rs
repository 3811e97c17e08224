//! Whom lists leave to services that look after them already: counts, for leads and for the night's record.

use std::{collections::BTreeMap, sync::Arc};

use earlycall_schemas::{looked_after::services, pathways::PathwayId};

use super::{
    eligible::{Eligible, WhyNot},
    lists::Standing,
};
use crate::worklist::owner::Team;

/// People whom a rule of a pathway finds and who are left to a service, by pathway, team and id of the service. Nobody is
/// counted twice for one pathway.
#[derive(Debug, Default)]
pub struct LeftTo(BTreeMap<(PathwayId, Option<Arc<str>>, &'static str), u64>);

impl LeftTo {
    /// Counts them.
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
                    let team_id = standing.scored.team(member, pathway);
                    *left.0.entry((pathway, team_id, by.service().id.as_str())).or_default() += 1;
                }
            }
        }
        left
    }

    /// Of a team's people, by what the service is called, in the order in which services are declared.
    pub fn by(&self, team: &Team) -> Vec<(String, u64)> {
        let team_id: Option<Arc<str>> = Some(team.team_id.as_str().into());
        let n = |service: &str| {
            let of_service =
                self.0.iter().filter(|((of, id, by), _)| (*of, id, *by) == (team.pathway, &team_id, service));
            of_service.map(|(_, n)| n).sum::<u64>()
        };
        let told = services().iter().map(|service| (service.words.clone(), n(&service.id)));
        told.filter(|(_, n)| *n > 0).collect()
    }

    /// By pathway and service.
    pub fn by_pathway(&self) -> BTreeMap<&'static str, BTreeMap<&'static str, u64>> {
        let mut counts: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
        for ((pathway, _, service), n) in &self.0 {
            *counts.entry(pathway.code()).or_default().entry(service).or_default() += n;
        }
        counts
    }
}
