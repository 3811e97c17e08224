//! What each team of a night offered, by the lists that it was given: a contact is of that pathway, whatever becomes of the team.

use std::{collections::BTreeMap, path::Path};

use earlycall_schemas::pathways::PathwayId;
use serde::Deserialize;

use super::{Handed, log::Log};
use crate::{
    error::{Error, Kind, Result},
    store::nights::{self, NightId},
};

/// What teams offered, by `team_id`.
pub type Offered = BTreeMap<String, PathwayId>;

/// Of the lists of a night what is asked here.
#[derive(Deserialize)]
struct Lists {
    lists: Vec<List>,
}

#[derive(Deserialize)]
struct List {
    team_id: String,
    pathway: PathwayId,
}

/// What each team that has a list in a published night offered.
///
/// # Errors
/// * [`Kind::Storage`] when its lists are missing or damaged.
pub fn on(out: &Path, night: NightId) -> Result<Offered> {
    const FILE: &str = "lists.json";
    let damaged = |_| {
        Error::new(Kind::Storage, "is damaged, or was not written by this program")
            .file(format!("nights/{night}/{FILE}"))
            .hint("put the folder of the night back from a backup, then hand the file in again")
    };
    let lists: Lists = serde_json::from_slice(&nights::read(out, night, FILE)?).map_err(damaged)?;
    Ok(lists.lists.into_iter().map(|list| (list.team_id, list.pathway)).collect())
}

/// Tells rows of `coach_contacts` of what pathway they are: of that which the log has them under, else of what their team
/// offered on the night whose list they name, else, where it had none then, of what it offers on the newest. A row of none
/// stays as it was read.
pub fn tell(rows: &mut [Handed], offered: &Offered, on_nights: &BTreeMap<String, Offered>, log: &Log) {
    let known = log.by_name();
    for contact in rows.iter_mut().filter_map(|row| row.contact.as_mut()) {
        let of_log = known.get(&contact.name()).map(|known| known.pathway);
        let on_night = contact.worklist_run_id.as_ref().and_then(|night| on_nights.get(night));
        let of_night = on_night.and_then(|night| night.get(&contact.team_id));
        let of_team = of_night.or_else(|| offered.get(&contact.team_id)).copied();
        contact.pathway = of_log.or(of_team).unwrap_or(contact.pathway);
    }
}

#[cfg(test)]
mod tests {
    use PathwayId::{Coaching, SocialPrescribing, VirtualWard};

    use super::*;
    use crate::feedback::{Contact, sample};

    #[test]
    fn a_row_is_of_what_its_team_offers_and_one_that_is_known_stays_what_it_was() {
        let of_team = |person: u32, team_id: &str, pathway: PathwayId| Contact {
            team_id: team_id.into(),
            pathway,
            ..sample(person, "2026-11-21", "declined")
        };
        let mut log = Log::default();
        log.add(vec![of_team(1, "team-1", SocialPrescribing)]);
        let handed = |contact: Contact| Handed {
            row: 1,
            person: contact.person_id,
            contact: Some(contact),
            taken_back: None,
            objects: false,
        };
        let row = |n, team, night: Option<&str>| {
            handed(Contact { worklist_run_id: night.map(str::to_owned), ..of_team(n, team, Coaching) })
        };
        let older = Some("2026-11-19.1");
        let mut rows = [
            row(1, "team-1", None),
            row(2, "team-1", None),
            row(3, "team-1", older),
            row(4, "team-2", older),
            row(5, "gone", None),
        ];
        let on_nights = [("2026-11-19.1".to_owned(), [("team-1".to_owned(), Coaching)].into())].into();
        let newest = ["team-1", "team-2"].map(|team_id| (team_id.to_owned(), VirtualWard));
        tell(&mut rows, &newest.into(), &on_nights, &log);
        let told = rows.map(|row| row.contact.unwrap().pathway);
        assert_eq!(
            told,
            [SocialPrescribing, VirtualWard, Coaching, VirtualWard, Coaching],
            "known, newest, of its night, newest for it had no list then, of no list"
        );
    }
}
