//! Purging: of whoever objects the history keeps the objection and the number that it names them by, and nothing else.
//!
//! Segments never change, so those that hold rows about such people are written anew, into the generation that is being
//! made, and the others are linked as ever. Whoever lost rows is listed beside them ([`LEAVING`]) until the published
//! nights know nothing of them either: a run that dies in between goes on where it stopped.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    path::Path,
};

use arrow::{
    array::{Array, AsArray},
    datatypes::Date32Type,
};
use earlycall_schemas::table::{TableKind, TableSpec};
use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Kind, Result},
    history::{
        History,
        archive::Archive,
        bucket::BUCKETS,
        in_order,
        layout::{KNOWN_TO, PERSON, person_tables, settled_schema},
        ledger::Ledger,
        objectors::{self, Newest},
        part::MANY_ROWS,
        person_map::PersonSet,
        records::PersonKey,
        segment::{Segment, path_of},
        standing::{of_persons, persons},
        versions::column,
    },
    objections::register::{Matter, Register},
    settings,
    sha256::Running,
    store::staged::Staged,
};

/// Beside the rows of a generation: the people of whom rows were purged and whom published nights may still know.
pub const LEAVING: &str = "leaving.json";

/// Whose rows are not kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Those who object, and every other record of theirs, sent or not.
    people: PersonSet,
    /// Of those who have several records, the groups.
    pub groups: BTreeSet<PersonKey>,
    fingerprint: Option<String>,
}

impl LeftOut {
    /// Whoever objects in a way that removes them, by the newest entries that are delivered and by what is noted here.
    pub fn of(newest: &Newest, register: &Register, ledger: &Ledger, settings: &settings::Objections) -> LeftOut {
        let delivered = newest.iter().filter(|((_, kind), (_, is_dissent))| *is_dissent && settings.removes(*kind));
        let noted = register.in_force().into_iter();
        let noted = noted.filter(|(_, matters)| {
            matters.iter().any(|matter| matches!(matter, Matter::Objection(kind) if settings.removes(*kind)))
        });
        let people = delivered.map(|((person, _), _)| *person).chain(noted.map(|(person, _)| person));
        let ends: BTreeSet<PersonKey> = people.map(|person| ledger.merged.group(person)).collect();
        // Whoever is merged into a placeholder is of no group but their own, and objects where that does.
        let ends_of = |person| [ledger.merged.group(person), ledger.merged.last_named(person)];
        let end_that_objects = |person| ends_of(person).into_iter().find(|end| ends.contains(end) && *end != person);
        let merged: Vec<(PersonKey, PersonKey)> = ledger
            .merged
            .superseded()
            .into_iter()
            .filter_map(|person| Some((person, end_that_objects(person)?)))
            .collect();
        let mut hasher = Running::new();
        let all = || ends.iter().copied().chain(merged.iter().map(|(person, _)| *person));
        all().for_each(|person| hasher.update(person.as_bytes()));
        let fingerprint = (!ends.is_empty()).then(|| hasher.finish());
        LeftOut { people: all().collect(), groups: merged.iter().map(|(_, group)| *group).collect(), fingerprint }
    }

    /// Whether a person's rows are not kept.
    pub fn has(&self, person: PersonKey) -> bool {
        self.people.contains(&person)
    }

    /// Whoever of a bucket is left out and has rows, by number.
    fn numbers(&self, people: &[PersonKey], without_rows: &LeftOut) -> HashSet<u32> {
        let has_rows = |person: &PersonKey| self.has(*person) && !without_rows.has(*person);
        (0..).zip(people).filter(|(_, person)| has_rows(person)).map(|(number, _)| number).collect()
    }

    /// Whether nobody is left out.
    pub fn is_nobody(&self) -> bool {
        self.people.is_empty()
    }

    /// A number for all of them and for the records that are merged into theirs, if there are any: while it stays, there
    /// is nothing to purge but in what arrives.
    pub fn fingerprint(&self) -> Option<&str> {
        self.fingerprint.as_deref()
    }
}

