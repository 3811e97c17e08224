//! `earlycall schema`: the tables of a delivery, and that of what coaches hand in.

use earlycall_schemas::{
    contacts::coach_contacts,
    reference::table_markdown,
    table::{TableSpec, tables},
};

use super::usage;
use crate::{error::Result, settings::nearest};

/// List the tables, one name a line, or print one in full.
#[derive(Debug, clap::Args)]
pub struct Schema {
    /// The table to print.
    table: Option<String>,
}

impl Schema {
    pub(super) fn run(&self) -> Result<()> {
        let Some(name) = &self.table else {
            every_table().for_each(|table| tell!("{}", table.name));
            return Ok(());
        };
        match every_table().find(|table| table.name == *name) {
            Some(table) => {
                tell!("{}", table_markdown(table));
                Ok(())
            }
            None => {
                let known: Vec<&str> = every_table().map(|table| table.name.as_str()).collect();
                let error = usage(&format!("there is no table `{name}`"));
                Err(match nearest(name, &known) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error.hint("`earlycall schema` lists them"),
                })
            }
        }
    }
}

fn every_table() -> impl Iterator<Item = &'static TableSpec> {
    tables().iter().chain([coach_contacts()])
}
