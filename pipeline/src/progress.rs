//! Progress for whoever watches, and timings for whoever asks later. On stderr; data go to stdout.
//!
//! The one place that reads the clock, and asks the system what the process has used. Nothing here reaches an output but
//! `timings.json`.

use std::{
    fs,
    io::IsTerminal,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

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
    ended: Vec<Stage>,
    current: Option<Stage>,
}

/// One stage, while it lasts and after.
struct Stage {
    name: String,
    started: Instant,
    /// Processor time that the process had used when it began; none where the system does not tell.
    cpu_before: Option<Duration>,
    /// How many of what went through it, where that is known.
    handled: Option<(u64, &'static str)>,
    /// Once it is over.
    used: Option<Used>,
}

/// What a stage has used.
#[derive(Clone, Copy)]
struct Used {
    wall: Duration,
    cpu: Option<Duration>,
    peak_memory_bytes: Option<u64>,
}

impl Stage {
    fn begin(name: &str) -> Stage {
        let (name, cpu_before) = (name.to_owned(), cpu_time());
        Stage { name, started: Instant::now(), cpu_before, handled: None, used: None }
    }

    fn used(&self) -> Used {
        self.used.unwrap_or_else(|| Used {
            wall: self.started.elapsed(),
            cpu: self.cpu_before.zip(cpu_time()).map(|(before, now)| now.saturating_sub(before)),
            peak_memory_bytes: peak_memory_bytes(),
        })
    }

    fn to_json(&self) -> Value {
        let Used { wall, cpu, peak_memory_bytes } = self.used();
        let mut told = json!({"stage": self.name, "seconds": wall.as_secs_f64()});
        let of_the_system = [
            ("cpu_seconds", cpu.map(|cpu| json!(cpu.as_secs_f64()))),
            ("peak_memory_bytes", peak_memory_bytes.map(Value::from)),
            ("handled", self.handled.map(|(n, what)| json!({ "n": n, "of": what }))),
        ];
        for (name, value) in of_the_system {
            if let Some(value) = value {
                told[name] = value;
            }
        }
        told
    }
}

impl Progress {
    /// Tells nothing.
    pub fn quiet() -> Progress {
        Progress { spinner: None, is_quiet: true, started: Instant::now(), ended: Vec::new(), current: None }
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
        self.current = Some(Stage::begin(name));
    }

    /// Notes how many of what the current stage has handled.
    pub fn handled(&mut self, n: u64, what: &'static str) {
        if let Some(stage) = &mut self.current {
            stage.handled = Some((n, what));
        }
    }

    /// A counter of the current stage's parts, shown on a terminal beside the stage; any thread may count.
    pub fn steps(&self, of: &'static str) -> Steps {
        let stage = self.current.as_ref().map(|stage| stage.name.clone()).unwrap_or_default();
        Steps { spinner: self.spinner.clone(), stage, of, done: Arc::default() }
    }

    fn end_stage(&mut self) {
        let Some(mut stage) = self.current.take() else { return };
        let used = stage.used();
        if !self.is_quiet && self.spinner.is_none() {
            tracing::info!(
                stage = stage.name,
                seconds = used.wall.as_secs_f64(),
                cpu_seconds = used.cpu.map(|cpu| cpu.as_secs_f64()),
                peak_memory_bytes = used.peak_memory_bytes,
                "stage_ended"
            );
        }
        stage.used = Some(used);
        self.ended.push(stage);
    }

    /// `timings.json`: what each stage has used so far, the current one included. Wall and processor seconds are those of
    /// the stage; the peak of resident memory is that of the process, from its beginning to the end of the stage. The
    /// last two are absent where the system does not tell. The one file outside the promise of equal bytes.
    pub fn timings(&self) -> Vec<u8> {
        let stages: Vec<Value> = self.ended.iter().chain(&self.current).map(Stage::to_json).collect();
        let timings = json!({"stages": stages, "seconds": self.started.elapsed().as_secs_f64()});
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

/// Counts the parts of a stage as they are done.
#[derive(Clone, Debug)]
pub struct Steps {
    spinner: Option<ProgressBar>,
    stage: String,
    of: &'static str,
    done: Arc<AtomicU64>,
}

impl Steps {
    /// One more is done.
    pub fn one_more(&self) {
        let done = 1 + self.done.fetch_add(1, Ordering::Relaxed);
        if let Some(spinner) = &self.spinner {
            spinner.set_message(format!("{}: {done} {}", self.stage, self.of));
        }
    }
}

/// Processor time of all threads so far, ended ones included, in user and kernel mode.
fn cpu_time() -> Option<Duration> {
    // Linux reports hundredths of a second on every processor that Rust's standard library supports there.
    const TICKS_PER_SECOND: f64 = 100.0;
    let text = fs::read_to_string("/proc/self/stat").ok()?;
    Some(Duration::from_secs_f64(cpu_ticks(&text)? as f64 / TICKS_PER_SECOND))
}

/// Fields 14 and 15 of `/proc/self/stat`; the second, a name in brackets, may hold blanks and brackets itself.
fn cpu_ticks(stat: &str) -> Option<u64> {
    let mut after_name = stat.rsplit_once(')')?.1.split_ascii_whitespace().skip(11);
    let user: u64 = after_name.next()?.parse().ok()?;
    let system: u64 = after_name.next()?.parse().ok()?;
    Some(user + system)
}

/// The most memory that the process has held at once so far.
fn peak_memory_bytes() -> Option<u64> {
    high_water_mark(&fs::read_to_string("/proc/self/status").ok()?)
}

/// `VmHWM` of `/proc/self/status`, in bytes.
fn high_water_mark(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(1024 * kilobytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_is_understood_or_not_believed() {
        let stat = "77 (early) call)) S 1 77 77 0 -1 4194304 100 0 0 0 250 31 0 0 20 0 3 0 1000 1 2";
        assert_eq!(cpu_ticks(stat), Some(281));
        assert_eq!(cpu_ticks("77 (earlycall) S 1"), None);
        assert_eq!(high_water_mark("Name:\tearlycall\nVmHWM:\t  2048 kB\nVmRSS:\t 1024 kB\n"), Some(2 * 1024 * 1024));
        assert_eq!(high_water_mark("Name:\tearlycall\n"), None);
    }

    #[test]
    fn timings_name_every_stage_in_order_with_what_it_handled() {
        let mut progress = Progress::quiet();
        progress.stage("settling");
        progress.stage("reading and scoring");
        progress.steps("buckets").one_more();
        progress.handled(20, "people");
        progress.stage("publishing");
        let timings: Value = serde_json::from_slice(&progress.timings()).unwrap();
        let stages = timings["stages"].as_array().unwrap();
        let names: Vec<&str> = stages.iter().map(|stage| stage["stage"].as_str().unwrap()).collect();
        assert_eq!(names, ["settling", "reading and scoring", "publishing"]);
        assert_eq!(stages[1]["handled"], json!({"n": 20, "of": "people"}));
        assert!(stages[0].get("handled").is_none());
        assert!(stages.iter().chain([&timings]).all(|told| told["seconds"].is_number()));
        if cfg!(target_os = "linux") {
            assert!(stages.iter().all(|stage| stage["cpu_seconds"].is_number() && stage["peak_memory_bytes"].is_u64()));
        }
    }
}
