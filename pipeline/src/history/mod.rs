//! The settled record: every delivered row, once, in buckets of people, with the days from and until which it was
//! known. A night of any date reads what was known by then; objections, mergers and agreements are always today's.

mod ahead;
mod archive;
pub mod arrive;
mod arriving;
pub mod beside;
pub mod bucket;
mod cells;
mod closings;
mod decode;
mod due;
mod feed_rows;
pub mod gaps;
mod gather;
mod intake;
mod join;
pub(crate) mod known_from;
mod layout;
pub mod ledger;
pub mod left_out;
mod legal_basis;
mod merge;
pub mod mergers;
mod moving;
mod never_sent;
mod newest;
mod objectors;
mod order;
mod pack;
mod part;
pub mod part_read;
pub mod person_map;
pub mod pieces;
mod profiles;
pub mod purge;
mod read;
pub mod records;
mod reference;
mod reported_dead;
mod required;
mod roll;
pub mod rows;
mod run;
mod seen;
mod segment;
mod sent;
mod sent_lists;
mod settle;
mod sorting;
mod standing;
#[cfg(test)]
mod tests;
mod unsent;
pub(crate) mod versions;
mod waiting;
mod whole;
mod withhold;
mod words;

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    path::{Path, PathBuf},
};

use earlycall_schemas::{feeds::feeds, table::TableKind};

pub use self::beside::Beside;
pub use self::never_sent::{NeverSent, is_on_lines};
pub(crate) use self::order::{both, each_in_order, in_order};
pub use self::reference::{LsoaRow, PracticeRow, RecordsEnd, Reference, is_no_practice};
use self::{
    archive::Archive,
    bucket::{BUCKETS, bucket_of},
    gaps::Gap,
    gather::{People, by_date_and_value},
    layout::person_tables,
    ledger::Ledger,
    read::Reader,
    records::{
        Attendance, DeathReport, Episode, GpEvent, InpatientNow, Objection, Person, PersonKey, Prescription,
        Registration, ShortCode,
    },
    rows::Runs,
    words::Words,
};
pub(crate) use self::{cells::Cells, decode::Decode, layout::PERSON};
use crate::{
    codelists::CodeLists,
    day::Day,
    error::Result,
    meaning::{GpMeanings, embedded},
    objections::register::Register,
    quality::registry::{Known, MALE, Patient},
    settings::LegalBases,
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
    /// The lists that say what its codes mean.
    pub lists: CodeLists,
    /// Who objected or was withdrawn here.
    pub register: Register,
    /// Which optional tables may be read; of all others it knows nothing, whatever the generation holds.
    pub bases: LegalBases,
    /// Rows of tables that may be read no longer, by table: the next generation does not have them.
    pub withdrawn: BTreeMap<String, u64>,
    /// What has arrived of optional tables and is not read, for it cannot be trusted. No generation keeps it.
    untrusted: Vec<Gap>,
    archive: Archive,
}

impl History {
    /// Opens a generation, whose codes mean what these lists say, and of whose optional tables those are there that have a
    /// legal basis.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when a file of it is missing or damaged.
    pub fn open(folder: &Path, lists: CodeLists, bases: &LegalBases) -> Result<History> {
        let mut ledger = Ledger::read(folder)?;
        let withdrawn = ledger.withdraw(bases);
        let archive = Archive::open(folder, &ledger, GpMeanings::of(&lists).for_good())?;
        let mut reference = Reference::read(folder, &archive.words)?;
        reference.note_gaps(&ledger.gaps);
        reference.note_part_read(&ledger.part_read);
        let (register, bases) = (Register::beside(folder)?, bases.clone());
        Ok(History {
            folder: folder.to_owned(),
            reference,
            lists,
            register,
            bases,
            withdrawn,
            untrusted: Vec::new(),
            ledger,
            archive,
        })
    }

    /// Its generation has another place now.
    fn moved_to(&mut self, folder: PathBuf) {
        let segments = self.archive.segments.values_mut().chain([&mut self.archive.people_segments]);
        segments.flatten().for_each(|segment| segment.moved(&self.folder, &folder));
        self.folder = folder;
    }

