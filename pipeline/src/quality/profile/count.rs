//! Counting: one walk over each column that is counted, with dense counters, for these are the rows of everybody.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Range,
};

use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch},
    buffer::NullBuffer,
    datatypes::{Float64Type, Int32Type},
};
use earlycall_schemas::{
    codelists::{Observation, observation, observations},
    profile::{Completeness, Mix, ProfileSpec, Results},
    table::TableSpec,
};

use super::{
    CODES_KEPT, CodeMix, Counts, DAYS_KEPT, FeedProfile, OTHER, Part, RECENT_DAYS, proofs::proofs, spread::Spread,
};
use crate::{
    day::Day,
    extract::Accepted,
    history::{
        known_from::london_days,
        records::thousandths,
        versions::{column, days},
    },
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
    /// By the place of a measurement among all.
    results: Vec<Spread>,
}

/// Rows of one organisation that are counted, one after another in the batch: mostly all of it.
struct Stretch {
    organisation: usize,
    rows: Range<usize>,
}

/// So many organisations of a feed have lists of results: a feed mostly has one, and one of all practices has no memory for
/// the lists of each.
const WITH_LISTS: usize = 8;

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
        let stretches = without_withdrawn(self.stretches(batch), batch);
        let backs = self.backs(batch);
        let proofs = proofs(self.table, batch);
        for Stretch { organisation, rows } in &stretches {
            let counts = &mut self.counts[*organisation];
            counts.rows += rows.len() as u64;
            match &proofs {
                // Feeds come in the order of recording, many rows of a day in turn: it is counted once for all of them.
                None => backs[rows.clone()].chunk_by(|a, b| a == b).for_each(|day| counts.note(day[0], day.len())),
                Some(proofs) => {
                    rows.clone().filter(|row| proofs.value(*row)).for_each(|row| counts.note(backs[row], 1));
                }
            }
        }
        let spec = self.spec;
        for (at, measure) in spec.complete.iter().enumerate() {
            self.add_complete(at, measure, batch, &stretches);
        }
        for (at, mix) in spec.mix.iter().enumerate() {
            self.add_mix(at, mix, batch, &stretches, &backs);
        }
        if let Some(results) = &spec.results {
            self.add_results(results, batch, &stretches);
        }
    }

    /// Per row, how many days before the extract it happened. Days of the contract lie near enough: without asking each
    /// time, many are looked at at once.
    fn backs(&self, batch: &RecordBatch) -> Vec<i32> {
        let extracted_on = self.extracted_on.0;
        match self.table.event.as_ref().map(|name| london_days(column(batch, name))) {
            Some(days) if days.null_count() == 0 => {
                days.values().iter().map(|day| extracted_on.wrapping_sub(*day)).collect()
            }
            Some(days) => days.iter().map(|day| day.map_or(NEVER, |day| extracted_on - day)).collect(),
            None => vec![NEVER; batch.num_rows()],
        }
    }

    /// The rows by their organisations; where a row names none, its supplier is meant.
    fn stretches(&mut self, batch: &RecordBatch) -> Vec<Stretch> {
        let (spec, supplier, n_rows) = (self.spec, self.supplier, batch.num_rows());
        let Some(name) = &spec.organisation else {
            return vec![Stretch { organisation: self.place(supplier), rows: 0..n_rows }];
        };
        let coded = column(batch, name).as_dictionary::<Int32Type>();
        let names = coded.values().as_string::<i32>();
        if names.len() == 1 && coded.null_count() == 0 {
            return vec![Stretch { organisation: self.place(names.value(0)), rows: 0..n_rows }];
        }
        let mut places = vec![None; names.len()];
        let mut none = None;
        let mut place = |key: Option<i32>| match key {
            Some(key) => *places[key as usize].get_or_insert_with(|| self.place(names.value(key as usize))),
            None => *none.get_or_insert_with(|| self.place(supplier)),
        };
        let organisations: Vec<usize> = coded.keys().iter().map(&mut place).collect();
        let mut start = 0;
        let stretches = organisations.chunk_by(|a, b| a == b).map(|of_one| {
            let rows = start..start + of_one.len();
            start = rows.end;
            Stretch { organisation: of_one[0], rows }
        });
        stretches.collect()
    }

    fn place(&mut self, organisation: &str) -> usize {
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
        at
    }

    fn add_complete(&mut self, at: usize, measure: &Completeness, batch: &RecordBatch, stretches: &[Stretch]) {
        let is_filled = filled(measure, column(batch, &measure.column));
        let closed = measure.closed_by.as_ref().map(|name| days(column(batch, name)));
        let closes_before = self.extracted_on - measure.closed_days;
        let is_closed =
            |row: &usize| closed.as_ref().is_none_or(|closed| closed[*row].is_some_and(|day| day < closes_before));
        for Stretch { organisation, rows } in stretches {
            let part = &mut self.counts[*organisation].complete[at];
            for row in rows.clone().filter(is_closed) {
                part.of += 1;
                part.n += u64::from(is_filled[row]);
            }
        }
    }

    fn add_mix(&mut self, at: usize, mix: &Mix, batch: &RecordBatch, stretches: &[Stretch], backs: &[i32]) {
        let coded = column(batch, &mix.column).as_dictionary::<Int32Type>();
        let (keys, names) = (coded.keys(), coded.values().as_string::<i32>());
        let mut places: Vec<Option<usize>> = vec![None; names.len()];
        let codes = &mut self.codes[at];
        let is_looked_at = |row: &usize| (0..MIX_DAYS).contains(&backs[*row]) && keys.is_valid(*row);
        for Stretch { organisation, rows } in stretches {
            let counts = &mut self.counts[*organisation].mix[at];
            let newer = newer_rows(&backs[rows.clone()]).map(|some| rows.start + some.start..rows.start + some.end);
            for row in newer.flatten().filter(is_looked_at) {
                let key = keys.value(row) as usize;
                let place = *places[key].get_or_insert_with(|| codes.of(mix.group(names.value(key))));
                if counts.len() <= place {
                    counts.resize(place + 1, [0; 2]);
                }
                counts[place][usize::from(backs[row] >= RECENT_DAYS)] += 1;
            }
        }
    }

    fn add_results(&mut self, results: &Results, batch: &RecordBatch, stretches: &[Stretch]) {
        let coded = column(batch, &results.code).as_dictionary::<Int32Type>();
        let values = column(batch, &results.value).as_primitive::<Float64Type>();
        let place = |one: &Observation| observations().iter().position(|other| other.id == one.id);
        let measured = |code: Option<&str>| {
            observation(code?.parse().ok()?).filter(|one| !results.except.contains(&one.id)).and_then(place)
        };
        let measured: Vec<Option<usize>> = coded.values().as_string::<i32>().iter().map(measured).collect();
        let are_there = NullBuffer::union(values.nulls(), coded.keys().nulls());
        let are_there = are_there.unwrap_or_else(|| NullBuffer::new_valid(batch.num_rows()));
        for Stretch { organisation, rows } in stretches {
            let spreads = &mut self.counts[*organisation].results;
            let has_list = *organisation < WITH_LISTS;
            for row in are_there.slice(rows.start, rows.len()).valid_indices().map(|row| rows.start + row) {
                if let Some(measurement) = measured[coded.keys().value(row) as usize] {
                    if spreads.is_empty() {
                        spreads.resize_with(observations().len(), || Spread::new(has_list));
                    }
                    spreads[measurement].add(thousandths(values.value(row)));
                }
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
    /// Notes rows of a day that prove that the feed is sent. A day that lies ahead proves nothing, whatever its rows say.
    fn note(&mut self, back: i32, n_rows: usize) {
        if back >= 0 {
            self.least_back = self.least_back.min(back);
            if let Some(n) = self.days.get_mut(back as usize) {
                *n += n_rows as u64;
            }
        }
    }

    fn finish(self, extracted_on: Day, spec: &ProfileSpec, codes: &[Vec<String>]) -> Counts {
        let days = self.days.iter().zip(0..).filter(|(n, _)| **n > 0);
        let complete = spec.complete.iter().zip(&self.complete);
        let mix = spec.mix.iter().zip(self.mix).zip(codes);
        let results = observations().iter().zip(&self.results);
        let commonest = results.filter_map(|(measured, had)| Some((measured.id.clone(), had.commonest()?)));
        Counts {
            rows: self.rows,
            newest: (self.least_back != NEVER).then(|| extracted_on - self.least_back),
            days: days.map(|(n, back)| (extracted_on - back, *n)).collect(),
            complete: complete.map(|(measure, part)| (measure.name.clone(), *part)).collect(),
            mix: mix.map(|((mix, counts), codes)| (mix.column.clone(), code_mix(&counts, codes))).collect(),
            commonest: commonest.collect(),
        }
    }
}

/// Rows among which those are whose codes are looked at, some at a time: feeds come in the order of recording, and of most
/// of their rows it is known for many at once that they are older.
fn newer_rows(backs: &[i32]) -> impl Iterator<Item = Range<usize>> {
    const AT_ONCE: usize = 64;
    let is_older = |some: &[i32]| some.iter().fold(true, |is_older, back| is_older & (*back >= MIX_DAYS));
    let some = backs.chunks(AT_ONCE).enumerate().filter(move |(_, some)| !is_older(some));
    some.map(|(at, some)| AT_ONCE * at..AT_ONCE * at + some.len())
}

/// Stretches without rows that take others back.
fn without_withdrawn(stretches: Vec<Stretch>, batch: &RecordBatch) -> Vec<Stretch> {
    let flags = batch.column_by_name("is_deleted").map(|cells| cells.as_boolean());
    let Some(flags) = flags.filter(|flags| flags.true_count() > 0) else { return stretches };
    let is_withdrawn = |row: &usize| flags.is_valid(*row) && flags.value(*row);
    let mut kept = Vec::new();
    for Stretch { organisation, rows } in stretches {
        let mut start = rows.start;
        for end in rows.clone().filter(is_withdrawn).chain([rows.end]) {
            kept.push(Stretch { organisation, rows: start..end });
            start = end + 1;
        }
    }
    kept
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
