//! What a practice or an acute trust has never sent, though others of its kind do: of whoever is theirs it would look as if
//! nothing had ever happened. Every night says so, and their lines do.

use std::collections::{BTreeMap, BTreeSet};

use earlycall_schemas::{codelists::acute_trust_name, codes::is_practice, rules::Action};

use crate::{
    history::{History, ledger::Ledger},
    quality::{
        finding::{Finding, listed},
        profile::{FeedProfile, Profile},
        recent::{Late, median},
    },
    settings::Rules,
};

const RULE: &str = "ABSENT";

/// By table and organisation, a practice or an acute trust: the most sound rows that one delivery has brought.
pub type Brought = BTreeMap<String, BTreeMap<String, u64>>;

/// Stands for the practice of rows that name none.
const NAMELESS: &str = "";

/// Providers of whom the same is expected.
struct Kind {
    tables: &'static [&'static str],
    includes: fn(&str) -> bool,
    /// Those who are judged: who they are and what they do.
    judged: &'static str,
}

const PRACTICES: Kind = Kind {
    tables: &["registrations", "gp_events", "gp_prescriptions"],
    includes: is_practice,
    judged: "practices that send other GP records",
};

/// Acute ones alone: others have no A&E department.
const TRUSTS: Kind = Kind {
    tables: &["apc_episodes", "ed_attendances", "inpatients_now"],
    includes: |code| acute_trust_name(code).is_some(),
    judged: "acute trusts that send other hospital records",
};

/// A table that some providers have never sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeverSent {
    /// The table; `reference_practices` of whoever sends none at all.
    pub table: &'static str,
    /// Who has not, by code.
    pub providers: Vec<String>,
    /// How many should have.
    n_judged: usize,
    judged: &'static str,
}

impl NeverSent {
    /// One finding for all of them: at the start of a service there may be many.
    pub fn finding(&self) -> Finding {
        let names: Vec<&str> = self.providers.iter().map(String::as_str).collect();
        let have = if names.len() == 1 { "has" } else { "have" };
        let (n, of, judged) = (names.len(), self.n_judged, self.judged);
        Finding {
            rule: RULE,
            action: Action::Warn,
            table: self.table.to_owned(),
            provider: None,
            message: format!("{n} of {of} {judged} {have} never sent a sound row: {}", listed(&names)),
        }
    }

    /// The same for the lines that it concerns.
    pub fn late(&self) -> impl Iterator<Item = Late> {
        // Without registrations nobody is a practice's patient, and no line is about it.
        let is_on_lines = !matches!(self.table, "registrations" | "reference_practices");
        let providers = self.providers.iter().filter(move |_| is_on_lines);
        providers.map(|provider| Late { table: self.table, provider: provider.clone(), newest: None })
    }
}

impl Ledger {
    /// Notes what a delivery brought of practices and acute trusts.
    pub fn note_brought<'a>(&mut self, feeds: impl Iterator<Item = &'a FeedProfile>) {
        let Some(brought) = &mut self.brought else { return };
        for feed in feeds {
            let Some(kind) = [PRACTICES, TRUSTS].into_iter().find(|kind| kind.tables.contains(&feed.table.as_str()))
            else {
                continue;
            };
            let of_table = brought.entry(feed.table.clone()).or_default();
            for (name, counts) in &feed.organisations {
                // Rows that name nobody count for whoever collected them.
                let is_nameless = kind.tables == PRACTICES.tables && *name == feed.supplier;
                let whose = match (kind.includes)(name) {
                    true => name.as_str(),
                    false if is_nameless => NAMELESS,
                    false => continue,
                };
                let most = of_table.entry(whose.to_owned()).or_default();
                *most = (*most).max(counts.rows);
            }
        }
    }

    /// Counts anew what was settled before this was kept, where every delivery has a profile. Else nothing is said.
    pub fn recount_brought(&mut self, profiles: &[Profile]) {
        if profiles.len() == self.deliveries.len() {
            self.brought = Some(Brought::new());
            self.note_brought(profiles.iter().flat_map(|profile| &profile.feeds));
        }
    }
}

