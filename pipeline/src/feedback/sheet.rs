//! A worklist's own Excel file with its outcomes filled in, whatever it was sorted by, filtered or saved with.
//!
//! Cells are read one after another and never as a whole grid, which a single cell far away would make larger than any memory.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read},
};

use calamine::{DataRef, Reader, Xlsx};
use earlycall_schemas::contacts::{self, ContactOutcome, Effect, UnsuitableReason};

use super::HIDDEN_DAYS_MAX;
use crate::{
    day::Day,
    error::{Error, Result},
    panics,
    quality::leak::{self, Seen},
    store::nights::NightId,
    worklist::{columns::COLUMNS, fill_in, xlsx::LIST_SHEET},
};

/// More lines than any list has.
const ROWS_MAX: u32 = 20_000;
/// More than any list has when it is unpacked.
const UNPACKED_BYTES_MAX: u64 = 256 << 20;
/// Excel's day 0, as a day of ours.
const EXCEL_DAY_0: i32 = -25_569;
/// Excel keeps whole numbers below this as they were typed.
const KEY_BELOW: f64 = 1e15;
/// A call that is handed in lies at most so many days after the list.
const CALLED_WITHIN_DAYS: i32 = 366;

/// A list that was filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// The night whose list it is.
    pub night: NightId,
    /// The team whose list it is.
    pub team_id: String,
    /// The lines on which something was filled in, as they stand in the file.
    pub lines: Vec<FilledLine>,
}

/// What was filled in on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilledLine {
    /// The row of the file as Excel counts, from 1.
    pub row: u32,
    /// The number of the line on its list.
    pub line_no: u32,
    /// The person within the team.
    pub person_ref: String,
    /// What came of the call.
    pub outcome: Option<&'static ContactOutcome>,
    /// Whether the line was filled in by mistake, so that what it brought before is taken back.
    pub is_mistake: bool,
    /// When it was, if that is said.
    pub called_on: Option<Day>,
    /// When they may be called again, if that is said.
    pub again_on: Option<Day>,
    /// Why they are unsuitable.
    pub unsuitable: Option<&'static UnsuitableReason>,
    /// Whether they object to this service.
    pub objects: bool,
    /// Who called.
    pub by: Option<String>,
}

/// Reads a list that was filled in.
///
/// # Errors
/// * [`crate::error::Kind::Extract`] when it is no worklist of this program, is of two nights or teams, or a cell that was
///   filled in is not what may stand there: the row as Excel counts, and the heading.
pub fn read(bytes: &[u8]) -> Result<Filled> {
    let read = || hold_unpacked(bytes).and_then(|()| rows(bytes));
    let rows = panics::contained(read).unwrap_or_else(|| Err(no_worklist()))?;
    let mut of: Option<(NightId, String)> = None;
    let mut lines = Vec::new();
    for (row, cells) in rows {
        let at = |error: Error| error.line(u64::from(row));
        let line = Cells(&cells);
        let whose = line.whose().map_err(at)?;
        match &of {
            Some(first) if *first != whose => {
                let what = "is of another night or team than the first line";
                return Err(at(Error::refused(what, "hand in each list as its own file")));
            }
            _ => of = Some(whose),
        }
        lines.extend(line.filled(row, of.as_ref().expect("set just now").0).map_err(at)?);
    }
    let (night, team_id) =
        of.ok_or_else(|| Error::refused("has no line", "hand in a worklist with lines filled in"))?;
    Ok(Filled { night, team_id, lines })
}

/// Refuses what would unpack into more than any list.
fn hold_unpacked(bytes: &[u8]) -> Result<()> {
    let mut parts = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| no_worklist())?;
    let mut left = UNPACKED_BYTES_MAX;
    for n in 0..parts.len() {
        let part = parts.by_index(n).map_err(|_| no_worklist())?;
        // What a part says of its own size may be a lie.
        let unpacked = std::io::copy(&mut part.take(left + 1), &mut std::io::sink()).map_err(|_| no_worklist())?;
        left =
            left.checked_sub(unpacked).ok_or_else(|| Error::refused("unpacks into more than any list is", HAND_IN))?;
    }
    Ok(())
}

const HAND_IN: &str = "hand in the Excel file of a worklist, saved as .xlsx";

fn no_worklist() -> Error {
    Error::refused("is not the Excel file of a worklist", HAND_IN)
}

/// A row by the headings of its columns: only cells that say something.
type RowCells = BTreeMap<String, Cell>;

/// What a cell says.
#[derive(Clone, Debug, PartialEq)]
enum Cell {
    Text(String),
    Number(f64),
}

