//! The floor of the benchmarks: what any program must do before it can think about a delivery.
//!
//! `floor full DELIVERY...` takes the SHA-256 of every file and decodes every column once, as a first night must.
//! `floor needed DELIVERY...` decodes the columns that features need, as a night without a settled history must.
//! Two threads, one file at a time each, dictionaries kept. CSV is decompressed and split into fields. Prints one JSON object.

use std::{
    fs::File,
    io::{BufReader, Read},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread,
    time::Instant,
};

use arrow::datatypes::{DataType, Field, Schema};
use earlycall::sha256::Running;
use earlycall_schemas::table::{TableSpec, table};
use parquet::arrow::{
    ProjectionMask,
    arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder},
};

const THREADS: usize = 2;
const BATCH_ROWS: usize = 1 << 16;

type Anyhow<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (Some(how), deliveries) = (arguments.first(), arguments.get(1..).unwrap_or_default()) else {
        eprintln!("usage: floor full|needed DELIVERY...");
        return ExitCode::from(2);
    };
    let is_full = match how.as_str() {
        "full" => true,
        "needed" => false,
        _ => return ExitCode::from(2),
    };
    match measure(is_full, deliveries) {
        Ok(told) => {
            println!("{told}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(is_full: bool, deliveries: &[String]) -> Anyhow<serde_json::Value> {
    let files = files_of(deliveries)?;
    let (rows, next) = (AtomicU64::new(0), AtomicUsize::new(0));
    let started = Instant::now();
    let worker = || -> Anyhow<()> {
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            if is_full {
                sha256(&file.path)?;
            }
            rows.fetch_add(decode(file, is_full)?, Ordering::Relaxed);
        }
        Ok(())
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..THREADS).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().expect("a worker that panics is a bug"))
    })?;
    Ok(serde_json::json!({
        "stage": if is_full { "full floor" } else { "needed floor" },
        "seconds": started.elapsed().as_secs_f64(),
        "rows": rows.into_inner(),
        "bytes": files.iter().map(|file| file.bytes).sum::<u64>(),
    }))
}

/// One delivered file.
struct Delivered {
    table: String,
    path: PathBuf,
    bytes: u64,
}

/// The files of all deliveries, the largest first, so that no thread is left alone with a large one at the end.
fn files_of(deliveries: &[String]) -> Anyhow<Vec<Delivered>> {
    let mut files = Vec::new();
    for folder in deliveries.iter().map(Path::new) {
        let manifest: serde_json::Value = serde_json::from_slice(&std::fs::read(folder.join("manifest.json"))?)?;
        for file in manifest["files"].as_array().ok_or("a manifest names its files")? {
            let text = |key: &str| file[key].as_str().ok_or("a file has a name and a table");
            let path = folder.join(text("file")?);
            files.push(Delivered { table: text("table")?.to_owned(), bytes: path.metadata()?.len(), path });
        }
    }
    files.sort_by_key(|file| std::cmp::Reverse(file.bytes));
    Ok(files)
}

fn sha256(path: &Path) -> Anyhow<()> {
    let (mut file, mut sum, mut buffer) = (File::open(path)?, Running::new(), vec![0; 1 << 18]);
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            n => sum.update(&buffer[..n]),
        }
    }
    std::hint::black_box(sum.finish());
    Ok(())
}

/// Decodes a file and drops what it holds; its rows.
fn decode(Delivered { table, path, .. }: &Delivered, is_full: bool) -> Anyhow<u64> {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("parquet") => decode_parquet(table, path, is_full),
        Some("gz") => split(flate2::bufread::MultiGzDecoder::new(BufReader::with_capacity(1 << 18, File::open(path)?))),
        _ => split(File::open(path)?),
    }
}

fn split(input: impl Read) -> Anyhow<u64> {
    let mut reader = csv::ReaderBuilder::new().buffer_capacity(1 << 16).from_reader(input);
    let (mut record, mut rows) = (csv::ByteRecord::new(), 0);
    while reader.read_byte_record(&mut record)? {
        std::hint::black_box(record.len());
        rows += 1;
    }
    Ok(rows)
}

fn decode_parquet(name: &str, path: &Path, is_full: bool) -> Anyhow<u64> {
    let file = File::open(path)?;
    let plain = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())?;
    let spec = table(name).ok_or("a table of the contract")?;
    let with_dictionaries =
        Schema::new(plain.schema().fields().iter().map(|field| decoded(spec, field)).collect::<Vec<_>>());
    let options = ArrowReaderOptions::new().with_schema(Arc::new(with_dictionaries));
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)?;
    let fields = builder.schema().fields().iter().enumerate();
    let wanted = fields.filter(|(_, field)| is_full || is_needed(spec, field.name())).map(|(at, _)| at);
    let mask = ProjectionMask::roots(builder.parquet_schema(), wanted);
    let mut rows = 0;
    for batch in builder.with_projection(mask).with_batch_size(BATCH_ROWS).build()? {
        rows += std::hint::black_box(batch?).num_rows() as u64;
    }
    Ok(rows)
}

/// A column as it is decoded: keys and codes stay dictionaries; ids that don't repeat have none.
fn decoded(spec: &TableSpec, field: &Field) -> Field {
    let is_coded = spec.column(field.name()).is_some_and(earlycall::extract::is_coded);
    let kind = match field.data_type() {
        DataType::Utf8 if is_coded => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
        plain => plain.clone(),
    };
    Field::new(field.name(), kind, field.is_nullable())
}

/// Whether features need a column, or the clocks do.
fn is_needed(spec: &TableSpec, name: &str) -> bool {
    let clocks = [&spec.event, &spec.received, &spec.recorded];
    name == "person_id"
        || spec.column(name).is_some_and(|column| column.kept)
        || clocks.iter().any(|clock| clock.as_deref() == Some(name))
}
