//! A delivery: the files that suppliers would have sent by a day, and the manifest that says what they are.

use std::{
    num::NonZero,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use data_encoding::HEXLOWER;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::day::Day;

use super::{
    calendar::delivery_time,
    cells::{Cell, Cells},
    csv_cells::CsvCells,
    dirt::{self, Planted, Soil},
    gp_rows::{EventRow, PrescriptionRow},
    hospital_rows::{AttendanceRow, BedRow, EpisodeRow},
    life::Life,
    parquet_cells::ParquetCells,
    reference,
    rows::{DeathRow, ObjectionRow, PatientRow, RegistrationRow, Row, Window},
    world::World,
};

/// People made by one thread at a time. Parts are put together in order, so the bytes do not depend on who made them.
const PEOPLE_PER_PART: u32 = 1_000;

/// The files of one delivery, `manifest.json` among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryFiles {
    /// Name of the delivery's folder: its day and its kind, so that names sort as deliveries came.
    pub folder_name: String,
    /// Name and bytes of each file.
    pub files: Vec<(String, Vec<u8>)>,
    /// `planted.csv`, which belongs beside the folder: file, row, column and rule of each defect put in on purpose.
    pub planted: Option<Vec<u8>>,
}

/// The format of a delivery's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// NAME.csv, uncompressed.
    Csv,
    /// NAME.parquet.
    Parquet,
}

/// Everything known by the end of a day, or only what became known after another.
pub(crate) fn deliver(world: &World, threads: usize, window: Window, format: Format) -> DeliveryFiles {
    match format {
        Format::Csv => build::<CsvCells>(world, threads, window, "csv"),
        Format::Parquet => build::<ParquetCells>(world, threads, window, "parquet"),
    }
}

/// Does `work` for each part of the population on a number of threads; results in order of parts.
pub(crate) fn in_parts<T: Send>(
    people: u32,
    threads: usize,
    work: impl Fn(std::ops::Range<u32>) -> T + Sync,
) -> Vec<T> {
    let parts = people.div_ceil(PEOPLE_PER_PART) as usize;
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        loop {
            let part = next.fetch_add(1, Ordering::Relaxed);
            if part >= parts {
                return done;
            }
            let from = part as u32 * PEOPLE_PER_PART;
            done.push((part, work(from..(from + PEOPLE_PER_PART).min(people))));
        }
    };
    let mut done: Vec<(usize, T)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().flat_map(|handle| handle.join().expect("a worker only computes")).collect()
    });
    done.sort_by_key(|(part, _)| *part);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Threads that the machine offers.
pub(crate) fn threads_offered() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// The tables about people of one part of the population.
struct Part<C> {
    sheets: [C; 9],
    planted: [Vec<Planted>; 9],
}

/// Names and columns, in the order of [`Part::sheets`].
const PEOPLE_TABLES: [(&str, &[(&str, Cell)]); 9] = [
    (PatientRow::TABLE, PatientRow::COLUMNS),
    (RegistrationRow::TABLE, RegistrationRow::COLUMNS),
    (EventRow::TABLE, EventRow::COLUMNS),
    (PrescriptionRow::TABLE, PrescriptionRow::COLUMNS),
    (EpisodeRow::TABLE, EpisodeRow::COLUMNS),
    (AttendanceRow::TABLE, AttendanceRow::COLUMNS),
    (BedRow::TABLE, BedRow::COLUMNS),
    (DeathRow::TABLE, DeathRow::COLUMNS),
    (ObjectionRow::TABLE, ObjectionRow::COLUMNS),
];

impl<C: Cells> Part<C> {
    fn of(world: &World, people: std::ops::Range<u32>, window: Window) -> Part<C> {
        let mut part = Part { sheets: PEOPLE_TABLES.map(|(_, columns)| C::new(columns)), planted: Default::default() };
        // Beds are counted, and the list of objections refreshed, for each delivery anew.
        let whole = Window { after: None, ..window };
        for number in people {
            let life = Life::of(world, number, window.until);
            let mut soil = Soil::new(world, number);
            let id = life.person_id;
            part.put(0, life.patient, &id, window, &mut soil);
            part.put(1, life.registrations, &id, window, &mut soil);
            part.put(2, life.events, &id, window, &mut soil);
            part.put(3, life.prescriptions, &id, window, &mut soil);
            part.put(4, life.episodes, &id, window, &mut soil);
            part.put(5, life.attendances, &id, window, &mut soil);
            part.put(6, life.beds, &id, whole, &mut soil);
            part.put(7, life.deaths, &id, window, &mut soil);
            part.put(8, life.objections, &id, whole, &mut soil);
        }
        part
    }

