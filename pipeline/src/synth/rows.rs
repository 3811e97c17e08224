//! The rows of the tables about people, each with the days between which it is the newest that is known.

use std::{borrow::Cow, io};

use crate::day::{Day, Instant};

use super::{
    cells::{Cell, Cells, Columns},
    world::World,
};

/// A code or a key: embedded, or made for one row.
pub(crate) type Code = Cow<'static, str>;

/// When a version of a row is the newest one: from the day on which it became known until the day on which a later
/// version did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub from: Day,
    pub until: Option<Day>,
}

impl Known {
    /// A version that is never replaced.
    pub fn from(day: Day) -> Known {
        Known { from: day, until: None }
    }
}

/// What a delivery covers: all that is known at the end of `until`, or what of it became known after `after`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    pub after: Option<Day>,
    pub until: Day,
}

impl Window {
    /// What the manifest calls it.
    pub fn kind(&self) -> &'static str {
        if self.after.is_some() { "delta" } else { "full" }
    }

    /// Whether a delivery brings this version of a row.
    pub fn brings(&self, known: Known) -> bool {
        known.from <= self.until
            && known.until.is_none_or(|day| day > self.until)
            && self.after.is_none_or(|day| known.from > day)
    }
}

/// How the rows of a table are shared out over files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Filing {
    /// All in one file, in no particular order.
    Whole,
    /// A file to a practice, in the order in which rows became known.
    ByPractice,
    /// A file to a trust and a month of receipt, in the order in which rows became known.
    ByTrustAndMonth,
}

/// A row of one of the tables about people, but for the two large ones of the GP record.
pub(crate) trait Row: 'static {
    /// Name of the table.
    const TABLE: &'static str;
    /// The columns that the generator fills, in the order of the contract. A table's other columns are optional ones.
    const COLUMNS: Columns;
    /// Its files.
    const FILING: Filing = Filing::Whole;

    /// The columns of a delivery.
    fn columns(_world: &World) -> Columns {
        Self::COLUMNS
    }
    /// When this version is the newest.
    fn known(&self) -> Known;
    /// The number of the practice or the trust whose row this is.
    fn provider(&self, _world: &World) -> usize {
        0
    }
    /// Writes a cell for each column.
    fn write(&self, world: &World, person: u32, cells: &mut dyn Cells) -> io::Result<()>;
}

/// A row of `patients`.
pub(crate) struct PatientRow {
    pub known: Known,
    pub nhs_number_status: &'static str,
    pub birth_month: Day,
    pub sex: &'static str,
    pub ethnic_category: &'static str,
    pub lsoa: Code,
    pub lad_code: &'static str,
    pub main_language: &'static str,
    pub interpreter_needed: bool,
    pub accessible_needs: Vec<&'static str>,
    pub care_home_resident: bool,
    pub housebound: bool,
    pub is_confidential: bool,
    pub is_test_patient: bool,
    pub superseded_by: Option<String>,
}

impl Row for PatientRow {
    const TABLE: &'static str = "patients";
    const COLUMNS: Columns = &[
        ("person_id", Cell::Person),
        ("nhs_number_status", Cell::Text),
        ("birth_month", Cell::Day),
        ("sex", Cell::Text),
        ("ethnic_category", Cell::Text),
        ("lsoa21", Cell::Text),
        ("lad_code", Cell::Text),
        ("main_language", Cell::Text),
        ("interpreter_needed", Cell::Flag),
        ("accessible_information_need", Cell::List),
        ("care_home_resident", Cell::Flag),
        ("housebound", Cell::Flag),
        ("is_confidential", Cell::Flag),
        ("is_test_patient", Cell::Flag),
        ("superseded_by", Cell::Text),
        ("updated_at", Cell::Moment),
    ];

    fn known(&self) -> Known {
        self.known
    }

    fn write(&self, _: &World, person: u32, cells: &mut dyn Cells) -> io::Result<()> {
        cells.person(person);
        cells.text(self.nhs_number_status);
        cells.day(Some(self.birth_month));
        cells.text(self.sex);
        cells.text(self.ethnic_category);
        cells.text(&self.lsoa);
        cells.text(self.lad_code);
        cells.text(self.main_language);
        cells.flag(Some(self.interpreter_needed));
        cells.list(&self.accessible_needs);
        cells.flag(Some(self.care_home_resident));
        cells.flag(Some(self.housebound));
        cells.flag(Some(self.is_confidential));
        cells.flag(Some(self.is_test_patient));
        cells.text(self.superseded_by.as_deref().unwrap_or(""));
        cells.moment(Some(super::calendar::at(self.known.from, 180)));
        cells.end_row()
    }
}