    /// Of how many people anything was ever delivered, at most: whoever moved to another bucket is counted in both.
    pub fn n_people(&self) -> usize {
        self.archive.n_people()
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
    /// `wants_record` is asked of each person once everything is known of them but their GP record, whose events and
    /// prescriptions are most of all rows: where it is not wanted, the person has none.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when a bucket cannot be read.
    pub fn each_bucket<T: Send>(
        &self,
        view: &View,
        threads: usize,
        wants_record: impl Fn(&Person) -> bool + Sync,
        work: impl Fn(Vec<Person>) -> T + Sync,
    ) -> Result<Vec<T>> {
        in_order(threads, BUCKETS, |bucket| Ok(work(self.read(bucket, view, None, &wants_record)?)))
    }

    /// The same, where each result is taken as soon as those of the buckets before it are, while others are worked on.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when a bucket cannot be read, or as whoever takes says.
    pub fn each_bucket_into<T: Send>(
        &self,
        view: &View,
        threads: usize,
        wants_record: impl Fn(&Person) -> bool + Sync,
        work: impl Fn(Vec<Person>) -> T + Sync,
        take: impl FnMut(T) -> Result<()> + Send,
    ) -> Result<()> {
        each_in_order(threads, BUCKETS, |bucket| Ok(work(self.read(bucket, view, None, &wants_record)?)), take)
    }

    /// The same, where the work needs rows that no [`Person`] holds: it reads them itself, of the bucket it is given.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when a bucket cannot be read, or as the work says.
    pub fn each_bucket_beside<T: Send>(
        &self,
        view: &View,
        threads: usize,
        wants_record: impl Fn(&Person) -> bool + Sync,
        work: impl Fn(Vec<Person>, &Beside) -> Result<T> + Sync,
    ) -> Result<Vec<T>> {
        in_order(threads, BUCKETS, |bucket| {
            let people = self.read(bucket, view, None, &wants_record)?;
            let suppliers = &self.ledger.suppliers;
            let reader = Reader { archive: &self.archive, suppliers, bucket, view, only: None };
            work(people, &Beside::of(reader, &self.ledger))
        })
    }

    /// Works on some people, bucket by bucket; nobody else's rows are decoded.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when a bucket cannot be read.
    pub fn each_listed<T: Send>(
        &self,
        view: &View,
        threads: usize,
        wanted: &BTreeSet<PersonKey>,
        work: impl Fn(Vec<Person>) -> T + Sync,
    ) -> Result<Vec<T>> {
        let mut by_bucket: BTreeMap<usize, HashSet<PersonKey>> = BTreeMap::new();
        for &key in wanted {
            by_bucket.entry(bucket_of(self.ledger.survivor(key))).or_default().insert(key);
        }
        let buckets: Vec<(usize, HashSet<PersonKey>)> = by_bucket.into_iter().collect();
        in_order(threads, buckets.len(), |at| {
            let (bucket, keys) = &buckets[at];
            let is_wanted = |key: &PersonKey| keys.contains(key) || keys.contains(&self.ledger.survivor(*key));
            let everybody = self.archive.people[*bucket].iter().enumerate();
            let numbers = everybody.filter(|(_, key)| is_wanted(key)).map(|(number, _)| number as u32).collect();
            let people = self.read(*bucket, view, Some(&numbers), &|_| true)?;
            Ok(work(people.into_iter().filter(|person| keys.contains(&person.key)).collect()))
        })
    }

    /// The people of one bucket, sorted by key, each with every row known under the view.
    fn read(
        &self,
        bucket: usize,
        view: &View,
        only: Option<&HashSet<u32>>,
        wants_record: &impl Fn(&Person) -> bool,
    ) -> Result<Vec<Person>> {
        let reader = Reader { archive: &self.archive, suppliers: &self.ledger.suppliers, bucket, view, only };
        let keys = &self.archive.people[bucket];
        let mut objections: Vec<(u32, Vec<Objection>)> = Vec::new();
        reader.rows::<Objection>(&vec![true; keys.len()], |number, rows| {
            objections.push((number, std::mem::take(rows)))
        })?;
        let noted: Vec<PersonKey> = self.register.in_force().into_keys().collect();
        let objecting = objections.iter().map(|(number, _)| *number);
        let mut people = People::new(bucket, keys, reader.patients()?, &noted, objecting, &self.ledger);
        people.note(&self.register, &self.ledger);
        for (number, mut rows) in objections {
            people.add(number, &mut rows, |person| &mut person.objections);
        }
        let all = people.whose(|_| true);
        reader
            .rows::<Registration>(&all, |number, rows| people.add(number, rows, |person| &mut person.registrations))?;
        reader.rows::<Episode>(&all, |number, rows| people.add(number, rows, |person| &mut person.episodes))?;
        reader.rows::<Attendance>(&all, |number, rows| people.add(number, rows, |person| &mut person.attendances))?;
        reader
            .rows::<InpatientNow>(&all, |number, rows| people.add(number, rows, |person| &mut person.inpatient_now))?;
        reader.rows::<DeathReport>(&all, |number, rows| people.add(number, rows, |person| &mut person.deaths))?;
        let some = people.whose(wants_record);
        let mut runs = Runs::default();
        let rows = reader.rows::<GpEvent>(&some, |number, rows| runs.note(number, rows.len()))?;
        people.divide(runs, rows, by_date_and_value, |person| &mut person.gp_events);
        let mut runs = Runs::default();
        let rows = reader.rows::<Prescription>(&some, |number, rows| runs.note(number, rows.len()))?;
        people.divide(runs, rows, |issues| issues.sort_by_key(|row| row.date), |person| &mut person.prescriptions);
        for feed in feeds() {
            reader.feed(feed, &some, |number, rows| people.add(number, rows, |person| &mut person.feeds))?;
        }
        Ok(people.sorted())
    }

    /// Per clinical table with a row known under the view: the day of the newest event. A table that is not here is a
    /// missing feed.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when a table cannot be read.
    pub fn newest_events(&self, view: &View, threads: usize) -> Result<BTreeMap<String, Day>> {
        let mut found = BTreeMap::new();
        for table in person_tables().filter(|table| table.kind == TableKind::Clinical) {
            if let Some(day) = newest::event(&self.archive, table, view, threads)? {
                found.insert(table.name.clone(), day);
            }
        }
        Ok(found)
    }

    /// Everybody settled so far, bucket by bucket by number, with what rules on rows must know of whoever is in
    /// `patients`. Where somebody has lived before, nobody stands.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when a bucket cannot be read.
    pub fn everybody(&self, threads: usize) -> Result<Vec<Known>> {
        let anything = self.view(Day(i32::MAX - 1));
        let unsent = self.ledger.merged.unsent();
        let of_buckets = in_order(threads, BUCKETS, |bucket| {
            let suppliers = &self.ledger.suppliers;
            let reader = Reader { archive: &self.archive, suppliers, bucket, view: &anything, only: None };
            let lives_here = |person: &&PersonKey| self.ledger.lives_in(**person, bucket);
            let people = self.archive.people[bucket].iter();
            let known = |person| {
                let is_survivor = unsent.contains(person);
                Known { person: Some(person).filter(lives_here).copied(), patient: None, is_survivor }
            };
            let mut people: Vec<Known> = people.map(known).collect();
            // Of whoever objects nothing else is known, and their rows are no stranger's.
            let unseen = Day::parse("1900-01-01").map(|birth| Patient { birth, is_male: false });
            let noted = self.register.in_force();
            let is_left_out = |key: &PersonKey| noted.contains_key(key) || self.ledger.is_of_objectors(*key);
            for (known, _) in people.iter_mut().zip(&self.archive.people[bucket]).filter(|(_, key)| is_left_out(key)) {
                known.patient = unseen;
            }
            let all = vec![true; people.len()];
            reader.rows::<Objection>(&all, |number, rows| {
                rows.clear();
                people[number as usize].patient = unseen;
            })?;
            for (number, patient) in reader.patients()? {
                let is_male = patient.sex.as_str() == MALE;
                people[number as usize].patient = patient.birth_month.map(|birth| Patient { birth, is_male });
            }
            Ok(people)
        })?;
        Ok(of_buckets.concat())
    }

    /// Where the generation lies.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

/// About how many of some people anything was ever delivered, by a generation whose codes need not be understood.
///
/// # Errors
/// * [`crate::error::Kind::Storage`] when a file is missing or damaged.
pub fn n_known(generation: &Path, ledger: &Ledger, people: &[PersonKey]) -> Result<usize> {
    let (_, known) = archive::roll(generation, ledger, &mut Words::under(embedded()))?;
    let is_known = |person: &&PersonKey| known.iter().any(|of_bucket| of_bucket.contains(person));
    Ok(people.iter().filter(is_known).count())
}
