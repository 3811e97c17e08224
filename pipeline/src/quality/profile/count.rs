//! Counting: one walk over each column that is counted, with dense counters, for these are the rows of everybody.

use std::{
    collections::{BTreeMap, HashMap},
    hash::BuildHasherDefault,
    iter,
};

use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch},
    datatypes::{Float64Type, Int32Type},
};
use earlycall_schemas::{
    codelists::{Observation, observation, observations},
    profile::{Completeness, Mix, ProfileSpec, Results},
    table::TableSpec,
};

use super::{CODES_KEPT, CodeMix, Counts, DAYS_KEPT, FeedProfile, OTHER, Part, RECENT_DAYS, proofs::proofs};
use crate::{
    day::Day,
    extract::Accepted,
    history::{
        known_from::london_days,
        person_map::RandomAlready,
        records::thousandths,
        versions::{column, days},
    },
    quality::hashes::mix,
};

/// Days before the extract whose codes are looked at.
const MIX_DAYS: i32 = RECENT_DAYS + 364;

/// The profile of a feed's accepted rows; none where its table declares none.
pub(crate) fn count(accepted: &Accepted, extracted_on: Day) -> Option<FeedProfile> {
    let spec = accepted.table.profile.as_ref()?;
    let mut counter = Counter::new(accepted, spec, extracted_on);
    accepted.rows.iter().for_each(|rows| counter.add(rows));
    Some(FeedProfile {
        table: accepted.table.name.clone(),
        supplier: accepted.provider.clone(),
        is_full: accepted.is_full,
        organisations: counter.finish(),
    })
}

/// Counters of a feed, by the place of an organisation.
struct Counter<'a> {
    table: &'a TableSpec,
    spec: &'a ProfileSpec,
    supplier: &'a str,
    extracted_on: Day,
    organisations: Places,
    counts: Vec<Dense>,
    /// Per column whose codes are counted, the codes met.
    codes: Vec<Places>,
}

/// Names met, each with its place.
#[derive(Default)]
struct Places(HashMap<String, usize>);

/// One organisation's counters.
#[derive(Default)]
struct Dense {
    rows: u64,
    /// Of the newest row that has happened; [`NEVER`] while there is none with a day.
    least_back: i32,
    /// By days before the extract.
    days: Vec<u64>,
    complete: Vec<Part>,
    /// Per column, by the place of the code: recent, and earlier.
    mix: Vec<Vec<[u64; 2]>>,
    /// By the place of a measurement among all, how often each result was had, by a hash of its thousandths.
    results: Vec<HashMap<u64, u64, BuildHasherDefault<RandomAlready>>>,
}

/// A row that is counted: its place in the batch, its organisation, and how many days before the extract it happened.
struct Row {
    at: u32,
    organisation: u32,
    back: i32,
}

/// Stands for the days before the extract of what has none.
const NEVER: i32 = i32::MAX;

