//! The settled record: every delivered row, once, in buckets of people, with the days from and until which it was
//! known. A night of any date reads what was known by then; objections, mergers and agreements are always today's.

pub mod arrive;
pub mod bucket;
mod decode;
mod due;
mod gather;
pub mod ledger;
mod merge;
pub mod records;
mod reference;
pub mod settle;
#[cfg(test)]
mod tests;

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
use earlycall_schemas::table::{TableKind, TableSpec, table, tables};

pub use self::reference::{LsoaRow, PracticeRow, Reference, is_no_practice};
use self::{
    bucket::{BUCKETS, KNOWN_FROM, KNOWN_TO},
    decode::{Cells, Decode, visible},
    ledger::Ledger,
    records::{
        Attendance, DeathReport, Episode, GpEvent, InpatientNow, Objection, Patient, Person, PersonKey, Prescription,
        Registration, ShortCode,
    },
    settle::days,
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
    /// Whether each practice shares its records, by the newest agreements, which count for past nights too.
    pub agreements: BTreeMap<ShortCode, bool>,
}

impl View {
    /// Whether the GP records of a practice may be used: it has agreed, or the row names no practice.
    pub fn shares(&self, practice: ShortCode) -> bool {
        self.agreements.get(&practice) == Some(&true) || is_no_practice(practice.as_str())
    }

    /// Whether a practice of the area says no. One that has left the list has not: that somebody is registered there
    /// tells that they are registered elsewhere.
    pub fn is_refused_by(&self, practice: ShortCode) -> bool {
        self.agreements.get(&practice) == Some(&false)
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
        View { index_date, known_by: index_date, agreements: self.reference.agreements() }
    }

    /// What had happened by a date, as far as it is known now: for outcomes.
    pub fn view_in_hindsight(&self, until: Day) -> View {
        View { index_date: until, known_by: Day(i32::MAX - 1), agreements: self.reference.agreements() }
    }

    /// Works on every bucket's people, `threads` at a time, and gives the results in the order of the buckets.
    /// A merged record is in the bucket of the one that stands for it. The result is the same on any number of threads.
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

    /// Works on some people alone, bucket by bucket, with the promises of [`History::each_bucket`].
    ///
    /// # Errors
    /// * [`Kind::Storage`] when a bucket cannot be read.
    pub fn each_listed<T: Send>(
        &self,
        view: &View,
        threads: usize,
        wanted: &BTreeSet<PersonKey>,
        work: impl Fn(Vec<Person>) -> T + Sync,
    ) -> Result<Vec<T>> {
        self.each_bucket(view, threads, |mut people| {
            people.retain(|person| wanted.contains(&person.key));
            work(people)
        })
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
                let event = table.event.as_deref().expect("clinical rows happen on a day");
                let wanted = [event, "practice_code", KNOWN_FROM, KNOWN_TO];
                let rows = bucket::read_columns(&self.folder, table, bucket, |name| wanted.contains(&name))?;
                let day = newest_event(table, event, &rows, view);
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
        let mut births = Vec::new();
        for bucket in 0..BUCKETS {
            let spec = table("patients").expect("declared");
            let wanted = ["person_id", "birth_month"];
            let rows = bucket::read_columns(&self.folder, spec, bucket, |name| wanted.contains(&name))?;
            let (persons, months) = (Cells::of(&rows).text("person_id"), Cells::of(&rows).days("birth_month"));
            let of_row = |row| Some((PersonKey::parse(persons.get(row))?, months.get(row)?));
            births.extend((0..rows.num_rows()).filter_map(of_row));
        }
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

/// The newest day that any row of a table tells of, as far as the view may know.
fn newest_event(table: &TableSpec, event: &str, rows: &RecordBatch, view: &View) -> Option<Day> {
    let practices = rows.column_by_name("practice_code").map(|_| Cells::of(rows).text("practice_code"));
    let may_be_used = |row: &usize| practices.as_ref().is_none_or(|practices| view.shares(practices.code(*row)));
    let happened = days(rows.column_by_name(event).expect("the column is read"));
    let known = visible(table, rows, view).filter(may_be_used).filter_map(|row| happened[row]);
    known.filter(|&day| day <= view.index_date).max()
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

/// Refuses what leaves the night without what it cannot do without; `rows_of` counts a table's rows.
///
/// # Errors
/// * [`Kind::Extract`] when a table that must not be empty is.
pub fn require_tables(rows_of: impl Fn(&str) -> u64, may_lack_objections: bool) -> Result<()> {
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
        let is_empty = rows_of(name) == 0;
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
