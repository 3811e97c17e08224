//! Where the files of a delivery go: into a new folder, or into memory.

use std::{
    io::{self, Write},
    sync::Mutex,
};

use crate::{error::Result, store::stream::GrowingFolder};

/// Writes one file from front to back.
pub(crate) type Fill<'a> = &'a mut dyn FnMut(&mut (dyn Write + Send)) -> io::Result<()>;

/// Takes whole files, from several threads at once.
pub(crate) trait Place: Sync {
    /// Takes a file; `path` is relative, with `/`.
    fn put(&self, path: &str, fill: Fill) -> Result<()>;
}

/// A folder of a folder that is being made.
pub(crate) struct Within<'a> {
    pub folder: &'a GrowingFolder,
    pub name: &'a str,
}

impl Place for Within<'_> {
    fn put(&self, path: &str, fill: Fill) -> Result<()> {
        self.folder.put(&format!("{}/{path}", self.name), fill)
    }
}

/// Files in memory.
#[derive(Default)]
pub(crate) struct Memory(Mutex<Vec<(String, Vec<u8>)>>);

impl Memory {
    /// The file of a path.
    pub fn take(&self, path: &str) -> Vec<u8> {
        let mut files = self.0.lock().expect("nobody panics while putting a file here");
        let at = files.iter().position(|(name, _)| name == path).expect("asked only for files that were put");
        files.swap_remove(at).1
    }
}

impl Place for Memory {
    fn put(&self, path: &str, fill: Fill) -> Result<()> {
        let mut bytes = Vec::new();
        fill(&mut bytes).expect("memory takes every write");
        self.0.lock().expect("nobody panics while putting a file here").push((path.to_owned(), bytes));
        Ok(())
    }
}
