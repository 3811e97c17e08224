//! One file of a delivery: found inside its folder, held against its checksum, then opened by its format.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::error::{Error, Kind, Result};
use crate::extract::csv::CsvRows;
use crate::extract::decode::Decoded;
use crate::extract::delivery::DeliveryFolder;
use crate::extract::foreign;
use crate::extract::gzip::Unpacked;
use crate::extract::input::Input;
use crate::extract::manifest::FileEntry;
use crate::extract::parquet::ParquetRows;
use crate::extract::promises::Format;
use crate::extract::raw::RawBatch;
use crate::extract::reading::Way;
use crate::extract::refusal::broken;
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
    let (file, about) = opened(delivery, entry)?;
    let format = entry.format()?;
    let input = match format {
        Format::Parquet => Input::of(file, &about, delivery.reading.in_memory_max).map_err(|error| refusal(&error))?,
        // From its beginning to its end, by way of a small buffer.
        Format::Csv | Format::CsvGz => Input::on_disk(file, about.len()),
    };
    prove(&input, entry, &about, sums)?;
    foreign::refuse(&input, format, way)?;
    let rows = match format {
        Format::Csv => csv(input.reader(), way)?,
        Format::CsvGz => csv(Unpacked::of(input.reader(), BUFFER_BYTES, way.limits), way)?,
        Format::Parquet => Box::new(ParquetRows::open(input, way)?),
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

/// Makes sure that a file has the checksum of its manifest.
///
/// # Errors
/// As of [`open`], but for what its bytes mean.
pub(super) fn verify(delivery: &DeliveryFolder, entry: &FileEntry, sums: &Sums) -> Result<()> {
    let (file, about) = opened(delivery, entry)?;
    prove(&Input::on_disk(file, about.len()), entry, &about, sums)
}

fn opened(delivery: &DeliveryFolder, entry: &FileEntry) -> Result<(File, Metadata)> {
    let path = plain_file(&delivery.path, entry)?;
    let file = File::open(&path).map_err(|error| refusal(&error))?;
    let about = file.metadata().map_err(|error| refusal(&error))?;
    delivery.reading.limits.hold("file_bytes", about.len())?;
    Ok((file, about))
}

fn prove(input: &Input, entry: &FileEntry, about: &Metadata, sums: &Sums) -> Result<()> {
    match sums.prove(entry, about, || input.sum().map_err(|error| refusal(&error)))? {
        true => Ok(()),
        false => Err(altered()),
    }
}

/// The refusal of a file that is not the one of which the manifest tells.
pub(super) fn altered() -> Error {
    broken("the file differs from the manifest's sha256", "it was altered or cut short on its way; have it sent again")
}

/// The path of the file, once it is certain that no link leads out of the folder.
pub(super) fn plain_file(folder: &Path, entry: &FileEntry) -> Result<PathBuf> {
    let mut path = folder.to_owned();
    let mut parts = entry.file.split('/').peekable();
    while let Some(part) = parts.next() {
        let inside = path.clone();
        path.push(part);
        let kind = match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(absent(&inside, part)),
            about => about.map_err(|error| refusal(&error))?.file_type(),
        };
        let is_plain = if parts.peek().is_none() { kind.is_file() } else { kind.is_dir() };
        if !is_plain {
            return Err(broken(
                "the path is not a plain file inside the delivery",
                "links, devices and pipes are not read; send the file itself",
            ));
        }
    }
    Ok(path)
}

/// The refusal of a file that is not there, though one may be under nearly that name.
fn absent(folder: &Path, name: &str) -> Error {
    let mut others = fs::read_dir(folder).into_iter().flatten().flatten();
    let what_to_do = match others.any(|other| other.file_name().eq_ignore_ascii_case(name)) {
        true => "there is one whose name differs in capitals: rename it, so that both say the same",
        false => "have it sent; a manifest is copied last, once all its files are there",
    };
    broken("the manifest names this file, but it is not there", what_to_do)
}

/// What the system says about a file that can't be read, in our words; what we said ourselves, in the same.
pub(super) fn refusal(error: &io::Error) -> Error {
    if let Some(ours) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        return ours.clone();
    }
    match error.kind() {
        ErrorKind::NotFound => {
            broken("the file was taken away while it was read", "put it back, or have it sent again")
        }
        ErrorKind::UnexpectedEof => broken(
            "the gzip stream ends too early",
            "it was cut short before it was sent: have it packed and sent again",
        ),
        ErrorKind::InvalidInput | ErrorKind::InvalidData => {
            broken("the gzip stream is damaged, or something follows it", "have the table packed and sent again")
        }
        kind => Error::new(Kind::Storage, format!("the file can't be read: {kind}")),
    }
}
