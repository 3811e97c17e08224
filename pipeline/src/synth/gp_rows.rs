//! The rows of the GP tables.

use crate::day::{Day, Instant};

use super::{
    cells::{Cell, Cells},
    rows::{Code, Known, Row},
};

/// A row of `gp_events`.
pub(crate) struct EventRow {
    pub known: Known,
    pub id: String,
    pub practice: Code,
    pub date: Day,
    pub recorded_at: Instant,
    pub snomed: Code,
    pub value: Option<(f64, &'static str)>,
    pub episodicity: &'static str,
    pub is_deleted: bool,
}

impl Row for EventRow {
    const TABLE: &'static str = "gp_events";
    const COLUMNS: &'static [(&'static str, Cell)] = &[
        ("event_id", Cell::Text),
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

    fn known(&self) -> Known {
        self.known
    }

    fn write(&self, person_id: &str, cells: &mut impl Cells) {
        cells.text(&self.id);
        cells.text(person_id);
        cells.text(&self.practice);
        cells.day(Some(self.date));
        cells.moment(Some(self.recorded_at));
        cells.text(&self.snomed);
        cells.decimal(self.value.map(|(number, _)| number));
        cells.text(self.value.map_or("", |(_, unit)| unit));
        cells.text(self.episodicity);
        cells.flag(Some(self.is_deleted));
        cells.end_row();
    }
}

/// A row of `gp_prescriptions`.
pub(crate) struct PrescriptionRow {
    pub known: Known,
    pub id: String,
    pub practice: Code,
    pub date: Day,
    pub bnf: &'static str,
    pub issue_type: &'static str,
}

impl Row for PrescriptionRow {
    const TABLE: &'static str = "gp_prescriptions";
    const COLUMNS: &'static [(&'static str, Cell)] = &[
        ("prescription_id", Cell::Text),
        ("person_id", Cell::Text),
        ("practice_code", Cell::Text),
        ("issue_date", Cell::Day),
        ("dmd_code", Cell::Text),
        ("bnf_code", Cell::Text),
        ("issue_type", Cell::Text),
        ("is_deleted", Cell::Flag),
    ];

    fn known(&self) -> Known {
        self.known
    }

    fn write(&self, person_id: &str, cells: &mut impl Cells) {
        cells.text(&self.id);
        cells.text(person_id);
        cells.text(&self.practice);
        cells.day(Some(self.date));
        cells.text("");
        cells.text(self.bnf);
        cells.text(self.issue_type);
        cells.flag(Some(false));
        cells.end_row();
    }
}
