//! Files that only grow, line by line.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use crate::{
    error::{Error, Result},
    store::disk::{Disk, FileSystem},
};

/// Adds a line to the end of a file, readable by its owner alone (0600), and returns once it would survive a power cut.
///
/// What stands there is never written anew, so the system may hold the file to that (`chattr +a`). The line of a write that
/// was cut short is ended first, and stays.
///
/// # Errors
/// * [`crate::error::Kind::Storage`] when it cannot be written; a part of the line may then stand at the end.
pub fn line(path: &Path, text: &str) -> Result<()> {
    let failed = |error: std::io::Error| Error::storage(path, "add to it", &error);
    let is_new = !path.exists();
    let opened = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path);
    let mut file = opened.map_err(failed)?;
    let end = if is_cut(&mut file).map_err(failed)? { "\n" } else { "" };
    let written = file.write_all(format!("{end}{text}\n").as_bytes()).and_then(|()| file.sync_all());
    written.map_err(failed)?;
    match path.parent() {
        Some(folder) if is_new => FileSystem.sync(folder).map_err(failed),
        _ => Ok(()),
    }
}

/// Whether the last line has no end.
fn is_cut(file: &mut File) -> io::Result<bool> {
    let mut last = [b'\n'];
    if file.metadata()?.len() > 0 {
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    Ok(last != [b'\n'])
}
