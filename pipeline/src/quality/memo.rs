//! What was found out about the values of a dictionary, kept while the next batches come with the same one.

use arrow::array::{Array, StringArray};

/// A finding about the values of the latest dictionary.
pub(crate) struct Memo<T> {
    latest: Option<(StringArray, T)>,
}

impl<T> Default for Memo<T> {
    fn default() -> Memo<T> {
        Memo { latest: None }
    }
}

impl<T> Memo<T> {
    /// The finding about these values: the latest one if they are the very same values, in one place in memory.
    pub fn of(&mut self, values: &StringArray, find: impl FnOnce(&StringArray) -> T) -> &T {
        if !self.latest.as_ref().is_some_and(|(latest, _)| is_same(latest, values)) {
            self.latest = Some((values.clone(), find(values)));
        }
        &self.latest.as_ref().expect("it was just found").1
    }
}

/// Both are alive, so what lies in one place is one thing.
fn is_same(a: &StringArray, b: &StringArray) -> bool {
    a.len() == b.len()
        && a.value_offsets().as_ptr() == b.value_offsets().as_ptr()
        && a.value_data().as_ptr() == b.value_data().as_ptr()
        && a.null_count() == 0
        && b.null_count() == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_values_are_looked_at_once_and_equal_ones_elsewhere_again() {
        let (one, other) = (StringArray::from(vec!["a", "b"]), StringArray::from(vec!["a", "b"]));
        let mut looks = 0;
        let mut memo = Memo::default();
        for values in [&one, &one.clone(), &other, &one.slice(0, 1)] {
            let n = *memo.of(values, |values| {
                looks += 1;
                values.len()
            });
            assert_eq!(n, values.len());
        }
        assert_eq!(looks, 3);
    }
}
