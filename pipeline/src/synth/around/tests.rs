//! The feeds have as many rows as published, telling ones tell, and idle ones do not.

use super::*;
use crate::synth::{SynthParams, chance::Stream, generate, rows::Row};

#[test]
fn each_step_is_the_newest_until_the_next() {
    let known = |from, until: Option<i32>| Known { from: Day(from), until: until.map(Day) };
    let told = versions(vec![(Day(3), "received"), (Day(5), "accepted"), (Day(9), "completed")]);
    let expected = [(known(3, Some(5)), "received"), (known(5, Some(9)), "accepted"), (known(9, None), "completed")];
    assert_eq!(told, expected);
}

#[test]
fn a_rate_of_twelve_a_year_is_a_day_a_month() {
    let mut chance = Chance::of(1, 1, Stream::World);
    let found = days(&mut chance, Day(0), Day(36_524), 12.0);
    assert!((1_100..1_300).contains(&found.len()) && found.is_sorted(), "{}", found.len());
    assert_eq!(days(&mut chance, Day(0), Day(36_524), 0.0), Vec::new());
}

/// Calls `look` with everybody's scene and rows.
fn everybody(feeds: Feeds, people: u32, look: &mut dyn FnMut(&Scene, Around)) {
    let population = generate(&SynthParams { people, years: 3, seed: 5, feeds, ..SynthParams::default() });
    let world = &population.world;
    for number in 0..world.records {
        let story = Story::of(world, number);
        if story.person.merged_into.is_none() {
            let scene = Scene { world, story: &story, here: Here::of(world, &story), signs: Signs::of(world, &story) };
            look(&scene, Around::of(world, &story));
        }
    }
}

