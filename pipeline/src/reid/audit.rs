//! The audit: one line for each attempt and each load, written before anything comes of it. It only grows.
//!
//! Each line holds the SHA-256 of the line before it, and `head.json` beside the lines how many there are and the SHA-256
//! of the last. So an altered byte and a missing line are found, and so is a lost end; but whoever may write the folder
//! can make all of it anew, and only a head that somebody else keeps ([`Audit::verify`]) tells of that.

mod entry;

use std::fs;

use super::{place::Place, settings::Settings};
use crate::{
    day::{Day, Instant},
    error::{Error, Kind, Result},
    sha256::sha256,
    store::{append, folder, lock::Lock, state_file::replace_in},
};

pub use entry::{Asked, Entry, Head, Loaded, Outcome, What};

/// The folder of the lines, one file for each month in which there were any.
pub const FOLDER: &str = "audit";
/// The file beside them.
pub const HEAD: &str = "head.json";
/// What the first line says of the one before it.
const NOTHING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The audit, held by this process alone, and found whole as far as today goes back.
pub struct Audit<'p> {
    place: &'p Place,
    settings: &'p Settings,
    month: Option<String>,
    lines: Vec<String>,
    head: Head,
    _lock: Lock,
}

impl<'p> Audit<'p> {
    /// Takes the audit for this process, waits for whoever has it, and looks at the lines from the newest month on whose first
    /// line is whole.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when a line was altered or is missing.
    pub fn open(place: &'p Place, settings: &'p Settings) -> Result<Audit<'p>> {
        let lock = Lock::wait(place.folder())?;
        let months = months(place)?;
        // A month may begin with a line that was cut short, or have none: then the walk begins with one before it.
        let (mut before, mut texts) = (start(), Vec::new());
        for month in months.iter().rev() {
            let text = read(place, month)?;
            let first = text.split_terminator('\n').next().and_then(|line| serde_json::from_str::<Entry>(line).ok());
            texts.insert(0, (month, text));
            if let Some(entry) = first {
                before = Head { entries: entry.n.saturating_sub(1), sha256: entry.previous };
                break;
            }
        }
        let kept = head(place)?;
        let is_in_older = kept.entries <= before.entries;
        let mut walk = Walk { head: before, kept: kept.clone(), is_found: is_in_older };
        let mut lines = Vec::new();
        for (month, text) in &texts {
            walk.through(month, text)?;
            lines.extend(text.split_terminator('\n').map(str::to_owned));
        }
        walk.end(&kept)?;
        Ok(Audit { place, settings, month: months.last().cloned(), lines, head: walk.head, _lock: lock })
    }

    /// Of how many people a user was told on a day.
    pub fn n_granted(&self, user_id: &str, on: Day) -> usize {
        let entries = self.lines.iter().filter_map(|line| serde_json::from_str::<Entry>(line).ok());
        let granted = entries.filter(|entry| match &entry.what {
            What::Show(asked) => asked.outcome == Outcome::Granted && asked.user_id.as_deref() == Some(user_id),
            What::Load(_) => false,
        });
        granted.filter(|entry| Instant::parse(&entry.at).is_some_and(|at| Day::of(at) == on)).count()
    }

    /// Adds an entry; it would survive a power cut when this returns.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when it cannot be written; then nothing may be told.
    pub fn add(&mut self, at: Instant, login: &str, what: What) -> Result<()> {
        let entry = Entry {
            n: self.head.entries + 1,
            at: at.to_string(),
            login: login.to_owned(),
            what,
            settings: self.settings.sha256.clone(),
            previous: self.head.sha256.clone(),
        };
        let line = serde_json::to_string(&entry).expect("an entry is plain data");
        // A clock that was set back begins no month before the newest.
        let today = Day::of(at).to_string()[..7].to_owned();
        let month = self.month.take().filter(|newest| *newest > today).unwrap_or(today);
        let folder = self.place.path(FOLDER);
        append::line(&folder.join(format!("{month}.jsonl")), &line)?;
        self.head = Head { entries: entry.n, sha256: sha256(line.as_bytes()) };
        replace_in(&folder, HEAD, &serde_json::to_vec(&self.head).expect("plain data"))?;
        self.month = Some(month);
        self.lines.push(line);
        Ok(())
    }

    /// Looks at every line there is, and gives back the head, for somebody else to keep; `kept` is one that they kept, which
    /// must be on the way to it.
    ///
    /// # Errors
    /// * [`Kind::Storage`] at the first line that was altered, or before which one is missing; or when the end is lost.
    pub fn verify(place: &Place, kept: Option<Head>) -> Result<Head> {
        let _lock = Lock::wait(place.folder())?;
        let months = months(place)?;
        let mut found = start();
        for kept in [Some(head(place)?), kept].into_iter().flatten() {
            let mut walk = Walk { head: start(), kept: kept.clone(), is_found: kept.entries == 0 };
            for month in &months {
                walk.through(month, &read(place, month)?)?;
            }
            walk.end(&kept)?;
            found = walk.head;
        }
        Ok(found)
    }
}

