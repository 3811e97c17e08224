//! `run.json`: what a night was made from, and the numbers it came to. No timings, no absolute paths.

use std::{collections::BTreeMap, path::Path};

use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    day::Day,
    error::{Error, Kind, Result},
    feedback::log::Log,
    history::{History, gaps::Gap, ledger::SettledDelivery, part_read::PartRead},
    holdout::Trial,
    model_store::Chosen,
    night::Before,
    objections::register::{self, Register},
    settings::{LegalBases, Settings},
    sha256::sha256,
    store::{
        nights::{self, NightId},
        sealed::Seal,
    },
    worklist::left_to_service::LeftToService,
};

/// Version of `run.json`.
const FORMAT: u32 = 1;

/// Everything that decides what comes out. Two nights with the same inputs have the same bytes.
#[derive(Clone, Debug, Serialize)]
pub struct Inputs {
    index_date: Day,
    deliveries: Vec<SettledDelivery>,
    /// What has arrived of optional tables and is not read: the record tells of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    untrusted: Vec<Gap>,
    settings_sha256: String,
    /// The legal bases of optional tables.
    #[serde(skip_serializing_if = "LegalBases::is_empty")]
    feeds: LegalBases,
    model_name: String,
    model_sha256: String,
    /// The variant, where feeds are missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    model_variant: Option<&'static str>,
    catalogue_sha256: String,
    code_lists_sha256: BTreeMap<String, String>,
    restricted_codes_sha256: String,
    night_before: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    register: Option<Seal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contacts: Option<Seal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    holdout: Option<Seal>,
    program: &'static str,
}

impl Inputs {
    /// The inputs of a night.
    pub fn of(
        history: &History,
        settings: &Settings,
        model: &Chosen,
        before: Option<&Before>,
        contacts: &Log,
        trial: Option<&Trial>,
        index_date: Day,
    ) -> Inputs {
        Inputs {
            index_date,
            deliveries: history.ledger.deliveries.clone(),
            untrusted: history.untrusted().to_vec(),
            settings_sha256: settings.fingerprint(),
            feeds: settings.feeds.clone(),
            model_name: model.artefact.name.clone(),
            model_sha256: model.artefact.checksum.clone(),
            model_variant: model.variant.map(|variant| variant.id.as_str()),
            catalogue_sha256: model.artefact.catalogue_hash.clone(),
            code_lists_sha256: history.lists.hashes(),
            restricted_codes_sha256: history.lists.restricted.sha256(),
            night_before: before.map(|before| before.night.to_string()),
            register: history.register.seal(),
            contacts: contacts.seal(),
            holdout: trial.and_then(Trial::seal),
            program: env!("CARGO_PKG_VERSION"),
        }
    }

    /// One number for all inputs.
    pub fn fingerprint(&self) -> String {
        sha256(&serde_json::to_vec(self).expect("inputs are plain data"))
    }
}

/// The fingerprint of a published night's inputs.
///
/// # Errors
/// * [`Kind::Storage`] when `run.json` cannot be understood.
pub fn fingerprint_of(run_json: &[u8]) -> Result<String> {
    let value = parse(run_json)?;
    value["fingerprint"].as_str().map(str::to_owned).ok_or_else(|| unreadable("it has no fingerprint"))
}

/// A published `run.json`.
///
/// # Errors
/// * [`Kind::Storage`] when it is not JSON.
pub fn parse(run_json: &[u8]) -> Result<Value> {
    serde_json::from_slice(run_json).map_err(|_| unreadable("it is not JSON"))
}

/// A register with fewer entries than the newest night knew has lost some, and would let people be called who said no.
///
/// # Errors
/// * [`Kind::Storage`] when it has.
pub fn refuse_lost_entries(out: &Path, register: &Register) -> Result<()> {
    let Some(night) = nights::published(out)?.pop() else { return Ok(()) };
    let record = parse(&nights::read(out, night, "run.json")?)?;
    let then = record["inputs"]["register"]["entries"].as_u64().unwrap_or(0);
    let now = register.seal().map_or(0, |seal| seal.entries as u64);
    if now >= then {
        return Ok(());
    }
    Err(Error::new(
        Kind::Storage,
        format!("the register of objections has {now} entries, and had {then} when night {night} was made"),
    )
    .file(register::FILE)
    .hint("put it back from a backup; without it people would be called who said no"))
}

fn unreadable(why: &str) -> Error {
    Error::new(Kind::Storage, format!("the record of a published night cannot be read: {why}")).file("run.json")
}