/// Sums by name.
#[derive(Default)]
struct Sums(std::collections::BTreeMap<&'static str, f64>);

impl Sums {
    fn add(&mut self, name: &'static str, n: f64) {
        *self.0.entry(name).or_default() += n;
    }

    fn per(&self, name: &str, of: &str) -> f64 {
        self.0[name] / self.0[of]
    }
}

/// The newest versions.
fn newest<R: Row>(rows: &[R]) -> impl Iterator<Item = &R> {
    rows.iter().filter(|row| row.known().until.is_none())
}

#[test]
fn the_feeds_meet_their_figures() {
    let mut sums = Sums::default();
    everybody(Feeds::Telling, 16_000, &mut |scene, around| {
        let (from, until) = (scene.here.from, scene.here.until);
        let years = f64::from((until - from + 1).max(0)) / 365.25;
        let adult_from = (scene.story.person.born + (18.0 * 365.25) as i32).max(from);
        sums.add("years", years);
        sums.add("adult days", f64::from((until - adult_from + 1).max(0)));
        sums.add("adult years", f64::from((until - adult_from + 1).max(0)) / 365.25);
        for row in newest(&around.appointments) {
            sums.add("appointments", 1.0);
            sums.add("appointments missed", f64::from(u8::from(row.status == "did_not_attend")));
        }
        for row in newest(&around.clinics).filter(|row| row.attended != "0") {
            sums.add("clinics", 1.0);
            sums.add("clinics missed", f64::from(u8::from(["3", "7"].contains(&row.attended))));
        }
        sums.add("referrals", newest(&around.referrals).count() as f64);
        for stay in virtual_ward::stays(scene) {
            sums.add("ward days", f64::from(stay.until.min(until) - stay.from));
        }
        if scene.here.is_gone {
            return;
        }
        sums.add("here", 1.0);
        let last_year = around.mental_health.iter().any(|row| row.date > until - 365);
        sums.add("in contact with mental health", f64::from(u8::from(last_year)));
        let age = scene.age(until);
        let band = ["65-74", "75-84", "85+"][((age - 65.0) / 10.0).clamp(0.0, 2.0) as usize];
        if age >= 65.0 {
            sums.add("65+ expected", home_care_share(band));
            sums.add("65+ with home care", f64::from(u8::from(home_care::since(scene).is_some())));
        }
    });
    let figures = [
        ("appointments", "years", 5.2, 5.8),
        ("appointments missed", "appointments", 0.035, 0.06),
        ("clinics", "years", 1.5, 1.85),
        ("clinics missed", "clinics", 0.06, 0.08),
        ("referrals", "adult years", 0.0132, 0.0168),
        ("ward days", "adult days", 0.00038, 0.00052),
        ("in contact with mental health", "here", 0.024, 0.036),
        ("65+ with home care", "65+ expected", 0.7, 1.3),
    ];
    let found = figures.map(|(name, of, least, most)| (name, of, sums.per(name, of), least..=most));
    let off: Vec<_> = found.iter().filter(|(_, _, found, range)| !range.contains(found)).collect();
    assert!(off.is_empty(), "{off:?} of {found:?}");
}

fn home_care_share(band: &str) -> f64 {
    [("65-74", 0.015), ("75-84", 0.04), ("85+", 0.12)].into_iter().find(|(name, _)| *name == band).unwrap().1
}

/// Of people with a feed, sums of what goes wrong and of what is seen: in the days before an emergency admission, and in
/// those far from any.
fn before_and_far(feeds: Feeds) -> Sums {
    let mut sums = Sums::default();
    everybody(feeds, 16_000, &mut |scene, around| {
        let emergencies = &scene.story.fate.emergencies;
        let mut count = |day: Day, within: i32, names: [&'static str; 2], n: f64| {
            let left = emergencies.iter().map(|stay| stay.admitted - day).filter(|&left| left > 0).min();
            match left {
                Some(left) if left <= within => sums.add(names[0], n),
                Some(left) if left <= 60 => {}
                _ => sums.add(names[1], n),
            }
        };
        for row in newest(&around.visits).filter(|row| !["planned", "hospital"].contains(&row.status)) {
            let day = Day::of(row.planned);
            count(day, 14, ["visits before", "visits far"], 1.0);
            let missed = f64::from(u8::from(row.status == "missed"));
            count(day, 14, ["missed before", "missed far"], missed);
            let fails = ["fall", "breathless", "confusion", "reduced_intake"];
            let worries = row.concerns.iter().any(|flag| fails.contains(flag));
            count(day, 14, ["worries before", "worries far"], f64::from(u8::from(worries)));
        }
        let oxygen: Vec<_> = around.readings.iter().filter(|row| row.measure == 0).collect();
        let own = oxygen.iter().map(|row| row.value).sum::<f64>() / oxygen.len() as f64;
        for row in oxygen {
            let day = Day::of(row.taken_at);
            count(day, 4, ["readings before", "readings far"], 1.0);
            count(day, 4, ["oxygen before", "oxygen far"], row.value - own);
        }
    });
    sums
}

/// How much more there is before an admission than far from any, and by how many standard errors that is.
fn rise(sums: &Sums, what: [&str; 2], of: [&str; 2]) -> (f64, f64) {
    let expected = sums.per(what[1], of[1]) * sums.0[of[0]];
    (sums.0[what[0]] / expected, (sums.0[what[0]] - expected) / expected.sqrt())
}

#[test]
fn telling_feeds_tell_before_an_admission_and_idle_ones_do_not() {
    let (telling, idle) = (before_and_far(Feeds::Telling), before_and_far(Feeds::Idle));
    for what in [["missed before", "missed far"], ["worries before", "worries far"]] {
        let (told, idled) =
            (rise(&telling, what, ["visits before", "visits far"]), rise(&idle, what, ["visits before", "visits far"]));
        assert!(told.0 > 2.0 && told.1 > 5.0, "{what:?}: {told:?}");
        assert!(idled.1.abs() < 4.0, "{what:?}: {idled:?}");
    }
    let fall = |sums: &Sums| sums.per("oxygen far", "readings far") - sums.per("oxygen before", "readings before");
    assert!(fall(&telling) > 0.8 && fall(&idle).abs() < 0.5, "{} {}", fall(&telling), fall(&idle));
}

#[test]
fn frailty_that_no_record_names_shows_in_missed_appointments_where_feeds_tell() {
    for (feeds, least, most) in [(Feeds::Telling, 2.0, 5.0), (Feeds::Idle, 0.9, 1.1)] {
        let mut sums = Sums::default();
        everybody(feeds, 8_000, &mut |scene, around| {
            let frailty = scene.story.person.frailty;
            let names = match frailty {
                _ if frailty > 1.5 => ["missed by the frail", "of the frail"],
                _ if frailty < 0.5 => ["missed by others", "of others"],
                _ => return,
            };
            for row in newest(&around.appointments) {
                sums.add(names[0], f64::from(u8::from(row.status == "did_not_attend")));
                sums.add(names[1], 1.0);
            }
        });
        let ratio = sums.per("missed by the frail", "of the frail") / sums.per("missed by others", "of others");
        assert!((least..=most).contains(&ratio), "{feeds:?}: {ratio}");
    }
}
