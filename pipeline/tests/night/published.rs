//! What a published night says, read from its files as anybody could read them.

use std::{collections::BTreeMap, fs, path::Path};

use arrow::{
    array::AsArray,
    compute::cast,
    datatypes::{DataType, Float64Type},
};
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;

/// A row of `scores.parquet`.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    pub team_id: Option<String>,
    pub other_team_ids: Option<String>,
    pub left_to_services: Option<String>,
    pub risk: f64,
    pub band: String,
}

/// A line of a worklist, or another row of a CSV file, by column.
pub type Line = BTreeMap<String, String>;

impl Score {
    /// Whether somebody can be on a team's list.
    pub fn is_of(&self, team_id: &str) -> bool {
        self.team_id.as_deref() == Some(team_id)
            || self.other_team_ids.iter().flat_map(|teams| teams.split('|')).any(|team| team == team_id)
    }
}

/// The lists of the coaching teams alone.
pub fn of_coaching<T>(lists: BTreeMap<String, T>) -> BTreeMap<String, T> {
    lists.into_iter().filter(|(team_id, _)| team_id.starts_with("coach-")).collect()
}

/// `scores.parquet`, by person.
pub fn scores(night: &Path) -> BTreeMap<String, Score> {
    let bytes = Bytes::from(fs::read(night.join("scores.parquet")).unwrap());
    let mut scores = BTreeMap::new();
    for batch in ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap().build().unwrap() {
        let batch = batch.unwrap();
        let text = |name: &str| {
            let cells = cast(batch.column_by_name(name).unwrap(), &DataType::Utf8).unwrap();
            cells.as_string::<i32>().iter().map(|cell| cell.map(str::to_owned)).collect::<Vec<_>>()
        };
        let risks = batch.column_by_name("risk").unwrap().as_primitive::<Float64Type>().values();
        let teams = text("team_id").into_iter().zip(text("other_team_ids")).zip(text("left_to_services"));
        let rows = text("person_id").into_iter().zip(teams).zip(text("band")).zip(risks);
        scores.extend(rows.map(|(((person, ((team_id, other_team_ids), left_to_services)), band), &risk)| {
            let band = band.expect("every score has a band");
            let score = Score { team_id, other_team_ids, left_to_services, risk, band };
            (person.expect("nobody is nameless"), score)
        }));
    }
    scores
}

/// The risks alone, by person.
pub fn risks(night: &Path) -> BTreeMap<String, f64> {
    scores(night).into_iter().map(|(person, score)| (person, score.risk)).collect()
}

/// A risk as a list tells it: a coach reads hundredths.
pub fn as_listed(risk: f64) -> f64 {
    (100.0 * risk).round() / 100.0
}

/// Every team's `worklist.csv`, by team, in order of lines.
pub fn worklists(night: &Path) -> BTreeMap<String, Vec<Line>> {
    let teams = fs::read_dir(night.join("worklists")).unwrap().map(|team| team.unwrap());
    teams.map(|team| (team.file_name().into_string().unwrap(), csv_rows(&team.path().join("worklist.csv")))).collect()
}

/// The rows of a CSV file.
pub fn csv_rows(path: &Path) -> Vec<Line> {
    csv::Reader::from_path(path).unwrap().deserialize().map(|row| row.unwrap()).collect()
}

/// A JSON file of the night.
pub fn json(night: &Path, file: &str) -> Value {
    serde_json::from_slice(&fs::read(night.join(file)).unwrap()).unwrap()
}

/// How many people have a standing.
pub fn standing(night: &Path, code: &str) -> u64 {
    json(night, "cohort.json")["standings"][code].as_u64().unwrap()
}
