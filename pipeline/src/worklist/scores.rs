//! `scores.parquet`: where everybody who was scored stands, for analysts and for the night after.

use std::{collections::BTreeSet, sync::Arc};

use polars::prelude::{Column, NamedFrom, NewChunkedArray, Series, StringChunked};

use super::{
    frame::{self, Table},
    left_to_service::LeftToService,
    line::Band,
};
use crate::{error::Result, history::records::PersonKey};

const FILE: &str = "scores.parquet";
const OTHER_TEAMS: &str = "other_team_ids";
const LEFT_TO: &str = "left_to_services";

/// Everybody who was scored on a night.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scores {
    /// The horizons beside the leading one, ascending.
    pub further_days: Vec<u32>,
    /// One for each person.
    pub people: Vec<Score>,
}

/// One scored person. Never says anything of a trial.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// The person.
    pub person: PersonKey,
    /// The team that owns them; none if no team covers them.
    pub team_id: Option<Arc<str>>,
    /// Probability at the leading horizon, 0 to 1.
    pub risk: f64,
    /// 0 lowest to 100 highest of the scored.
    pub percentile: f64,
    /// Band of the risk.
    pub band: Band,
    /// The teams of other pathways than coaching on whose lists they are, or could be if there were room.
    pub other_team_ids: Vec<Arc<str>>,
    /// The services to which pathways leave them whose rules find them.
    pub left_to: Vec<LeftToService>,
    /// Probability at each further horizon, 0 to 1; never below that of a shorter one.
    pub further: Box<[f64]>,
}

impl Score {
    /// The teams on whose lists they can be.
    pub fn teams(&self) -> impl Iterator<Item = &str> {
        self.team_id.iter().chain(&self.other_team_ids).map(|team_id| &**team_id)
    }
}

/// The file, sorted by `person_id` whatever the order given.
pub fn write(scores: &Scores) -> Vec<u8> {
    let mut sorted: Vec<&Score> = scores.people.iter().collect();
    sorted.sort_unstable_by_key(|score| score.person);
    let of = |get: &dyn Fn(&Score) -> f64| sorted.iter().map(|score| get(score)).collect::<Vec<f64>>();
    // Straight into the column: 64 characters a person are not held twice.
    let persons =
        StringChunked::from_iter_values("person_id".into(), sorted.iter().map(|score| score.person.to_text()));
    let teams: Vec<Option<&str>> = sorted.iter().map(|score| score.team_id.as_deref()).collect();
    let bands: Vec<&str> = sorted.iter().map(|score| score.band.code()).collect();
    let joined = |score: &&Score| (!score.other_team_ids.is_empty()).then(|| score.other_team_ids.join("|"));
    let other_teams: Vec<Option<String>> = sorted.iter().map(joined).collect();
    let left_to = |score: &&Score| -> Option<String> {
        let to: Vec<String> = score.left_to.iter().map(LeftToService::to_text).collect();
        (!to.is_empty()).then(|| to.join("|"))
    };
    let left_to: Vec<Option<String>> = sorted.iter().map(left_to).collect();
    let mut columns = vec![
        Series::from(persons),
        Series::new("team_id".into(), teams),
        Series::new("risk".into(), of(&|score| score.risk)),
        Series::new("percentile".into(), of(&|score| score.percentile)),
        Series::new("band".into(), bands),
        Series::new(OTHER_TEAMS.into(), other_teams),
        Series::new(LEFT_TO.into(), left_to),
    ];
    for (at, days) in scores.further_days.iter().enumerate() {
        columns.push(Series::new(column_of(*days).into(), of(&|score| score.further[at])));
    }
    frame::to_bytes(columns.into_iter().map(Column::from).collect())
}

/// The column of a further horizon.
fn column_of(days: u32) -> String {
    format!("risk_{days}d")
}

