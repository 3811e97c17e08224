//! `[[override]]`: somebody answers for a rule's breach, for a while.

use std::collections::BTreeSet;

use earlycall_schemas::{
    rules::{rule, rules},
    table::table,
};
use serde::{Deserialize, Serialize};

use super::{mistyped, nearest, nearest_few};
use crate::{
    day::Day,
    error::{Error, Kind, Result},
    quality::{finding::Finding, set_aside::SetAside},
};

/// Longest that an override may last, counted from the night's index date: what is true for longer is a setting.
const DAYS_MAX: i32 = 31;
/// What a hint says of an override that lacks something.
pub(super) const NEEDS: &str = "an override has a rule, the name of who answers for it, their reason, and until, the last index \
                                date for which it works; table and provider may be left out";
/// Findings that hold no night, and for which somebody may answer all the same, under these rules, about these tables or
/// any: a table that is missing, rows that are late, a practice that has left.
const KNOWN_OF: [(&str, Option<&str>); 3] = [("ABSENT", None), ("V33", None), ("COHORT", Some("reference_practices"))];
/// Known providers that are offered in the place of one that nobody knows.
const OFFERED: usize = 3;

/// One override. What it does not name, a table or a provider, may be any.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Override {
    /// The rule that is set aside.
    pub rule: String,
    /// The table; absent: any.
    pub table: Option<String>,
    /// Whose rows; absent: anybody's.
    pub provider: Option<String>,
    /// Who answers for it.
    pub name: String,
    /// Their reason.
    pub reason: String,
    /// The last index date for which it works, `"2026-12-01"`.
    pub until: Day,
}

/// All overrides of a service, in the order of its settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Overrides(Vec<Override>);

impl Override {
    /// One sentence for a person: what is set aside, until when, and who decided so.
    ///
    /// # Example
    /// ```
    /// use earlycall::settings::Settings;
    /// use std::path::Path;
    /// let text = r#"
    ///     [[override]]
    ///     rule = "V32"
    ///     table = "ed_attendances"
    ///     provider = "RF4"
    ///     name = "A. Engineer"
    ///     reason = "the department has moved"
    ///     until = "2026-12-01"
    /// "#;
    /// let settings = Settings::parse(text, Path::new("/srv")).unwrap();
    /// assert_eq!(
    ///     settings.overrides.iter().next().unwrap().in_words(),
    ///     "Rule V32 is set aside for ed_attendances of RF4 until 1 December 2026; A. Engineer decided: the department \
    ///      has moved.",
    /// );
    /// let error = Settings::parse(&text.replace("V32", "V02"), Path::new("/srv")).unwrap_err();
    /// assert!(error.to_string().contains("nobody can set this rule aside"));
    /// ```
    pub fn in_words(&self) -> String {
        let table = self.table.as_deref().unwrap_or("every table");
        let provider = self.provider.as_ref().map_or(String::new(), |provider| format!(" of {provider}"));
        let Override { rule, name, reason, until, .. } = self;
        format!("Rule {rule} is set aside for {table}{provider} until {}; {name} decided: {reason}.", until.in_words())
    }

    /// The same of one that has ended, and what to do about it.
    fn ended_in_words(&self) -> String {
        let words = self.in_words().replacen(" is set aside ", " was set aside ", 1);
        format!("{words} That has ended: take it out of the settings, or have it decided anew.")
    }

    fn is_about(&self, finding: &Finding) -> bool {
        let is_table = self.table.as_ref().is_none_or(|table| *table == finding.table);
        self.rule == finding.rule && is_table && (self.provider.is_none() || self.provider == finding.provider)
    }

    fn works_on(&self, index_date: Day) -> bool {
        (0..=DAYS_MAX).contains(&(self.until - index_date))
    }

    fn check(&self, at: usize) -> Result<()> {
        let wrong =
            |key: &str, message: &str| Error::new(Kind::Settings, message).setting(format!("override[{at}].{key}"));
        let may_be: Vec<&str> =
            rules().iter().filter(|rule| rule.may_be_set_aside).map(|rule| rule.id.as_str()).collect();
        if rule(&self.rule).is_none() {
            let hint = mistyped(&self.rule, &may_be, &format!("rules that can be set aside: {}", may_be.join(", ")));
            return Err(wrong("rule", "no rule has this name").hint(hint));
        }
        if !may_be.contains(&self.rule.as_str()) {
            let hint = format!("rules that can be: {}", may_be.join(", "));
            return Err(wrong("rule", "nobody can set this rule aside").hint(hint));
        }
        if self.table.as_ref().is_some_and(|name| table(name).is_none()) {
            return Err(wrong("table", "no table has this name"));
        }
        for (key, text) in [("name", &self.name), ("reason", &self.reason)] {
            if text.trim().is_empty() {
                return Err(wrong(key, "is empty").hint(NEEDS));
            }
        }
        Ok(())
    }
}

