//! What lies on disk: segments that are folded, read in part, damaged, or of another version.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use earlycall::{
    error::Kind,
    history::{History, records::PersonKey},
};

use crate::{Service, Tiny, day, only, people, somebody, support::person};

const DELTAS: i32 = 20;

/// A first delivery with some more GP events of the second person, then `DELTAS` nightly corrections of one of them:
/// the first night it is 101, the next 102.
fn corrected_every_night(more: usize) -> Service {
    let service = Service::new();
    let event = |n| format!("x{n}");
    let full = (0..more).fold(Tiny::new(), |tiny, n| tiny.copy_row("gp_events", 2, &[("event_id", &event(n))]));
    service.put("first", "full", "2026-11-20", full);
    for night in 1..=DELTAS {
        let delta = only(&["gp_events"]).keep_rows("gp_events", &[2]);
        let delta = delta.set("gp_events", 1, "value", &(100 + night).to_string());
        service.put(format!("night-{night}").leak(), "delta", &on(night), delta);
    }
    service
}

fn on(night: i32) -> String {
    (day("2026-11-20") + night).to_string()
}

fn values(history: &History, on: &str) -> Vec<i64> {
    let mut values: Vec<i64> =
        somebody(history, on, &person(2)).gp_events.iter().filter_map(|event| event.value_milli).collect();
    values.sort_unstable();
    values
}

