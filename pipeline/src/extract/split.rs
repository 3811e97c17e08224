//! CSV cut into records and cells. The bytes have passed [`super::strict`]: what is left to do is to find the ends.

use std::io::{self, Read};
use std::ops::Range;

use memchr::{memchr, memchr_iter, memchr2};

const READ_BYTES: usize = 1 << 16;

/// The records of a text in the form of RFC 4180.
pub(super) struct Records<R> {
    input: R,
    buffer: Vec<u8>,
    /// What of the buffer has been read and not been given out yet.
    unread: Range<usize>,
    is_over: bool,
    /// The cells of the latest record, if it had quotes: without them, one after the other.
    unquoted: Vec<u8>,
    cells: Vec<Range<usize>>,
}

/// One record.
pub(super) struct Record<'a> {
    text: &'a [u8],
    cells: &'a [Range<usize>],
}

impl<'a> Record<'a> {
    /// Its cells.
    pub fn cells(&self) -> impl ExactSizeIterator<Item = &'a [u8]> {
        let text = self.text;
        self.cells.iter().map(move |cell| &text[cell.clone()])
    }

    /// The cell at a place.
    pub fn cell(&self, at: usize) -> &'a [u8] {
        &self.text[self.cells[at].clone()]
    }

    /// Its bytes, give or take its separators.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// Whether there is nothing but ASCII in it.
    pub fn is_ascii(&self) -> bool {
        self.text.is_ascii()
    }
}

impl<R: Read> Records<R> {
    pub fn new(input: R) -> Records<R> {
        let (unquoted, cells) = Default::default();
        Records { input, buffer: vec![0; READ_BYTES], unread: 0..0, is_over: false, unquoted, cells }
    }

    /// Where the bytes come from.
    pub fn input(&self) -> &R {
        &self.input
    }

    /// The next record; none after the last.
    ///
    /// # Errors
    /// Those of the input.
    pub fn next(&mut self) -> io::Result<Option<Record<'_>>> {
        let Some(line) = self.next_line()? else { return Ok(None) };
        let line = &self.buffer[line];
        self.cells.clear();
        if memchr(b'"', line).is_some() {
            unquote(line, &mut self.unquoted, &mut self.cells);
            return Ok(Some(Record { text: &self.unquoted, cells: &self.cells }));
        }
        let mut start = 0;
        for comma in memchr_iter(b',', line) {
            self.cells.push(start..comma);
            start = comma + 1;
        }
        self.cells.push(start..line.len());
        Ok(Some(Record { text: line, cells: &self.cells }))
    }

    /// Where in the buffer the next record is, without its line end.
    fn next_line(&mut self) -> io::Result<Option<Range<usize>>> {
        let mut looked_at = 0;
        let mut is_open = false;
        loop {
            let unread = &self.buffer[self.unread.clone()];
            while let Some(found) = memchr2(b'\n', b'"', &unread[looked_at..]) {
                let at = looked_at + found;
                looked_at = at + 1;
                if unread[at] == b'"' {
                    // The two of a doubled quote close and open again.
                    is_open = !is_open;
                } else if !is_open {
                    let is_windows = at > 0 && unread[at - 1] == b'\r';
                    let start = self.unread.start;
                    self.unread.start += looked_at;
                    return Ok(Some(start..start + at - usize::from(is_windows)));
                }
            }
            looked_at = unread.len();
            if self.is_over {
                let last = self.unread.clone();
                self.unread.start = last.end;
                return Ok(Some(last).filter(|last| !last.is_empty()));
            }
            self.read_on()?;
        }
    }

    /// Reads more behind what is unread, which moves to the front.
    fn read_on(&mut self) -> io::Result<()> {
        self.buffer.copy_within(self.unread.clone(), 0);
        self.unread = 0..self.unread.len();
        if self.buffer.len() - self.unread.end < READ_BYTES / 2 {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        match self.input.read(&mut self.buffer[self.unread.end..])? {
            0 => self.is_over = true,
            n => self.unread.end += n,
        }
        Ok(())
    }
}

fn unquote(line: &[u8], unquoted: &mut Vec<u8>, cells: &mut Vec<Range<usize>>) {
    unquoted.clear();
    let (mut start, mut is_open) = (0, false);
    let mut bytes = line.iter().peekable();
    while let Some(&byte) = bytes.next() {
        match byte {
            b'"' if is_open && bytes.next_if_eq(&&b'"').is_some() => unquoted.push(b'"'),
            b'"' => is_open = !is_open,
            b',' if !is_open => {
                cells.push(start..unquoted.len());
                start = unquoted.len();
            }
            byte => unquoted.push(byte),
        }
    }
    cells.push(start..unquoted.len());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Gives its bytes a few at a time.
    struct Drops<'a>(&'a [u8], usize);

    impl Read for Drops<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let n = self.1.min(self.0.len()).min(buffer.len());
            buffer[..n].copy_from_slice(&self.0[..n]);
            self.0 = &self.0[n..];
            Ok(n)
        }
    }

    fn records(text: &[u8], drop: usize) -> Vec<Vec<String>> {
        let mut records = Records::new(Drops(text, drop));
        let mut all = Vec::new();
        while let Some(record) = records.next().unwrap() {
            all.push(record.cells().map(|cell| String::from_utf8(cell.to_vec()).unwrap()).collect());
        }
        all
    }

    #[test]
    fn the_last_record_may_do_without_a_line_end() {
        let expected = [["a", "b"], ["", "say \"x\""], ["1\n2", ""]];
        for text in ["a,b\n,\"say \"\"x\"\"\"\n\"1\n2\",", "a,b\r\n,\"say \"\"x\"\"\"\r\n\"1\n2\",\r\n"] {
            assert_eq!(records(text.as_bytes(), 100), expected, "{text:?}");
        }
        assert!(records(b"", 1).is_empty());
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(
            cells in prop::collection::vec(prop::collection::vec("[ab,\"\r\n]{0,5}", 3), 0..9),
            drop in 1..40usize,
            is_windows: bool,
        ) {
            let mut writer = csv::WriterBuilder::new();
            if is_windows {
                writer.terminator(csv::Terminator::CRLF);
            }
            let mut writer = writer.from_writer(Vec::new());
            cells.iter().for_each(|row| writer.write_record(row).unwrap());
            prop_assert_eq!(records(&writer.into_inner().unwrap(), drop), cells);
        }
    }

    #[test]
    fn a_record_may_be_longer_than_what_is_read_at_once() {
        let long = "x".repeat(3 * READ_BYTES);
        assert_eq!(records(format!("a,b\n{long},\"{long}\"\n").as_bytes(), 9_999)[1], [long.clone(), long]);
    }
}
