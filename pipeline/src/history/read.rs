//! Reading a bucket: every segment's rows, as far as a view may know them.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashSet},
    marker::PhantomData,
};

use arrow::{array::AsArray, datatypes::UInt32Type};
use earlycall_schemas::{
    feeds::FeedView,
    table::{TableSpec, table},
};

use crate::{
    error::Result,
    history::{
        View,
        archive::Archive,
        cells::Cells,
        closings::End,
        decode::{Decode, Supplied, visible},
        feed_rows::Question,
        layout::{KEY, KNOWN_FROM, KNOWN_TO, PERSON, SUPPLIED_BY, kept_columns, settled_schema},
        records::{FeedRow, Patient},
        standing::of_persons,
        versions::column,
    },
};

/// Reads one bucket under a view.
pub struct Reader<'a> {
    /// What is settled.
    pub archive: &'a Archive,
    /// Who sends rows, by number.
    pub suppliers: &'a [String],
    /// The bucket.
    pub bucket: usize,
    /// From where one looks.
    pub view: &'a View,
    /// The numbers of the persons whose rows are wanted; everybody's if absent.
    pub only: Option<&'a HashSet<u32>>,
}

impl Reader<'_> {
    /// Gives the rows of a table that count to `take`, of the persons of whom they are wanted, with the person's number:
    /// of each segment, the rows of a person that lie together at once, behind whatever rows were not taken out before.
    /// Those that nobody takes out are the result.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when a segment cannot be read.
    pub fn rows<T: Decode>(&self, wanted: &[bool], take: impl FnMut(u32, &mut Vec<T>)) -> Result<Vec<T>> {
        let spec = table(T::TABLE).expect("the table is declared");
        let schema = settled_schema(spec);
        let names = schema.fields().iter().map(|field| field.name().as_str());
        let columns: Vec<&str> = names
            .filter(|name| ![KEY, KNOWN_FROM].contains(name) && (T::NAMES_SUPPLIER || *name != SUPPLIED_BY))
            .collect();
        self.decoded(spec, &columns, wanted, &Typed::<T>(PhantomData), take)
    }

    /// Gives the rows of an optional table as [`Reader::rows`] gives those of others.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when a segment cannot be read.
    pub fn feed(
        &self,
        feed: &'static FeedView,
        wanted: &[bool],
        take: impl FnMut(u32, &mut Vec<FeedRow>),
    ) -> Result<Vec<FeedRow>> {
        let spec = table(feed.table()).expect("a feed is a table");
        let asked = Question::of(feed, spec);
        let mut columns: Vec<&str> = kept_columns(spec).map(|column| column.name.as_str()).collect();
        columns.extend([PERSON, KNOWN_TO]);
        self.decoded(spec, &columns, wanted, &asked, take)
    }

    fn decoded<D: Decoder>(
        &self,
        spec: &'static TableSpec,
        columns: &[&str],
        wanted: &[bool],
        decoder: &D,
        mut take: impl FnMut(u32, &mut Vec<D::Row>),
    ) -> Result<Vec<D::Row>> {
        let (mut all, mut n_read) = (Vec::new(), 0);
        let segments = if wanted.contains(&true) { self.archive.segments(spec) } else { &[] };
        let n_all: usize = segments.iter().map(|segment| segment.rows_of(self.bucket)).sum();
        let dated: Vec<&str> = columns.iter().copied().chain([KNOWN_FROM]).collect();
        for segment in segments {
            n_read += segment.rows_of(self.bucket);
            let selected = self.only.map(|persons| of_persons(segment, self.bucket, persons)).transpose()?;
            if selected.as_ref().is_some_and(Vec::is_empty) {
                continue;
            }
            let ended = self.archive.closings.of(spec, segment.number, self.bucket);
            let ended = match &selected {
                Some(selected) => ended.map(|ended| Cow::Owned(among(selected, ended))),
                None => ended.map(Cow::Borrowed),
            };
            let columns = if segment.is_known(self.bucket, self.view.known_by) { columns } else { &dated };
            let rows = segment.read(self.bucket, columns, selected.as_deref())?;
            let persons = column(&rows, PERSON).as_primitive::<UInt32Type>().values();
            let visible = visible(spec, &rows, ended.as_deref(), self.view);
            let visible = visible.filter(|row| wanted[persons[*row] as usize]);
            let (mut of, mut start) = (0, all.len());
            decoder.decode(&Cells::of(&rows, &self.archive.words), visible, self.view, |person, row| {
                if person != of && all.len() > start {
                    take(of, &mut all);
                    start = all.len();
                }
                of = person;
                all.push(row);
            });
            if all.len() > start {
                take(of, &mut all);
            }
            make_room(&mut all, n_read, n_all);
        }
        Ok(all)
    }

    /// The patients, one row each. Two suppliers may both know a person: the first by name is heard.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when a segment cannot be read.
    pub fn patients(&self) -> Result<Vec<(u32, Patient)>> {
        let mut heard: Vec<(u32, Supplied)> = Vec::with_capacity(self.archive.people[self.bucket].len());
        let everybody = vec![true; self.archive.people[self.bucket].len()];
        self.rows::<Supplied>(&everybody, |number, patients| {
            heard.extend(patients.drain(..).map(|patient| (number, patient)));
        })?;
        let supplier = |(_, Supplied(supplier, _)): &(u32, Supplied)| self.suppliers[*supplier as usize].as_str();
        heard.sort_by(|a, b| (a.0, supplier(a)).cmp(&(b.0, supplier(b))));
        heard.dedup_by_key(|(number, _)| *number);
        Ok(heard.into_iter().map(|(number, Supplied(_, patient))| (number, patient)).collect())
    }
}

/// Makes room for what all segments will add to rows that stay, if they add as much as those that are read: a list of
/// hundreds of thousands that grew step by step would be copied at each.
fn make_room<T>(rows: &mut Vec<T>, n_read: usize, n_all: usize) {
    let expected = rows.len() as u64 * n_all as u64 / n_read.max(1) as u64;
    if expected > rows.capacity() as u64 {
        // Segments are not all alike.
        rows.reserve_exact((expected + expected / 16) as usize - rows.len());
    }
}

/// Whatever makes rows of one kind out of cells.
pub(super) trait Decoder {
    /// What it makes.
    type Row;

    /// As [`Decode::decode`].
    fn decode(&self, cells: &Cells, rows: impl Iterator<Item = usize>, view: &View, take: impl FnMut(u32, Self::Row));
}

/// The rows of one typed table.
struct Typed<T>(PhantomData<T>);

impl<T: Decode> Decoder for Typed<T> {
    type Row = T;

    fn decode(&self, cells: &Cells, rows: impl Iterator<Item = usize>, view: &View, take: impl FnMut(u32, T)) {
        T::decode(cells, rows, view, take);
    }
}

/// Ends by the place of a row among those selected.
fn among(selected: &[u32], ended: &BTreeMap<u32, End>) -> BTreeMap<u32, End> {
    let place = |(row, end): (&u32, &End)| Some((selected.binary_search(row).ok()? as u32, *end));
    ended.iter().filter_map(place).collect()
}
