//! What of a delivery is refused, and whether the rest may be used without it.

use std::collections::BTreeMap;

use earlycall_schemas::table::Tier;

use crate::error::{Error, Kind};
use crate::extract::feed::Feed;
use crate::extract::manifest::{Manifest, Spoilt};
use crate::history::records::ShortCode;
use crate::quality::registry::Registry;

/// The refusal of a file that is not what it should be, or of its manifest (V01): what is wrong, and what to do.
pub(super) fn broken(what: impl Into<String>, what_to_do: impl Into<String>) -> Error {
    Error::refused(what, what_to_do).rule("V01")
}

/// What to do where an optional table of a delivery is refused by itself: its manifest vouches for what is settled, and a
/// changed one refuses the night.
pub(crate) fn send_again(table: &str) -> String {
    format!(
        "until a night is made from this delivery its manifest may be mended; after that leave it as it is, and have \
         {table} sent again, extracted anew, in a delivery with another `extract_id`"
    )
}

/// Something is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub error: Error,
    /// What the delivery lacks by it, where it may be used all the same; absent where it may not.
    pub lacking: Option<Lacking>,
}

/// A practice's records of one table, refused, or somebody's of an optional one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lacking {
    /// The table.
    pub table: String,
    /// The practice, or whoever else sends an optional table.
    pub provider: String,
    /// Its files, as the manifest names them.
    pub files: Vec<String>,
    /// The first reason, in one line without a person's value.
    pub why: String,
    /// The reasons that are data incidents.
    pub incidents: Vec<String>,
}

impl Refusal {
    /// A refusal of the delivery.
    pub(super) fn of_all(error: Error) -> Refusal {
        Refusal { error, lacking: None }
    }

    /// A refusal of an optional table, whoever's it is; of the delivery's own provider where the manifest has no line of it.
    pub(super) fn of_table(table: &str, manifest: &Manifest, spoilt: &Spoilt) -> Vec<Refusal> {
        let Spoilt { why, providers } = spoilt;
        let mut files: BTreeMap<String, Vec<String>> = providers.iter().map(|of| (of.clone(), Vec::new())).collect();
        for file in manifest.files.iter().filter(|file| file.table == table) {
            files.entry(manifest.provider_of(file)).or_default().push(file.file.clone());
        }
        if files.is_empty() {
            files.insert(manifest.provider(), Vec::new());
        }
        let lacking = |(provider, files)| Lacking {
            table: table.to_owned(),
            provider,
            files,
            why: why.to_string(),
            incidents: Vec::new(),
        };
        files.into_iter().map(|of| Refusal { error: why.clone(), lacking: Some(lacking(of)) }).collect()
    }

    /// A refusal of the files of one table and provider.
    ///
    /// The records of one practice are few people's, and the others can be called without them; without an optional table
    /// everybody can. A trust's other records are everybody's, and whoever is in no list of patients, practices or objections has no place at all. A disk that
    /// fails says nothing of the file.
    pub(super) fn of(feed: &Feed, error: Error, registry: &Registry) -> Refusal {
        let is_practice = registry.sharing.contains_key(&ShortCode::new(&feed.provider));
        let is_practices = feed.table.is_kept_by_practices() && is_practice;
        let may_lack = error.kind() == Kind::Extract && (is_practices || feed.table.tier == Tier::Optional);
        let lacking = may_lack.then(|| Lacking {
            table: feed.table.name.clone(),
            provider: feed.provider.clone(),
            files: feed.files.iter().map(|file| file.file.clone()).collect(),
            why: error.to_string(),
            incidents: error.is_incident().then(|| error.to_string()).into_iter().collect(),
        });
        Refusal { error, lacking }
    }
}

/// What is lacking, once for each table and practice however many of its files are refused.
pub(super) fn by_feed(refusals: Vec<Refusal>) -> Vec<Lacking> {
    let mut lacking: Vec<Lacking> = refusals.into_iter().filter_map(|refusal| refusal.lacking).collect();
    lacking.dedup_by(|next, first| {
        let is_same = (&next.table, &next.provider) == (&first.table, &first.provider);
        if is_same {
            first.incidents.append(&mut next.incidents);
        }
        is_same
    });
    lacking
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.error.fmt(f)
    }
}
