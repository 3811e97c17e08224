//! The settings of a service: `earlycall.toml`, read strictly, with paths made relative to the file.

mod care_gaps;
mod contacts;
mod feeds;
mod holdout;
mod mapping;
mod memory;
mod mistyped;
mod objections;
pub mod overrides;
mod pathways;
mod routing;
mod rules;
mod sections;
pub mod template;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use earlycall_schemas::codelists::conditions;
use earlycall_schemas::table::{TableKind, TableSpec, tables};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::encryption::parse_recipient;
use crate::error::{Error, Kind, Result};
use crate::sha256::sha256;

pub use self::{
    care_gaps::CareGaps,
    contacts::Contacts,
    feeds::LegalBases,
    holdout::Holdout,
    mapping::{DateForm, Encoding, Mappings, MomentForm, TableMapping},
    memory::MemoryLimit,
    mistyped::{mistyped, nearest, nearest_few},
    objections::{LocalSharedRecord, NdoExemption, NdoPolicy, Objections},
    overrides::Overrides,
    pathways::Pathways,
    routing::{Decided, Floor},
    rules::Rules,
    sections::{
        Cohort, Delivery, Extracts, Folder, Gate, Model, Outcome, Prediction, Profile, ProfileKind, Run, SignedReason,
        Training, Worklist,
    },
};

/// Everything a command needs to know of its service, checked.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
pub struct Settings {
    /// What the service may be used for.
    pub profile: Profile,
    /// Where deliveries arrive.
    pub extracts: Extracts,
    /// Which optional tables may be read, and on what legal basis each.
    #[serde(skip_serializing_if = "LegalBases::is_empty")]
    pub feeds: LegalBases,
    /// Where the settled history lives.
    pub state: Folder,
    /// Where the keys are.
    pub keys: Folder,
    /// Where nights are published.
    pub output: Folder,
    /// Where models are.
    pub model: Model,
    /// Where imported code lists are.
    pub codelists: Folder,
    /// What is predicted.
    pub prediction: Prediction,
    /// Who may be scored.
    pub cohort: Cohort,
    /// How lists are cut.
    pub worklist: Worklist,
    /// Who may be on which kind of list.
    pub pathways: Pathways,
    /// Whose people are whose, where that is decided.
    #[serde(rename = "owner")]
    pub owners: Vec<Decided>,
    /// Places that are kept for some.
    #[serde(rename = "floor")]
    pub floors: Vec<Floor>,
    /// What contacts do to the lists.
    pub contacts: Contacts,
    /// The trial in which some people are held out, if there is one.
    pub holdout: Option<Holdout>,
    /// Which care gaps lines tell.
    pub care_gaps: CareGaps,
    /// When a night is held.
    pub gate: Gate,
    /// Which objections must be known, and what they do.
    pub objections: Objections,
    /// The limits of rules.
    pub rules: Rules,
    /// Breaches for which somebody answers.
    #[serde(rename = "override")]
    pub overrides: Overrides,
    /// How many people a model learns from.
    #[serde(skip_serializing)] // it makes another model, which a night names, and not another night
    pub training: Training,
    /// What a command may use of the machine.
    #[serde(skip_serializing)] // it changes nothing that comes out
    pub run: Run,
    /// Where teams find their lists.
    pub delivery: BTreeMap<String, Delivery>,
}

/// More than anybody can tell apart.
const FURTHER_HORIZONS_MAX: usize = 12;

/// Tables whose rows do not say when they were received, and may be known some days after they happened.
fn lagging() -> Vec<&'static str> {
    let says_nothing = |table: &&TableSpec| table.event.is_some() && table.received.is_none() && table.name != "deaths";
    let clinical = tables().iter().filter(|table| table.kind == TableKind::Clinical);
    clinical.filter(says_nothing).map(|table| table.name.as_str()).collect()
}

impl Settings {
    /// Reads a settings file; every path in the result is absolute or relative to the working folder.
    ///
    /// # Errors
    /// * [`Kind::Settings`] when the file cannot be read, has an unknown key, or holds a value out of range.
    pub fn load(path: &Path) -> Result<Settings> {
        let text = fs::read_to_string(path).map_err(|error| {
            Error::new(Kind::Settings, format!("cannot read the settings: {error}"))
                .file(path.display().to_string())
                .hint("make one with `earlycall init DIR`, or name it with --config")
        })?;
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        Settings::parse(&text, &folder).map_err(|error| error.file(path.display().to_string()))
    }

