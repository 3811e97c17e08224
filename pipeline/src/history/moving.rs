//! The rows of whoever changes their bucket, looked for once in each bucket that somebody leaves.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use arrow::array::UInt32Array;

use crate::{
    error::Result,
    history::{
        archive::Archive,
        layout::PERSON,
        merge::{Mover, Moves},
        part::Part,
        roll::Roll,
        standing::{Standing, Wanted, owned, persons},
        versions::with_column,
    },
};

/// The settled rows that change their bucket and are the business of a part: all of them are in memory, as those are whom
/// a delivery newly merges, which are few.
pub struct Moving<'a> {
    leaving: BTreeMap<usize, Leaving<'a>>,
    /// The buckets that lose or gain rows.
    touched: BTreeSet<usize>,
}

/// Who leaves a bucket, and their rows in it.
struct Leaving<'a> {
    movers: &'a [Mover],
    rows: Standing,
}

impl<'a> Moving<'a> {
    /// Finds the rows of everybody who moves.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when a segment cannot be read.
    pub fn of(archive: &Archive, part: &Part, moves: &'a Moves) -> Result<Moving<'a>> {
        let (mut leaving, mut touched) = (BTreeMap::new(), BTreeSet::new());
        for (from, movers) in moves.leaving() {
            let numbers: HashSet<u32> = movers.iter().map(|mover| mover.number).collect();
            let of_segment = |segment| {
                let rows = Standing::read(archive, part.table, segment, from, &Wanted::Persons(&numbers))?;
                Ok(owned(&rows, part))
            };
            let rows = archive.segments(part.table).iter().map(of_segment).collect::<Result<Vec<Standing>>>()?;
            let leaves = Leaving { movers, rows: Standing::together(part.table, rows) };
            if !leaves.rows.places.is_empty() {
                touched.insert(from);
            }
            touched.extend(leaves.targets());
            leaving.insert(from, leaves);
        }
        Ok(Moving { leaving, touched })
    }

    /// Whether a bucket loses or gains rows.
    pub fn touches(&self, bucket: usize) -> bool {
        self.touched.contains(&bucket)
    }

    /// The rows that leave a bucket.
    pub fn leaving(&self, bucket: usize) -> Option<&Standing> {
        self.leaving.get(&bucket).map(|leaving| &leaving.rows)
    }

    /// Whether somebody leaves a bucket, by their number in it.
    pub fn is_leaving(&self, bucket: usize, number: u32) -> bool {
        self.leaving.get(&bucket).is_some_and(|leaving| leaving.mover(number).is_some())
    }

    /// The rows that come to a bucket, loose, under the numbers that their persons have there.
    pub fn coming(&self, bucket: usize, roll: &Roll) -> impl Iterator<Item = Standing> {
        self.leaving.values().filter_map(move |leaving| {
            let comes: Vec<bool> = leaving.targets().map(|to| to == bucket).collect();
            let rows = comes.contains(&true).then(|| leaving.rows.filtered(|row| comes[row]))?;
            let number = |there| roll.number_of_mover(leaving.mover(there).expect("whose rows these are").person);
            let numbers: UInt32Array = persons(&rows.rows).unary(number);
            Some(Standing { rows: with_column(&rows.rows, PERSON, std::sync::Arc::new(numbers)), ..rows }.loosened())
        })
    }
}

impl Leaving<'_> {
    fn mover(&self, number: u32) -> Option<&Mover> {
        let at = self.movers.binary_search_by_key(&number, |mover| mover.number).ok()?;
        Some(&self.movers[at])
    }

    /// Per row, the bucket to which it goes.
    fn targets(&self) -> impl Iterator<Item = usize> {
        let of_row = |number: &u32| self.mover(*number).expect("whose rows these are").to;
        persons(&self.rows.rows).values().iter().map(of_row)
    }
}