fn n_files(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

#[track_caller]
fn check_folded(more: usize, expected: &[u32]) {
    let service = corrected_every_night(more);
    let history = service.settle(2).unwrap();
    let named: Vec<u32> = history.ledger.segments["gp_events"].iter().map(|(number, _)| *number).collect();
    assert_eq!(named, expected);
    assert_eq!(n_files(&history.folder().join("gp_events")), expected.len(), "nothing lies there that nobody reads");
    for night in 0..=DELTAS {
        let newest = if night == 0 { 48_000 } else { 1000 * i64::from(100 + night) };
        let mut expected = vec![48_000; more];
        expected.push(newest);
        assert_eq!(values(&history, &on(night)), expected, "night {night}");
    }
    assert_eq!(history.ledger.rows_of("gp_events"), 3 + more as u64);
}

#[test]
fn many_small_segments_are_folded_into_one_beside_a_large_first_and_every_night_reads_as_before() {
    // The 18th delivery finds seventeen segments: the sixteen small ones, which together are less than a quarter of the
    // first, become one with it. Three more follow.
    check_folded(80, &[1, 18, 19, 20, 21]);
}

#[test]
fn a_small_first_segment_is_folded_too() {
    check_folded(0, &[17, 18, 19, 20, 21]);
}

#[test]
fn settled_night_by_night_or_all_at_once_is_the_same() {
    let service = Service::new();
    let together = corrected_every_night(2);
    let at_once = together.settle(1).unwrap();
    let mut history = None;
    let arrived = together.folder.path().join("extracts");
    let extracts = service.folder.path().join("extracts");
    fs::create_dir_all(&extracts).unwrap();
    for id in std::iter::once("first".to_owned()).chain((1..=DELTAS).map(|night| format!("night-{night}"))) {
        fs::rename(arrived.join(&id), extracts.join(&id)).unwrap();
        history = Some(service.settle(1).unwrap());
    }
    assert_eq!(crate::files(history.unwrap().folder()), crate::files(at_once.folder()));
}

#[test]
fn somebody_read_alone_has_the_rows_that_they_have_among_all() {
    let (service, _) = Service::with(Tiny::new());
    let changes = only(&["patients", "gp_events", "apc_episodes"])
        .set("patients", 3, "superseded_by", &person(1))
        .set("gp_events", 2, "value", "71")
        .set("apc_episodes", 1, "is_deleted", "true");
    let history = service.deliver("second", "delta", "2026-11-21", changes).unwrap();
    for on in ["2026-11-20", "2026-11-21"] {
        let all = people(&history, on);
        for wanted in [vec![1], vec![2], vec![3], vec![1, 3], vec![1, 2, 3], vec![4], vec![]] {
            let keys: BTreeSet<PersonKey> = wanted.iter().map(|n| PersonKey::parse(&person(*n)).unwrap()).collect();
            let read = history.each_listed(&history.view(day(on)), 2, &keys, |people| people).unwrap();
            let expected: Vec<_> = all.iter().filter(|person| keys.contains(&person.key)).collect();
            let read: Vec<_> = read.iter().flatten().collect();
            assert_eq!(format!("{read:?}"), format!("{expected:?}"), "{wanted:?} on {on}");
            assert_eq!(read.len(), wanted.iter().filter(|n| **n < 4).count());
        }
    }
}

fn segment_of(history: &History) -> PathBuf {
    history.folder().join("gp_events/000001.segment")
}

/// Where one learns of a segment's damage: the error of opening the history, or of reading everybody.
#[track_caller]
fn check_refused(spoil: impl Fn(&Path), says: &str) {
    let (service, history) = Service::with(Tiny::new());
    spoil(&segment_of(&history));
    let read = service
        .settle(1)
        .and_then(|history| history.each_bucket(&history.view(day("2026-11-20")), 1, |_| true, |people| people.len()));
    let error = read.unwrap_err();
    assert_eq!(error.kind(), Kind::Storage);
    let text = error.to_string();
    assert!(text.contains("gp_events/000001.segment") && text.contains(says), "{text}");
}

#[test]
fn a_damaged_segment_is_refused_by_its_name() {
    let bytes = |path: &Path| fs::read(path).unwrap();
    check_refused(|path| fs::write(path, &bytes(path)[..bytes(path).len() - 1]).unwrap(), "its footer is damaged");
    check_refused(|path| fs::write(path, b"").unwrap(), "its footer is damaged");
    check_refused(|path| fs::remove_file(path).unwrap(), "read");
    // The first byte is one of a column's, the one before the last 20 belongs to the footer.
    let with_a_bit_turned = |path: &Path, at: usize| {
        let mut bytes = bytes(path);
        bytes[at] ^= 1;
        fs::write(path, bytes).unwrap();
    };
    check_refused(|path| with_a_bit_turned(path, 0), "a column differs from its checksum");
    check_refused(|path| with_a_bit_turned(path, bytes(path).len() - 21), "its footer is damaged");
    let another_table = |path: &Path| {
        fs::copy(path.with_file_name("../deaths/000001.segment"), path).unwrap();
    };
    check_refused(another_table, "its columns are another version's");
}

#[test]
fn a_history_of_another_version_is_refused_with_a_hint() {
    let (service, history) = Service::with(Tiny::new());
    let of_version_1 = r#"{"version": 1, "deliveries": [], "merged": {}, "rows": {}, "supplies": {}}"#;
    fs::write(history.folder().join("history.json"), of_version_1).unwrap();
    let error = service.settle(1).unwrap_err();
    assert_eq!(error.kind(), Kind::Storage);
    let text = error.to_string();
    assert!(text.contains("is of version 1, and this program reads version 7"), "{text}");
    assert!(text.contains("point [state] at an empty folder"), "{text}");
}

#[test]
fn of_two_results_of_one_day_the_greater_comes_last_however_they_were_delivered() {
    for (earlier, later) in [("40", "60"), ("60", "40")] {
        // Four keys, since an order by their hashes would be right now and then.
        for id in ["w", "xx", "yyy", "zzzz"] {
            let (service, _) = Service::with(Tiny::new().set("gp_events", 2, "value", earlier));
            let another = only(&["gp_events"]).keep_rows("gp_events", &[2]).set("gp_events", 1, "event_id", id);
            let history =
                service.deliver("second", "delta", "2026-11-21", another.set("gp_events", 1, "value", later)).unwrap();
            let events = somebody(&history, "2026-11-21", &person(2)).gp_events;
            let in_order: Vec<Option<i64>> = events.iter().map(|event| event.value_milli).collect();
            assert_eq!(in_order, [Some(40_000), Some(60_000)], "{earlier}, then {later} as {id}");
        }
    }
}