/// A walk along the lines, which meets a head that was kept on its way.
struct Walk {
    head: Head,
    kept: Head,
    is_found: bool,
}

impl Walk {
    fn through(&mut self, month: &str, text: &str) -> Result<()> {
        for (n, line) in (1..).zip(text.split_terminator('\n')) {
            // The line of a write that was cut short is none, but the next one vouches for it as for any other.
            let is_next = match serde_json::from_str::<Entry>(line) {
                Ok(entry) => entry.previous == self.head.sha256 && entry.n == self.head.entries + 1,
                Err(_) => !line.starts_with('{') || !line.ends_with('}'),
            };
            if !is_next {
                return Err(damaged("was altered, or a line before it was altered or is missing")
                    .file(format!("{FOLDER}/{month}.jsonl"))
                    .line(n));
            }
            self.head = Head { entries: self.head.entries + 1, sha256: sha256(line.as_bytes()) };
            self.is_found |= self.head == self.kept;
        }
        Ok(())
    }

    fn end(&self, kept: &Head) -> Result<()> {
        let what = match (self.is_found, self.head.entries < kept.entries) {
            (true, _) => return Ok(()),
            (false, true) => {
                format!("lost its end: there were {} entries, and there are {}", kept.entries, self.head.entries)
            }
            (false, false) => format!("has another entry {} than was kept", kept.entries),
        };
        Err(damaged(&what).file(FOLDER))
    }
}

/// The head of an audit without a line, as a file.
pub fn first_head() -> Vec<u8> {
    serde_json::to_vec(&start()).expect("plain data")
}

fn start() -> Head {
    Head { entries: 0, sha256: NOTHING.to_owned() }
}

fn months(place: &Place) -> Result<Vec<String>> {
    let names = folder::names(&place.path(FOLDER))?;
    Ok(names.iter().filter_map(|name| name.strip_suffix(".jsonl").map(str::to_owned)).collect())
}

fn read(place: &Place, month: &str) -> Result<String> {
    let path = place.path(FOLDER).join(format!("{month}.jsonl"));
    let bytes = fs::read(&path).map_err(|error| Error::storage(&path, "read", &error))?;
    String::from_utf8(bytes).map_err(|_| damaged("was altered: it is no text").file(path.display().to_string()))
}

/// The head that is kept beside the lines; it is there before the first of them.
fn head(place: &Place) -> Result<Head> {
    let path = place.path(FOLDER).join(HEAD);
    let bytes = fs::read(&path).map_err(|error| Error::storage(&path, "read", &error))?;
    serde_json::from_slice(&bytes).map_err(|_| damaged("was altered").file(path.display().to_string()))
}

