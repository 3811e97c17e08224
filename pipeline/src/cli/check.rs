//! `earlycall check`: settings and extracts against the contract, whether a night could start from them, and whether
//! the code lists find in them whom they should.

use std::collections::BTreeMap;

use earlycall_schemas::table::{TableKind, tables};
use serde_json::json;

use super::Common;
use crate::{
    codelists::CodeLists,
    error::{Error, Kind, Result},
    extract::{self, Delivery, Registry},
    history::{arrive::arrive, require_tables},
    night::{self, deliveries},
    quality::{finding::Finding, quarantine::Rejection},
    report::{
        dialects::{self, Dialects},
        registers::{self, Registers},
    },
    settings::Settings,
    store::{Store, disk::FileSystem},
};

/// Hold settings and extracts against the contract; scores nothing.
#[derive(Debug, clap::Args)]
pub struct Check {
    /// For people, or for machines.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
}

/// Version of the JSON.
const FORMAT: u32 = 1;

impl Check {
    pub(super) fn run(&self, common: &Common) -> Result<()> {
        let settings = common.settings()?;
        let folders = extract::delivery::find(&settings.extracts.folder)?;
        let mut registry = Registry::default();
        let dialects = Dialects::default();
        let mut refusals: Vec<Error> = CodeLists::of(&settings).err().into_iter().collect();
        let (mut deliveries, mut qualities) = (Vec::new(), Vec::new());
        for folder in &folders {
            let inspection = extract::inspect(folder, &mut registry, common.threads(), &|_, accepted| {
                dialects.add_accepted(&accepted);
                Ok(())
            });
            dialects.add_refused(&inspection.delivery);
            refusals.extend(inspection.all_refusals(&settings));
            qualities.push(inspection.quality(&settings));
            deliveries.push(inspection.delivery);
        }
        if refusals.is_empty() {
            let may_lack_objections = settings.extracts.no_objections_recorded.is_some();
            refusals.extend(require_tables(|table| accepted(&deliveries, table), may_lack_objections).err());
        }
        let ahead = match refusals.is_empty() {
            true => look_at_night(&settings, common).map_err(|error| refusals.push(error)).ok(),
            false => None,
        };
        let (registers, odd) = ahead.map_or((None, Vec::new()), |ahead| (Some(ahead.registers), ahead.odd));
        refusals.extend(odd.iter().find(|finding| finding.refuses()).cloned().map(Finding::into_hold));
        let dialects = dialects.found();
        match self.format {
            Format::Json => {
                let told: Vec<String> = refusals.iter().map(Error::to_string).collect();
                let verdict = if refusals.is_empty() { "accepted" } else { "refused" };
                let check = json!({
                    "format": FORMAT,
                    "verdict": verdict,
                    "refusals": told,
                    "deliveries": qualities,
                    "dialects": dialects,
                    "registers": registers,
                    "beside_other_nights": odd,
                });
                tell!("{}", serde_json::to_string_pretty(&check).expect("a summary is plain data"));
            }
            Format::Text => {
                tell!("settings: {}", summary(&settings));
                qualities.iter().for_each(|quality| tell!("{}", quality.text().trim_end()));
                deliveries.iter().for_each(tell_rejections);
                tell_missing(&deliveries);
                tell_text(&dialects::text(&dialects));
                odd.iter().for_each(tell_finding);
                tell_text(&registers.as_ref().map_or_else(String::new, Registers::text));
            }
        }
        match refusals.len() {
            0 => {
                if self.format == Format::Text {
                    tell!("accepted: a night can start from these extracts");
                }
                Ok(())
            }
            1 => Err(refusals.remove(0)),
            n => Err(Error::new(Kind::Extract, format!("{n} refusals, listed above; the first: {}", refusals[0]))),
        }
    }
}

/// What a night would see once everything that has arrived is settled.
struct Ahead {
    registers: Registers,
    /// What is odd about the deliveries beside those of other nights, but for what is set aside.
    odd: Vec<Finding>,
}

/// Looks at the history as it will be. Nothing is settled yet by that.
fn look_at_night(settings: &Settings, common: &Common) -> Result<Ahead> {
    let store = Store::open(&FileSystem, settings.output_folder(), settings.state_folder())?;
    let mut progress = common.progress();
    progress.stage("counting the registers");
    let arrival = arrive(&store, settings, common.threads())?;
    let history = &arrival.history;
    let registers = registers::registers(history, settings, common.threads(), &progress)?;
    let index_date = night::index_date(history, None)?;
    settings.overrides.refuse_lasting(index_date)?;
    let mut odd = deliveries::findings(history, settings, index_date)?;
    odd.retain(|finding| !finding.refuses() || settings.overrides.of(finding, index_date).is_none());
    progress.done();
    Ok(Ahead { registers, odd })
}

/// Prints a finding; the mildest look much like the others, so those that hold the night say it first.
fn tell_finding(finding: &Finding) {
    let kind = if finding.refuses() { "holds the night" } else { "warning" };
    tell!("{kind}: {}", finding.text());
}

/// Prints lines; none where there are none.
fn tell_text(text: &str) {
    text.lines().for_each(|line| tell!("{line}"));
}

fn accepted(deliveries: &[Delivery], table: &str) -> u64 {
    let of_table =
        deliveries.iter().flat_map(|delivery| &delivery.tables).filter(|admitted| admitted.table.name == table);
    of_table.map(|admitted| admitted.tally.accepted).sum()
}

/// Per table and rule: how many rows are rejected, and where the first one is.
fn tell_rejections(delivery: &Delivery) {
    let mut found: BTreeMap<(&str, &str), (u64, &Rejection)> = BTreeMap::new();
    for admitted in &delivery.tables {
        for rejection in &admitted.rejections {
            let entry = found.entry((admitted.table.name.as_str(), rejection.rule)).or_insert((0, rejection));
            entry.0 += 1;
            entry.1 = entry.1.min(rejection);
        }
    }
    for ((table, rule), (n, first)) in found {
        let Rejection { file, row, column, .. } = first;
        tell!("  {table}: {n} rejected by {rule}, the first in {file}, row {row}, column {column}");
    }
}

/// Tables about persons of which nothing came: a night leaves their features out, and says so.
fn tell_missing(deliveries: &[Delivery]) {
    let clinical = tables().iter().filter(|table| table.kind == TableKind::Clinical);
    let missing: Vec<&str> =
        clinical.map(|table| table.name.as_str()).filter(|table| accepted(deliveries, table) == 0).collect();
    if !missing.is_empty() {
        tell!("missing feeds, whose features are left out: {}", missing.join(", "));
    }
}

fn summary(settings: &Settings) -> String {
    format!(
        "{} profile, {} within {} days, adults from {}, {} conditions",
        if settings.is_research() { "research" } else { "production" },
        settings.prediction.outcome.in_words(),
        settings.prediction.horizon_days,
        settings.cohort.minimum_age_years,
        settings.cohort.conditions.len()
    )
}
