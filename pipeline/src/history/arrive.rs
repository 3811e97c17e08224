//! New deliveries join the history: checked, divided by bucket, settled, and written as the next generation.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex},
};

use arrow::{
    array::{Array, BooleanArray, RecordBatch},
    compute::{cast, concat_batches, filter_record_batch, not},
    datatypes::{Field, Schema, SchemaRef},
};
use earlycall_schemas::table::{ColumnSpec, TableSpec, tables};

use crate::{
    day::{Day, Instant},
    error::Result,
    extract::{self, Accepted, Delivery, Registry, delivery::DeliveryFolder},
    history::{
        History,
        bucket::{self, BUCKETS, KNOWN_TO, bucket_of, path_of},
        due, in_order,
        ledger::{Ledger, SettledDelivery},
        merge::{Moves, persons},
        require_tables,
        settle::{Arrival, settle},
    },
    quality::quarantine,
    settings::Settings,
    store::{
        Store,
        folder::{Content, NewFile},
    },
};

/// The history with everything that has arrived settled into it.
///
/// Deliveries that are settled already are only checked against their manifests, for a file that changes after it was
/// settled is a fault that somebody must look at. When nothing is new, nothing is written.
///
/// # Errors
/// * [`crate::error::Kind::Extract`] when a file is refused, or a table is left empty that must not be.
/// * [`crate::error::Kind::Storage`] when the next generation cannot be written; then the older one stands.
pub fn settle_deliveries(store: &Store, settings: &Settings, threads: usize) -> Result<History> {
    let current = store.history()?.map(|folder| History::open(&folder)).transpose()?;
    let folders = extract::delivery::find(&settings.extracts.folder)?;
    let mut ledger = current.as_ref().map(|history| history.ledger.clone()).unwrap_or_default();
    let new = due::deliveries(&ledger, &folders)?;
    let may_lack_objections = settings.extracts.no_objections_recorded.is_some();
    let current = match current {
        Some(history) if new.is_empty() => {
            require_tables(|table| history.ledger.rows_of(table), may_lack_objections)?;
            return Ok(history);
        }
        current => current,
    };
    due::refuse_synthetic(&new, settings)?;
    // Before any row is read: without its patients every other table would be refused for another reason.
    let announced = |table: &str| new.iter().map(|folder| folder.manifest.rows_of(table)).sum::<u64>();
    require_tables(|table| ledger.rows_of(table) + announced(table), may_lack_objections)?;
    let (deliveries, accepted) = admit(current.as_ref(), &new, settings, threads)?;
    let patients = accepted.iter().map(|(_, of)| of).filter(|of| of.table.name == "patients");
    let moves = Moves::learn(&mut ledger, patients.flat_map(|of| &of.rows));
    let arrivals = arrivals(&mut ledger, &accepted, settings);
    let generation = current.as_ref().map(History::folder);
    let units = in_order(threads, BUCKETS + 1, |unit| settle_unit(unit, generation, &arrivals, &moves, &ledger.rows))?;
    let mut files = older_quality(generation, ledger.deliveries.len())?;
    ledger.rows.clear();
    for (path, rows, content) in units.into_iter().flatten() {
        ledger.rows.insert(path.clone(), rows);
        files.push(NewFile { path, content });
    }
    for delivery in &deliveries {
        files.extend(quality_files(delivery, ledger.deliveries.len() + 1));
        ledger.deliveries.push(SettledDelivery {
            extract_id: delivery.id.clone(),
            extracted_at: delivery.extracted_at.to_string(),
            manifest_sha256: delivery.manifest_sha256.clone(),
            pseudonym_key_id: delivery.manifest.pseudonym_key_id.clone(),
            is_synthetic: delivery.is_synthetic,
        });
    }
    require_tables(|table| ledger.rows_of(table), may_lack_objections)?;
    due::refuse_lost_objections(current.as_ref().map(|history| &history.ledger), &ledger, settings)?;
    files.push(NewFile::new("history.json", ledger.to_bytes()));
    History::open(&store.put_history(&files)?)
}

/// Accepted rows, and when they were extracted.
type Taken = (Instant, Accepted);

