//! Writes everybody's standing and every feature of everybody who is scored, as Parquet, to compare with other
//! implementations.
//!
//! `features --config earlycall.toml --index-date 2026-11-20 --out features.parquet`: `person_id`, `standing`, then the
//! catalogue's features by window, in whole numbers of the unit's parts; null where missing or not scored, -1 where
//! never. With `--outcomes` a last column, `outcome`, says what happened within the horizon to whoever is scored.

use std::{error::Error, fs::File, path::PathBuf, sync::Arc};

use arrow::{
    array::{ArrayRef, AsArray, Int32Array, RecordBatch, StringArray},
    datatypes::{DataType, Field, Schema},
};
use clap::Parser;
use earlycall::{
    cohort::{Assessed, Circumstances, assess, is_somebody, one_fate::Fates, standing::Standing},
    day::Day,
    features::{Feeds, Value, build},
    history::{
        History,
        arrive::settle_deliveries,
        records::{Person, PersonKey},
    },
    progress::Progress,
    settings::Settings,
    store::{Store, disk::FileSystem},
    train::outcome::{Outcome, Windows, follow_ups},
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
    /// What happened afterwards, too; the window must be over.
    #[arg(long)]
    outcomes: bool,
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
    let fates = Fates::of(&history, &view, &feeds, &settings, cli.threads)?;
    let at = Circumstances::of(&history.reference, cli.index_date, &feeds, &settings, &fates);
    let buckets = history.each_bucket(
        &view,
        cli.threads,
        |_| true,
        |people| {
            let people: Vec<Person> = people.into_iter().filter(|person| is_somebody(person, &at)).collect();
            rows_of(&people, &at)
        },
    )?;
    let happened = cli.outcomes.then(|| Happened::to(&buckets, &history, &settings, &cli)).transpose()?;
    let schema = schema(cli.outcomes);
    let mut writer = ArrowWriter::try_new(File::create(&cli.out)?, schema.clone(), Some(properties()))?;
    for rows in buckets {
        let outcomes = happened.as_ref().map(|happened| happened.column(&rows));
        let columns = rows.columns().iter().cloned().chain(outcomes).collect();
        writer.write(&RecordBatch::try_new(schema.clone(), columns)?)?;
    }
    writer.close()?;
    Ok(())
}

/// What happened to those who are scored; they are sorted by key.
struct Happened {
    persons: Vec<PersonKey>,
    outcomes: Vec<Outcome>,
}

impl Happened {
    fn to(
        buckets: &[RecordBatch],
        history: &History,
        settings: &Settings,
        cli: &Cli,
    ) -> earlycall::error::Result<Happened> {
        let windows = Windows::leading(history, &settings.prediction, cli.index_date)?;
        let mut persons: Vec<PersonKey> = buckets.iter().flat_map(scored).flatten().collect();
        persons.sort_unstable();
        let steps = Progress::quiet().steps("buckets");
        let follow_ups = follow_ups(history, &persons, &windows, cli.threads, &steps)?;
        let within = |follow_up| Outcome::within(windows.seen_days(), follow_up);
        Ok(Happened { persons, outcomes: follow_ups.iter().map(within).collect() })
    }

    fn column(&self, rows: &RecordBatch) -> ArrayRef {
        let outcome =
            |person: Option<PersonKey>| Some(self.outcomes[self.persons.binary_search(&person?).ok()?].code());
        Arc::new(scored(rows).into_iter().map(outcome).collect::<StringArray>())
    }
}

/// Per row the person, if they are scored.
fn scored(rows: &RecordBatch) -> Vec<Option<PersonKey>> {
    let (ids, standings) = (rows.column(0).as_string::<i32>(), rows.column(1).as_string::<i32>());
    let one = |(id, standing): (Option<&str>, Option<&str>)| {
        PersonKey::parse(id?).filter(|_| standing == Some(Standing::Scored.code()))
    };
    ids.iter().zip(standings).map(one).collect()
}

fn schema(has_outcomes: bool) -> Arc<Schema> {
    let mut fields =
        vec![Field::new("person_id", DataType::Utf8, false), Field::new("standing", DataType::Utf8, false)];
    fields.extend(catalogue().features().iter().map(|feature| Field::new(&feature.name, DataType::Int32, true)));
    fields.extend(has_outcomes.then(|| Field::new("outcome", DataType::Utf8, true)));
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
    RecordBatch::try_new(schema(false), columns).expect("one column per field, one value per person")
}

fn number(value: Value) -> Option<i32> {
    match value {
        Value::Known(value) => Some(i32::try_from(value).expect("a feature is a small number")),
        Value::Never => Some(i32::try_from(NEVER).expect("never is a small number")),
        Value::Missing => None,
    }
}
