//! A service in a folder of its own: a small synthetic population, a model trained on its past, and the binary to run
//! its nights. Prepared once, and put down anew for each test.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::OnceLock,
};

use earlycall::{
    day::Day,
    settings::Settings,
    synth::{DeliveryFiles, Format, Population, SynthParams, generate},
};
use tempfile::TempDir;

use crate::{delivery::Delivery, snapshot::Snapshot};

/// The first night, a Friday, and the second, a week later.
pub const FIRST: &str = "2026-11-13";
pub const SECOND: &str = "2026-11-20";

/// The program under test.
pub const EARLYCALL: &str = env!("CARGO_BIN_EXE_earlycall");

/// Everybody scored may be on a list: of some three hundred people a twentieth would fill none.
const SETTINGS: &str = "[profile]\nkind = \"research\"\n\
                        [pathways.coaching.rules.high_risk]\nrisk_top_percent = 100.0\nunplanned_care_within_days = 0\n";

/// A service that may be used up by its test.
pub struct Service {
    folder: TempDir,
}

/// What the program said, and how it ended.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Service {
    /// A service that has trained its model and run no night yet. Its first delivery has arrived.
    pub fn trained() -> Service {
        static TRAINED: OnceLock<Snapshot> = OnceLock::new();
        Service::restored(TRAINED.get_or_init(|| {
            let service = Service::empty();
            service.deliver_files(population().delivery_full(day(FIRST), Format::Csv));
            // The newest dates whose 180 and 365 days are over.
            let past = [day(FIRST) - 180, day(FIRST) - 365].map(|day| day.to_string());
            service.must(&["train", "--index-date", &past[0], "--index-date", &past[1]]);
            Snapshot::of(service.folder())
        }))
    }

    /// A service whose first night is published.
    pub fn after_first_night() -> Service {
        static FIRST_NIGHT: OnceLock<Snapshot> = OnceLock::new();
        Service::restored(FIRST_NIGHT.get_or_init(|| {
            let service = Service::trained();
            service.must(&["run", "--index-date", FIRST]);
            Snapshot::of(service.folder())
        }))
    }

    /// A service whose second week has arrived too, as additions to the first.
    pub fn before_second_night() -> Service {
        let service = Service::after_first_night();
        service.deliver_files(population().delivery_delta(day(FIRST), day(SECOND), Format::Csv));
        service
    }

    /// A service with settings for research, and nothing else.
    pub fn empty() -> Service {
        let service = Service { folder: temp_folder() };
        service.set_settings(SETTINGS);
        service
    }

    /// A service as it was when the snapshot was taken.
    pub fn restored(snapshot: &Snapshot) -> Service {
        let service = Service { folder: temp_folder() };
        snapshot.write_to(service.folder());
        service
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn out(&self) -> PathBuf {
        self.folder().join("out")
    }

    /// A published night, for example `2026-11-13.1`.
    pub fn night(&self, name: &str) -> PathBuf {
        self.out().join("nights").join(name)
    }

    /// Where `current` points.
    pub fn current(&self) -> String {
        fs::read_link(self.out().join("current")).unwrap().display().to_string()
    }

    pub fn settings(&self) -> Settings {
        Settings::load(&self.folder().join("earlycall.toml")).unwrap()
    }

    pub fn set_settings(&self, text: &str) {
        fs::write(self.folder().join("earlycall.toml"), text).unwrap();
    }

    pub fn add_settings(&self, text: &str) {
        self.set_settings(&format!("{SETTINGS}{text}\n"));
    }

    /// Puts a delivery where the service finds it, and says where that is.
    pub fn deliver(&self, delivery: &Delivery) -> PathBuf {
        let folder = self.folder().join("extracts").join(delivery.manifest["extract_id"].as_str().unwrap());
        delivery.write(&folder);
        folder
    }

    pub fn deliver_files(&self, delivery: DeliveryFiles) {
        let folder = self.folder().join("extracts").join(delivery.folder_name);
        write_files(&folder, &delivery.files);
    }

    /// Runs a command of the program on this service.
    pub fn earlycall(&self, args: &[&str]) -> Said {
        let config = self.folder().join("earlycall.toml");
        let mut command = Command::new(EARLYCALL);
        command.args(args).arg("--quiet").arg("--config").arg(config);
        Said::of(command.output().unwrap())
    }

    /// Runs a command that must succeed.
    #[track_caller]
    pub fn must(&self, args: &[&str]) -> Said {
        let said = self.earlycall(args);
        assert_eq!(said.code, 0, "{args:?}: {}", said.err);
        said
    }
}

impl Said {
    pub fn of(output: Output) -> Said {
        Said {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// The first delivery: everything known at the end of the first night's day.
pub fn first_delivery() -> Delivery {
    static FIRST_DELIVERY: OnceLock<Delivery> = OnceLock::new();
    FIRST_DELIVERY.get_or_init(|| as_text(population().delivery_full(day(FIRST), Format::Csv))).clone()
}

/// Everything known a week later, as a full delivery.
pub fn second_delivery() -> Delivery {
    static SECOND_DELIVERY: OnceLock<Delivery> = OnceLock::new();
    SECOND_DELIVERY.get_or_init(|| as_text(population().delivery_full(day(SECOND), Format::Csv))).clone()
}

/// What a week brought, as additions.
pub fn second_delta() -> Delivery {
    as_text(population().delivery_delta(day(FIRST), day(SECOND), Format::Csv))
}

/// Two thousand people: some 300 are scored, eight teams have five lines each.
fn population() -> Population {
    generate(&SynthParams { people: 2_000, years: 3, last_day: day(SECOND), ..SynthParams::default() })
}

pub fn as_text(delivery: DeliveryFiles) -> Delivery {
    let folder = temp_folder();
    write_files(folder.path(), &delivery.files);
    Delivery::read(folder.path())
}

fn write_files(folder: &Path, files: &[(String, Vec<u8>)]) {
    fs::create_dir_all(folder).unwrap();
    files.iter().for_each(|(name, bytes)| fs::write(folder.join(name), bytes).unwrap());
}

/// A folder in memory where the machine has one: a run syncs each of its files, and hundreds of runs would wait for the
/// disk most of their time.
fn temp_folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// A day of the calendar.
pub fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}
