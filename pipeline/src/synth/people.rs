//! The tables about people outside the GP record: gathered in one pass over everybody, then written file by file.

use std::{collections::BTreeMap, ops::Range};

use crate::{day::Day, error::Result};

use super::{
    around::{
        AppointmentRow, Around, ClinicRow, CommunityRow, EntryRow, Feeds, MentalHealthRow, ReadingRow, ReferralRow,
        TelecareRow, VisitRow, WardRow,
    },
    calendar::{civil, month_start},
    cells::Columns,
    dirt::{self, Dirty, Draft, Planted, Spot},
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

/// Tables in the order in which a person's rows are gathered; the optional ones last.
const TABLES: [Table; 17] = [
    table::<PatientRow>(),
    table::<RegistrationRow>(),
    table::<EpisodeRow>(),
    table::<AttendanceRow>(),
    table::<BedRow>(),
    table::<DeathRow>(),
    table::<ObjectionRow>(),
    table::<AppointmentRow>(),
    table::<ClinicRow>(),
    table::<EntryRow>(),
    table::<CommunityRow>(),
    table::<VisitRow>(),
    table::<ReferralRow>(),
    table::<WardRow>(),
    table::<ReadingRow>(),
    table::<TelecareRow>(),
    table::<MentalHealthRow>(),
];
const OPTIONAL: usize = 10;

/// Name, columns, and files of a table.
type Table = (&'static str, fn(&World) -> Columns, Filing);

const fn table<R: Row>() -> Table {
    (R::TABLE, R::columns, R::FILING)
}

/// The tables that are sent.
fn sent(world: &World) -> &'static [Table] {
    if world.params.feeds == Feeds::None { &TABLES[..TABLES.len() - OPTIONAL] } else { &TABLES }
}

/// Which file a row belongs to: table, provider, and the first day of the month.
type FileKey = (u8, u16, i32);

/// Where a row waits to be written.
struct Slip {
    /// Rows of a file are written in this order, and in that of their persons where it is equal.
    order: i64,
    part: u32,
    offset: u32,
    /// The row itself, where it was hit by a defect: then it is not among the others.
    dirty: Option<Box<Dirty>>,
}

/// Rows of one part of the population.
struct Part {
    packed: [Packed; TABLES.len()],
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
    let parts = parallel::parts(world.records, threads, |people| Part::of(world, people, window, (layout, format)));
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
        let columns = TABLES[table].1(world);
        let mut planted = Vec::new();
        let file = sheet(world, *key, layout).write(place, format, &mut |cells| {
            for (row, slip) in slips.iter().enumerate() {
                match &slip.dirty {
                    Some(dirty) => {
                        dirty.row.write(cells)?;
                        planted.extend(dirty.planted(row as u64 + 1));
                    }
                    None => {
                        let bytes = &packed[slip.part as usize][table].0[slip.offset as usize..];
                        packed::replay(bytes, columns, cells)?;
                    }
                }
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
    for (table, (_, _, filing)) in (0u8..).zip(sent(world)) {
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
    Sheet { table: name, columns: columns(world), stem, provider }
}

impl Part {
    fn of(world: &World, people: Range<u32>, window: Window, target: (Layout, Format)) -> Part {
        let mut part = Part { packed: Default::default(), slips: Vec::new() };
        // Beds are counted, and the list of objections refreshed, for each delivery anew.
        let whole = Window { after: None, ..window };
        for number in people {
            let story = Story::of(world, number);
            let around = Around::of(world, &story);
            let life = Life::of(world, story, window.until);
            let mut hand = Hand { world, part: &mut part, target, number };
            hand.put(0, life.patient, window);
            hand.put(1, life.registrations, window);
            hand.put(2, life.episodes, window);
            hand.put(3, life.attendances, window);
            hand.put(4, life.beds, whole);
            hand.put(5, life.deaths, window);
            hand.put(6, life.objections, whole);
            hand.put(7, around.appointments, window);
            hand.put(8, around.clinics, window);
            hand.put(9, around.entries, window);
            hand.put(10, around.community, window);
            hand.put(11, around.visits, window);
            hand.put(12, around.referrals, window);
            hand.put(13, around.wards, window);
            hand.put(14, around.readings, window);
            hand.put(15, around.telecare, window);
            hand.put(16, around.mental_health, window);
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
    target: (Layout, Format),
    number: u32,
}

impl Hand<'_> {
    fn put<R: Row>(&mut self, table: u8, rows: Vec<R>, window: Window) {
        let (layout, format) = self.target;
        let brought = (0..).zip(&rows).filter(|(_, row)| window.brings(row.known()));
        for (n, row) in brought {
            let day = row.known().from;
            let provider = row.provider(self.world) as u16;
            let key = match (layout, R::FILING) {
                (Layout::OneFile, _) | (_, Filing::Whole) => (table, 0, 0),
                (_, Filing::ByPractice) => (table, provider, 0),
                (_, Filing::ByTrustAndMonth) => (table, provider, month_start(day).0),
            };
            let order = if R::FILING == Filing::Whole { 0 } else { self.order(day) };
            let spot = Spot { table: R::TABLE, person: self.number, group: self.number, row: n };
            let draft = || Draft::of(R::columns(self.world), |cells| row.write(self.world, self.number, cells));
            let mut slip = |offset, dirty| self.part.slips.push((key, Slip { order, part: 0, offset, dirty }));
            match dirt::instead(self.world, format, spot, draft) {
                Some(rows) => rows.into_iter().for_each(|dirty| slip(0, Some(Box::new(dirty)))),
                None => {
                    let packed = &mut self.part.packed[usize::from(table)];
                    slip(packed.0.len() as u32, None);
                    row.write(self.world, self.number, packed).expect("memory takes every write");
                }
            }
        }
    }

    /// By day, and within a day in an order that has nothing to do with the person's number.
    fn order(&self, day: Day) -> i64 {
        (i64::from(day.0) << 32) | i64::from(self.number.wrapping_mul(0x9E37_79B1))
    }
}
