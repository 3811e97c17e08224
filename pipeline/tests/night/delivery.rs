//! A delivery as a supplier sees it: tables of text and a manifest, read, edited, and sent again with a manifest that
//! fits. Written without the pipeline, so that what it reads is an independent witness.

use std::{collections::BTreeMap, fs, io::Read, path::Path};

use flate2::read::GzDecoder;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A delivery in memory.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub manifest: Value,
    pub tables: BTreeMap<String, Sheet>,
}

/// A table as text.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// A row that knows its columns.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    header: &'a [String],
    cells: &'a [String],
}

impl Delivery {
    /// Reads NAME.csv and NAME.csv.gz files.
    pub fn read(folder: &Path) -> Delivery {
        let manifest: Value = serde_json::from_slice(&fs::read(folder.join("manifest.json")).unwrap()).unwrap();
        let files = manifest["files"].as_array().unwrap().iter();
        let tables = files.map(|file| {
            let name = file["file"].as_str().unwrap();
            let bytes = fs::read(folder.join(name)).unwrap();
            (file["table"].as_str().unwrap().to_owned(), Sheet::parse(&unpacked(name, bytes)))
        });
        let tables = tables.collect();
        Delivery { manifest, tables }
    }

    /// A later delivery that adds, corrects and withdraws rows of one table, taken in the evening of a day.
    pub fn delta(&self, extract_id: &str, day: &str, table: &str, sheet: Sheet) -> Delivery {
        let mut manifest = self.manifest.clone();
        manifest["extract_id"] = json!(extract_id);
        manifest["extracted_at"] = json!(format!("{day}T23:00:00Z"));
        manifest["period_to"] = json!(day);
        manifest["delivery"] = json!("delta");
        manifest["history"] = json!(false);
        Delivery { manifest, tables: BTreeMap::from([(table.to_owned(), sheet)]) }
    }

    /// Writes the tables as NAME.csv, in the order of their names, with the checksums and counts that they have.
    pub fn write(&self, folder: &Path) {
        fs::create_dir_all(folder).unwrap();
        let mut manifest = self.manifest.clone();
        let files = self.tables.iter().map(|(name, sheet)| {
            let (file, bytes) = (format!("{name}.csv"), sheet.to_csv());
            fs::write(folder.join(&file), &bytes).unwrap();
            json!({"table": name, "file": file, "row_count": sheet.rows.len(), "sha256": sha256(&bytes)})
        });
        manifest["files"] = files.collect();
        write_manifest(folder, &manifest);
    }

    pub fn table(&self, name: &str) -> &Sheet {
        &self.tables[name]
    }

    pub fn table_mut(&mut self, name: &str) -> &mut Sheet {
        self.tables.get_mut(name).unwrap()
    }
}

impl Sheet {
    fn parse(bytes: &[u8]) -> Sheet {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
        let mut records = reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect());
        Sheet { header: records.next().unwrap(), rows: records.collect() }
    }

    pub fn to_csv(&self) -> Vec<u8> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&self.header).unwrap();
        self.rows.iter().for_each(|row| writer.write_record(row).unwrap());
        writer.into_inner().unwrap()
    }

    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|cells| Row { header: &self.header, cells })
    }

    /// Keeps the rows for which `wanted` holds.
    pub fn keep(&mut self, wanted: impl Fn(Row) -> bool) {
        let Sheet { header, rows } = self;
        rows.retain(|cells| wanted(Row { header, cells }));
    }

    /// Sets a cell of every row for which `wanted` holds; says how many.
    pub fn set(&mut self, column: &str, value: &str, wanted: impl Fn(Row) -> bool) -> usize {
        let at = self.header.iter().position(|name| name == column).unwrap();
        let Sheet { header, rows } = self;
        let found = rows.iter_mut().filter(|cells| wanted(Row { header, cells }));
        found.map(|cells| cells[at] = value.to_owned()).count()
    }

    /// A sheet of one of the rows, with some cells changed.
    pub fn one(&self, row: Row, changes: &[(&str, &str)]) -> Sheet {
        let mut sheet = Sheet { header: self.header.clone(), rows: vec![row.cells.to_vec()] };
        changes.iter().for_each(|(column, value)| assert_eq!(sheet.set(column, value, |_| true), 1));
        sheet
    }

    pub fn drop_column(&mut self, name: &str) {
        let at = self.header.iter().position(|column| column == name).unwrap();
        self.header.remove(at);
        self.rows.iter_mut().for_each(|row| drop(row.remove(at)));
    }
}

impl<'a> Row<'a> {
    /// A cell; a column that was not sent is empty.
    pub fn get(&self, column: &str) -> &'a str {
        self.header.iter().position(|name| name == column).map_or("", |at| &self.cells[at])
    }
}

/// Edits a manifest that lies in a folder.
pub fn edit_manifest(folder: &Path, edit: impl FnOnce(&mut Value)) {
    let mut manifest: Value = serde_json::from_slice(&fs::read(folder.join("manifest.json")).unwrap()).unwrap();
    edit(&mut manifest);
    write_manifest(folder, &manifest);
}

/// A manifest's line of a table.
pub fn line_of<'a>(manifest: &'a mut Value, table: &str) -> &'a mut Value {
    manifest["files"].as_array_mut().unwrap().iter_mut().find(|file| file["table"] == table).unwrap()
}

pub fn sha256(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(bytes))
}

fn write_manifest(folder: &Path, manifest: &Value) {
    fs::write(folder.join("manifest.json"), serde_json::to_vec_pretty(manifest).unwrap()).unwrap();
}

fn unpacked(name: &str, bytes: Vec<u8>) -> Vec<u8> {
    if !name.ends_with(".gz") {
        return bytes;
    }
    let mut text = Vec::new();
    GzDecoder::new(bytes.as_slice()).read_to_end(&mut text).unwrap();
    text
}
