//! Work over many rows on several threads, cut the same way however many there are.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::ScopedJoinHandle;

/// Rows in one piece of work. Sums are made within a stripe and then over the stripes in order, so this number, unlike
/// the number of threads, decides how they are rounded.
pub(crate) const STRIPE: usize = 1 << 15;

/// The rows from 0 to `n_rows`, cut into stripes; at least one.
pub(crate) fn stripes(n_rows: usize) -> Vec<Range<usize>> {
    (0..n_rows.div_ceil(STRIPE).max(1)).map(|stripe| stripe * STRIPE..n_rows.min((stripe + 1) * STRIPE)).collect()
}

/// The result of `work` on each of the numbers below `n_tasks`, in their order, on up to `threads` threads.
pub(crate) fn in_order<T: Send>(n_tasks: usize, threads: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    if threads <= 1 || n_tasks <= 1 {
        return (0..n_tasks).map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let worker = || {
        let mine = std::iter::from_fn(|| Some(next.fetch_add(1, Ordering::Relaxed)).filter(|task| *task < n_tasks));
        mine.map(|task| (task, work(task))).collect::<Vec<(usize, T)>>()
    };
    let mut done: Vec<(usize, T)> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads.min(n_tasks)).map(|_| scope.spawn(worker)).collect();
        let join = |worker: ScopedJoinHandle<'_, _>| worker.join().expect("the work panics only for a bug");
        running.into_iter().flat_map(join).collect()
    });
    done.sort_by_key(|(task, _)| *task);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_in_one_stripe() {
        let bounds = |n_rows| stripes(n_rows).into_iter().map(|rows| (rows.start, rows.end)).collect::<Vec<_>>();
        assert_eq!(bounds(0), [(0, 0)]);
        assert_eq!(bounds(STRIPE), [(0, STRIPE)]);
        assert_eq!(bounds(STRIPE + 5), [(0, STRIPE), (STRIPE, STRIPE + 5)]);
    }

    #[test]
    fn results_come_in_order_whoever_worked() {
        let squares: Vec<usize> = (0..100).map(|n| n * n).collect();
        for threads in [0, 1, 3, 200] {
            assert_eq!(in_order(100, threads, |n| n * n), squares);
        }
        assert!(in_order(0, 2, |n| n).is_empty());
    }
}
