//! Why a model could not be fitted, read or used.

use thiserror::Error;

/// A result whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What has to be mended. No variant carries a value from a row.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// A parameter is outside its range.
    #[error("{name} must be {rule}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// The range, in words.
        rule: &'static str,
    },
    /// Two things that must be of one length are not.
    #[error("there are {found} {what}, but {expected} are needed")]
    Length {
        /// What was counted.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
    /// Two columns have one name.
    #[error("column {0} is named twice")]
    RepeatedColumn(String),
    /// The columns are not those of the model, in its order and of its kinds.
    #[error("column {position} should be {expected}, but is {found}")]
    ColumnsDiffer {
        /// Where; the first column is 1.
        position: usize,
        /// Name and kind in the model.
        expected: String,
        /// Name and kind that was given.
        found: String,
    },
    /// Something is said of a column that isn't there.
    #[error("there is no column {0}")]
    NoSuchColumn(String),
    /// There is no such row.
    #[error("row {row} does not exist: there are {rows}")]
    NoSuchRow {
        /// The row asked for, from 0.
        row: usize,
        /// The number of rows.
        rows: usize,
    },
    /// Too few people had the event, or did not have it, for every fold to hold one.
    #[error("only {found} people {who} the event, and at least {needed} are needed")]
    TooFew {
        /// "had" or "did not have".
        who: &'static str,
        /// How many there are.
        found: usize,
        /// How many are needed.
        needed: usize,
    },
    /// One of several horizons could not be learnt.
    #[error("within {horizon_days} days: {why}")]
    Horizon {
        /// The horizon, in days.
        horizon_days: u32,
        /// What was wrong.
        why: Box<Error>,
    },
    /// A risk to be measured is not a number from 0 to 1.
    #[error("risk number {0} is not between 0 and 1")]
    NotARisk(usize),
    /// The solver gave up.
    #[error("the solver failed: {0}")]
    Solver(String),
    /// The text of a model is not what a model looks like.
    #[error("the model is not readable at line {line}, column {column}")]
    Unreadable {
        /// Line of the text, from 1; 0 where there is none.
        line: usize,
        /// Column of the text, from 1; 0 where there is none.
        column: usize,
    },
    /// The model was written in another version of the format.
    #[error("the model has schema version {found}, but this program reads version {expected}")]
    SchemaVersion {
        /// The version of the file.
        found: u64,
        /// The version this program reads.
        expected: u64,
    },
    /// The checksum does not match: the text was altered after it was written.
    #[error("the model was altered: its checksum does not match")]
    Altered,
    /// There is no signature that the public key confirms.
    #[error("the model is not signed with the key that was expected")]
    NotSigned,
    /// The checksum matches, but the parts contradict each other.
    #[error("the model contradicts itself: {0}")]
    Inconsistent(&'static str),
    /// An error of the linfa framework.
    #[error(transparent)]
    Linfa(#[from] linfa::Error),
}