    /// Reads the text of a settings file whose folder is `base`.
    ///
    /// # Errors
    /// * [`Kind::Settings`] as for [`Settings::load`].
    ///
    /// # Example
    /// ```
    /// use earlycall::settings::Settings;
    /// use std::path::Path;
    /// let settings = Settings::parse("[prediction]\nhorizon_days = 365", Path::new("/srv")).unwrap();
    /// assert_eq!(settings.prediction.horizon_days, 365);
    /// let error = Settings::parse("[prediction]\nhorizon_dais = 365", Path::new("/srv")).unwrap_err();
    /// assert!(error.to_string().contains("did you mean `horizon_days`"));
    /// ```
    pub fn parse(text: &str, base: &Path) -> Result<Settings> {
        let mut settings: Settings = read(text)?;
        settings.check()?;
        settings.feeds.check()?;
        settings.rules.check()?;
        settings.care_gaps.check()?;
        settings.contacts.check()?;
        settings.pathways.check()?;
        routing::check(&settings.owners, &settings.floors)?;
        settings.holdout.as_ref().map_or(Ok(()), Holdout::check)?;
        settings.overrides.check()?;
        mapping::check(&settings.extracts.mapping)?;
        settings.objections.check()?;
        settings.settle_paths(base);
        Ok(settings)
    }

    /// The folder of the settled history.
    pub fn state_folder(&self) -> &Path {
        self.state.folder.as_deref().expect("settle_paths gives every folder a path")
    }

    /// The folder of the published nights.
    pub fn output_folder(&self) -> &Path {
        self.output.folder.as_deref().expect("settle_paths gives every folder a path")
    }

    /// The folder of the models.
    pub fn model_folder(&self) -> &Path {
        self.model.folder.as_deref().expect("settle_paths gives every folder a path")
    }

    /// The folder of the imported code lists.
    pub fn code_lists_folder(&self) -> &Path {
        self.codelists.folder.as_deref().expect("settle_paths gives every folder a path")
    }

    /// The folder of the keys.
    pub fn keys_folder(&self) -> &Path {
        self.keys.folder.as_deref().expect("settle_paths gives every folder a path")
    }

    /// Whether this service is for research only.
    pub fn is_research(&self) -> bool {
        self.profile.kind == ProfileKind::Research
    }

    /// SHA-256 of everything that changes what comes out; folders do not.
    pub fn fingerprint(&self) -> String {
        let mut without_paths = self.clone();
        without_paths.extracts.folder = PathBuf::new();
        without_paths.extracts.restricted_codes = None; // a night names what the list holds
        without_paths.delivery.clear();
        without_paths.model.folder = None;
        let Settings { state, keys, output, codelists, .. } = &mut without_paths;
        for section in [state, keys, output, codelists] {
            section.folder = None;
        }
        let text = toml::to_string(&without_paths).expect("settings are plain tables");
        sha256(text.as_bytes())
    }

