//! Readers that read files: a delivery and a settled history, whole but for one file.

use std::fs;
use std::path::{Path, PathBuf};

use earlycall::codelists::CodeLists;
use earlycall::day::Day;
use earlycall::error::Kind;
use earlycall::extract::{Registry, delivery, inspect};
use earlycall::history::{History, arrive::settle_deliveries};
use earlycall::settings::{LegalBases, Settings};
use earlycall::store::{Store, disk::FileSystem};
use serde_json::Value;

use crate::readers::Read;
use crate::support::{Format, Tiny, line_of, sha256};

/// A tiny delivery of which one file is given.
pub struct Deliveries {
    settings: Settings,
    file: PathBuf,
    sample: Vec<u8>,
    table: &'static str,
}

/// Without these nobody is known, and no practice.
const TEACHERS: [&str; 2] = ["patients", "reference_practices"];

impl Deliveries {
    /// Read by the settings of a service that has this mapping.
    pub fn new(folder: &Path, table: &'static str, format: Format, mapping: &str) -> Deliveries {
        let text = format!("[profile]\nkind = \"research\"\n[extracts]\nfolder = \"delivery\"\n{mapping}");
        let settings = Settings::parse(&text, folder).unwrap();
        let all = earlycall_schemas::table::tables().iter().map(|table| table.name.as_str());
        let others = all.filter(|name| *name != table && !TEACHERS.contains(name));
        let delivery = others.fold(Tiny::new().format(format), Tiny::drop_table).write(folder);
        let ending = match format {
            Format::Csv => "csv",
            Format::CsvGz => "csv.gz",
            Format::Parquet => "parquet",
        };
        let file = delivery.join(format!("{table}.{ending}"));
        let sample = fs::read(&file).unwrap();
        Deliveries { settings, file, sample, table }
    }

    /// The file as it should be.
    pub fn sample(&self) -> Vec<u8> {
        self.sample.clone()
    }

    /// Reads the delivery, whose manifest vouches for these bytes.
    pub fn read(&self, bytes: &[u8]) -> Read {
        fs::write(&self.file, bytes).unwrap();
        let manifest = self.file.with_file_name("manifest.json");
        let mut json: Value = serde_json::from_slice(&fs::read(&manifest).unwrap()).unwrap();
        line_of(&mut json, self.table)["sha256"] = sha256(bytes).into();
        fs::write(&manifest, json.to_string()).unwrap();
        let found = delivery::arrived(&self.settings).unwrap();
        let inspection = inspect(&found.deliveries[0], &mut Registry::default(), 1, 0, &|_, _| Ok(()));
        match inspection.refusals.first() {
            None => Ok(()),
            Some(error) => {
                assert_eq!(error.error.kind(), Kind::Extract, "{error}");
                Err(error.to_string())
            }
        }
    }
}

/// A settled history.
pub struct Generation {
    folder: PathBuf,
}

const TAIL_BYTES: usize = 8 + 4 + 8;

impl Generation {
    /// Settles a tiny delivery, and another that corrects a row of it.
    pub fn new(folder: &Path) -> Generation {
        let settings = Settings::parse("[profile]\nkind = \"research\"", folder).unwrap();
        let store = Store::open(&FileSystem, &folder.join("out"), &folder.join("state")).unwrap();
        let second = Tiny::new().set("gp_events", 2, "value", "50").manifest(|manifest| {
            manifest["extract_id"] = "tiny-2".into();
            manifest["extracted_at"] = "2026-11-21T23:00:00Z".into();
        });
        let arrived = folder.join("extracts");
        fs::create_dir_all(&arrived).unwrap();
        for (name, tiny) in [("first", Tiny::new()), ("second", second)] {
            fs::rename(tiny.write(&folder.join("arriving")), arrived.join(name)).unwrap();
        }
        let history = settle_deliveries(&store, &settings, 1).unwrap();
        Generation { folder: history.folder().to_owned() }
    }

    pub fn sample(&self, file: &str) -> Vec<u8> {
        fs::read(self.folder.join(file)).unwrap()
    }

    /// Reads all of the history with other bytes in the place of a file.
    pub fn read_with(&self, file: &str, bytes: &[u8]) -> Read {
        let path = self.folder.join(file);
        let whole = fs::read(&path).unwrap();
        fs::write(&path, bytes).unwrap();
        let outcome = std::panic::catch_unwind(|| self.read());
        fs::write(&path, whole).unwrap();
        outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }

    fn read(&self) -> Read {
        let read = || {
            let history = History::open(&self.folder, CodeLists::default(), &LegalBases::default())?;
            let view = history.view(Day::parse("2026-11-21").unwrap());
            history.newest_events(&view, 1)?;
            history.each_bucket(&view, 1, |_| true, |people| people.len()).map(drop)
        };
        read().map_err(|error| {
            assert_eq!(error.kind(), Kind::Storage, "{error}");
            error.to_string()
        })
    }

    /// The footer of a segment.
    pub fn footer(&self, file: &str) -> Vec<u8> {
        let bytes = self.sample(file);
        let end = bytes.len() - TAIL_BYTES;
        bytes[end - length(&bytes)..end].to_vec()
    }

    /// A segment with another footer, under a checksum that is right.
    pub fn with_footer(&self, file: &str, footer: &[u8]) -> Vec<u8> {
        let bytes = self.sample(file);
        let rows = &bytes[..bytes.len() - TAIL_BYTES - length(&bytes)];
        let end = &bytes[bytes.len() - 8..];
        let (length, crc32) = ((footer.len() as u64).to_le_bytes(), crc32fast::hash(footer).to_le_bytes());
        [rows, footer, &length, &crc32, end].concat()
    }
}

/// The length of a segment's footer.
fn length(segment: &[u8]) -> usize {
    let at = segment.len() - TAIL_BYTES;
    u64::from_le_bytes(segment[at..at + 8].try_into().unwrap()) as usize
}
