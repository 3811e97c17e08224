//! `worklist.parquet`: all teams' lines, one row per line; and read back, the list that coaches worked from yesterday.

use earlycall_schemas::pathways::PathwayId;
use polars::prelude::{Column as Series, NamedFrom, Series as Values};

use super::{
    columns::{COLUMNS, Column, Get, Row, rows},
    frame::{self, Table},
    line::{Page, TeamList},
};
use crate::error::Result;

/// A line of the night before: all that the next night needs of it.
#[derive(Clone, Debug, PartialEq)]
pub struct BeforeLine {
    /// Team.
    pub team_id: String,
    /// What its list was for.
    pub pathway: PathwayId,
    /// The person within the team.
    pub person_ref: String,
    /// Line on that night.
    pub line_no: u32,
    /// Risk on that night, 0 to 1.
    pub risk: f64,
}

/// The file of a night: the lists one after another in the order given, each in its own order.
pub fn write(page: &Page, lists: &[TeamList]) -> Vec<u8> {
    let all: Vec<Row> = lists.iter().flat_map(|list| rows(page, list)).collect();
    frame::to_bytes(COLUMNS.iter().map(|column| series(column, &all)).collect())
}

/// The lines of a night's file, in its order. One whose person was removed is nobody's, and left out.
///
/// # Errors
/// When the bytes are not a `worklist.parquet` of this program.
pub fn read_lines(bytes: &[u8]) -> Result<Vec<BeforeLine>> {
    let table = Table::read(bytes, "worklist.parquet")?;
    let (teams, pathways, persons) = (table.texts("team_id")?, table.texts("pathway")?, table.texts("person_ref")?);
    let (numbers, risks) = (table.wholes("line_no")?, table.decimals_or_none("risk")?);
    let pathways = pathways.iter().map(|code| PathwayId::of(code).ok_or_else(|| table.wrong("pathway")));
    let pathways: Vec<PathwayId> = pathways.collect::<Result<_>>()?;
    let lines = teams.into_iter().zip(pathways).zip(persons).zip(numbers).zip(risks);
    Ok(lines
        .filter_map(|((((team_id, pathway), person_ref), line_no), risk)| {
            risk.map(|risk| BeforeLine { team_id, pathway, person_ref, line_no, risk })
        })
        .collect())
}

fn series(column: &Column, rows: &[Row]) -> Series {
    let name = column.name.into();
    match column.get {
        Get::Text(_) => Values::new(name, rows.iter().map(|row| column.text(row)).collect::<Vec<_>>()),
        Get::Whole(get) => Values::new(name, rows.iter().map(get).collect::<Vec<_>>()),
        Get::Decimal(get) => Values::new(name, rows.iter().map(get).collect::<Vec<_>>()),
        Get::YesNo(get) => Values::new(name, rows.iter().map(get).collect::<Vec<_>>()),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worklist::{line::Line, sample};

    fn two_teams() -> Vec<TeamList> {
        vec![sample::list(), TeamList { team_id: "coach-32".into(), ..sample::list() }]
    }

    #[test]
    fn the_night_before_reads_back() {
        let lists = two_teams();
        let lines = read_lines(&write(&sample::page(), &lists)).unwrap();
        let expected: Vec<BeforeLine> = lists
            .iter()
            .flat_map(|list| {
                list.lines.iter().map(|line| BeforeLine {
                    team_id: list.team_id.clone(),
                    pathway: PathwayId::Coaching,
                    person_ref: line.person_ref.clone(),
                    line_no: line.line_no,
                    risk: line.risk.unwrap(),
                })
            })
            .collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_line_whose_person_was_removed_is_nobodys() {
        let mut list = sample::list();
        list.lines[6] = Line::removed(7);
        let lines = read_lines(&write(&sample::page(), &[list])).unwrap();
        assert_eq!(
            lines.iter().map(|line| line.line_no).collect::<Vec<_>>(),
            [(1..=6), (8..=25)].into_iter().flatten().collect::<Vec<_>>()
        );
    }

    #[test]
    fn every_declared_column_is_there_as_the_csv_has_it() {
        let (page, lists) = (sample::page(), two_teams());
        let table = Table::read(&write(&page, &lists), "worklist.parquet").unwrap();
        let row = rows(&page, &lists[0]).next().unwrap();
        for column in COLUMNS.iter().filter(|column| matches!(column.get, Get::Text(_))) {
            assert_eq!(table.texts(column.name).unwrap()[0], column.text(&row), "{}", column.name);
        }
    }

    #[test]
    fn the_same_night_gives_the_same_bytes() {
        assert_eq!(write(&sample::page(), &two_teams()), write(&sample::page(), &two_teams()));
    }

    #[test]
    fn a_night_without_lines_reads_back_as_such() {
        assert_eq!(read_lines(&write(&sample::page(), &[])).unwrap(), []);
    }

    #[test]
    fn damaged_bytes_are_an_error_that_names_the_file() {
        let whole = write(&sample::page(), &two_teams());
        for bytes in [&b""[..], b"PAR1", &whole[..whole.len() / 2], &whole[1..]] {
            let error = read_lines(bytes).unwrap_err();
            assert!(error.to_string().starts_with("worklist.parquet: is damaged"), "{error}");
        }
    }
}
