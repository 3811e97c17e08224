//! `[[override]]`: somebody answers for a rule's breach, for a while.

use earlycall_schemas::{
    rules::{rule, rules},
    table::table,
};
use serde::{Deserialize, Serialize};

use super::mistyped;
use crate::{
    day::Day,
    error::{Error, Kind, Result},
    quality::finding::Finding,
};

/// Longest that an override may last, counted from the night's index date: what is true for longer is a setting.
const DAYS_MAX: i32 = 31;

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
                return Err(wrong(key, "is empty: an override needs a name and a reason"));
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

    /// The override under which a finding passes.
    pub fn of(&self, finding: &Finding, index_date: Day) -> Option<&Override> {
        self.working(index_date).find(|one| one.is_about(finding))
    }

    /// The override under which a finding would have passed, had it not ended.
    pub fn ended(&self, finding: &Finding, index_date: Day) -> Option<&Override> {
        self.0.iter().filter(|one| one.until < index_date && one.is_about(finding)).max_by_key(|one| one.until)
    }

    /// Refuses overrides that last too long.
    ///
    /// # Errors
    /// * [`Kind::Settings`] when one ends more than 31 days after the index date.
    pub fn refuse_lasting(&self, index_date: Day) -> Result<()> {
        let Some((at, _)) = self.0.iter().enumerate().find(|(_, one)| one.until > index_date + DAYS_MAX) else {
            return Ok(());
        };
        let message = format!("lasts more than {DAYS_MAX} days from the index date {index_date} on");
        Err(Error::new(Kind::Settings, message).setting(format!("override[{at}].until")).hint(format!(
            "let it end on {} at the latest; what is true for longer is a limit to set",
            index_date + DAYS_MAX
        )))
    }

    /// # Errors
    /// * [`Kind::Settings`] when one names no rule that can be set aside, no table, or nobody who answers for it.
    pub(super) fn check(&self) -> Result<()> {
        self.0.iter().enumerate().try_for_each(|(at, one)| one.check(at))
    }
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
        let of = |table, provider, date| one.of(&finding(table, provider), day(date)).is_some();
        assert!(of("ed_attendances", "RF4", "2026-11-20"));
        assert!(of("ed_attendances", "RF4", "2026-12-01"));
        assert!(!of("ed_attendances", "RF4", "2026-12-02"), "it has ended");
        assert!(!of("ed_attendances", "RF4", "2026-10-30"), "a month and a day is too long");
        assert!(!of("ed_attendances", "R1H", "2026-11-20"), "another trust");
        assert!(!of("apc_episodes", "RF4", "2026-11-20"), "another table");
        assert!(one.ended(&finding("ed_attendances", "RF4"), day("2026-12-02")).is_some());
        assert!(one.ended(&finding("ed_attendances", "RF4"), day("2026-12-01")).is_none());
        let any = overrides("rule = \"V32\"");
        assert!(any.of(&finding("apc_episodes", "R1H"), day("2026-11-20")).is_some());
    }

    #[test]
    fn a_month_is_the_longest() {
        let one = overrides("rule = \"V32\"");
        assert!(one.refuse_lasting(day("2026-10-31")).is_ok());
        let error = one.refuse_lasting(day("2026-10-30")).unwrap_err().to_string();
        assert!(error.contains("override[0].until") && error.contains("2026-11-30 at the latest"), "{error}");
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
    }
}
