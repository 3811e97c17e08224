//! Small tables of people in; counts and what is told of them by hand.

mod attack;

use super::{
    count::{Counts, Measure, Part, Sum, Topic, Whole},
    follow::Life,
    lines::shown,
    page,
    period::Period,
    read::{Everybody, Seen},
    rows::{Appointment, NEEDS},
    senders::InPart,
    span::Span,
    starts::{Ending, Service, Start},
    suppress::Shown,
    told::{OfService, Report},
};
use crate::day::Day;

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

/// The year 2026, of which everything is known from the middle of 2025 to the middle of 2027.
fn year() -> Period {
    Period { from: day("2026-01-01"), until: day("2026-12-31") }
}

fn known() -> Span {
    Span { first: day("2025-06-01"), last: day("2027-06-30") }
}

fn whole() -> Whole {
    [Topic::Admissions, Topic::Appointments].into_iter().map(|topic| (topic, known())).collect()
}

/// A start: `DAY PROGRAMME ENDING NEED|NEED SESSIONS`, `-` for nothing.
fn start(line: &str) -> Start {
    let cells: Vec<&str> = line.split_whitespace().collect();
    let need = |name: &str| NEEDS.iter().position(|need| need == name).map(|place| place as u8);
    Start {
        on: day(cells[0]),
        programme: cells[1].to_owned(),
        ending: match cells[2] {
            "completed" => Ending::Completed,
            "disengaged" => Ending::Disengaged,
            "declined" => Ending::Declined,
            other => panic!("no start ends {other}"),
        },
        needs: cells[3].split('|').filter_map(need).collect(),
        sessions: cells[4].parse().ok(),
        wellbeing: None,
    }
}

/// A woman of 70 with these referrals, emergency admissions and missed appointments.
fn seen(starts: &[&str], admissions: &[&str], missed: &[&str]) -> Seen {
    let appointment = |on: &&str| Appointment { on: day(on), is_missed: true };
    Seen {
        places: [2, 1, 0, 5, 8, 2],
        belongs: [true, false],
        life: Life {
            here: Span { first: day("1956-03-01"), last: known().last },
            admissions: admissions.iter().map(|on| day(on)).collect(),
            appointments: missed.iter().map(appointment).collect(),
        },
        starts: [starts.iter().map(|line| start(line)).collect(), vec![]],
    }
}

fn counts(people: Vec<Seen>) -> Counts {
    let n = people.len() as u64;
    // As many again whom nobody referred.
    let population = [(0..).zip([2, 1, 0, 5, 8, 2]).map(|group| (group, 2 * n)).collect(), Default::default()];
    let mut everybody = Everybody::default();
    (everybody.seen, everybody.population) = (people, population);
    Counts::of(&everybody, Service::SocialPrescribing, &year(), &whole())
}

use Measure::*;

#[test]
fn starts_are_counted_by_quarter_ending_and_need_and_a_person_once() {
    let people = vec![
        seen(&["2026-02-01 A completed loneliness|money 6", "2026-08-01 B declined money -"], &[], &[]),
        seen(&["2026-03-31 A disengaged loneliness 1"], &[], &[]),
        // Not of the year.
        seen(&["2025-12-31 C completed money 2", "2027-01-01 C completed money 2"], &[], &[]),
    ];
    let counts = counts(people);
    assert_eq!(counts.programmes, ["A", "B"]);
    let of = |part, measures: &[Measure]| measures.iter().map(|one| counts.get(part, *one)).collect::<Vec<u64>>();
    assert_eq!(of(Part::Everybody, &[Started, InQuarter(0), InQuarter(1), InQuarter(2)]), [3, 2, 0, 1]);
    let endings = Ending::ALL.map(Ended);
    assert_eq!(of(Part::Everybody, &endings), [1, 0, 1, 1, 0, 0]);
    assert_eq!(of(Part::Programme(0), &endings), [1, 0, 1, 0, 0, 0]);
    assert_eq!(of(Part::Programme(1), &endings), [0, 0, 0, 1, 0, 0]);
    // Loneliness is the first of the needs and money the third.
    assert_eq!(of(Part::Everybody, &[Named(0), NamedUnmet(0), Named(2), NamedUnmet(2)]), [2, 1, 2, 1]);
    assert_eq!(of(Part::Everybody, &[WithNeed, Unmet, WithSessions, WithoutSessions]), [3, 2, 2, 1]);
    assert_eq!(counts.sums[&(Part::Everybody, Sum::Sessions)], 7);
    // Two people of the three had a start in the year that was not declined, and three more had none.
    assert_eq!(of(Part::Everybody, &[People, Reached, NotReached]), [6, 2, 4]);
    assert_eq!(of(Part::Group(1, 1), &[Started, Reached, NotReached]), [3, 2, 4]);
}

