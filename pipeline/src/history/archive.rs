//! What a generation of the settled history holds on disk, open for reading and for the next delivery.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use arrow::{
    array::{Array, AsArray, FixedSizeBinaryArray, RecordBatch},
    datatypes::{DataType, Field, Schema, SchemaRef},
};
use earlycall_schemas::table::TableSpec;

use crate::{
    error::{Error, Kind, Result},
    history::{
        bucket::BUCKETS,
        closings::{self, Closings},
        layout::{person_tables, settled_schema},
        ledger::Ledger,
        records::PersonKey,
        segment::{Segment, SegmentWriter, path_of},
        words::Words,
    },
    meaning::{GpMeanings, embedded},
    store::staged::Staged,
};

/// The folder of the persons, which is laid out as a table's is.
pub const PEOPLE: &str = "people";

/// The persons, words, segments and closings of a generation.
#[derive(Debug)]
pub struct Archive {
    /// The codes of all segments, by number.
    pub words: Words,
    /// Per bucket, persons by number.
    pub people: Vec<Vec<PersonKey>>,
    /// Per table about persons, its segments, by number.
    pub segments: BTreeMap<&'static str, Vec<Segment>>,
    /// Segments of [`PEOPLE`].
    pub people_segments: Vec<Segment>,
    /// Which rows of segments count no longer.
    pub closings: Closings,
}

impl Archive {
    /// Before the first delivery.
    pub fn empty() -> Archive {
        Archive {
            words: Words::under(embedded()),
            people: vec![Vec::new(); BUCKETS],
            segments: person_tables().map(|table| (table.name.as_str(), Vec::new())).collect(),
            people_segments: Vec::new(),
            closings: Closings::default(),
        }
    }

    /// Opens what the ledger of a generation names; its codes mean what these meanings say.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when a file is missing or damaged.
    pub fn open(generation: &Path, ledger: &Ledger, meanings: &'static GpMeanings) -> Result<Archive> {
        let (closings, words) = (Closings::read(generation)?, Words::under(meanings));
        let mut archive = Archive { closings, words, ..Archive::empty() };
        let words = &mut archive.words;
        for table in person_tables() {
            let of_table = segments(generation, ledger, &table.name, settled_schema(table), words)?;
            if of_table.is_empty() {
                archive.closings.forget(table, |_| false); // of a table that may be read no longer
            }
            archive.segments.insert(&table.name, of_table);
        }
        (archive.people_segments, archive.people) = roll(generation, ledger, words)?;
        Ok(archive)
    }

    /// How many people there are, at most: whoever moved to another bucket is counted in both.
    pub fn n_people(&self) -> usize {
        self.people.iter().map(Vec::len).sum()
    }

    /// The segments of a table, by number.
    pub fn segments(&self, table: &TableSpec) -> &[Segment] {
        self.segments.get(table.name.as_str()).map_or(&[], Vec::as_slice)
    }

    /// Writes a segment of people who are new, per bucket, and tells its number and its buckets; none where nobody is.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when the disk does not take it.
    pub fn write_people(
        &self,
        new: &[Vec<PersonKey>],
        delivery: u32,
        staged: &Staged,
    ) -> Result<Option<(u32, Vec<u8>)>> {
        if new.iter().all(Vec::is_empty) {
            return Ok(None);
        }
        let number = self.people_segments.last().map_or(0, |last| last.number) + 1;
        let mut file = SegmentWriter::create(staged, &path_of(PEOPLE, number), &people_schema(), None, delivery)?;
        for (bucket, new) in new.iter().enumerate().filter(|(_, new)| !new.is_empty()) {
            file.append(bucket, &people_rows(new), &[])?;
        }
        Ok(Some((number, file.finish()?)))
    }

    /// Takes in people who are new: each gets a number after those who are known. `segment` is the one that was written of
    /// them.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when it cannot be read.
    pub fn add_people(
        &mut self,
        new: Vec<Vec<PersonKey>>,
        segment: Option<(u32, Vec<u8>)>,
        staged: &Staged,
    ) -> Result<()> {
        let Some((number, buckets)) = segment else { return Ok(()) };
        self.people.iter_mut().zip(new).for_each(|(known, new)| known.extend(new));
        let path = staged.path().join(path_of(PEOPLE, number));
        self.people_segments.push(Segment::open(path, number, people_schema(), &buckets, &mut self.words)?);
        Ok(())
    }

    /// Writes the closings, and gives the segments of an older generation a second name.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when the disk does not take them.
    pub fn write(&self, staged: &Staged) -> Result<()> {
        staged.put(closings::FILE, &self.closings.to_parquet())?;
        let tables = self.segments.iter().map(|(table, segments)| (*table, segments));
        for (table, segments) in tables.chain([(PEOPLE, &self.people_segments)]) {
            for segment in segments {
                let path = path_of(table, segment.number);
                if !staged.path().join(&path).exists() {
                    staged.link(&path, segment.path())?;
                }
            }
        }
        Ok(())
    }
}

/// Everybody of whom anything was ever delivered, per bucket by number, and the segments that say so.
///
/// # Errors
/// * [`Kind::Storage`] when a file is missing or damaged.
pub fn roll(generation: &Path, ledger: &Ledger, words: &mut Words) -> Result<(Vec<Segment>, Vec<Vec<PersonKey>>)> {
    let segments = segments(generation, ledger, PEOPLE, people_schema(), words)?;
    let mut people = vec![Vec::new(); BUCKETS];
    for segment in &segments {
        for (bucket, people) in people.iter_mut().enumerate() {
            people.extend(keys_of(segment, bucket)?);
        }
    }
    Ok((segments, people))
}

fn segments(
    generation: &Path,
    ledger: &Ledger,
    table: &str,
    schema: SchemaRef,
    words: &mut Words,
) -> Result<Vec<Segment>> {
    let recorded = ledger.segments.get(table).map_or(&[][..], Vec::as_slice);
    let open = |(number, buckets): &(u32, Vec<u8>)| {
        Segment::open(generation.join(path_of(table, *number)), *number, schema.clone(), buckets, words)
    };
    recorded.iter().map(open).collect()
}

/// The columns of a segment of [`PEOPLE`].
pub fn people_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new("person_id", DataType::FixedSizeBinary(32), false)]))
}

/// Persons as rows of a segment.
pub fn people_rows(people: &[PersonKey]) -> RecordBatch {
    let keys = FixedSizeBinaryArray::try_from_iter(people.iter().map(|key| key.as_bytes()));
    RecordBatch::try_new(people_schema(), vec![Arc::new(keys.expect("every key has 32 bytes"))])
        .expect("the column is the schema's")
}

fn keys_of(segment: &Segment, bucket: usize) -> Result<Vec<PersonKey>> {
    if segment.rows_of(bucket) == 0 {
        return Ok(Vec::new());
    }
    let rows = segment.read(bucket, &["person_id"], None)?;
    let keys = rows.column(0).as_fixed_size_binary();
    let key = |row| PersonKey::from_bytes(keys.value(row));
    let keys: Option<Vec<PersonKey>> = (0..keys.len()).map(key).collect();
    keys.ok_or_else(|| Error::new(Kind::Storage, "is not a list of persons").file(PEOPLE))
}
