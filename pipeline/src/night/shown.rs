//! What coaches are shown: the page of a night, its lists, and who left them; every file of it, and the same as data, from
//! which a revision is written.

use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Kind, Result},
    store::{Store, folder::NewFile, nights::NightId},
    worklist::{
        csv, html,
        line::{Page, TeamList},
        parquet,
        removed::{self, Removed},
        xlsx,
    },
};

/// Where it is kept as data, inside a night's folder.
const FILE: &str = "lists.json";

/// The lists of a night, and what stands around them.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// What stands on every page.
    pub page: Page,
    /// The lists, team by team.
    pub lists: Vec<TeamList>,
    /// Who was on a list before and is not any more.
    pub removed: Vec<Removed>,
}

impl Shown {
    /// Every file that shows it, with paths inside the night's folder. The same lists give the same bytes.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when a text is too long for a cell of Excel.
    pub fn files(&self) -> Result<Vec<NewFile>> {
        let mut data = serde_json::to_vec(self).expect("lists are plain data");
        data.push(b'\n');
        let mut files = vec![
            NewFile::new(FILE, data),
            NewFile::new("worklist.parquet", parquet::write(&self.page, &self.lists)),
            NewFile::new("removed.csv", removed::write(&self.removed)),
        ];
        for list in &self.lists {
            let folder = format!("worklists/{}", list.team_id);
            files.push(NewFile::new(format!("{folder}/worklist.html"), html::write(&self.page, list)));
            files.push(NewFile::new(format!("{folder}/worklist.xlsx"), xlsx::write(&self.page, list)?));
            files.push(NewFile::new(format!("{folder}/worklist.csv"), csv::write(&self.page, list)));
        }
        Ok(files)
    }

    /// What a published night shows.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when the file is missing or damaged.
    pub fn read(store: &Store, night: NightId) -> Result<Shown> {
        let bytes = store.read(night, FILE)?;
        serde_json::from_slice(&bytes).map_err(|_| {
            Error::new(Kind::Storage, "is damaged, or was not written by this program")
                .file(format!("nights/{night}/{FILE}"))
                .hint("`earlycall run --revise` makes the lists anew")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worklist::sample;

    #[test]
    fn the_lists_read_back_from_their_data() {
        let mut shown = Shown { page: sample::page(), lists: vec![sample::list()], removed: Vec::new() };
        // As a night's lines have them; more digits than a list tells need not survive to the last bit.
        for line in &mut shown.lists[0].lines {
            line.risk = line.risk.map(|risk| (100.0 * risk).round() / 100.0);
        }
        let files = shown.files().unwrap();
        let crate::store::folder::Content::Bytes(bytes) = &files[0].content else { panic!("bytes") };
        assert_eq!(serde_json::from_slice::<Shown>(bytes).unwrap(), shown);
    }
}
