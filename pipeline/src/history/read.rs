//! Reading a bucket: every segment's rows, as far as a view may know them.

use std::collections::{BTreeMap, HashSet};

use earlycall_schemas::table::{TableSpec, table};

use crate::{
    error::Result,
    history::{
        View,
        archive::Archive,
        cells::Cells,
        closings::End,
        decode::{Decode, Supplied, visible},
        layout::{KEY, SUPPLIED_BY, settled_schema},
        records::Patient,
        segment::Segment,
        standing::{of_persons, selection},
    },
};

/// Reads one bucket under a view.
pub struct Reader<'a> {
    /// What is settled.
    pub archive: &'a Archive,
    /// The bucket.
    pub bucket: usize,
    /// From where one looks.
    pub view: &'a View,
    /// The numbers of the persons whose rows are wanted; everybody's if absent.
    pub only: Option<&'a HashSet<u32>>,
}

impl Reader<'_> {
    /// Gives every row of a table that counts to `take`, with the person's number.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when a segment cannot be read.
    pub fn rows<T: Decode>(&self, mut take: impl FnMut(u32, T)) -> Result<()> {
        let spec = table(T::TABLE).expect("the table is declared");
        let schema = settled_schema(spec);
        let names = schema.fields().iter().map(|field| field.name().as_str());
        let columns: Vec<&str> =
            names.filter(|name| *name != KEY && (T::NAMES_SUPPLIER || *name != SUPPLIED_BY)).collect();
        for segment in self.archive.segments(spec) {
            match self.only {
                None => self.all(spec, segment, &columns, &mut take)?,
                Some(persons) => self.some(spec, segment, &columns, persons, &mut take)?,
            }
        }
        Ok(())
    }

    fn all<T: Decode>(
        &self,
        spec: &'static TableSpec,
        segment: &Segment,
        columns: &[&str],
        take: &mut impl FnMut(u32, T),
    ) -> Result<()> {
        let ended = self.archive.closings.of(spec, segment.number, self.bucket);
        let mut first = 0;
        for batch in segment.batches(self.bucket, columns, None)? {
            let batch = batch?;
            let rows = visible(spec, &batch, first, ended, self.view);
            T::decode(&Cells::of(&batch, &self.archive.words), rows, self.view, &mut *take);
            first += batch.num_rows() as u32;
        }
        Ok(())
    }

    fn some<T: Decode>(
        &self,
        spec: &'static TableSpec,
        segment: &Segment,
        columns: &[&str],
        persons: &HashSet<u32>,
        take: &mut impl FnMut(u32, T),
    ) -> Result<()> {
        let numbers = of_persons(segment, self.bucket, persons)?;
        if numbers.is_empty() {
            return Ok(());
        }
        // Ends by the place of a row among those selected.
        let ended = self.archive.closings.of(spec, segment.number, self.bucket).map(|ended| {
            let place = |(row, end): (&u32, &End)| Some((numbers.binary_search(row).ok()? as u32, *end));
            ended.iter().filter_map(place).collect::<BTreeMap<_, _>>()
        });
        let rows = selection(&numbers, segment.rows_of(self.bucket));
        let batch = segment.read(self.bucket, columns, Some(rows))?;
        let rows = visible(spec, &batch, 0, ended.as_ref(), self.view);
        T::decode(&Cells::of(&batch, &self.archive.words), rows, self.view, take);
        Ok(())
    }

    /// The patients, one row each. Two suppliers may both know a person: the first by name is heard.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when a segment cannot be read.
    pub fn patients(&self) -> Result<Vec<(u32, Patient)>> {
        let words = self.archive.words.texts();
        let mut heard: BTreeMap<u32, Supplied> = BTreeMap::new();
        self.rows::<Supplied>(|number, patient| {
            let name = |supplied: &Supplied| words[supplied.0 as usize].as_str();
            match heard.get(&number) {
                Some(before) if name(before) <= name(&patient) => {}
                _ => drop(heard.insert(number, patient)),
            }
        })?;
        Ok(heard.into_iter().map(|(number, Supplied(_, patient))| (number, patient)).collect())
    }
}