/// The rows beneath the headings, with their numbers as Excel counts.
fn rows(bytes: &[u8]) -> Result<Vec<(u32, RowCells)>> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| no_worklist())?;
    let mut cells = book.worksheet_cells_reader(LIST_SHEET).map_err(|_| no_worklist())?;
    let mut headings: BTreeMap<u32, String> = BTreeMap::new();
    let mut rows: BTreeMap<u32, RowCells> = BTreeMap::new();
    let mut first_row = None;
    while let Some(cell) = cells.next_cell().map_err(|_| no_worklist())? {
        let ((row, column), Some(says)) = (cell.get_position(), said(cell.get_value())) else { continue };
        let headings_at = *first_row.get_or_insert(row);
        if row == headings_at {
            if let Cell::Text(heading) = says {
                headings.insert(column, heading);
            }
        } else if let Some(heading) = headings.get(&column) {
            if rows.len() as u32 > ROWS_MAX {
                return Err(Error::refused("has more lines than any list", HAND_IN));
            }
            rows.entry(row).or_default().insert(heading.clone(), says);
        }
    }
    let needed = ["run_id", "team_id", "line_no", "person_ref"].map(heading);
    if let Some(missing) =
        needed.iter().chain(&[fill_in::OUTCOME.heading]).find(|needed| !headings.values().any(|known| known == *needed))
    {
        return Err(Error::refused(format!("has no column with the heading `{missing}`"), HAND_IN));
    }
    Ok(rows.into_iter().map(|(row, cells)| (row + 1, cells)).collect())
}

/// What a cell says, if anything.
fn said(value: &DataRef) -> Option<Cell> {
    let text = |text: &str| Some(Cell::Text(text.trim().to_owned())).filter(|_| !text.trim().is_empty());
    match value {
        DataRef::String(words) | DataRef::DateTimeIso(words) => text(words),
        DataRef::SharedString(words) => text(words),
        DataRef::Int(number) => Some(Cell::Number(*number as f64)),
        DataRef::Float(number) => Some(Cell::Number(*number)),
        DataRef::DateTime(moment) => Some(Cell::Number(moment.as_f64())),
        DataRef::Bool(is_so) => text(if *is_so { "Yes" } else { "No" }),
        // What cannot be read is said to be there, and refused by whoever looks at it.
        DataRef::Error(_) | DataRef::DurationIso(_) => Some(Cell::Number(f64::NAN)),
        DataRef::Empty => None,
    }
}

/// The heading of a declared column.
fn heading(name: &str) -> &'static str {
    COLUMNS.iter().find(|column| column.name == name).expect("a declared column").heading
}

/// The cells of one row.
struct Cells<'a>(&'a RowCells);