fn damaged(what: &str) -> Error {
    Error::new(Kind::Storage, what)
        .hint("put the audit back from a backup and tell whoever answers for it; until then nobody is told of anybody")
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    struct Desk {
        folder: tempfile::TempDir,
        settings: Settings,
    }

    impl Desk {
        /// An audit of four entries in two months.
        fn new() -> Desk {
            let desk = Desk { folder: tempfile::tempdir().unwrap(), settings: Settings::parse("").unwrap() };
            desk.begin();
            ["2026-10-30T10:00:00Z", "2026-10-31T23:30:00Z", "2026-11-01T09:00:00Z", "2026-11-01T10:00:00Z"]
                .iter()
                .for_each(|at| desk.add(at));
            desk
        }

        fn begin(&self) {
            fs::create_dir(self.folder.path().join(FOLDER)).unwrap();
            fs::write(self.file(HEAD), first_head()).unwrap();
        }

        fn place(&self) -> Place {
            Place::unlooked_at(self.folder.path())
        }

        fn add(&self, at: &str) {
            let asked = Asked {
                user_id: Some("u-17".into()),
                team_id: "coach-31".into(),
                person_ref: "ABCDEFGH27".into(),
                reason: "call".into(),
                outcome: Outcome::Granted,
            };
            let (place, at) = (self.place(), Instant::parse(at).unwrap());
            Audit::open(&place, &self.settings).unwrap().add(at, "jsmith", What::Show(asked)).unwrap();
        }

        fn file(&self, name: &str) -> PathBuf {
            self.folder.path().join(FOLDER).join(name)
        }

        fn verify(&self) -> Result<Head> {
            Audit::verify(&self.place(), None)
        }

        #[track_caller]
        fn is_damaged(&self, what: &str) {
            let error = self.verify().expect_err(what);
            assert_eq!(error.kind(), Kind::Storage, "{what}: {error}");
        }
    }

    const MONTHS: [&str; 2] = ["2026-10.jsonl", "2026-11.jsonl"];

    #[test]
    fn an_altered_byte_a_missing_line_and_a_lost_end_are_found() {
        let desk = Desk::new();
        assert_eq!(desk.verify().unwrap().entries, 4);
        for month in MONTHS {
            let whole = fs::read(desk.file(month)).unwrap();
            for at in 0..whole.len() {
                let mut altered = whole.clone();
                altered[at] ^= 1;
                fs::write(desk.file(month), &altered).unwrap();
                desk.is_damaged(&format!("{month}, byte {at}"));
            }
            let lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
            for missing in 0..lines.len() {
                let left = lines.iter().enumerate().filter(|(n, _)| *n != missing).flat_map(|(_, line)| line.to_vec());
                fs::write(desk.file(month), left.collect::<Vec<u8>>()).unwrap();
                desk.is_damaged(&format!("{month} without line {missing}"));
            }
            fs::remove_file(desk.file(month)).unwrap();
            desk.is_damaged(month);
            fs::write(desk.file(month), &whole).unwrap();
        }
        desk.verify().unwrap();
    }

    #[test]
    fn nothing_is_added_to_an_audit_that_is_damaged() {
        let desk = Desk::new();
        let head = fs::read(desk.file(HEAD)).unwrap();
        fs::remove_file(desk.file(HEAD)).unwrap();
        assert!(Audit::open(&desk.place(), &desk.settings).is_err(), "its head is gone");
        fs::write(desk.file(HEAD), head).unwrap();
        let whole = fs::read_to_string(desk.file(MONTHS[1])).unwrap();
        fs::write(desk.file(MONTHS[1]), whole.replace("u-17", "u-18")).unwrap();
        assert!(Audit::open(&desk.place(), &desk.settings).is_err());
        fs::write(desk.file(MONTHS[1]), whole.lines().next().unwrap()).unwrap();
        assert!(Audit::open(&desk.place(), &desk.settings).is_err());
    }

    #[test]
    fn an_audit_that_was_made_anew_is_whole_but_not_the_one_whose_head_was_kept() {
        let desk = Desk::new();
        let kept = desk.verify().unwrap();
        desk.add("2026-11-02T09:00:00Z");
        Audit::verify(&desk.place(), Some(kept.clone())).unwrap();
        fs::remove_dir_all(desk.file("")).unwrap();
        desk.begin();
        (1..6).for_each(|hour| desk.add(&format!("2026-11-02T0{hour}:00:00Z")));
        assert_eq!(desk.verify().unwrap().entries, 5);
        assert!(Audit::verify(&desk.place(), Some(kept)).is_err());
    }

    #[test]
    fn a_line_that_was_cut_short_is_no_entry_and_the_next_goes_on_after_it() {
        let desk = Desk::new();
        let head = fs::read(desk.file(HEAD)).unwrap();
        desk.add("2026-11-01T10:30:00Z");
        fs::write(desk.file(HEAD), head).unwrap();
        assert_eq!(desk.verify().unwrap().entries, 5, "of a run that died before it could write the head");
        let whole = fs::read(desk.file(MONTHS[1])).unwrap();
        fs::write(desk.file(MONTHS[1]), [&whole, &b"{\"n\":6,\"at\":\"2026"[..]].concat()).unwrap();
        desk.verify().unwrap();
        desk.add("2026-11-01T11:00:00Z");
        assert_eq!(desk.verify().unwrap().entries, 7, "the line that was cut short is one of them");
    }

    #[test]
    fn a_month_that_is_empty_or_begins_with_a_line_that_was_cut_short_stops_nobody() {
        for begun in ["", "{\"n\":5,\"at\":\"2026"] {
            let desk = Desk::new();
            fs::write(desk.file("2026-12.jsonl"), begun).unwrap();
            desk.add("2026-12-01T09:00:00Z");
            desk.add("2026-12-01T10:00:00Z");
            assert_eq!(desk.verify().unwrap().entries, if begun.is_empty() { 6 } else { 7 });
        }
    }

    #[test]
    fn people_are_counted_by_the_day_in_london_and_a_clock_that_is_set_back_begins_no_older_month() {
        let desk = Desk::new();
        let place = desk.place();
        let granted =
            |day: &str| Audit::open(&place, &desk.settings).unwrap().n_granted("u-17", Day::parse(day).unwrap());
        assert_eq!((granted("2026-11-01"), granted("2026-11-02")), (2, 0));
        desk.add("2026-10-31T08:00:00Z");
        assert_eq!(fs::read_to_string(desk.file(MONTHS[1])).unwrap().lines().count(), 3);
        desk.verify().unwrap();
    }
}