/// The scores of a night's file, sorted by person.
///
/// # Errors
/// When the bytes are not a `scores.parquet` of this program.
pub fn read(bytes: &[u8]) -> Result<Scores> {
    let table = Table::read(bytes, FILE)?;
    let (mut persons, mut teams) = (table.each_text("person_id")?, table.each_text("team_id")?);
    let (risks, percentiles) = (table.decimals("risk")?, table.decimals("percentile")?);
    let mut bands = table.each_text("band")?;
    // Nights of earlier versions have lists of coaching alone, and tell of nobody who is left to a service.
    let is_told = |column: &str| table.names().any(|name| name == column);
    let mut others = is_told(OTHER_TEAMS).then(|| table.each_text(OTHER_TEAMS)).transpose()?;
    let mut left_to = is_told(LEFT_TO).then(|| table.each_text(LEFT_TO)).transpose()?;
    let days_of = |name: &str| name.strip_prefix("risk_")?.strip_suffix('d')?.parse::<u32>().ok();
    let further_days: Vec<u32> = table.names().filter_map(days_of).collect();
    let further: Vec<Vec<f64>> =
        further_days.iter().map(|days| table.decimals(&column_of(*days))).collect::<Result<_>>()?;
    let mut known_teams: BTreeSet<Arc<str>> = BTreeSet::new();
    let mut known = |team_id: &str| {
        let team = known_teams.get(team_id).cloned().unwrap_or_else(|| Arc::from(team_id));
        known_teams.insert(team.clone());
        team
    };
    let mut people = Vec::with_capacity(risks.len());
    for (row, (risk, percentile)) in risks.into_iter().zip(percentiles).enumerate() {
        let (person, band) = (persons.next().flatten(), bands.next().flatten());
        let others = others.as_mut().and_then(|cells| cells.next().flatten());
        let left_to = left_to.as_mut().and_then(|cells| cells.next().flatten());
        let left_to: Option<Vec<LeftToService>> =
            left_to.iter().flat_map(|to| to.split('|')).map(LeftToService::parse).collect();
        people.push(Score {
            person: person.and_then(PersonKey::parse).ok_or_else(|| table.wrong("person_id"))?,
            team_id: teams.next().flatten().map(&mut known),
            risk,
            percentile,
            band: band.and_then(Band::from_code).ok_or_else(|| table.wrong("band"))?,
            other_team_ids: others.iter().flat_map(|teams| teams.split('|')).map(&mut known).collect(),
            left_to: left_to.ok_or_else(|| table.wrong(LEFT_TO))?,
            further: further.iter().map(|risks| risks[row]).collect(),
        });
    }
    Ok(Scores { further_days, people })
}

#[cfg(test)]
mod tests {
    use earlycall_schemas::output::output;

    use super::*;

    fn left_to(n: u32) -> &'static [&'static str] {
        match n {
            2 => &["coaching:virtual_ward:"],
            3 => &["coaching:virtual_ward:b", "home_care:rapid_response:home-1"],
            _ => &[],
        }
    }

    fn scores() -> Scores {
        let score = |n: u32, team_id: Option<&str>, band| Score {
            person: PersonKey::parse(&format!("{n:064x}")).unwrap(),
            team_id: team_id.map(Arc::from),
            risk: f64::from(n) / 7.0,
            percentile: 100.0 / f64::from(n),
            band,
            other_team_ids: if n == 3 { vec!["c".into(), "ward-31".into()] } else { Vec::new() },
            left_to: left_to(n).iter().filter_map(|to| LeftToService::parse(to)).collect(),
            further: [f64::from(n) / 9.0, f64::from(n) / 5.0].into(),
        };
        let people = vec![
            score(1, Some("coach-31"), Band::VeryHigh),
            score(2, None, Band::Low),
            score(3, Some("b"), Band::Rising),
        ];
        Scores { further_days: vec![30, 365], people }
    }

    #[test]
    fn reads_back_equal_and_sorted_by_person() {
        let mut shuffled = scores();
        shuffled.people.reverse();
        let bytes = write(&shuffled);
        assert_eq!(read(&bytes).unwrap(), scores());
        assert_eq!(bytes, write(&scores()));
    }

    #[test]
    fn no_scores_read_back_as_none() {
        let none = Scores { further_days: vec![90], people: Vec::new() };
        assert_eq!(read(&write(&none)).unwrap(), none);
    }

    #[test]
    fn a_night_of_one_horizon_has_no_further_columns() {
        let mut one = scores();
        one.further_days.clear();
        one.people.iter_mut().for_each(|score| score.further = Box::default());
        assert_eq!(read(&write(&one)).unwrap(), one);
    }

    #[test]
    fn the_columns_are_those_that_are_declared() {
        let declared =
            output("scores").unwrap().columns.iter().flat_map(|column| match column.name.contains("{days}") {
                true => [30, 365].map(|days| column.name.replace("{days}", &days.to_string())).to_vec(),
                false => vec![column.name.clone()],
            });
        let written = Table::read(&write(&scores()), FILE).unwrap();
        assert_eq!(written.names().map(str::to_owned).collect::<Vec<_>>(), declared.collect::<Vec<_>>());
    }

    #[test]
    fn another_file_is_refused() {
        let error = read(&frame::to_bytes(vec![Series::new("person_id".into(), ["not a person"]).into()])).unwrap_err();
        assert_eq!(error.kind(), crate::error::Kind::Storage);
        assert!(!error.to_string().contains("not a person"));
    }
}
