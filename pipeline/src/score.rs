//! Scoring: everybody in one pass over the history, and each risk among all the others.

use std::{collections::BTreeMap, sync::Arc};

use earlycall_model::Rows;
use earlycall_schemas::pathways::{ByPathway, PathwayId};
use ndarray::ArrayView2;

use crate::{
    cohort::{self, Assessed, Circumstances, Cohort, Gathered, Member, Part, groups, headcount::Headcount, pass::Pass},
    error::{Error, Kind, Result},
    features::Tally,
    history::records::{Person, PersonKey},
    model_store::Chosen,
    night::Before,
    pathways::{facts::Facts, flags::Flags, looked_after::LookedAfter, routing::Routing},
    quality::person::{Findings, Limits, oddities},
    worklist::{
        line::Band,
        scores::{Score, Scores},
        standing::Standings,
    },
};

/// People scored at a time: their rows stay in the processor's cache, and no more of them are ever kept.
const BLOCK: usize = 256;

/// Divides everybody in the history, and scores who belongs to the cohort; finds what is odd about them by the way. Of
/// each person only what the lists need is kept.
///
/// # Errors
/// * [`Kind::Model`] when the model is for other columns than this program's.
/// * [`Kind::Storage`] when a bucket cannot be read.
pub fn everybody(pass: &Pass, model: &Chosen, routing: &Routing, limits: &Limits) -> Result<(Cohort, Findings)> {
    let scorer = Scorer { model, routing, at: &pass.at, limits };
    let mut gathered = Gathered::with_room_for(pass.history.n_people());
    let (mut headcount, mut findings) = (Headcount::default(), Findings::default());
    pass.over_everybody_into(
        |people| scorer.bucket(people),
        |bucket| {
            let (part, found, heads) = bucket.map_err(|error| Error::new(Kind::Model, error.to_string()))?;
            gathered.add(part);
            findings.add(found);
            headcount.add(&heads);
            Ok(())
        },
    )?;
    Ok((Cohort::of(gathered, headcount), findings))
}

/// Scores the people of one bucket after another.
struct Scorer<'a> {
    model: &'a Chosen,
    routing: &'a Routing,
    at: &'a Circumstances<'a>,
    limits: &'a Limits,
}

impl Scorer<'_> {
    fn bucket(&self, people: &[Person]) -> Result<(Part, Findings, Headcount), earlycall_model::Error> {
        let (mut findings, mut headcount) = (Findings::default(), Headcount::default());
        let mut tally = Tally::new(self.at.index_date, self.at.feeds);
        let block = BLOCK * self.model.columns().len();
        let mut rows: Vec<f64> = Vec::with_capacity(block);
        let mut members: Vec<Member> = Vec::new();
        let mut outcome = Ok(());
        let note = |assessed: &Assessed| {
            let found = oddities(assessed, self.at.index_date, self.limits);
            findings.note(assessed.person.key, &found);
            headcount.note(assessed, self.at.reference);
        };
        let others = cohort::divide_noting(people, self.at, note, |assessed| {
            let features = tally.values(&assessed.subject());
            rows.extend(self.model.numbers(features));
            let facts = Facts::of(assessed, self.at, features);
            members.push(Member {
                key: assessed.person.key,
                risk: f64::NAN, // until its block is full
                further: Box::default(),
                owners: ByPathway::of(|pathway| self.routing.owners[pathway].owner(&assessed.placement)),
                is_at_end_of_life: assessed.is_at_end_of_life(),
                flags: Flags::of(assessed, self.at),
                looked_after: LookedAfter::of(assessed.person, &assessed.cips, self.at.feeds, self.at.index_date),
                found: self.routing.rules.find(&facts, self.at.index_date),
                counts_for: self.routing.floors.counts_for(&assessed.placement),
                groups: groups::places(assessed.person, self.at),
            });
            if rows.len() == block && outcome.is_ok() {
                outcome = self.block(&mut rows, &mut members);
            }
        });
        outcome?;
        self.block(&mut rows, &mut members)?;
        Ok(((members, others), findings, headcount))
    }

    /// Scores the rows, which are those of the last members, and forgets them.
    fn block(&self, rows: &mut Vec<f64>, members: &mut [Member]) -> Result<(), earlycall_model::Error> {
        let columns = self.model.columns();
        let n_rows = rows.len() / columns.len();
        let x = ArrayView2::from_shape((n_rows, columns.len()), rows).expect("every row has every column");
        let (risks, lead_at) = (self.model.model().risks(&Rows { columns, x })?, self.model.model().lead_at());
        let first = members.len() - n_rows;
        for (member, risks) in members[first..].iter_mut().zip(risks.rows()) {
            member.risk = risks[lead_at];
            member.further = (0..risks.len()).filter(|at| *at != lead_at).map(|at| risks[at]).collect();
        }
        rows.clear();
        Ok(())
    }
}

