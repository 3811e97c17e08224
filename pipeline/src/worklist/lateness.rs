//! What a line says of records that end too early or came in part: its practice's, whose file was refused (see
//! `history::gaps`), could not be read for the most part (see `history::part_read`) or has not been sent (V33, ABSENT), and those
//! of trusts that the person goes to.

use earlycall_schemas::codelists::acute_trust_name;

use crate::{
    cohort::{Assessed, Circumstances},
    history::{
        RecordsEnd,
        records::{Person, ShortCode},
    },
    quality::recent::{Late, Newest},
};

/// The practices and trusts that are late on an index date, and suppliers of reports of deaths.
///
/// A line's badge may name a place that the line itself withholds: every page names whoever is late. So a confidential
/// record's line says that some are, whether or not they are its own. And a trust that is no acute one is on no badge, for
/// whoever goes there does so for a reason that no line tells.
#[derive(Clone, Debug, Default)]
pub struct Lateness(Vec<Late>);

impl Lateness {
    /// Of whoever is late.
    pub fn of(late: &[Late]) -> Lateness {
        Lateness(late.to_vec())
    }

    /// Whether somebody's practice may have a table's newest rows that are not here: it does not share them, a file was
    /// refused or read in part, or is late. Then nobody knows that something has not happened.
    pub fn is_behind(&self, table: &str, assessed: &Assessed, at: &Circumstances) -> bool {
        let practice = assessed.placement.practice_code.as_str();
        let of_it = at.reference.practices.get(&ShortCode::new(practice));
        of_it.is_none_or(|practice| !practice.shares || practice.gap.is_some() || practice.is_part_read)
            || self.0.iter().any(|late| late.table == table && late.provider == practice)
    }

    /// The badges of a person's line. Of a feed that is missing as a whole nothing is said here.
    pub fn badges(&self, assessed: &Assessed, at: &Circumstances) -> Vec<String> {
        let practices = &at.reference.practices;
        let is_told = |late: &&Late| late.table == "deaths" || at.feeds.can_tell(late.table);
        let late: Vec<&Late> = self.0.iter().filter(is_told).collect();
        let mut badges = Vec::new();
        if assessed.person.patient.is_confidential {
            let gap = practices.values().filter_map(|practice| practice.gap).min();
            badges.extend(gp_record(&OF_SOME, gap, oldest(&late, "gp_events")));
            badges
                .extend(practices.values().any(|practice| practice.is_part_read).then(|| part_read("some practices")));
            badges.extend(of_some(&late));
        } else {
            let practice = assessed.placement.practice_code.as_str();
            let of_it = practices.get(&ShortCode::new(practice));
            let gap = of_it.and_then(|practice| practice.gap);
            let its_own = |table: &str| {
                let of_it = late.iter().filter(|late| late.table == table && late.provider == practice);
                of_it.map(|late| late.newest).min()
            };
            badges.extend(gp_record(&ITS_OWN, gap, its_own("gp_events")));
            badges.extend(of_it.is_some_and(|practice| practice.is_part_read).then(|| part_read("the practice")));
            badges.extend(its_own("gp_prescriptions").map(|day| until("Prescriptions", day)));
            badges.extend(late.iter().filter_map(|late| of_trust(late, assessed.person)));
        }
        let deaths = oldest(&late, "deaths");
        badges.extend(deaths.map(|day| format!("{}: check before calling", until("Reports of deaths", day))));
        badges
    }
}

/// How a line speaks of GP records: of one that ends, and of one that never came whole.
type GpWords = (&'static str, &'static str);

const ITS_OWN: GpWords = ("GP record", "Part of the GP record has never arrived");
const OF_SOME: GpWords = ("Some GP records", "Part of some GP records has never arrived");

/// Where GP records end: with the last good file, or before it.
fn gp_record((that_ends, never): &GpWords, gap: Option<RecordsEnd>, late: Option<Newest>) -> Option<String> {
    let late = late.map(|newest| match newest {
        Newest::Never | Newest::PastNever => RecordsEnd::Never,
        Newest::On(day) => RecordsEnd::On(day),
    });
    match gap.into_iter().chain(late).min()? {
        RecordsEnd::Never => Some((*never).to_owned()),
        RecordsEnd::On(day) => Some(until(that_ends, Newest::On(day))),
    }
}

/// That most of what a practice sent last could not be read.
fn part_read(whose: &str) -> String {
    format!("Some of the newest records of {whose} could not be read")
}

