//! Folders in which files of tables lie and no manifest: deliveries that are still being copied, or whose manifest was
//! forgotten. Nothing in them is looked at, and somebody must hear of that.

use std::path::{Path, PathBuf};

use earlycall_schemas::table::table;

use crate::error::Result;
use crate::extract::delivery::{MANIFEST, data_files, sub_folders};
use crate::extract::limits::Limits;
use crate::extract::promises::Format;
use crate::settings::Settings;

/// Where the deliveries of a service are, what lies there without a manifest: a sentence for each folder, in the order of
/// their names. An empty folder is no delivery, nor is one with other files; a hidden one is nobody's business.
///
/// A folder that cannot be listed is left out: [`super::delivery::arrived`] refuses it.
pub fn warnings(settings: &Settings) -> Vec<String> {
    let (folder, limits) = (&settings.extracts.folder, &Limits::of(&settings.rules));
    if folder.join(MANIFEST).exists() {
        return Vec::new();
    }
    let others = sub_folders(folder, limits).unwrap_or_default();
    // The folder of deliveries has folders of tables only where it is a delivery itself.
    let is_of_table = |path: &PathBuf| path.file_name().is_some_and(|name| table(&name.to_string_lossy()).is_some());
    let others = others.into_iter().filter(|path| !path.join(MANIFEST).exists() && !is_of_table(path));
    let unfinished =
        std::iter::once(folder.clone()).chain(others).filter(|path| has_tables(path, limits).unwrap_or(false));
    unfinished.map(|path| in_words(&path)).collect()
}

fn in_words(folder: &Path) -> String {
    format!(
        "{} has files of tables and no {MANIFEST}: nothing in it is looked at until that has arrived. If its copying has \
         ended, have the manifest sent; if it is no delivery, take it away",
        folder.display()
    )
}

/// Whether a folder has `TABLE.csv` or the like in it, or in a folder `TABLE`.
fn has_tables(folder: &Path, limits: &Limits) -> Result<bool> {
    let is_table = |file: &String| Format::of(file).is_some_and(|(stem, _)| table(stem).is_some());
    if data_files(folder, "", limits)?.iter().any(is_table) {
        return Ok(true);
    }
    for path in sub_folders(folder, limits)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if table(&name).is_some() && !data_files(&path, "", limits)?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}
