//! Writes everybody's standing and every feature of everybody who is scored, as Parquet, to compare with other
//! implementations.
//!
//! `features --config earlycall.toml --index-date 2026-11-20 --out features.parquet`: `person_id`, `standing`, then the
//! catalogue's features by window, in whole numbers of the unit's parts; null where missing or not scored, -1 where
//! never.

use std::{error::Error, fs::File, path::PathBuf, sync::Arc};

use arrow::{
    array::{ArrayRef, Int32Array, RecordBatch, StringArray},
    datatypes::{DataType, Field, Schema},
};
use clap::Parser;
use earlycall::{
    cohort::{Assessed, Circumstances, assess, is_somebody, standing::Standing},
    day::Day,
    features::{Feeds, Value, build},
    history::{arrive::settle_deliveries, records::Person},
    settings::Settings,
    store::{Store, disk::FileSystem},
};
use earlycall_schemas::{catalogue::catalogue, sql::NEVER};
use parquet::{arrow::ArrowWriter, basic::Compression, file::properties::WriterProperties};

#[derive(Parser)]
struct Cli {
    /// The settings file.
    #[arg(long, default_value = "earlycall.toml")]
    config: PathBuf,
    /// The index date.
    #[arg(long)]
    index_date: Day,
    /// The file to write.
    #[arg(long)]
    out: PathBuf,
    /// Threads to use.
    #[arg(long, default_value_t = 2)]
    threads: usize,
}

fn main() -> Result<(), Box<dyn Error>> {
    let cli = Cli::parse();
    let settings = Settings::load(&cli.config)?;
    let store = Store::open(&FileSystem, settings.output_folder(), settings.state_folder())?;
    let history = settle_deliveries(&store, &settings, cli.threads)?;
    let view = history.view(cli.index_date);
    let newest = history.newest_events(&view, cli.threads)?;
    let feeds = Feeds::new(newest.keys().map(String::as_str));
    let at = Circumstances::of(&history.reference, cli.index_date, &feeds, &settings);
    let mut writer = ArrowWriter::try_new(File::create(&cli.out)?, schema(), Some(properties()))?;
    for rows in history.each_bucket(
        &view,
        cli.threads,
        |_| true,
        |people| {
            let people: Vec<Person> = people.into_iter().filter(|person| is_somebody(person, &at)).collect();
            rows_of(&people, &at)
        },
    )? {
        writer.write(&rows)?;
    }
    writer.close()?;
    Ok(())
}

fn schema() -> Arc<Schema> {
    let mut fields =
        vec![Field::new("person_id", DataType::Utf8, false), Field::new("standing", DataType::Utf8, false)];
    fields.extend(catalogue().features().iter().map(|feature| Field::new(&feature.name, DataType::Int32, true)));
    Arc::new(Schema::new(fields))
}

fn properties() -> WriterProperties {
    WriterProperties::builder().set_compression(Compression::SNAPPY).build()
}

fn rows_of(people: &[Person], at: &Circumstances) -> RecordBatch {
    let assessed: Vec<Assessed> = people.iter().map(|person| assess(person, at)).collect();
    let rows: Vec<Option<Vec<Value>>> = assessed
        .iter()
        .map(|found| {
            let is_scored = found.standing == Standing::Scored;
            is_scored.then(|| build(&found.subject(), at.index_date, at.feeds).values)
        })
        .collect();
    let ids: StringArray = people.iter().map(|person| Some(person.key.to_text())).collect();
    let standings: StringArray = assessed.iter().map(|found| Some(found.standing.code())).collect();
    let mut columns: Vec<ArrayRef> = vec![Arc::new(ids), Arc::new(standings)];
    for feature in 0..catalogue().features().len() {
        let values: Int32Array = rows.iter().map(|row| row.as_ref().and_then(|row| number(row[feature]))).collect();
        columns.push(Arc::new(values));
    }
    RecordBatch::try_new(schema(), columns).expect("one column per field, one value per person")
}

fn number(value: Value) -> Option<i32> {
    match value {
        Value::Known(value) => Some(i32::try_from(value).expect("a feature is a small number")),
        Value::Never => Some(i32::try_from(NEVER).expect("never is a small number")),
        Value::Missing => None,
    }
}
