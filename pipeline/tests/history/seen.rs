//! Settled files are read again only where they look otherwise than before.

use std::{
    fs::{self, File, FileTimes},
    os::unix::fs::MetadataExt,
    path::PathBuf,
    time::{Duration, SystemTime},
};

use crate::{Service, Tiny};

impl Service {
    fn gp_events(&self) -> PathBuf {
        self.folder.path().join("extracts/first/gp_events.csv")
    }

    fn seen(&self) -> PathBuf {
        self.folder.path().join("state/seen.json")
    }

    /// As if an hour had passed since the files were delivered.
    fn an_hour_later(&self) {
        let later = FileTimes::new().set_modified(SystemTime::now() + Duration::from_secs(3600));
        File::options().write(true).open(self.seen()).unwrap().set_times(later).unwrap();
    }

    /// Whether another run finds the delivery as it was settled.
    fn is_unchanged(&self) -> bool {
        match self.settle(1) {
            Ok(_) => true,
            Err(error) => {
                assert!(error.to_string().contains("differs from the manifest's sha256"), "{error}");
                false
            }
        }
    }
}

/// Turns a byte of a file, in place.
fn alter(path: &PathBuf) {
    let mut bytes = fs::read(path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_settled_file_that_is_altered_is_found_out_by_its_look() {
    let (service, _) = Service::with(Tiny::new());
    service.an_hour_later();
    assert!(service.is_unchanged());
    alter(&service.gp_events());
    assert!(!service.is_unchanged());
    alter(&service.gp_events());
    assert!(service.is_unchanged(), "it looks otherwise, and is what it was");
}

#[test]
fn what_looks_as_it_did_is_not_read() {
    let (service, _) = Service::with(Tiny::new());
    let about = |path: PathBuf| {
        let about = fs::metadata(path).unwrap();
        format!(
            r#"{{"file":{},"bytes":{},"changed":[{},{}]}}"#,
            about.ino(),
            about.len(),
            about.ctime(),
            about.ctime_nsec()
        )
    };
    let before = about(service.gp_events());
    alter(&service.gp_events());
    // Whoever could make an altered file look as it did would be believed: nobody can, short of the clock of the disk.
    let noted = fs::read_to_string(service.seen()).unwrap();
    assert!(noted.contains(&before), "{noted}");
    fs::write(service.seen(), noted.replace(&before, &about(service.gp_events()))).unwrap();
    assert!(!service.is_unchanged(), "what changed a moment ago is read");
    service.an_hour_later();
    assert!(service.is_unchanged());
}

#[test]
fn without_what_was_noted_everything_is_read_and_noted_again() {
    for spoil in [|path: PathBuf| fs::remove_file(path).unwrap(), |path: PathBuf| fs::write(path, "{").unwrap()] {
        let (service, _) = Service::with(Tiny::new());
        let noted = fs::read(service.seen()).unwrap();
        spoil(service.seen());
        assert!(service.is_unchanged());
        assert_eq!(fs::read(service.seen()).unwrap(), noted);
        spoil(service.seen());
        alter(&service.gp_events());
        assert!(!service.is_unchanged());
    }
}
