//! What a practice or an acute trust has never sent, or as additions alone, though others of its kind do: of whoever is
//! theirs it would look as if nothing had ever happened. Every night says so, and their lines do.

use std::collections::{BTreeMap, BTreeSet};

use earlycall_schemas::{codelists::acute_trust_name, codes::is_practice, rules::Action};

use crate::{
    history::{History, ledger::Ledger},
    quality::{
        finding::{Finding, listed},
        profile::{FeedProfile, Profile},
        recent::{Late, Newest, median},
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

/// What is missing of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lack {
    /// Every row.
    All,
    /// What was before the additions that have come.
    Past,
}

/// A table that some providers have never sent, or of which they have sent additions alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeverSent {
    /// The table; `reference_practices` of whoever sends none at all.
    pub table: &'static str,
    /// Who has not, by code.
    pub providers: Vec<String>,
    lack: Lack,
    /// How many should have.
    n_judged: usize,
    judged: &'static str,
}

impl NeverSent {
    /// One finding for all of them: at the start of a service there may be many.
    pub fn finding(&self) -> Finding {
        let names: Vec<&str> = self.providers.iter().map(String::as_str).collect();
        let have = if names.len() == 1 { "has" } else { "have" };
        let (n, of, judged, lack) = (names.len(), self.n_judged, self.judged, self.lack.in_words());
        self.saying(None, format!("{n} of {of} {judged} {have} {lack}: {}", listed(&names)))
    }

    /// A finding for each of them that somebody answers for, who is told by name, and one for all others.
    pub fn findings(mut self, is_answered_for: impl Fn(&Finding) -> bool) -> Vec<Finding> {
        let each = |provider: &String| self.saying(Some(provider.clone()), format!("has {}", self.lack.in_words()));
        let mut found: Vec<Finding> = self.providers.iter().map(each).filter(is_answered_for).collect();
        self.providers.retain(|provider| found.iter().all(|one| one.provider.as_ref() != Some(provider)));
        if !self.providers.is_empty() {
            found.push(self.finding());
        }
        found
    }

    fn saying(&self, provider: Option<String>, message: String) -> Finding {
        Finding { rule: RULE, action: Action::Warn, table: self.table.to_owned(), provider, message }
    }

    /// The same for the lines that it concerns.
    pub fn late(&self) -> impl Iterator<Item = Late> {
        let newest = match self.lack {
            Lack::All => Newest::Never,
            Lack::Past => Newest::PastNever,
        };
        let providers = self.providers.iter().filter(|_| is_on_lines(self.table));
        providers.map(move |provider| Late { table: self.table, provider: provider.clone(), newest })
    }
}

impl Lack {
    fn in_words(self) -> &'static str {
        match self {
            Lack::All => "never sent a sound row",
            Lack::Past => "sent additions alone, and what was before is not known",
        }
    }
}

/// Whether a line can be about a table that was never sent: without registrations nobody is a practice's patient.
pub fn is_on_lines(table: &str) -> bool {
    !matches!(table, "registrations" | "reference_practices")
}

impl Ledger {
    /// Notes what a delivery brought of practices and acute trusts: feeds, and whether what was before came with each, for it
    /// is full or a history.
    pub fn note_brought<'a>(&mut self, feeds: impl Iterator<Item = (&'a FeedProfile, bool)>) {
        let Some(brought) = &mut self.brought else { return };
        for (feed, has_past) in feeds {
            note(brought, feed);
            if let Some(founded) = self.founded.as_mut().filter(|_| has_past) {
                note(founded, feed);
            }
        }
    }

    /// Counts anew what was settled before this was kept, where every delivery has a profile. Else nothing is said.
    pub fn recount_brought(&mut self, profiles: &[Profile]) {
        if profiles.len() == self.deliveries.len() {
            self.brought = Some(Brought::new());
            self.note_brought(profiles.iter().flat_map(|profile| &profile.feeds).map(|feed| (feed, false)));
        }
    }

    /// Takes it that the past of everything came that was settled before this was kept, for a profile does not tell.
    pub fn trust_the_past(&mut self) {
        if self.founded.is_none() {
            self.founded.clone_from(&self.brought);
        }
    }
}

