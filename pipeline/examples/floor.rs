//! The floor of the benchmarks: what any program must do before it can think about a delivery.
//!
//! `floor full DELIVERY...` takes the SHA-256 of every file and decodes every column once, as a first night must.
//! `floor needed DELIVERY...` decodes the columns that features need, as a night without a settled history must.
//! Two threads, dictionaries kept. CSV is decompressed and split into fields. Prints one JSON object.

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
use earlycall_schemas::table::table;
use parquet::arrow::{
    ProjectionMask,
    arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder},
};
use sha2::{Digest, Sha256};

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
    let mut files = Vec::new();
    for delivery in deliveries {
        let folder = Path::new(delivery);
        let manifest: serde_json::Value = serde_json::from_slice(&std::fs::read(folder.join("manifest.json"))?)?;
        for file in manifest["files"].as_array().into_iter().flatten() {
            let text = |key: &str| file[key].as_str().unwrap_or_default().to_owned();
            files.push((text("table"), folder.join(text("file"))));
        }
    }
    let (rows, bytes, next) = (AtomicU64::new(0), AtomicU64::new(0), AtomicUsize::new(0));
    let started = Instant::now();
    let worker = || -> Anyhow<()> {
        while let Some((table, path)) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            bytes.fetch_add(path.metadata()?.len(), Ordering::Relaxed);
            if is_full {
                sha256(path)?;
            }
            rows.fetch_add(decode(table, path, is_full)?, Ordering::Relaxed);
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
        "bytes": bytes.into_inner(),
    }))
}

fn sha256(path: &Path) -> Anyhow<()> {
    let (mut file, mut digest, mut buffer) = (File::open(path)?, Sha256::new(), vec![0; 1 << 18]);
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            n => digest.update(&buffer[..n]),
        }
    }
    std::hint::black_box(digest.finalize());
    Ok(())
}

fn decode(table: &str, path: &PathBuf, is_full: bool) -> Anyhow<u64> {
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
    // Keys and codes stay dictionaries; ids that don't repeat have none.
    let keeps_dictionary = |field: &Field| {
        let is_coded = spec.column(field.name()).is_some_and(earlycall::extract::is_coded);
        is_coded && *field.data_type() == DataType::Utf8
    };
    let fields: Vec<Field> = plain
        .schema()
        .fields()
        .iter()
        .map(|field| {
            let kind = match keeps_dictionary(field) {
                true => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
                false => field.data_type().clone(),
            };
            Field::new(field.name(), kind, field.is_nullable())
        })
        .collect();
    let options = ArrowReaderOptions::new().with_schema(Arc::new(Schema::new(fields)));
    let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options)?;
    let is_needed = |name: &str| {
        let clocks = [&spec.event, &spec.received, &spec.recorded];
        name == "person_id"
            || spec.column(name).is_some_and(|column| column.kept)
            || clocks.iter().any(|clock| clock.as_deref() == Some(name))
    };
    let wanted: Vec<usize> = builder
        .schema()
        .fields()
        .iter()
        .enumerate()
        .filter(|(_, field)| is_full || is_needed(field.name()))
        .map(|(at, _)| at)
        .collect();
    let mask = ProjectionMask::roots(builder.parquet_schema(), wanted);
    let mut rows = 0;
    for batch in builder.with_projection(mask).with_batch_size(BATCH_ROWS).build()? {
        rows += std::hint::black_box(batch?).num_rows() as u64;
    }
    Ok(rows)
}
