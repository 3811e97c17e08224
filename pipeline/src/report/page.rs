//! `check.html`: everything that a check has found, on one page that needs nothing else.

use askama::Template;

use super::{
    checked::Checked,
    pictures::{TablePicture, pictures},
    screen::{by_night_alone, thousands},
    verdict::Verdict,
};
use crate::quality::{
    finding::{Finding, percent},
    tally::Tally,
};

/// The page of a check. Every value is escaped; nothing on the page runs, links or loads.
pub(super) fn write(checked: &Checked) -> Vec<u8> {
    let page = Page {
        checked,
        verdict: Verdict::of(checked),
        refusals: checked.refusals.iter().map(ToString::to_string).collect(),
        lacking: checked.new.iter().flat_map(|delivery| &delivery.refused).map(String::as_str).collect(),
        warned: checked.new.iter().flat_map(|delivery| &delivery.warned).chain(&checked.odd).collect(),
        bars: bars(checked),
        pictures: pictures(&checked.profiles, &checked.rules),
    };
    page.render().expect("a template of plain fields renders").into_bytes()
}

#[derive(Template)]
#[template(path = "check.html")]
struct Page<'a> {
    checked: &'a Checked,
    verdict: Verdict,
    refusals: Vec<String>,
    lacking: Vec<&'a str>,
    warned: Vec<&'a Finding>,
    bars: Vec<Bar>,
    pictures: Vec<TablePicture>,
}

/// Rows of a table that a rule rejects or repairs, as a bar beside the others.
struct Bar {
    table: &'static str,
    rule: &'static str,
    what: &'static str,
    n: u64,
    /// Of the rows that were read.
    share: f64,
    /// Of the longest bar.
    width: f64,
}

/// Bars of all new deliveries, the longest first.
fn bars(checked: &Checked) -> Vec<Bar> {
    let mut bars: Vec<Bar> = Vec::new();
    for table in earlycall_schemas::table::tables() {
        let mut tally = Tally::default();
        let of_table = checked.new.iter().flat_map(|delivery| &delivery.tables).filter(|one| one.table == table.name);
        of_table.for_each(|one| tally.add(&one.tally));
        for (what, counts) in
            [("rejected", &tally.rejected), ("repaired", &tally.repaired), ("kept though odd", &tally.warned)]
        {
            bars.extend(counts.iter().map(|(rule, n)| {
                let share = *n as f64 / tally.read.max(1) as f64;
                Bar { table: &table.name, rule, what, n: *n, share, width: 0.0 }
            }));
        }
    }
    bars.sort_by_key(|bar| std::cmp::Reverse(bar.n));
    let most = bars.first().map_or(1, |bar| bar.n) as f64;
    bars.iter_mut().for_each(|bar| bar.width = bar.n as f64 / most);
    bars
}
