//! Work on several threads whose results are used in order, so that nothing depends on who was faster.

use std::{
    collections::BTreeMap,
    sync::{Condvar, Mutex},
    thread,
};

use crate::error::Result;

struct State<T, C> {
    /// The next to be begun.
    begun: usize,
    /// The next to be used.
    used: usize,
    done: BTreeMap<usize, T>,
    failed: Result<()>,
    consume: C,
}

/// Does `work` for 0 to `n` on some threads, and gives each result to `consume` in order, on any of them. No more than
/// `threads` results wait for an earlier one.
///
/// # Errors
/// The first error of either ends everything.
pub(crate) fn each_in_order<T: Send>(
    threads: usize,
    n: usize,
    work: impl Fn(usize) -> Result<T> + Sync,
    consume: impl FnMut(T) -> Result<()> + Send,
) -> Result<()> {
    let threads = threads.clamp(1, n.max(1));
    let state = Mutex::new(State { begun: 0, used: 0, done: BTreeMap::new(), failed: Ok(()), consume });
    let used_one = Condvar::new();
    let worker = || {
        loop {
            let mut now = state.lock().expect("no thread dies holding it");
            while now.failed.is_ok() && now.begun < n && now.begun >= now.used + 2 * threads {
                now = used_one.wait(now).expect("no thread dies holding it");
            }
            if now.failed.is_err() || now.begun >= n {
                return;
            }
            let at = now.begun;
            now.begun += 1;
            drop(now);
            let result = work(at);
            let mut now = state.lock().expect("no thread dies holding it");
            match result {
                Ok(result) => drop(now.done.insert(at, result)),
                Err(error) if now.failed.is_ok() => now.failed = Err(error),
                Err(_) => {}
            }
            use_what_is_due(&mut now);
            used_one.notify_all();
        }
    };
    thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(worker))));
    state.into_inner().expect("every thread has ended").failed
}

fn use_what_is_due<T, C: FnMut(T) -> Result<()>>(state: &mut State<T, C>) {
    while state.failed.is_ok()
        && let Some(result) = state.done.remove(&state.used)
    {
        state.failed = (state.consume)(result);
        state.used += 1;
    }
}

/// Does `work` for 0 to `n` on some threads, and gives the results in order.
///
/// # Errors
/// The first error ends everything.
pub(crate) fn in_order<T: Send>(threads: usize, n: usize, work: impl Fn(usize) -> Result<T> + Sync) -> Result<Vec<T>> {
    let mut results = Vec::with_capacity(n);
    each_in_order(threads, n, work, |result| {
        results.push(result);
        Ok(())
    })?;
    Ok(results)
}

/// Does two things, at once where there are threads for both.
pub(crate) fn both<A: Send, B>(threads: usize, one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B) -> (A, B) {
    if threads < 2 {
        return (one(), other());
    }
    thread::scope(|scope| {
        let one = scope.spawn(one);
        let other = other();
        (one.join().expect("a thread that dies ends the night"), other)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Error, Kind};

    #[test]
    fn both_are_done_on_any_number_of_threads() {
        for threads in 0..3 {
            assert_eq!(both(threads, || 1 + 1, || "other"), (2, "other"));
        }
    }

    #[test]
    fn results_come_in_order_and_an_error_ends_it() {
        for threads in 1..5 {
            assert_eq!(in_order(threads, 100, |n| Ok(n * n)).unwrap(), (0..100).map(|n| n * n).collect::<Vec<_>>());
            let refuse = |n| if n == 7 { Err(Error::new(Kind::Storage, "seven")) } else { Ok(n) };
            assert_eq!(in_order(threads, 100, refuse).unwrap_err().kind(), Kind::Storage);
        }
        assert_eq!(in_order(3, 0, Ok).unwrap(), Vec::<usize>::new());
    }
}
