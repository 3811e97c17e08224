//! Reading a bucket: every segment's rows, as far as a view may know them.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashSet},
};

use arrow::{array::AsArray, datatypes::UInt32Type};
use earlycall_schemas::table::table;

use crate::{
    error::Result,
    history::{
        View,
        archive::Archive,
        cells::Cells,
        closings::End,
        decode::{Decode, Supplied, visible},
        layout::{KEY, PERSON, SUPPLIED_BY, settled_schema},
        records::Patient,
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
    /// of each segment, the rows of a person that lie together at once, to be taken out.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when a segment cannot be read.
    pub fn rows<T: Decode>(&self, wanted: &[bool], mut take: impl FnMut(u32, &mut Vec<T>)) -> Result<()> {
        let spec = table(T::TABLE).expect("the table is declared");
        let schema = settled_schema(spec);
        let names = schema.fields().iter().map(|field| field.name().as_str());
        let columns: Vec<&str> =
            names.filter(|name| *name != KEY && (T::NAMES_SUPPLIER || *name != SUPPLIED_BY)).collect();
        let segments = if wanted.contains(&true) { self.archive.segments(spec) } else { &[] };
        for segment in segments {
            let selected = self.only.map(|persons| of_persons(segment, self.bucket, persons)).transpose()?;
            if selected.as_ref().is_some_and(Vec::is_empty) {
                continue;
            }
            let ended = self.archive.closings.of(spec, segment.number, self.bucket);
            let ended = match &selected {
                Some(selected) => ended.map(|ended| Cow::Owned(among(selected, ended))),
                None => ended.map(Cow::Borrowed),
            };
            let rows = segment.read(self.bucket, &columns, selected.as_deref())?;
            let persons = column(&rows, PERSON).as_primitive::<UInt32Type>().values();
            let visible = visible(spec, &rows, ended.as_deref(), self.view);
            let visible = visible.filter(|row| wanted[persons[*row] as usize]);
            let (mut of, mut together) = (0, Vec::new());
            T::decode(&Cells::of(&rows, &self.archive.words), visible, self.view, |person, row| {
                if person != of && !together.is_empty() {
                    take(of, &mut together);
                }
                of = person;
                together.push(row);
            });
            if !together.is_empty() {
                take(of, &mut together);
            }
        }
        Ok(())
    }

    /// The patients, one row each. Two suppliers may both know a person: the first by name is heard.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when a segment cannot be read.
    pub fn patients(&self) -> Result<Vec<(u32, Patient)>> {
        let mut heard: BTreeMap<u32, Supplied> = BTreeMap::new();
        let everybody = vec![true; self.archive.people[self.bucket].len()];
        self.rows::<Supplied>(&everybody, |number, patients| {
            for patient in patients.drain(..) {
                let name = |supplied: &Supplied| self.suppliers[supplied.0 as usize].as_str();
                match heard.get(&number) {
                    Some(before) if name(before) <= name(&patient) => {}
                    _ => drop(heard.insert(number, patient)),
                }
            }
        })?;
        Ok(heard.into_iter().map(|(number, Supplied(_, patient))| (number, patient)).collect())
    }
}

/// Ends by the place of a row among those selected.
fn among(selected: &[u32], ended: &BTreeMap<u32, End>) -> BTreeMap<u32, End> {
    let place = |(row, end): (&u32, &End)| Some((selected.binary_search(row).ok()? as u32, *end));
    ended.iter().filter_map(place).collect()
}
