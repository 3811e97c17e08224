//! Snapshots of simple reference sets in release format 2, as TRUD distributes them.
//!
//! A snapshot has one row for each member that ever was, as it is now. A full release has each member's past too, so a
//! member that stands there twice is the sign of one. A delta cannot be told from a snapshot by its rows.
//! Source: SNOMED International, Release File Specification, simple reference set.

use std::collections::BTreeSet;

use super::{
    Cells, ImportError,
    rows::{Rows, Separator},
};
use crate::codes::SnomedCode;

/// More columns would be another kind of reference set, whose members carry values.
const HEADER: [&str; 6] = ["id", "effectiveTime", "active", "moduleId", "refsetId", "referencedComponentId"];

pub fn cells(bytes: &[u8], refset: SnomedCode) -> Result<Cells, ImportError> {
    let rows = Rows::open(bytes, |_| Separator::Tab)?;
    if rows.header != HEADER {
        return Err(ImportError::new(format!(
            "the header is not that of a simple reference set: {}",
            HEADER.join(", ")
        ))
        .row(0));
    }
    let wanted = refset.to_string();
    let mut members = BTreeSet::new();
    let mut found = Vec::new();
    for row in rows {
        let (row, cells) = row?;
        let [id, effective, active, _, of_refset, component] =
            cells.try_into().expect("a row is as wide as the header");
        if effective.len() != 8 || !effective.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ImportError::new("is not a date of the form YYYYMMDD").row(row).column("effectiveTime"));
        }
        if active != "0" && active != "1" {
            return Err(ImportError::new("is neither 0 nor 1").row(row).column("active"));
        }
        if of_refset != wanted {
            continue;
        }
        if !members.insert(id) {
            return Err(ImportError::new("a member stands here twice: not a snapshot").row(row).column("id"));
        }
        if active == "1" {
            found.push((row, component));
        }
    }
    if found.is_empty() {
        return Err(ImportError::new("no row is an active member of the reference set").column("refsetId"));
    }
    Ok(found)
}
