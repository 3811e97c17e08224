//! A check on a screen: what has arrived, what is wrong with it, where to look first, and whether a night can start.

use std::collections::BTreeMap;

use earlycall_schemas::rules::rules;

use super::{
    checked::Checked,
    dialects,
    firsts::First,
    refused_feeds::{Breach, Cell, RefusedFeed},
    registers::Registers,
};
use crate::{
    day::Day,
    quality::{
        finding,
        report::DeliveryQuality,
        set_aside,
        tally::{Rule, Tally},
    },
};

/// Lines of one kind; how many more there are is said.
const LINES_MAX: usize = 5;
/// Refused feeds, and what is told of each; the page has all.
const FEEDS_MAX: usize = 3;
const BREACHES_MAX: usize = 2;

/// The summary: some forty lines at most, however much has arrived. `report` is where the page with pictures lies.
pub(super) fn text(checked: &Checked, report: &str) -> String {
    let mut lines = vec![format!("settings: {}", checked.settings), arrived(checked)];
    lines.extend(checked.ahead.as_ref().map(|ahead| seen_from(ahead.index_date)));
    lines.extend(checked.ahead.as_ref().and_then(|ahead| ahead.of_its_evening.clone()));
    some_of(checked.warnings.iter().map(|warning| format!("warning: {warning}")), &mut lines);
    let sum = tables(&checked.new, &mut lines);
    for (kind, counts) in
        [("rows rejected", &sum.rejected), ("cells repaired", &sum.repaired), ("odd cells kept", &sum.warned)]
    {
        lines.extend(by_rule(kind, counts));
    }
    lines.push(by_night_alone());
    some_of(checked.firsts.iter().map(first), &mut lines);
    let of_new = |of: fn(&DeliveryQuality) -> Vec<String>| checked.new.iter().flat_map(of).collect::<Vec<_>>();
    some_of(of_new(refused).into_iter(), &mut lines);
    refused_feeds(&checked.refused_feeds, &mut lines);
    let beside = finding::lines(&checked.odd);
    some_of(of_new(warned).into_iter().chain(beside), &mut lines);
    lines.extend(checked.overrides.iter().cloned());
    lines.extend(set_aside::lines(&checked.set_aside).into_iter().map(|line| format!("let pass: {line}")));
    if let Some(ahead) = checked.ahead.as_ref().filter(|ahead| !ahead.missing.is_empty() && checked.refusals.is_empty())
    {
        let (date, missing) = (ahead.index_date.in_words(), ahead.missing_in_words());
        lines.push(format!("missing feeds on {date}, which a model does without that was trained so: {missing}"));
    }
    lines.extend(dialects::text(&checked.dialects).lines().map(str::to_owned));
    lines.extend(checked.ahead.iter().flat_map(|ahead| registers(&ahead.registers)));
    lines.push(format!("pictures and every provider: {report}"));
    if checked.refusals.is_empty() {
        lines.push(match &checked.in_the_way {
            None => "accepted: a night can start from these extracts".to_owned(),
            Some(why) => format!("accepted: these extracts can be used, but {why}"),
        });
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn arrived(checked: &Checked) -> String {
    let new: Vec<&str> = checked.new.iter().map(|delivery| delivery.extract_id.as_str()).collect();
    let settled = match checked.ahead.as_ref().map(|ahead| ahead.n_settled) {
        None | Some(0) => String::new(),
        Some(1) => "; 1 is settled already".to_owned(),
        Some(n) => format!("; {n} are settled already"),
    };
    match new.as_slice() {
        [] => format!("deliveries: none is new{settled}"),
        [only] => format!("deliveries: {only} is new{settled}"),
        [first, .., last] => format!("deliveries: {} are new, {first} to {last}{settled}", new.len()),
    }
}

fn seen_from(index_date: Day) -> String {
    format!("as the night of {} would see it; --index-date names another", index_date.in_words())
}

/// A line per table over all new deliveries, and their sum.
fn tables(new: &[DeliveryQuality], lines: &mut Vec<String>) -> Tally {
    let mut by_table: BTreeMap<usize, (&str, Tally)> = BTreeMap::new();
    let place = |name: &str| earlycall_schemas::table::tables().iter().position(|table| table.name == name);
    for table in new.iter().flat_map(|delivery| &delivery.tables) {
        let at = place(table.table).expect("a table of the contract");
        by_table.entry(at).or_insert((table.table, Tally::default())).1.add(&table.tally);
    }
    let mut sum = Tally::default();
    if !by_table.is_empty() {
        lines.push(row("table", ["read", "accepted", "rejected", "repaired"].map(str::to_owned)));
    }
    for (table, tally) in by_table.values() {
        let counts = [tally.read, tally.accepted, tally.rejected_rows(), tally.repaired.values().sum()];
        lines.push(row(table, counts.map(thousands)));
        sum.add(tally);
    }
    sum
}

fn row(table: &str, counts: [String; 4]) -> String {
    let [read, accepted, rejected, repaired] = counts;
    format!("  {table:<20}{read:>14}{accepted:>14}{rejected:>12}{repaired:>12}")
}

fn by_rule(kind: &str, counts: &BTreeMap<Rule, u64>) -> Option<String> {
    let told: Vec<String> = counts.iter().map(|(rule, n)| format!("{rule} {}", thousands(*n))).collect();
    (!told.is_empty()).then(|| format!("{kind}, by rule: {}; `earlycall explain rule ID` tells more", told.join(", ")))
}

/// What is not listed because `check` does not look at it, or not at all of it, lest somebody believe that it is well.
pub(super) fn by_night_alone() -> String {
    let alone = rules().iter().filter(|rule| rule.by_night_alone);
    let ids: Vec<String> = alone
        .map(|rule| match &rule.check_tells {
            Some(_) => format!("{} (in part)", rule.id),
            None => rule.id.clone(),
        })
        .collect();
    format!("rules that a night alone looks at: {}", ids.join(", "))
}

fn first(first: &First) -> String {
    let First { table, rule, what, n, file, row, column, .. } = first;
    format!("  {table}: {} {what} by {rule}, the first in {file}, row {row}, column {column}", thousands(*n))
}

fn refused(delivery: &DeliveryQuality) -> Vec<String> {
    delivery.refused.iter().map(|why| format!("refused: {why}")).collect()
}

fn warned(delivery: &DeliveryQuality) -> Vec<String> {
    finding::lines(&delivery.warned)
}

/// What the rules found in feeds of which nothing is used: a line for each, and for whatever most of its rows break.
fn refused_feeds(feeds: &[RefusedFeed], lines: &mut Vec<String>) {
    if !feeds.is_empty() {
        lines.push("in refused feeds, as far as they were read; none of their rows is used:".to_owned());
    }
    for feed in feeds.iter().take(FEEDS_MAX) {
        lines.push(format!("  {}", feed.in_words()));
        lines.extend(feed.breaches.iter().take(BREACHES_MAX).map(|found| format!("    {}", breach(found))));
        let more = feed.breaches.len().saturating_sub(BREACHES_MAX);
        lines.extend((more > 0).then(|| format!("    and {more} more like these, on the page")));
    }
    let more = feeds.len().saturating_sub(FEEDS_MAX);
    lines.extend((more > 0).then(|| format!("  and {more} more feeds, on the page")));
}

fn breach(Breach { file, rule, what, n, first_rows }: &Breach) -> String {
    let first = first_rows.first().map(|Cell { row, column }| format!(", the first in row {row}, column {column}"));
    format!("{file}: {} {what} by {rule}{}", thousands(*n), first.unwrap_or_default())
}

/// Takes the first few of some lines, and says how many more there are.
fn some_of(mut all: impl Iterator<Item = String>, lines: &mut Vec<String>) {
    lines.extend(all.by_ref().take(LINES_MAX));
    let more = all.count();
    lines.extend((more > 0).then(|| format!("  and {more} more like these, on the page")));
}

/// A line about all registers, and one for each that is far from what is expected.
fn registers(registers: &Registers) -> Vec<String> {
    let far: Vec<_> = registers.registers.iter().filter(|register| register.is_far).collect();
    let (n, of) = (registers.registers.len() - far.len(), registers.registers.len());
    let date = registers.index_date.in_words();
    let mut lines =
        vec![format!("registers on {date}: {n} of {of} are as large as people of these ages have in England")];
    let told = far.into_iter().map(|register| {
        let (found, expected) = (thousands(register.found), thousands(register.expected));
        format!("  {}: {found} found, {expected} expected: look at its code list and at gp_events", register.condition)
    });
    some_of(told, &mut lines);
    lines
}

/// "12,345".
pub(super) fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|group| str::from_utf8(group).expect("digits")).collect();
    groups.join(",")
}

