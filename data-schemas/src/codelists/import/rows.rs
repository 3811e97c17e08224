//! A text of rows and cells: one row a line, each with as many cells as the header.
//!
//! No list of codes needs a cell of two lines, so none is taken: a quotation mark that is never closed would otherwise
//! swallow the rest of the list.

use super::ImportError;

/// What stands between two cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separator {
    /// A comma; cells may be quoted, as RFC 4180 says.
    Comma,
    /// A tabulator; a quotation mark is a character like any other.
    Tab,
}

/// The rows under a header.
pub struct Rows<'a> {
    /// The names of the columns.
    pub header: Vec<String>,
    separator: Separator,
    lines: std::iter::Enumerate<std::str::Lines<'a>>,
}

impl<'a> Rows<'a> {
    /// Reads the header; the separator follows from it.
    ///
    /// # Errors
    /// * The text is not UTF-8, is empty, or quotes where it must not.
    pub fn open(bytes: &'a [u8], separator: impl Fn(&str) -> Separator) -> Result<Rows<'a>, ImportError> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let row = bytes[..error.valid_up_to()].iter().filter(|&&byte| byte == b'\n').count();
            ImportError::new("is not UTF-8").row(row as u64)
        })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut lines = text.lines().enumerate();
        let (_, first) = lines.next().ok_or_else(|| ImportError::new("is empty"))?;
        let separator = separator(first);
        Ok(Rows { header: split(first, separator).map_err(|error| error.row(0))?, separator, lines })
    }

    /// Where the only column of a name stands.
    ///
    /// # Errors
    /// * There is none of this name, or there are two.
    pub fn column(&self, name: &'static str) -> Result<usize, ImportError> {
        let mut places = (0..self.header.len()).filter(|&at| self.header[at] == name);
        match (places.next(), places.next()) {
            (Some(at), None) => Ok(at),
            (None, _) => Err(ImportError::new("the header has no such column").row(0).column(name)),
            (Some(_), Some(_)) => Err(ImportError::new("the header has this column twice").row(0).column(name)),
        }
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<(u64, Vec<String>), ImportError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (row, line) = self.lines.next()?;
        let row = row as u64;
        Some(match split(line, self.separator) {
            Ok(cells) if cells.len() == self.header.len() => Ok((row, cells)),
            Ok(_) => Err(ImportError::new("has another number of cells than the header").row(row)),
            Err(error) => Err(error.row(row)),
        })
    }
}

fn split(line: &str, separator: Separator) -> Result<Vec<String>, ImportError> {
    match separator {
        Separator::Tab => Ok(line.split('\t').map(str::to_owned).collect()),
        Separator::Comma => split_at_commas(line),
    }
}

fn split_at_commas(line: &str) -> Result<Vec<String>, ImportError> {
    let mut cells = Vec::new();
    let mut rest = line;
    loop {
        let (cell, after) = match rest.strip_prefix('"') {
            Some(quoted) => unquote(quoted)?,
            None => {
                let (cell, after) = rest.split_at(rest.find(',').unwrap_or(rest.len()));
                if cell.contains('"') {
                    return Err(ImportError::new("a quotation mark stands inside a cell that is not quoted"));
                }
                (cell.to_owned(), after)
            }
        };
        cells.push(cell);
        rest = match after.strip_prefix(',') {
            Some(rest) => rest,
            None if after.is_empty() => return Ok(cells),
            None => return Err(ImportError::new("something stands between a quoted cell and the next comma")),
        };
    }
}

/// The cell after an opening quotation mark, and what follows the closing one.
fn unquote(text: &str) -> Result<(String, &str), ImportError> {
    let mut cell = String::new();
    let mut rest = text;
    loop {
        let end = rest.find('"').ok_or_else(|| ImportError::new("a quotation mark is not closed in its line"))?;
        cell.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(after) => {
                cell.push('"');
                rest = after;
            }
            None => return Ok((cell, rest)),
        }
    }
}
