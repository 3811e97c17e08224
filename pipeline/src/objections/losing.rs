//! Lists of objections that lose people in a delivery which adds (OPTOUTS). Whoever objected before is safe, for nothing of
//! what stands is taken back; whoever objects now may not be known.
//!
//! A supplier that sends its whole list every night is told from one that sends changes by what it sent before: a whole list
//! names again whom the list before it named, changes name somebody else. [`judge`] is a function of the profiles of
//! deliveries and the settings, and of nothing else. It obeys the newest delivery, whatever night is run.

use std::collections::BTreeSet;

use earlycall_schemas::rules::Action;

use super::{
    Kind,
    sent::{Named, SentLists},
};
use crate::{
    day::Day,
    quality::{finding::Finding, profile::Profile, recent::median, tally::Rule},
    settings::Settings,
};

const RULE: Rule = "OPTOUTS";

/// A list is whole if it names so much of the one before it again: people take objections back, and leave the area.
const NEARLY_ALL: f64 = 0.9;

/// Everything that lists of objections have lost, by supplier, for as long as it is lost; `profiles` are in the order of
/// their extraction. A list that is expected holds the night once the last whole one is as old as no list may be.
pub fn judge(profiles: &[Profile], newest_extract: Day, settings: &Settings) -> Vec<Finding> {
    let terms = Terms {
        nights: settings.rules.limit(RULE, "nights") as usize,
        nights_min: settings.rules.limit(RULE, "nights_min") as usize,
        people_min: settings.rules.limit(RULE, "people_min"),
        share_min: settings.rules.limit(RULE, "share_min"),
    };
    let held_since = newest_extract - settings.objections.max_age_days;
    let expected = settings.objections.expected(settings.is_research());
    let mut found = Vec::new();
    for supplier in suppliers(profiles) {
        let lists: Vec<(Day, &SentLists)> =
            profiles.iter().filter_map(|profile| Some((profile.extracted_on, profile.lists_of(supplier)?))).collect();
        found.extend(left_out(supplier, profiles, &terms));
        for kind in Kind::ALL {
            if let Some(short) = Short::of(kind, &lists, &terms) {
                let holds = short.is_certain && expected.contains(&kind) && short.whole_on < held_since;
                found.push(finding(if holds { Action::Run } else { Action::Warn }, supplier, short.in_words(kind)));
            }
            found.extend(turned_back(kind, &lists).map(|message| finding(Action::Warn, supplier, message)));
        }
    }
    found
}

/// The limits of the rule.
struct Terms {
    nights: usize,
    nights_min: usize,
    people_min: f64,
    share_min: f64,
}

fn suppliers(profiles: &[Profile]) -> BTreeSet<&str> {
    profiles.iter().flat_map(|profile| &profile.lists).map(|sent| sent.supplier.as_str()).collect()
}

fn finding(action: Action, supplier: &str, message: String) -> Finding {
    Finding { rule: RULE, action, table: "opt_outs".to_owned(), provider: Some(supplier.to_owned()), message }
}

/// Lists that do not come with what their sender sends any more, though the deliveries before all had them. What a full
/// delivery leaves out is ABSENT.
fn left_out(supplier: &str, profiles: &[Profile], terms: &Terms) -> Option<Finding> {
    let has = |profile: &&Profile| profile.lists_of(supplier).is_some();
    let newest = profiles.iter().rfind(has)?;
    let of_sender: Vec<&Profile> = profiles.iter().filter(|profile| profile.sender == newest.sender).collect();
    let n_had = of_sender.iter().rposition(has)? + 1;
    let (before, without) = of_sender.split_at(n_had);
    let since = without.first().filter(|profile| !profile.is_full)?;
    let before = &before[before.len().saturating_sub(terms.nights)..];
    let is_usual = before.len() >= terms.nights_min && before.iter().all(has);
    is_usual.then(|| {
        let (on, n, until) = (since.extracted_on.in_words(), before.len(), newest.extracted_on.in_words());
        let message = format!(
            "the delivery of {on} has no list, and the {n} before it had one: what arrived until {until} stands"
        );
        finding(Action::Warn, supplier, message)
    })
}

/// A list that names far fewer people again than whole ones did.
struct Short {
    /// The day of the first such list since the last whole one.
    on: Day,
    /// Whom that names again.
    again: u64,
    /// People whom the whole lists before it name, in the middle.
    usual: f64,
    /// How many lists these are.
    n_whole: usize,
    /// The day of the last whole one.
    whole_on: Day,
    /// Whether these are enough lists to know that the supplier sends no changes.
    is_certain: bool,
}

