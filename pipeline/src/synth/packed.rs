//! Rows as bytes, until the file that they belong to is written: a person takes four bytes instead of sixty-four.

use std::io;

use crate::day::{Day, Instant};

use super::cells::{Cell, Cells, Columns};

/// Rows of one table, one after another.
#[derive(Default)]
pub(crate) struct Packed(pub Vec<u8>);

impl Cells for Packed {
    fn person(&mut self, number: u32) {
        self.0.extend(number.to_le_bytes());
    }

    fn text(&mut self, value: &str) {
        self.0.push(u8::try_from(value.len()).expect("the generator writes short values"));
        self.0.extend(value.as_bytes());
    }

    fn day(&mut self, value: Option<Day>) {
        self.0.extend(value.map_or(i32::MIN, |day| day.0).to_le_bytes());
    }

    fn moment(&mut self, value: Option<Instant>) {
        self.0.extend(value.map_or(i64::MIN, |instant| instant.0).to_le_bytes());
    }

    fn flag(&mut self, value: Option<bool>) {
        self.0.push(value.map_or(2, u8::from));
    }

    fn whole(&mut self, value: Option<i32>) {
        self.0.extend(value.unwrap_or(i32::MIN).to_le_bytes());
    }

    fn decimal(&mut self, value: Option<f64>) {
        self.0.extend(value.unwrap_or(f64::NAN).to_le_bytes());
    }

    fn list(&mut self, values: &[&str]) {
        self.0.push(u8::try_from(values.len()).expect("the generator writes short lists"));
        values.iter().for_each(|value| self.text(value));
    }

    fn end_row(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes the row that begins at a place into a sheet of the same table.
pub(crate) fn replay(bytes: &[u8], columns: Columns, cells: &mut dyn Cells) -> io::Result<()> {
    let mut rest = Rest(bytes);
    for (_, cell) in columns {
        match cell {
            Cell::Person => cells.person(u32::from_le_bytes(rest.take())),
            Cell::Text | Cell::Id => cells.text(rest.text()),
            Cell::Day => cells.day(Some(i32::from_le_bytes(rest.take())).filter(|&n| n != i32::MIN).map(Day)),
            Cell::Moment => cells.moment(Some(i64::from_le_bytes(rest.take())).filter(|&n| n != i64::MIN).map(Instant)),
            Cell::Flag => cells.flag(match rest.take::<1>()[0] {
                2 => None,
                flag => Some(flag == 1),
            }),
            Cell::Whole => cells.whole(Some(i32::from_le_bytes(rest.take())).filter(|&n| n != i32::MIN)),
            Cell::Decimal => cells.decimal(Some(f64::from_le_bytes(rest.take())).filter(|x| !x.is_nan())),
            Cell::List => {
                let count = rest.take::<1>()[0];
                let values: Vec<&str> = (0..count).map(|_| rest.text()).collect();
                cells.list(&values);
            }
        }
    }
    cells.end_row()
}

struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let (taken, rest) = self.0.split_first_chunk().expect("a row was packed whole");
        self.0 = rest;
        *taken
    }

    fn text(&mut self) -> &'a str {
        let length = usize::from(self.take::<1>()[0]);
        let (text, rest) = self.0.split_at(length);
        self.0 = rest;
        std::str::from_utf8(text).expect("text was packed whole")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_comes_out_as_it_went_in() {
        let columns: Columns = &[
            ("a", Cell::Person),
            ("b", Cell::Text),
            ("c", Cell::Day),
            ("d", Cell::Moment),
            ("e", Cell::Flag),
            ("f", Cell::Whole),
            ("g", Cell::Decimal),
            ("h", Cell::List),
        ];
        let mut once = Packed::default();
        for (day, list) in [(Some(Day(-3)), &["I10", "E119"][..]), (None, &[])] {
            once.person(77);
            once.text("x");
            once.day(day);
            once.moment(day.map(|day| Instant(i64::from(day.0))));
            once.flag(day.map(|_| true));
            once.whole(day.map(|day| day.0));
            once.decimal(day.map(|_| 1.5));
            once.list(list);
        }
        let mut again = Packed::default();
        replay(&once.0, columns, &mut again).unwrap();
        let second = again.0.len();
        replay(&once.0[second..], columns, &mut again).unwrap();
        assert_eq!(once.0, again.0);
    }
}
