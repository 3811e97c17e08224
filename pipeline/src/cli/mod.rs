//! The command line: one file per command.

/// Prints a line on stdout. A reader who has gone away, or a full disk behind a redirection, is no failure of the work
/// that the line is about.
macro_rules! tell {
    ($($what:tt)*) => {{
        let _ = std::io::Write::write_fmt(&mut std::io::stdout(), format_args!("{}\n", format_args!($($what)*)));
    }};
}

mod check;
mod codelists;
mod demo;
mod diff;
mod evaluate;
mod explain;
mod explain_rule;
mod feedback;
mod init;
mod model;
mod objection;
mod outcomes;
mod persons;
pub mod reid;
mod run;
mod schema;
mod synth;
mod train;
mod withdraw;
mod worth;

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use clap::{Parser, Subcommand};

use crate::{
    day::Day,
    error::{Error, Kind, Result},
    keys,
    night::revise::Revised,
    progress::{LogFormat, Progress},
    quality::report,
    reid::place,
    settings::Settings,
};

/// Scores people with long-term conditions for the risk of an unplanned admission, every night, and makes the
/// worklists that clinical coaches open in the morning.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command.
#[derive(Debug, clap::Args)]
struct Common {
    /// The settings file.
    #[arg(long, global = true, default_value = "earlycall.toml", value_name = "FILE")]
    config: PathBuf,
    /// Threads to use; the result is the same for any number.
    #[arg(long, global = true, value_name = "N")]
    threads: Option<usize>,
    /// How to log on stderr.
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
    /// Say nothing but errors and results.
    #[arg(long, global = true)]
    quiet: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a synthetic population, train a model, run two nights, and print the paths of the worklists.
    Demo(demo::Demo),
    /// Make the folder of a new service: settings, keys, empty folders, the reference of the tables.
    Init(init::Init),
    /// Make synthetic extracts.
    Synth(synth::Synth),
    /// Hold settings and extracts against the contract; scores nothing.
    Check(check::Check),
    /// Work with code lists.
    #[command(subcommand)]
    Codelists(codelists::Codelists),
    /// Learn a model from past index dates.
    Train(train::Train),
    /// Work with models.
    #[command(subcommand)]
    Model(model::Model),
    /// Run the night.
    Run(run::Run),
    /// Note who objects, or count objections.
    #[command(subcommand)]
    Objection(objection::Objection),
    /// Take in what coaches found.
    #[command(subcommand)]
    Feedback(feedback::Feedback),
    /// Take people off the newest list and all later ones.
    Withdraw(withdraw::Withdraw),
    /// Compare past nights' risks with what happened.
    Evaluate(evaluate::Evaluate),
    /// Measure what each optional feed adds to the risks of the people who have it.
    Worth(worth::WorthOfFeeds),
    /// Tell what became of the people of social prescribing and coaching.
    Outcomes(outcomes::Outcomes),
    /// Who joined, left or moved between two published nights, and why.
    Diff(diff::Diff),
    /// Explain one person's risk, or a rule.
    Explain(explain::Explain),
    /// List the tables, or print one in full.
    Schema(schema::Schema),
}

impl Cli {
    /// Says on stderr what went wrong, in the format of the log; before it, or in the same object, what else is known.
    pub fn complain(&self, error: &Error) {
        match self.common.log_format {
            LogFormat::Text => {
                error.lines_beside().iter().for_each(|line| eprintln!("earlycall: {line}"));
                eprintln!("earlycall: {error}");
            }
            LogFormat::Json => eprintln!("{}", complaint(error)),
        }
    }

    /// Does what was asked.
    ///
    /// # Errors
    /// Whatever the command meets; the kind decides the exit code.
    pub fn run(&self) -> Result<()> {
        self.common.log();
        match &self.command {
            Command::Demo(demo) => demo.run(&self.common),
            Command::Init(init) => init.run(),
            Command::Synth(synth) => synth.run(&self.common),
            Command::Check(check) => check.run(&self.common),
            Command::Codelists(codelists) => codelists.run(&self.common),
            Command::Train(train) => train.run(&self.common),
            Command::Model(model) => model.run(&self.common),
            Command::Run(run) => run.run(&self.common),
            Command::Objection(objection) => objection.run(&self.common),
            Command::Feedback(feedback) => feedback.run(&self.common),
            Command::Withdraw(withdraw) => withdraw.run(&self.common),
            Command::Evaluate(evaluate) => evaluate.run(&self.common),
            Command::Worth(worth) => worth.run(&self.common),
            Command::Outcomes(outcomes) => outcomes.run(&self.common),
            Command::Diff(diff) => diff.run(&self.common),
            Command::Explain(explain) => explain.run(&self.common),
            Command::Schema(schema) => schema.run(),
        }
    }
}

impl Common {
    fn settings(&self) -> Result<Settings> {
        let settings = Settings::load(&self.config)?;
        place::refuse_within_reach(&self.config, &settings)?;
        Ok(settings)
    }

    fn threads(&self) -> usize {
        let offered = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        self.threads.unwrap_or_else(offered).max(1)
    }

    fn progress(&self) -> Progress {
        if self.quiet { Progress::quiet() } else { Progress::shown(self.log_format) }
    }

    /// Says on stderr, whatever stands on stdout, that the newest list was published anew meanwhile.
    fn tell_revised(&self, revised: Option<&Revised>) {
        revised.iter().for_each(|revised| self.alert(&revised.in_words()));
    }

    /// Says on stderr, last of all, that files are data incidents which somebody must report today, though what was asked
    /// for is done without them.
    fn tell_incidents(&self, done: &str, incidents: &[String]) {
        report::incident_in_words(done, incidents).iter().for_each(|told| self.alert(told));
    }

    /// Says something on stderr that must not be lost among what is told on stdout.
    fn alert(&self, told: &str) {
        match self.log_format {
            LogFormat::Text => eprintln!("earlycall: {told}"),
            LogFormat::Json => eprintln!("{}", serde_json::json!({"level": "WARN", "message": told})),
        }
    }

    fn log(&self) {
        let level = if self.quiet { tracing::Level::ERROR } else { tracing::Level::INFO };
        let builder = tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(level).with_target(false);
        // A second command in one process, as tests run it, finds the log set up already.
        let _ = match self.log_format {
            LogFormat::Text => builder.with_ansi(false).without_time().try_init(),
            LogFormat::Json => builder.json().without_time().flatten_event(true).try_init(),
        };
    }
}

/// What went wrong, for machines: one object, whole.
fn complaint(error: &Error) -> serde_json::Value {
    let mut told = serde_json::json!({
        "level": "ERROR",
        "message": error.to_string(),
        "exit_code": crate::exit::code(error.kind()),
    });
    if !error.lines_beside().is_empty() {
        told["beside"] = error.lines_beside().into();
    }
    told
}

/// Random bytes from the system, enough for a key.
fn random_key() -> Result<[u8; keys::LENGTH]> {
    let path = Path::new("/dev/urandom");
    let mut bytes = [0; keys::LENGTH];
    let mut source = File::open(path).map_err(|error| Error::storage(path, "open", &error))?;
    source.read_exact(&mut bytes).map_err(|error| Error::storage(path, "read", &error))?;
    Ok(bytes)
}

/// Index dates in order, each once.
fn in_order(dates: &[Day]) -> Result<Vec<Day>> {
    let mut sorted = dates.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    if sorted.len() == dates.len() { Ok(sorted) } else { Err(usage("an index date is given twice")) }
}

/// A path as people type it.
fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn usage(message: &str) -> Error {
    Error::new(Kind::Usage, message)
}
