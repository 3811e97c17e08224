//! Killed at each of its writes, syncs and renames in turn: yesterday's night stays current and whole, and the next run
//! succeeds.

use std::{
    fs,
    io::{self, Write},
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicIsize, Ordering},
    },
    thread,
    time::Duration,
};

use earlycall::{
    error::{Error, Kind},
    night::{self, Outcome, Request},
    progress::Progress,
    store::disk::{Disk, FileSystem},
};

use crate::{
    service::{EARLYCALL, FIRST, SECOND, Service, day, first_delivery, second_delta},
    snapshot::{Snapshot, assert_same, night},
};

/// A disk that does some operations, dies in the middle of the next, and does nothing more.
pub struct DiesAt {
    n_operations_left: AtomicIsize,
}

impl DiesAt {
    pub fn after(n_operations: isize) -> DiesAt {
        DiesAt { n_operations_left: AtomicIsize::new(n_operations) }
    }

    /// How many operations it could still do.
    pub fn n_left(&self) -> isize {
        self.n_operations_left.load(Ordering::Relaxed)
    }

    /// Does an operation while alive, half of it in the moment of death, and afterwards nothing.
    fn operate(&self, whole: impl FnOnce() -> io::Result<()>, half: impl FnOnce()) -> io::Result<()> {
        match self.n_operations_left.fetch_sub(1, Ordering::Relaxed) {
            1.. => return whole(),
            0 => half(),
            _ => {}
        }
        Err(io::Error::other("the process is dead"))
    }
}

impl Disk for DiesAt {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.operate(|| FileSystem.create_folder(path), || {})
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.operate(|| FileSystem.write(path, bytes), || drop(FileSystem.write(path, &bytes[..bytes.len() / 2])))
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn Write + Send>> {
        let mut file = None;
        let made =
            self.operate(|| FileSystem.create(path).map(|made| file = Some(made)), || drop(FileSystem.create(path)));
        made.map(|()| file.expect("made while alive"))
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.operate(|| FileSystem.link(from, to), || {})
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        self.operate(|| FileSystem.sync(path), || {})
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.operate(|| FileSystem.rename(from, to), || {})
    }

    fn point(&self, target: &Path, link: &Path) -> io::Result<()> {
        self.operate(|| FileSystem.point(target, link), || {})
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.operate(|| FileSystem.remove(path), || remove_half(path))
    }
}

/// A removal that was cut short: of a folder's names, every other one is gone.
fn remove_half(path: &Path) {
    if path.is_dir() && !path.is_symlink() {
        for entry in fs::read_dir(path).unwrap().step_by(2) {
            FileSystem.remove(&entry.unwrap().path()).unwrap();
        }
    }
}

#[test]
fn at_whatever_operation_it_dies_yesterday_stands_and_the_next_run_succeeds() {
    let undisturbed = undisturbed();
    let mut n_published = 0;
    for n in 0.. {
        let service = Service::restored(before());
        if let Ok(outcome) = run(&service, &DiesAt::after(n)) {
            assert_eq!(outcome.folder, Some(service.night(&format!("{SECOND}.1"))));
            assert!(n > 80, "a night of only {n} operations: has something found a way around the disk?");
            break;
        }
        n_published += check_dead(&service, undisturbed, &format!("killed at operation {n}"));
    }
    // The pointer has moved, and only the sync of that is missing: the new night stands, and stands whole.
    assert_eq!(n_published, 1);
}

#[test]
fn a_real_kill_does_no_more_harm() {
    let is_traceable = Command::new("strace").args(["-qq", "-e", "trace=none", "true"]).output();
    if !is_traceable.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: there is no strace here, or it may not trace, so no run is really killed");
        return;
    }
    let undisturbed = undisturbed();
    let mut n_killed = 0;
    for (call, n) in sampled_calls() {
        let service = Service::restored(before());
        let inject = format!("inject={call}:signal=KILL:when={n}");
        let status = traced(&service, &["-o", "/dev/null", "-e", &format!("trace={call}"), "-e", &inject]);
        if status.signal() == Some(9) {
            n_killed += 1;
            check_dead(&service, undisturbed, &format!("killed at {call} number {n}"));
        }
    }
    assert!(n_killed > 10, "only {n_killed} runs were killed");
}

/// Checks what a dead run left, and that the next run succeeds. Says how many nights (0 or 1) the dead one published.
#[track_caller]
fn check_dead(service: &Service, undisturbed: &Snapshot, when: &str) -> usize {
    let first = format!("nights/{FIRST}.1");
    let standing = Snapshot::of(&service.out().join(&first));
    assert_same(&standing, &Snapshot::of(&Service::restored(before()).out().join(&first)), when);
    let had_published = service.current() != first;
    let next = run(service, &FileSystem);
    match next {
        Ok(outcome) => assert!(!had_published && outcome.n_lines > 0, "{when}"),
        Err(error) => assert!(had_published && error.kind() == Kind::NothingToDo, "{when}: {error}"),
    }
    assert_same(&whole(service), undisturbed, when);
    usize::from(had_published)
}