impl Short {
    fn of(kind: Kind, lists: &[(Day, &SentLists)], terms: &Terms) -> Option<Short> {
        let mut so_far = SoFar::default();
        for (on, sent) in lists {
            so_far.take(*on, sent.is_full, sent.kinds.get(&kind).copied().unwrap_or_default(), terms);
        }
        so_far.short
    }

    fn in_words(&self, kind: Kind) -> String {
        let Short { on, again, usual, n_whole, whole_on, is_certain } = self;
        let (on, whole_on) = (on.in_words(), whole_on.in_words());
        let before = match n_whole {
            1 => format!("the whole list before it {usual:.0}"),
            n => format!("the median of the {n} whole lists before it is {usual:.0}"),
        };
        let doubt = if *is_certain { "" } else { ", and whether the supplier sends changes is not known yet" };
        format!(
            "the list of {kind} objections of {on} names {again} people again, and {before}; the last whole one is of \
             {whole_on}{doubt}"
        )
    }
}

/// What the lists of one kind of one supplier have been, up to one of them.
#[derive(Default)]
struct SoFar {
    /// People of the newest whole lists with nothing but short ones among them, oldest first.
    whole: Vec<u64>,
    /// The day of the newest of them.
    whole_on: Option<Day>,
    /// What is short since then.
    short: Option<Short>,
    /// Lists since then.
    n_since: usize,
    /// Of these, lists that name mostly people who are new.
    n_changes: usize,
}

impl SoFar {
    fn take(&mut self, on: Day, is_full: bool, named: Named, terms: &Terms) {
        if is_full || self.is_whole(named) {
            self.whole.push(named.people);
            let too_many = self.whole.len().saturating_sub(terms.nights);
            self.whole.drain(..too_many);
            (self.whole_on, self.short, self.n_since, self.n_changes) = (Some(on), None, 0, 0);
            return;
        }
        let usual = median(self.whole.iter().map(|people| *people as f64).collect());
        let names_others = named.people > 2 * named.again;
        self.n_since += 1;
        self.n_changes += usize::from(names_others);
        // A supplier that has gone over to changes goes on with them; one of whom little is known may always have sent them.
        let is_certain = self.whole.len() >= terms.nights_min;
        let n_doubts = if is_certain { self.n_changes } else { self.n_since };
        let expects = usual >= terms.people_min && n_doubts < terms.nights_min;
        let Some(whole_on) = self.whole_on.filter(|_| expects) else {
            *self = SoFar::default();
            return;
        };
        if (named.again as f64) >= terms.share_min * usual {
            self.short = None;
        } else if is_certain || !names_others {
            let n_whole = self.whole.len();
            self.short.get_or_insert(Short { on, again: named.again, usual, n_whole, whole_on, is_certain });
        }
    }

    /// Whether a list names nearly everybody of the whole one before it, and most of all whom its supplier ever named: the
    /// changes of a month, sent every night, would do the first alone.
    fn is_whole(&self, named: Named) -> bool {
        let last = self.whole.last().copied().unwrap_or(0);
        named.again as f64 >= NEARLY_ALL * last as f64 && 2 * named.again >= named.known
    }
}

