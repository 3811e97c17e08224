//! No small count can be worked out, by whoever tries all tables that what is told allows.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn told(cells: &[u64]) -> Vec<Cell> {
    cells.iter().map(|n| Cell { n: *n, is_told: true }).collect()
}

/// Parts of one sum, which stands first.
fn in_a_line(parts: &[u64]) -> (Vec<Cell>, Vec<Line>) {
    let cells = told(&[&[parts.iter().sum()], parts].concat());
    (cells, vec![Line { total: 0, parts: (1..=parts.len()).collect() }])
}

#[track_caller]
fn check(parts: &[u64], expected: &str) {
    let (cells, lines) = in_a_line(parts);
    let shown: Vec<String> = suppress(&cells, &lines).iter().map(ToString::to_string).collect();
    assert_eq!(shown.join(", "), expected);
}

#[test]
fn many_are_rounded_and_few_are_few() {
    check(&[41, 63], "105, 40, 65");
    check(&[41, 0, 63], "105, 40, 0, 65");
    // 104 to 108 less 39 to 43 and 56 to 60: from 1 to 7, as far as anybody knows.
    check(&[42, 58, 4], "105, 40, 60, <8");
}

#[test]
fn what_is_left_of_a_sum_takes_another_with_it() {
    // 18 to 22 less 8 to 12 would be 6 or 7.
    check(&[7, 12], "20, <8, not told");
    // At most 37 less 8 and 28 would be 1; the smallest of the others goes.
    check(&[1, 8, 0, 28], "35, <8, not told, 0, 30");
}

#[test]
fn a_sum_that_is_small_itself_does_not_tell_its_parts() {
    check(&[3, 0], "<8, <8, 0");
    // Seven times at least one, and no more than seven, is one each.
    check(&[1, 1, 1, 1, 1, 1, 1], "not told, <8, <8, <8, <8, <8, <8, <8");
}

#[test]
fn what_is_never_told_is_not_worked_out_either() {
    // 18 to 22 less 8 to 12: from 6 to 14 without.
    let with_and_without = |with: u64, without: u64| {
        let mut cells = told(&[with + without, with, without]);
        cells[2].is_told = false;
        let shown = suppress(&cells, &[Line { total: 0, parts: vec![1, 2] }]);
        shown.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(with_and_without(12, 7), "20, 10, not told");
    // None with it, and few in all: as many without it as there are.
    assert_eq!(with_and_without(0, 3), "<8, 0, not told");
}

/// Whether what is told of a cell is true of a number.
fn fits(shown: Shown, n: u64) -> bool {
    shown == Shown::NotTold || shown == Shown::of(n)
}

/// A table of two rows and some columns, with sums: rows first, then columns, then all.
fn table(rows: [&[u64]; 2]) -> (Vec<Cell>, Vec<Line>) {
    let n = rows[0].len();
    let sums = rows.map(|row| row.iter().sum::<u64>());
    let columns: Vec<u64> = (0..n).map(|at| rows[0][at] + rows[1][at]).collect();
    let all = vec![sums[0] + sums[1]];
    let cells = told(&[rows[0], rows[1], &sums, &columns, &all].concat());
    let (row_sum, column_sum, all) = (|row| 2 * n + row, |column| 2 * n + 2 + column, 3 * n + 2);
    let mut lines: Vec<Line> =
        (0..2).map(|row| Line { total: row_sum(row), parts: (row * n..(row + 1) * n).collect() }).collect();
    lines.extend((0..n).map(|column| Line { total: column_sum(column), parts: vec![column, n + column] }));
    lines.push(Line { total: all, parts: vec![row_sum(0), row_sum(1)] });
    lines.push(Line { total: all, parts: (0..n).map(column_sum).collect() });
    (cells, lines)
}

/// Of each cell of a table of two by two, how many values some table has that agrees with all that is told.
fn values(shown: &[Shown], most: u64) -> Vec<usize> {
    let mut seen = vec![BTreeSet::new(); shown.len()];
    for a in (0..=most).filter(|a| fits(shown[0], *a)) {
        for b in (0..=most).filter(|b| fits(shown[1], *b) && fits(shown[4], a + b)) {
            for c in (0..=most).filter(|c| fits(shown[2], *c) && fits(shown[6], a + c)) {
                for d in (0..=most).filter(|d| fits(shown[3], *d) && fits(shown[5], c + d) && fits(shown[7], b + d)) {
                    if fits(shown[8], a + b + c + d) {
                        let cells = [a, b, c, d, a + b, c + d, a + c, b + d, a + b + c + d];
                        for (seen, n) in seen.iter_mut().zip(cells) {
                            seen.insert(n);
                        }
                    }
                }
            }
        }
    }
    seen.iter().map(BTreeSet::len).collect()
}

fn count() -> impl Strategy<Value = u64> {
    prop_oneof![2 => 0u64..=9, 1 => 10u64..=26]
}

proptest! {
    #[test]
    fn no_small_part_of_a_sum_can_be_worked_out(a in count(), b in count(), c in count()) {
        let parts = [a, b, c];
        let (cells, lines) = in_a_line(&parts);
        let shown = suppress(&cells, &lines);
        for (at, n) in parts.into_iter().enumerate().filter(|(_, n)| (1..=SMALL).contains(n)) {
            let could_be = |m: u64| {
                let others: Vec<usize> = (0..3).filter(|other| *other != at).collect();
                let mut pairs = (0..=60u64).flat_map(|x| (0..=60u64).map(move |y| (x, y)));
                fits(shown[1 + at], m) && pairs.any(|(x, y)| {
                    fits(shown[1 + others[0]], x) && fits(shown[1 + others[1]], y) && fits(shown[0], m + x + y)
                })
            };
            let n_values = (0..=60).filter(|m| could_be(*m)).count();
            prop_assert!(n_values as i64 >= VALUES_MIN, "{parts:?} told as {shown:?}: {n} is one of {n_values}");
        }
    }

    #[test]
    fn no_small_cell_of_a_table_with_sums_both_ways_can_be_worked_out(cells in [count(), count(), count(), count()]) {
        let (all, lines) = table([&cells[..2], &cells[2..]]);
        let shown = suppress(&all, &lines);
        let values = values(&shown, 40);
        for (at, cell) in all.iter().enumerate().filter(|(_, cell)| (1..=SMALL).contains(&cell.n)) {
            prop_assert!(values[at] as i64 >= VALUES_MIN, "{cells:?} told as {shown:?}: cell {at} is {}", cell.n);
        }
    }

    #[test]
    fn what_is_told_is_true_and_large_tables_come_to_an_end(
        first in prop::collection::vec(count(), 6), second in prop::collection::vec(count(), 6),
    ) {
        let (cells, lines) = table([&first, &second]);
        let shown = suppress(&cells, &lines);
        prop_assert!(cells.iter().zip(&shown).all(|(cell, shown)| fits(*shown, cell.n)));
        let bounds = worked_out(&shown, &lines);
        prop_assert!(cells.iter().zip(&bounds).all(|(cell, (low, high))| (*low..=*high).contains(&(cell.n as i64))));
    }
}
