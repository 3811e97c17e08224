//! Checks on one row that a table declares: which cells, taken together, break a rule.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A rule that rows of a table break by what several of their cells say.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowCheck {
    /// The rule that is broken.
    pub rule: String,
    /// The column that a message names.
    pub column: String,
    /// When it is broken.
    pub broken: Broken,
}

/// When the cells of a row break a rule.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Broken {
    /// Each of these columns has one of its values.
    AllOf(Cells),
    /// One of two sets of cells is as it says, and the other is not.
    JustOneOf([Cells; 2]),
    /// All of these columns are empty.
    AllEmpty(Vec<String>),
    /// A column is empty, though others have one of their values.
    EmptyThough(EmptyThough),
    /// From one moment to another it takes less or more time than it may. Nothing is broken where one of them is missing.
    MinutesOutside(Span),
}

/// A column that may not be empty beside some cells.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmptyThough {
    /// The column that is empty.
    pub empty: String,
    /// Each of these columns has one of its values.
    pub though: Cells,
}

/// How long it may take from one moment of a row to another.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// The column of the first moment.
    pub from: String,
    /// The column of the second.
    pub until: String,
    /// The shortest time that breaks nothing, in minutes.
    pub least: i64,
    /// The longest.
    pub most: i64,
}

impl Span {
    /// Whether so many seconds are less or more than it may take.
    ///
    /// # Example
    /// ```
    /// use earlycall_schemas::check::Span;
    /// let span = Span { from: "actual_start".into(), until: "actual_end".into(), least: 2, most: 720 };
    /// assert!(!span.is_broken_by(120) && !span.is_broken_by(43_200));
    /// assert!(span.is_broken_by(119) && span.is_broken_by(43_201));
    /// ```
    pub fn is_broken_by(&self, seconds: i64) -> bool {
        seconds < self.least * 60 || seconds > self.most * 60
    }
}

/// Columns, each with values of which the row has one. A value that ends in `*` is the beginning of a code.
pub type Cells = BTreeMap<String, Vec<String>>;

impl RowCheck {
    /// The columns that are looked at.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        let (cells, names): (&[Cells], Vec<&String>) = match &self.broken {
            Broken::AllOf(cells) => (std::slice::from_ref(cells), Vec::new()),
            Broken::JustOneOf(either) => (either, Vec::new()),
            Broken::AllEmpty(names) => (&[], names.iter().collect()),
            Broken::EmptyThough(EmptyThough { empty, though }) => (std::slice::from_ref(though), vec![empty]),
            Broken::MinutesOutside(span) => (&[], vec![&span.from, &span.until]),
        };
        cells.iter().flat_map(BTreeMap::keys).chain(names).map(String::as_str)
    }
}

/// Whether a value is one of those declared.
///
/// # Example
/// ```
/// use earlycall_schemas::check::is_one_of;
/// let emergency = ["2*", "82"];
/// assert!(is_one_of("2A", &emergency) && is_one_of("82", &emergency));
/// assert!(!is_one_of("12", &emergency));
/// ```
pub fn is_one_of(value: &str, declared: &[impl AsRef<str>]) -> bool {
    declared.iter().map(AsRef::as_ref).any(|declared| match declared.strip_suffix('*') {
        Some(beginning) => value.starts_with(beginning),
        None => value == declared,
    })
}
