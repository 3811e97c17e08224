//! Objections at any hour: somebody is noted while a run or another command is at work. Whatever the interleaving, a list
//! that is published after that does not show them, and the newest list does not once the command is over.

use std::{
    collections::BTreeSet,
    fs,
    io::{self, Write},
    path::Path,
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicBool, AtomicIsize, Ordering},
    },
};

use earlycall::{
    error::{Error, Kind},
    history::{
        arrive::{Nobody, arrive},
        records::PersonKey,
    },
    objections::{holding::holding, note::Effect},
    store::{
        Store,
        disk::{Disk, FileSystem},
        lock::RegisterLock,
        nights,
    },
};

use crate::{
    killed::{DiesAt, before, run},
    objection::{files_below, holds},
    objection_killed::{note_on, refs_of},
    published::{json, scores, worklists},
    service::{FIRST, SECOND, Service},
    snapshot::Snapshot,
    two_nights::{first, listed, second},
};

/// A disk before one of whose operations something else happens, once.
struct Interrupted<'a> {
    disk: &'a dyn Disk,
    n_operations_left: AtomicIsize,
    interruption: &'a (dyn Fn() + Sync),
}

impl Interrupted<'_> {
    fn operating(&self) -> &dyn Disk {
        if self.n_operations_left.fetch_sub(1, Ordering::Relaxed) == 0 {
            (self.interruption)();
        }
        self.disk
    }
}

impl Disk for Interrupted<'_> {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.operating().create_folder(path)
    }
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.operating().write(path, bytes)
    }
    fn create(&self, path: &Path) -> io::Result<Box<dyn Write + Send>> {
        self.operating().create(path)
    }
    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.operating().link(from, to)
    }
    fn sync(&self, path: &Path) -> io::Result<()> {
        self.operating().sync(path)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.operating().rename(from, to)
    }
    fn point(&self, target: &Path, link: &Path) -> io::Result<()> {
        self.operating().point(target, link)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.operating().remove(path)
    }
}

/// The second night as it is if nobody objects: the first person on its list, and how many operations it takes.
fn undisturbed() -> &'static (Snapshot, String, isize) {
    static UNDISTURBED: OnceLock<(Snapshot, String, isize)> = OnceLock::new();
    UNDISTURBED.get_or_init(|| {
        let service = Service::restored(before());
        let counts = DiesAt::after(100_000);
        run(&service, &counts).unwrap();
        let was_listed: BTreeSet<String> = listed(&service, &first(&service)).into_values().flatten().collect();
        let is_listed = listed(&service, &second(&service)).into_values().flatten();
        let somebody = is_listed.into_iter().find(|person| was_listed.contains(person)).expect("somebody stays");
        (Snapshot::of(&second(&service)), somebody, 100_000 - counts.n_left())
    })
}

fn somebody() -> &'static str {
    &undisturbed().1
}

/// Whether anything in a published night tells of somebody.
fn shows(service: &Service, night: &Path, person: &str) -> bool {
    let refs = refs_of(service, person, "");
    scores(night).contains_key(person)
        || files_below(night).iter().any(|(_, bytes)| refs.iter().any(|of| holds(bytes, of)))
}

/// Whether the register could be held now, without waiting.
fn is_register_free(service: &Service) -> bool {
    match fs::File::open(service.folder().join("state").join(RegisterLock::FILE)) {
        Ok(file) => file.try_lock().is_ok(),
        Err(_) => true,
    }
}

fn nights_of(service: &Service) -> BTreeSet<String> {
    nights::published(&service.out()).unwrap().iter().map(ToString::to_string).collect()
}

/// No list that came after the note shows the person; nor does the one in use, nor the team's own.
#[track_caller]
fn check_forgotten(service: &Service, published_before: &BTreeSet<String>, when: &str) {
    for night in nights_of(service).difference(published_before) {
        assert!(
            !shows(service, &service.night(night), somebody()),
            "{when}: {night} was published later and shows them"
        );
    }
    let current = service.out().join(service.current());
    assert!(!shows(service, &current, somebody()), "{when}: the list in use shows them");
    let (team_id, _) = worklists(&current).pop_first().unwrap();
    let published = fs::read(current.join(format!("worklists/{team_id}/worklist.html"))).unwrap();
    let given = fs::read(service.folder().join("team/worklist.html")).unwrap();
    assert!(given == published, "{when}: the team has another list than the one in use");
}

/// The last operations of a night: the history moves, and the night is published.
const LAST: isize = 40;

