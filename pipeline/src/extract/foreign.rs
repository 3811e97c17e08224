//! Files that are something else than their name says, told by their first bytes.

use crate::error::Result;
use crate::extract::file;
use crate::extract::input::Input;
use crate::extract::promises::Format;
use crate::extract::reading::Way;
use crate::extract::refusal::broken;
use crate::settings::Encoding;

const GZIP: &[u8] = b"\x1f\x8b";
/// The byte order marks of UTF-16, which the CSV of a mapping may have.
const UTF_16: [&[u8]; 2] = [b"\xff\xfe", b"\xfe\xff"];

/// How files begin that are sent as CSV and are none: their first bytes, what they are, and what to do.
const NO_CSV: [(&[u8], &str, &str); 8] = [
    (GZIP, "is packed with gzip", "have it named .csv.gz, in the folder and in the manifest"),
    (b"PK\x03\x04", "is a workbook of Excel or a ZIP archive", SPREADSHEET),
    (b"\xd0\xcf\x11\xe0", "is a workbook of Excel", SPREADSHEET),
    (b"PAR1", "is Parquet", "have it named .parquet, in the folder and in the manifest"),
    (b"<!", "is a web page", WEB_PAGE),
    (b"<html", "is a web page", WEB_PAGE),
    (b"<?xml", "is XML", "have the table exported as CSV or Parquet"),
    (b"{", "is JSON", "have the table exported as CSV or Parquet"),
];
const SPREADSHEET: &str =
    "have the table exported as CSV from where it is kept; a spreadsheet rounds long codes and rewrites dates";
const WEB_PAGE: &str = "the download has failed, and this is what came instead: fetch the file again";

/// Refuses a file whose first bytes are those of something else.
///
/// # Errors
/// It is something else, or cannot be read.
pub(super) fn refuse(input: &Input, format: Format, way: &Way) -> Result<()> {
    let mut start = [0; 8];
    let n = input.read_at(&mut start, 0).map_err(|error| file::refusal(&error))?;
    let start = &start[..n];
    match format {
        Format::CsvGz if n > 0 && !start.starts_with(GZIP) => Err(broken(
            "is not packed with gzip, whatever its name says",
            "have it packed, or named .csv in the folder and in the manifest",
        )),
        Format::Csv if way.encoding() != Encoding::Utf16 && UTF_16.iter().any(|mark| start.starts_with(mark)) => {
            let mapping = format!("name `encoding = \"utf-16\"` in `[extracts.mapping.{}]`", way.table.name);
            Err(broken("is UTF-16", format!("have it exported as UTF-8, or {mapping}")))
        }
        Format::Csv => match NO_CSV.iter().find(|(first, ..)| start.starts_with(first)) {
            Some((_, what, what_to_do)) => Err(broken(format!("{what}, whatever its name says"), *what_to_do)),
            None => Ok(()),
        },
        Format::CsvGz | Format::Parquet => Ok(()),
    }
}
