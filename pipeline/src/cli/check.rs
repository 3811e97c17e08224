//! `earlycall check`: settings and extracts against the contract, whether a night could start from them, and whether
//! the code lists find in them whom they should.

use super::{Common, shown};
use crate::{
    day::Day,
    error::Result,
    objections::holding::holding,
    report::checked::{Checked, check},
    store::disk::FileSystem,
};

/// Hold settings and extracts against the contract; scores nothing.
#[derive(Debug, clap::Args)]
pub struct Check {
    /// Last day that the extracts cover; absent: the day before the newest extract. As for a run.
    #[arg(long, value_name = "DATE")]
    index_date: Option<Day>,
    /// For people, or for machines.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
}

impl Check {
    pub(super) fn run(&self, common: &Common) -> Result<()> {
        let settings = common.settings()?;
        let mut progress = common.progress();
        let ((checked, report), revised, given) = holding(&settings, &FileSystem, |store| {
            let checked = check(&settings, store, self.index_date, common.threads(), &mut progress)?;
            let report = store.put_report("check.html", &checked.page())?;
            Ok((checked, report))
        })?;
        progress.done();
        common.tell_revised(revised.as_ref());
        match self.format {
            Format::Json => tell!("{:#}", checked.json()),
            Format::Text => checked.screen(&shown(&report)).lines().for_each(|line| tell!("{line}")),
        }
        if checked.refusals.is_empty() {
            let incidents = checked.new.iter().flat_map(|delivery| &delivery.incidents).cloned();
            common.tell_incidents("a night can start", &incidents.collect::<Vec<String>>());
        }
        verdict(checked).and(given)
    }
}

fn verdict(checked: Checked) -> Result<()> {
    let mut refusals = checked.refusals;
    match refusals.len() {
        0 => Ok(()),
        1 => Err(refusals.remove(0)),
        n => Err(refusals.remove(0).also(&format!("it is the first of {n} refusals, listed above"))),
    }
}
