//! The rows of the hospital tables.

use std::io;

use crate::day::{Day, Instant};

use super::{
    cells::{Cell, Cells, Columns},
    rows::{Code, Filing, Known, Row},
    world::World,
};

/// A row of `apc_episodes`. Only finished stays are sent.
#[derive(Clone)]
pub(crate) struct EpisodeRow {
    pub known: Known,
    pub spell: String,
    pub order: i32,
    pub is_last: bool,
    pub provider: &'static str,
    pub site: &'static str,
    pub admitted: Day,
    pub method: &'static str,
    pub source: &'static str,
    pub classification: &'static str,
    pub discharged: Day,
    pub discharge_method: &'static str,
    pub destination: &'static str,
    pub start: Day,
    pub end: Day,
    pub kind: &'static str,
    pub treatment_function: &'static str,
    pub diagnoses: Vec<Code>,
    pub is_well_baby: bool,
    /// Same day emergency care that the trust still records as an admission.
    pub is_sdec: bool,
    pub practice: usize,
}

impl EpisodeRow {
    /// The columns of a delivery with defects: procedures as well, so that they can have some.
    const WITH_PROCEDURES: Columns = &{
        let mut columns = [("procedures", Cell::List); EpisodeRow::COLUMNS.len() + 1];
        let mut at = 0;
        while at < EpisodeRow::COLUMNS.len() {
            // They stand behind the diagnoses.
            columns[if at < EpisodeRow::BEFORE_PROCEDURES { at } else { at + 1 }] = EpisodeRow::COLUMNS[at];
            at += 1;
        }
        columns
    };
    const BEFORE_PROCEDURES: usize = 21;
}

impl Row for EpisodeRow {
    const TABLE: &'static str = "apc_episodes";
    const COLUMNS: Columns = &[
        ("person_id", Cell::Person),
        ("episode_id", Cell::Id),
        ("spell_id", Cell::Id),
        ("provider_code", Cell::Text),
        ("site_code", Cell::Text),
        ("admission_date", Cell::Day),
        ("admission_method", Cell::Text),
        ("admission_source", Cell::Text),
        ("patient_classification", Cell::Text),
        ("discharge_date", Cell::Day),
        ("discharge_method", Cell::Text),
        ("discharge_destination", Cell::Text),
        ("episode_start", Cell::Day),
        ("episode_end", Cell::Day),
        ("episode_order", Cell::Whole),
        ("episode_status", Cell::Text),
        ("episode_type", Cell::Text),
        ("is_last_episode", Cell::Flag),
        ("main_specialty", Cell::Text),
        ("treatment_function", Cell::Text),
        ("diagnoses", Cell::List),
        ("is_well_baby", Cell::Flag),
        ("practice_code", Cell::Text),
        ("is_sdec", Cell::Flag),
        ("received_at", Cell::Moment),
        ("is_deleted", Cell::Flag),
    ];
    const FILING: Filing = Filing::ByTrustAndMonth;

    fn columns(world: &World) -> Columns {
        if world.soil > 0.0 { EpisodeRow::WITH_PROCEDURES } else { EpisodeRow::COLUMNS }
    }

    fn known(&self) -> Known {
        self.known
    }

    fn provider(&self, world: &World) -> usize {
        world.trust(self.provider)
    }

    fn write(&self, world: &World, person: u32, cells: &mut dyn Cells) -> io::Result<()> {
        cells.person(person);
        cells.text(&format!("{}-{}", self.spell, self.order));
        cells.text(&self.spell);
        cells.text(self.provider);
        cells.text(self.site);
        cells.day(Some(self.admitted));
        cells.text(self.method);
        cells.text(self.source);
        cells.text(self.classification);
        cells.day(Some(self.discharged));
        cells.text(self.discharge_method);
        cells.text(self.destination);
        cells.day(Some(self.start));
        cells.day(Some(self.end));
        cells.whole(Some(self.order));
        cells.text("3");
        cells.text(self.kind);
        cells.flag(Some(self.is_last));
        cells.text(self.treatment_function);
        cells.text(self.treatment_function);
        cells.list(&self.diagnoses.iter().map(|code| code.as_ref()).collect::<Vec<_>>());
        if world.soil > 0.0 {
            cells.list(&[]);
        }
        cells.flag(Some(self.is_well_baby));
        cells.text(&world.practices[self.practice].code);
        cells.flag(Some(self.is_sdec));
        cells.moment(Some(super::calendar::at(self.known.from, 5 * 60)));
        cells.flag(Some(false));
        cells.end_row()
    }
}

