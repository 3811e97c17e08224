//! How the files of a delivery are read, as the settings say.

use crate::extract::limits::Limits;
use crate::settings::Settings;

/// What of the settings concerns the reading of files.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    /// How much there may be.
    pub limits: Limits,
}

impl Reading {
    pub fn of(settings: &Settings) -> Reading {
        Reading { limits: Limits::of(&settings.rules) }
    }
}
