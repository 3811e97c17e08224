//! The settled record: every delivered row, once, in buckets of people, with the days from and until which it was
//! known. A night of any date reads what was known by then; objections, mergers and agreements are always today's.

pub mod arrive;
pub mod bucket;
mod decode;
mod gather;
pub mod ledger;
mod merge;
pub mod records;
mod reference;
pub mod settle;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use arrow::record_batch::RecordBatch;
use earlycall_schemas::table::{TableKind, table, tables};

pub use self::reference::{LsoaRow, PracticeRow, Reference};
use self::{
    bucket::BUCKETS,
    decode::{Cells, Decode, visible},
    ledger::Ledger,
    records::{
        Attendance, DeathReport, Episode, GpEvent, InpatientNow, Objection, Patient, Person, PersonKey, Prescription,
        Registration, ShortCode,
    },
};
use crate::{
    day::Day,
    error::{Error, Kind, Result},
};

/// From where one looks at the history.
#[derive(Clone, Debug)]
pub struct View {
    /// What happened later has not happened yet.
    pub index_date: Day,
    /// What became known later is not known yet. The index date, but for outcomes, which may be known later.
    pub known_by: Day,
    /// Practices whose rows may not be used, by the newest agreements.
    not_sharing: BTreeSet<ShortCode>,
}

impl View {
    /// Whether the rows of a practice may be used. A row without a practice may.
    pub fn shares(&self, practice: ShortCode) -> bool {
        !self.not_sharing.contains(&practice)
    }
}

/// One generation of the settled history, open for reading.
#[derive(Debug)]
pub struct History {
    folder: PathBuf,
    /// What was settled into it.
    pub ledger: Ledger,
    /// Organisations, as the newest delivery has them.
    pub reference: Reference,
}

impl History {
    /// Opens a generation.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when a file of it is missing or damaged.
    pub fn open(folder: &Path) -> Result<History> {
        let path = folder.join("history.json");
        let bytes = fs::read(&path).map_err(|error| Error::storage(&path, "read", &error))?;
        let ledger = Ledger::parse(&bytes)?;
        Ok(History { folder: folder.to_owned(), ledger, reference: Reference::read(folder)? })
    }

    /// What was known on an index date.
    pub fn view(&self, index_date: Day) -> View {
        View { index_date, known_by: index_date, not_sharing: self.reference.not_sharing() }
    }

    /// What had happened by a date, as far as it is known now: for outcomes.
    pub fn view_in_hindsight(&self, until: Day) -> View {
        View { index_date: until, known_by: Day(i32::MAX - 1), not_sharing: self.reference.not_sharing() }
    }

    /// Works on every bucket's people, `threads` at a time, and gives the results in the order of the buckets, which
    /// is the order of the person keys. The result is the same on any number of threads.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when a bucket cannot be read.
    pub fn each_bucket<T: Send>(
        &self,
        view: &View,
        threads: usize,
        work: impl Fn(Vec<Person>) -> T + Sync,
    ) -> Result<Vec<T>> {
        in_order(threads, BUCKETS, |bucket| Ok(work(self.people(bucket, view)?)))
    }

    /// The people of one bucket, sorted by key, each with every row known under the view.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when a table of the bucket cannot be read.
    pub fn people(&self, bucket: usize, view: &View) -> Result<Vec<Person>> {
        let mut people = gather::People::new(self.rows::<Patient>(bucket, view)?, &self.ledger);
        people.add(self.rows::<Registration>(bucket, view)?, |person| &mut person.registrations);
        people.add(self.rows::<GpEvent>(bucket, view)?, |person| &mut person.gp_events);
        people.add(self.rows::<Prescription>(bucket, view)?, |person| &mut person.prescriptions);
        people.add(self.rows::<Episode>(bucket, view)?, |person| &mut person.episodes);
        people.add(self.rows::<Attendance>(bucket, view)?, |person| &mut person.attendances);
        people.add(self.rows::<InpatientNow>(bucket, view)?, |person| &mut person.inpatient_now);
        people.add(self.rows::<DeathReport>(bucket, view)?, |person| &mut person.deaths);
        people.add(self.rows::<Objection>(bucket, view)?, |person| &mut person.objections);
        Ok(people.sorted())
    }