#[cfg(test)]
pub(super) mod tests {
    use super::{
        super::checked::{Ahead, Missing},
        *,
    };
    use crate::{
        error::Error,
        quality::report::{FileQuality, TableQuality},
    };

    pub fn checked(new: Vec<DeliveryQuality>) -> Checked {
        Checked {
            settings: "research profile".to_owned(),
            rules: Default::default(),
            new,
            profiles: Vec::new(),
            firsts: Vec::new(),
            refused_feeds: Vec::new(),
            refusals: Vec::new(),
            odd: Vec::new(),
            held: None,
            overrides: Vec::new(),
            set_aside: Vec::new(),
            warnings: Vec::new(),
            dialects: Vec::new(),
            in_the_way: None,
            ahead: Some(Ahead {
                index_date: Day::parse("2026-11-20").unwrap(),
                of_its_evening: None,
                n_settled: 1,
                missing: vec![
                    Missing { table: "ed_attendances", why: None },
                    Missing { table: "inpatients_now", why: Some("no beds were counted".to_owned()) },
                ],
                registers: Registers {
                    index_date: Day::parse("2026-11-20").unwrap(),
                    n_people: 0,
                    registers: Vec::new(),
                },
            }),
        }
    }

    pub fn deaths(extract_id: &str, read: u64, rejected: &[(Rule, u64)]) -> DeliveryQuality {
        let tally = Tally {
            read,
            accepted: read - rejected.iter().map(|(_, n)| n).sum::<u64>(),
            rejected: rejected.iter().copied().collect(),
            repaired: BTreeMap::from([("V18", 3)]),
            ..Tally::default()
        };
        let provider = "R1H".to_owned();
        let table = TableQuality { table: "deaths", provider, tally, files: Vec::new(), kept: Vec::new() };
        let (extract_id, folder) = (extract_id.to_owned(), extract_id.to_owned());
        DeliveryQuality {
            extract_id,
            folder,
            tables: vec![table],
            warned: Vec::new(),
            refused: Vec::new(),
            incidents: Vec::new(),
        }
    }

