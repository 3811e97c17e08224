//! `scores.parquet`: where everybody who was scored stands, for analysts and for the night after.

use polars::prelude::{Column, NamedFrom, Series};

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
    pub team_id: Option<String>,
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
    let persons: Vec<String> = sorted.iter().map(|score| score.person.to_text()).collect();
    let teams: Vec<Option<&str>> = sorted.iter().map(|score| score.team_id.as_deref()).collect();
    let bands: Vec<&str> = sorted.iter().map(|score| score.band.code()).collect();
    let columns = [
        Series::new("person_id".into(), persons),
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
    let (persons, teams) = (table.texts("person_id")?, table.optional_texts("team_id")?);
    let (risks, percentiles) = (table.decimals("risk")?, table.decimals("percentile")?);
    let bands = table.texts("band")?;
    let rows = persons.into_iter().zip(teams).zip(risks).zip(percentiles).zip(bands);
    rows.map(|((((person, team_id), risk), percentile), band)| {
        Ok(Score {
            person: PersonKey::parse(&person).ok_or_else(|| table.wrong("person_id"))?,
            team_id,
            risk,
            percentile,
            band: Band::from_code(&band).ok_or_else(|| table.wrong("band"))?,
        })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores() -> Vec<Score> {
        let score = |n: u32, team_id: Option<&str>, band| Score {
            person: PersonKey::parse(&format!("{n:064x}")).unwrap(),
            team_id: team_id.map(str::to_owned),
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
