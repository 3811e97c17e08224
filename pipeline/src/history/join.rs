//! One delivery joins the archive: taken in, settled bucket by bucket, and written as the next segments.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::PathBuf,
    sync::Mutex,
};

use arrow::{
    array::{AsArray, RecordBatch},
    compute::concat_batches,
};
use earlycall_schemas::table::{TableSpec, tables};

use crate::{
    day::Day,
    error::Result,
    extract::{self, Accepted, Delivery, Registry, delivery::DeliveryFolder},
    history::{
        History,
        archive::{Archive, PEOPLE, people_rows, people_schema},
        arrive::note_supplies,
        bucket::BUCKETS,
        closings::End,
        intake::{Intake, TakenIn, WITHDRAWN, settled, waiting, waiting_schema},
        known_from::Arrival,
        layout::{person_tables, settled_schema},
        ledger::Ledger,
        order::each_in_order,
        records::PersonKey,
        segment::{Encoded, Segment, SegmentWriter, path_of},
        settle::{Settled, Settling},
        versions::{self, Fresh, Terms, column},
        whole,
        words::{Renumbering, Words},
    },
    settings::Settings,
    store::staged::Staged,
};

/// A table with more segments than this has all but its first written anew as one, or all of them when those outweigh
/// a quarter of the first.
const SEGMENTS_MAX: usize = 16;
/// Of the memory that a run may use, the part that rows may take before they wait on disk.
const WAITING_SHARE: usize = 4;

/// A generation in the making.
pub struct Joining<'s, 'd> {
    /// What is settled so far.
    pub ledger: Ledger,
    archive: Archive,
    references: BTreeMap<&'static str, RecordBatch>,
    staged: &'s Staged<'d>,
}

impl<'s, 'd> Joining<'s, 'd> {
    /// Goes on from a generation, or begins the first.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when the generation cannot be read or its successor not be made.
    pub fn onto(current: Option<History>, staged: &'s Staged<'d>) -> Result<Joining<'s, 'd>> {
        for table in person_tables().map(|table| table.name.as_str()).chain([PEOPLE, "reference"]) {
            staged.create_folder(table)?;
        }
        let mut references = BTreeMap::new();
        for table in tables().iter().filter(|table| !table.is_about_persons()) {
            let rows = match &current {
                Some(history) => whole::read(history.folder(), table)?,
                None => RecordBatch::new_empty(settled_schema(table)),
            };
            references.insert(table.name.as_str(), rows);
        }
        let (ledger, archive) = match current {
            Some(history) => (history.ledger, history.archive),
            None => (Ledger::default(), Archive::empty()),
        };
        Ok(Joining { ledger, archive, references, staged })
    }

    /// Joins a delivery.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Extract`] when a file of it is refused.
    /// * [`crate::error::Kind::Storage`] when the next segments cannot be written.
    pub fn join(
        &mut self,
        folder: &DeliveryFolder,
        registry: &mut Registry,
        settings: &Settings,
        threads: usize,
    ) -> Result<Delivery> {
        let extracted_on = Day::of(folder.manifest.extracted_at);
        let intake = Intake::new(
            &self.ledger,
            &self.archive,
            extracted_on,
            &settings.extracts.lag_days,
            self.staged,
            usize::try_from(settings.run.memory_limit_bytes()).unwrap_or(usize::MAX) / WAITING_SHARE,
        );
        let full = Mutex::new(Full::new());
        let take = |accepted: Accepted| {
            if accepted.is_full {
                full.lock()
                    .expect("inserting doesn't panic")
                    .insert((accepted.table.name.as_str(), accepted.provider.clone()));
            }
            intake.take(accepted)
        };
        let inspection = extract::inspect(folder, registry, threads, &take);
        let delivery = inspection.admit(settings.gate.rejected_rows_max)?;
        let taken = intake.finish()?;
        let full = full.into_inner().expect("inserting doesn't panic");
        self.settle(taken, &full, extracted_on, threads)?;
        note_supplies(&mut self.ledger, &delivery);
        Ok(delivery)
    }