    #[test]
    fn deliveries_are_summed_table_by_table_and_rule_by_rule() {
        let new = vec![deaths("monday", 1_200, &[("V09", 2)]), deaths("tuesday", 34, &[("NULL", 1), ("V09", 1)])];
        assert_eq!(
            text(&checked(new), "out/check.html"),
            "settings: research profile\n\
             deliveries: 2 are new, monday to tuesday; 1 is settled already\n\
             as the night of 20 November 2026 would see it; --index-date names another\n  \
             table                         read      accepted    rejected    repaired\n  \
             deaths                       1,234         1,230           4           6\n\
             rows rejected, by rule: NULL 1, V09 3; `earlycall explain rule ID` tells more\n\
             cells repaired, by rule: V18 6; `earlycall explain rule ID` tells more\n\
             rules that a night alone looks at: V11, V13, V14, V29, V30, COHORT (in part), SHARE\n\
             missing feeds on 20 November 2026, which a model does without that was trained so: ed_attendances, \
             inpatients_now (no beds were counted)\n\
             registers on 20 November 2026: 0 of 0 are as large as people of these ages have in England\n\
             pictures and every provider: out/check.html\n\
             accepted: a night can start from these extracts\n"
        );
    }

    #[test]
    fn where_a_night_stands_in_the_way_the_summary_says_so_and_what_to_do() {
        let in_the_way = Some("night 2026-11-20.1 stands already; `--index-date 2026-11-21` makes the next".to_owned());
        let text = text(&Checked { in_the_way, ..checked(Vec::new()) }, "out/check.html");
        let last = "accepted: these extracts can be used, but night 2026-11-20.1 stands already; `--index-date 2026-11-21` \
                    makes the next\n";
        assert!(text.ends_with(last), "{text}");
    }

