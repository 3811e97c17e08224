//! The tables about people outside the GP record: gathered in one pass over everybody, then written file by file.

use std::{collections::BTreeMap, ops::Range};

use crate::{day::Day, error::Result};

use super::{
    calendar::{civil, month_start},
    cells::Columns,
    dirt::{Planted, Soil},
    hospital_rows::{AttendanceRow, BedRow, EpisodeRow},
    life::{Life, Story},
    packed::{self, Packed},
    parallel,
    place::Place,
    rows::{DeathRow, Filing, ObjectionRow, PatientRow, RegistrationRow, Row, Window},
    sheet::{Format, Sheet, TableFile},
    world::World,
};

/// How tables are shared out over files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// One file to a table, for small populations.
    OneFile,
    /// As extracts arrive: the GP tables a file to a practice, the hospital tables a file to a trust and month.
    ByProvider,
}

/// Tables in the order in which a person's rows are gathered.
const TABLES: [(&str, Columns, Filing); 7] = [
    (PatientRow::TABLE, PatientRow::COLUMNS, PatientRow::FILING),
    (RegistrationRow::TABLE, RegistrationRow::COLUMNS, RegistrationRow::FILING),
    (EpisodeRow::TABLE, EpisodeRow::COLUMNS, EpisodeRow::FILING),
    (AttendanceRow::TABLE, AttendanceRow::COLUMNS, AttendanceRow::FILING),
    (BedRow::TABLE, BedRow::COLUMNS, BedRow::FILING),
    (DeathRow::TABLE, DeathRow::COLUMNS, DeathRow::FILING),
    (ObjectionRow::TABLE, ObjectionRow::COLUMNS, ObjectionRow::FILING),
];

/// Which file a row belongs to: table, provider, and the first day of the month.
type FileKey = (u8, u16, i32);

/// Where a row waits to be written.
struct Slip {
    /// Rows of a file are written in this order, and in that of their persons where it is equal.
    order: i64,
    part: u32,
    offset: u32,
    /// Defect of the row; those that are sent twice are two slips.
    defect: Option<Box<(&'static str, &'static str)>>,
}

/// Rows of one part of the population.
struct Part {
    packed: [Packed; 7],
    slips: Vec<(FileKey, Slip)>,
}

/// Writes the files; with each, the defects that were put into it.
pub(crate) fn write(
    world: &World,
    threads: usize,
    window: Window,
    layout: Layout,
    (place, format): (&dyn Place, Format),
) -> Result<Vec<(TableFile, Vec<Planted>)>> {
    let parts = parallel::parts(world.records, threads, |people| Part::of(world, people, window, layout));
    let mut files: BTreeMap<FileKey, Vec<Slip>> = empty_files(world, window, layout);
    let mut packed = Vec::with_capacity(parts.len());
    for (number, part) in parts.into_iter().enumerate() {
        for (key, slip) in part.slips {
            files.entry(key).or_default().push(Slip { part: number as u32, ..slip });
        }
        packed.push(part.packed);
    }
    let mut files: Vec<(FileKey, Vec<Slip>)> = files.into_iter().collect();
    files.iter_mut().for_each(|(_, slips)| slips.sort_by_key(|slip| slip.order));
    let write = |job: usize| {
        let (key, slips) = &files[job];
        let table = usize::from(key.0);
        let columns = TABLES[table].1;
        let mut planted = Vec::new();
        let file = sheet(world, *key, layout).write(place, format, &mut |cells| {
            for (row, slip) in slips.iter().enumerate() {
                let bytes = &packed[slip.part as usize][table].0[slip.offset as usize..];
                packed::replay(bytes, columns, cells)?;
                let mark = slip.defect.as_deref();
                planted.extend(mark.map(|&(column, rule)| Planted { row: row as u64 + 1, column, rule }));
            }
            Ok(slips.len() as u64)
        })?;
        Ok((file, planted))
    };
    parallel::each(files.len(), threads, write).into_iter().collect()
}

