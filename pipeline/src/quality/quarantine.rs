//! The quarantine: which rows were rejected, pointing back into the delivered file, and never their values.

use std::sync::Arc;

use crate::quality::tally::Rule;

/// A rejected row. Ordered by file and row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rejection {
    /// The file, as the manifest names it.
    pub file: Arc<str>,
    /// The row; 1 is the first under the header.
    pub row: u64,
    /// The column that fails the rule.
    pub column: &'static str,
    /// The first rule that the row fails.
    pub rule: Rule,
}

/// The quarantine file of a table: a header, then one line per rejected row, sorted by file and row.
///
/// # Example
/// ```
/// use earlycall::quality::quarantine::{Rejection, csv};
/// let at = |row, rule| Rejection { file: "deaths.csv".into(), row, column: "death_date", rule };
/// let text = String::from_utf8(csv(&[at(17, "V09"), at(4, "NULL")])).unwrap();
/// assert_eq!(text, "file,row,column,rule\ndeaths.csv,4,death_date,NULL\ndeaths.csv,17,death_date,V09\n");
/// ```
pub fn csv(rejections: &[Rejection]) -> Vec<u8> {
    let mut sorted: Vec<&Rejection> = rejections.iter().collect();
    sorted.sort();
    let mut text = String::from("file,row,column,rule\n");
    for Rejection { file, row, column, rule } in sorted {
        // The manifest's paths are plain (see `extract::manifest`), so nothing here needs quotes.
        text.push_str(&format!("{file},{row},{column},{rule}\n"));
    }
    text.into_bytes()
}
