//! The rows of the GP tables, small enough that a practice's whole record fits in memory.

use std::io;

use crate::day::{Day, Instant};

use super::{
    cells::{Cell, Cells, Columns},
    rows::Known,
};

/// An entry of a GP record.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Event {
    /// When it was written down.
    pub at: Instant,
    pub date: Day,
    /// The person's number.
    pub person: u32,
    /// The code's number.
    pub concept: u16,
    /// Number of the value's unit; 0 for an entry without a value.
    pub unit: u8,
    /// Number in the list of episodicities.
    pub episodicity: u8,
    pub tenths: i32,
}

impl Event {
    /// Known from the day on which it was written down.
    pub fn known(&self) -> Known {
        Known::from(Day(self.at.0.div_euclid(86_400) as i32))
    }
}

/// An issue of a medicine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Issue {
    pub known_from: Day,
    pub date: Day,
    /// The person's number.
    pub person: u32,
    /// The product's number.
    pub product: u16,
    pub is_repeat: bool,
}

impl Issue {
    /// Known some days after it was issued.
    pub fn known(&self) -> Known {
        Known::from(self.known_from)
    }
}

/// A row of `gp_events` in words.
pub(crate) struct EventLine<'a> {
    pub id: &'a str,
    pub person_id: &'a str,
    pub practice: &'a str,
    pub date: Day,
    pub recorded_at: Instant,
    pub snomed: &'a str,
    pub value: Option<f64>,
    pub unit: &'a str,
    pub episodicity: &'a str,
}

impl EventLine<'_> {
    pub const TABLE: &'static str = "gp_events";
    pub const COLUMNS: Columns = &[
        ("event_id", Cell::Id),
        ("person_id", Cell::Text),
        ("practice_code", Cell::Text),
        ("event_date", Cell::Day),
        ("recorded_at", Cell::Moment),
        ("snomed_code", Cell::Text),
        ("value", Cell::Decimal),
        ("unit", Cell::Text),
        ("episodicity", Cell::Text),
        ("is_deleted", Cell::Flag),
    ];

    /// Writes a cell for each column.
    pub fn write(&self, cells: &mut dyn Cells) -> io::Result<()> {
        cells.text(self.id);
        cells.text(self.person_id);
        cells.text(self.practice);
        cells.day(Some(self.date));
        cells.moment(Some(self.recorded_at));
        cells.text(self.snomed);
        cells.decimal(self.value);
        cells.text(self.unit);
        cells.text(self.episodicity);
        cells.flag(Some(false));
        cells.end_row()
    }
}

/// A row of `gp_prescriptions` in words.
pub(crate) struct IssueLine<'a> {
    pub id: &'a str,
    pub person_id: &'a str,
    pub practice: &'a str,
    pub date: Day,
    pub dmd: &'a str,
    pub bnf: &'a str,
    pub issue_type: &'a str,
}

impl IssueLine<'_> {
    pub const TABLE: &'static str = "gp_prescriptions";
    pub const COLUMNS: Columns = &[
        ("prescription_id", Cell::Id),
        ("person_id", Cell::Text),
        ("practice_code", Cell::Text),
        ("issue_date", Cell::Day),
        ("dmd_code", Cell::Text),
        ("bnf_code", Cell::Text),
        ("issue_type", Cell::Text),
        ("is_deleted", Cell::Flag),
    ];

    /// Writes a cell for each column.
    pub fn write(&self, cells: &mut dyn Cells) -> io::Result<()> {
        cells.text(self.id);
        cells.text(self.person_id);
        cells.text(self.practice);
        cells.day(Some(self.date));
        cells.text(self.dmd);
        cells.text(self.bnf);
        cells.text(self.issue_type);
        cells.flag(Some(false));
        cells.end_row()
    }
}