    /// Writes everything but the segments, which are written already.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when the disk does not take it.
    pub fn write(&mut self) -> Result<()> {
        for (table, rows) in self.references.iter().filter(|(_, rows)| rows.num_rows() > 0) {
            let spec = earlycall_schemas::table::table(table).expect("declared");
            self.staged.put(&whole::path_of(spec), &whole::to_parquet(rows))?;
        }
        self.archive.write(self.staged)?;
        let of = |segments: &Vec<Segment>| {
            segments.iter().map(|segment| (segment.number, segment.buckets().to_vec())).collect::<Vec<_>>()
        };
        self.ledger.segments =
            self.archive.segments.iter().map(|(table, segments)| ((*table).to_owned(), of(segments))).collect();
        self.ledger.segments.insert(PEOPLE.to_owned(), of(&self.archive.people_segments));
        self.staged.put("history.json", &self.ledger.to_bytes())
    }

    fn settle(&mut self, taken: TakenIn, full: &Full, extracted_on: Day, threads: usize) -> Result<()> {
        let number = self.ledger.deliveries.len() as u32 + 1;
        let references: Vec<_> =
            taken.references.iter().map(|of| waiting_references(of, extracted_on, &taken.words)).collect();
        let (texts, words) = taken.words.finish();
        let word_of: HashMap<&str, u32> = texts.iter().enumerate().map(|(n, text)| (text.as_str(), n as u32)).collect();
        let terms = |table: &TableSpec| {
            let of_table = full.iter().filter(|(name, _)| *name == table.name);
            let suppliers = of_table.filter_map(|(_, provider)| word_of.get(provider.as_str()).copied());
            Terms { extracted_on, full_suppliers: suppliers.collect() }
        };
        self.ledger.merged = taken.ledger.merged;
        for (accepted, waiting) in taken.references.iter().zip(&references) {
            self.settle_reference(accepted.table, waiting, &words, &terms(accepted.table));
        }
        let people = taken.roll.finish();
        self.add_people(number, &people)?;
        let numbering = Numbering { people: &people, words: &words };
        for (at, table) in tables().iter().enumerate().filter(|(_, table)| table.is_about_persons()) {
            let settling = Settling {
                table,
                archive: &self.archive,
                moves: &taken.moves,
                terms: terms(table),
                arriving: &taken.arriving[at],
                folded: folded(self.archive.segments(table)),
            };
            let take = |bucket| taken.heap.take(at, bucket);
            let joined = settle_table(&settling, number, self.staged, &take, &numbering, threads)?;
            self.apply(table, number, joined)?;
        }
        taken.heap.clear()?;
        self.archive.words = Words::new(texts);
        Ok(())
    }

    fn settle_reference(
        &mut self,
        table: &'static TableSpec,
        waiting: &[RecordBatch],
        words: &Renumbering,
        terms: &Terms,
    ) {
        let waiting = concat_batches(&waiting_schema(table), waiting).expect("all are of one table");
        let rows =
            versions::settle(table, &self.references[table.name.as_str()], &fresh(table, &waiting, None, words), terms);
        self.ledger.rows.insert(table.name.clone(), rows.num_rows() as u64);
        self.references.insert(&table.name, rows);
    }

    /// Everybody who is new gets a number after those who are known.
    fn add_people(&mut self, number: u32, people: &[(Vec<PersonKey>, Renumbering)]) -> Result<()> {
        if people.iter().all(|(new, _)| new.is_empty()) {
            return Ok(());
        }
        let path = path_of(PEOPLE, number);
        let mut file = SegmentWriter::create(self.staged, &path, &people_schema())?;
        let encoder = file.encoder(&people_schema());
        for (bucket, (new, _)) in people.iter().enumerate().filter(|(_, (new, _))| !new.is_empty()) {
            file.append(bucket, encoder.encode(&people_rows(new)))?;
            self.archive.people[bucket].extend(new);
        }
        let buckets = file.finish()?;
        let path = self.staged.path().join(path);
        self.archive.people_segments.push(Segment::open(path, number, people_schema(), &buckets)?);
        Ok(())
    }

    fn apply(&mut self, table: &'static TableSpec, number: u32, joined: Joined) -> Result<()> {
        let rows = self.ledger.rows.entry(table.name.clone()).or_default();
        *rows = rows.checked_add_signed(joined.growth).expect("no more rows end than there are");
        for (bucket, (segment, row, end)) in joined.ends {
            self.archive.closings.add(table, segment, bucket, row, end);
        }
        let segments = self.archive.segments.get_mut(table.name.as_str()).expect("every table has a list");
        // Several deliveries may make one generation: a segment of this one is not needed under any other name.
        let is_gone = |segment: &&Segment| joined.folded.contains(&segment.number);
        let is_new = |segment: &&Segment| segment.path().starts_with(self.staged.path());
        for segment in segments.iter().filter(is_gone).filter(is_new) {
            self.staged.discard(&path_of(&table.name, segment.number))?;
        }
        segments.retain(|segment| !is_gone(&segment));
        if let Some((path, buckets)) = joined.segment {
            segments.push(Segment::open(path, number, settled_schema(table), &buckets)?);
        }
        let left: BTreeSet<u32> = segments.iter().map(|segment| segment.number).collect();
        self.archive.closings.forget(table, |segment| left.contains(&segment));
        Ok(())
    }
}

