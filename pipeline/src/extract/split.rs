//! CSV cut into records and cells, in the form of RFC 4180 and no other.
//!
//! A CSV parser forgives: a quote that never closes swallows the rest of a file, and blank lines vanish. Here both are
//! refused, so that no row is lost unnoticed.

use std::io::{self, Read};
use std::ops::Range;

use crate::extract::cut::{Breach, cut, undouble};
use crate::extract::marks::Marks;

/// Enough for the window of gzip, which is copied at each read, to be a small part of it; and it stays in the cache.
const READ_BYTES: usize = 1 << 18;

/// Why there is no next record.
#[derive(Debug)]
pub(super) enum Refusal {
    Input(io::Error),
    /// The record is not in the form of RFC 4180.
    Form(Breach),
    /// The record is longer than it may be.
    Length,
}

/// The records of a text.
pub(super) struct Records<R> {
    input: R,
    buffer: Vec<u8>,
    /// What of the buffer has been read and not been given out yet.
    unread: Range<usize>,
    is_over: bool,
    longest: usize,
    marks: Marks,
    /// Of the latest sheaf: its lines, where the cells of each end among `cells`, and where in the buffer the cells are.
    lines: Vec<(Range<usize>, usize)>,
    cells: Vec<Range<usize>>,
    /// Why there is nothing behind the latest sheaf.
    refused: Option<Refusal>,
}

/// Some records, one after the other.
pub(super) struct Sheaf<'a> {
    text: &'a [u8],
    lines: &'a [(Range<usize>, usize)],
    cells: &'a [Range<usize>],
}

impl<'a> Sheaf<'a> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// The bytes of a record without its line end.
    pub fn line(&self, record: usize) -> &'a [u8] {
        &self.text[self.lines[record].0.clone()]
    }

    /// The bytes of the first `n` records, and where they begin in the text in which the cells lie.
    pub fn lines(&self, n: usize) -> (&'a [u8], usize) {
        let begin = self.lines.first().map_or(0, |(line, _)| line.start);
        let end = self.lines[..n].last().map_or(begin, |(line, _)| line.end);
        (&self.text[begin..end], begin)
    }

    /// Where in the text the cells of all records are, without their quotes.
    pub fn all_cells(&self) -> &'a [Range<usize>] {
        self.cells
    }

    /// The same of one record.
    pub fn cells(&self, record: usize) -> &'a [Range<usize>] {
        let begin = record.checked_sub(1).map_or(0, |before| self.lines[before].1);
        &self.cells[begin..self.lines[record].1]
    }
}

impl<R: Read> Records<R> {
    /// No record may have more than `longest` bytes: it is a broken quote or a bomb.
    pub fn new(input: R, longest: u64) -> Records<R> {
        let (marks, lines, cells) = Default::default();
        let longest = usize::try_from(longest).unwrap_or(usize::MAX);
        let (buffer, unread) = (vec![0; READ_BYTES], 0..0);
        Records { input, buffer, unread, is_over: false, longest, marks, lines, cells, refused: None }
    }

