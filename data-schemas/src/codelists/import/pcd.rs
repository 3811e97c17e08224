//! Clusters of the NHS Primary Care Domain reference sets, such as `AST_COD`.
//!
//! The portal's content file holds all clusters, row by row, and names a concept once per rule set that uses it. Copies
//! of single clusters go about as `code,term`. Source: NHS England, Primary Care Domain reference set portal.

use super::{
    Cells, ImportError,
    rows::{Rows, Separator},
};

const CLUSTER: &str = "Cluster_ID";
const CONCEPT: &str = "SNOMED_code";

pub fn cells(bytes: &[u8], cluster: &str) -> Result<Cells, ImportError> {
    // The content file is separated by tabulators; tables saved from it by commas.
    let separator = |header: &str| if header.contains('\t') { Separator::Tab } else { Separator::Comma };
    let mut rows = Rows::open(bytes, separator)?;
    if rows.header == ["code", "term"] {
        return rows.map(|row| row.map(|(row, mut cells)| (row, cells.swap_remove(0)))).collect();
    }
    let (cluster_at, concept_at) = (rows.column(CLUSTER)?, rows.column(CONCEPT)?);
    let found: Cells = rows.try_fold(Vec::new(), |mut found, row| {
        let (row, mut cells) = row?;
        if cells[cluster_at] == cluster {
            found.push((row, cells.swap_remove(concept_at)));
        }
        Ok(found)
    })?;
    if found.is_empty() {
        return Err(ImportError::new(format!("no row is of the cluster {cluster}")).column(CLUSTER));
    }
    Ok(found)
}
