//! `earlycall outcomes`: what became of the people of social prescribing and of coaching, as HTML and JSON.

use std::path::PathBuf;

use super::{Common, shown};
use crate::{
    day::Day,
    error::Result,
    feedback::log,
    history::arrive::settle_deliveries,
    objections::holding::holding,
    outcomes::{OfService, Report, Service, outcomes, page},
    store::{disk::FileSystem, export, folder::NewFile},
};

/// Tell what became of the people of social prescribing and coaching.
#[derive(Debug, clap::Args)]
pub struct Outcomes {
    /// The first day of referrals and acceptances; the default is eight quarters.
    #[arg(long, value_name = "DATE")]
    from: Option<Day>,
    /// The last day of them; the default is the last of which anything is known.
    #[arg(long, value_name = "DATE")]
    until: Option<Day>,
    /// A folder that is not there yet, for outcomes.html and outcomes.json.
    #[arg(long, default_value = "outcomes", value_name = "DIR")]
    out: PathBuf,
}

impl Outcomes {
    pub(super) fn run(&self, common: &Common) -> Result<()> {
        let settings = common.settings()?;
        export::is_free(&self.out)?;
        let mut progress = common.progress();
        let (report, revised, given) = holding(&settings, &FileSystem, |store| {
            progress.stage("settling");
            let history = settle_deliveries(store, &settings, common.threads())?;
            let log = log::kept(&settings)?;
            progress.stage("counting outcomes");
            outcomes(&history, &settings, &log, (self.from, self.until), common.threads(), &progress)
        })?;
        let json = serde_json::to_vec_pretty(&report).expect("a report is plain data");
        let files = [NewFile::new("outcomes.html", page::write(&report)), NewFile::new("outcomes.json", json)];
        export::new_folder(&self.out, &files)?;
        progress.done();
        common.tell_revised(revised.as_ref());
        in_lines(&report).iter().for_each(|line| tell!("{line}"));
        tell!("report: {}", shown(&self.out.join("outcomes.html")));
        given
    }
}

/// What there is of each service, or why there is nothing.
fn in_lines(report: &Report) -> Vec<String> {
    let line = |service: &OfService| {
        let (name, starts) = match service.service {
            Service::SocialPrescribing => ("social prescribing", "referrals"),
            Service::Coaching => ("coaching", "acceptances"),
        };
        let told = match &service.absent {
            Some(why) => why.clone(),
            None => format!("{starts}: {}", service.everybody().started),
        };
        format!("{name}, {} to {}, {told}", report.from, report.until)
    };
    report.services.iter().map(line).collect()
}
