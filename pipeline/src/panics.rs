//! Panics: where they are, and never what they say, for that might hold a value of a row.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};

thread_local! {
    static IS_CONTAINED: Cell<bool> = const { Cell::new(false) };
}

/// From now on a panic tells its place and nothing else, and one that is contained tells nothing.
pub fn tell_places_only() {
    panic::set_hook(Box::new(|panic| match panic.location() {
        _ if IS_CONTAINED.get() => {}
        Some(place) => eprintln!("earlycall: stopped at {}:{}", place.file(), place.line()),
        None => eprintln!("earlycall: stopped"),
    }));
}

/// Does `work` in which a library may panic over bytes from outside; none if it did.
///
/// Whatever `work` has changed by then is not to be used again.
pub(crate) fn contained<T>(work: impl FnOnce() -> T) -> Option<T> {
    let before = IS_CONTAINED.replace(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(work));
    IS_CONTAINED.set(before);
    outcome.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contained_panic_gives_nothing_and_ends_with_it() {
        assert_eq!(contained(|| contained(|| -> u8 { panic!("contained, as this test asks") })), Some(None));
        assert_eq!(contained(|| 7), Some(7));
        assert!(!IS_CONTAINED.get());
    }
}
