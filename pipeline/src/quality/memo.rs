//! What was found out about the values of a dictionary, kept while the next batches come with the same one or more of it.

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
    ///
    /// If they begin with the latest ones, `find` is given the finding about those, and from which value on it must look.
    pub fn of(&mut self, values: &StringArray, find: impl FnOnce(Option<T>, usize) -> T) -> &T {
        let finding = match self.latest.take() {
            Some((latest, finding)) if is_same(&latest, values) => finding,
            Some((latest, finding)) if is_start(&latest, values) => find(Some(finding), latest.len()),
            _ => find(None, 0),
        };
        &self.latest.insert((values.clone(), finding)).1
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

/// Whether values begin with others. That takes a small part of the time that finding out about them does.
fn is_start(start: &StringArray, values: &StringArray) -> bool {
    let ends = start.value_offsets();
    let bytes = ends[0] as usize..ends[start.len()] as usize;
    values.value_offsets().starts_with(ends)
        && values.value_data()[bytes.clone()] == start.value_data()[bytes]
        && start.null_count() == 0
        && values.null_count() == 0
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
            let n = *memo.of(values, |_, _| {
                looks += 1;
                values.len()
            });
            assert_eq!(n, values.len());
        }
        assert_eq!(looks, 3);
    }

    #[test]
    fn of_values_that_begin_with_the_latest_only_the_others_are_looked_at() {
        let mut memo = Memo::default();
        let mut looked_at = |values: &[&str]| {
            let values = StringArray::from(values.to_vec());
            memo.of(&values, |known: Option<usize>, from| {
                assert_eq!(known.is_some(), from > 0);
                values.len() - from
            });
            *memo.of(&values, |_, _| unreachable!("they are the same"))
        };
        assert_eq!(looked_at(&["a", "b"]), 2);
        assert_eq!(looked_at(&["a", "b", "c"]), 1);
        assert_eq!(looked_at(&["a", "bc", "c", "d"]), 4);
        assert_eq!(looked_at(&["a", "bc"]), 2);
    }
}