#[test]
fn at_whatever_moment_of_a_run_somebody_is_noted_no_list_published_later_shows_them() {
    let (_, _, n_all) = undisturbed();
    let (mut n_at_once, mut n_waited) = (0, 0);
    for n in (0..n_all - LAST).step_by(9).chain(n_all - LAST..*n_all) {
        let service = Service::restored(before());
        let published_before: Mutex<Option<BTreeSet<String>>> = Mutex::new(None);
        let interruption = || {
            // Whoever notes while something is published waits until it is.
            if is_register_free(&service) {
                let nights = nights_of(&service);
                note_on(&service, &FileSystem, somebody()).unwrap();
                *published_before.lock().unwrap() = Some(nights);
            }
        };
        let disk =
            Interrupted { disk: &FileSystem, n_operations_left: AtomicIsize::new(n), interruption: &interruption };
        let outcome = run(&service, &disk).unwrap();
        let when = format!("noted before operation {n}");
        let published_before = match published_before.into_inner().unwrap() {
            Some(nights) => {
                n_at_once += 1;
                nights
            }
            None => {
                n_waited += 1;
                let nights = nights_of(&service);
                let noted = note_on(&service, &FileSystem, somebody()).unwrap();
                assert!(matches!(noted.effect, Effect::Done { revised: Some(_), .. }), "{when}");
                nights
            }
        };
        assert!(outcome.night.to_string().starts_with(SECOND), "{when}");
        check_forgotten(&service, &published_before, &when);
    }
    assert!(n_at_once > 10 && n_waited > 10, "{n_at_once} noted at once, {n_waited} waited");
}

#[test]
fn whoever_is_noted_while_deliveries_are_settled_objects_for_all_of_the_night_or_for_none_of_it() {
    let person = PersonKey::parse(somebody()).unwrap();
    let mut seen = BTreeSet::new();
    for n in (0..undisturbed().2 - LAST).step_by(4) {
        let service = Service::restored(before());
        let interruption = || drop(note_on(&service, &FileSystem, somebody()).unwrap());
        let disk =
            Interrupted { disk: &FileSystem, n_operations_left: AtomicIsize::new(n), interruption: &interruption };
        let settings = service.settings();
        let store = Store::open(&disk, settings.output_folder(), settings.state_folder()).unwrap();
        let arrival = arrive(&store, &settings, 1, None, &Nobody).unwrap();
        let is_noted = arrival.history.register.in_force().contains_key(&person);
        assert_eq!(arrival.objecting.has(person), is_noted, "noted before operation {n}");
        seen.insert(is_noted);
    }
    assert_eq!(seen.len(), 2, "some were noted early, and some late");
}

/// A run during which somebody is noted when the history has moved and the night has yet to be published.
fn noted_late(service: &Service, disk: &dyn Disk) -> (bool, earlycall::error::Result<earlycall::night::Outcome>) {
    let was_noted = AtomicBool::new(false);
    let interruption = || {
        if is_register_free(service) {
            let noted = note_on(service, &FileSystem, somebody()).unwrap();
            assert!(matches!(noted.effect, Effect::Awaited), "the run holds the state");
            was_noted.store(true, Ordering::Relaxed);
        }
    };
    let disk = Interrupted { disk, n_operations_left: AtomicIsize::new(late()), interruption: &interruption };
    let outcome = run(service, &disk);
    (was_noted.load(Ordering::Relaxed), outcome)
}

/// The last operation at which the register is free: what comes after it publishes the night.
fn late() -> isize {
    static LATE: OnceLock<isize> = OnceLock::new();
    *LATE.get_or_init(|| {
        let n_all = undisturbed().2;
        let is_free_at = |n: &isize| {
            let service = Service::restored(before());
            let is_free = AtomicBool::new(false);
            let interruption = || is_free.store(is_register_free(&service), Ordering::Relaxed);
            run(
                &service,
                &Interrupted {
                    disk: &FileSystem,
                    n_operations_left: AtomicIsize::new(*n),
                    interruption: &interruption,
                },
            )
            .unwrap();
            is_free.into_inner()
        };
        let (mut free, mut held) = (n_all - 2 * LAST, n_all - 1);
        while held - free > 1 {
            let middle = i32::midpoint(free as i32, held as i32) as isize;
            *(if is_free_at(&middle) { &mut free } else { &mut held }) = middle;
        }
        free
    })
}

#[test]
fn a_night_during_which_somebody_is_noted_has_one_line_blank_and_every_other_in_its_place() {
    let service = Service::restored(before());
    let (was_noted, outcome) = noted_late(&service, &FileSystem);
    assert!(was_noted);
    let outcome = outcome.unwrap();
    let undisturbed_service = Service::restored(before());
    run(&undisturbed_service, &FileSystem).unwrap();
    let old = worklists(&second(&undisturbed_service));
    let new = worklists(&second(&service));
    let (old, new): (Vec<_>, Vec<_>) = (old.values().flatten().collect(), new.values().flatten().collect());
    assert_eq!(old.len(), new.len());
    let changed: Vec<usize> = (0..old.len()).filter(|at| old[*at] != new[*at]).collect();
    assert_eq!(changed.len(), 1);
    assert_eq!(new[changed[0]]["flags"], "Removed: do not call");
    assert_eq!(new[changed[0]]["line_no"], old[changed[0]]["line_no"]);

    let record = json(&second(&service), "run.json");
    assert_eq!(record["inputs"]["register"]["entries"], 1);
    assert_eq!(record["run_id"], format!("{SECOND}.1"));
    assert_eq!(record["counts"]["lines"], old.len() as u64 - 1);
    assert_eq!(outcome.n_lines, old.len() - 1);
    let told = "people noted while this night was made, who are in it no longer: 1; lines left blank by that: 1";
    assert!(outcome.warnings.iter().any(|warning| warning == told), "{:?}", outcome.warnings);
    // Scoring without them would fill the list up, so the same night run again is another.
    assert_eq!(run(&service, &FileSystem).unwrap_err().kind(), Kind::Usage);
}