/// The new deliveries, and the accepted rows of each with the moment of its extraction, in plain columns.
fn admit(
    current: Option<&History>,
    new: &[&DeliveryFolder],
    settings: &Settings,
    threads: usize,
) -> Result<(Vec<Delivery>, Vec<Taken>)> {
    let mut registry = Registry::default();
    if let Some(history) = current {
        registry.births = history.births()?.into_iter().collect();
        registry.sharing = history.reference.practices.iter().map(|(code, row)| (*code, row.shares)).collect();
    }
    let (mut deliveries, mut all) = (Vec::new(), Vec::new());
    for folder in new {
        let taken = Mutex::new(Vec::new());
        let take = |accepted: Accepted| {
            taken.lock().expect("pushing doesn't panic").push(plain(accepted));
            Ok(())
        };
        let inspection = extract::inspect(folder, &mut registry, threads, &take);
        deliveries.push(inspection.admit(settings.gate.rejected_rows_max)?);
        let mut taken = taken.into_inner().expect("pushing doesn't panic");
        let position = |name: &str| tables().iter().position(|table| table.name == name);
        taken.sort_by_key(|accepted| (position(&accepted.table.name), accepted.provider.clone()));
        all.extend(taken.into_iter().map(|accepted| (folder.manifest.extracted_at, accepted)));
    }
    Ok((deliveries, all))
}

/// The columns of accepted rows without dictionaries.
pub(super) fn plain_schema(table: &TableSpec) -> SchemaRef {
    let field = |spec: &ColumnSpec| Field::new(&spec.name, extract::arrow_type(spec), true);
    Arc::new(Schema::new(extract::read_columns(table).map(field).collect::<Vec<_>>()))
}

fn plain(accepted: Accepted) -> Accepted {
    let schema = plain_schema(accepted.table);
    let plain = |rows: &RecordBatch| {
        let columns = rows.columns().iter().zip(schema.fields());
        let columns = columns.map(|(column, field)| cast(column, field.data_type()).expect("a dictionary unfolds"));
        RecordBatch::try_new(schema.clone(), columns.collect()).expect("columns are cast to the schema")
    };
    Accepted { rows: accepted.rows.iter().map(plain).collect(), ..accepted }
}

/// What arrived for one table from one provider, and how it joins the history.
struct Arriving<'a> {
    table: &'static TableSpec,
    rows: &'a [RecordBatch],
    /// Per batch and row: the bucket, where rows are about persons.
    buckets: Vec<Vec<usize>>,
    arrival: Arrival<'a>,
}

fn arrivals<'a>(ledger: &mut Ledger, accepted: &'a [Taken], settings: &Settings) -> Vec<Arriving<'a>> {
    let mut arriving = Vec::new();
    for (extracted_at, accepted) in accepted {
        let (table, provider) = (accepted.table, &accepted.provider);
        let is_first_full = ledger.supplied(&table.name, provider, *extracted_at, accepted.is_full);
        let bucket = |person| bucket_of(ledger.survivor(person));
        let buckets = match table.is_about_persons() {
            true => accepted.rows.iter().map(|rows| persons(rows).map(bucket).collect()).collect(),
            false => Vec::new(),
        };
        arriving.push(Arriving {
            table,
            rows: &accepted.rows,
            buckets,
            arrival: Arrival {
                provider,
                extracted_on: Day::of(*extracted_at),
                is_full: accepted.is_full,
                is_history: accepted.is_history || is_first_full,
                lag_days: settings.extracts.lag_days.get(&table.name).copied().unwrap_or(0),
            },
        });
    }
    arriving
}

/// Settles every table of one bucket, or, as the last unit, every table that is not about persons. Per file of the next
/// generation: its path, the rows that count now, and its content.
fn settle_unit(
    unit: usize,
    generation: Option<&Path>,
    arriving: &[Arriving],
    moves: &Moves,
    older_rows: &BTreeMap<String, u64>,
) -> Result<Vec<(String, u64, Content)>> {
    let mut files = Vec::new();
    for table in tables().iter().filter(|table| table.is_about_persons() == (unit < BUCKETS)) {
        let path = path_of(table, unit);
        let mine: Vec<&Arriving> = arriving.iter().filter(|arriving| arriving.table.name == table.name).collect();
        let is_touched = !mine.is_empty() || moves.touches(unit);
        let older = generation.map(|generation| generation.join(&path)).filter(|path| path.exists());
        if let (Some(older), false) = (&older, is_touched) {
            files.push((path.clone(), older_rows.get(&path).copied().unwrap_or(0), Content::SameAs(older.clone())));
            continue;
        }
        let mut rows = standing(unit, table, generation, moves)?;
        for arriving in mine {
            rows = settle(table, rows, &share_of(unit, arriving), &arriving.arrival);
        }
        if rows.num_rows() > 0 {
            let until = rows.column_by_name(KNOWN_TO).expect("settling adds it");
            files.push((path, until.null_count() as u64, Content::Bytes(bucket::to_parquet(&rows))));
        }
    }
    Ok(files)
}

