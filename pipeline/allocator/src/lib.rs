//! The allocator of the program `earlycall`: mimalloc, which keeps for the next column what the last one gave back.
//!
//! It has a crate of its own because it takes a call of C; everywhere else the compiler forbids `unsafe`.

use libmimalloc_sys::{mi_option_set, mi_option_t, mi_option_use_numa_nodes};
pub use mimalloc::MiMalloc;

/// Stands before another option in mimalloc's list of them, and is missing in that of its bindings.
/// Source: `mi_option_e` in `mimalloc.h`.
const PURGE_DELAY: mi_option_t = mi_option_use_numa_nodes - 1;

/// Has [`MiMalloc`] keep freed memory until the program ends.
///
/// A night makes columns of some hundred kilobytes, uses them for milliseconds, and forgets them. Left to itself,
/// mimalloc gives them back to the system, which clears every page before it lends it again.
///
/// # Example
/// ```
/// #[global_allocator]
/// static ALLOCATOR: earlycall_allocator::MiMalloc = earlycall_allocator::MiMalloc;
///
/// earlycall_allocator::keep_freed_memory();
/// ```
#[expect(unsafe_code)]
pub fn keep_freed_memory() {
    // SAFETY: it stores a number in a table of mimalloc's own, at any time and from any thread.
    unsafe { mi_option_set(PURGE_DELAY, -1) }
}

#[cfg(test)]
mod tests {
    use libmimalloc_sys::mi_option_get;

    use super::*;

    #[test]
    #[expect(unsafe_code)]
    fn the_option_is_the_one_that_is_a_second_by_default() {
        // SAFETY: it reads a number from the same table.
        let delay = || unsafe { mi_option_get(PURGE_DELAY) };
        assert_eq!(delay(), 1000);
        keep_freed_memory();
        assert_eq!(delay(), -1);
    }
}
