//! Work on several threads whose results stand in the order of the work.

use std::{
    num::NonZero,
    ops::Range,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

/// People made by one thread at a time.
const PEOPLE_PER_PART: u32 = 1_000;

/// Does each of a number of jobs; results in order of the jobs, whoever did them.
pub(crate) fn each<T: Send>(jobs: usize, threads: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        loop {
            let job = next.fetch_add(1, Ordering::Relaxed);
            if job >= jobs {
                return done;
            }
            done.push((job, work(job)));
        }
    };
    let mut done: Vec<(usize, T)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().flat_map(|handle| handle.join().expect("a worker returns what goes wrong")).collect()
    });
    done.sort_by_key(|(job, _)| *job);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Does `work` for each part of the population.
pub(crate) fn parts<T: Send>(people: u32, threads: usize, work: impl Fn(Range<u32>) -> T + Sync) -> Vec<T> {
    each(people.div_ceil(PEOPLE_PER_PART) as usize, threads, |part| {
        let from = part as u32 * PEOPLE_PER_PART;
        work(from..(from + PEOPLE_PER_PART).min(people))
    })
}

/// Threads that the machine offers.
pub(crate) fn threads_offered() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}
