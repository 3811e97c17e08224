//! `[care_gaps]`: which care gaps lines tell, and from which limits, where a service sets them itself.

use std::collections::BTreeMap;

use earlycall_schemas::care_gaps::{CareGap, care_gaps};
use serde::{Deserialize, Serialize};

use super::rules::unknown;
use crate::error::{Error, Kind, Result};

/// What is left out, and limits by gap and name; those that are not set are as declared.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct CareGaps {
    /// Gaps that no line tells.
    off: Vec<String>,
    limits: BTreeMap<String, BTreeMap<String, f64>>,
}

impl CareGaps {
    /// Whether lines may tell a gap.
    pub fn is_on(&self, gap: &CareGap) -> bool {
        !self.off.contains(&gap.id)
    }

    /// A limit of a gap.
    ///
    /// # Panics
    /// If the gap declares no such limit.
    ///
    /// # Example
    /// ```
    /// use earlycall::settings::Settings;
    /// use earlycall_schemas::care_gaps::care_gaps;
    /// use std::path::Path;
    /// let text = "[care_gaps]\noff = [\"diabetes_bmi_not_taken\"]\n[care_gaps.limits.hba1c_high]\nhba1c = 64";
    /// let settings = Settings::parse(text, Path::new("/srv")).unwrap().care_gaps;
    /// let gap = |id| care_gaps().gap(id).unwrap();
    /// assert!(settings.is_on(gap("hba1c_high")) && !settings.is_on(gap("diabetes_bmi_not_taken")));
    /// assert_eq!(settings.limit(gap("hba1c_high"), "hba1c"), 64.0);
    /// assert_eq!(settings.limit(gap("hba1c_high"), "within_days"), 456.0);
    /// ```
    pub fn limit(&self, gap: &CareGap, name: &str) -> f64 {
        let set = self.limits.get(&gap.id).and_then(|limits| limits.get(name));
        set.copied().unwrap_or_else(|| gap.limits[name])
    }

    /// Holds what is set against what is declared.
    ///
    /// # Errors
    /// * [`Kind::Settings`] when a gap or a limit does not exist, or a limit makes no sense.
    pub(super) fn check(&self) -> Result<()> {
        let known = |id: &str, key: String| {
            let ids: Vec<&str> = care_gaps().all().iter().map(|gap| gap.id.as_str()).collect();
            care_gaps().gap(id).ok_or_else(|| unknown(key, "no care gap has this name", id, &ids))
        };
        for id in &self.off {
            known(id, "care_gaps.off".to_owned())?;
        }
        for (id, limits) in &self.limits {
            let gap = known(id, format!("care_gaps.limits.{id}"))?;
            for (name, limit) in limits {
                let key = format!("care_gaps.limits.{id}.{name}");
                if !gap.limits.contains_key(name) {
                    let names: Vec<&str> = gap.limits.keys().map(String::as_str).collect();
                    return Err(unknown(key, "the care gap has no limit of this name", name, &names));
                }
                if let Some(wrong) = CareGap::wrong_limit(name, *limit) {
                    return Err(Error::new(Kind::Settings, wrong).setting(key));
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::settings::Settings;

    #[track_caller]
    fn refused(text: &str, expected: &str) {
        let error = Settings::parse(text, Path::new("")).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn a_gap_or_a_limit_that_there_is_not_is_refused_with_the_nearest() {
        refused("[care_gaps]\noff = [\"hba1c_hih\"]", "care_gaps.off");
        refused("[care_gaps]\noff = [\"hba1c_hih\"]", "did you mean `hba1c_high`?");
        refused("[care_gaps]\nof = []", "did you mean `off`?");
        refused("[care_gaps.limits.hba1c_hi]\nhba1c = 64", "did you mean `hba1c_high`?");
        refused("[care_gaps.limits.hba1c_high]\nhba1 = 64", "did you mean `hba1c`?");
    }

    #[test]
    fn a_limit_that_makes_no_sense_is_refused_by_its_key() {
        refused("[care_gaps.limits.hba1c_high]\nwithin_days = 0", "care_gaps.limits.hba1c_high.within_days");
        refused("[care_gaps.limits.hba1c_high]\nwithin_days = 30.5", "must be a whole number, 1 to 3650");
        refused("[care_gaps.limits.hba1c_high]\nhba1c = nan", "must be a number above 0");
        refused("[care_gaps.limits.asthma_relievers_many]\nat_least = 0", "must be a whole number, 1 to 1000");
    }
}