/// A trust's rows, on the line of somebody who goes there.
fn of_trust(late: &Late, person: &Person) -> Option<String> {
    let is_it = |provider: ShortCode| provider.as_str() == late.provider;
    let goes_there = person.episodes.iter().any(|episode| is_it(episode.provider))
        || person.attendances.iter().any(|visit| is_it(visit.provider));
    let trust = acute_trust_name(&late.provider).filter(|_| goes_there)?;
    match late.table {
        "apc_episodes" => Some(until(&format!("Hospital stays at {trust}"), late.newest)),
        "ed_attendances" => Some(until(&format!("A&E attendances at {trust}"), late.newest)),
        "inpatients_now" => Some(format!("Not known if in a bed of {trust} now: check before calling")),
        _ => None,
    }
}

/// Whoever is late with anything but GP records, unnamed.
fn of_some(late: &[&Late]) -> Vec<String> {
    let feeds = [
        ("gp_prescriptions", "Some prescriptions"),
        ("apc_episodes", "Some hospital stays"),
        ("ed_attendances", "Some A&E attendances"),
    ];
    let ends = feeds.iter().filter_map(|(table, words)| oldest(late, table).map(|day| until(words, day)));
    let beds =
        oldest(late, "inpatients_now").map(|_| "Not known if in some hospitals now: check before calling".to_owned());
    ends.chain(beds).collect()
}

/// What never came is older than anything.
fn oldest(late: &[&Late], table: &str) -> Option<Newest> {
    late.iter().filter(|late| late.table == table).map(|late| late.newest).min()
}

