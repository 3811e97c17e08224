//! `[objections]`: which lists must be fresh, and what removes somebody.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    day::Day,
    error::{Error, Kind as ErrorKind, Result},
    objections::Kind,
};

/// `[objections]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Objections {
    /// The kinds whose lists must be there and fresh (V31). Absent: in production type 1 and, while it is applied, the
    /// national data opt-out; in research none.
    pub expect: Option<BTreeSet<Kind>>,
    /// Days by which a list may have been checked before the newest extract.
    pub max_age_days: i32,
    /// What an objection to the local shared record does.
    pub local_shared_record: LocalSharedRecord,
    /// Whether the national data opt-out removes people.
    pub ndo_policy: NdoPolicy,
    /// On whose word it does not.
    pub ndo_exemption: Option<NdoExemption>,
}

/// What an objection to the local shared record does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LocalSharedRecord {
    /// It is counted.
    #[default]
    Counted,
    /// It removes the person, as the other kinds do.
    Removes,
}

/// Whether the national data opt-out removes people (R6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NdoPolicy {
    /// It does.
    #[default]
    Apply,
    /// It does not, by a decision that [`NdoExemption`] names.
    Exempt,
}

/// The decision that the national data opt-out does not apply.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct NdoExemption {
    /// Where it is written down.
    pub reference: String,
    /// Who answers for it.
    pub approver: String,
    /// Its last day.
    pub expires: Day,
}

impl Default for Objections {
    fn default() -> Objections {
        Objections {
            expect: None,
            max_age_days: 7,
            local_shared_record: LocalSharedRecord::default(),
            ndo_policy: NdoPolicy::default(),
            ndo_exemption: None,
        }
    }
}

impl Objections {
    /// Whether an objection of this kind removes the person.
    pub fn removes(&self, kind: Kind) -> bool {
        match kind {
            Kind::Type1 | Kind::Programme => true,
            Kind::NationalDataOptOut => self.ndo_policy == NdoPolicy::Apply,
            Kind::LocalSharedRecord => self.local_shared_record == LocalSharedRecord::Removes,
        }
    }

    /// The kinds whose lists must be there and fresh.
    pub fn expected(&self, is_research: bool) -> BTreeSet<Kind> {
        let by_default = || match is_research {
            true => BTreeSet::new(),
            false => [Kind::Type1, Kind::NationalDataOptOut].into_iter().filter(|kind| self.removes(*kind)).collect(),
        };
        self.expect.clone().unwrap_or_else(by_default)
    }

    /// The decision that the national data opt-out does not apply, if it does not.
    pub fn exemption(&self) -> Option<&NdoExemption> {
        self.ndo_exemption.as_ref().filter(|_| self.ndo_policy == NdoPolicy::Exempt)
    }

    /// # Errors
    /// * [`ErrorKind::Settings`] when an exemption lacks what it needs, or an age is negative.
    pub(super) fn check(&self) -> Result<()> {
        let wrong = |key: &str, what: &str| Err(Error::new(ErrorKind::Settings, what).setting(key));
        if !(0..=365).contains(&self.max_age_days) {
            return wrong("objections.max_age_days", "must be 0 to 365");
        }
        let is_whole = |by: &NdoExemption| !by.reference.trim().is_empty() && !by.approver.trim().is_empty();
        match (self.ndo_policy, &self.ndo_exemption) {
            (NdoPolicy::Exempt, Some(by)) if is_whole(by) => Ok(()),
            (NdoPolicy::Exempt, _) => wrong(
                "objections.ndo_exemption",
                "an exemption from the national data opt-out needs a reference, an approver and the day it expires",
            ),
            (NdoPolicy::Apply, Some(_)) => {
                wrong("objections.ndo_exemption", "has no effect while ndo_policy is \"apply\": remove one of them")
            }
            (NdoPolicy::Apply, None) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::settings::Settings;

    fn removed_by(text: &str) -> Vec<Kind> {
        let settings = Settings::parse(&format!("[objections]\n{text}"), Path::new("")).unwrap();
        Kind::ALL.into_iter().filter(|kind| settings.objections.removes(*kind)).collect()
    }

    const EXEMPTION: &str = "{ reference = \"CAG 1\", approver = \"A. Guardian\", expires = \"2027-03-31\" }";

    #[test]
    fn each_kind_is_on_or_off() {
        use Kind::{LocalSharedRecord, NationalDataOptOut, Programme, Type1};
        assert_eq!(removed_by(""), [Type1, NationalDataOptOut, Programme]);
        assert_eq!(removed_by("local_shared_record = \"removes\""), Kind::ALL);
        let exempt = format!("ndo_policy = \"exempt\"\nndo_exemption = {EXEMPTION}");
        assert_eq!(removed_by(&exempt), [Type1, Programme]);
        assert_eq!(
            removed_by(&format!("{exempt}\nlocal_shared_record = \"removes\"")),
            [Type1, Programme, LocalSharedRecord]
        );
    }

    #[test]
    fn production_expects_two_lists_and_research_none() {
        let expected = |text: &str, is_research| {
            let settings = Settings::parse(text, Path::new("")).unwrap();
            settings.objections.expected(is_research).into_iter().map(Kind::code).collect::<Vec<_>>()
        };
        assert_eq!(expected("", false), ["type1", "national_data_opt_out"]);
        assert!(expected("", true).is_empty());
        assert_eq!(expected("[objections]\nexpect = [\"programme\"]", true), ["programme"]);
        let exempt = format!("[objections]\nndo_policy = \"exempt\"\nndo_exemption = {EXEMPTION}");
        assert_eq!(expected(&exempt, false), ["type1"]);
    }

    #[test]
    fn an_exemption_is_signed_dated_and_used() {
        let refused = |text: &str| {
            let error = Settings::parse(&format!("[objections]\n{text}"), Path::new("")).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Settings);
            error.to_string()
        };
        assert!(refused("ndo_policy = \"exempt\"").contains("needs a reference, an approver"));
        let unsigned = EXEMPTION.replace("A. Guardian", " ");
        let text = format!("ndo_policy = \"exempt\"\nndo_exemption = {unsigned}");
        assert!(refused(&text).contains("needs a reference, an approver"));
        assert!(refused(&format!("ndo_exemption = {EXEMPTION}")).contains("has no effect"));
        let undated = "{ reference = \"CAG 1\", approver = \"A. Guardian\" }";
        assert!(refused(&format!("ndo_policy = \"exempt\"\nndo_exemption = {undated}")).contains("expires"));
    }
}
