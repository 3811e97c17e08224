//! What was given to a team encrypted: the same list encrypted twice is two files, so what is there already is known by a
//! note in the state and not by its bytes.

use std::{collections::BTreeMap, fs, path::Path};

use age::x25519::Recipient;
use serde::{Deserialize, Serialize};

use crate::{
    encryption::{encrypt, parse_recipient},
    error::Result,
    sha256::sha256,
    store::Store,
};

/// What a team is given, plain or encrypted.
pub(super) struct Given {
    file: String,
    recipients: Vec<Recipient>,
    noted: Noted,
    is_new: bool,
}

/// SHA-256 of each encrypted file by its name, of the list in it, and for whom it is.
#[derive(Default, PartialEq, Eq, Deserialize, Serialize)]
struct Noted {
    recipients: Vec<String>,
    files: BTreeMap<String, [String; 2]>,
}

impl Given {
    /// What was given so far; a note that cannot be read says nothing, and everything is given anew.
    pub fn read(state: &Path, team_id: &str, recipients: &[String]) -> Given {
        let file = format!("given-{team_id}.json");
        let bytes = fs::read(state.join(&file)).unwrap_or_default();
        let noted: Noted = serde_json::from_slice(&bytes).unwrap_or_default();
        let is_for_them = noted.recipients == recipients;
        Given {
            file,
            recipients: recipients.iter().map(|text| parse_recipient(text).expect("settings are checked")).collect(),
            noted: if is_for_them { noted } else { Noted { recipients: recipients.to_owned(), ..Noted::default() } },
            is_new: !is_for_them,
        }
    }

    /// Whether anything is encrypted.
    pub fn is_encrypted(&self) -> bool {
        !self.recipients.is_empty()
    }

    /// Whether what is there holds this list.
    pub fn holds(&self, name: &str, list: &[u8], there: &[u8]) -> bool {
        match self.is_encrypted() {
            true => self.noted.files.get(name).is_some_and(|known| *known == [sha256(list), sha256(there)]),
            false => list == there,
        }
    }

    /// The bytes to give.
    pub fn prepare(&mut self, name: &str, list: Vec<u8>) -> Vec<u8> {
        if !self.is_encrypted() {
            return list;
        }
        let bytes = encrypt(&self.recipients, &list);
        self.noted.files.insert(name.to_owned(), [sha256(&list), sha256(&bytes)]);
        self.is_new = true;
        bytes
    }

    /// Notes what was given, if that is new.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when it cannot be written; then the next run gives the files anew.
    pub fn note(&self, store: &Store) -> Result<()> {
        match self.is_new {
            true => store.replace_state_file(&self.file, &serde_json::to_vec(&self.noted).expect("plain data")),
            false => Ok(()),
        }
    }
}
