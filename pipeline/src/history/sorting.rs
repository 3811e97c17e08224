//! The rows of a bucket put in order: by person, and of each by the day of the event.

/// Rows of a bucket by person and event.
#[derive(Debug, Default, PartialEq)]
pub struct Sorted {
    /// Their numbers.
    pub order: Vec<u32>,
    /// The person of each.
    pub persons: Vec<u32>,
    /// The day of each one's event.
    pub days: Vec<i32>,
}

impl Sorted {
    pub fn with_room_for(n_rows: usize) -> Sorted {
        Sorted {
            order: Vec::with_capacity(n_rows),
            persons: Vec::with_capacity(n_rows),
            days: Vec::with_capacity(n_rows),
        }
    }
}

/// Memory for sorting one bucket after another.
#[derive(Default)]
pub struct Scratch {
    /// Per number of a person: how many rows, then where the next one goes. Between two buckets, nothing.
    next: Vec<u32>,
    /// Per row, its day and its place among those that came.
    rows: Vec<u64>,
}

impl Scratch {
    /// Adds some rows, counted from `start`, by person and event; rows of one day as they came.
    pub fn sort(&mut self, persons: &[u32], events: &[i32], start: usize, into: &mut Sorted) {
        let most = persons.iter().max().map_or(0, |most| *most as usize + 1);
        self.next.resize(self.next.len().max(most), 0);
        let mut met: Vec<u32> = Vec::new();
        for &person in persons {
            let n = &mut self.next[person as usize];
            if *n == 0 {
                met.push(person);
            }
            *n += 1;
        }
        met.sort_unstable();
        let mut first = 0;
        for &person in &met {
            let n = std::mem::replace(&mut self.next[person as usize], first);
            first += n;
        }
        self.rows.resize(self.rows.len().max(persons.len()), 0);
        let rows = &mut self.rows[..persons.len()];
        for (row, (&person, &event)) in persons.iter().zip(events).enumerate() {
            let at = &mut self.next[person as usize];
            // The day and then the row, both as their order wants it, in one number.
            rows[*at as usize] = u64::from(event.cast_unsigned() ^ (1 << 31)) << 32 | row as u64;
            *at += 1;
        }
        let mut first = 0;
        for person in met {
            let end = std::mem::take(&mut self.next[person as usize]) as usize;
            rows[first..end].sort_unstable();
            into.persons.resize(start + end, person);
            first = end;
        }
        into.order.extend(rows.iter().map(|event_and_row| *event_and_row as u32 + start as u32));
        into.days.extend(rows.iter().map(|event_and_row| ((event_and_row >> 32) as u32 ^ (1 << 31)).cast_signed()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_by_person_and_event_and_rows_of_one_day_stay_as_they_came() {
        let mut scratch = Scratch::default();
        let sorted = |order: Vec<u32>, persons: Vec<u32>, days: Vec<i32>| Sorted { order, persons, days };
        // Twice, as the memory of the first must not reach the second.
        for _ in 0..2 {
            let mut of_runs = Sorted::default();
            scratch.sort(&[7, 2, 7, 2, 7, 9], &[5, -1, 5, -3, 4, 0], 0, &mut of_runs);
            assert_eq!(of_runs, sorted(vec![3, 1, 4, 0, 2, 5], vec![2, 2, 7, 7, 7, 9], vec![-3, -1, 4, 5, 5, 0]));
            // Another run's rows stand behind, and none of a third.
            scratch.sort(&[0, 0], &[i32::MAX, i32::MIN], 6, &mut of_runs);
            scratch.sort(&[], &[], 8, &mut of_runs);
            assert_eq!(of_runs.order, [3, 1, 4, 0, 2, 5, 7, 6]);
            assert_eq!(of_runs.persons, [2, 2, 7, 7, 7, 9, 0, 0]);
            assert_eq!(of_runs.days[6..], [i32::MIN, i32::MAX]);
        }
    }
}
