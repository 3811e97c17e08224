//! `scores.parquet`: where everybody who was scored stands, for analysts and for the night after.

use std::{collections::BTreeSet, sync::Arc};

use polars::prelude::{Column, NamedFrom, NewChunkedArray, Series, StringChunked};

use super::{
    frame::{self, Table},
    line::Band,
};
use crate::{error::Result, history::records::PersonKey};

const FILE: &str = "scores.parquet";

/// One scored person. Never says anything of a trial.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// The person.
    pub person: PersonKey,
    /// The team that owns them; none if no team covers them.
    pub team_id: Option<Arc<str>>,
    /// Probability at the horizon, 0 to 1.
    pub risk: f64,
    /// 0 lowest to 100 highest of the scored.
    pub percentile: f64,
    /// Band of the risk.
    pub band: Band,
}

/// The file, sorted by `person_id` whatever the order given.
pub fn write(scores: &[Score]) -> Vec<u8> {
    let mut sorted: Vec<&Score> = scores.iter().collect();
    sorted.sort_unstable_by_key(|score| score.person);
    let of = |get: fn(&Score) -> f64| sorted.iter().map(|score| get(score)).collect::<Vec<f64>>();
    // Straight into the column: 64 characters a person are not held twice.
    let persons =
        StringChunked::from_iter_values("person_id".into(), sorted.iter().map(|score| score.person.to_text()));
    let teams: Vec<Option<&str>> = sorted.iter().map(|score| score.team_id.as_deref()).collect();
    let bands: Vec<&str> = sorted.iter().map(|score| score.band.code()).collect();
    let columns = [
        Series::from(persons),
        Series::new("team_id".into(), teams),
        Series::new("risk".into(), of(|score| score.risk)),
        Series::new("percentile".into(), of(|score| score.percentile)),
        Series::new("band".into(), bands),
    ];
    frame::to_bytes(columns.into_iter().map(Column::from).collect())
}

/// The scores of a night's file, sorted by person.
///
/// # Errors
/// When the bytes are not a `scores.parquet` of this program.
pub fn read(bytes: &[u8]) -> Result<Vec<Score>> {
    let table = Table::read(bytes, FILE)?;
    let (mut persons, mut teams) = (table.each_text("person_id")?, table.each_text("team_id")?);
    let (risks, percentiles) = (table.decimals("risk")?, table.decimals("percentile")?);
    let mut bands = table.each_text("band")?;
    let mut known_teams: BTreeSet<Arc<str>> = BTreeSet::new();
    let mut known = |team_id: &str| {
        let team = known_teams.get(team_id).cloned().unwrap_or_else(|| Arc::from(team_id));
        known_teams.insert(team.clone());
        team
    };
    let mut scores = Vec::with_capacity(risks.len());
    for (risk, percentile) in risks.into_iter().zip(percentiles) {
        let (person, band) = (persons.next().flatten(), bands.next().flatten());
        scores.push(Score {
            person: person.and_then(PersonKey::parse).ok_or_else(|| table.wrong("person_id"))?,
            team_id: teams.next().flatten().map(&mut known),
            risk,
            percentile,
            band: band.and_then(Band::from_code).ok_or_else(|| table.wrong("band"))?,
        });
    }
    Ok(scores)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores() -> Vec<Score> {
        let score = |n: u32, team_id: Option<&str>, band| Score {
            person: PersonKey::parse(&format!("{n:064x}")).unwrap(),
            team_id: team_id.map(Arc::from),
            risk: f64::from(n) / 7.0,
            percentile: 100.0 / f64::from(n),
            band,
        };
        vec![score(1, Some("coach-31"), Band::VeryHigh), score(2, None, Band::Low), score(3, Some("b"), Band::Rising)]
    }

    #[test]
    fn reads_back_equal_and_sorted_by_person() {
        let mut shuffled = scores();
        shuffled.reverse();
        let bytes = write(&shuffled);
        assert_eq!(read(&bytes).unwrap(), scores());
        assert_eq!(bytes, write(&scores()));
    }

    #[test]
    fn no_scores_read_back_as_none() {
        assert_eq!(read(&write(&[])).unwrap(), []);
    }

    #[test]
    fn another_file_is_refused() {
        let error = read(&frame::to_bytes(vec![Series::new("person_id".into(), ["not a person"]).into()])).unwrap_err();
        assert_eq!(error.kind(), crate::error::Kind::Storage);
        assert!(!error.to_string().contains("not a person"));
    }
}