impl Overrides {
    /// All of them, whether they work or not.
    pub fn iter(&self) -> impl Iterator<Item = &Override> {
        self.0.iter()
    }

    /// Those that work on an index date.
    pub fn working(&self, index_date: Day) -> impl Iterator<Item = &Override> {
        self.0.iter().filter(move |one| one.works_on(index_date))
    }

    /// A sentence for each, for whoever runs a night of this index date: one that has ended is told as such. While no date
    /// is known each is told as it stands.
    ///
    /// # Errors
    /// * As of [`Overrides::refuse_lasting`]: none is told as one that works where another stops the night.
    pub fn in_words(&self, index_date: Option<Day>) -> Result<Vec<String>> {
        index_date.map_or(Ok(()), |index_date| self.refuse_lasting(index_date))?;
        let has_ended = |one: &Override| index_date.is_some_and(|index_date| one.until < index_date);
        Ok(self.0.iter().map(|one| if has_ended(one) { one.ended_in_words() } else { one.in_words() }).collect())
    }

    /// What is wrong with overrides that work on an index date and name a provider that is not among the known ones: they
    /// let nothing pass, and whoever wrote them believes that they do. A sentence each.
    pub fn about_nobody(&self, index_date: Day, known: &BTreeSet<&str>) -> Vec<String> {
        let named = self.working(index_date).filter_map(|one| Some((one, one.provider.as_deref()?)));
        let unknown = named.filter(|(_, provider)| !known.contains(provider));
        let told = unknown.map(|(one, provider)| {
            let Override { rule, name, .. } = one;
            let meant = match nearest_few(provider, known.iter().copied(), OFFERED) {
                alike if alike.is_empty() => "take it out, or have the name corrected".to_owned(),
                alike => format!("was {} meant?", alike.join(" or ")),
            };
            format!(
                "the override of {rule} by {name} lets nothing pass: nothing has ever arrived of {provider}; {meant}"
            )
        });
        told.collect()
    }

    /// Lets a finding pass that somebody answers for on an index date, with the name of who does.
    ///
    /// # Errors
    /// * The finding itself, and which override nearly let it pass, where nobody does.
    pub fn judge(&self, finding: Finding, index_date: Day) -> Result<SetAside, (Finding, Option<String>)> {
        match self.working(index_date).find(|one| one.is_about(&finding)) {
            Some(by) => Ok(SetAside { finding, by: by.clone() }),
            None => {
                let nearly = self.ended(&finding, index_date).or_else(|| self.of_another(&finding, index_date));
                Err((finding, nearly))
            }
        }
    }

    /// The same of any finding: one that holds nothing is let pass where it says that something is missing (ABSENT) or late
    /// (V33), or that a practice has left (COHORT). Of other rules an override is about what would hold the night, and what
    /// else they say stays said.
    ///
    /// # Errors
    /// * As of [`Overrides::judge`].
    pub fn hear(&self, finding: Finding, index_date: Day) -> Result<SetAside, (Finding, Option<String>)> {
        let is_about = |table: Option<&str>| table.is_none_or(|table| table == finding.table);
        let may_pass = KNOWN_OF.iter().any(|(rule, table)| *rule == finding.rule && is_about(*table));
        match finding.refuses() || may_pass {
            true => self.judge(finding, index_date),
            false => Err((finding, None)),
        }
    }

    /// Whether somebody answers for a finding on an index date.
    pub fn answers_for(&self, finding: &Finding, index_date: Day) -> bool {
        self.working(index_date).any(|one| one.is_about(finding))
    }

    /// Whether somebody does who names its provider.
    pub fn answer_by_name_for(&self, finding: &Finding, index_date: Day) -> bool {
        self.working(index_date).any(|one| one.provider.is_some() && one.is_about(finding))
    }

    /// The same, where a delivery is refused that nobody answers for.
    ///
    /// # Errors
    /// * [`Kind::Extract`] when nobody does, or no longer.
    pub fn admit(&self, finding: Finding, index_date: Day) -> Result<SetAside> {
        self.judge(finding, index_date).map_err(|(finding, ended)| {
            let error = finding.into_error();
            ended.iter().fold(error, |error, ended| error.also(ended))
        })
    }

