//! One file of a delivery: found inside its folder, held against its checksum, then opened by its format.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::error::{Error, Kind, Result};
use crate::extract::csv::CsvRows;
use crate::extract::decode::Decoded;
use crate::extract::delivery::DeliveryFolder;
use crate::extract::gzip::Unpacked;
use crate::extract::manifest::FileEntry;
use crate::extract::parquet::ParquetRows;
use crate::extract::promises::Format;
use crate::extract::raw::RawBatch;
use crate::extract::reading::Way;
use crate::extract::sums::Sums;
use crate::extract::translate::Translation;
use crate::settings::Encoding;

const BUFFER_BYTES: usize = 1 << 17;

/// The rows of a file, batch by batch.
pub(super) type Rows = Box<dyn Iterator<Item = Result<RawBatch>>>;

/// Opens a file of a delivery. No byte of it is interpreted before its checksum has proved right.
///
/// # Errors
/// The file is missing, is no plain file, exceeds a limit, differs from its checksum, or has another header than its
/// table or its mapping.
pub(super) fn open(delivery: &DeliveryFolder, entry: &FileEntry, way: &Way, sums: &Sums) -> Result<Rows> {
    let path = unaltered(delivery, entry, sums)?;
    let file = File::open(&path).map_err(|error| refusal(&error))?;
    let rows = match entry.format()? {
        Format::Csv => csv(file, way)?,
        Format::CsvGz => csv(Unpacked::of(file, BUFFER_BYTES, way.limits), way)?,
        Format::Parquet => Box::new(ParquetRows::open(file, way)?),
    };
    Ok(match way.mapping.and_then(|mapping| Translation::of(way.table, mapping)) {
        Some(codes) => Box::new(rows.map(move |batch| batch.map(|batch| codes.translate(batch)))),
        None => rows,
    })
}

fn csv(input: impl Read + 'static, way: &Way) -> Result<Rows> {
    Ok(match way.encoding() {
        Encoding::Utf8 => Box::new(CsvRows::open(input, way)?),
        other => Box::new(CsvRows::open(Decoded::new(input, other), way)?),
    })
}

/// The path of the file, once its checksum has proved right.
pub(super) fn unaltered(delivery: &DeliveryFolder, entry: &FileEntry, sums: &Sums) -> Result<PathBuf> {
    let path = plain_file(&delivery.path, entry)?;
    let about = fs::metadata(&path).map_err(|error| refusal(&error))?;
    delivery.reading.limits.hold("file_bytes", about.len())?;
    if sums.of_file(entry, &path, &about)? != entry.sha256 {
        return Err(Error::new(Kind::Extract, "the file differs from the manifest's sha256")
            .rule("V01")
            .hint("it was altered or cut short on its way; have it sent again"));
    }
    Ok(path)
}

/// The path of the file, once it is certain that no link leads out of the folder.
pub(super) fn plain_file(folder: &Path, entry: &FileEntry) -> Result<PathBuf> {
    let mut path = folder.to_owned();
    let mut parts = entry.file.split('/').peekable();
    while let Some(part) = parts.next() {
        path.push(part);
        let kind = fs::symlink_metadata(&path).map_err(|error| refusal(&error))?.file_type();
        let is_plain = if parts.peek().is_none() { kind.is_file() } else { kind.is_dir() };
        if !is_plain {
            return Err(Error::new(Kind::Extract, "the path is not a plain file inside the delivery")
                .rule("V01")
                .hint("links, devices and pipes are not read; send the file itself"));
        }
    }
    Ok(path)
}

/// What the system says about a file that can't be read, in our words; what we said ourselves, in the same.
pub(super) fn refusal(error: &io::Error) -> Error {
    if let Some(ours) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        return ours.clone();
    }
    let refused = |message| Error::new(Kind::Extract, message).rule("V01");
    match error.kind() {
        ErrorKind::NotFound => refused("the manifest names this file, but it is not there"),
        ErrorKind::UnexpectedEof => refused("the gzip stream ends too early").hint("have the file sent again"),
        ErrorKind::InvalidInput | ErrorKind::InvalidData => {
            refused("the gzip stream is damaged, or something follows it").hint("have the file sent again")
        }
        kind => Error::new(Kind::Storage, format!("the file can't be read: {kind}")),
    }
}