#[test]
fn whoever_was_only_ever_declined_is_not_reached() {
    let declined = || seen(&["2026-03-01 A declined money -", "2026-05-01 A declined money -"], &[], &[]);
    let counts = counts(vec![declined(), declined(), seen(&["2026-03-01 A completed money 4"], &[], &[])]);
    let found = [Started, TakenUp, People, Reached, NotReached].map(|one| counts.get(Part::Everybody, one));
    assert_eq!(found, [5, 1, 6, 1, 5]);
}

#[test]
fn before_and_after_are_counted_once_from_the_first_start_that_was_not_declined() {
    let admissions = ["2026-01-31", "2026-02-01", "2026-03-01", "2026-05-20"];
    let starts = ["2026-01-15 A declined - -", "2026-03-01 A completed - -", "2026-05-01 B completed - -"];
    let counts = counts(vec![seen(&starts, &admissions, &["2026-02-20", "2026-03-02", "2026-03-03"])]);
    let of = |measures: &[Measure]| measures.iter().map(|one| counts.get(Part::Everybody, *one)).collect::<Vec<u64>>();
    assert_eq!(of(&[Before(Topic::Admissions), After(Topic::Admissions)]), [2, 1], "on the first of March neither");
    assert_eq!(of(&[MissedBefore, MissedAfter, KeptBefore, KeptAfter]), [1, 2, 0, 0]);
    // Of the two that were taken up.
    assert_eq!(of(&[TakenUp, Followed(Topic::Admissions), NotFollowed(Topic::Admissions)]), [2, 1, 1]);
    assert_eq!(counts.get(Part::Programme(1), Followed(Topic::Admissions)), 0);
    assert_eq!(counts.sums[&(Part::Everybody, Sum::Days(Topic::Admissions))], 180);
}

#[test]
fn whoever_dies_soon_after_counts_for_as_long_before() {
    // Admitted on the 50th day after the start, and dead on the 58th: as many days on each side.
    let admissions = ["2026-01-01", "2026-01-02", "2026-04-20"];
    let mut died = seen(&["2026-03-01 A completed - -"], &admissions, &[]);
    died.life.here.last = day("2026-04-28");
    let mut newcomer = seen(&["2026-03-01 A completed - -"], &["2026-03-05"], &[]);
    newcomer.life.here.first = day("2026-03-01");
    let counts = counts(vec![died, newcomer]);
    assert_eq!(counts.sums[&(Part::Everybody, Sum::Days(Topic::Admissions))], 58);
    let sides = [Before(Topic::Admissions), After(Topic::Admissions)];
    let found = sides.map(|side| counts.get(Part::Everybody, side));
    assert_eq!(found, [1, 1], "of a day without one before it nothing counts");
}

/// So many women of 70 referred to a programme in May who completed it, each with an admission a month before it; every
/// fifth is admitted after it, too.
fn referred(n: usize, programme: &str) -> Vec<Seen> {
    let line = format!("2026-05-01 {programme} completed loneliness 4");
    let admissions = |nth: usize| if nth % 5 == 4 { vec!["2026-04-01", "2026-06-01"] } else { vec!["2026-04-01"] };
    (0..n).map(|nth| seen(&[&line], &admissions(nth), &[])).collect()
}