impl History {
    /// What practices that share and acute trusts have never sent, table by table. What was sent and refused, or not read, is
    /// told as such.
    pub fn never_sent(&self, rules: &Rules) -> Vec<NeverSent> {
        let Some(brought) = &self.ledger.brought else { return Vec::new() };
        let sharing = self.reference.practices.iter().filter(|(_, row)| row.shares);
        let sharing = sharing.map(|(code, _)| code.as_str()).collect();
        let refused = self.ledger.gaps.iter().map(|gap| (gap.table.as_str(), gap.provider.as_str()));
        let unread = self.ledger.part_read.iter().map(|one| (one.table.as_str(), one.provider.as_str()));
        never_sent(brought, &sharing, &refused.chain(unread).collect(), rules)
    }
}

/// `told` are tables of providers of which something else is said.
fn never_sent(
    brought: &Brought,
    sharing: &BTreeSet<&str>,
    told: &BTreeSet<(&str, &str)>,
    rules: &Rules,
) -> Vec<NeverSent> {
    let rows = |table: &str, provider: &str| brought.get(table).and_then(|of| of.get(provider)).copied().unwrap_or(0);
    let has_none = |table: &str, provider: &str| rows(table, provider) == 0 && !told.contains(&(table, provider));
    let trusts: BTreeSet<&str> = TRUSTS
        .tables
        .iter()
        .filter_map(|table| brought.get(*table))
        .flat_map(|of| of.keys().map(String::as_str))
        .collect();
    let mut found = Vec::new();
    for (kind, providers) in [(PRACTICES, sharing), (TRUSTS, &trusts)] {
        for &table in kind.tables {
            // What nobody sends is a missing feed; and where most rows name nobody, they may be anybody's.
            let named: u64 = providers.iter().map(|provider| rows(table, provider)).sum();
            if named == 0 || rows(table, NAMELESS) > named {
                continue;
            }
            let enough = |other: &&&str| **other != table;
            let is_judged = |provider: &&&str| {
                let mut others = kind.tables.iter().filter(enough);
                others.any(|other| rows(other, provider) as f64 >= least(table, other, rules))
            };
            let judged: Vec<&str> = providers.iter().filter(is_judged).copied().collect();
            let without = judged.iter().filter(|provider| has_none(table, provider));
            let providers = without.map(|provider| (*provider).to_owned()).collect();
            found.push(NeverSent { table, providers, n_judged: judged.len(), judged: kind.judged });
        }
    }
    let people = sharing.iter().map(|practice| rows("registrations", practice)).filter(|n| *n > 0);
    // Where practices are that small, one of them may have nobody.
    if median(people.map(|n| n as f64).collect()) >= rules.limit(RULE, "registrations_min") {
        let sends_none = |provider: &&&str| PRACTICES.tables.iter().all(|table| has_none(table, provider));
        let providers = sharing.iter().filter(sends_none).map(|provider| (*provider).to_owned()).collect();
        let judged = "practices that share their records";
        found.push(NeverSent { table: "reference_practices", providers, n_judged: sharing.len(), judged });
    }
    found.retain(|one| !one.providers.is_empty());
    found
}

