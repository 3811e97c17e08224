//! Progress for whoever watches, and timings for whoever asks later. On stderr; data go to stdout.

use std::{
    io::IsTerminal,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

/// How a run tells what it is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// The stages of a run: shown as they begin, timed as they end.
pub struct Progress {
    spinner: Option<ProgressBar>,
    is_quiet: bool,
    started: Instant,
    stages: Vec<(String, Duration)>,
    current: Option<(String, Instant)>,
}

impl Progress {
    /// Tells nothing.
    pub fn quiet() -> Progress {
        Progress { spinner: None, is_quiet: true, started: Instant::now(), stages: Vec::new(), current: None }
    }

    /// Tells stages on stderr: as a spinner on a terminal, else as a log.
    pub fn shown(format: LogFormat) -> Progress {
        let mut progress = Progress::quiet();
        progress.is_quiet = false;
        if format == LogFormat::Text && std::io::stderr().is_terminal() {
            let spinner = ProgressBar::new_spinner();
            let style = ProgressStyle::with_template("{spinner} {msg} ({elapsed})").expect("a template of known keys");
            spinner.set_style(style);
            spinner.enable_steady_tick(Duration::from_millis(100));
            progress.spinner = Some(spinner);
        }
        progress
    }

    /// Begins a stage, which ends the one before.
    pub fn stage(&mut self, name: &str) {
        self.end_stage();
        match &self.spinner {
            Some(spinner) => spinner.set_message(name.to_owned()),
            None if !self.is_quiet => tracing::info!(stage = name, "stage_started"),
            None => {}
        }
        self.current = Some((name.to_owned(), Instant::now()));
    }

    fn end_stage(&mut self) {
        let Some((name, started)) = self.current.take() else { return };
        let took = started.elapsed();
        if !self.is_quiet && self.spinner.is_none() {
            tracing::info!(stage = name, seconds = took.as_secs_f64(), "stage_ended");
        }
        self.stages.push((name, took));
    }

    /// `timings.json`: seconds per stage so far. The one file outside the promise of equal bytes.
    pub fn timings(&mut self) -> Vec<u8> {
        self.end_stage();
        let stages: Vec<_> = self
            .stages
            .iter()
            .map(|(name, took)| serde_json::json!({"stage": name, "seconds": took.as_secs_f64()}))
            .collect();
        let timings = serde_json::json!({"stages": stages, "seconds": self.started.elapsed().as_secs_f64()});
        serde_json::to_vec_pretty(&timings).expect("timings are plain numbers")
    }

    /// Ends the display.
    pub fn done(&mut self) {
        self.end_stage();
        if let Some(spinner) = self.spinner.take() {
            spinner.finish_and_clear();
        }
    }
}
