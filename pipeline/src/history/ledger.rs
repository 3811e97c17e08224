//! `history.json`: which deliveries are settled in this generation, and what must hold for it to be used.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use serde::{Deserialize, Serialize};

use crate::{
    day::{Day, Instant},
    error::{Error, Kind, Result},
    extract::Admitted,
    history::{
        bucket::bucket_of, gaps::Gap, mergers::Mergers, never_sent::Brought, part_read::PartRead, records::PersonKey,
    },
    objections::trust::Lists,
};

/// Version of the layout; another version is refused.
pub const VERSION: u32 = 7;

/// The record of one generation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// Layout of the generation.
    pub version: u32,
    /// Deliveries, in the order in which they were settled.
    pub deliveries: Vec<SettledDelivery>,
    /// Merged records, and which of those that they name nobody has sent.
    #[serde(flatten)]
    pub merged: Mergers,
    /// Per table: rows that count now.
    pub rows: BTreeMap<String, u64>,
    /// Per table about persons: its segments by number, each with the buckets that have rows in it.
    pub segments: BTreeMap<String, Vec<(u32, Vec<u8>)>>,
    /// What each provider has sent of each table, by table and provider joined by `/`.
    pub supplies: BTreeMap<String, Supply>,
    /// What refused files would have brought and nobody has sent since, by provider and table.
    pub gaps: Vec<Gap>,
    /// Of whose newest rows most could not be read, by provider and table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub part_read: Vec<PartRead>,
    /// What practices and acute trusts have brought; absent where earlier deliveries were not counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brought: Option<Brought>,
    /// What of it full deliveries and histories brought; absent where that was not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub founded: Option<Brought>,
    /// Every provider that ever sent a row; rows name theirs by its place here.
    pub suppliers: Vec<String>,
    /// The lists of objections.
    #[serde(default)]
    pub objections: Lists,
    /// Per table, rows that are not kept because their persons object: of the newest full delivery and what came after.
    #[serde(default)]
    pub withheld: BTreeMap<String, u64>,
    /// Whose rows are not kept, as one number.
    #[serde(default)]
    pub left_out: Option<String>,
    /// Of whoever has several records and objects, by one of them at least: the group of these records.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub objecting: BTreeSet<PersonKey>,
}

/// What one provider has sent of one table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supply {
    /// `extracted_at` of the newest delivery.
    pub newest: String,
    /// Whether a full delivery was among them.
    pub had_full: bool,
    /// Accepted rows of the newest full delivery; 0 where it is not known. What came since is left out: it corrects rows
    /// as well as adds some.
    #[serde(default, skip_serializing_if = "is_none")]
    pub full_rows: u64,
    /// Whether all of these happened within a year.
    #[serde(default, skip_serializing_if = "is_no")]
    pub is_of_a_year: bool,
    /// The full delivery that brought it last, or that left it out beside what it had come with; absent where not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_in: Option<String>,
    /// The day of the first full delivery that left it out, where nothing of it has been sent since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_out_on: Option<Day>,
}

/// Nothing is written of it, so that the ledgers that know no such number keep their checksums.
fn is_none(full_rows: &u64) -> bool {
    *full_rows == 0
}

fn is_no(flag: &bool) -> bool {
    !flag
}

/// One settled delivery.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettledDelivery {
    /// `extract_id` of its manifest.
    pub extract_id: String,
    /// `extracted_at` of its manifest.
    pub extracted_at: String,
    /// `period_from` of its manifest: the first day of which it tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period_from: Option<Day>,
    /// SHA-256 of its manifest, which names the checksum of every file.
    pub manifest_sha256: String,
    /// The key under which its persons are pseudonymised.
    pub pseudonym_key_id: String,
    /// Whether it is marked as synthetic.
    pub is_synthetic: bool,
    /// Its files that were refused, as the manifest names them; nothing of them is settled.
    pub refused: Vec<String>,
    /// Its files that were not opened, for their table had no legal basis.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<String>,
    /// Whether it brought optional tables and nothing else: no night has its date from it.
    #[serde(default, skip_serializing_if = "is_no")]
    pub of_optional_tables: bool,
}

impl SettledDelivery {
    /// The files of which nothing is settled.
    pub fn not_settled(&self) -> Vec<String> {
        self.refused.iter().chain(&self.unread).cloned().collect()
    }
}

/// What every version has.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
    /// Of the file without this line; as of version 4.
    crc32: Option<u32>,
}

/// How the line of the checksum begins.
const SEAL: &str = ",\n  \"crc32\": ";

impl Default for Ledger {
    fn default() -> Ledger {
        Ledger {
            version: VERSION,
            deliveries: Vec::new(),
            merged: Mergers::default(),
            rows: BTreeMap::new(),
            segments: BTreeMap::new(),
            supplies: BTreeMap::new(),
            gaps: Vec::new(),
            part_read: Vec::new(),
            brought: Some(Brought::new()),
            founded: Some(Brought::new()),
            suppliers: Vec::new(),
            objections: Lists::new(),
            withheld: BTreeMap::new(),
            left_out: None,
            objecting: BTreeSet::new(),
        }
    }
}

impl Ledger {
    /// Reads the ledger of a generation.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when it is missing, or not of this version.
    pub fn read(generation: &Path) -> Result<Ledger> {
        let path = generation.join("history.json");
        Ledger::parse(&fs::read(&path).map_err(|error| Error::storage(&path, "read", &error))?)
    }

