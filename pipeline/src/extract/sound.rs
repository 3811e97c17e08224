//! Rows of CSV that can be read: text, and with as many cells as the header.

use std::ops::Range;

use simdutf8::basic::from_utf8;

use crate::error::{Error, Result};
use crate::extract::cut::IN_QUOTES;
use crate::extract::mapping::Made;
use crate::extract::refusal::broken;
use crate::extract::split::Sheaf;
use crate::settings::Encoding;

/// The rows of a sheaf before the first that cannot be read.
pub(super) struct Sound<'a> {
    /// How many there are.
    pub rows: usize,
    text: &'a str,
    /// Where the text begins in that in which the cells lie.
    begin: usize,
    width: usize,
    /// Row by row.
    cells: &'a [Range<usize>],
}

impl<'a> Sound<'a> {
    /// Of a sheaf whose first row has this number; also why they are not all, if they aren't.
    pub fn of(sheaf: &Sheaf<'a>, width: usize, encoding: Encoding, first_row: u64) -> (Sound<'a>, Option<Error>) {
        let misfit = (0..sheaf.len()).find(|row| sheaf.cells(*row).len() != width);
        let rows = misfit.unwrap_or(sheaf.len());
        let misfit = misfit.map(|row| {
            let message = format!("the row has {} cells where the header has {width}", sheaf.cells(row).len());
            broken(message, format!("{IN_QUOTES}; if it is the last row, the file was cut short"))
                .row(first_row + row as u64)
        });
        match Sound::text(sheaf, rows, width) {
            Some(sound) => (sound, misfit),
            None => {
                let no_text = (0..rows).find(|row| from_utf8(sheaf.line(*row)).is_err());
                let rows = no_text.expect("what is no text is so in one of its lines");
                let sound = Sound::text(sheaf, rows, width).expect("the lines before are text");
                (sound, Some(self::no_text(encoding).row(first_row + rows as u64)))
            }
        }
    }

    /// The names in a header.
    ///
    /// # Errors
    /// It is no text.
    pub fn header(sheaf: &Sheaf<'a>, encoding: Encoding) -> Result<Sound<'a>> {
        Sound::text(sheaf, 1, sheaf.cells(0).len()).ok_or_else(|| no_text(encoding))
    }

    fn text(sheaf: &Sheaf<'a>, rows: usize, width: usize) -> Option<Sound<'a>> {
        let (lines, begin) = sheaf.lines(rows);
        Some(Sound { rows, text: from_utf8(lines).ok()?, begin, width, cells: sheaf.all_cells() })
    }

    /// A cell by its column in the file.
    pub fn cell(&self, row: usize, column: usize) -> &'a str {
        &self.text[self.place(&self.cells[row * self.width + column])]
    }

    /// The first cells of a column of the file, row by row.
    pub fn column(&self, column: usize, rows: usize) -> impl Iterator<Item = &'a str> {
        self.places(column, rows).map(|place| &self.text[place])
    }

    /// The same as bytes: a text is cut only after a look at where its signs begin.
    pub fn bytes(&self, column: usize, rows: usize) -> impl Iterator<Item = &'a [u8]> {
        self.places(column, rows).map(|place| &self.text.as_bytes()[place])
    }

    fn places(&self, column: usize, rows: usize) -> impl Iterator<Item = Range<usize>> {
        self.cells.chunks_exact(self.width).take(rows).map(move |row| self.place(&row[column]))
    }

    fn place(&self, cell: &Range<usize>) -> Range<usize> {
        cell.start - self.begin..cell.end - self.begin
    }

    /// A cell that does not stand in the row as it is.
    pub fn made<'m>(&self, row: usize, made: &Made, text: &'m mut String) -> &'m str {
        text.clear();
        made.cell(|column| self.cell(row, column), text);
        text
    }
}

fn no_text(encoding: Encoding) -> Error {
    let (message, hint) = match encoding {
        Encoding::Utf8 => {
            let hint = "export the file as UTF-8, or name its encoding in `[extracts.mapping]`: windows-1252 or utf-16";
            ("is not UTF-8", hint)
        }
        _ => (
            "is not in the encoding that its mapping names",
            "name another in `[extracts.mapping]`, or have the file sent in this one",
        ),
    };
    broken(message, hint)
}
