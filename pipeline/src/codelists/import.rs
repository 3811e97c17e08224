//! From a published file into the folder of the service.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use earlycall_schemas::{
    codelists::import::{self, Format, parse, to_csv},
    codes::SnomedCode,
};

use super::{CODES, ORIGIN, Origin, known};
use crate::{
    day::Day,
    error::{Error, Kind, Result},
    sha256::sha256,
    store::{folder::NewFile, lists},
};

/// Largest file that is taken for a list. The snapshot of all simple reference sets of the UK is a fifth of it.
const FILE_BYTES_MAX: u64 = 1 << 30;

/// A format of files that can be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFormat {
    /// A cluster of the NHS Primary Care Domain.
    Pcd,
    /// A download from OpenCodelists.
    OpenCodelists,
    /// A simple reference set in release format 2.
    Rf2 {
        /// The concept that identifies it.
        refset: SnomedCode,
    },
    /// Ours.
    Own,
}

impl FileFormat {
    /// The word on the command line and in `origin.toml`.
    pub fn code(self) -> &'static str {
        match self {
            FileFormat::Pcd => "pcd",
            FileFormat::OpenCodelists => "opencodelists",
            FileFormat::Rf2 { .. } => "rf2",
            FileFormat::Own => "own",
        }
    }
}

/// A file to be imported, and what its bytes do not say.
#[derive(Clone, Debug)]
pub struct Import {
    /// The file.
    pub file: PathBuf,
    /// The name by which conditions call the list.
    pub name: String,
    /// What the file is.
    pub format: FileFormat,
    /// Who publishes it, and where.
    pub origin: String,
    /// Under which licence it may be used.
    pub licence: String,
    /// The day of its release.
    pub released: Day,
}

/// What came of an import.
#[derive(Clone, Debug)]
pub struct Imported {
    /// What was recorded.
    pub origin: Origin,
    /// Rows that were left out.
    pub refused: Vec<import::Refused>,
}

/// The line of a row, as an editor counts: the header, row 0, is line 1, and no row has two.
pub fn line_of(row: u64) -> u64 {
    row + 1
}

impl Import {
    /// Reads the file and puts the list into a folder, in place of an older one of its name.
    ///
    /// # Errors
    /// * [`Kind::Usage`] when nobody says where the list comes from or under which licence.
    /// * [`Kind::Settings`] when no condition knows the name, or the file is not as its format says.
    /// * [`Kind::Storage`] when the file cannot be read or the list not be written; then an older one stands.
    pub fn into_folder(&self, folder: &Path) -> Result<Imported> {
        if self.origin.trim().is_empty() || self.licence.trim().is_empty() {
            return Err(Error::new(Kind::Usage, "a code list needs an origin and a licence"));
        }
        known(&self.name)?;
        let file_name = self.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if matches!(self.format, FileFormat::Rf2 { .. }) && !file_name.contains("Snapshot") {
            return Err(self.refused("the name of the file does not say that it is a snapshot").hint(
                "a delta would make a list of its changes alone; take the file from the folder Snapshot of the release",
            ));
        }
        let bytes = self.read()?;
        let list = parse(&bytes, self.parser()).map_err(|error| self.told(&error))?;
        let codes = to_csv(&list.codes).into_bytes();
        let origin = Origin {
            origin: self.origin.clone(),
            licence: self.licence.clone(),
            released: self.released.to_string(),
            format: self.format.code().to_owned(),
            file: file_name,
            file_sha256: sha256(&bytes),
            codes_sha256: sha256(&codes),
            n_rows: list.n_rows,
            n_codes: list.codes.len() as u64,
            refused: list.refused.iter().map(Into::into).collect(),
        };
        let record = origin.to_bytes();
        // The same list imported again is the same version.
        let version = format!("{}-{}", self.name, &sha256(&record)[..16]);
        lists::put(folder, &self.name, &version, &[NewFile::new(CODES, codes), NewFile::new(ORIGIN, record)])?;
        Ok(Imported { origin, refused: list.refused })
    }

    fn parser(&self) -> Format<'_> {
        match self.format {
            FileFormat::Pcd => Format::Pcd { cluster: &self.name },
            FileFormat::OpenCodelists => Format::OpenCodelists,
            FileFormat::Rf2 { refset } => Format::Rf2 { refset },
            FileFormat::Own => Format::Own,
        }
    }

    fn read(&self) -> Result<Vec<u8>> {
        let failed = |error: std::io::Error| Error::storage(&self.file, "read", &error);
        // Asked before the file is opened: opening a pipe would wait for somebody to write into it.
        if !self.file.metadata().map_err(failed)?.is_file() {
            return Err(self.refused("is not a file"));
        }
        let mut bytes = Vec::new();
        File::open(&self.file)
            .and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes))
            .map_err(failed)?;
        if bytes.len() as u64 > FILE_BYTES_MAX {
            return Err(self.refused("is larger than a code list can be"));
        }
        Ok(bytes)
    }

    fn refused(&self, rule: &str) -> Error {
        Error::new(Kind::Settings, rule).file(self.file.display().to_string())
    }

    fn told(&self, error: &import::ImportError) -> Error {
        let mut told = self.refused(&error.rule);
        if let Some(row) = error.row {
            told = told.line(line_of(row));
        }
        if let Some(column) = error.column {
            told = told.column(column);
        }
        told.hint("nothing was imported; `earlycall codelists import --help` tells the formats")
    }
}
