//! The vocabulary of earlycall: tables, rules, code lists, features and outputs, declared once as data.
//!
//! Knows no files but its own embedded ones.

pub mod calendar;
pub mod care_gaps;
pub mod catalogue;
pub mod check;
pub mod codelists;
pub mod codes;
pub mod contacts;
mod embedded;
pub mod feeds;
pub mod identities;
pub mod looked_after;
pub mod output;
pub mod pathways;
pub mod prevalence;
pub mod profile;
pub mod reference;
pub mod rules;
pub mod sql;
pub mod table;
pub mod variants;