/// Everything that coaches and the next night build on: the published nights, the pointer, the team's own copy of its
/// list, and the settled history.
fn whole(service: &Service) -> Snapshot {
    const BUILT_ON: [&str; 3] = ["out", "team", "state/history/generation-000002"];
    night(service.folder()).only(|path| BUILT_ON.iter().any(|folder| path.starts_with(folder)))
}

fn undisturbed() -> &'static Snapshot {
    static UNDISTURBED: OnceLock<Snapshot> = OnceLock::new();
    UNDISTURBED.get_or_init(|| {
        let service = Service::restored(before());
        run(&service, &FileSystem).unwrap();
        let whole = whole(&service);
        assert_eq!(service.current(), format!("nights/{SECOND}.1"));
        assert!(whole.n_files() > 40);
        whole
    })
}

pub fn run(service: &Service, disk: &dyn Disk) -> Result<Outcome, Error> {
    let request = Request { index_date: Some(day(SECOND)), threads: 1, ..Request::default() };
    // A child that another test is starting has every lock of this process until its own program begins, so a lock may
    // be held a moment longer than the run that took it.
    for _ in 0..200 {
        match night::run(&service.settings(), &request, disk, &mut Progress::quiet()) {
            Err(error) if error.kind() == Kind::Locked => thread::sleep(Duration::from_millis(5)),
            done => return done.and_then(|outcome| outcome.given.clone().map(|()| outcome)),
        }
    }
    panic!("nobody else has this service's lock for a second");
}

/// A service small enough to be killed a hundred times: an eighth of the people (keys that begin with 0 or 1), and one
/// team for all of them. The first night is published, and the second week has arrived.
pub fn before() -> &'static Snapshot {
    static BEFORE: OnceLock<Snapshot> = OnceLock::new();
    BEFORE.get_or_init(|| {
        let service = Service::empty();
        service.add_settings("[delivery.coach-city-of-london]\nfolder = \"team\"");
        Snapshot::of(&Service::trained().folder().join("model")).write_to(&service.folder().join("model"));
        for (n, mut delivery) in [first_delivery(), second_delta()].into_iter().enumerate() {
            for (name, sheet) in &mut delivery.tables {
                sheet.keep(|row| row.get("person_id").is_empty() || row.get("person_id").starts_with(['0', '1']));
                if name == "reference_teams" {
                    let everywhere: Vec<String> = sheet.rows().map(|team| team.get("scope").to_owned()).collect();
                    sheet.rows.truncate(1);
                    sheet.set("scope", &everywhere.join("|"), |_| true);
                }
            }
            delivery.table_mut("patients").keep(|row| row.get("superseded_by").is_empty());
            service.deliver(&delivery);
            if n == 0 {
                service.must(&["run", "--index-date", FIRST]);
            }
        }
        Snapshot::of(service.folder())
    })
}

/// System calls at which to kill: of each kind that changes a disk, some of those that an undisturbed run makes.
fn sampled_calls() -> Vec<(&'static str, usize)> {
    const KINDS: [(&str, usize); 7] =
        [("fsync", 4), ("write", 4), ("openat", 4), ("rename", 4), ("mkdir", 2), ("symlink", 2), ("unlinkat", 2)];
    let service = Service::restored(before());
    let log = service.folder().join("calls");
    let kinds = KINDS.map(|(kind, _)| kind).join(",");
    assert!(traced(&service, &["-o", &log.display().to_string(), "-e", &format!("trace={kinds}")]).success());
    let log = fs::read_to_string(log).unwrap();
    let calls: Vec<(&str, &str)> = log.lines().filter_map(|line| line.split_once(' ')).collect();
    // The first thread writes; the others only read, and strace counts each thread's calls on their own.
    let of_first = |kind: &str| {
        let is_kind =
            |call: &&(&str, &str)| call.0 == calls[0].0 && call.1.trim_start().starts_with(&format!("{kind}("));
        calls.iter().filter(is_kind).count()
    };
    let spread = |&(kind, samples): &(&'static str, usize)| {
        let n = of_first(kind);
        (0..samples.min(n)).map(|i| (kind, 1 + i * (n - 1) / (samples.min(n) - 1).max(1))).collect::<Vec<_>>()
    };
    KINDS.iter().flat_map(spread).collect()
}

/// Runs the second night under strace.
fn traced(service: &Service, strace: &[&str]) -> std::process::ExitStatus {
    let mut command = Command::new("strace");
    command.args(["-f", "-qq"]).args(strace).args([EARLYCALL, "run", "--quiet", "--threads", "1"]);
    command.args(["--index-date", SECOND, "--config"]).arg(service.folder().join("earlycall.toml"));
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap()
}