    /// The override under which a finding would have passed, had it not ended.
    fn ended(&self, finding: &Finding, index_date: Day) -> Option<String> {
        let ended = self.0.iter().filter(|one| one.until < index_date && one.is_about(finding));
        let newest = ended.max_by_key(|one| one.until)?;
        Some(format!("the override by {} ended on {}", newest.name, newest.until.in_words()))
    }

    /// An override that works and is about a finding but for the provider, which is named nearly so.
    fn of_another(&self, finding: &Finding, index_date: Day) -> Option<String> {
        let anybodys = |one: &&Override| Override { provider: None, ..(*one).clone() }.is_about(finding);
        let alike: Vec<&Override> = self.working(index_date).filter(anybodys).collect();
        let names: Vec<&str> = alike.iter().filter_map(|one| one.provider.as_deref()).collect();
        let near = nearest(finding.provider.as_deref()?, &names)?;
        let one = alike.into_iter().find(|one| one.provider.as_deref() == Some(near))?;
        Some(format!("the override by {} names {near}", one.name))
    }

    /// Refuses overrides that last too long.
    ///
    /// # Errors
    /// * [`Kind::Settings`] when one ends more than 31 days after the index date.
    pub fn refuse_lasting(&self, index_date: Day) -> Result<()> {
        let Some((at, _)) = self.0.iter().enumerate().find(|(_, one)| one.until > index_date + DAYS_MAX) else {
            return Ok(());
        };
        let message = format!("lasts more than {DAYS_MAX} days from {} on, the index date", index_date.in_words());
        Err(Error::new(Kind::Settings, message).setting(format!("override[{at}].until")).hint(format!(
            "until = \"{}\" is the latest; what is true for longer is a limit to set",
            index_date + DAYS_MAX
        )))
    }

    /// # Errors
    /// * [`Kind::Settings`] when one names no rule that can be set aside, no table, or nobody who answers for it.
    pub(super) fn check(&self) -> Result<()> {
        self.0.iter().enumerate().try_for_each(|(at, one)| one.check(at))
    }
}