impl<'a> Counter<'a> {
    fn new(accepted: &'a Accepted, spec: &'a ProfileSpec, extracted_on: Day) -> Counter<'a> {
        Counter {
            table: accepted.table,
            spec,
            supplier: &accepted.provider,
            extracted_on,
            organisations: Places::default(),
            counts: Vec::new(),
            codes: spec.mix.iter().map(|_| Places::default()).collect(),
        }
    }

    fn add(&mut self, batch: &RecordBatch) {
        let rows = self.rows(batch);
        let proofs = proofs(self.table, batch);
        for of_one in rows.chunk_by(|a, b| a.organisation == b.organisation) {
            let counts = &mut self.counts[of_one[0].organisation as usize];
            counts.rows += of_one.len() as u64;
            for row in of_one {
                // A day that lies ahead proves nothing, whatever its row says.
                if row.back < 0 || proofs.as_ref().is_some_and(|proofs| !proofs.value(row.at as usize)) {
                    continue;
                }
                counts.least_back = counts.least_back.min(row.back);
                if row.back < DAYS_KEPT {
                    counts.days[row.back as usize] += 1;
                }
            }
        }
        let spec = self.spec;
        for (at, measure) in spec.complete.iter().enumerate() {
            self.add_complete(at, measure, batch, &rows);
        }
        if !spec.mix.is_empty() {
            let recent: Vec<&Row> = rows.iter().filter(|row| (0..MIX_DAYS).contains(&row.back)).collect();
            for (at, mix) in spec.mix.iter().enumerate() {
                self.add_mix(at, mix, batch, &recent);
            }
        }
        if let Some(results) = &spec.results {
            self.add_results(results, batch, &rows);
        }
    }

    /// The rows that count: all but withdrawals.
    fn rows(&mut self, batch: &RecordBatch) -> Vec<Row> {
        let organisations = (0..).zip(self.organisations(batch));
        let extracted_on = self.extracted_on.0;
        let row = |((at, organisation), back)| Row { at, organisation, back };
        let mut rows: Vec<Row> = match self.table.event.as_ref().map(|name| london_days(column(batch, name))) {
            Some(days) if days.null_count() == 0 => {
                organisations.zip(days.values().iter().map(|day| extracted_on - day)).map(row).collect()
            }
            Some(days) => {
                let backs = days.iter().map(|day| day.map_or(NEVER, |day| extracted_on - day));
                organisations.zip(backs).map(row).collect()
            }
            None => organisations.zip(iter::repeat(NEVER)).map(row).collect(),
        };
        let is_deleted = batch.column_by_name("is_deleted").map(|cells| cells.as_boolean());
        if let Some(is_deleted) = is_deleted.filter(|is_deleted| is_deleted.true_count() > 0) {
            rows.retain(|row| is_deleted.is_null(row.at as usize) || !is_deleted.value(row.at as usize));
        }
        rows
    }

    /// The place of each row's organisation.
    fn organisations(&mut self, batch: &RecordBatch) -> Vec<u32> {
        let (spec, supplier) = (self.spec, self.supplier);
        let Some(name) = &spec.organisation else { return vec![self.place(supplier); batch.num_rows()] };
        let coded = column(batch, name).as_dictionary::<Int32Type>();
        let names = coded.values().as_string::<i32>();
        if names.len() == 1 && coded.null_count() == 0 {
            return vec![self.place(names.value(0)); batch.num_rows()];
        }
        let mut places = vec![None; names.len()];
        let mut none = None;
        let mut place = |key: Option<i32>| match key {
            Some(key) => *places[key as usize].get_or_insert_with(|| self.place(names.value(key as usize))),
            None => *none.get_or_insert_with(|| self.place(supplier)),
        };
        coded.keys().iter().map(&mut place).collect()
    }

    fn place(&mut self, organisation: &str) -> u32 {
        let at = self.organisations.of(organisation);
        if at == self.counts.len() {
            self.counts.push(Dense {
                days: vec![0; DAYS_KEPT as usize],
                complete: vec![Part::default(); self.spec.complete.len()],
                mix: vec![Vec::new(); self.spec.mix.len()],
                least_back: NEVER,
                ..Dense::default()
            });
        }
        at as u32
    }

    fn add_complete(&mut self, measure_at: usize, measure: &Completeness, batch: &RecordBatch, rows: &[Row]) {
        let is_filled = filled(measure, column(batch, &measure.column));
        let closed = measure.closed_by.as_ref().map(|name| days(column(batch, name)));
        let closes_before = self.extracted_on - measure.closed_days;
        for row in rows {
            let at = row.at as usize;
            if closed.as_ref().is_none_or(|closed| closed[at].is_some_and(|day| day < closes_before)) {
                let part = &mut self.counts[row.organisation as usize].complete[measure_at];
                part.of += 1;
                part.n += u64::from(is_filled[at]);
            }
        }
    }

    fn add_mix(&mut self, mix_at: usize, mix: &Mix, batch: &RecordBatch, rows: &[&Row]) {
        let coded = column(batch, &mix.column).as_dictionary::<Int32Type>();
        let (keys, names) = (coded.keys(), coded.values().as_string::<i32>());
        let mut places: Vec<Option<usize>> = vec![None; names.len()];
        for row in rows {
            if keys.is_null(row.at as usize) {
                continue;
            }
            let key = keys.value(row.at as usize) as usize;
            let codes = &mut self.codes[mix_at];
            let place = *places[key].get_or_insert_with(|| codes.of(mix.group(names.value(key))));
            let counts = &mut self.counts[row.organisation as usize].mix[mix_at];
            if counts.len() <= place {
                counts.resize(place + 1, [0; 2]);
            }
            counts[place][usize::from(row.back >= RECENT_DAYS)] += 1;
        }
    }

    fn add_results(&mut self, results: &Results, batch: &RecordBatch, rows: &[Row]) {
        let coded = column(batch, &results.code).as_dictionary::<Int32Type>();
        let values = column(batch, &results.value).as_primitive::<Float64Type>();
        let place = |one: &Observation| observations().iter().position(|other| other.id == one.id);
        let measured = |code: Option<&str>| {
            observation(code?.parse().ok()?).filter(|one| !results.except.contains(&one.id)).and_then(place)
        };
        let measured: Vec<Option<usize>> = coded.values().as_string::<i32>().iter().map(measured).collect();
        for row in rows {
            let at = row.at as usize;
            if values.is_null(at) || coded.keys().is_null(at) {
                continue;
            }
            if let Some(measurement) = measured[coded.keys().value(at) as usize] {
                // Mixed, for results are whole numbers more often than not, and the map takes its keys for random.
                let hash = mix(0, thousandths(values.value(at)).cast_unsigned());
                let results = &mut self.counts[row.organisation as usize].results;
                if results.is_empty() {
                    results.resize_with(observations().len(), HashMap::default);
                }
                *results[measurement].entry(hash).or_default() += 1;
            }
        }
    }

    fn finish(self) -> BTreeMap<String, Counts> {
        let codes: Vec<Vec<String>> = self.codes.into_iter().map(Places::names).collect();
        let by_place = self.counts.into_iter().map(|dense| dense.finish(self.extracted_on, self.spec, &codes));
        let named = self.organisations.names().into_iter().zip(by_place);
        named.filter(|(_, counts)| counts.rows > 0).collect()
    }
}

