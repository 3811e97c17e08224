//! Cells as CSV (RFC 4180).

use std::io::{self, Write};

use crate::day::{Day, Instant};

use super::{
    calendar::civil,
    cells::{Cells, Columns},
    person::person_id,
};

/// Bytes that are gathered before they are handed on.
const BUFFER_BYTES: usize = 1 << 18;

/// Rows as CSV text under a header.
///
/// No value of the generator holds a comma, a quote or a line break, so none is quoted.
pub(crate) struct CsvCells<W: Write> {
    out: W,
    bytes: Vec<u8>,
    at_row_start: bool,
}

impl<W: Write> CsvCells<W> {
    /// A sheet with its header.
    pub fn new(columns: Columns, out: W) -> CsvCells<W> {
        let header = columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(",");
        CsvCells { out, bytes: format!("{header}\n").into_bytes(), at_row_start: true }
    }

    /// Hands on what is left, and gives back where it went.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.write_all(&self.bytes)?;
        Ok(self.out)
    }

    fn next(&mut self) {
        if !std::mem::take(&mut self.at_row_start) {
            self.bytes.push(b',');
        }
    }

    fn digits(&mut self, value: u32, width: usize) {
        let mut divisor = 10u32.pow(width as u32 - 1);
        while divisor > 0 {
            self.bytes.push(b'0' + (value / divisor % 10) as u8);
            divisor /= 10;
        }
    }

    fn date(&mut self, day: Day) {
        let (year, month, date) = civil(day);
        self.digits(year as u32, 4);
        self.bytes.push(b'-');
        self.digits(month, 2);
        self.bytes.push(b'-');
        self.digits(date, 2);
    }
}

impl<W: Write> Cells for CsvCells<W> {
    fn person(&mut self, number: u32) {
        self.text(&person_id(number));
    }

    fn text(&mut self, value: &str) {
        debug_assert!(!value.contains([',', '"', '\n', '\r']), "the generator writes plain values");
        self.next();
        self.bytes.extend_from_slice(value.as_bytes());
    }

    fn day(&mut self, value: Option<Day>) {
        self.next();
        if let Some(day) = value {
            self.date(day);
        }
    }

    fn moment(&mut self, value: Option<Instant>) {
        self.next();
        if let Some(Instant(seconds)) = value {
            let of_day = seconds.rem_euclid(86_400) as u32;
            self.date(Day(seconds.div_euclid(86_400) as i32));
            for (mark, part) in [(b'T', of_day / 3600), (b':', of_day / 60 % 60), (b':', of_day % 60)] {
                self.bytes.push(mark);
                self.digits(part, 2);
            }
            self.bytes.push(b'Z');
        }
    }

    fn flag(&mut self, value: Option<bool>) {
        self.text(match value {
            Some(true) => "true",
            Some(false) => "false",
            None => "",
        });
    }

    fn whole(&mut self, value: Option<i32>) {
        self.next();
        if let Some(number) = value {
            write!(self.bytes, "{number}").expect("writing to memory cannot fail");
        }
    }

    fn decimal(&mut self, value: Option<f64>) {
        self.next();
        if let Some(number) = value {
            write!(self.bytes, "{number}").expect("writing to memory cannot fail");
        }
    }

    fn list(&mut self, values: &[&str]) {
        self.next();
        for (i, value) in values.iter().enumerate() {
            if i > 0 {
                self.bytes.push(b'|');
            }
            self.bytes.extend_from_slice(value.as_bytes());
        }
    }

    fn end_row(&mut self) -> io::Result<()> {
        self.bytes.push(b'\n');
        self.at_row_start = true;
        if self.bytes.len() >= BUFFER_BYTES {
            self.out.write_all(&self.bytes)?;
            self.bytes.clear();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::cells::Cell;

    #[test]
    fn a_row_is_written_as_the_contract_says() {
        let columns: Columns = &[("x", Cell::Text), ("y", Cell::Day)];
        let mut cells = CsvCells::new(columns, Vec::new());
        cells.text("a");
        cells.day(Day::parse("2026-02-03"));
        cells.moment(Instant::parse("2026-07-18T23:05:09Z"));
        cells.flag(Some(true));
        cells.whole(Some(-4));
        cells.decimal(Some(48.5));
        cells.list(&["I10", "E119"]);
        cells.day(None);
        cells.end_row().unwrap();
        let file = cells.finish().unwrap();
        let expected = "x,y\na,2026-02-03,2026-07-18T23:05:09Z,true,-4,48.5,I10|E119,\n";
        assert_eq!(String::from_utf8(file).unwrap(), expected);
    }
}
