//! Killed while somebody's objection is noted, or while the past is being rid of them: the old stands or the new, and
//! doing it once more ends it.

use std::{fs, sync::OnceLock};

use earlycall::{
    error::Result,
    history::records::PersonKey,
    keys::Keys,
    objections::{
        Kind,
        note::{Effect, Note, Noted},
        register::{FILE, Matter},
    },
    store::disk::{Disk, FileSystem},
    worklist::person_ref::person_ref,
};

use crate::{
    killed::{DiesAt, before, run},
    published::worklists,
    purged::traces,
    service::{FIRST, Service},
    snapshot::{Snapshot, assert_same, night},
    two_nights::{first, listed},
};

fn somebody() -> &'static str {
    static SOMEBODY: OnceLock<String> = OnceLock::new();
    SOMEBODY.get_or_init(|| {
        let service = Service::restored(before());
        let lists = listed(&service, &first(&service));
        lists.into_values().flatten().next().expect("somebody is on a list")
    })
}

fn note(service: &Service, disk: &dyn Disk) -> Result<Noted> {
    // As in `killed::run`: a child of another test may hold the lock for a moment.
    for _ in 0..200 {
        match note_on(service, disk, somebody()) {
            Ok(Noted { effect: Effect::Awaited, .. }) => std::thread::sleep(std::time::Duration::from_millis(5)),
            done => return done,
        }
    }
    panic!("nobody else has this service's lock for a second");
}

/// Notes that somebody objects, whatever is under way.
pub fn note_on(service: &Service, disk: &dyn Disk, person: &str) -> Result<Noted> {
    let note = Note {
        people: vec![PersonKey::parse(person).unwrap()],
        matter: Matter::Objection(Kind::Programme),
        takes_back: false,
        by: "A. Nurse".to_owned(),
        why: "asked us to".to_owned(),
    };
    note.write_down(&service.settings(), disk)
}

/// What the teams of the first night call somebody.
pub fn refs_of(service: &Service, person: &str, of_teams: &str) -> Vec<Vec<u8>> {
    let (keys, key) = (Keys::of(&service.settings()).unwrap(), PersonKey::parse(person).unwrap());
    let teams = worklists(&first(service)).into_keys().filter(|team| team.starts_with(of_teams));
    teams.map(|team| person_ref(&keys.team(&team).unwrap(), key).into_bytes()).collect()
}

#[test]
fn at_whatever_operation_a_note_dies_the_old_list_stands_or_the_new_and_noting_again_ends_it() {
    let undisturbed = Service::restored(before());
    note(&undisturbed, &FileSystem).unwrap();
    let revision = night(&undisturbed.night(&format!("{FIRST}.2")));
    for n in 0.. {
        let service = Service::restored(before());
        let is_done = note(&service, &DiesAt::after(n)).is_ok_and(|noted| noted.given().is_ok());
        let when = format!("killed at operation {n}");
        assert!(is_done || n < 200, "{when}: it goes on for ever");
        let old = Snapshot::of(&Service::restored(before()).night(&format!("{FIRST}.1")));
        assert_same(&Snapshot::of(&first(&service)), &old, &when);
        let current = service.current();
        assert!(current == format!("nights/{FIRST}.1") || current == format!("nights/{FIRST}.2"), "{when}: {current}");
        let register = fs::read(service.folder().join("state").join(FILE)).unwrap_or_default();
        assert!(current.ends_with(".1") || !register.is_empty(), "{when}: removed, and nobody knows why");
        note(&service, &FileSystem).unwrap();
        assert_eq!(service.current(), format!("nights/{FIRST}.2"), "{when}");
        assert_same(&night(&service.night(&format!("{FIRST}.2"))), &revision, &when);
        let given = fs::read(service.folder().join("team/worklist.html")).unwrap();
        let (team_id, _) = worklists(&first(&service)).pop_first().unwrap();
        let published = service.night(&format!("{FIRST}.2")).join(format!("worklists/{team_id}/worklist.html"));
        assert_eq!(given, fs::read(published).unwrap(), "{when}");
        if is_done {
            assert!(n > 20, "a revision of only {n} operations: has something found a way around the disk?");
            break;
        }
    }
}

#[test]
fn at_whatever_operation_a_run_dies_the_next_leaves_nothing_of_whoever_objects_and_each_night_is_whole() {
    let noted = {
        let service = Service::restored(before());
        note(&service, &FileSystem).unwrap();
        Snapshot::of(service.folder())
    };
    let undisturbed = Service::restored(&noted);
    let counts = DiesAt::after(100_000);
    run(&undisturbed, &counts).unwrap();
    assert_eq!(traces(&undisturbed, somebody()), Vec::<String>::new());
    let n_all = 100_000 - counts.n_left();
    assert!(n_all > 100, "a night of only {n_all} operations: has something found a way around the disk?");
    let redacted = night(&first(&undisturbed));
    // From the purge of the history to ridding the past of whoever left, and noting that.
    for n in 0..n_all {
        let service = Service::restored(&noted);
        assert!(run(&service, &DiesAt::after(n)).is_err());
        let when = format!("killed at operation {n} of {n_all}");
        // Whatever it says, the service goes on where it stopped.
        drop(run(&service, &FileSystem));
        assert_eq!(traces(&service, somebody()), Vec::<String>::new(), "{when}");
        assert_same(&night(&first(&service)), &redacted, &when);
    }
}
