//! `earlycall schema`: the tables of a delivery.

use earlycall_schemas::{
    reference::table_markdown,
    table::{table, tables},
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
            tables().iter().for_each(|table| tell!("{}", table.name));
            return Ok(());
        };
        match table(name) {
            Some(table) => {
                tell!("{}", table_markdown(table));
                Ok(())
            }
            None => {
                let known: Vec<&str> = tables().iter().map(|table| table.name.as_str()).collect();
                let error = usage(&format!("there is no table `{name}`"));
                Err(match nearest(name, &known) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error.hint("`earlycall schema` lists them"),
                })
            }
        }
    }
}