    #[test]
    fn however_much_is_wrong_the_summary_fits_a_screen() {
        let mut worst = deaths("monday", 10, &[]);
        worst.refused = (0..300).map(|n| format!("{n}.csv, rule V01: why")).collect();
        let refusals = vec![Error::refused("why", "what to do")];
        let text = text(&Checked { refusals, ..checked(vec![worst]) }, "out/check.html");
        assert!(text.contains("\nrefused: 4.csv, rule V01: why\n  and 295 more like these, on the page\n"), "{text}");
        assert!(!text.contains("accepted: "), "a night cannot start");
        assert!(text.lines().count() <= 40, "{text}");
    }

    fn refused_feed(table: &'static str, found: &[(Rule, u64)]) -> RefusedFeed {
        let tally = Tally { read: 1_200, rejected: found.iter().copied().collect(), ..Tally::default() };
        let breaches = found.iter().map(|(rule, n)| Breach {
            file: format!("monday/{table}.csv"),
            rule,
            what: "rejected",
            n: *n,
            first_rows: vec![Cell { row: 7, column: "event_date" }, Cell { row: 9, column: "event_id" }],
        });
        RefusedFeed {
            table,
            provider: "F84001".to_owned(),
            delivery: "monday".to_owned(),
            breaches: breaches.collect(),
            files: vec![FileQuality { file: format!("{table}.csv"), tally, lost: Vec::new() }],
        }
    }

    #[test]
    fn of_a_refused_feed_the_rules_that_most_of_its_rows_break_are_told_with_the_first_row() {
        let mut lines = Vec::new();
        let feeds = ["gp_events", "gp_prescriptions"].map(|table| match table {
            "gp_events" => refused_feed(table, &[("TYPE", 1_000), ("V09", 20), ("NULL", 3), ("CODE", 1)]),
            _ => refused_feed(table, &[]),
        });
        refused_feeds(&feeds, &mut lines);
        assert_eq!(
            lines,
            [
                "in refused feeds, as far as they were read; none of their rows is used:",
                "  gp_events of F84001: 1,200 rows read, 1,024 rejected",
                "    monday/gp_events.csv: 1,000 rejected by TYPE, the first in row 7, column event_date",
                "    monday/gp_events.csv: 20 rejected by V09, the first in row 7, column event_date",
                "    and 2 more like these, on the page",
                "  gp_prescriptions of F84001: 1,200 rows read, none rejected",
            ]
        );
        let mut lines = Vec::new();
        refused_feeds(
            &[(); 300].map(|()| refused_feed("gp_events", &[("TYPE", 1), ("V09", 1), ("NULL", 1)])),
            &mut lines,
        );
        assert_eq!((lines.len(), lines.last().unwrap().as_str()), (14, "  and 297 more feeds, on the page"));
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(thousands), ["0", "999", "1,000", "1,234,567"]);
    }
}
