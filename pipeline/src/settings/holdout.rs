//! `[holdout]`: the randomised trial in which some people are not offered coaching for a while (R28).

use serde::{Deserialize, Serialize};

use crate::{
    day::Day,
    error::{Error, Kind, Result},
};

/// `[holdout]`: absent, there is no trial. Whoever runs one says by whose word, until when, and when it is stopped.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Holdout {
    /// Names the trial in its ledger. Another name is another trial, in which nobody has an arm yet.
    pub trial_id: String,
    /// Where the approval of the ethics committee is written.
    pub approval: String,
    /// Where the data protection impact assessment is written.
    pub dpia: String,
    /// Where the rules are written by which the trial is stopped early.
    pub stop_rules: String,
    /// The day of the first list of the trial.
    pub starts: Day,
    /// The day of its last list; from the day after everybody may be listed.
    pub ends: Day,
    /// Of so many and `usual_care` people, these are offered coaching.
    #[serde(default = "two")]
    pub offered: u8,
    /// Of so many and `offered` people, these are not.
    #[serde(default = "one")]
    pub usual_care: u8,
}

/// The ratio of the trial of health coaching that the default follows: two offered for one in usual care.
fn two() -> u8 {
    2
}

fn one() -> u8 {
    1
}

impl Holdout {
    /// Whether the list of a day is one of the trial's.
    pub fn is_on(&self, list_day: Day) -> bool {
        (self.starts..=self.ends).contains(&list_day)
    }

    /// # Errors
    /// * [`Kind::Settings`] when a reference is blank, the name is not plain, it ends before it starts, or a side of the ratio
    ///   is not 1 to 10.
    pub(super) fn check(&self) -> Result<()> {
        let wrong = |key: &str, rule: &str| Err(Error::new(Kind::Settings, rule).setting(format!("holdout.{key}")));
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if self.trial_id.is_empty() || self.trial_id.len() > 64 || !self.trial_id.chars().all(is_plain) {
            return wrong("trial_id", "must be 1 to 64 letters, digits, `-`, `_` or `.`");
        }
        for (key, reference) in [("approval", &self.approval), ("dpia", &self.dpia), ("stop_rules", &self.stop_rules)] {
            if reference.trim().is_empty() {
                return wrong(key, "must say where it is written: nobody is held out without it (R28)");
            }
        }
        if self.ends < self.starts {
            return wrong("ends", "must not lie before `starts`");
        }
        for (key, n) in [("offered", self.offered), ("usual_care", self.usual_care)] {
            if !(1..=10).contains(&n) {
                return wrong(key, "must be 1 to 10");
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::settings::Settings;

    const WHOLE: &str = "[holdout]\ntrial_id = \"coaching-1\"\napproval = \"REC 1\"\ndpia = \"DPIA 1\"\n\
                         stop_rules = \"Protocol, 9\"\nstarts = \"2026-11-21\"\nends = \"2027-11-20\"\n";

    fn parse(text: &str) -> Result<Option<Holdout>> {
        Settings::parse(text, Path::new("")).map(|settings| settings.holdout)
    }

    #[test]
    fn a_trial_is_off_unless_everything_is_said_that_it_needs() {
        assert_eq!(parse("").unwrap(), None);
        let trial = parse(WHOLE).unwrap().unwrap();
        assert_eq!((trial.offered, trial.usual_care), (2, 1));
        for key in ["trial_id", "approval", "dpia", "stop_rules", "starts", "ends"] {
            let without: String =
                WHOLE.lines().filter(|line| !line.starts_with(key)).map(|l| format!("{l}\n")).collect();
            let told = parse(&without).unwrap_err().to_string();
            assert!(told.contains(&format!("missing field `{key}`")) && told.contains("hint: add"), "{told}");
        }
    }

    #[test]
    fn what_cannot_be_is_refused_with_its_key() {
        for (old, new, told) in [
            ("REC 1", " ", "holdout.approval: must say where it is written"),
            ("DPIA 1", "", "holdout.dpia: must say where it is written"),
            ("Protocol, 9", "", "holdout.stop_rules: must say where it is written"),
            ("coaching-1", "coaching 1", "holdout.trial_id: must be 1 to 64 letters"),
            ("2027-11-20", "2026-11-20", "holdout.ends: must not lie before `starts`"),
            ("trial_id", "offered = 0\ntrial_id", "holdout.offered: must be 1 to 10"),
            ("trial_id", "usual_care = 11\ntrial_id", "holdout.usual_care: must be 1 to 10"),
            ("trial_id", "usual_cares = 1\ntrial_id", "did you mean `usual_care`?"),
        ] {
            let error = parse(&WHOLE.replace(old, new)).unwrap_err();
            assert_eq!(error.kind(), Kind::Settings);
            assert!(error.to_string().contains(told), "{error}");
        }
    }

    #[test]
    fn its_first_and_its_last_list_are_in_it() {
        let trial = parse(WHOLE).unwrap().unwrap();
        let is_on =
            ["2026-11-20", "2026-11-21", "2027-11-20", "2027-11-21"].map(|day| trial.is_on(Day::parse(day).unwrap()));
        assert_eq!(is_on, [false, true, true, false]);
    }

    #[test]
    fn it_changes_the_fingerprint() {
        let of = |text: &str| Settings::parse(text, Path::new("")).unwrap().fingerprint();
        assert_ne!(of(""), of(WHOLE));
        assert_ne!(of(WHOLE), of(&WHOLE.replace("2027-11-20", "2027-11-21")));
    }
}