impl Places {
    fn of(&mut self, name: &str) -> usize {
        let next = self.0.len();
        match self.0.get(name) {
            Some(&place) => place,
            None => {
                self.0.insert(name.to_owned(), next);
                next
            }
        }
    }

    /// The names in the order of their places.
    fn names(self) -> Vec<String> {
        let mut names: Vec<(String, usize)> = self.0.into_iter().collect();
        names.sort_unstable_by_key(|(_, place)| *place);
        names.into_iter().map(|(name, _)| name).collect()
    }
}

impl Dense {
    fn finish(self, extracted_on: Day, spec: &ProfileSpec, codes: &[Vec<String>]) -> Counts {
        let days = self.days.iter().zip(0..).filter(|(n, _)| **n > 0);
        let complete = spec.complete.iter().zip(&self.complete);
        let mix = spec.mix.iter().zip(self.mix).zip(codes);
        let results = observations().iter().zip(&self.results).filter(|(_, had)| !had.is_empty());
        // Sums and maxima alone: the order of these maps cannot show.
        let commonest =
            |had: &HashMap<u64, u64, _>| Part { of: had.values().sum(), n: had.values().copied().max().unwrap_or(0) };
        Counts {
            rows: self.rows,
            newest: (self.least_back != NEVER).then(|| extracted_on - self.least_back),
            days: days.map(|(n, back)| (extracted_on - back, *n)).collect(),
            complete: complete.map(|(measure, part)| (measure.name.clone(), *part)).collect(),
            mix: mix.map(|((mix, counts), codes)| (mix.column.clone(), code_mix(&counts, codes))).collect(),
            commonest: results.map(|(measured, had)| (measured.id.clone(), commonest(had))).collect(),
        }
    }
}

/// Counts by code, of the commonest codes alone; of two that are as common the smaller one is kept.
fn code_mix(counts: &[[u64; 2]], codes: &[String]) -> CodeMix {
    let mut by_code: Vec<(&str, [u64; 2])> =
        codes.iter().map(String::as_str).zip(counts.iter().copied()).filter(|(_, n)| n[0] + n[1] > 0).collect();
    by_code.sort_unstable_by_key(|(code, n)| (std::cmp::Reverse(n[0] + n[1]), *code));
    let mut mix = CodeMix::default();
    for (at, (code, [recent, earlier])) in by_code.into_iter().enumerate() {
        let code = if at < CODES_KEPT { code } else { OTHER };
        for (side, n) in [(&mut mix.recent, recent), (&mut mix.earlier, earlier)] {
            if n > 0 {
                *side.entry(code.to_owned()).or_default() += n;
            }
        }
    }
    mix
}

/// Per row, whether a column is filled.
fn filled(measure: &Completeness, cells: &ArrayRef) -> Vec<bool> {
    if let Some(coded) = cells.as_dictionary_opt::<Int32Type>() {
        let values = coded.values().as_string::<i32>();
        let by_value: Vec<bool> =
            values.iter().map(|text| text.is_some_and(|text| measure.is_filled_by(text))).collect();
        return coded.keys().iter().map(|key| key.is_some_and(|key| by_value[key as usize])).collect();
    }
    cells.as_string::<i32>().iter().map(|text| text.is_some_and(|text| measure.is_filled_by(text))).collect()
}