/// So many rows of another table show that a provider's rows of a table are missing, and that not nothing happened.
fn least(table: &str, other: &str, rules: &Rules) -> f64 {
    let name = match (table, other) {
        ("inpatients_now", _) => "inpatients_now_rows_min",
        (_, "registrations") => "registrations_min",
        _ => "rows_min",
    };
    rules.limit(RULE, name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quality::profile::Counts;

    /// "registrations F1 20" for each table and provider.
    fn told(brought: &str, sharing: &[&str], other: &[(&str, &str)]) -> Vec<String> {
        let mut counts = Brought::new();
        for line in brought.split(", ") {
            let [table, provider, n] = line.split(' ').collect::<Vec<_>>().try_into().unwrap();
            counts.entry(table.to_owned()).or_default().insert(provider.to_owned(), n.parse().unwrap());
        }
        let found = never_sent(
            &counts,
            &sharing.iter().copied().collect(),
            &other.iter().copied().collect(),
            &Rules::default(),
        );
        found.iter().map(|one| one.finding().text()).collect()
    }

    const TWO: &str = "registrations F84001 20, registrations F84002 4000, gp_events F84001 9, gp_events F84002 900, \
                       gp_prescriptions F84002 500";

    #[test]
    fn a_practice_that_sends_registrations_and_no_prescriptions_is_named_and_one_with_few_people_is_not() {
        let lacks = "gp_prescriptions, rule ABSENT: 1 of 2 practices that send other GP records has never sent a sound \
                     row: F84001";
        assert_eq!(told(TWO, &["F84001", "F84002"], &[]), [lacks]);
        let few = TWO.replace("F84001 20", "F84001 19");
        assert_eq!(told(&few, &["F84001", "F84002"], &[]), [""; 0], "nineteen people may need no medicine");
        assert_eq!(told(TWO, &["F84002"], &[]), [""; 0], "of a practice that does not share nothing is expected");
        let refused = [("gp_prescriptions", "F84001")];
        assert_eq!(told(TWO, &["F84001", "F84002"], &refused), [""; 0], "what was refused is told as such");
    }

    #[test]
    fn entries_and_no_registrations_are_as_odd() {
        let without = TWO.replace("registrations F84002 4000, ", "");
        let lacks = "registrations, rule ABSENT: 1 of 1 practices that send other GP records has never sent a sound row: \
                     F84002";
        assert_eq!(told(&without, &["F84001", "F84002"], &[])[0], lacks);
        let few = without.replace("900", "199").replace("500", "199");
        assert!(!told(&few, &["F84001", "F84002"], &[]).iter().any(|one| one.starts_with("registrations")));
    }

    #[test]
    fn what_nobody_sends_is_a_missing_feed_and_no_practices_fault() {
        assert_eq!(told("registrations F84001 4000, gp_events F84001 90000", &["F84001"], &[]), [""; 0]);
    }

    #[test]
    fn where_most_rows_name_no_practice_they_may_be_anybodys() {
        let mixed = |nameless: &str| told(&format!("{TWO}, gp_prescriptions  {nameless}"), &["F84001", "F84002"], &[]);
        assert_eq!(mixed("501"), [""; 0]);
        assert_eq!(mixed("500").len(), 1);
    }

    #[test]
    fn practices_that_share_and_send_nothing_are_named_once_and_many_in_short() {
        let sharing = ["F84001", "F84002", "F84003", "F84004", "F84005", "F84006"];
        let all = TWO.to_owned() + ", gp_prescriptions F84001 3";
        assert_eq!(
            told(&all, &sharing, &[]),
            [
                "reference_practices, rule ABSENT: 4 of 6 practices that share their records have never sent a sound row: \
              F84003, F84004, F84005 and 1 more"
            ]
        );
    }

    #[test]
    fn of_acute_trusts_stays_and_attendances_are_expected_and_beds_of_large_ones() {
        let two = "apc_episodes R1H 19999, apc_episodes RF4 900, ed_attendances R1H 5000, inpatients_now R1H 30";
        assert_eq!(
            told(two, &[], &[]),
            [
                "ed_attendances, rule ABSENT: 1 of 2 acute trusts that send other hospital records has never sent a sound \
              row: RF4"
            ]
        );
        let large = two.replace("RF4 900", "RF4 20000");
        let beds = "inpatients_now, rule ABSENT: 1 of 1 acute trusts that send other hospital records has never sent a \
                    sound row: RF4";
        assert_eq!(told(&large, &[], &[])[1], beds);
        let few = two.replace("RF4 900", "RF4 199");
        assert_eq!(told(&few, &[], &[]), [""; 0]);
    }

    #[test]
    fn what_is_counted_is_of_practices_and_acute_trusts_and_the_most_of_one_delivery() {
        let feed = |table: &str, rows: &[(&str, u64)]| FeedProfile {
            table: table.to_owned(),
            supplier: "QMF".to_owned(),
            organisations: rows
                .iter()
                .map(|(name, rows)| ((*name).to_owned(), Counts { rows: *rows, ..Counts::default() }))
                .collect(),
            ..FeedProfile::default()
        };
        let mut ledger = Ledger::default();
        ledger.note_brought(
            [feed("gp_events", &[("F84001", 9), ("QMF", 8), ("X", 7)]), feed("deaths", &[("F84001", 9)])].iter(),
        );
        ledger.note_brought(
            [feed("gp_events", &[("F84001", 4)]), feed("apc_episodes", &[("RRV", 7), ("R1H", 7)])].iter(),
        );
        let counted = ledger.brought.unwrap();
        assert_eq!(counted["gp_events"], BTreeMap::from([(NAMELESS.to_owned(), 8), ("F84001".to_owned(), 9)]));
        assert_eq!(
            counted["apc_episodes"],
            BTreeMap::from([("R1H".to_owned(), 7)]),
            "a trust outside the area sends elsewhere"
        );
        assert_eq!(counted.len(), 2);
    }
}
