//! What findings come to: whether they hold the night, who answers for those that do not, and what readers must know.

use std::collections::BTreeMap;

use earlycall_schemas::table::table;
use serde_json::{Value, json};

use crate::{
    day::Day,
    error::{Error, Result},
    history::is_on_lines,
    night::page,
    quality::{
        finding::{Finding, lines, listed},
        report::Found,
        set_aside::{self, SetAside},
    },
    settings::{
        Settings,
        overrides::{self, Override},
    },
    store::nights::NightId,
};

/// The list of practices: what is found of it is about practices that have no lines.
const PRACTICES: &str = "reference_practices";

/// What has been found of a night so far, none of which holds it.
pub struct Verdict<'a> {
    settings: &'a Settings,
    index_date: Day,
    /// The night whose lists stand if this one is held.
    stands: Option<NightId>,
    warned: Vec<Finding>,
    /// What was odd when it arrived, and how many rows were rejected.
    found_on_arrival: Found,
    /// What somebody let pass when it arrived.
    on_arrival: Vec<SetAside>,
    set_aside: Vec<SetAside>,
}

impl<'a> Verdict<'a> {
    /// Nothing is found yet.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Settings`] when an override lasts too long.
    pub fn new(settings: &'a Settings, index_date: Day, stands: Option<NightId>) -> Result<Verdict<'a>> {
        settings.overrides.refuse_lasting(index_date)?;
        let (warned, found_on_arrival, on_arrival, set_aside) = Default::default();
        Ok(Verdict { settings, index_date, stands, warned, found_on_arrival, on_arrival, set_aside })
    }

    /// What somebody let pass when it arrived.
    pub fn on_arrival(&self) -> &[SetAside] {
        &self.on_arrival
    }

    /// Takes in what somebody let pass when it arrived. It holds nothing any more, and every run tells of it.
    pub fn let_pass_on_arrival(&mut self, breaches: Vec<SetAside>) {
        self.on_arrival.extend(breaches);
    }

    /// Takes in what was odd when it arrived, and how many rows of each table were rejected, for whoever started the night:
    /// each delivery's own numbers have it already.
    pub fn hear_of_arrival(&mut self, found: Found) {
        self.found_on_arrival = found;
    }

    /// Why files that have arrived are data incidents, one line each.
    pub fn incidents(&self) -> &[String] {
        &self.found_on_arrival.incidents
    }

    /// Takes findings in.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Held`] when one holds the night and nobody answers for it: the first of them, how many others,
    ///   and beside it a line for each.
    pub fn take(&mut self, findings: Vec<Finding>) -> Result<()> {
        let mut held = Vec::new();
        for finding in findings {
            match self.settings.overrides.hear(finding, self.index_date) {
                Ok(set_aside) => self.set_aside.push(set_aside),
                Err((finding, _)) if !finding.refuses() => self.warned.push(finding),
                Err(refused) => held.push(refused),
            }
        }
        let all: Vec<Finding> = held.iter().map(told_whole).collect();
        match held.into_iter().next() {
            None => Ok(()),
            Some(first) if all.len() == 1 => Err(self.held(first, 0)),
            // Nobody else knows them all: what a pass over everybody finds, no other command looks for.
            Some(first) => Err(self.held(first, all.len() - 1).beside(lines(&all))),
        }
    }

    fn held(&self, (finding, ended): (Finding, Option<String>), n_others: usize) -> Error {
        let stands = match self.stands {
            Some(night) => format!("the lists of {} stand", night.index_date.in_words()),
            None => "no list is published".to_owned(),
        };
        let mut error = overrides::held(finding, ended);
        match n_others {
            0 => {}
            1 => error = error.also("1 more finding holds the night, told beside this"),
            n => error = error.also(&format!("{n} more findings hold the night, told beside this")),
        }
        error.also(&stands)
    }

    /// What stands on every page: what is set aside, whose rows are older than they should be, and whose were not sent.
    pub fn notices(&self) -> Vec<String> {
        // A practice that sends nothing has no lines, so who answers for that is no coach's business.
        let is_of_no_line = |one: &&Override| {
            let mut passed = self.set_aside.iter().filter(|passed| passed.by == **one).peekable();
            let let_pass = passed.peek().is_some() && passed.all(|passed| passed.finding.table == PRACTICES);
            let_pass || one.table.as_deref() == Some(PRACTICES)
        };
        let overrides = self.settings.overrides.working(self.index_date).filter(|one| !is_of_no_line(one));
        let mut notices: Vec<String> = overrides.map(Override::in_words).collect();
        for (rule, what) in [
            ("V33", "are late: what came after them is not known"),
            ("ABSENT", "were left out of a full delivery: what came before stands, and what came since is not known"),
            ("OPTOUTS", "may not be whole: somebody who has objected since may still be on this list"),
        ] {
            for (table, providers) in self.warned_under(rule).into_iter().filter(|(_, providers)| !providers.is_empty())
            {
                notices.push(format!("{} of {} {what}.", page::words_of(table), listed(&providers)));
            }
        }
        let never_sent = self.warned.iter().filter(|finding| finding.rule == "ABSENT" && finding.provider.is_none());
        let never_sent = never_sent.filter(|finding| is_on_lines(&finding.table));
        notices.extend(never_sent.map(|finding| format!("{}: {}.", page::words_of(&finding.table), finding.message)));
        notices
    }

    /// The providers of whom a rule warns, by table, but for those of tables that are sensitive; of those that are late also whom somebody answers for, as their rows
    /// are no younger for that.
    fn warned_under(&self, rule: &str) -> BTreeMap<&str, Vec<&str>> {
        let passed = self.set_aside.iter().map(|passed| &passed.finding).filter(|finding| finding.rule == "V33");
        let mut providers: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let is_told = |finding: &&Finding| table(&finding.table).is_none_or(|table| !table.is_sensitive);
        for finding in self.warned.iter().chain(passed).filter(|finding| finding.rule == rule).filter(is_told) {
            providers.entry(&finding.table).or_default().extend(finding.provider.as_deref());
        }
        // Several findings may be about the lists of one.
        providers.values_mut().for_each(Vec::dedup);
        providers
    }

    /// What somebody answers for, and what is odd and holds nothing; many of one kind in short.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = [set_aside::lines(&self.on_arrival), set_aside::lines(&self.set_aside)].concat();
        let odd = [lines(&self.found_on_arrival.warned), lines(&self.warned)].concat();
        warnings.extend(odd.iter().map(|line| line.trim_start_matches("warning: ").to_owned()));
        let rejected = self.found_on_arrival.rejected.iter();
        let rejected: Vec<String> = rejected.map(|(table, n)| format!("{table} {n}")).collect();
        if !rejected.is_empty() {
            let by_table = rejected.join(", ");
            warnings
                .push(format!("rows rejected: {by_table}; quality.json says by which rules, quarantine/ which rows"));
        }
        warnings
    }

