//! Practices of whose newest rows most could not be read, and so few that nothing was refused (V42). What could be read
//! counts; until they send a file that is read well, every line of their patients says that some of it could not.

use serde::{Deserialize, Serialize};

use crate::{
    extract::{Admitted, Delivery, lost},
    history::ledger::Ledger,
    settings::Settings,
};

/// What could not be read of the newest rows of one practice's table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartRead {
    /// The table.
    pub table: String,
    /// The practice.
    pub provider: String,
    /// The first delivery with such rows.
    pub extract_id: String,
    /// Rows that were rejected, of this delivery and of those like it since.
    pub rejected: u64,
    /// The rows that they are of.
    pub read: u64,
    /// What was wrong with most of the first ones, without a person's value.
    pub why: Option<String>,
}

impl PartRead {
    /// A sentence for the data engineer.
    pub fn in_words(&self) -> String {
        let PartRead { table, provider, extract_id, rejected, read, .. } = self;
        let why = self.why.as_ref().map_or(String::new(), |why| format!(" ({why})"));
        format!(
            "{table} of {provider}: {rejected} of {read} rows since delivery {extract_id} could not be read{why}; the lines of \
             its patients say so until its next file of this table is read well"
        )
    }

    fn of(admitted: &Admitted, delivery: &Delivery) -> PartRead {
        PartRead {
            table: admitted.table.name.clone(),
            provider: admitted.provider.clone(),
            extract_id: delivery.id.clone(),
            rejected: admitted.tally.rejected_in_share(),
            read: admitted.tally.read,
            why: lost::most(&admitted.rejections),
        }
    }
}

impl Ledger {
    /// Notes of which practices most rows could not be read, and whose are read well again.
    pub fn note_part_read(&mut self, delivery: &Delivery, settings: &Settings) {
        for admitted in &delivery.tables {
            let is_it = |one: &PartRead| (&one.table, &one.provider) == (&admitted.table.name, &admitted.provider);
            if lost::is_read_well(admitted, settings) {
                self.part_read.retain(|one| !is_it(one));
            } else if lost::is_most_of_a_practice(admitted, settings) {
                let new = PartRead::of(admitted, delivery);
                match self.part_read.iter_mut().find(|one| is_it(one)) {
                    Some(one) => (one.rejected, one.read) = (one.rejected + new.rejected, one.read + new.read),
                    None => self.part_read.push(new),
                }
            }
        }
        self.part_read.sort_by(|a, b| (&a.provider, &a.table).cmp(&(&b.provider, &b.table)));
    }
}