#[test]
fn a_service_is_told_in_round_numbers_and_rates_of_these() {
    let counts = counts([referred(63, "A"), referred(41, "B")].concat());
    let told = OfService::of(Service::SocialPrescribing, &counts, &year(), &whole(), None);
    let [everybody, a, b] = [0, 1, 2].map(|at| &told.parts[at]);
    assert_eq!([everybody.started, a.started, b.started], [105, 65, 40].map(Shown::Number));
    assert_eq!(everybody.by_quarter, [0, 105, 0, 0].map(Shown::Number));
    // 104 of 208 are told as 105 of 210.
    assert_eq!(everybody.reach.as_ref().unwrap().per_1000.unwrap().value, 500.0);
    assert!(a.reach.is_none(), "a programme has no people of its own");
    let admissions = everybody.admissions.as_ref().unwrap();
    // The days of 104 people are told as those of 105, 51.7 years; 104 before as 105, and 20 after.
    assert_eq!((admissions.before.n, admissions.after.n), (Shown::Number(105), Shown::Number(20)));
    assert_eq!(admissions.person_years, Some(51.7));
    assert_eq!((admissions.before.rate.unwrap().value, admissions.after.rate.unwrap().value), (2.029, 0.387));
    assert_eq!(everybody.sessions.as_ref().unwrap().mean, Some(4.0));
    assert!(everybody.missed.as_ref().unwrap().before.rate.is_none(), "nobody had an appointment");
}

#[test]
fn a_programme_of_few_is_not_told_nor_what_is_left_of_the_others() {
    let counts = counts([referred(7, "A"), referred(12, "B")].concat());
    let told = OfService::of(Service::SocialPrescribing, &counts, &year(), &whole(), None);
    assert_eq!(
        told.parts[..3].iter().map(|part| part.started.to_string()).collect::<Vec<_>>(),
        ["20", "<8", "not told"]
    );
    for part in &told.parts[1..3] {
        assert!(
            part.admissions.as_ref().unwrap().before.rate.is_none() && part.sessions.as_ref().unwrap().mean.is_none()
        );
    }
}

#[test]
fn a_page_names_who_sent_for_a_part_of_the_time() {
    let counts = counts(referred(40, "A"));
    let page = |in_part: Vec<InPart>| {
        let services = vec![OfService::of(Service::SocialPrescribing, &counts, &year(), &whole(), None)];
        let Period { from, until } = year();
        let page = page::write(&Report { from, until, data_to: day("2027-06-30"), in_part, services });
        String::from_utf8(page).unwrap()
    };
    let (first, last) = (day("2025-06-01"), day("2026-02-28"));
    let stopped = InPart { feed: "Hospital stays", provider: "R1H".to_owned(), first, last, has_gaps: false };
    let told = "<li>Hospital stays of R1H: from 1 June 2025 to 28 February 2026 alone</li>";
    assert!(page(vec![stopped]).contains(told));
    assert!(!page(Vec::new()).contains("Some sent for a part of the time"));
}

#[test]
fn no_count_that_is_told_of_a_service_is_a_small_one() {
    let counts = counts([referred(9, "A"), referred(3, "B"), referred(30, "C"), referred(1, "D")].concat());
    for ((part, measure), told) in shown(&counts, Service::SocialPrescribing) {
        let n = counts.get(part, measure);
        assert!(!(1..8).contains(&n) || told.number().is_none(), "{part:?} {measure:?}");
        assert!(measure.is_told() || told == Shown::NotTold);
        assert!(told.number().is_none_or(|told| told % 5 == 0 && told.abs_diff(n) <= 2));
    }
}

#[test]
fn what_a_feed_that_is_not_there_would_tell_is_missing_and_not_nothing() {
    let counts = counts(referred(40, "A"));
    let stays = [(Topic::Admissions, known())].into();
    let told = OfService::of(Service::SocialPrescribing, &counts, &year(), &stays, None);
    assert!(told.parts[0].missed.is_none() && told.parts[0].admissions.is_some());
}
