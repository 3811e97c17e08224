//! A part: some suppliers of a table, whose rows are settled together, bucket by bucket, and become one segment.
//!
//! A delivery of many millions of rows has many parts, each as large as the memory and the processor's cache allow;
//! that of an ordinary night has one for each table.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use earlycall_schemas::table::TableSpec;

use crate::{
    error::Result,
    extract::manifest::Manifest,
    history::{
        bucket::BUCKETS,
        closings::End,
        layout::{person_tables, settled_schema},
        ledger::Ledger,
        run::{Run, of_bucket},
        segment::{SegmentWriter, path_of},
        settle::Settling,
        sorting::Scratch,
        versions::Fresh,
    },
    store::staged::Staged,
};

/// A segment of more rows is worth telling the disk about before the others are there.
pub(super) const MANY_ROWS: usize = 1 << 20;

/// The suppliers of a part.
#[derive(Clone, Debug)]
pub struct Part {
    /// The table.
    pub table: &'static TableSpec,
    /// Who sends, by number.
    pub suppliers: BTreeSet<u32>,
    /// Who sends rows of the table in other parts. Settled rows of anybody else are the business of the first part.
    pub others: BTreeSet<u32>,
    /// Whether this is the table's first part.
    pub is_first: bool,
}

impl Part {
    /// Whether settled rows of a supplier are this part's business.
    pub fn owns(&self, supplier: u32) -> bool {
        self.suppliers.contains(&supplier) || (self.is_first && !self.others.contains(&supplier))
    }
}

/// The parts of a delivery: at least one for each table about persons, in the order of the tables. A part has at most
/// `rows_max` rows, or one supplier alone.
pub fn parts(manifest: &Manifest, ledger: &Ledger, rows_max: u64) -> Vec<Part> {
    let number = |provider: &str| ledger.supplier_of(provider).expect("a delivery's suppliers are noted before");
    let mut parts = Vec::new();
    for table in person_tables() {
        let mut rows: BTreeMap<String, u64> = BTreeMap::new();
        for file in manifest.files.iter().filter(|file| file.table == table.name) {
            *rows.entry(manifest.provider_of(file)).or_default() += file.row_count;
        }
        let all: BTreeSet<u32> = rows.keys().map(|provider| number(provider)).collect();
        let mut groups: Vec<(BTreeSet<u32>, u64)> = vec![(BTreeSet::new(), 0)];
        for (provider, n_rows) in &rows {
            let (suppliers, n) = groups.last_mut().expect("there is one");
            if suppliers.is_empty() || *n + n_rows <= rows_max {
                suppliers.insert(number(provider));
                *n += n_rows;
            } else {
                groups.push((BTreeSet::from([number(provider)]), *n_rows));
            }
        }
        parts.extend(groups.into_iter().enumerate().map(|(at, (suppliers, _))| {
            let others = all.difference(&suppliers).copied().collect();
            Part { table, suppliers, others, is_first: at == 0 }
        }));
    }
    parts
}

/// What a part makes of its table.
pub struct Joined {
    /// The next segment, if any row joined: its number, its file and its buckets.
    pub segment: Option<(u32, PathBuf, Vec<u8>)>,
    /// By bucket: segment, row and end.
    pub ends: Vec<(usize, (u32, u32, End))>,
    /// By how many the rows that count have grown.
    pub growth: i64,
}

/// Settles a part, and writes its segment under the number given; `words` are those of its rows. The order of the runs
/// makes no difference.
///
/// # Errors
/// * [`crate::error::Kind::Storage`] when a segment cannot be read or written.
pub fn settle(
    settling: &Settling,
    number: u32,
    mut runs: Vec<Run>,
    words: &[String],
    staged: &Staged,
) -> Result<Joined> {
    let table = settling.part.table;
    runs.sort_by_key(|run| run.supplier);
    let path = path_of(&table.name, number);
    let (schema, event) = (settled_schema(table), table.event.as_deref());
    let mut file = SegmentWriter::create(staged, &path, &schema, event, settling.delivery)?;
    let mut joined = Joined { segment: None, ends: Vec::new(), growth: 0 };
    let (mut scratch, mut n_rows) = (Scratch::default(), 0);
    for bucket in 0..BUCKETS {
        let fresh = Fresh::of(table, &of_bucket(table, &runs, bucket, &mut scratch));
        if !settling.is_touched(bucket, fresh.rows.num_rows()) {
            continue;
        }
        let settled = settling.settle(bucket, fresh)?;
        joined.growth += settled.growth;
        joined.ends.extend(settled.ends.into_iter().map(|end| (bucket, end)));
        n_rows += settled.rows.num_rows();
        if settled.rows.num_rows() > 0 {
            file.append(bucket, &settled.rows, words)?;
        }
    }
    match file.finish()? {
        buckets if buckets.is_empty() => staged.discard(&path)?,
        buckets => {
            if n_rows > MANY_ROWS {
                staged.begin_sync(&path);
            }
            joined.segment = Some((number, staged.path().join(path), buckets));
        }
    }
    Ok(joined)
}
