//! Scoring: the cohort's rows through the model, and each risk among all the others.

use std::collections::BTreeMap;

use earlycall_model::{Rows, artefact::Artefact};
use ndarray::ArrayView2;

use crate::{
    cohort::Cohort,
    error::{Error, Kind, Result},
    history::records::PersonKey,
    model_store,
    night::Before,
    worklist::{
        owner::{Owners, Team},
        scores::Score,
        standing::Standings,
    },
};

/// Scores per person, by key.
pub type Scored = BTreeMap<PersonKey, Score>;

/// People scored at a time, to bound the memory of their rows.
const CHUNK: usize = 4096;

/// Scores everybody in the cohort, and finds the team that owns each.
///
/// # Errors
/// * [`Kind::Model`] when the model is for other columns than this program's.
pub fn score(cohort: &Cohort, artefact: &Artefact, teams: &[Team], before: Option<&Before>) -> Result<Scored> {
    let columns = model_store::columns();
    let mut risks = Vec::with_capacity(cohort.members.len());
    for members in cohort.members.chunks(CHUNK) {
        let values: Vec<f64> = members.iter().flat_map(|member| &member.row).copied().collect();
        let x = ArrayView2::from_shape((members.len(), columns.len()), &values).expect("every row has every column");
        let scores = artefact.model.score(&Rows { columns: &columns, x });
        let scores = scores.map_err(|error| Error::new(Kind::Model, error.to_string()))?;
        risks.extend(scores.into_iter().map(|score| score.risk));
    }
    let standings = Standings::new(&risks);
    let owners = Owners::new(teams);
    let scores = cohort.members.iter().zip(risks).map(|(member, risk)| {
        let risk_before = before.and_then(|before| before.risk(member.key));
        let score = Score {
            person: member.key,
            team_id: owners.owner(&member.placement).map(|team| team.team_id.clone()),
            risk,
            percentile: standings.percentile(risk),
            band: standings.band(risk, risk_before),
        };
        (member.key, score)
    });
    Ok(scores.collect())
}
