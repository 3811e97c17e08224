//! `earlycall run`: the night.

use super::{Common, shown};
use crate::{
    day::Day,
    error::Result,
    extract::unfinished,
    night::{self, Request},
    store::disk::FileSystem,
};

/// Run the night.
#[derive(Debug, clap::Args)]
pub struct Run {
    /// Last day that the extracts cover; absent: the day before the newest extract. Deliveries of later days wait for their
    /// own night. A night before the newest one is published beside it, and the list in use stays.
    #[arg(long, value_name = "DATE")]
    index_date: Option<Day>,
    /// Replace a published night of this date, keeping the order of its lines.
    #[arg(long)]
    revise: bool,
    /// Do everything but publish.
    #[arg(long)]
    dry_run: bool,
}

impl Run {
    pub(super) fn run(&self, common: &Common) -> Result<()> {
        let settings = common.settings()?;
        let date = night::date_ahead(&settings, self.index_date);
        settings.overrides.in_words(date)?.iter().for_each(|told| tell!("override: {told}"));
        // Whatever comes of the night: what has not arrived whole is the first thing to look at after a bad one.
        unfinished::warnings(&settings).iter().for_each(|warning| tell!("warning: {warning}"));
        let request = Request {
            index_date: self.index_date,
            revise: self.revise,
            dry_run: self.dry_run,
            threads: common.threads(),
        };
        let mut progress = common.progress();
        let outcome = night::run(&settings, &request, &FileSystem, &mut progress)?;
        progress.done();
        tell!(
            "night {}: {} people scored, {} lines on {} lists",
            outcome.night,
            outcome.n_scored,
            outcome.n_lines,
            outcome.n_lists
        );
        if outcome.n_without_team > 0 {
            tell!(
                "warning: no team covers {} of the people scored; see scope in reference_teams",
                outcome.n_without_team
            );
        }
        outcome.warnings.iter().for_each(|warning| tell!("warning: {warning}"));
        if let Some(exemption) = settings.objections.exemption() {
            let (reference, approver) = (&exemption.reference, &exemption.approver);
            let expires = exemption.expires.in_words();
            tell!("the national data opt-out is not applied: {reference}, decided by {approver}, until {expires}");
        }
        match outcome.folder {
            Some(folder) => tell!("published: {}", shown(&folder)),
            None => tell!("dry run: nothing was published"),
        }
        if let Some(newer) = outcome.in_use {
            tell!("this is a past night: the list of {} stays in use (night {newer})", newer.index_date.in_words());
        }
        common.tell_revised(outcome.revised.as_ref());
        common.tell_incidents("the night goes on", &outcome.incidents);
        outcome.given
    }
}
