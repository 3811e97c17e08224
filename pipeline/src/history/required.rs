//! Tables without which there is no night.

use crate::error::{Error, Result};

/// Refuses what leaves the night without what it cannot do without; `rows_of` counts a table's rows.
///
/// # Errors
/// * [`crate::error::Kind::Extract`] when a table that must not be empty is.
pub fn require_tables(rows_of: impl Fn(&str) -> u64, may_lack_objections: bool) -> Result<()> {
    const REQUIRED: [&str; 8] = [
        "patients",
        "registrations",
        "apc_episodes",
        "deaths",
        "opt_outs",
        "reference_practices",
        "reference_lsoa",
        "reference_teams",
    ];
    const NO_ROW: &str = "no row of the table counts: none was ever delivered, or a full delivery has emptied it";
    for name in REQUIRED {
        let is_empty = rows_of(name) == 0;
        if is_empty && !(name == "opt_outs" && may_lack_objections) {
            let hint = match name {
                "opt_outs" => {
                    "without the list of objections nobody may be scored; ask the supplier for it, or, if there are \
                     none, say so in [extracts] no_objections_recorded with a name and a reason"
                }
                _ => "ask the supplier for this table; last night's worklists stay as they are",
            };
            return Err(Error::refused(NO_ROW, hint).file(name).rule("V01"));
        }
    }
    Ok(())
}
