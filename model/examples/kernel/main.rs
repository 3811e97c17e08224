//! The two heavy parts of the model on a made-up population: learning, and scoring with reasons.
//!
//! ```text
//! kernel fit      ROWS COLUMNS [THREADS [FOLDER]]   train with cross-validation
//! kernel solve    ROWS COLUMNS [THREADS [FOLDER]]   train with one penalty and two folds
//! kernel explain  ROWS COLUMNS [THREADS [FOLDER]]   score, then score with the sums by statement
//! kernel count                                      small and fixed: for counting instructions
//! ```
//!
//! Prints seconds and checksums: the same numbers give the same checksums, on any number of threads.
//! With a folder, the matrix is written there for other programs; see `benchmarks/peers/model.py`.

mod export;
mod population;

use std::path::Path;
use std::time::Instant;

use earlycall_model::{Error, RiskModel, RiskModelParams, Rows, Training};
use ndarray::{ArrayView2, Axis};
use population::Population;

/// Rows that are explained at a time: as many as their results stay in the processor's cache.
const BLOCK: usize = 256;

/// Rows that a model for scoring is trained on.
const TAUGHT: usize = 2_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let word = |place: usize| words.get(place).map(String::as_str);
    let number = |place: usize, usual: usize| word(place).map_or(Ok(usual), str::parse);
    let (rows, columns, threads) = (number(1, 20_000)?, number(2, 150)?, number(3, 1)?);
    let folder = word(4).map(Path::new);
    match word(0) {
        Some("fit") => fit(rows, columns, threads, folder, RiskModelParams::new())?,
        Some("solve") => fit(rows, columns, threads, folder, RiskModelParams::new().folds(2).l2(&[100.0]))?,
        Some("explain") => score(rows, columns, threads, folder)?,
        Some("count") => {
            fit(5_000, 40, 1, None, RiskModelParams::new())?;
            score(20_000, 150, 1, None)?;
        }
        _ => return Err("kernel fit | solve | explain | count; see the top of the source".into()),
    }
    Ok(())
}

fn train(people: &Population, params: RiskModelParams) -> Result<RiskModel, Error> {
    let rows = Rows { columns: &people.columns, x: people.x.view() };
    params.check()?.fit(&Training { rows, events: &people.events, persons: &people.persons })
}

fn fit(
    rows: usize,
    columns: usize,
    threads: usize,
    folder: Option<&Path>,
    params: RiskModelParams,
) -> Result<(), Box<dyn std::error::Error>> {
    let people = Population::draw(rows, columns, 7);
    let (seconds, model) = timed(|| train(&people, params.threads(threads)));
    let model = model?;
    let functions: usize = model.formula().curves.iter().map(|curve| curve.terms.len()).sum();
    let coefficients = model.formula().curves.iter().flat_map(|curve| &curve.terms).map(|term| term.coefficient);
    println!("fit {rows} x {columns}, {functions} functions, {threads} threads: {seconds}");
    println!("  L2 {}, AUROC {:?}, {:?}", model.formula().l2, model.metrics().auroc, model.calibration());
    println!("  checksum {:016x}", checksum(coefficients));
    if let Some(folder) = folder {
        export::write(folder, &people, Some(&model))?;
    }
    Ok(())
}

fn score(rows: usize, columns: usize, threads: usize, folder: Option<&Path>) -> Result<(), Box<dyn std::error::Error>> {
    let people = Population::draw(rows, columns, 7);
    let taught = people.first(TAUGHT.min(rows));
    let model = train(&taught, RiskModelParams::new().folds(2).l2(&[100.0]).threads(threads))?;
    if let Some(folder) = folder {
        export::write(folder, &people, None)?;
    }
    let x32 = people.x.mapv(|x| x as f32);
    for (what, with_reasons) in [("score", false), ("explain", true)] {
        let wide = explain(&model, people.x.view(), threads, with_reasons);
        let narrow = explain(&model, x32.view(), threads, with_reasons);
        for (type_name, (seconds, sum)) in [("f64", wide), ("f32", narrow)] {
            println!("{what} {rows} x {columns} {type_name}, {threads} threads: {seconds}, checksum {sum:016x}");
        }
    }
    Ok(())
}

/// Seconds in words, and a checksum of all log-odds and of how often each statement raises a risk most.
fn explain<T: Copy + Into<f64> + Sync>(
    model: &RiskModel,
    x: ArrayView2<T>,
    threads: usize,
    with_reasons: bool,
) -> (String, u64) {
    let (seconds, results) = timed(|| {
        let shares: Vec<ArrayView2<T>> = x.axis_chunks_iter(Axis(0), x.nrows().div_ceil(threads)).collect();
        std::thread::scope(|scope| {
            let work = |share| scope.spawn(move || explain_share(model, share, with_reasons));
            let running: Vec<_> = shares.into_iter().map(work).collect();
            running.into_iter().map(|share| share.join().expect("no bug")).collect::<Vec<_>>()
        })
    });
    let log_odds = results.iter().flat_map(|(log_odds, _)| log_odds).copied();
    let raised = (0..model.statements().len()).map(|s| results.iter().map(|(_, raised)| raised[s]).sum::<f64>());
    (seconds, checksum(log_odds.chain(raised)))
}

fn explain_share<T: Copy + Into<f64>>(model: &RiskModel, x: ArrayView2<T>, with_reasons: bool) -> (Vec<f64>, Vec<f64>) {
    let n = model.statements().len();
    let mut log_odds = vec![0.0; x.nrows()];
    let mut sums = vec![0.0; if with_reasons { BLOCK * n } else { 0 }];
    let mut raised = vec![0.0; n];
    for (block, log_odds) in x.axis_chunks_iter(Axis(0), BLOCK).zip(log_odds.chunks_mut(BLOCK)) {
        let sums = &mut sums[..if with_reasons { block.nrows() * n } else { 0 }];
        model.explain_block(block, log_odds, sums).expect("places for all results");
        for row in sums.chunks_exact(n) {
            let highest = row.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).expect("a model has statements");
            raised[highest.0] += 1.0;
        }
    }
    (log_odds, raised)
}

/// Seconds of the clock and of all threads' work together, in words, and the result.
fn timed<T>(work: impl FnOnce() -> T) -> (String, T) {
    let (start, worked) = (Instant::now(), worked());
    let result = work();
    let seconds = start.elapsed().as_secs_f64();
    (format!("{seconds:.3} s, work {:.2} s", self::worked() - worked), result)
}

/// Seconds that the process has worked, in hundredths, which a busy machine doesn't change much. Linux tells; elsewhere 0.
fn worked() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Changes with any bit of any number, and with their order.
fn checksum(numbers: impl Iterator<Item = f64>) -> u64 {
    numbers.fold(0xcbf2_9ce4_8422_2325, |sum, number| (sum ^ number.to_bits()).wrapping_mul(0x0100_0000_01b3))
}