    /// The ledger in the bytes of `history.json`.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when it is not of this version.
    pub fn parse(bytes: &[u8]) -> Result<Ledger> {
        let refused = |what: String| {
            Err(Error::new(Kind::Storage, what)
                .file("history.json")
                .hint("point [state] at an empty folder and run again; the deliveries are settled anew"))
        };
        // The version first: another has other fields.
        match serde_json::from_slice::<Versioned>(bytes) {
            Ok(Versioned { version, .. }) if version != VERSION => {
                refused(format!("is of version {version}, and this program reads version {VERSION}"))
            }
            Ok(Versioned { crc32: Some(crc32), .. }) => match serde_json::from_slice::<Ledger>(bytes) {
                // The other files of the generation are as it says, so it must be as it was written.
                Ok(ledger) if crc32fast::hash(ledger.unsealed().as_bytes()) == crc32 => Ok(ledger),
                _ => refused("is not a ledger of settled deliveries, or was changed".to_owned()),
            },
            _ => refused("is not a ledger of settled deliveries".to_owned()),
        }
    }

    fn unsealed(&self) -> String {
        serde_json::to_string_pretty(self).expect("a ledger is plain data")
    }

    /// The file's bytes, sealed by their checksum.
    pub fn to_bytes(&self) -> Vec<u8> {
        let text = self.unsealed();
        let open = text.strip_suffix("\n}").expect("a pretty JSON object ends so");
        format!("{open}{SEAL}{}\n}}\n", crc32fast::hash(text.as_bytes())).into_bytes()
    }

    /// The record that stands for a person now, as [`Mergers::survivor`].
    pub fn survivor(&self, person: PersonKey) -> PersonKey {
        self.merged.survivor(person)
    }

    /// Whether a person's rows lie in a bucket now: whoever has moved is still known where they came from.
    pub fn lives_in(&self, person: PersonKey, bucket: usize) -> bool {
        bucket_of(self.survivor(person)) == bucket
    }

    /// Whether a person has several records and one of them objects: of none of them anything else is kept.
    pub fn is_of_objectors(&self, person: PersonKey) -> bool {
        if self.objecting.is_empty() {
            return false;
        }
        // Of nearly everybody both are one record, which is looked for once.
        let (group, last_named) = (self.merged.group(person), self.merged.last_named(person));
        self.objecting.contains(&group) || (last_named != group && self.objecting.contains(&last_named))
    }

    /// What a provider has sent of a table so far.
    pub fn supply(&self, table: &str, provider: &str) -> Option<&Supply> {
        self.supplies.get(&format!("{table}/{provider}"))
    }

    /// Notes what a provider has sent of a table.
    pub fn supplied(&mut self, admitted: &Admitted, extracted_at: Instant) {
        let supply = self.supplies.entry(format!("{}/{}", admitted.table.name, admitted.provider)).or_default();
        supply.newest = extracted_at.to_string();
        if admitted.is_full {
            supply.had_full = true;
            supply.full_rows = admitted.tally.accepted;
            supply.is_of_a_year = admitted.is_of_a_year();
        }
    }

    /// Notes providers; one that is new gets the next number, and none ever gets another.
    pub fn note_suppliers(&mut self, providers: &BTreeSet<String>) {
        let new: Vec<&String> = providers.iter().filter(|provider| self.supplier_of(provider).is_none()).collect();
        self.suppliers.extend(new.into_iter().cloned());
    }

    /// The number of the delivery that is being settled, or would be next.
    pub fn next_delivery(&self) -> u32 {
        self.deliveries.len() as u32 + 1
    }

    /// The number of a provider, by which rows name it.
    pub fn supplier_of(&self, provider: &str) -> Option<u32> {
        self.suppliers.iter().position(|known| known == provider).map(|at| at as u32)
    }

    /// Rows of a table that count now.
    pub fn rows_of(&self, table: &str) -> u64 {
        self.rows.get(table).copied().unwrap_or(0)
    }

    /// Rows of a table that count, or would if their persons did not object: of a table that has none nothing arrived.
    pub fn arrived_of(&self, table: &str) -> u64 {
        self.rows_of(table) + self.withheld.get(table).copied().unwrap_or(0)
    }

    /// Notes rows that are not kept.
    pub fn withhold(&mut self, table: &str, n: u64) {
        *self.withheld.entry(table.to_owned()).or_default() += n;
    }

    /// The day of the newest extract, but for those of optional tables alone.
    pub fn newest_extract(&self) -> Option<Day> {
        self.moments().map(Day::of).max()
    }

    /// When deliveries were extracted that did not bring optional tables alone.
    pub(super) fn moments(&self) -> impl Iterator<Item = Instant> {
        self.dating().filter_map(|delivery| Instant::parse(&delivery.extracted_at))
    }

    /// The first day of which deliveries tell, but for those of optional tables alone; nothing where one of them does not
    /// say so, which may tell of any day.
    pub fn told_from(&self) -> Option<Day> {
        let first_days: Option<Vec<Day>> = self.dating().map(|delivery| delivery.period_from).collect();
        first_days?.into_iter().min()
    }

    fn dating(&self) -> impl Iterator<Item = &SettledDelivery> {
        self.deliveries.iter().filter(|delivery| !delivery.of_optional_tables)
    }

    /// Whether any settled delivery is synthetic.
    pub fn is_synthetic(&self) -> bool {
        self.deliveries.iter().any(|delivery| delivery.is_synthetic)
    }
}
