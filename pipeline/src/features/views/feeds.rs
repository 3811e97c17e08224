//! What the optional tables say, as facts: the reading of their rows has made them nearly that.

use earlycall_schemas::catalogue::View;

use crate::{features::fact::Fact, history::records::Person};

/// One fact per row, in the order of their moments; without an amount it counts as 1.
pub(super) fn rows(person: &Person, give: &mut impl FnMut(View, Fact)) {
    for row in &person.feeds {
        let fact = Fact {
            end: row.end,
            amount: row.amount.unwrap_or(1),
            tests: row.tests,
            item: row.item,
            ..Fact::on(row.day)
        };
        give(row.view, fact);
    }
}