impl Cells<'_> {
    fn text(&self, heading: &str) -> Result<Option<&str>> {
        match self.0.get(heading) {
            None => Ok(None),
            Some(Cell::Text(text)) => Ok(Some(text)),
            Some(Cell::Number(_)) => Err(wrong("is a number", heading)),
        }
    }

    /// A key, which may be a whole number.
    fn key(&self, heading: &str) -> Result<Option<String>> {
        match self.0.get(heading) {
            Some(Cell::Number(number)) if number.fract() == 0.0 && (0.0..KEY_BELOW).contains(number) => {
                Ok(Some(format!("{number:.0}")))
            }
            _ => Ok(self.text(heading)?.map(str::to_owned)),
        }
    }

    fn needed(&self, name: &str) -> Result<&str> {
        self.text(heading(name))?.ok_or_else(|| wrong("is empty", heading(name)))
    }

    /// The night and the team of the line.
    fn whose(&self) -> Result<(NightId, String)> {
        let night = NightId::parse(self.needed("run_id")?).ok_or_else(|| wrong("names no night", heading("run_id")))?;
        Ok((night, self.needed("team_id")?.to_owned()))
    }

    /// What was filled in, if anything.
    fn filled(&self, row: u32, night: NightId) -> Result<Option<FilledLine>> {
        let chosen = |column: fill_in::FillIn| self.text(column.heading);
        let unknown = |column: fill_in::FillIn| wrong("is not one of the words to choose from", column.heading);
        let is_mistake = chosen(fill_in::OUTCOME)?.is_some_and(|words| words.eq_ignore_ascii_case(fill_in::MISTAKE));
        let outcome = chosen(fill_in::OUTCOME)?
            .filter(|_| !is_mistake)
            .map(|words| contacts::outcome_in_words(words).ok_or_else(|| unknown(fill_in::OUTCOME)))
            .transpose()?;
        let unsuitable = chosen(fill_in::UNSUITABLE)?
            .map(|words| contacts::unsuitable_reason_in_words(words).ok_or_else(|| unknown(fill_in::UNSUITABLE)))
            .transpose()?;
        let objects = match chosen(fill_in::OBJECTS)?.map(str::to_lowercase).as_deref() {
            None | Some("no") => false,
            Some("yes") => true,
            Some(_) => return Err(unknown(fill_in::OBJECTS)),
        };
        let by = self.key(fill_in::CALLED_BY.heading)?;
        if by
            .as_ref()
            .is_some_and(|by| by.chars().count() > fill_in::TEXT_CHARS_MAX as usize || by.contains(char::is_control))
        {
            return Err(wrong("is longer than a name", fill_in::CALLED_BY.heading));
        }
        let tells = |by: &str| matches!(leak::look(by), Seen::Certainly(_) | Seen::TenDigits { is_nhs_number: true });
        if by.as_deref().is_some_and(tells) {
            return Err(wrong("tells who somebody is, and a staff key must not", fill_in::CALLED_BY.heading));
        }
        let (called_on, again_on) = (self.day(fill_in::CALLED_ON)?, self.day(fill_in::AGAIN_ON)?);
        let list_day = night.index_date + 1;
        if called_on.is_some_and(|day| !(0..=CALLED_WITHIN_DAYS).contains(&(day - list_day))) {
            return Err(wrong(
                "lies before the day of the list, or more than a year after it",
                fill_in::CALLED_ON.heading,
            ));
        }
        let hidden = again_on.map(|day| day - called_on.unwrap_or(list_day));
        if hidden.is_some_and(|days| !(0..=HIDDEN_DAYS_MAX).contains(&days)) {
            let what = format!("must lie within the {HIDDEN_DAYS_MAX} days after the call");
            return Err(wrong(&what, fill_in::AGAIN_ON.heading));
        }
        if outcome.is_none() && !is_mistake {
            let more = [
                (called_on.is_some(), fill_in::CALLED_ON),
                (again_on.is_some(), fill_in::AGAIN_ON),
                (unsuitable.is_some(), fill_in::UNSUITABLE),
            ];
            if let Some((_, column)) = more.iter().find(|(is_there, _)| *is_there) {
                return Err(wrong("is filled in, and no outcome is chosen", column.heading));
            }
            if !objects {
                return Ok(None);
            }
        }
        if again_on.is_some() && outcome.is_some_and(|outcome| outcome.effect == Effect::Programme) {
            return Err(wrong("stands beside an acceptance, which has a length of its own", fill_in::AGAIN_ON.heading));
        }
        if unsuitable.is_some() && outcome.is_none_or(|outcome| outcome.code != "unsuitable") {
            return Err(wrong("is filled in, and the outcome is another", fill_in::UNSUITABLE.heading));
        }
        let (line_no, person_ref) = (self.line_no()?, self.needed("person_ref")?.to_owned());
        let line =
            FilledLine { row, line_no, person_ref, outcome, is_mistake, called_on, again_on, unsuitable, objects, by };
        Ok(Some(line))
    }

    fn line_no(&self) -> Result<u32> {
        match self.0.get(heading("line_no")) {
            Some(Cell::Number(number)) if *number >= 1.0 && *number <= f64::from(ROWS_MAX) => Ok(*number as u32),
            _ => Err(wrong("is not the number of a line", heading("line_no"))),
        }
    }

    /// A day, as Excel keeps one or as people write it.
    fn day(&self, column: fill_in::FillIn) -> Result<Option<Day>> {
        let day = match self.0.get(column.heading) {
            None => return Ok(None),
            Some(Cell::Number(number)) if (1.0..200_000.0).contains(number) => Some(Day(EXCEL_DAY_0 + *number as i32)),
            Some(Cell::Number(_)) => None,
            Some(Cell::Text(text)) => written_day(text),
        };
        day.map(Some).ok_or_else(|| wrong("is not a date", column.heading))
    }
}

/// `2026-11-21`, or `21/11/2026` as people here write it.
fn written_day(text: &str) -> Option<Day> {
    let day_first = |text: &str| {
        let parts: Vec<&str> = text.split('/').collect();
        let [day, month, year] = parts[..] else { return None };
        Day::parse(&format!("{year:0>4}-{month:0>2}-{day:0>2}"))
    };
    Day::parse(text.split('T').next()?).or_else(|| day_first(text))
}

fn wrong(what: &str, heading: &str) -> Error {
    Error::refused(what, "mend the file and hand it in again: nothing of it is taken").column(heading)
}

#[cfg(test)]
mod tests;