#[test]
fn a_run_that_dies_after_somebody_was_noted_leaves_it_to_the_next_command() {
    let n_all = undisturbed().2;
    for n in late() + 1..=n_all {
        let service = Service::restored(before());
        let published_before = nights_of(&service);
        let (was_noted, _) = noted_late(&service, &DiesAt::after(n));
        let when = format!("killed at operation {n} of {n_all}");
        assert!(was_noted, "{when}");
        holding(&service.settings(), &FileSystem, |_| Ok(())).unwrap().2.unwrap();
        check_forgotten(&service, &published_before, &when);
        drop(run(&service, &FileSystem));
        check_forgotten(&service, &published_before, &when);
        assert!(service.current().starts_with(&format!("nights/{SECOND}")), "{when}: {}", service.current());
    }
}

#[test]
fn a_command_at_whose_end_somebody_is_noted_publishes_the_newest_list_anew_whether_it_succeeds_or_not() {
    for succeeds in [true, false] {
        let service = Service::restored(before());
        let published_before = nights_of(&service);
        let ended = holding(&service.settings(), &FileSystem, |_| {
            let noted = note_on(&service, &FileSystem, somebody()).unwrap();
            assert!(matches!(noted.effect, Effect::Awaited));
            assert_eq!(service.current(), format!("nights/{FIRST}.1"));
            if succeeds { Ok(()) } else { Err(Error::new(Kind::Held, "it is held")) }
        });
        let told = format!("published anew as {FIRST}.2, with 1 line blank");
        match ended {
            Ok(((), revised, given)) => {
                assert!(succeeds && given.is_ok() && revised.unwrap().in_words().ends_with(&told))
            }
            Err(error) => assert!(error.kind() == Kind::Held && error.to_string().contains(&told), "{error}"),
        }
        assert_eq!(service.current(), format!("nights/{FIRST}.2"));
        check_forgotten(&service, &published_before, "noted by another");
    }
}

#[test]
fn a_command_during_which_nobody_is_noted_publishes_nothing() {
    let service = Service::restored(before());
    note_on(&service, &FileSystem, somebody()).unwrap();
    let before = Snapshot::of(service.folder());
    let ((), revised, given) = holding(&service.settings(), &FileSystem, |_| Ok(())).unwrap();
    assert_eq!((revised, given), (None, Ok(())));
    crate::snapshot::assert_same(&Snapshot::of(service.folder()), &before, "nothing was noted");
}

#[test]
fn a_folder_of_a_team_that_cannot_be_written_to_takes_nothing_from_what_a_command_has_done() {
    let service = Service::restored(before());
    note_on(&service, &FileSystem, somebody()).unwrap();
    let team = service.folder().join("team");
    fs::remove_dir_all(&team).unwrap();
    fs::write(&team, "no folder").unwrap();
    let (done, revised, given) = holding(&service.settings(), &FileSystem, |_| Ok("a report")).unwrap();
    assert_eq!((done, revised), ("a report", None));
    assert_eq!(given.unwrap_err().kind(), Kind::Storage);
}

#[test]
fn while_another_command_is_at_work_a_note_is_taken_and_says_what_will_happen() {
    let service = Service::restored(before());
    let settings = service.settings();
    // It dies, so it is up to the next command.
    let at_work = Store::open(&FileSystem, settings.output_folder(), settings.state_folder()).unwrap();
    let said = service.must(&["objection", "add", somebody(), "--by", "A. Nurse", "--why", "said so on the phone"]);
    for words in [
        "noted as objecting: 1 of 1",
        "another command is at work: whatever it publishes leaves them out",
        "until then the list in use still shows them: do not call",
    ] {
        assert!(said.out.contains(words), "{}", said.out);
    }
    assert!(!said.out.contains(somebody()));
    assert_eq!(service.current(), format!("nights/{FIRST}.1"));
    drop(at_work);
    let said = service.must(&["objection", "list"]);
    assert!(said.err.contains(&format!("published anew as {FIRST}.2, with 1 line blank")), "{}", said.err);
    assert_eq!(service.current(), format!("nights/{FIRST}.2"));
    check_forgotten(&service, &[format!("{FIRST}.1")].into(), "noted while another command was at work");
}

#[test]
fn what_is_taken_back_while_a_command_is_at_work_is_noted_too() {
    let service = Service::restored(before());
    service.must(&["withdraw", somebody(), "--why", "wrong"]);
    let settings = service.settings();
    let at_work = Store::open(&FileSystem, settings.output_folder(), settings.state_folder()).unwrap();
    let said = service.must(&["withdraw", somebody(), "--why", "wrong", "--undo"]);
    assert!(said.out.contains("taken back: 1 of 1"), "{}", said.out);
    drop(at_work);
    run(&service, &FileSystem).unwrap();
    assert!(scores(&second(&service)).contains_key(somebody()));
}
