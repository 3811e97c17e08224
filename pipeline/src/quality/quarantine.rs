//! The quarantine: which rows were rejected, pointing back into the delivered file, and never their values.

use std::sync::Arc;

use crate::quality::tally::Rule;
use crate::worklist::inert::inert;

const IN_MEMORY: &str = "memory takes every record, and all are of one length";

/// A rejected row. Ordered by file and row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rejection {
    /// The file, behind the name of its delivery's folder.
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
/// let at = |row, rule| Rejection { file: "monday/deaths.csv".into(), row, column: "death_date", rule };
/// let text = String::from_utf8(csv(&[at(17, "V09"), at(4, "NULL")])).unwrap();
/// assert_eq!(
///     text,
///     "file,row,column,rule\nmonday/deaths.csv,4,death_date,NULL\nmonday/deaths.csv,17,death_date,V09\n",
/// );
/// ```
pub fn csv(rejections: &[Rejection]) -> Vec<u8> {
    let mut sorted: Vec<&Rejection> = rejections.iter().collect();
    sorted.sort();
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    writer.write_record(["file", "row", "column", "rule"]).expect(IN_MEMORY);
    for Rejection { file, row, column, rule } in sorted {
        // A folder has any name, and a mapped column the supplier's.
        let cells = [inert(file), row.to_string().into(), inert(column), (*rule).into()];
        writer.write_record(cells.iter().map(|cell| cell.as_bytes())).expect(IN_MEMORY);
    }
    writer.into_inner().expect(IN_MEMORY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_any_name_is_one_cell_and_no_formula() {
        let rejection = Rejection { file: "=a, \"b\"/deaths.csv".into(), row: 1, column: "death_date", rule: "V09" };
        let text = String::from_utf8(csv(&[rejection])).unwrap();
        assert_eq!(text, "file,row,column,rule\n\"'=a, \"\"b\"\"/deaths.csv\",1,death_date,V09\n");
    }
}