/// What holds a night: a finding for which nobody answers, or no longer.
pub fn held(finding: Finding, ended: Option<String>) -> Error {
    let error = finding.into_hold();
    ended.iter().fold(error, |error, ended| error.also(ended))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use earlycall_schemas::rules::Action;

    use super::*;
    use crate::settings::Settings;

    fn overrides(text: &str) -> Overrides {
        let parts = "name = \"A. Engineer\"\nreason = \"moved\"\nuntil = \"2026-12-01\"";
        Settings::parse(&format!("[[override]]\n{parts}\n{text}"), Path::new("")).unwrap().overrides
    }

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn finding(table: &str, provider: &str) -> Finding {
        let (table, provider) = (table.to_owned(), Some(provider.to_owned()));
        Finding { rule: "V32", action: Action::Run, table, provider, message: String::new() }
    }

    #[test]
    fn an_override_is_for_what_it_names_and_ends() {
        let one = overrides("rule = \"V32\"\ntable = \"ed_attendances\"\nprovider = \"RF4\"");
        let judge = |table, provider, date| one.judge(finding(table, provider), day(date));
        let of = |table, provider, date| judge(table, provider, date).is_ok();
        assert!(of("ed_attendances", "RF4", "2026-11-20"));
        assert!(of("ed_attendances", "RF4", "2026-12-01"));
        assert!(!of("ed_attendances", "RF4", "2026-12-02"), "it has ended");
        assert!(!of("ed_attendances", "RF4", "2026-10-30"), "a month and a day is too long");
        assert!(!of("ed_attendances", "R1H", "2026-11-20"), "another trust");
        assert!(!of("apc_episodes", "RF4", "2026-11-20"), "another table");
        let ended = |table, date| judge(table, "RF4", date).unwrap_err().1;
        assert_eq!(
            ended("ed_attendances", "2026-12-02"),
            Some("the override by A. Engineer ended on 1 December 2026".to_owned())
        );
        assert_eq!(ended("apc_episodes", "2026-12-02"), None, "it was never about that");
        assert_eq!(
            judge("ed_attendances", "RF8", "2026-11-20").unwrap_err().1,
            Some("the override by A. Engineer names RF4".to_owned()),
            "a slip of the pen shows"
        );
        assert_eq!(judge("ed_attendances", "R1H", "2026-11-20").unwrap_err().1, None, "nobody takes one for the other");
        let any = overrides("rule = \"V32\"");
        assert!(any.judge(finding("apc_episodes", "R1H"), day("2026-11-20")).is_ok());
    }

    #[test]
    fn an_override_that_has_ended_is_told_as_such_with_what_to_do() {
        let one = overrides("rule = \"V32\"\nprovider = \"RF4\"");
        let works = "Rule V32 is set aside for every table of RF4 until 1 December 2026; A. Engineer decided: moved.";
        let told = |index_date: Option<&str>| one.in_words(index_date.map(day)).unwrap();
        assert_eq!(told(Some("2026-12-01")), [works]);
        assert_eq!(told(None), [works], "while no date is known it is told as it stands");
        assert_eq!(
            told(Some("2026-12-02")),
            [
                "Rule V32 was set aside for every table of RF4 until 1 December 2026; A. Engineer decided: moved. That has \
              ended: take it out of the settings, or have it decided anew."
            ]
        );
    }

    #[test]
    fn an_override_for_somebody_of_whom_nothing_has_come_is_told_with_who_may_be_meant() {
        let known = BTreeSet::from(["F84001", "F84010", "Q1", "R1H", "RF4"]);
        let about_nobody = |provider: &str, date: &str| {
            overrides(&format!("rule = \"V32\"\nprovider = \"{provider}\"")).about_nobody(day(date), &known)
        };
        let told = |provider: &str, meant: &str| {
            let what = "the override of V32 by A. Engineer lets nothing pass: nothing has ever arrived of";
            [format!("{what} {provider}; {meant}")]
        };
        assert_eq!(about_nobody("RF8", "2026-11-20"), told("RF8", "was RF4 meant?"));
        assert_eq!(about_nobody("F84O01", "2026-11-20"), told("F84O01", "was F84001 or F84010 meant?"));
        assert_eq!(about_nobody("XYZ", "2026-11-20"), told("XYZ", "take it out, or have the name corrected"));
        assert_eq!(about_nobody("RF4", "2026-11-20"), [""; 0]);
        assert_eq!(about_nobody("RF8", "2026-12-02"), [""; 0], "it has ended, which is told anyway");
        assert_eq!(overrides("rule = \"V32\"").about_nobody(day("2026-11-20"), &known), [""; 0], "anybody's");
    }

    #[test]
    fn a_refusal_that_was_let_pass_until_a_day_says_so() {
        let one = overrides("rule = \"V32\"");
        assert_eq!(one.admit(finding("gp_events", "F84001"), day("2026-11-20")).unwrap().by.name, "A. Engineer");
        let told = one.admit(finding("gp_events", "F84001"), day("2026-12-02")).unwrap_err().to_string();
        assert!(told.contains("; the override by A. Engineer ended on 1 December 2026; hint: "), "{told}");
    }

    #[test]
    fn a_month_is_the_longest_and_what_lasts_longer_is_told_as_nothing_that_works() {
        let one = overrides("rule = \"V32\"");
        assert_eq!(one.in_words(Some(day("2026-10-30"))).unwrap_err().kind(), Kind::Settings);
        assert!(one.refuse_lasting(day("2026-10-31")).is_ok());
        let error = one.refuse_lasting(day("2026-10-30")).unwrap_err().to_string();
        assert!(
            error.contains("override[0].until") && error.contains("until = \"2026-11-30\" is the latest"),
            "{error}"
        );
    }

    #[test]
    fn every_part_is_needed_and_some_rules_stand_whatever_anybody_says() {
        let whole = "[[override]]\nrule = \"V32\"\nname = \"A\"\nreason = \"b\"\nuntil = \"2026-12-01\"";
        let parse = |text: &str| Settings::parse(text, Path::new("")).map_err(|error| error.to_string());
        assert!(parse(whole).is_ok());
        for (part, spoilt, expected) in [
            ("name = \"A\"\n", "", "missing field `name`"),
            ("reason = \"b\"\n", "reason = \" \"\n", "override[0].reason"),
            ("until = \"2026-12-01\"", "until = \"soon\"", "not a day"),
            ("until = \"2026-12-01\"", "", "missing field `until`"),
            ("V32", "V02", "nobody can set this rule aside"),
            ("V32", "V99", "no rule has this name"),
            ("rule =", "table = \"beds\"\nrule =", "no table has this name"),
            ("rule =", "ends = \"\"\nrule =", "unknown field"),
        ] {
            let error = parse(&whole.replace(part, spoilt)).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
        for (part, spoilt) in [("reason = \"b\"\n", ""), ("reason = \"b\"\n", "reason = \"\"\n")] {
            let error = parse(&whole.replace(part, spoilt)).unwrap_err();
            assert!(
                error.contains("; hint: an override has a rule, the name of who answers for it, their reason"),
                "{error}"
            );
        }
    }
}