/// Who is known to have no rows, so that nobody looks for them.
#[derive(Debug, Default)]
pub struct Without {
    /// In the segments of the generation before.
    pub settled: LeftOut,
    /// In those of the one that is being made.
    pub arrived: LeftOut,
}

/// What was purged.
#[derive(Clone, Debug, Default)]
pub struct Purged {
    /// Whose rows.
    pub people: BTreeSet<PersonKey>,
    /// How many rows of each table.
    pub rows: BTreeMap<&'static str, u64>,
    /// Of these, rows that counted until now.
    pub counting: BTreeMap<&'static str, u64>,
}

/// Writes anew, into a generation in the making, every segment that holds rows about people who are left out; objections
/// stay.
///
/// # Errors
/// * [`Kind::Storage`] when a segment cannot be read or written.
pub fn purge(
    archive: &mut Archive,
    left_out: &LeftOut,
    without: &Without,
    staged: &Staged,
    threads: usize,
) -> Result<Purged> {
    let mut purged = Purged::default();
    if left_out.is_nobody() {
        return Ok(purged);
    }
    let numbers =
        |without: &LeftOut| in_order(threads, BUCKETS, |bucket| Ok(left_out.numbers(&archive.people[bucket], without)));
    let (settled, arrived) = (numbers(&without.settled)?, numbers(&without.arrived)?);
    let looked_for = |segment: &Segment| match segment.path().starts_with(staged.path()) {
        true => arrived.as_slice(),
        false => settled.as_slice(),
    };
    for table in person_tables().filter(|table| table.kind != TableKind::Permission) {
        let concerned: Vec<(usize, Found)> = concerned(archive.segments(table), looked_for, threads)?;
        for (at, found) in &concerned {
            for (bucket, rows) in found.iter().enumerate() {
                note(archive, table, *at, bucket, rows, &mut purged)?;
            }
        }
        let archived = &*archive;
        let rewritten = in_order(threads, concerned.len(), |n| {
            let (at, found) = &concerned[n];
            rewrite(&archived.segments(table)[*at], table, found, staged)
        })?;
        for ((at, found), buckets) in concerned.into_iter().zip(rewritten).rev() {
            replace(archive, table, at, &found, &buckets, staged)?;
        }
    }
    Ok(purged)
}

/// Per bucket, the rows of a segment that are to go.
type Found = Vec<Vec<u32>>;

/// The segments with rows that are to go, by their place, and these rows. `looked_for` tells whose, per bucket.
fn concerned<'a>(
    segments: &[Segment],
    looked_for: impl Fn(&Segment) -> &'a [HashSet<u32>] + Sync,
    threads: usize,
) -> Result<Vec<(usize, Found)>> {
    let of_segment = |(at, segment): (usize, &Segment)| {
        let buckets: Vec<usize> = segment.buckets().map(usize::from).collect();
        buckets.into_iter().map(move |bucket| (at, bucket))
    };
    let places = segments.iter().enumerate().flat_map(of_segment);
    let is_looked_at = |(at, bucket): &(usize, usize)| !looked_for(&segments[*at])[*bucket].is_empty();
    let places: Vec<(usize, usize)> = places.filter(is_looked_at).collect();
    let found = in_order(threads, places.len(), |n| {
        let (at, bucket) = places[n];
        of_persons(&segments[at], bucket, &looked_for(&segments[at])[bucket])
    })?;
    let mut concerned: BTreeMap<usize, Found> = BTreeMap::new();
    for ((at, bucket), rows) in places.into_iter().zip(found).filter(|(_, rows)| !rows.is_empty()) {
        concerned.entry(at).or_insert_with(|| vec![Vec::new(); BUCKETS])[bucket] = rows;
    }
    Ok(concerned.into_iter().collect())
}