/// A row of `ed_attendances`.
pub(crate) struct AttendanceRow {
    pub known: Known,
    pub id: String,
    pub provider: &'static str,
    pub site: &'static str,
    pub department: &'static str,
    pub category: &'static str,
    pub arrival: Instant,
    pub arrival_mode: &'static str,
    pub acuity: &'static str,
    pub diagnoses: Vec<Code>,
    pub departure: Instant,
    pub status: &'static str,
    pub destination: &'static str,
}

impl Row for AttendanceRow {
    const TABLE: &'static str = "ed_attendances";
    const COLUMNS: Columns = &[
        ("person_id", Cell::Person),
        ("attendance_id", Cell::Id),
        ("provider_code", Cell::Text),
        ("site_code", Cell::Text),
        ("department_type", Cell::Text),
        ("attendance_category", Cell::Text),
        ("arrival_at", Cell::Moment),
        ("arrival_mode", Cell::Text),
        ("acuity", Cell::Text),
        ("chief_complaint", Cell::Text),
        ("diagnoses", Cell::List),
        ("departure_at", Cell::Moment),
        ("discharge_status", Cell::Text),
        ("discharge_destination", Cell::Text),
        ("received_at", Cell::Moment),
        ("is_deleted", Cell::Flag),
    ];
    const FILING: Filing = Filing::ByTrustAndMonth;

    fn known(&self) -> Known {
        self.known
    }

    fn provider(&self, world: &World) -> usize {
        world.trust(self.provider)
    }

    fn write(&self, _: &World, person: u32, cells: &mut dyn Cells) -> io::Result<()> {
        cells.person(person);
        cells.text(&self.id);
        cells.text(self.provider);
        cells.text(self.site);
        cells.text(self.department);
        cells.text(self.category);
        cells.moment(Some(self.arrival));
        cells.text(self.arrival_mode);
        cells.text(self.acuity);
        cells.text("");
        cells.list(&self.diagnoses.iter().map(|code| code.as_ref()).collect::<Vec<_>>());
        cells.moment(Some(self.departure));
        cells.text(self.status);
        cells.text(self.destination);
        cells.moment(Some(super::calendar::at(self.known.from, 5 * 60)));
        cells.flag(Some(false));
        cells.end_row()
    }
}

/// A row of `inpatients_now`: somebody in a bed when the beds were counted.
pub(crate) struct BedRow {
    pub provider: &'static str,
    pub site: &'static str,
    pub admitted_at: Instant,
    pub method: &'static str,
    pub treatment_function: &'static str,
    pub snapshot_at: Instant,
    pub known: Known,
}

impl Row for BedRow {
    const TABLE: &'static str = "inpatients_now";
    const COLUMNS: Columns = &[
        ("person_id", Cell::Person),
        ("provider_code", Cell::Text),
        ("site_code", Cell::Text),
        ("admitted_at", Cell::Moment),
        ("admission_method", Cell::Text),
        ("treatment_function", Cell::Text),
        ("snapshot_at", Cell::Moment),
    ];

    fn known(&self) -> Known {
        self.known
    }

    fn write(&self, _: &World, person: u32, cells: &mut dyn Cells) -> io::Result<()> {
        cells.person(person);
        cells.text(self.provider);
        cells.text(self.site);
        cells.moment(Some(self.admitted_at));
        cells.text(self.method);
        cells.text(self.treatment_function);
        cells.moment(Some(self.snapshot_at));
        cells.end_row()
    }
}