/// The settled rows of a bucket's table, after the rows of merged records have moved.
fn standing(unit: usize, table: &'static TableSpec, generation: Option<&Path>, moves: &Moves) -> Result<RecordBatch> {
    let schema = bucket::settled_schema(table);
    let Some(generation) = generation else { return Ok(RecordBatch::new_empty(schema)) };
    let own = bucket::read(generation, table, unit)?;
    if !table.is_about_persons() {
        return Ok(own);
    }
    let mut parts = vec![moves.staying(unit, own)];
    for from in moves.sources(unit).filter(|&from| from != unit) {
        parts.push(moves.coming(from, unit, &bucket::read(generation, table, from)?));
    }
    Ok(concat_batches(&schema, &parts).expect("all are settled tables"))
}

/// The rows of a delivery that concern a bucket.
///
/// Its own; and of a delta those that may have been its own, where the key does not name the person: an episode that now
/// is somebody else's is a withdrawal from whoever had it.
fn share_of(unit: usize, arriving: &Arriving) -> RecordBatch {
    let table = arriving.table;
    let schema = plain_schema(table);
    if !table.is_about_persons() {
        return concat_batches(&schema, arriving.rows).expect("all are of one table");
    }
    let may_change_hands = !arriving.arrival.is_full && !table.key.iter().any(|name| name == "person_id");
    let mut parts = Vec::new();
    for (rows, buckets) in arriving.rows.iter().zip(&arriving.buckets) {
        let is_mine = BooleanArray::from_iter(buckets.iter().map(|&bucket| Some(bucket == unit)));
        if may_change_hands {
            let is_not_mine = not(&is_mine).expect("flags have an opposite");
            parts.push(withdrawn(filter_record_batch(rows, &is_not_mine).expect("one flag per row")));
        }
        parts.push(filter_record_batch(rows, &is_mine).expect("one flag per row"));
    }
    concat_batches(&schema, &parts).expect("all are of one table")
}

/// The same rows as withdrawals.
fn withdrawn(rows: RecordBatch) -> RecordBatch {
    let at = rows.schema().index_of("is_deleted").expect("a table that changes hands can withdraw");
    let mut columns = rows.columns().to_vec();
    columns[at] = Arc::new(BooleanArray::from(vec![true; rows.num_rows()]));
    RecordBatch::try_new(rows.schema(), columns).expect("the new column has the old one's type")
}

/// What the checks found in a delivery, kept beside the rows: a night may be run again after the rows are settled.
fn quality_files(delivery: &Delivery, number: usize) -> Vec<NewFile> {
    let summary = serde_json::to_vec_pretty(&delivery.quality()).expect("a summary is plain data");
    let mut files = vec![NewFile::new(format!("quality/{number:06}/quality.json"), summary)];
    let mut by_table: BTreeMap<&str, Vec<quarantine::Rejection>> = BTreeMap::new();
    for admitted in &delivery.tables {
        by_table.entry(&admitted.table.name).or_default().extend(admitted.rejections.iter().cloned());
    }
    for (table, rejections) in by_table.into_iter().filter(|(_, rejections)| !rejections.is_empty()) {
        files.push(NewFile::new(format!("quality/{number:06}/{table}.csv"), quarantine::csv(&rejections)));
    }
    files
}

/// The quality of earlier deliveries, as it stands in the older generation.
fn older_quality(generation: Option<&Path>, n_deliveries: usize) -> Result<Vec<NewFile>> {
    let mut files = Vec::new();
    for number in 1..=n_deliveries {
        let Some(generation) = generation else { break };
        let folder = format!("quality/{number:06}");
        for name in crate::store::folder::names(&generation.join(&folder))? {
            let older = generation.join(&folder).join(&name);
            files.push(NewFile { path: format!("{folder}/{name}"), content: Content::SameAs(older) });
        }
    }
    Ok(files)
}