/// A row of `registrations`.
pub(crate) struct RegistrationRow {
    pub known: Known,
    pub practice: usize,
    pub start: Day,
    pub end: Option<(Day, &'static str)>,
}

impl Row for RegistrationRow {
    const TABLE: &'static str = "registrations";
    const COLUMNS: Columns = &[
        ("person_id", Cell::Person),
        ("practice_code", Cell::Text),
        ("start_date", Cell::Day),
        ("end_date", Cell::Day),
        ("registration_type", Cell::Text),
        ("end_reason", Cell::Text),
    ];
    const FILING: Filing = Filing::ByPractice;

    fn known(&self) -> Known {
        self.known
    }

    fn provider(&self, _: &World) -> usize {
        self.practice
    }

    fn write(&self, world: &World, person: u32, cells: &mut dyn Cells) -> io::Result<()> {
        cells.person(person);
        cells.text(&world.practices[self.practice].code);
        cells.day(Some(self.start));
        cells.day(self.end.map(|(day, _)| day));
        cells.text("regular");
        cells.text(self.end.map_or("", |(_, reason)| reason));
        cells.end_row()
    }
}

/// A row of `deaths`.
pub(crate) struct DeathRow {
    pub known: Known,
    pub date: Day,
    pub source: &'static str,
    pub registered: Option<Day>,
    pub cause: Code,
    pub place: &'static str,
}

impl Row for DeathRow {
    const TABLE: &'static str = "deaths";
    const COLUMNS: Columns = &[
        ("person_id", Cell::Person),
        ("death_date", Cell::Day),
        ("source", Cell::Text),
        ("registration_date", Cell::Day),
        ("underlying_cause", Cell::Text),
        ("place", Cell::Text),
    ];

    fn known(&self) -> Known {
        self.known
    }

    fn write(&self, _: &World, person: u32, cells: &mut dyn Cells) -> io::Result<()> {
        cells.person(person);
        cells.day(Some(self.date));
        cells.text(self.source);
        cells.day(self.registered);
        cells.text(&self.cause);
        cells.text(self.place);
        cells.end_row()
    }
}

/// A row of `opt_outs`. Its list is refreshed with every delivery, so every delivery brings all of them.
pub(crate) struct ObjectionRow {
    pub known: Known,
    pub objection: &'static str,
    pub status: &'static str,
    pub recorded_at: Instant,
    pub source: &'static str,
    pub checked_at: Instant,
}

impl Row for ObjectionRow {
    const TABLE: &'static str = "opt_outs";
    const COLUMNS: Columns = &[
        ("person_id", Cell::Person),
        ("objection", Cell::Text),
        ("status", Cell::Text),
        ("recorded_at", Cell::Moment),
        ("source", Cell::Text),
        ("checked_at", Cell::Moment),
    ];

    fn known(&self) -> Known {
        self.known
    }

    fn write(&self, _: &World, person: u32, cells: &mut dyn Cells) -> io::Result<()> {
        cells.person(person);
        cells.text(self.objection);
        cells.text(self.status);
        cells.moment(Some(self.recorded_at));
        cells.text(self.source);
        cells.moment(Some(self.checked_at));
        cells.end_row()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_delivery_brings_the_newest_version_and_a_delta_what_changed() {
        let (first, second) = (Known { from: Day(10), until: Some(Day(20)) }, Known::from(Day(20)));
        let full = |day| Window { after: None, until: Day(day) };
        let delta = |after, day| Window { after: Some(Day(after)), until: Day(day) };
        assert!(!full(9).brings(first));
        assert!(full(19).brings(first) && !full(19).brings(second));
        assert!(!full(20).brings(first) && full(20).brings(second));
        assert!(delta(9, 15).brings(first));
        assert!(!delta(10, 15).brings(first)); // known already
        assert!(!delta(9, 25).brings(first) && delta(9, 25).brings(second)); // only the newest
    }
}
