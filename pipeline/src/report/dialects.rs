//! Codes that arrive in another dialect than the lists are in, and would match nobody without a word.
//!
//! ICD-10 codes are looked at once they are accepted (V18 takes any letter with digits), SNOMED CT where the checks have
//! refused them (V20). What is told is how many there are, by provider and column; never a code.

use std::{collections::BTreeMap, sync::Mutex};

use arrow::{
    array::{Array, AsArray, RecordBatch},
    datatypes::Int32Type,
};
use earlycall_schemas::{codelists::unusual_icd10, table::DType};
use serde::Serialize;

use crate::extract::{Accepted, Inspection};

/// Codes of one provider in one column that look like those of another dialect.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Foreign {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// Who sent them: the row's provider where it names one, else the file's.
    pub provider: String,
    /// What each of them is.
    pub what: &'static str,
    /// How many.
    pub n: u64,
}

type Counts = BTreeMap<(&'static str, &'static str, String, &'static str), u64>;

/// Counts while deliveries are read, from any thread.
#[derive(Debug, Default)]
pub struct Dialects {
    counts: Mutex<Counts>,
}

/// Lines of a report on a screen; what is not there is counted.
const LINES_MAX: usize = 5;

impl Dialects {
    /// Looks at the ICD-10 codes of accepted rows.
    pub fn add_accepted(&self, accepted: &Accepted) {
        let columns = accepted.table.columns.iter().filter(|column| column.dtype == DType::Icd10 && column.list);
        let mut counts = Counts::new();
        for column in columns {
            for rows in &accepted.rows {
                count_lists(rows, &column.name, |provider, what| {
                    let provider = provider.unwrap_or(&accepted.provider).to_owned();
                    *counts.entry((&accepted.table.name, &column.name, provider, what)).or_default() += 1;
                });
            }
        }
        self.add(counts);
    }

    /// Looks at the SNOMED CT codes that the checks of a delivery have refused, in refused feeds too.
    pub fn add_refused(&self, inspection: &Inspection) {
        let mut counts = Counts::new();
        for admitted in inspection.delivery.tables.iter().chain(&inspection.refused_feeds) {
            for ((column, dialect), n) in &admitted.dialects {
                let key = (admitted.table.name.as_str(), *column, admitted.provider.clone(), dialect.in_words());
                *counts.entry(key).or_default() += n;
            }
        }
        self.add(counts);
    }

    fn add(&self, counts: Counts) {
        let mut all = self.counts.lock().expect("no thread dies holding it");
        for (key, n) in counts {
            *all.entry(key).or_default() += n;
        }
    }

    /// What was found, the most numerous first.
    pub fn found(self) -> Vec<Foreign> {
        let counts = self.counts.into_inner().expect("no thread died holding it");
        let foreign = |((table, column, provider, what), n)| Foreign { table, column, provider, what, n };
        let mut found: Vec<Foreign> = counts.into_iter().map(foreign).collect();
        found.sort_by(|a, b| b.n.cmp(&a.n).then_with(|| a.cmp(b)));
        found
    }
}

/// Counts the unusual codes of a column of lists, by the provider that the row names.
fn count_lists(rows: &RecordBatch, column: &str, mut count: impl FnMut(Option<&str>, &'static str)) {
    let Some(cells) = rows.column_by_name(column) else { return };
    let cells = cells.as_string::<i32>();
    let providers = rows.column_by_name("provider_code").map(|column| column.as_dictionary::<Int32Type>());
    for row in (0..cells.len()).filter(|&row| cells.is_valid(row)) {
        for unusual in cells.value(row).split('|').filter_map(unusual_icd10) {
            let named = providers.filter(|providers| providers.is_valid(row));
            let provider = named.map(|providers| {
                let names = providers.values().as_string::<i32>();
                names.value(providers.keys().value(row) as usize)
            });
            count(provider, unusual.in_words());
        }
    }
}

/// A line for each column and dialect, over all providers, the most numerous first; none where every code is as it
/// should be.
pub fn text(found: &[Foreign]) -> String {
    let mut sums: BTreeMap<(&str, &str, &str), (u64, Vec<&str>)> = BTreeMap::new();
    for Foreign { table, column, provider, what, n } in found {
        let (sum, providers) = sums.entry((table, column, what)).or_default();
        *sum += n;
        providers.push(provider);
    }
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_by_key(|(_, (n, _))| std::cmp::Reverse(*n));
    if sums.is_empty() {
        return String::new();
    }
    let mut text = "codes that look like another dialect, and may match no list:\n".to_owned();
    for ((table, column, what), (n, providers)) in sums.iter().take(LINES_MAX) {
        let most = providers[0];
        let others = match providers.len() - 1 {
            0 => String::new(),
            n => format!(" and {n} more"),
        };
        text.push_str(&format!("{n:>9}  {table}.{column}  each {what}, from {most}{others}\n"));
    }
    let more = sums.len().saturating_sub(LINES_MAX);
    if more > 0 {
        text.push_str(&format!("  and {more} more lines; --format json has all\n"));
    }
    text
}