    fn check(&self) -> Result<()> {
        let wrong = |key: &str, rule: &str| Err(Error::new(Kind::Settings, rule).setting(key));
        if !(1..=3650).contains(&self.prediction.horizon_days) {
            return wrong("prediction.horizon_days", "must be 1 to 3650");
        }
        let further = &self.prediction.further_horizons_days;
        let in_order = further.is_sorted_by(|one, next| one < next);
        if !in_order || further.len() > FURTHER_HORIZONS_MAX || !further.iter().all(|days| (1..=3650).contains(days)) {
            return wrong(
                "prediction.further_horizons_days",
                &format!("must be up to {FURTHER_HORIZONS_MAX} ascending numbers, each 1 to 3650"),
            );
        }
        if !(1..=3650).contains(&self.model.expires_after_days) {
            return wrong("model.expires_after_days", "must be 1 to 3650");
        }
        if !(0..=120).contains(&self.cohort.minimum_age_years) {
            return wrong("cohort.minimum_age_years", "must be 0 to 120");
        }
        if !(1.0..=10.0).contains(&self.worklist.hysteresis) {
            return wrong("worklist.hysteresis", "must be 1.0 to 10.0");
        }
        if self.training.people_per_date == 0 {
            return wrong("training.people_per_date", "must be at least 1");
        }
        let Gate { rejected_rows_max, scored_fall_max, objections_fall_max, refused_people_max } = self.gate;
        for (key, share) in [
            ("gate.rejected_rows_max", rejected_rows_max),
            ("gate.scored_fall_max", scored_fall_max),
            ("gate.objections_fall_max", objections_fall_max),
            ("gate.refused_people_max", refused_people_max),
        ] {
            if !(0.0..=1.0).contains(&share) {
                return wrong(key, "must be a share, 0.0 to 1.0");
            }
        }
        for (name, lag) in &self.extracts.lag_days {
            let key = format!("extracts.lag_days.{name}");
            if !lagging().contains(&name.as_str()) {
                return wrong(&key, &format!("no such table can lag; those that can: {}", lagging().join(", ")));
            }
            if !(0..=365).contains(lag) {
                return wrong(&key, "must be 0 to 365; a row is not known before it happens");
            }
        }
        let is_blank = |text: &str| text.trim().is_empty();
        if self.extracts.no_objections_recorded.as_ref().is_some_and(|by| is_blank(&by.name) || is_blank(&by.reason)) {
            return wrong("extracts.no_objections_recorded", "needs a name and a reason");
        }
        self.check_delivery()?;
        if self.cohort.conditions.is_empty() {
            return wrong("cohort.conditions", "names no condition, so nobody could be scored");
        }
        for id in &self.cohort.conditions {
            let known: Vec<&str> = conditions().iter().map(|condition| condition.id.as_str()).collect();
            if !known.contains(&id.as_str()) {
                let error =
                    Error::new(Kind::Settings, format!("knows no condition `{id}`")).setting("cohort.conditions");
                return Err(match nearest(id, &known) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error,
                });
            }
        }
        Ok(())
    }

    /// A team's folder is its own: shared with another team or with the service, it would show what it must not.
    fn check_delivery(&self) -> Result<()> {
        let folders: Vec<&PathBuf> = self.delivery.values().map(|delivery| &delivery.folder).collect();
        for (team_id, delivery) in &self.delivery {
            let n_same = folders.iter().filter(|folder| **folder == &delivery.folder).count();
            if n_same > 1 || delivery.folder.as_os_str().is_empty() {
                return Err(Error::new(Kind::Settings, "must be a folder of this team's own")
                    .setting(format!("delivery.{team_id}.folder")));
            }
            if delivery.recipients.iter().any(|text| parse_recipient(text).is_none()) {
                return Err(Error::new(Kind::Settings, "has one that is no recipient of age")
                    .setting(format!("delivery.{team_id}.recipients"))
                    .hint(
                        "a recipient begins with age1; `age-keygen` prints it, and its secret key stays with the team",
                    ));
            }
        }
        Ok(())
    }

    fn settle_paths(&mut self, base: &Path) {
        let beside_output = |name: &str, output: &Path| output.parent().unwrap_or(Path::new("")).join(name);
        self.extracts.folder = base.join(&self.extracts.folder);
        self.extracts.restricted_codes = self.extracts.restricted_codes.take().map(|file| base.join(file));
        let output = base.join(self.output.folder.take().unwrap_or("out".into()));
        let state = self.state.folder.take().map(|folder| base.join(folder));
        self.state.folder = Some(state.unwrap_or_else(|| beside_output("state", &output)));
        self.output.folder = Some(output);
        self.keys.folder = Some(base.join(self.keys.folder.take().unwrap_or("keys".into())));
        self.model.folder = Some(base.join(self.model.folder.take().unwrap_or("model".into())));
        self.model.public_keys.iter_mut().for_each(|key| *key = base.join(&*key));
        self.codelists.folder = Some(base.join(self.codelists.folder.take().unwrap_or("codelists".into())));
        for delivery in self.delivery.values_mut() {
            delivery.folder = base.join(&delivery.folder);
        }
    }
}

/// Reads a text of settings, strictly.
///
/// # Errors
/// * [`Kind::Settings`] at the first mistake: where it is, what is wrong, and the nearest known key.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T> {
    let document = toml::Deserializer::parse(text).map_err(|error| parse_error(text, &error, ""))?;
    serde_path_to_error::deserialize(document)
        .map_err(|error| parse_error(text, error.inner(), &error.path().to_string()))
}

