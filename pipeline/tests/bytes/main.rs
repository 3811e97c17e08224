//! Every reader of outside bytes, against bytes that nobody meant: it succeeds or says what is wrong, and never panics.
//!
//! A few rounds by default; `EARLYCALL_FUZZ_ROUNDS` asks for more. A round is drawn from the reader's name and its number
//! alone, so what a failure names can be run again.

mod disk;
mod mutate;
mod readers;
#[allow(dead_code, reason = "the tests of what arrives spoil deliveries in more ways than these")]
#[path = "../support/mod.rs"]
mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};

use mutate::mutated;
use readers::{Reader, readers};

/// Rounds of each reader: some seconds in all.
const ROUNDS: u64 = 40;

#[test]
fn no_reader_panics_whatever_the_bytes() {
    earlycall::panics::tell_places_only();
    let rounds = std::env::var("EARLYCALL_FUZZ_ROUNDS").map_or(ROUNDS, |n| n.parse().expect("a number of rounds"));
    let scratch = tempfile::tempdir().unwrap();
    let mut failures = Vec::new();
    for Reader { name, samples, read } in &readers(scratch.path()) {
        let (mut n_read, mut n_refused) = (0, 0);
        for round in 0..rounds {
            let bytes = mutated(name, round, samples);
            match catch_unwind(AssertUnwindSafe(|| read(&bytes))) {
                Ok(Ok(())) => n_read += 1,
                Ok(Err(_)) => n_refused += 1,
                Err(_) => failures.push(format!("{name}, round {round}")),
            }
        }
        println!("{name}: {n_read} read, {n_refused} refused");
    }
    assert!(failures.is_empty(), "{} panicked: {}", failures.len(), failures.join("; "));
}

#[test]
fn every_reader_reads_its_samples_as_they_are() {
    let scratch = tempfile::tempdir().unwrap();
    for Reader { name, samples, read } in &readers(scratch.path()) {
        for (at, sample) in samples.iter().enumerate() {
            assert_eq!(read(sample), Ok(()), "sample {at} of {name}");
        }
    }
}

#[test]
fn a_round_gives_the_same_bytes_again_and_another_gives_others() {
    let samples = [b"a,b\n1,2\n".to_vec(), vec![7; 100]];
    let rounds = |name: &str| (0..50).map(|round| mutated(name, round, &samples)).collect::<Vec<_>>();
    assert_eq!(rounds("x"), rounds("x"));
    assert_ne!(rounds("x"), rounds("y"));
    assert!(rounds("x").iter().filter(|bytes| samples.contains(bytes)).count() < 10);
}