/// The files that a delivery has even when nobody has a row in them: nothing new is news as well.
fn empty_files(world: &World, window: Window, layout: Layout) -> BTreeMap<FileKey, Vec<Slip>> {
    let last_month = month_start(window.until).0;
    let mut keys: Vec<FileKey> = Vec::new();
    for (table, (_, _, filing)) in (0u8..).zip(&TABLES) {
        match (layout, filing) {
            (Layout::OneFile, _) | (_, Filing::Whole) => keys.push((table, 0, 0)),
            (_, Filing::ByPractice) => {
                keys.extend((0..world.practices.len() as u16).map(|practice| (table, practice, 0)))
            }
            (_, Filing::ByTrustAndMonth) => {
                keys.extend((0..world.trusts.len() as u16).map(|trust| (table, trust, last_month)))
            }
        }
    }
    keys.into_iter().map(|key| (key, Vec::new())).collect()
}

fn sheet(world: &World, (table, provider, month): FileKey, layout: Layout) -> Sheet {
    let (name, columns, filing) = TABLES[usize::from(table)];
    let (stem, provider) = match (layout, filing) {
        (Layout::OneFile, _) | (_, Filing::Whole) => (name.to_owned(), None),
        (_, Filing::ByPractice) => {
            let code = &world.practices[usize::from(provider)].code;
            (format!("{name}/{code}"), Some(code.clone()))
        }
        (_, Filing::ByTrustAndMonth) => {
            let (code, (year, month, _)) = (world.trusts[usize::from(provider)], civil(Day(month)));
            (format!("{name}/{code}-{year}-{month:02}"), Some(code.to_owned()))
        }
    };
    Sheet { table: name, columns, stem, provider }
}

impl Part {
    fn of(world: &World, people: Range<u32>, window: Window, layout: Layout) -> Part {
        let mut part = Part { packed: Default::default(), slips: Vec::new() };
        // Beds are counted, and the list of objections refreshed, for each delivery anew.
        let whole = Window { after: None, ..window };
        for number in people {
            let life = Life::of(world, Story::of(world, number), window.until);
            let mut soil = Soil::new(world, number);
            let mut hand = Hand { world, part: &mut part, layout, number };
            hand.put(0, life.patient, window, &mut soil);
            hand.put(1, life.registrations, window, &mut soil);
            hand.put(2, life.episodes, window, &mut soil);
            hand.put(3, life.attendances, window, &mut soil);
            hand.put(4, life.beds, whole, &mut soil);
            hand.put(5, life.deaths, window, &mut soil);
            hand.put(6, life.objections, whole, &mut soil);
        }
        part.packed.iter_mut().for_each(|packed| packed.0.shrink_to_fit());
        part.slips.shrink_to_fit();
        part
    }
}

/// Puts one person's rows into their part.
struct Hand<'a> {
    world: &'a World,
    part: &'a mut Part,
    layout: Layout,
    number: u32,
}

impl Hand<'_> {
    fn put<R: Row>(&mut self, table: usize, rows: Vec<R>, window: Window, soil: &mut Soil) {
        for mut row in rows {
            let defect = soil.defect(&mut row);
            if !window.brings(row.known()) {
                continue;
            }
            let owner = defect.as_ref().and_then(|defect| defect.person).unwrap_or(self.number);
            let offset = self.part.packed[table].0.len() as u32;
            row.write(self.world, owner, &mut self.part.packed[table]).expect("memory takes every write");
            let day = row.known().from;
            let (name, provider) = (table as u8, row.provider(self.world) as u16);
            let key = match (self.layout, R::FILING) {
                (Layout::OneFile, _) | (_, Filing::Whole) => (name, 0, 0),
                (_, Filing::ByPractice) => (name, provider, 0),
                (_, Filing::ByTrustAndMonth) => (name, provider, month_start(day).0),
            };
            let order = if R::FILING == Filing::Whole { 0 } else { self.order(day) };
            let twice = defect.as_ref().is_some_and(|defect| defect.is_twice);
            let mark = defect.map(|defect| Box::new((defect.column, defect.rule)));
            if twice {
                self.part.slips.push((key, Slip { order, part: 0, offset, defect: None }));
            }
            self.part.slips.push((key, Slip { order, part: 0, offset, defect: mark }));
        }
    }

    /// By day, and within a day in an order that has nothing to do with the person's number.
    fn order(&self, day: Day) -> i64 {
        (i64::from(day.0) << 32) | i64::from(self.number.wrapping_mul(0x9E37_79B1))
    }
}
