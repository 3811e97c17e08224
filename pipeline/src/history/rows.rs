//! Rows of a bucket's people in one list, and each person's as a part of it: millions of rows, and no memory asked for each
//! person.

use std::{fmt, ops::Deref, sync::Arc};

/// Rows of one person among those of others.
///
/// # Example
/// ```
/// use earlycall::history::rows::Rows;
/// let rows = Rows::from(vec!["2025-03-01", "2025-04-01"]);
/// assert_eq!(rows.len(), 2);
/// assert!(Rows::<&str>::default().is_empty());
/// ```
#[derive(Clone)]
pub struct Rows<T> {
    all: Arc<Vec<T>>,
    from: u32,
    to: u32,
}

impl<T> Deref for Rows<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.all[self.from as usize..self.to as usize]
    }
}

/// Of nobody else a row is shown.
impl<T: fmt::Debug> fmt::Debug for Rows<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T> Default for Rows<T> {
    fn default() -> Rows<T> {
        Vec::new().into()
    }
}

impl<T> From<Vec<T>> for Rows<T> {
    fn from(rows: Vec<T>) -> Rows<T> {
        Rows { from: 0, to: place(rows.len()), all: Arc::new(rows) }
    }
}

impl<'a, T> IntoIterator for &'a Rows<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
impl<T: Clone> Extend<T> for Rows<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, rows: I) {
        *self = self.iter().cloned().chain(rows).collect::<Vec<T>>().into();
    }
}

/// Where the rows of people lie in a list: people by number, and each run from a row to another.
#[derive(Debug, Default)]
pub struct Runs(Vec<(u32, u32, u32)>);

impl Runs {
    /// Notes that a person's rows go on to the list's end, which is behind `n_rows`.
    pub fn note(&mut self, person: u32, n_rows: usize) {
        let from = self.0.last().map_or(0, |(_, _, to)| *to);
        self.0.push((person, from, place(n_rows)));
    }

    /// Gives people other numbers.
    pub fn renumber(&mut self, number: impl Fn(u32) -> u32) {
        self.0.iter_mut().for_each(|(person, _, _)| *person = number(*person));
    }

    /// Gives each of so many people their rows, put in order by `sort`. Whose rows lie in several runs, as several
    /// deliveries or practices brought them or a record was merged, has them in the order of the runs before that.
    pub fn divide<T: Clone>(self, mut all: Vec<T>, n_people: usize, sort: impl Fn(&mut [T])) -> Vec<Rows<T>> {
        let mut places = vec![(0, 0); n_people];
        let mut runs = self.0;
        runs.sort_by_key(|(person, _, _)| *person);
        let several = runs.chunk_by(|a, b| a.0 == b.0).filter(|of_one| of_one.len() > 1);
        let n_copied: u32 = several.flatten().map(|(_, from, to)| to - from).sum();
        // Once: a list that grows is there twice while it does.
        all.reserve_exact(n_copied as usize);
        for of_one in runs.chunk_by(|a, b| a.0 == b.0) {
            let place_of_one = &mut places[of_one[0].0 as usize];
            *place_of_one = match *of_one {
                [(_, from, to)] => (from, to),
                _ => {
                    let from = place(all.len());
                    of_one.iter().for_each(|&(_, from, to)| all.extend_from_within(from as usize..to as usize));
                    (from, place(all.len()))
                }
            };
            sort(&mut all[place_of_one.0 as usize..place_of_one.1 as usize]);
        }
        let all = Arc::new(all);
        places.into_iter().map(|(from, to)| Rows { all: Arc::clone(&all), from, to }).collect()
    }
}

fn place(n_rows: usize) -> u32 {
    u32::try_from(n_rows).expect("a bucket has below 4 billion rows")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_person_has_their_rows_in_order_however_many_runs_they_lie_in() {
        let mut runs = Runs::default();
        let all = vec![9, 8, 3, 4, 5, 1];
        // Person 2 has 9, 8 and, later, 5, 1; person 0 has 3, 4; nobody else has any.
        [(2, 2), (0, 4), (2, 6)].into_iter().for_each(|(person, n_rows)| runs.note(person, n_rows));
        let divided = runs.divide(all, 4, |rows| rows.sort_unstable());
        assert_eq!(
            divided.iter().map(|rows| rows.to_vec()).collect::<Vec<_>>(),
            [vec![3, 4], vec![], vec![1, 5, 8, 9], vec![]]
        );
        assert_eq!(format!("{:?}", divided[0]), "[3, 4]");
        let unsorted = |_: &mut [i32]| {};
        let mut runs = Runs::default();
        [(1, 1), (1, 3)].into_iter().for_each(|(person, n_rows)| runs.note(person, n_rows));
        assert_eq!(runs.divide(vec![7, 6, 5], 2, unsorted)[1][..], [7, 6, 5]);
    }
}