/// A list that was checked at its source before an earlier one was, or does not say any more when.
fn turned_back(kind: Kind, lists: &[(Day, &SentLists)]) -> Option<String> {
    let of_kind: Vec<(Day, Option<Day>)> =
        lists.iter().filter_map(|(on, sent)| Some((*on, sent.kinds.get(&kind)?.checked_on))).collect();
    let ((on, checked_on), before) = of_kind.split_last()?;
    let newest = before.iter().filter_map(|(_, checked_on)| *checked_on).max()?;
    let on = on.in_words();
    let what = match checked_on {
        Some(day) if *day >= newest => return None,
        Some(day) => format!("was checked at its source on {}", day.in_words()),
        None => "does not say when it was checked at its source (checked_at)".to_owned(),
    };
    Some(format!("the list of {kind} objections of {on} {what}, and one before it on {}", newest.in_words()))
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, path::Path};

    use super::*;

    /// The lists of one kind that a supplier sends night after night from 1 November 2026 on, in deliveries that add: the
    /// people whom each names, and of these, the people whom it named before. None where there is no list.
    type Nights<'a> = &'a [Option<(u64, u64)>];

    /// A list that was checked on the day of its extract.
    fn named((people, again): (u64, u64), known: u64, on: Day) -> Named {
        Named { people, again, known, checked_on: Some(on) }
    }

    fn profile(on: Day, lists: Vec<SentLists>) -> Profile {
        let (extract_id, sender) = (on.to_string(), "A supplier".to_owned());
        Profile { extract_id, extracted_on: on, feeds: Vec::new(), sender, is_full: false, lists }
    }

    fn sent(kinds: BTreeMap<Kind, Named>) -> SentLists {
        SentLists { supplier: "QMF".to_owned(), is_full: false, kinds }
    }

    fn profiles(nights: Nights) -> Vec<Profile> {
        let first = Day::parse("2026-11-01").unwrap();
        let mut known = 0;
        let of = |(on, night): (Day, &Option<(u64, u64)>)| {
            let lists = night.map(|night| {
                let list = named(night, known, on);
                known += night.0 - night.1;
                sent(BTreeMap::from([(Kind::Type1, list)]).into_iter().filter(|_| night.0 > 0).collect())
            });
            profile(on, lists.into_iter().collect())
        };
        (0..).map(|n| first + n).zip(nights).map(of).collect()
    }

    fn told(profiles: &[Profile]) -> Vec<String> {
        let newest_extract = profiles.last().unwrap().extracted_on;
        judge(profiles, newest_extract, &Settings::default()).iter().map(Finding::text).collect()
    }

    const WHOLE: [Option<(u64, u64)>; 4] = [Some((100, 0)), Some((101, 100)), Some((103, 99)), Some((102, 100))];

    fn after_whole(nights: Nights) -> Vec<String> {
        told(&profiles(&[&WHOLE, nights].concat()))
    }

    #[test]
    fn a_list_that_is_sent_whole_every_night_may_not_lose_a_tenth_of_its_people() {
        assert_eq!(told(&profiles(&WHOLE)), [""; 0]);
        assert_eq!(after_whole(&[Some((95, 92))]), [""; 0], "nine in ten people, and three who are new");
        let short = "opt_outs of QMF, rule OPTOUTS: the list of type1 objections of 5 November 2026 names 50 people again, \
                     and the median of the 4 whole lists before it is 102; the last whole one is of 4 November 2026";
        assert_eq!(after_whole(&[Some((50, 50))]), [short]);
        assert_eq!(after_whole(&[Some((91, 91))]), [short.replace("names 50", "names 91")]);
        assert_eq!(after_whole(&[Some((0, 0))]), [short.replace("names 50", "names 0")], "an empty one");
        assert_eq!(after_whole(&[Some((70, 50))]), [short], "as many, but others");
    }

    #[test]
    fn what_is_lost_is_told_until_a_whole_list_arrives() {
        let (short, empty) = (Some((40, 40)), Some((0, 0)));
        let of_first = after_whole(&[short]);
        assert_eq!(after_whole(&[short, empty, short]), of_first, "from its own day on");
        assert_eq!(after_whole(&[short, empty, Some((104, 102))]), [""; 0]);
        let mut sent_in_full = profiles(&[&WHOLE[..], &[short, short]].concat());
        sent_in_full[5].lists[0].is_full = true;
        assert_eq!(told(&sent_in_full), [""; 0], "fewer people in a full list are V31");
    }

    #[test]
    fn changes_are_as_many_as_there_are() {
        let changes = [Some((300, 0)), Some((40, 1)), Some((2, 0)), Some((55, 3)), Some((0, 0)), Some((1, 0))];
        assert_eq!(told(&profiles(&changes)), [""; 0]);
        // The changes of a month, sent every night: nearly all of them again, and few of all whom there are.
        let month: Vec<_> = [Some((1000, 0))].into_iter().chain([Some((60, 57)); 40]).collect();
        assert_eq!(told(&profiles(&[&month[..], &[Some((9, 9))]].concat())), [""; 0]);
    }

    #[test]
    fn whoever_goes_over_to_changes_is_believed_at_the_third() {
        let changes = Some((4, 0));
        assert_eq!(after_whole(&[changes]).len(), 1);
        assert_eq!(after_whole(&[changes, Some((0, 0)), changes]).len(), 1);
        assert_eq!(after_whole(&[changes, Some((0, 0)), changes, changes]), [""; 0]);
        assert_eq!(after_whole(&[changes, Some((0, 0)), changes, changes, Some((0, 0))]), [""; 0]);
    }

    #[test]
    fn the_second_list_is_held_against_the_first_until_it_is_known_whether_it_is_of_changes() {
        let (whole, half) = (Some((100, 0)), Some((50, 50)));
        let told_at_second = "opt_outs of QMF, rule OPTOUTS: the list of type1 objections of 2 November 2026 names 50 people \
                              again, and the whole list before it 100; the last whole one is of 1 November 2026, and \
                              whether the supplier sends changes is not known yet";
        assert_eq!(told(&profiles(&[whole, half])), [told_at_second]);
        assert_eq!(told(&profiles(&[whole, Some((0, 0))])), [told_at_second.replace("names 50", "names 0")]);
        assert_eq!(told(&profiles(&[whole, half, half])), [told_at_second], "from its own day on");
        assert_eq!(told(&profiles(&[whole, half, half, half])), [""; 0], "three of them are changes");
        assert_eq!(told(&profiles(&[whole, half, Some((99, 98))])), [""; 0], "a whole one");
        assert_eq!(told(&profiles(&[whole, Some((92, 90))])), [""; 0], "nine in ten");
        assert_eq!(told(&profiles(&[whole, Some((40, 19))])), [""; 0], "mostly people who are new: changes");
        assert_eq!(
            told(&profiles(&[WHOLE[0], WHOLE[1], half])),
            [told_at_second
                .replace("of 2 November", "of 3 November")
                .replace("the whole list before it 100", "the median of the 2 whole lists before it is 100")
                .replace("is of 1 November", "is of 2 November")]
        );
    }

    #[test]
    fn what_is_not_certain_holds_no_night() {
        let profiles = profiles(&[Some((100, 0)), Some((50, 50))]);
        let found = judge(&profiles, Day::parse("2026-12-31").unwrap(), &Settings::default());
        assert_eq!(found.iter().map(Finding::refuses).collect::<Vec<_>>(), [false]);
    }

    #[test]
    fn few_people_and_short_lists_are_held_against_nothing() {
        assert_eq!(told(&profiles(&[Some((0, 0)), Some((0, 0))])), [""; 0]);
        let of_ten = |n: u64| told(&profiles(&[Some((n, 0)), Some((n, n)), Some((n, n)), Some((0, 0))])).len();
        assert_eq!((of_ten(9), of_ten(10)), (0, 1));
    }

    #[test]
    fn a_delivery_without_a_list_is_told_where_those_before_all_had_one() {
        let left_out = "opt_outs of QMF, rule OPTOUTS: the delivery of 5 November 2026 has no list, and the 4 before it had \
                        one: what arrived until 4 November 2026 stands";
        assert_eq!(after_whole(&[None]), [left_out]);
        assert_eq!(after_whole(&[None, None]), [left_out], "until it is sent again");
        assert_eq!(after_whole(&[None, Some((102, 102))]), [""; 0]);
        assert_eq!(told(&profiles(&[None, None, WHOLE[0], None, WHOLE[1], None])), [""; 0], "it comes now and then");
        let mut of_another = profiles(&[&WHOLE[..], &[None]].concat());
        of_another[4].sender = "Another supplier".to_owned();
        assert_eq!(told(&of_another), [""; 0], "whoever never sent it");
        let mut full = profiles(&[&WHOLE[..], &[None]].concat());
        full[4].is_full = true;
        assert_eq!(told(&full), [""; 0], "which is ABSENT");
    }

    #[test]
    fn a_list_was_not_checked_before_an_earlier_one_was() {
        let checked = |on: &[Option<&str>]| {
            let mut profiles = profiles(&WHOLE);
            for (profile, on) in profiles.iter_mut().rev().zip(on.iter().rev()) {
                profile.lists[0].kinds.get_mut(&Kind::Type1).unwrap().checked_on = on.map(|on| Day::parse(on).unwrap());
            }
            told(&profiles)
        };
        let the_list = "opt_outs of QMF, rule OPTOUTS: the list of type1 objections of 4 November 2026";
        let before = "and one before it on 3 November 2026";
        assert_eq!(checked(&[Some("2026-11-03")]), [""; 0], "the same day");
        assert_eq!(
            checked(&[Some("2026-11-02")]),
            [format!("{the_list} was checked at its source on 2 November 2026, {before}")]
        );
        assert_eq!(
            checked(&[None]),
            [format!("{the_list} does not say when it was checked at its source (checked_at), {before}")]
        );
        assert_eq!(checked(&[None; 4]), [""; 0], "it never said so");
        assert_eq!(
            checked(&[Some("2026-11-09"), Some("2026-11-01"), Some("2026-11-09")]),
            [""; 0],
            "until it has caught up"
        );
    }

    #[test]
    fn a_short_list_that_is_expected_holds_the_night_once_the_last_whole_one_is_too_old() {
        let profiles = profiles(&[&WHOLE[..], &[Some((50, 50))]].concat());
        let held = |newest: &str, settings: &str| {
            let settings = Settings::parse(settings, Path::new("")).unwrap();
            let found = judge(&profiles, Day::parse(newest).unwrap(), &settings);
            found.iter().map(Finding::refuses).collect::<Vec<_>>()
        };
        assert_eq!(held("2026-11-11", ""), [false], "within max_age_days");
        assert_eq!(held("2026-11-12", ""), [true]);
        assert_eq!(held("2026-11-12", "[objections]\nmax_age_days = 8"), [false]);
        assert_eq!(held("2026-11-12", "[objections]\nexpect = []"), [false], "nobody expects it");
        assert_eq!(held("2026-11-12", "[rules.OPTOUTS]\nshare_min = 0.4"), [false; 0]);
    }
}