    /// Per clinical table with a row known under the view: the day of the newest event. A table that is not here is a
    /// missing feed.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when a table cannot be read.
    pub fn newest_events(&self, view: &View, threads: usize) -> Result<BTreeMap<String, Day>> {
        let clinical: Vec<_> = tables().iter().filter(|table| table.kind == TableKind::Clinical).collect();
        let per_bucket = in_order(threads, BUCKETS, |bucket| {
            let mut newest = BTreeMap::new();
            for table in &clinical {
                let rows = bucket::read(&self.folder, table, bucket)?;
                let day = newest_event(table, &rows, view);
                newest.extend(day.map(|day| (table.name.clone(), day)));
            }
            Ok(newest)
        })?;
        let mut newest: BTreeMap<String, Day> = BTreeMap::new();
        for (table, day) in per_bucket.into_iter().flatten() {
            newest.entry(table).and_modify(|so_far| *so_far = day.max(*so_far)).or_insert(day);
        }
        Ok(newest)
    }

    /// The persons settled so far and their months of birth, for checks across tables.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when a bucket cannot be read.
    pub fn births(&self) -> Result<Vec<(PersonKey, Day)>> {
        let view = self.view(Day(0));
        let mut births = Vec::new();
        for bucket in 0..BUCKETS {
            let patients = self.rows::<Patient>(bucket, &view)?;
            births.extend(patients.into_iter().filter_map(|(key, patient)| Some((key, patient.birth_month?))));
        }
        births.sort_unstable();
        Ok(births)
    }

    /// Where the generation lies.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn rows<T: Decode>(&self, bucket: usize, view: &View) -> Result<Vec<(PersonKey, T)>> {
        let spec = table(T::TABLE).expect("the table is declared");
        let rows = bucket::read(&self.folder, spec, bucket)?;
        Ok(T::decode(&Cells::of(&rows), &mut visible(spec, &rows, view), view))
    }
}

fn newest_event(table: &earlycall_schemas::table::TableSpec, rows: &RecordBatch, view: &View) -> Option<Day> {
    let event = table.event.as_deref()?;
    let cells = Cells::of(rows);
    let is_date = rows
        .schema()
        .field_with_name(event)
        .is_ok_and(|field| *field.data_type() == arrow::datatypes::DataType::Date32);
    let happened: Vec<Day> = match is_date {
        true => {
            let days = cells.days(event);
            visible(table, rows, view).filter_map(|row| days.get(row)).collect()
        }
        false => {
            let moments = cells.instants(event);
            visible(table, rows, view).filter_map(|row| moments.get(row)).map(Day::of).collect()
        }
    };
    happened.into_iter().filter(|&day| day <= view.index_date).max()
}

/// Runs `work` for 0 to `n`, on some threads, and gives the results in order.
pub(crate) fn in_order<T: Send>(threads: usize, n: usize, work: impl Fn(usize) -> Result<T> + Sync) -> Result<Vec<T>> {
    let next = AtomicUsize::new(0);
    let done: Mutex<BTreeMap<usize, Result<T>>> = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        for _ in 0..threads.clamp(1, n) {
            scope.spawn(|| {
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    if i >= n {
                        return;
                    }
                    let result = work(i);
                    done.lock().expect("a thread that panics ends the scope").insert(i, result);
                }
            });
        }
    });
    done.into_inner().expect("every thread has ended").into_values().collect()
}

/// Refuses a history that leaves the night without what it cannot do without.
///
/// # Errors
/// * [`Kind::Extract`] when a table that must not be empty is.
pub fn require_tables(ledger: &Ledger, may_lack_objections: bool) -> Result<()> {
    const REQUIRED: [&str; 8] = [
        "patients",
        "registrations",
        "apc_episodes",
        "deaths",
        "opt_outs",
        "reference_practices",
        "reference_lsoa",
        "reference_teams",
    ];
    for name in REQUIRED {
        let is_empty = ledger.rows_of(name) == 0;
        if is_empty && !(name == "opt_outs" && may_lack_objections) {
            let hint = match name {
                "opt_outs" => {
                    "without the list of objections nobody may be scored; ask the supplier for it, or, if there are \
                     none, say so in [extracts] no_objections_recorded with a name and a reason"
                }
                _ => "ask the supplier for this table; last night's worklists stay as they are",
            };
            return Err(Error::new(Kind::Extract, "the table is empty or absent in everything delivered so far")
                .file(name)
                .rule("V01")
                .hint(hint));
        }
    }
    Ok(())
}