    /// The part of `quality.json` that is about the night and not about one delivery.
    pub fn to_json(&self) -> Value {
        json!({ "index_date": self.index_date, "warned": self.warned, "set_aside": self.set_aside })
    }
}

/// A finding for a line of its own, with the override that has ended.
fn told_whole((finding, ended): &(Finding, Option<String>)) -> Finding {
    let mut finding = finding.clone();
    ended.iter().for_each(|ended| finding.message += &format!("; {ended}"));
    finding
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use earlycall_schemas::rules::Action;

    use super::*;
    use crate::error::Kind;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn finding(rule: &'static str, action: Action, provider: &str) -> Finding {
        let message = "sent 3 rows".to_owned();
        Finding { rule, action, table: "ed_attendances".into(), provider: Some(provider.into()), message }
    }

    fn settings(until: &str) -> Settings {
        let text = format!(
            "[[override]]\nrule = \"V32\"\nprovider = \"RF4\"\nname = \"A. Engineer\"\nreason = \"moved\"\nuntil = \"{until}\""
        );
        Settings::parse(&text, Path::new("")).unwrap()
    }

    const NIGHT: NightId = NightId { index_date: Day(20_776), revision: 1 };

    #[test]
    fn a_held_night_says_who_what_to_do_and_whose_lists_stand() {
        let settings = Settings::default();
        let mut verdict = Verdict::new(&settings, day("2026-11-20"), Some(NIGHT)).unwrap();
        let found = ["RF4", "R1H", "R1K"].map(|provider| finding("V32", Action::Run, provider));
        let error = verdict.take(found.to_vec()).unwrap_err();
        assert_eq!(error.kind(), Kind::Held);
        let text = error.to_string();
        assert!(text.starts_with(
            "ed_attendances of RF4, rule V32: sent 3 rows; 2 more findings hold the night, told beside this; the lists of \
             19 November 2026 stand; hint: Ask the provider"
        ));
        let each = ["RF4", "R1H", "R1K"]
            .map(|provider| format!("holds the night: ed_attendances of {provider}, rule V32: sent 3 rows"));
        assert_eq!(error.lines_beside(), each);
        let mut first = Verdict::new(&settings, day("2026-11-20"), None).unwrap();
        let error = first.take(vec![finding("V32", Action::Run, "RF4")]).unwrap_err();
        assert!(error.lines_beside().is_empty(), "one finding is the message itself");
        assert!(error.to_string().contains("sent 3 rows; no list is published; hint"), "{error}");
    }

    #[test]
    fn an_override_lets_pass_what_it_names_and_every_page_says_so() {
        let settings = settings("2026-12-01");
        let mut verdict = Verdict::new(&settings, day("2026-11-20"), None).unwrap();
        verdict.take(vec![finding("V32", Action::Run, "RF4")]).unwrap();
        let told = "Rule V32 is set aside for every table of RF4 until 1 December 2026; A. Engineer decided: moved.";
        assert_eq!(verdict.notices(), [told]);
        assert_eq!(verdict.to_json()["set_aside"][0]["by"]["name"], "A. Engineer");
        assert_eq!(verdict.to_json()["set_aside"][0]["finding"]["message"], "sent 3 rows");
        let told =
            "ed_attendances of RF4, rule V32: sent 3 rows; A. Engineer lets it pass until 1 December 2026: moved";
        assert_eq!(verdict.warnings(), [told]);
        assert!(verdict.take(vec![finding("V32", Action::Run, "R1H")]).is_err(), "another trust");
    }

    #[test]
    fn an_override_that_has_ended_lets_nothing_pass_and_is_named() {
        let settings = settings("2026-11-19");
        let mut verdict = Verdict::new(&settings, day("2026-11-20"), Some(NIGHT)).unwrap();
        let error = verdict.take(vec![finding("V32", Action::Run, "RF4")]).unwrap_err().to_string();
        assert!(error.contains("; the override by A. Engineer ended on 19 November 2026; "), "{error}");
        assert!(verdict.notices().is_empty());
    }

    #[test]
    fn tables_that_were_left_out_stand_on_every_page() {
        let settings = Settings::default();
        let mut verdict = Verdict::new(&settings, day("2026-11-20"), None).unwrap();
        verdict.take(vec![finding("ABSENT", Action::Warn, "R1H"), finding("V32", Action::Warn, "RF4")]).unwrap();
        assert_eq!(
            verdict.notices(),
            [
                "A&E attendances of R1H were left out of a full delivery: what came before stands, and what came since is \
              not known."
            ]
        );
    }

    #[test]
    fn what_is_missing_is_let_pass_for_who_is_named_and_pages_tell_of_it_where_lines_are_concerned() {
        let text = "[[override]]\nrule = \"ABSENT\"\nprovider = \"RF4\"\nname = \"A. Engineer\"\nreason = \"not live yet\"\n\
                    until = \"2026-12-01\"";
        let settings = Settings::parse(text, Path::new("")).unwrap();
        let mut verdict = Verdict::new(&settings, day("2026-11-20"), None).unwrap();
        let of = |rule, provider| finding(rule, Action::Warn, provider);
        let of_nobody = Finding { table: "reference_practices".to_owned(), ..of("ABSENT", "RF4") };
        verdict.take(vec![of_nobody]).unwrap();
        assert_eq!(verdict.notices(), [""; 0]);
        let mut verdict = Verdict::new(&settings, day("2026-11-20"), None).unwrap();
        verdict.take(vec![of("ABSENT", "RF4"), of("ABSENT", "R1H"), of("V33", "RF4")]).unwrap();
        let json = verdict.to_json();
        assert_eq!(json["set_aside"].as_array().unwrap().len(), 1);
        assert_eq!(json["set_aside"][0]["finding"]["provider"], "RF4");
        assert_eq!(json["warned"].as_array().unwrap().len(), 2);
        assert!(verdict.notices()[0].contains("A. Engineer"), "{:?}", verdict.notices());
    }

    #[test]
    fn somebody_may_answer_for_a_provider_that_is_late_and_for_no_other() {
        let text = "[[override]]\nrule = \"V33\"\nprovider = \"RF4\"\nname = \"A. Engineer\"\nreason = \"building works\"\n\
                    until = \"2026-12-01\"";
        let settings = Settings::parse(text, Path::new("")).unwrap();
        let told_on = |index_date| {
            let mut verdict = Verdict::new(&settings, day(index_date), None).unwrap();
            verdict.take(vec![finding("V33", Action::Warn, "R1H"), finding("V33", Action::Warn, "RF4")]).unwrap();
            (verdict.notices(), verdict.warnings())
        };
        let (notices, warnings) = told_on("2026-12-01");
        assert_eq!(
            notices,
            [
                "Rule V33 is set aside for every table of RF4 until 1 December 2026; A. Engineer decided: building works.",
                "A&E attendances of R1H and RF4 are late: what came after them is not known."
            ]
        );
        assert_eq!(
            warnings,
            [
                "ed_attendances of RF4, rule V33: sent 3 rows; A. Engineer lets it pass until 1 December 2026: building works",
                "ed_attendances of R1H, rule V33: sent 3 rows"
            ]
        );
        let (notices, warnings) = told_on("2026-12-02");
        assert_eq!(notices, ["A&E attendances of R1H and RF4 are late: what came after them is not known."]);
        assert_eq!(warnings.len(), 2);
        assert!(!warnings.concat().contains("lets it pass"), "{warnings:?}");
    }

    #[test]
    fn what_was_never_sent_stands_on_every_page() {
        let settings = Settings::default();
        let mut verdict = Verdict::new(&settings, day("2026-11-20"), None).unwrap();
        let message = "2 of 9 practices have never sent a sound row: F84001 and F84002".to_owned();
        let table = "gp_prescriptions".to_owned();
        let found = Finding { rule: "ABSENT", action: Action::Warn, table, provider: None, message };
        // Of whoever has sent no registrations there are no lines.
        let of_nobody = Finding { table: "reference_practices".to_owned(), ..found.clone() };
        verdict.take(vec![found, of_nobody]).unwrap();
        let told = "Prescriptions: 2 of 9 practices have never sent a sound row: F84001 and F84002.";
        assert_eq!(verdict.notices(), [told]);
    }

    #[test]
    fn providers_that_are_late_stand_on_every_page_and_many_of_them_in_short() {
        let settings = Settings::default();
        let mut verdict = Verdict::new(&settings, day("2026-11-20"), None).unwrap();
        let found = ["R1H", "R1K", "RF4", "RJ1", "RJ2"].map(|provider| finding("V33", Action::Warn, provider));
        verdict.take(found.to_vec()).unwrap();
        assert_eq!(
            verdict.notices(),
            ["A&E attendances of R1H, R1K, RF4 and 2 more are late: what came after them is not known."]
        );
    }
}