/// A published night's `run.json` as that of a revision which is made from it.
///
/// # Errors
/// * [`Kind::Storage`] when the older record cannot be understood.
pub fn of_revision(run_json: &[u8], of: NightId, night: NightId, notices: &[String]) -> Result<Vec<u8>> {
    let mut record = parse(run_json)?;
    record["run_id"] = json!(night.to_string());
    record["revision_of"] = json!(of.to_string());
    record["revised_by"] = json!("objections and withdrawals");
    record["notices"] = json!(notices);
    Ok(bytes(&record))
}

/// What changes in the records of a night when some people are taken out of it.
pub struct Without<'a> {
    /// The register that says so, if it has entries.
    pub register: Option<&'a Seal>,
    /// The people who are in it no longer, as one number.
    pub people_sha256: &'a str,
    /// People who are scored no longer, by where they stand now.
    pub scored_no_longer: &'a BTreeMap<&'static str, u64>,
    /// Of them, people whom no team covered.
    pub n_without_team: u64,
    /// Lines that are blank now.
    pub n_lines: u64,
    /// Places on waiting lists that are gone.
    pub n_waiting: u64,
    /// The services to which some of them were left.
    pub left_to: &'a [&'a LeftToService],
}

impl Without<'_> {
    /// The bytes of `run.json`, from those of the night that had them. The fingerprint is that of no scored night: scoring
    /// without them would fill the list up.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when the older record cannot be understood.
    pub fn of_record(&self, run_json: &[u8]) -> Result<Vec<u8>> {
        let mut record = parse(run_json)?;
        let fingerprint = format!("{} without {}", fingerprint_of(run_json)?, self.people_sha256);
        record["fingerprint"] = json!(sha256(fingerprint.as_bytes()));
        if let Some(register) = self.register {
            record["inputs"]["register"] = json!(register);
        }
        let counts = &mut record["counts"];
        let n: u64 = self.scored_no_longer.values().sum();
        add(&mut counts["removed"], self.n_lines.cast_signed());
        add(&mut counts["lines"], -self.n_lines.cast_signed());
        add(&mut counts["waiting"], -self.n_waiting.cast_signed());
        add(&mut counts["scored"], -n.cast_signed());
        add(&mut counts["scored_without_team"], -self.n_without_team.cast_signed());
        self.of_standings(&mut counts["standings"]);
        Ok(bytes(&record))
    }

    /// The bytes of `cohort.json`, from those of the night that had them. End of life is not told apart any more.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when the older file cannot be understood.
    pub fn of_cohort(&self, cohort_json: &[u8]) -> Result<Vec<u8>> {
        let mut cohort = parse(cohort_json)?;
        self.of_standings(&mut cohort["standings"]);
        add(&mut cohort["of_the_scored"]["without_team"], -self.n_without_team.cast_signed());
        for to in self.left_to {
            leave_less(&mut cohort["of_the_scored"]["left_to_services"], to);
        }
        Ok(bytes(&cohort))
    }

    fn of_standings(&self, standings: &mut Value) {
        for (standing, n) in self.scored_no_longer {
            add(&mut standings["scored"], -n.cast_signed());
            add(&mut standings[*standing], n.cast_signed());
        }
    }
}

/// One less of those whom a pathway leaves to a service; what nobody is left to is not told.
fn leave_less(by_pathway: &mut Value, to: &LeftToService) {
    let count = &mut by_pathway[&*to.pathway][&*to.service];
    add(count, -1);
    let is_none = *count == json!(0);
    if let Some(services) = by_pathway[&*to.pathway].as_object_mut().filter(|_| is_none) {
        services.remove(&*to.service);
    }
    if by_pathway[&*to.pathway] == json!({}) {
        by_pathway.as_object_mut().expect("it has a pathway").remove(&*to.pathway);
    }
}

fn add(count: &mut Value, n: i64) {
    *count = json!(count.as_u64().unwrap_or(0).saturating_add_signed(n));
}

/// A record as bytes.
pub fn bytes(record: &Value) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(record).expect("a record is plain data");
    bytes.push(b'\n');
    bytes
}

/// The bytes of `run.json`.
pub fn to_bytes(
    run_id: &str,
    inputs: &Inputs,
    counts: BTreeMap<&str, Value>,
    missing: Vec<&str>,
    gaps: &[Gap],
    part_read: &[PartRead],
    notices: &[String],
) -> Vec<u8> {
    let record = json!({
        "format": FORMAT,
        "run_id": run_id,
        "index_date": inputs.index_date,
        "fingerprint": inputs.fingerprint(),
        "inputs": inputs,
        "counts": counts,
        "missing_feeds": missing,
        "refused_feeds": gaps,
        "part_read_feeds": part_read,
        "notices": notices,
    });
    bytes(&record)
}