/// A night's risks, each among all the others.
pub struct Scored<'a> {
    /// Everybody, divided.
    pub cohort: &'a Cohort,
    routing: &'a Routing,
    before: Option<&'a Before>,
    standings: Standings,
    further_days: Vec<u32>,
}

impl<'a> Scored<'a> {
    /// Places every risk of a model among all.
    pub fn new(cohort: &'a Cohort, model: &Chosen, routing: &'a Routing, before: Option<&'a Before>) -> Scored<'a> {
        let risks: Vec<f64> = cohort.members().iter().map(|member| member.risk).collect();
        Scored { cohort, routing, before, standings: Standings::new(risks), further_days: model.further_days() }
    }

    /// Everybody's scores, with the teams of other pathways on whose lists some of them could be.
    pub fn scores(&self, other_teams: &BTreeMap<PersonKey, Vec<Arc<str>>>) -> Scores {
        let others = |member: &Member| other_teams.get(&member.key).cloned().unwrap_or_default();
        let score = |member: &Member| Score { other_team_ids: others(member), ..self.score(member) };
        Scores { further_days: self.further_days.clone(), people: self.cohort.members().iter().map(score).collect() }
    }

    /// The score of a member whom no other pathway finds, and who is left to no service.
    pub fn score(&self, member: &Member) -> Score {
        let risk_before = self.before.and_then(|before| before.risk(member.key));
        Score {
            person: member.key,
            team_id: self.team(member, PathwayId::Coaching),
            risk: member.risk,
            percentile: self.standings.percentile(member.risk),
            band: self.standings.band(member.risk, risk_before),
            other_team_ids: Vec::new(),
            left_to: Vec::new(),
            further: member.further.clone(),
        }
    }

    /// A member's risk, for what rules ask of it.
    pub fn ranked(&self, member: &Member) -> Ranked<'_> {
        let before = self.before.and_then(|before| before.risk(member.key));
        Ranked { standings: &self.standings, risk: member.risk, before }
    }

    /// The team of a pathway that owns a member.
    pub fn team(&self, member: &Member, pathway: PathwayId) -> Option<Arc<str>> {
        member.owners[pathway].map(|n| self.routing.owners[pathway].team_ids()[usize::from(n)].clone())
    }

    /// How many people are scored.
    pub fn len(&self) -> usize {
        self.cohort.members().len()
    }

    /// Whether nobody is scored.
    pub fn is_empty(&self) -> bool {
        self.cohort.members().is_empty()
    }

    /// Scored people whom no coaching team covers.
    pub fn n_without_team(&self) -> usize {
        self.cohort.members().iter().filter(|member| member.owners[PathwayId::Coaching].is_none()).count()
    }

    /// How many people have at least a risk.
    pub fn n_at_risk(&self, risk: f64) -> usize {
        self.cohort.members().iter().filter(|member| member.risk >= risk).count()
    }

    /// The mean risk of everybody scored; 0 if that is nobody.
    pub fn average_risk(&self) -> f64 {
        let risks = self.cohort.members().iter().map(|member| member.risk);
        risks.sum::<f64>() / self.len().max(1) as f64
    }
}

/// A risk among all the others.
pub struct Ranked<'a> {
    standings: &'a Standings,
    risk: f64,
    before: Option<f64>,
}

impl Ranked<'_> {
    /// Whether it is in the top share of all, in percent.
    pub fn is_in_top(&self, percent: f64) -> bool {
        self.standings.is_in_top(self.risk, percent)
    }

    /// Its band.
    pub fn band(&self) -> Band {
        self.standings.band(self.risk, self.before)
    }
}
