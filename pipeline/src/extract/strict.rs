//! A reader that lets CSV through only in the form of RFC 4180, and counts its records on its own.
//!
//! A CSV parser forgives: a quote that never closes swallows the rest of a file, and blank lines vanish. Here both are
//! refused, and the count made here is held against the parser's: no row is lost unnoticed.

use std::error::Error;
use std::fmt;
use std::io::{self, Read};

use memchr::{memchr, memchr3};

/// No record of the contract comes near this; more is a broken quote or a bomb.
const LONGEST_RECORD: u64 = 1 << 20;

/// Lines below this need not be counted byte by byte.
const LONGEST_PLAIN: usize = 1 << 16;

/// What is not RFC 4180, and in which record: 0 is the header, 1 the first row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Breach {
    pub record: u64,
    pub what: &'static str,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)
    }
}

impl Error for Breach {}

/// Passes bytes on and refuses the first that breaks the form.
pub(super) struct Strict<R> {
    inner: R,
    state: State,
    records: u64,
    length: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    RecordStart,
    FieldStart,
    Plain,
    Quoted,
    /// After a quote inside a quoted field: the second of a pair, or the end of the field.
    Quote,
    /// After CR: LF must follow.
    Return,
}

impl<R: Read> Strict<R> {
    pub fn new(inner: R) -> Strict<R> {
        Strict { inner, state: State::RecordStart, records: 0, length: 0 }
    }

    /// Records seen so far, the header among them.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Takes in the bytes of one call: whole lines of a plain kind at a glance, everything else byte by byte.
    fn scan(&mut self, mut bytes: &[u8]) -> Result<(), &'static str> {
        while !bytes.is_empty() {
            let plain = if self.state == State::RecordStart { plain_line(bytes) } else { None };
            let taken = match plain {
                Some(length) => {
                    self.records += 1;
                    length
                }
                None => self.step_to_record_start(bytes)?,
            };
            bytes = &bytes[taken..];
        }
        Ok(())
    }

    fn step_to_record_start(&mut self, bytes: &[u8]) -> Result<usize, &'static str> {
        for (at, &byte) in bytes.iter().enumerate() {
            self.step(byte)?;
            if self.state == State::RecordStart {
                return Ok(at + 1);
            }
        }
        Ok(bytes.len())
    }

    fn step(&mut self, byte: u8) -> Result<(), &'static str> {
        self.length += 1;
        self.state = match (self.state, byte) {
            (_, 0) => return Err("holds a NUL byte: the file may be UTF-16"),
            _ if self.length > LONGEST_RECORD => return Err("is longer than 1 MiB: a quote may not be closed"),
            (State::Quoted, b'"') => State::Quote,
            (State::Quoted, _) => State::Quoted,
            (State::RecordStart | State::FieldStart | State::Quote, b'"') => State::Quoted,
            (_, b'"') => return Err("has a quote inside a field that doesn't begin with one"),
            (State::Return, b'\n') => self.end_of_record(),
            (State::Return, _) => return Err("has a carriage return without a line feed"),
            (State::RecordStart, b'\r' | b'\n') => return Err("is a blank line"),
            (_, b'\r') => State::Return,
            (_, b'\n') => self.end_of_record(),
            (_, b',') => State::FieldStart,
            (State::Quote, _) => return Err("has text after a closing quote"),
            _ => State::Plain,
        };
        Ok(())
    }

    fn end_of_record(&mut self) -> State {
        self.records += 1;
        self.length = 0;
        State::RecordStart
    }

    /// The last record may do without a line break, but not inside quotes.
    fn end(&mut self) -> Result<(), &'static str> {
        match self.state {
            State::RecordStart => return Ok(()),
            State::Quoted => return Err("has a quote that is never closed"),
            State::Return => return Err("has a carriage return without a line feed"),
            State::FieldStart | State::Plain | State::Quote => {}
        }
        self.state = self.end_of_record();
        Ok(())
    }
}

impl<R: Read> Read for Strict<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        let outcome = match n {
            0 if !buffer.is_empty() => self.end(),
            _ => self.scan(&buffer[..n]),
        };
        outcome.map_err(|what| io::Error::other(Breach { record: self.records, what }))?;
        Ok(n)
    }
}

/// The length of the line at the start of the bytes, its end included, where it is a record without quotes and of an
/// ordinary length, about which there is nothing to decide.
fn plain_line(bytes: &[u8]) -> Option<usize> {
    let end = memchr(b'\n', bytes)?;
    let line = bytes[..end].strip_suffix(b"\r").unwrap_or(&bytes[..end]);
    let is_plain = !line.is_empty() && line.len() < LONGEST_PLAIN && memchr3(b'"', b'\r', 0, line).is_none();
    is_plain.then_some(end + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn records(text: &str) -> Result<u64, (u64, String)> {
        let mut strict = Strict::new(text.as_bytes());
        match io::copy(&mut strict, &mut io::sink()) {
            Ok(_) => Ok(strict.records()),
            Err(error) => {
                let breach = error.get_ref().and_then(|inner| inner.downcast_ref::<Breach>()).unwrap();
                Err((breach.record, breach.what.to_owned()))
            }
        }
    }

    #[test]
    fn what_rfc_4180_allows_is_counted() {
        for (text, expected) in [
            ("", 0),
            ("a,b", 1),
            ("a,b\n1,2\n", 2),
            ("a,b\r\n1,2\r\n", 2),
            ("a,b\n\"1\n1\",\"say \"\"x\"\"\"", 2),
            ("a,b\n,\n\"\",\n", 3),
        ] {
            assert_eq!(records(text), Ok(expected), "{text:?}");
        }
    }

    #[test]
    fn what_it_does_not_allow_is_refused_at_its_record() {
        for (text, record, word) in [
            ("a,b\n1,2\n\n3,4\n", 2, "blank"),
            ("a,b\n1,\"2\n3,4\n", 1, "never closed"),
            ("a,b\n1,2\"3\n", 1, "inside a field"),
            ("a,b\n\"1\"2,3\n", 1, "after a closing quote"),
            ("a,b\n1,2\r3,4\n", 1, "carriage return"),
            ("a,b\n1,2\r", 1, "carriage return"),
            ("a,b\n1,\0\n", 1, "NUL"),
        ] {
            let (at, what) = records(text).unwrap_err();
            assert_eq!(at, record, "{text:?}");
            assert!(what.contains(word), "{what}");
        }
    }

    proptest! {
        #[test]
        fn a_glance_sees_what_every_byte_says(text in "[ab,\"\r\n\0]{0,24}", parts in 1..9usize) {
            let mut stepped = Strict::new(io::empty());
            let outcome = text.bytes().try_for_each(|byte| stepped.step(byte)).and_then(|()| stepped.end());
            let stepped = outcome.map(|()| stepped.records).map_err(|what| (stepped.records, what.to_owned()));
            prop_assert_eq!(&records(&text), &stepped);
            let mut scanned = Strict::new(io::empty());
            let pieces = text.as_bytes().chunks(parts);
            let outcome = pieces.into_iter().try_for_each(|piece| scanned.scan(piece)).and_then(|()| scanned.end());
            prop_assert_eq!(outcome.map(|()| scanned.records).map_err(|what| (scanned.records, what.to_owned())), stepped);
        }
    }

    #[test]
    fn a_record_without_end_is_refused_before_it_fills_the_memory() {
        let endless = format!("a,b\n\"{}", "x".repeat(2 << 20));
        assert!(records(&endless).unwrap_err().1.contains("1 MiB"));
    }
}
