//! The settings of a re-identification service: `reid.toml`, read strictly.

use std::{collections::BTreeMap, fs};

use serde::Deserialize;

use super::place::Place;
use crate::{
    error::{Error, Kind, Result},
    settings::{self, Profile},
    sha256::sha256,
};

/// The file in the folder of the service.
pub const FILE: &str = "reid.toml";

/// `reid.toml` with every key, its meaning and its default.
pub const TEMPLATE: &str = include_str!("reid.toml");

/// What the program must know of its service, checked.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Whether the people are real.
    pub profile: Profile,
    /// What one user may be told.
    pub limits: Limits,
    /// The `user_id` of users of this machine.
    pub users: BTreeMap<String, String>,
    /// SHA-256 of the file, which stands in every entry of the audit.
    #[serde(skip)]
    pub sha256: String,
}

/// `[limits]`
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// People of whom one user may be told in a day. At least 1.
    pub shown_per_day_max: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { shown_per_day_max: 50 }
    }
}

impl Settings {
    /// Reads the settings of a service.
    ///
    /// # Errors
    /// * [`Kind::Settings`] when the file cannot be read, has an unknown key, or holds a value out of range.
    pub fn load(place: &Place) -> Result<Settings> {
        let path = place.path(FILE);
        let text = fs::read_to_string(&path).map_err(|error| {
            Error::new(Kind::Settings, format!("cannot read the settings: {error}"))
                .file(path.display().to_string())
                .hint("make a folder with `earlycall-reid init DIR`, or name it with --folder")
        })?;
        Settings::parse(&text).map_err(|error| error.file(path.display().to_string()))
    }

    /// Reads the text of a settings file.
    ///
    /// # Errors
    /// * [`Kind::Settings`] as for [`Settings::load`].
    pub fn parse(text: &str) -> Result<Settings> {
        let settings: Settings = settings::read(text)?;
        if settings.limits.shown_per_day_max == 0 {
            return Err(Error::new(Kind::Settings, "must be at least 1").setting("limits.shown_per_day_max"));
        }
        Ok(Settings { sha256: sha256(text.as_bytes()), ..settings })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::ProfileKind;

    #[test]
    fn the_template_means_the_defaults_of_research() {
        let template = Settings::parse(TEMPLATE).unwrap();
        assert_eq!(template.profile.kind, ProfileKind::Research);
        assert_eq!(template.limits.shown_per_day_max, Limits::default().shown_per_day_max);
        assert!(template.users.is_empty());
        assert_eq!(Settings::parse("").unwrap().profile.kind, ProfileKind::Production);
    }

    #[test]
    fn a_mistake_is_named_with_its_mend() {
        let refused = |text: &str| Settings::parse(text).unwrap_err();
        assert_eq!(refused("[limits]\nshown_per_day_max = 0").kind(), Kind::Settings);
        let error = refused("[limits]\nshown_per_dey_max = 5").to_string();
        assert!(error.contains("did you mean `shown_per_day_max`?"), "{error}");
        assert!(refused("[users]\njsmith = 17").to_string().contains("users.jsmith"));
    }
}