fn until(what: &str, newest: Newest) -> String {
    match newest {
        Newest::On(day) => format!("{what} to {} only", day.in_words()),
        Newest::PastNever => format!("{what}: earlier ones have never arrived"),
        Newest::Never => format!("{what} have never arrived"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cohort::{
            assess,
            tests::life::{circumstances, day, person},
        },
        features::Feeds,
    };

    /// Somebody of practice F99901 who has been in a bed of Barts Health.
    const LIFE: &str = "born 1950-03 E01000001\ngp F99901 2010-01-01 - regular\ncode 2015-05-01 13645005\n\
                        stay R1H 2026-05-01 2026-05-09 21 19 I500";

    fn late(table: &'static str, provider: &str, newest: &str) -> Late {
        Late { table, provider: provider.to_owned(), newest: Newest::On(day(newest)) }
    }

    fn told(life: &str, late: &[Late]) -> Vec<String> {
        let feeds = Feeds::new(["gp_events", "gp_prescriptions", "apc_episodes", "ed_attendances", "inpatients_now"]);
        circumstances(|at| {
            let at = Circumstances { feeds: &feeds, ..*at };
            Lateness::of(late).badges(&assess(&person(life), &at), &at)
        })
    }

    #[test]
    fn a_late_practice_is_on_the_lines_of_its_patients_and_on_no_others() {
        let events = |practice| late("gp_events", practice, "2026-11-03");
        let scripts = |practice| late("gp_prescriptions", practice, "2026-11-04");
        assert_eq!(told(LIFE, &[events("F99901")]), ["GP record to 3 November 2026 only"]);
        assert_eq!(told(LIFE, &[scripts("F99901")]), ["Prescriptions to 4 November 2026 only"]);
        assert_eq!(told(LIFE, &[events("F99902"), scripts("F99902"), events("QMF")]), Vec::<String>::new());
    }

    #[test]
    fn a_refused_file_and_a_late_one_make_one_badge_of_the_earlier_day() {
        let (gap, earlier, later) = (RecordsEnd::On(day("2026-11-13")), day("2026-11-03"), day("2026-11-14"));
        assert_eq!(gp_record(&ITS_OWN, Some(gap), None).unwrap(), "GP record to 13 November 2026 only");
        assert_eq!(
            gp_record(&ITS_OWN, Some(gap), Some(Newest::On(earlier))).unwrap(),
            "GP record to 3 November 2026 only"
        );
        assert_eq!(
            gp_record(&ITS_OWN, Some(gap), Some(Newest::On(later))).unwrap(),
            "GP record to 13 November 2026 only"
        );
        let never = gp_record(&ITS_OWN, Some(RecordsEnd::Never), Some(Newest::On(earlier))).unwrap();
        assert_eq!(never, "Part of the GP record has never arrived");
        assert_eq!(gp_record(&ITS_OWN, None, None), None);
    }

    #[test]
    fn a_late_trust_is_on_the_lines_of_whoever_goes_there() {
        let of = |trust| {
            [
                late("apc_episodes", trust, "2026-09-01"),
                late("ed_attendances", trust, "2026-11-06"),
                late("inpatients_now", trust, "2026-11-18"),
            ]
        };
        assert_eq!(
            told(LIFE, &of("R1H")),
            [
                "Hospital stays at Barts Health NHS Trust to 1 September 2026 only",
                "A&E attendances at Barts Health NHS Trust to 6 November 2026 only",
                "Not known if in a bed of Barts Health NHS Trust now: check before calling",
            ]
        );
        assert_eq!(told(LIFE, &of("RF4")), Vec::<String>::new());
    }

    #[test]
    fn what_never_arrived_is_on_the_lines_that_it_concerns_and_on_no_others() {
        let never = |table, provider: &str| Late { table, provider: provider.to_owned(), newest: Newest::Never };
        let of = |practice, trust| {
            [
                never("gp_events", practice),
                never("gp_prescriptions", practice),
                never("ed_attendances", trust),
                never("inpatients_now", trust),
            ]
        };
        assert_eq!(
            told(LIFE, &of("F99901", "R1H")),
            [
                "Part of the GP record has never arrived",
                "Prescriptions have never arrived",
                "A&E attendances at Barts Health NHS Trust have never arrived",
                "Not known if in a bed of Barts Health NHS Trust now: check before calling",
            ]
        );
        assert_eq!(told(LIFE, &of("F99902", "RF4")), Vec::<String>::new());
        let additions = of("F99901", "R1H").map(|late| Late { newest: Newest::PastNever, ..late });
        assert_eq!(
            told(LIFE, &additions)[..3],
            [
                "Part of the GP record has never arrived",
                "Prescriptions: earlier ones have never arrived",
                "A&E attendances at Barts Health NHS Trust: earlier ones have never arrived",
            ]
        );
        assert_eq!(
            told(&format!("{LIFE}\nis confidential"), &of("F99902", "RF4")),
            [
                "Part of some GP records has never arrived",
                "Some prescriptions have never arrived",
                "Some A&E attendances have never arrived",
                "Not known if in some hospitals now: check before calling",
            ]
        );
    }

    #[test]
    fn a_trust_that_would_tell_why_somebody_goes_there_is_on_no_line() {
        let life = LIFE.replace("R1H", "RWK");
        assert_eq!(told(&life, &[late("apc_episodes", "RWK", "2026-09-01")]), Vec::<String>::new());
    }

    #[test]
    fn a_confidential_line_says_the_same_wherever_somebody_goes() {
        let late = [late("gp_events", "F99901", "2026-11-03"), late("ed_attendances", "R1H", "2026-11-06")];
        let told = |life: &str| told(&format!("{life}\nis confidential"), &late);
        let expected = ["Some GP records to 3 November 2026 only", "Some A&E attendances to 6 November 2026 only"];
        assert_eq!(told(LIFE), expected);
        assert_eq!(told(&LIFE.replace("R1H", "RF4").replace("F99901", "F99902")), expected);
    }

    /// The badges where a practice's file was refused on 14 November and most of another's could not be read.
    fn told_of_gaps(life: &str) -> Vec<String> {
        circumstances(|at| {
            let mut reference = at.reference.clone();
            let mut note = |practice: &str, gap, is_part_read| {
                let row = reference.practices.get_mut(&ShortCode::new(practice)).unwrap();
                (row.gap, row.is_part_read) = (gap, is_part_read);
            };
            note("F99901", None, true);
            note("F99902", Some(RecordsEnd::On(day("2026-11-13"))), false);
            let at = Circumstances { reference: &reference, ..*at };
            Lateness::default().badges(&assess(&person(life), &at), &at)
        })
    }

    #[test]
    fn rows_that_could_not_be_read_are_on_the_lines_of_the_practices_patients_and_on_no_others() {
        assert_eq!(told_of_gaps(LIFE), ["Some of the newest records of the practice could not be read"]);
        assert_eq!(told_of_gaps(&LIFE.replace("F99901", "F99902")), ["GP record to 13 November 2026 only"]);
    }

    #[test]
    fn a_confidential_line_does_not_tell_its_practice_by_a_gap() {
        let told = |life: &str| told_of_gaps(&format!("{life}\nis confidential"));
        let expected = [
            "Some GP records to 13 November 2026 only",
            "Some of the newest records of some practices could not be read",
        ];
        assert_eq!(told(LIFE), expected);
        assert_eq!(told(&LIFE.replace("F99901", "F99902")), expected);
    }

    #[test]
    fn late_reports_of_deaths_are_on_every_line() {
        let late = [late("deaths", "QMF", "2026-10-20")];
        assert_eq!(told(LIFE, &late), ["Reports of deaths to 20 October 2026 only: check before calling"]);
    }

    #[test]
    fn of_a_feed_that_is_missing_as_a_whole_every_page_tells() {
        circumstances(|at| {
            let feeds = Feeds::new(["gp_events", "apc_episodes"]);
            let at = Circumstances { feeds: &feeds, ..*at };
            let late = [late("ed_attendances", "R1H", "2026-10-01"), late("apc_episodes", "R1H", "2026-09-01")];
            let badges = Lateness::of(&late).badges(&assess(&person(LIFE), &at), &at);
            assert_eq!(badges, ["Hospital stays at Barts Health NHS Trust to 1 September 2026 only"]);
        });
    }
}