/// Counts the rows that go, and notes whose they are.
fn note(
    archive: &Archive,
    table: &'static TableSpec,
    at: usize,
    bucket: usize,
    rows: &[u32],
    purged: &mut Purged,
) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let segment = &archive.segments(table)[at];
    let gone = segment.read(bucket, &[PERSON, KNOWN_TO], Some(rows))?;
    purged.people.extend(persons(&gone).values().iter().map(|number| archive.people[bucket][*number as usize]));
    let ended = archive.closings.of(table, segment.number, bucket);
    let ends = column(&gone, KNOWN_TO).as_primitive::<Date32Type>();
    let counts = |(n, row): (usize, &u32)| ends.is_null(n) && ended.is_none_or(|ended| !ended.contains_key(row));
    *purged.rows.entry(&table.name).or_default() += rows.len() as u64;
    *purged.counting.entry(&table.name).or_default() +=
        rows.iter().enumerate().filter(|(n, row)| counts((*n, row))).count() as u64;
    Ok(())
}

/// Writes a segment without some rows under the number that it has: the buckets that are left. One without any is not
/// written.
fn rewrite(segment: &Segment, table: &'static TableSpec, found: &Found, staged: &Staged) -> Result<Vec<u8>> {
    let path = path_of(&table.name, segment.number);
    let buckets = segment.write_without(found, &path, table.event.as_deref(), staged)?;
    if !buckets.is_empty() && segment.rows() > MANY_ROWS {
        staged.begin_sync(&path);
    }
    Ok(buckets)
}

/// Puts a segment that was written anew in the place of the one it was; one that was left empty goes.
fn replace(
    archive: &mut Archive,
    table: &'static TableSpec,
    at: usize,
    found: &Found,
    buckets: &[u8],
    staged: &Staged,
) -> Result<()> {
    let segments = archive.segments.get_mut(table.name.as_str()).expect("every table has a list");
    let number = segments[at].number;
    for bucket in segments[at].buckets().map(usize::from) {
        archive.closings.without(table, number, bucket, &found[bucket]);
    }
    if buckets.is_empty() {
        segments.remove(at);
        return Ok(());
    }
    let path = staged.path().join(path_of(&table.name, number));
    segments[at] = Segment::open(path, number, settled_schema(table), buckets, &mut archive.words)?;
    Ok(())
}

/// Whose rows were purged, and how many, since published nights last forgot anybody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Leaving {
    /// The people.
    pub people: BTreeSet<PersonKey>,
    /// Rows of each table.
    pub rows: BTreeMap<String, u64>,
}

impl Leaving {
    /// Adds what was purged now.
    pub fn add(&mut self, purged: &Purged) {
        self.people.extend(&purged.people);
        for (table, n) in &purged.rows {
            *self.rows.entry((*table).to_owned()).or_default() += n;
        }
    }

    /// Lists them beside the rows of a generation in the making.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when the disk does not take it.
    pub fn write(&self, staged: &Staged) -> Result<()> {
        match self.people.is_empty() {
            true => Ok(()),
            false => staged.put(LEAVING, &serde_json::to_vec(self).expect("keys are plain data")),
        }
    }
}

/// Whoever objects by now, by what is settled and what was noted when the history was opened.
///
/// # Errors
/// * [`Kind::Storage`] when a segment cannot be read.
pub fn left_out(history: &History, settings: &settings::Objections, threads: usize) -> Result<LeftOut> {
    let newest = objectors::settled(&history.archive, &history.ledger, threads)?;
    Ok(LeftOut::of(&newest, &history.register, &history.ledger, settings))
}

/// The people whom published nights may still know, as a generation lists them.
///
/// # Errors
/// * [`Kind::Storage`] when the list is damaged.
pub fn leaving(generation: &Path) -> Result<Leaving> {
    let path = generation.join(LEAVING);
    match std::fs::read(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Leaving::default()),
        Err(error) => Err(Error::storage(&path, "read", &error)),
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|_| {
            Error::new(Kind::Storage, "is not a list of people who are leaving").file(path.display().to_string())
        }),
    }
}
