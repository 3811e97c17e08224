//! Organisations: practices, areas and teams, as the newest delivery has them.

use std::{collections::BTreeMap, path::Path};

use arrow::{array::AsArray, datatypes::UInt32Type};
use earlycall_schemas::{pathways::PathwayId, table::table};

use crate::{
    day::Day,
    error::Result,
    history::{
        cells::Cells,
        gaps::Gap,
        layout::SUPPLIED_BY,
        part_read::PartRead,
        records::{Code, ShortCode},
        versions::column,
        whole,
        words::Words,
    },
    worklist::owner::Team,
};

/// A row of `reference_practices`.
#[derive(Clone, Debug)]
pub struct PracticeRow {
    /// Name.
    pub name: String,
    /// Primary care network, or empty.
    pub pcn_code: ShortCode,
    /// Borough.
    pub lad_code: Code<16>,
    /// Whether its rows may be used.
    pub shares: bool,
    /// Whether its newest files were refused.
    pub gap: Option<RecordsEnd>,
    /// Whether most of its newest rows of a table could not be read.
    pub is_part_read: bool,
}

/// Where the records of a practice end whose newest files were refused: with the last good extract of each of its
/// tables, or nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RecordsEnd {
    /// A table of it never arrived whole.
    Never,
    /// The earliest day on which one was extracted.
    On(Day),
}

/// A row of `reference_lsoa`.
#[derive(Clone, Debug)]
pub struct LsoaRow {
    /// 1 is the most deprived tenth of England's areas.
    pub imd_decile: Option<i64>,
    /// Borough.
    pub lad_code: Code<16>,
    /// Name of the area of an integrated neighbourhood team, or empty.
    pub neighbourhood: String,
}

/// All organisations.
#[derive(Clone, Debug, Default)]
pub struct Reference {
    /// By ODS code.
    pub practices: BTreeMap<ShortCode, PracticeRow>,
    /// By LSOA 2021.
    pub areas: BTreeMap<Code<16>, LsoaRow>,
    /// Teams, by team id.
    pub teams: Vec<Team>,
}

/// Areas of England by the Index of Multiple Deprivation 2019.
const IMD_RANKS: i64 = 32_844;

impl Reference {
    /// The ids of the teams, in order.
    pub fn team_ids(&self) -> impl Iterator<Item = &str> {
        self.teams.iter().map(|team| team.team_id.as_str())
    }

    /// Reads the reference tables of a generation.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when one is damaged.
    pub fn read(generation: &Path, words: &Words) -> Result<Reference> {
        let mut reference = Reference::default();
        let rows = whole::read(generation, table("reference_practices").expect("declared"))?;
        let cells = Cells::of(&rows, words);
        let (code, name, pcn) = (cells.text("practice_code"), cells.text("practice_name"), cells.text("pcn_code"));
        let (lad, shares) = (cells.text("lad_code"), cells.flags("sharing_agreement"));
        for row in 0..rows.num_rows() {
            let practice = PracticeRow {
                name: name.get(row).to_owned(),
                pcn_code: pcn.code(row),
                lad_code: lad.code(row),
                shares: shares.is_set(row),
                gap: None,
                is_part_read: false,
            };
            reference.practices.insert(code.code(row), practice);
        }
        let rows = whole::read(generation, table("reference_lsoa").expect("declared"))?;
        let cells = Cells::of(&rows, words);
        let (lsoa, rank, lad) = (cells.text("lsoa21"), cells.ints("imd_rank_2019"), cells.text("lad_code"));
        let neighbourhood = cells.text("neighbourhood");
        for row in 0..rows.num_rows() {
            let imd_decile = rank.get(row).map(|rank| (rank - 1) * 10 / IMD_RANKS + 1);
            let (lad_code, neighbourhood) = (lad.code(row), neighbourhood.get(row).to_owned());
            reference.areas.insert(lsoa.code(row), LsoaRow { imd_decile, lad_code, neighbourhood });
        }
        reference.teams = read_teams(generation, words)?;
        Ok(reference)
    }

    /// Notes where the records of practices end whose newest files were refused.
    pub fn note_gaps(&mut self, gaps: &[Gap]) {
        for gap in gaps.iter().filter(|gap| gap.is_of_practice_record()) {
            let end = gap.since.map_or(RecordsEnd::Never, RecordsEnd::On);
            if let Some(practice) = self.practices.get_mut(&ShortCode::new(&gap.provider)) {
                practice.gap = Some(practice.gap.map_or(end, |other| other.min(end)));
            }
        }
    }

    /// Notes the practices of whose newest rows most could not be read.
    pub fn note_part_read(&mut self, part_read: &[PartRead]) {
        for one in part_read {
            if let Some(practice) = self.practices.get_mut(&ShortCode::new(&one.provider)) {
                practice.is_part_read = true;
            }
        }
    }

    /// Whether each practice has agreed to share, as the newest delivery has it.
    pub fn agreements(&self) -> BTreeMap<ShortCode, bool> {
        self.practices.iter().map(|(code, practice)| (*code, practice.shares)).collect()
    }
}

/// Whether a code stands for "no practice", "not applicable" or "unknown": nobody is registered there, and nobody is
/// asked to share.
pub fn is_no_practice(code: &str) -> bool {
    matches!(code, "" | "V81997" | "V81998" | "V81999")
}

fn read_teams(generation: &Path, words: &Words) -> Result<Vec<Team>> {
    let rows = whole::read(generation, table("reference_teams").expect("declared"))?;
    let cells = Cells::of(&rows, words);
    let (id, pathway, scope) = (cells.text("team_id"), cells.text("pathway"), cells.text("scope"));
    let (capacity, languages) = (cells.ints("weekly_capacity"), cells.text("languages"));
    let supplier = column(&rows, SUPPLIED_BY).as_primitive::<UInt32Type>().values();
    let mut order: Vec<usize> = (0..rows.num_rows()).collect();
    // Two suppliers may both name a team; it has one list all the same, as whoever was known first has it.
    order.sort_by_key(|&row| (id.get(row), supplier[row]));
    order.dedup_by_key(|row| id.get(*row));
    let teams = order
        .into_iter()
        .map(|row| Team {
            team_id: id.get(row).to_owned(),
            pathway: PathwayId::of(pathway.get(row)).expect("a code of the table"),
            scope: scope.list(row).map(str::to_owned).collect(),
            weekly_capacity: capacity.get(row).and_then(|n| u32::try_from(n).ok()).unwrap_or(0),
            languages: languages.list(row).map(str::to_owned).collect(),
        })
        .collect();
    Ok(teams)
}