/// Tables and suppliers whose rows a delivery replaces.
type Full = BTreeSet<(&'static str, String)>;

/// Final numbers of persons, per bucket, and of words.
struct Numbering<'a> {
    people: &'a [(Vec<PersonKey>, Renumbering)],
    words: &'a Renumbering,
}

/// What a delivery makes of a table.
struct Joined {
    /// The next segment, if any row joined: its file and its buckets.
    segment: Option<(PathBuf, Vec<u8>)>,
    /// By bucket: segment, row and end.
    ends: Vec<(usize, (u32, u32, End))>,
    growth: i64,
    folded: BTreeSet<u32>,
}

/// What a delivery makes of a bucket: nothing, if it doesn't touch it.
struct Bucket {
    number: usize,
    settled: Option<Settled>,
    encoded: Option<Encoded>,
}

fn settle_table(
    settling: &Settling,
    number: u32,
    staged: &Staged,
    take: &(dyn Fn(usize) -> Result<RecordBatch> + Sync),
    numbering: &Numbering,
    threads: usize,
) -> Result<Joined> {
    let table = settling.table;
    let path = path_of(&table.name, number);
    let mut file = SegmentWriter::create(staged, &path, &settled_schema(table))?;
    let encoder = file.encoder(&settled_schema(table));
    let mut joined = Joined { segment: None, ends: Vec::new(), growth: 0, folded: settling.folded.clone() };
    let work = |bucket: usize| -> Result<Bucket> {
        let waiting = take(bucket)?;
        if !settling.is_touched(bucket, waiting.num_rows()) {
            return Ok(Bucket { number: bucket, settled: None, encoded: None });
        }
        let fresh = fresh(table, &waiting, Some(&numbering.people[bucket].1), numbering.words);
        drop(waiting);
        let mut settled = settling.settle(bucket, fresh, &settling.archive.people[bucket])?;
        let encoded = (settled.rows.num_rows() > 0).then(|| encoder.encode(&settled.rows));
        settled.rows = RecordBatch::new_empty(settled_schema(table));
        Ok(Bucket { number: bucket, settled: Some(settled), encoded })
    };
    each_in_order(threads, BUCKETS, work, |Bucket { number, settled, encoded }| {
        if let Some(settled) = settled {
            joined.growth += settled.growth;
            joined.ends.extend(settled.ends.into_iter().map(|end| (number, end)));
        }
        encoded.map_or(Ok(()), |encoded| file.append(number, encoded))
    })?;
    let buckets = file.finish()?;
    match buckets.is_empty() {
        true => staged.discard(&path)?,
        false => joined.segment = Some((staged.path().join(path), buckets)),
    }
    Ok(joined)
}

/// Waiting rows as fresh ones.
fn fresh(table: &'static TableSpec, rows: &RecordBatch, people: Option<&Renumbering>, words: &Renumbering) -> Fresh {
    let withdrawn = column(rows, WITHDRAWN).as_boolean().clone();
    Fresh { rows: settled(table, rows, people, words), withdrawn }
}

fn waiting_references(
    accepted: &Accepted,
    extracted_on: Day,
    words: &crate::history::words::Interner,
) -> Vec<RecordBatch> {
    let provider = &accepted.provider;
    let arrival = Arrival { provider, extracted_on, is_history: false, lag_days: 0 };
    let supplier = words.number(provider);
    let waiting = |rows| waiting(accepted.table, rows, Vec::new(), supplier, &arrival, words);
    accepted.rows.iter().map(waiting).collect()
}

/// The segments that are written anew with the next one.
fn folded(segments: &[Segment]) -> BTreeSet<u32> {
    if segments.len() < SEGMENTS_MAX {
        return BTreeSet::new();
    }
    let rows = |segment: &Segment| segment.rows();
    let later: usize = segments[1..].iter().map(rows).sum();
    let first = if later > rows(&segments[0]) / 4 { 0 } else { 1 };
    segments[first..].iter().map(|segment| segment.number).collect()
}