/// A settings error in one line: where, what, and the nearest known key.
fn parse_error(text: &str, error: &toml::de::Error, path: &str) -> Error {
    let line = error.span().map(|span| text[..span.start].matches('\n').count() + 1);
    let message = error.message().lines().next().unwrap_or("is not TOML").to_owned();
    let at = line.map_or_else(String::new, |line| format!(" (line {line})"));
    let mut out = Error::new(Kind::Settings, format!("{message}{at}"));
    if !path.is_empty() && path != "." {
        out = out.setting(path);
    }
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    match quoted.split_first() {
        Some((typed, known)) if message.starts_with("unknown field") => match nearest(typed, known) {
            Some(near) => out.hint(format!("did you mean `{near}`?")),
            None => out.hint("remove it; `earlycall init DIR` writes every known key with its meaning"),
        },
        Some(_) if message.starts_with("missing field") && path.starts_with("override") => out.hint(overrides::NEEDS),
        Some((lacking, _)) if message.starts_with("missing field") => {
            out.hint(format!("add `{lacking}`; `earlycall init DIR` writes every known key with its meaning"))
        }
        _ => out,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(text: &str, expected: &str) {
        let error = Settings::parse(text, Path::new("")).unwrap_err();
        assert_eq!(error.kind(), Kind::Settings);
        assert!(error.to_string().contains(expected), "{error}");
    }

    #[test]
    fn a_mistake_is_named_with_its_line_and_its_mend() {
        refused("[profile]\nkind = \"reserch\"", "research");
        refused("[worklist]\nhysterisis = 1.2", "did you mean `hysteresis`?");
        refused("[extracts]\nno_objections_recorded = { name = \"A\" }", "hint: add `reason`; `earlycall init DIR`");
        refused("[cohort]\nconditions = [\"copdd\"]", "did you mean `copd`?");
        refused("[cohort]\nconditions = []", "nobody could be scored");
        refused("[prediction]\nhorizon_days = 0", "must be 1 to 3650");
        for further in ["[90, 30]", "[30, 30]", "[0, 30]", "[3651]", "[1,2,3,4,5,6,7,8,9,10,11,12,13]"] {
            let text = format!("[prediction]\nfurther_horizons_days = {further}");
            refused(&text, "must be up to 12 ascending numbers, each 1 to 3650");
        }
        refused("[model]\nexpires_after_days = 0", "model.expires_after_days: must be 1 to 3650");
        refused("[output\n", "line 1");
        refused(
            "[delivery.coach-31]\nfolder = \"x\"\nrecipients = [\"age1nobody\"]",
            "delivery.coach-31.recipients: has one that is no recipient",
        );
        refused("[training]\npeople_per_date = 0", "training.people_per_date");
        refused("[run]\nmemory_limit = \"4 gigs\"", "such as \"4GB\"");
        refused("[run]\nmemory_limit = \"4 gigs\"", "run.memory_limit");
        refused("[run]\nmemory_limit = 4", "run.memory_limit");
        refused("[run]\nmemory_limits = \"4GB\"", "did you mean `memory_limit`?");
    }

    #[test]
    fn an_empty_file_is_a_production_service_beside_the_file() {
        let settings = Settings::parse("", Path::new("/srv/earlycall")).unwrap();
        assert_eq!(settings.profile.kind, ProfileKind::Production);
        assert_eq!(settings.output_folder(), Path::new("/srv/earlycall/out"));
        assert_eq!(settings.state_folder(), Path::new("/srv/earlycall/state"));
        assert_eq!(settings.extracts.folder, Path::new("/srv/earlycall/extracts"));
        assert!(!settings.cohort.conditions.contains(&"obesity".to_owned()));
    }

    #[test]
    fn folders_and_memory_do_not_change_the_fingerprint_and_a_horizon_does() {
        let parse = |text: &str| Settings::parse(text, Path::new("")).unwrap().fingerprint();
        assert_eq!(parse(""), parse("[output]\nfolder = \"elsewhere\""));
        assert_eq!(parse(""), parse("[codelists]\nfolder = \"elsewhere\""));
        assert_eq!(parse(""), parse("[run]\nmemory_limit = \"1GB\""));
        assert_ne!(parse(""), parse("[prediction]\nhorizon_days = 365"));
        assert_eq!(parse(""), parse("[prediction]\nfurther_horizons_days = []"));
    }

    #[test]
    fn the_leading_horizon_is_not_told_twice() {
        let further = |text: &str| Settings::parse(text, Path::new("")).unwrap().prediction.further_days();
        assert_eq!(further(""), [30, 90, 365]);
        assert_eq!(further("[prediction]\nhorizon_days = 365"), [30, 90]);
        assert_eq!(further("[prediction]\nfurther_horizons_days = []"), [0; 0]);
    }
}