    fn put<R: Row>(&mut self, table: usize, rows: Vec<R>, person_id: &str, window: Window, soil: &mut Soil) {
        for mut row in rows {
            let defect = soil.defect(&mut row);
            if !window.brings(row.known()) {
                continue;
            }
            let sheet = &mut self.sheets[table];
            let copies = 1 + usize::from(defect.as_ref().is_some_and(|defect| defect.is_twice));
            let owner = defect.as_ref().and_then(|defect| defect.person_id.as_deref()).unwrap_or(person_id);
            (0..copies).for_each(|_| row.write(owner, sheet));
            if let Some(defect) = defect {
                self.planted[table].push(Planted { row: sheet.rows(), column: defect.column, rule: defect.rule });
            }
        }
    }
}

fn build<C: Cells + Send>(world: &World, threads: usize, window: Window, ending: &str) -> DeliveryFiles {
    let parts = in_parts(world.params.people, threads, |people| Part::<C>::of(world, people, window));
    let mut sheets: [Vec<C>; 9] = Default::default();
    let mut planted: [Vec<Planted>; 9] = Default::default();
    for part in parts {
        for (table, (sheet, defects)) in part.sheets.into_iter().zip(part.planted).enumerate() {
            let above: u64 = sheets[table].iter().map(Cells::rows).sum();
            planted[table].extend(defects.into_iter().map(|defect| Planted { row: above + defect.row, ..defect }));
            sheets[table].push(sheet);
        }
    }
    let mut files = Vec::new();
    let mut defects = Vec::new();
    for (((name, columns), parts), planted) in PEOPLE_TABLES.into_iter().zip(sheets).zip(planted) {
        let file = format!("{name}.{ending}");
        defects.extend(planted.into_iter().map(|defect| (file.clone(), defect)));
        files.push(TableFile {
            table: name,
            rows: parts.iter().map(Cells::rows).sum(),
            bytes: C::file(columns, parts),
            file,
        });
    }
    for table in &reference::TABLES {
        let mut cells = C::new(table.columns);
        reference::write(world, table, &mut cells);
        let (rows, file) = (cells.rows(), format!("{}.{ending}", table.name));
        files.push(TableFile { table: table.name, rows, bytes: C::file(table.columns, vec![cells]), file });
    }
    let planted = world.params.dirt.then(|| dirt::planted_csv(&defects));
    let kind = if window.after.is_some() { "delta" } else { "full" };
    let manifest = Manifest::new(world, window, kind, &files).to_json();
    let mut files: Vec<(String, Vec<u8>)> = files.into_iter().map(|file| (file.file, file.bytes)).collect();
    files.push(("manifest.json".to_owned(), manifest));
    DeliveryFiles { folder_name: format!("{}-{kind}", window.until), files, planted }
}

struct TableFile {
    table: &'static str,
    file: String,
    rows: u64,
    bytes: Vec<u8>,
}

#[derive(Serialize)]
struct Manifest {
    extract_id: String,
    schema_version: &'static str,
    supplier: &'static str,
    period_from: Day,
    period_to: Day,
    extracted_at: String,
    delivery: &'static str,
    history: bool,
    pseudonym_key_id: &'static str,
    purpose_code: &'static str,
    legal_basis_ref: &'static str,
    is_synthetic: bool,
    files: Vec<ManifestFile>,
}

#[derive(Serialize)]
struct ManifestFile {
    table: &'static str,
    file: String,
    row_count: u64,
    sha256: String,
}

impl Manifest {
    fn new(world: &World, window: Window, kind: &'static str, files: &[TableFile]) -> Manifest {
        let file = |file: &TableFile| ManifestFile {
            table: file.table,
            file: file.file.clone(),
            row_count: file.rows,
            sha256: HEXLOWER.encode(&Sha256::digest(&file.bytes)),
        };
        Manifest {
            extract_id: format!("synthetic-{}-{}-{kind}", world.params.seed, window.until),
            schema_version: "1",
            supplier: "earlycall synth",
            period_from: window.after.map_or(world.first_day, |day| day + 1),
            period_to: window.until,
            extracted_at: delivery_time(window.until).to_string(),
            delivery: kind,
            history: window.after.is_none(),
            pseudonym_key_id: "synthetic",
            purpose_code: "research",
            legal_basis_ref: "synthetic-data",
            is_synthetic: true,
            files: files.iter().map(file).collect(),
        }
    }

    fn to_json(&self) -> Vec<u8> {
        let mut json = serde_json::to_vec_pretty(self).expect("a manifest is text, numbers and lists");
        json.push(b'\n');
        json
    }
}
