//! `[pathways]`: who may be on which list, where a service wants it otherwise than it is declared.

use std::collections::BTreeMap;

use earlycall_schemas::{
    looked_after::{Means, services},
    pathways::{Asks, ByPathway, Flag, Pathway, PathwayId, pathways},
};
use serde::{Deserialize, Serialize, Serializer};

use super::{mistyped, nearest};
use crate::{
    error::{Error, Kind, Result},
    pathways::RULES_MAX,
};

/// Every pathway, with what the settings put in the place of what is declared.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(from = "Tables")]
pub struct Pathways(ByPathway<Pathway>);

impl Default for Pathways {
    fn default() -> Pathways {
        Pathways(pathways().clone())
    }
}

impl std::ops::Deref for Pathways {
    type Target = ByPathway<Pathway>;

    fn deref(&self) -> &ByPathway<Pathway> {
        &self.0
    }
}

/// As text, what decides who is on a list and what is told there; names and sources are not the service's.
impl Serialize for Pathways {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let tables = self.0.iter().map(|(id, pathway)| {
            let Pathway { exclude, flags, looked_after, rules, .. } = pathway.clone();
            (id.code(), Table { exclude: Some(exclude), flags: Some(flags), looked_after, rules })
        });
        tables.collect::<BTreeMap<_, _>>().serialize(serializer)
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Tables {
    coaching: Table,
    social_prescribing: Table,
    virtual_ward: Table,
    home_care: Table,
}

/// One pathway as it stands in the settings.
#[derive(Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
struct Table {
    exclude: Option<Vec<Flag>>,
    flags: Option<Vec<Flag>>,
    looked_after: BTreeMap<String, Means>,
    rules: BTreeMap<String, Asks>,
}

impl From<Tables> for Pathways {
    fn from(tables: Tables) -> Pathways {
        let Tables { coaching, social_prescribing, virtual_ward, home_care } = tables;
        let mut all = pathways().clone();
        for (id, table) in PathwayId::ALL.into_iter().zip([coaching, social_prescribing, virtual_ward, home_care]) {
            let pathway = &mut all[id];
            pathway.exclude = table.exclude.unwrap_or(std::mem::take(&mut pathway.exclude));
            pathway.flags = table.flags.unwrap_or(std::mem::take(&mut pathway.flags));
            pathway.looked_after.extend(table.looked_after);
            for (name, set) in table.rules {
                let declared = pathway.rules.remove(&name).unwrap_or_default();
                pathway.rules.insert(name, declared.with(set));
            }
            if pathway.rules != pathways()[id].rules {
                pathway.over = None;
            }
        }
        Pathways(all)
    }
}

impl Pathways {
    /// Checks every rule, and whether there is every service that is named.
    ///
    /// # Errors
    /// * [`Kind::Settings`] for a rule that makes no sense, that seems mistyped, or that is one too many; and for a service that
    ///   there is not.
    pub fn check(&self) -> Result<()> {
        for (id, pathway) in self.0.iter() {
            check_services(id, pathway)?;
            let declared: Vec<&str> = pathways()[id].rules.keys().map(String::as_str).collect();
            for (name, rule) in &pathway.rules {
                let key = format!("pathways.{}.rules.{name}", id.code());
                let near = nearest(name, &declared).filter(|_| !declared.contains(&name.as_str()));
                if let Some(near) = near {
                    let what = "is the name of no declared rule, and much like that of one";
                    let hint = format!("did you mean `{near}`? A rule of your own needs a name less like it");
                    return Err(Error::new(Kind::Settings, what).setting(key).hint(hint));
                }
                if let Some((at, what)) = rule.wrong() {
                    return Err(Error::new(Kind::Settings, what).setting(format!("{key}.{at}")));
                }
            }
        }
        let n_rules: usize = self.0.iter().map(|(_, pathway)| pathway.rules.len()).sum();
        if n_rules > RULES_MAX {
            let what = format!("has {n_rules} rules, and all pathways together may have {RULES_MAX}");
            return Err(Error::new(Kind::Settings, what).setting("pathways"));
        }
        Ok(())
    }
}

fn check_services(id: PathwayId, pathway: &Pathway) -> Result<()> {
    let known: Vec<&str> = services().iter().map(|service| service.id.as_str()).collect();
    let Some(unknown) = pathway.looked_after.keys().find(|service| !known.contains(&service.as_str())) else {
        return Ok(());
    };
    let hint = mistyped(unknown, &known, &format!("those that can be named are {}", known.join(", ")));
    let setting = format!("pathways.{}.looked_after.{unknown}", id.code());
    Err(Error::new(Kind::Settings, "there is no such service").setting(setting).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    fn parse(text: &str) -> Result<Settings> {
        Settings::parse(text, std::path::Path::new(""))
    }

    #[test]
    fn what_stands_in_the_settings_takes_the_place_of_what_is_declared_key_by_key() {
        let text = "[pathways.virtual_ward]\nexclude = [\"care_home\"]\n\
                    [pathways.virtual_ward.rules.home_from_hospital]\nemergency_stay_ended_within_days = 10";
        let ward = &parse(text).unwrap().pathways[PathwayId::VirtualWard];
        let rule = &ward.rules["home_from_hospital"];
        assert_eq!((rule.emergency_stay_ended_within_days, rule.or_frailty_points_from), (Some(10), Some(5)));
        assert_eq!(ward.exclude, [Flag::CareHome]);
        assert_eq!(ward.flags, pathways()[PathwayId::VirtualWard].flags);
    }

    #[test]
    fn why_somebody_is_found_no_more_is_told_as_it_is_true_of_the_rules_in_force() {
        let told = |text: &str| parse(text).unwrap().pathways[PathwayId::Coaching].why_over();
        let as_declared = "[pathways.coaching.rules.high_risk]\nunplanned_care_within_days = 183";
        for text in ["", as_declared] {
            assert_eq!(told(text), "no unplanned care of late any more");
        }
        let more = "[pathways.coaching.rules.frail]\nconditions = []\nor_frailty_points_from = 15";
        assert_eq!(told(more), "no longer found by a rule of coaching");
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_its_key() {
        for (text, expected) in [
            ("[pathways.coching]", "did you mean `coaching`?"),
            (
                "[pathways.coaching.rules.high_risk]\nrisk_top_percent = 0",
                "high_risk.risk_top_percent: must be more than 0",
            ),
            ("[pathways.coaching.rules.high_risc]\nrisk_top_percent = 2", "did you mean `high_risk`?"),
            ("[pathways.coaching.rules.high_risk]\nrisk_top = 2", "did you mean `risk_top_percent`?"),
            ("[pathways.coaching]\nexclude = [\"care_homes\"]", "care_home"),
            ("[pathways.coaching.looked_after]\nvirtual_wards = \"check\"", "did you mean `virtual_ward`?"),
            ("[pathways.coaching.looked_after]\nvirtual_ward = \"keeps\"", "keeps_off"),
            (
                "[pathways.coaching.rules.missed]\nfacts = [{ of = \"home_care_visits\", where = [\"is_mised\"], within_days = 28 }]",
                "no test `is_mised`; it has is_delivered, is_missed",
            ),
            (
                "[pathways.coaching.rules.missed]\nfacts = [{ of = \"mental_health_contacts\", within_days = 28 }]",
                "sensitive",
            ),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.kind() == Kind::Settings && error.to_string().contains(expected), "{error}");
        }
        let many: String = (0..24).map(|n| format!("[pathways.coaching.rules.x{n}]\nis_rising = true\n")).collect();
        assert!(parse(&many).unwrap_err().to_string().contains("may have 32"));
    }

    #[test]
    fn another_rule_makes_another_night() {
        let of = |text: &str| parse(text).unwrap().fingerprint();
        let rule = "[pathways.social_prescribing.rules.ae_not_urgent]\nlow_acuity_within_days";
        assert_eq!(of(""), of(&format!("{rule} = 183")));
        assert_ne!(of(""), of(&format!("{rule} = 90")));
        let means = "[pathways.coaching.looked_after]\ncommunity_nurses";
        assert_eq!(of(""), of(&format!("{means} = \"check\"")));
        assert_ne!(of(""), of(&format!("{means} = \"keeps_off\"")));
    }
}
