//! The features as SQL for DuckDB, written from the same catalogue and code lists: a second implementation.
//!
//! It stands here, beside the declarations, and knows nothing of the pipeline: what both compute from the same rows must
//! be equal, and where they differ one of them has misread the specification. The meaning of each view is written by
//! hand, one `.sql` file per subject; the code lists and every feature are generated.
//!
//! The script expects, for each of [`source_tables`], two relations with the columns that the contract uses:
//! `first_TABLE`, the rows of the first full delivery, and `later_TABLE`, those of later deliveries with
//! `delivery` (1, 2, ... by extraction), `extracted_on` (London day) and `is_history`. It leaves a table `features`: one
//! row per row of `patients`, with `person_id`, `standing` and every feature as a whole number of the unit's parts. The
//! features of who is not scored are null, and so is what is missing; what never happened is [`NEVER`].
//!
//! Only the newest full delivery can be first. Rows that the checks reject must not be in the relations.

mod codes;
mod entries;
mod feeds;
mod known;

use std::fmt::Write;

pub use known::source_tables;

/// The number that stands for "never" among days since something.
pub const NEVER: i64 = -1;

/// A part of the script, timed and reported on its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// A name for reports.
    pub name: &'static str,
    /// Statements, each ending with a semicolon.
    pub sql: String,
}

/// The script for an index date (`YYYY-MM-DD`), in order.
///
/// `lag_days` are the days by which the rows of a table are known after they happened, in a history delivered at once.
///
/// # Panics
/// If `index_date` is no date of that form, for it becomes part of the script.
pub fn stages(index_date: &str, lag_days: &[(&str, i32)], minimum_age_years: i32, coached: &[String]) -> Vec<Stage> {
    assert!(is_date(index_date), "an index date is written YYYY-MM-DD");
    let lag = |table: &str| lag_days.iter().find(|(name, _)| *name == table).map_or(0, |(_, days)| *days);
    let mut known = format!(
        "SET VARIABLE t = DATE '{index_date}';\n\
         SET VARIABLE minimum_age_years = {minimum_age_years};\n\
         CREATE TEMP MACRO london_day(moment) AS CAST(moment AT TIME ZONE 'Europe/London' AS DATE);\n\
         CREATE TEMP MACRO years_between(born, day) AS year(day) - year(born)\n\
         \x20   - CASE WHEN (month(day), day(day)) < (month(born), day(born)) THEN 1 ELSE 0 END;\n"
    );
    known.push_str(&codes::tables(coached));
    known.push_str(&known::state_and_permission());
    let mut clinical = String::new();
    for table in known::clinical_tables() {
        clinical.push_str(&known::clinical(table, lag(&table.name)));
    }
    let stage = |name, sql: &str| Stage { name, sql: sql.to_owned() };
    vec![
        stage("code lists", &known),
        stage("people", include_str!("people.sql")),
        stage("corrections", &clinical),
        stage("stays", include_str!("stays.sql")),
        stage("emergency care", include_str!("emergency_care.sql")),
        stage("prescriptions", &(include_str!("prescriptions.sql").to_owned() + &entries::prescriptions())),
        stage("results", include_str!("results.sql")),
        stage("feeds", &feeds::facts()),
        stage("conditions", include_str!("conditions.sql")),
        stage("scores", include_str!("scores.sql")),
        stage("standing", &(include_str!("standing.sql").to_owned() + &feeds::present())),
        stage("features", &entries::features()),
    ]
}

/// The whole script as text, each stage under a comment with its name.
pub fn script(stages: &[Stage]) -> String {
    let mut text = String::new();
    for stage in stages {
        writeln!(text, "-- stage: {}\n{}", stage.name, stage.sql).expect("writing to a string can't fail");
    }
    text
}

fn is_date(text: &str) -> bool {
    let shape = text.bytes().map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
    shape.eq(*b"0000-00-00")
}

#[cfg(test)]
mod tests;
