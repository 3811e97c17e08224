//! Everything in a folder at a moment: to compare with later, or to put down elsewhere.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

/// What a path is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Entry {
    Folder,
    File(Vec<u8>),
    Link(PathBuf),
}

/// Every path below a folder, relative to it, with every byte of every file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot(BTreeMap<PathBuf, Entry>);

impl Snapshot {
    /// What is in a folder now; nothing where it is not there.
    pub fn of(folder: &Path) -> Snapshot {
        let mut snapshot = Snapshot::default();
        if folder.exists() {
            snapshot.walk(folder, Path::new(""));
        }
        snapshot
    }

    fn walk(&mut self, root: &Path, below: &Path) {
        for entry in fs::read_dir(root.join(below)).unwrap() {
            let entry = entry.unwrap();
            let (path, kind) = (below.join(entry.file_name()), entry.file_type().unwrap());
            if kind.is_dir() {
                self.0.insert(path.clone(), Entry::Folder);
                self.walk(root, &path);
            } else if kind.is_symlink() {
                self.0.insert(path, Entry::Link(fs::read_link(entry.path()).unwrap()));
            } else {
                self.0.insert(path, Entry::File(fs::read(entry.path()).unwrap()));
            }
        }
    }

    /// Puts everything down in a folder.
    pub fn write_to(&self, folder: &Path) {
        fs::create_dir_all(folder).unwrap();
        for (path, entry) in &self.0 {
            let path = folder.join(path);
            match entry {
                Entry::Folder => fs::create_dir(path).unwrap(),
                Entry::File(bytes) => fs::write(path, bytes).unwrap(),
                Entry::Link(target) => symlink(target, path).unwrap(),
            }
        }
    }

    /// Without the files of this name: `timings.json` and `seen.json` stand outside the promise of equal bytes.
    pub fn without(mut self, name: &str) -> Snapshot {
        self.0.retain(|path, _| path.file_name().is_none_or(|last| last != name));
        self
    }

    /// The part for which `wanted` holds.
    pub fn only(mut self, wanted: impl Fn(&Path) -> bool) -> Snapshot {
        self.0.retain(|path, _| wanted(path));
        self
    }

    /// How many files there are.
    pub fn n_files(&self) -> usize {
        self.0.values().filter(|entry| matches!(entry, Entry::File(_))).count()
    }

    /// The paths that only one of the two has, or that differ.
    pub fn differences(&self, other: &Snapshot) -> Vec<String> {
        let paths: BTreeSet<&PathBuf> = self.0.keys().chain(other.0.keys()).collect();
        let differ = paths.into_iter().filter(|path| self.0.get(*path) != other.0.get(*path));
        differ.map(|path| path.display().to_string()).collect()
    }
}

/// Asserts that two snapshots are the same, and names the paths where they are not.
#[track_caller]
pub fn assert_same(left: &Snapshot, right: &Snapshot, when: &str) {
    assert!(left.n_files() > 0, "{when}: nothing to compare");
    assert_eq!(left.differences(right), Vec::<String>::new(), "{when}");
}

/// What stays true of a published night however it came about: all of its files but the timings.
pub fn night(folder: &Path) -> Snapshot {
    Snapshot::of(folder).without("timings.json")
}

/// What a coach sees, and the scores and the cohort behind it.
pub fn shown(night: &Path) -> Snapshot {
    let seen = ["scores.parquet", "cohort.json", "worklist.parquet"];
    Snapshot::of(night).only(|path| path.starts_with("worklists") || seen.iter().any(|name| path == Path::new(name)))
}
