//! What can go wrong, in words for the person who has to mend it.
//!
//! A message is one line that names file, row, column and rule, and never a patient's value.
//! The kind decides the exit code; see [`crate::exit`].

use std::fmt;

use earlycall_schemas::rules::rule;

/// What kind of failure this is. Each kind has one exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The command line makes no sense.
    Usage,
    /// The settings file or a code list is wrong or missing.
    Settings,
    /// A delivery, or a file of it, is refused.
    Extract,
    /// The quality gate holds the night.
    Held,
    /// The model is missing, altered or made for other features.
    Model,
    /// A file could not be written, read back or found.
    Storage,
    /// Another run holds the lock.
    Locked,
    /// A key or a permission is missing or too open.
    Permission,
    /// There is nothing to do: this night stands already.
    NothingToDo,
}

/// A failure: its kind, where it is, what is wrong, and what to do about it.
///
/// # Example
/// ```
/// use earlycall::error::{Error, Kind};
/// let error = Error::refused("is not a date of the form YYYY-MM-DD", "ask the supplier to send the file again")
///     .file("deaths.csv").row(17).column("death_date").rule("V08");
/// assert_eq!(error.kind(), Kind::Extract);
/// assert_eq!(
///     error.to_string(),
///     "deaths.csv, row 17, column death_date, rule V08: is not a date of the form YYYY-MM-DD; \
///      hint: ask the supplier to send the file again",
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: Kind,
    // Boxed, so that the many results that succeed stay small.
    told: Box<Told>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Told {
    file: Option<String>,
    row: Option<u64>,
    line: Option<u64>,
    column: Option<String>,
    setting: Option<String>,
    rule: Option<String>,
    message: String,
    hint: Option<String>,
    beside: Vec<String>,
}

/// A result whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A failure of a kind; `message` is lower case, without a full stop and without a patient's value.
    pub fn new(kind: Kind, message: impl Into<String>) -> Error {
        Error { kind, told: Box::new(Told { message: message.into(), ..Told::default() }) }
    }

    /// What has arrived is refused: what is wrong with it, and what to do about that.
    ///
    /// Nothing else makes a [`Kind::Extract`], so no refusal leaves anybody without a way out.
    pub fn refused(what: impl Into<String>, what_to_do: impl Into<String>) -> Error {
        Error::new(Kind::Extract, what).hint(what_to_do)
    }

    /// A file that could not be read or written; says which, and what the system answered.
    pub fn storage(path: &std::path::Path, doing: &str, error: &std::io::Error) -> Error {
        Error::new(Kind::Storage, format!("cannot {doing}: {error}")).file(path.display().to_string())
    }

    /// Names the file.
    pub fn file(mut self, file: impl Into<String>) -> Error {
        self.told.file = Some(file.into());
        self
    }

    /// Names the row; row 1 is the first under the header.
    pub fn row(mut self, row: u64) -> Error {
        self.told.row = Some(row);
        self
    }

    /// Names the line, of a file that people write and open in an editor: as it counts them, a header is line 1.
    pub fn line(mut self, line: u64) -> Error {
        self.told.line = Some(line);
        self
    }

    /// Names the column.
    pub fn column(mut self, column: impl Into<String>) -> Error {
        self.told.column = Some(column.into());
        self
    }

    /// Names the key of the settings, for example `prediction.horizon_days`.
    pub fn setting(mut self, key: impl Into<String>) -> Error {
        self.told.setting = Some(key.into());
        self
    }

    /// Names the rule, for example `V01`.
    pub fn rule(mut self, rule: impl Into<String>) -> Error {
        self.told.rule = Some(rule.into());
        self
    }

    /// Says what to do.
    pub fn hint(mut self, hint: impl Into<String>) -> Error {
        self.told.hint = Some(hint.into());
        self
    }

    /// Adds to what is wrong, after a semicolon.
    pub fn also(mut self, more: &str) -> Error {
        self.told.message.push_str("; ");
        self.told.message.push_str(more);
        self
    }

    /// Adds lines of their own for whoever started the command: what else is known, and is told with it.
    pub fn beside(mut self, lines: impl IntoIterator<Item = String>) -> Error {
        self.told.beside.extend(lines);
        self
    }

    /// The lines that are told with it.
    pub fn lines_beside(&self) -> &[String] {
        &self.told.beside
    }

    /// Whether it is a data incident that somebody must report: the breach of a rule that is declared so.
    pub fn is_incident(&self) -> bool {
        self.told.rule.as_deref().and_then(rule).is_some_and(|rule| rule.is_incident)
    }

    /// Whether it is the breach of a rule.
    pub fn is_under(&self, rule: &str) -> bool {
        self.told.rule.as_deref() == Some(rule)
    }

    /// The kind, which decides the exit code.
    pub fn kind(&self) -> Kind {
        self.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Told { file, row, line, column, setting, rule, message, hint, beside: _ } = &*self.told;
        let mut place = Vec::new();
        place.extend(file.clone());
        place.extend(row.map(|row| format!("row {row}")));
        place.extend(line.map(|line| format!("line {line}")));
        place.extend(column.as_ref().map(|column| format!("column {column}")));
        place.extend(setting.as_ref().map(|key| format!("setting {key}")));
        place.extend(rule.as_ref().map(|rule| format!("rule {rule}")));
        if !place.is_empty() {
            write!(f, "{}: ", place.join(", "))?;
        }
        f.write_str(message)?;
        match hint {
            Some(hint) => write!(f, "; hint: {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_tells_who_somebody_is_is_an_incident_and_a_broken_one_is_not() {
        let under = |rule| Error::refused("is wrong", "send it again").rule(rule).is_incident();
        assert_eq!(["V03", "V04", "V01", "V42"].map(under), [true, true, false, false]);
        assert!(!Error::refused("is wrong", "send it again").is_incident());
    }
}