    /// The next records, at least one and at most so many; none after the last. Where something is refused, the records
    /// before it come first.
    ///
    /// # Errors
    /// Those of the input, and whatever breaks the form.
    pub fn sheaf(&mut self, most: usize) -> Result<Option<Sheaf<'_>>, Refusal> {
        self.refused.take().map_or(Ok(()), Err)?;
        self.lines.clear();
        self.cells.clear();
        while self.lines.len() < most {
            match self.cut_next() {
                Ok(true) => {}
                Ok(false) if !self.lines.is_empty() || (self.is_over && self.unread.is_empty()) => break,
                Ok(false) => self.read_on().map_err(Refusal::Input)?,
                Err(refusal) if self.lines.is_empty() => return Err(refusal),
                Err(refusal) => {
                    self.refused = Some(refusal);
                    break;
                }
            }
        }
        let sheaf = Sheaf { text: &self.buffer, lines: &self.lines, cells: &self.cells };
        Ok(Some(sheaf).filter(|sheaf| sheaf.len() > 0))
    }

    /// Cuts the next record, if all of it has been read.
    fn cut_next(&mut self) -> Result<bool, Refusal> {
        if self.unread.is_empty() {
            return Ok(false);
        }
        let (start, first_cell) = (self.unread.start, self.cells.len());
        let text = &self.buffer[..self.unread.end];
        let taken = cut(text, start, self.is_over, self.marks, &mut self.cells).map_err(Refusal::Form)?;
        if taken.as_ref().map_or(self.unread.len(), |taken| taken.whole) > self.longest {
            return Err(Refusal::Length);
        }
        let Some(taken) = taken else {
            self.cells.truncate(first_cell);
            return Ok(false);
        };
        self.unread.start += taken.whole;
        self.marks = taken.marks;
        if taken.has_doubled {
            self.cells[first_cell..].iter_mut().for_each(|cell| undouble(&mut self.buffer, cell));
        }
        self.lines.push((start..start + taken.line, self.cells.len()));
        Ok(true)
    }

    /// Reads more behind what is unread, which moves to the front; the record that begins there is looked at anew.
    fn read_on(&mut self) -> io::Result<()> {
        self.buffer.copy_within(self.unread.clone(), 0);
        self.unread = 0..self.unread.len();
        self.marks = Marks::default();
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Cells = Vec<Vec<String>>;

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

    /// The records up to the first that is refused, and why it is; at most three at once.
    fn records(text: &[u8], drop: usize) -> (Cells, Option<&'static str>) {
        let mut records = Records::new(Drops(text, drop), 1 << 20);
        let mut all = Vec::new();
        loop {
            match records.sheaf(3) {
                Ok(Some(sheaf)) => {
                    let (lines, begin) = sheaf.lines(sheaf.len());
                    let lines = str::from_utf8(lines).unwrap();
                    let cell = |cell: &Range<usize>| lines[cell.start - begin..cell.end - begin].to_owned();
                    all.extend((0..sheaf.len()).map(|record| sheaf.cells(record).iter().map(cell).collect()));
                }
                Ok(None) => return (all, None),
                Err(Refusal::Form(breach)) => return (all, Some(breach.what)),
                Err(Refusal::Length) => return (all, Some("is too long")),
                Err(Refusal::Input(error)) => panic!("{error}"),
            }
        }
    }

    /// The same by the grammar of RFC 4180, one field after the other; whether all of it is in that form.
    fn by_grammar(mut rest: &str) -> (Cells, bool) {
        let mut all = Vec::new();
        let mut record = Vec::new();
        while !rest.is_empty() || !record.is_empty() {
            let field = match rest.strip_prefix('"') {
                Some(open) => quoted_field(open),
                None => rest
                    .find(['"', ',', '\r', '\n', '\0'])
                    .map_or(Some((rest.to_owned(), "")), |end| Some((rest[..end].to_owned(), &rest[end..]))),
            };
            let Some((field, after)) = field else { return (all, false) };
            let is_blank = record.is_empty() && after.len() == rest.len();
            record.push(field);
            let end = ["\r\n", "\n"].iter().find_map(|end| after.strip_prefix(end));
            match (after.strip_prefix(','), end) {
                (Some(next), _) => {
                    rest = next;
                    continue;
                }
                (_, Some(next)) if !is_blank => rest = next,
                _ if after.is_empty() => rest = "",
                _ => return (all, false),
            }
            all.push(std::mem::take(&mut record));
        }
        (all, true)
    }

    /// A field behind its first quote, and what follows the last.
    fn quoted_field(mut rest: &str) -> Option<(String, &str)> {
        let mut field = String::new();
        loop {
            let (before, after) = rest.split_once('"').filter(|(before, _)| !before.contains('\0'))?;
            field.push_str(before);
            match after.strip_prefix('"') {
                Some(after) => {
                    field.push('"');
                    rest = after;
                }
                None => return Some((field, after)),
            }
        }
    }

    #[test]
    fn the_last_record_may_do_without_a_line_end() {
        let expected = [["a", "b"], ["", "say \"x\""], ["1\n2", ""]];
        for text in ["a,b\n,\"say \"\"x\"\"\"\n\"1\n2\",", "a,b\r\n,\"say \"\"x\"\"\"\r\n\"1\n2\",\r\n"] {
            let (all, refused) = records(text.as_bytes(), 100);
            assert_eq!(all, expected, "{text:?}");
            assert_eq!(refused, None, "{text:?}");
        }
        assert_eq!(records(b"", 1), (Vec::new(), None));
    }

    #[test]
    fn what_is_not_in_the_form_is_refused_at_its_record() {
        for (text, record, word) in [
            ("a,b\n1,2\n\n3,4\n", 2, "blank"),
            ("a,b\n\r\n", 1, "blank"),
            ("a,b\n1,\"2\n3,4\n", 1, "never closed"),
            ("a,b\n1,2\"3\n", 1, "inside a field"),
            ("a,b\n\"1\"2,3\n", 1, "after a closing quote"),
            ("a,b\n1,2\r3,4\n", 1, "carriage return"),
            ("a,b\n1,2\r", 1, "carriage return"),
            ("a,b\n1,\0\n", 1, "NUL"),
            ("a,b\n1,\"\0\"\n", 1, "NUL"),
        ] {
            let (all, refused) = records(text.as_bytes(), 100);
            assert_eq!(all.len(), record, "{text:?}");
            assert!(refused.unwrap().contains(word), "{refused:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_the_grammar_says(text in "([ab,é\0]|\"|\"\"|\r?\n|\r){0,40}|([ab]{0,9}|\"([ab,é\n]|\"\"){0,9}\"|,|\r?\n){0,40}", drop in 1..99usize) {
            let (expected, is_fine) = by_grammar(&text);
            let (all, refused) = records(text.as_bytes(), drop);
            prop_assert_eq!(all, expected);
            prop_assert_eq!(refused.is_none(), is_fine);
        }

        #[test]
        fn what_was_written_is_read(
            cells in prop::collection::vec(prop::collection::vec("[abé,\"\r\n]{0,5}", 3), 0..9),
            drop in 1..40usize,
            is_windows: bool,
        ) {
            let mut writer = csv::WriterBuilder::new();
            if is_windows {
                writer.terminator(csv::Terminator::CRLF);
            }
            let mut writer = writer.from_writer(Vec::new());
            cells.iter().for_each(|row| writer.write_record(row).unwrap());
            prop_assert_eq!(records(&writer.into_inner().unwrap(), drop), (cells, None));
        }
    }

    #[test]
    fn a_record_may_be_longer_than_what_is_read_at_once_but_not_without_end() {
        let long = "x".repeat(READ_BYTES + 9);
        let (all, _) = records(format!("a,b\n{long},\"{long}\"\n").as_bytes(), 99_999);
        assert_eq!(all[1], [long.clone(), long]);
        let endless = "x".repeat(2 << 20);
        for text in [format!("a,b\n\"{endless}"), format!("a,b\n{endless}\n")] {
            assert!(records(text.as_bytes(), 99_999).1.unwrap().contains("too long"));
        }
    }
}