/// Notes the rows of a feed, where they are more than before.
fn note(brought: &mut Brought, feed: &FeedProfile) {
    let Some(kind) = [PRACTICES, TRUSTS].into_iter().find(|kind| kind.tables.contains(&feed.table.as_str())) else {
        return;
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

impl History {
    /// What practices that share and acute trusts have never sent, or as additions alone, table by table. What was sent and
    /// refused, or not read, is told as such.
    pub fn never_sent(&self, rules: &Rules) -> Vec<NeverSent> {
        let Some(brought) = &self.ledger.brought else { return Vec::new() };
        let sharing = self.reference.practices.iter().filter(|(_, row)| row.shares);
        let sharing = sharing.map(|(code, _)| code.as_str()).collect();
        let refused = self.ledger.gaps.iter().map(|gap| (gap.table.as_str(), gap.provider.as_str()));
        let unread = self.ledger.part_read.iter().map(|one| (one.table.as_str(), one.provider.as_str()));
        let sent = Sent { brought, founded: self.ledger.founded.as_ref().unwrap_or(brought) };
        never_sent(&sent, &sharing, &refused.chain(unread).collect(), rules)
    }
}

/// What has come.
struct Sent<'a> {
    /// In any delivery.
    brought: &'a Brought,
    /// In one that was full or a history.
    founded: &'a Brought,
}

fn rows(of: &Brought, table: &str, provider: &str) -> u64 {
    of.get(table).and_then(|of| of.get(provider)).copied().unwrap_or(0)
}

/// `told` are tables of providers of which something else is said.
fn never_sent(sent: &Sent, sharing: &BTreeSet<&str>, told: &BTreeSet<(&str, &str)>, rules: &Rules) -> Vec<NeverSent> {
    let is_untold = |table: &str, provider: &str| !told.contains(&(table, provider));
    let has_none = |table: &str, provider: &str| rows(sent.brought, table, provider) == 0 && is_untold(table, provider);
    let has_no_past = |table: &str, provider: &str| {
        let has_some = rows(sent.brought, table, provider) > 0 && is_untold(table, provider);
        has_some && rows(sent.founded, table, provider) == 0
    };
    let trusts: BTreeSet<&str> = TRUSTS
        .tables
        .iter()
        .filter_map(|table| sent.brought.get(*table))
        .flat_map(|of| of.keys().map(String::as_str))
        .collect();
    let mut found = Vec::new();
    for (kind, providers) in [(PRACTICES, sharing), (TRUSTS, &trusts)] {
        for &table in kind.tables {
            let lacking = |lack, by: &Brought, lacks: &dyn Fn(&str, &str) -> bool| {
                let judged = judged(&kind, table, providers, by, rules)?;
                let without = judged.iter().filter(|provider| lacks(table, provider));
                let providers = without.map(|provider| (*provider).to_owned()).collect();
                Some(NeverSent { table, providers, lack, n_judged: judged.len(), judged: kind.judged })
            };
            found.extend(lacking(Lack::All, sent.brought, &has_none));
            // Beds are counted anew every day. And who sends additions alone of all that they send means to: that is said
            // once, of the delivery with which they begin.
            if table != "inpatients_now" {
                found.extend(lacking(Lack::Past, sent.founded, &has_no_past));
            }
        }
    }
    let people = sharing.iter().map(|practice| rows(sent.brought, "registrations", practice)).filter(|n| *n > 0);
    // Where practices are that small, one of them may have nobody.
    if median(people.map(|n| n as f64).collect()) >= rules.limit(RULE, "registrations_min") {
        let sends_none = |provider: &&&str| PRACTICES.tables.iter().all(|table| has_none(table, provider));
        let providers = sharing.iter().filter(sends_none).map(|provider| (*provider).to_owned()).collect();
        let (lack, judged) = (Lack::All, "practices that share their records");
        found.push(NeverSent { table: "reference_practices", providers, lack, n_judged: sharing.len(), judged });
    }
    found.retain(|one| !one.providers.is_empty());
    found
}

/// Of whom a table is expected, by what else they have sent; none where nobody has sent it, which is a missing feed, and
/// where most rows name nobody, for they may be anybody's.
fn judged<'a>(
    kind: &Kind,
    table: &str,
    providers: &BTreeSet<&'a str>,
    by: &Brought,
    rules: &Rules,
) -> Option<Vec<&'a str>> {
    let named: u64 = providers.iter().map(|provider| rows(by, table, provider)).sum();
    if named == 0 || rows(by, table, NAMELESS) > named {
        return None;
    }
    let is_judged = |provider: &&&str| {
        let mut others = kind.tables.iter().filter(|other| **other != table);
        others.any(|other| rows(by, other, provider) as f64 >= least(table, other, rules))
    };
    Some(providers.iter().filter(is_judged).copied().collect())
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
    fn counts(of: &str) -> Brought {
        let mut counts = Brought::new();
        for line in of.split(", ") {
            let [table, provider, n] = line.split(' ').collect::<Vec<_>>().try_into().unwrap();
            counts.entry(table.to_owned()).or_default().insert(provider.to_owned(), n.parse().unwrap());
        }
        counts
    }

    /// What is said where the past of everything came with it.
    fn told(brought: &str, sharing: &[&str], other: &[(&str, &str)]) -> Vec<String> {
        told_where(brought, brought, sharing, other)
    }

    fn told_where(brought: &str, founded: &str, sharing: &[&str], other: &[(&str, &str)]) -> Vec<String> {
        let (brought, founded) = (counts(brought), counts(founded));
        let found = never_sent(
            &Sent { brought: &brought, founded: &founded },
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
    fn additions_to_what_never_came_are_no_past_and_who_sends_additions_alone_of_everything_means_to() {
        let (sharing, added) = (["F84001", "F84002"], format!("{TWO}, gp_prescriptions F84001 7"));
        let lacks = "gp_prescriptions, rule ABSENT: 1 of 2 practices that send other GP records has sent additions alone, \
                     and what was before is not known: F84001";
        assert_eq!(told_where(&added, TWO, &sharing, &[]), [lacks]);
        assert_eq!(told_where(&added, TWO, &sharing, &[("gp_prescriptions", "F84001")]), [""; 0], "told as refused");
        assert_eq!(told_where(&added, TWO, &["F84002"], &[]), [""; 0], "it does not share");
        let second = "registrations F84002 4000, gp_events F84002 900, gp_prescriptions F84002 500";
        assert_eq!(
            told_where(&added, second, &sharing, &[]),
            [""; 0],
            "the first sends additions alone of every table"
        );
        let without = TWO.replace(", gp_prescriptions F84002 500", "");
        assert_eq!(told_where(&added, &without, &sharing, &[]), [""; 0], "nobody sends prescriptions in full");
    }

    #[test]
    fn whoever_is_answered_for_is_told_by_name_and_the_others_together() {
        let sharing = ["F84001", "F84002", "F84003", "F84004"];
        let (sent, sharing) = (counts(TWO), sharing.into_iter().collect());
        let sent = Sent { brought: &sent, founded: &sent };
        let found = never_sent(&sent, &sharing, &BTreeSet::new(), &Rules::default()).pop().unwrap();
        let findings = found.findings(|one| one.provider.as_deref() == Some("F84004"));
        assert_eq!(
            findings.iter().map(Finding::text).collect::<Vec<_>>(),
            [
                "reference_practices of F84004, rule ABSENT: has never sent a sound row",
                "reference_practices, rule ABSENT: 1 of 4 practices that share their records has never sent a sound row: \
                 F84003",
            ]
        );
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
            [feed("gp_events", &[("F84001", 9), ("QMF", 8), ("X", 7)]), feed("deaths", &[("F84001", 9)])]
                .iter()
                .map(|feed| (feed, true)),
        );
        ledger.note_brought(
            [feed("gp_events", &[("F84001", 4), ("F84002", 3)]), feed("apc_episodes", &[("RRV", 7), ("R1H", 7)])]
                .iter()
                .map(|feed| (feed, false)),
        );
        let counted = ledger.brought.unwrap();
        assert_eq!(
            counted["gp_events"],
            BTreeMap::from([(NAMELESS.to_owned(), 8), ("F84001".to_owned(), 9), ("F84002".to_owned(), 3)])
        );
        assert_eq!(
            counted["apc_episodes"],
            BTreeMap::from([("R1H".to_owned(), 7)]),
            "a trust outside the area sends elsewhere"
        );
        assert_eq!(counted.len(), 2);
        let of_full = BTreeMap::from([(NAMELESS.to_owned(), 8), ("F84001".to_owned(), 9)]);
        assert_eq!(ledger.founded.unwrap(), BTreeMap::from([("gp_events".to_owned(), of_full)]));
    }
}
