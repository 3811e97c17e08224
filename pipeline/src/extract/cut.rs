//! One record of CSV cut into its cells, in the form of RFC 4180 and no other; and what breaks that form.

use std::ops::Range;

use crate::extract::marks::Marks;

/// What breaks the form of RFC 4180, and what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Breach {
    /// What of the row, in words that go on from "the row".
    pub what: &'static str,
    pub what_to_do: &'static str,
}

/// What most often goes wrong when somebody writes CSV by hand.
pub(super) const IN_QUOTES: &str =
    "have cells with commas, quotes or line breaks put in quotes, and the quotes in them doubled (RFC 4180)";
const NUL: Breach = Breach {
    what: "holds a NUL byte: the file may be UTF-16",
    what_to_do: "have it exported as UTF-8, or name `encoding = \"utf-16\"` in `[extracts.mapping.TABLE]`; if it is \
                 neither, it was damaged on its way: have it sent again",
};
const BLANK: Breach =
    Breach { what: "is a blank line", what_to_do: "have the file exported without blank lines, at its end as well" };
const CARRIAGE_RETURN: Breach = Breach {
    what: "has a carriage return without a line feed",
    what_to_do: "have every line ended by a line feed, with or without a carriage return before it",
};
const QUOTE_INSIDE: Breach =
    Breach { what: "has a quote inside a field that doesn't begin with one", what_to_do: IN_QUOTES };
const QUOTE_OPEN: Breach = Breach { what: "has a quote that is never closed", what_to_do: IN_QUOTES };
const TEXT_BEHIND: Breach = Breach { what: "has text after a closing quote", what_to_do: IN_QUOTES };

/// What of a text a record takes.
pub(super) struct Taken {
    /// Bytes to its line end.
    pub line: usize,
    /// Bytes to the next record.
    pub whole: usize,
    /// Whether there are quotes in its cells, each of them doubled.
    pub has_doubled: bool,
    /// The marks of the next record.
    pub marks: Marks,
}

/// Finds the cells of the record that starts at a place in the text, unless the text ends before it does; then some may be
/// there of which nothing is to be kept.
pub(super) fn cut(
    text: &[u8],
    start: usize,
    is_over: bool,
    mut marks: Marks,
    cells: &mut Vec<Range<usize>>,
) -> Result<Option<Taken>, Breach> {
    let (mut cell, mut has_doubled) = (start, false);
    // What stands between the quotes of the cell that was read last.
    let mut quoted: Option<Range<usize>> = None;
    while let Some(at) = marks.next(text) {
        match text[at] {
            b',' => {
                cells.push(quoted.take().unwrap_or(cell..at));
                cell = at + 1;
            }
            b'\n' | b'\r' if at == start => return Err(BLANK),
            b'\n' => {
                let line = at - start - usize::from(text[at - 1] == b'\r');
                cells.push(quoted.unwrap_or(cell..start + line));
                return Ok(Some(Taken { line, whole: at + 1 - start, has_doubled, marks }));
            }
            b'\r' => match text.get(at + 1) {
                Some(b'\n') => {}
                None if !is_over => return Ok(None),
                _ => return Err(CARRIAGE_RETURN),
            },
            b'"' if at > cell => return Err(QUOTE_INSIDE),
            b'"' => {
                let Some(closed) = quoted_end(text, is_over, marks)? else { return Ok(None) };
                quoted = Some(at + 1..closed.end);
                has_doubled |= closed.has_doubled;
                marks = closed.marks;
            }
            0 => return Err(NUL),
            _ => {}
        }
    }
    if !is_over {
        return Ok(None);
    }
    // The last record may do without a line end.
    let line = text.len() - start;
    cells.push(quoted.unwrap_or(cell..text.len()));
    Ok(Some(Taken { line, whole: line, has_doubled, marks }))
}

/// How a quoted cell ends.
struct Closed {
    /// Where its last quote is.
    end: usize,
    has_doubled: bool,
    /// The marks behind it.
    marks: Marks,
}

/// Goes on behind the quote that opens a cell to the one that closes it, if the text has what follows.
fn quoted_end(text: &[u8], is_over: bool, mut marks: Marks) -> Result<Option<Closed>, Breach> {
    let mut has_doubled = false;
    while let Some(at) = marks.next(text) {
        match (text[at], text.get(at + 1)) {
            (0, _) | (b'"', Some(0)) => return Err(NUL),
            (b'"', Some(b'"')) => {
                marks.next(text);
                has_doubled = true;
            }
            (b'"', Some(b',' | b'\n' | b'\r')) => return Ok(Some(Closed { end: at, has_doubled, marks })),
            (b'"', Some(_)) => return Err(TEXT_BEHIND),
            (b'"', None) => return Ok(is_over.then_some(Closed { end: at, has_doubled, marks })),
            _ => {}
        }
    }
    if is_over { Err(QUOTE_OPEN) } else { Ok(None) }
}

/// Leaves one of each two quotes in a cell, and fills what becomes free, so that the text is UTF-8 where its cells are.
pub(super) fn undouble(text: &mut [u8], cell: &mut Range<usize>) {
    let (mut from, mut to) = (cell.start, cell.start);
    while from < cell.end {
        text[to] = text[from];
        from += if text[from] == b'"' { 2 } else { 1 };
        to += 1;
    }
    text[to..cell.end].fill(b' ');
    cell.end = to;
}
