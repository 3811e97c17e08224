//! Objections: what people may say no to, what of it removes them, and the service's own register of those who said so
//! here.
//!
//! Suppliers send objections as rows of `opt_outs`, which are settled in [`crate::history`]. What somebody tells a coach
//! or the service itself stands in the [`register`], which no delivery takes back.

pub mod held;
pub mod holding;
pub mod losing;
pub mod note;
pub mod register;
pub mod sent;
pub mod trust;

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use crate::day::Instant;

/// What somebody objects to: the values of `opt_outs.objection`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub enum Kind {
    /// Their GP record leaving the practice for anything but their own care.
    Type1,
    /// The use of confidential information for research and planning, at any organisation.
    NationalDataOptOut,
    /// This service.
    Programme,
    /// The shared record of the area, which this service does not read.
    LocalSharedRecord,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 4] = [Kind::Type1, Kind::NationalDataOptOut, Kind::Programme, Kind::LocalSharedRecord];

    /// The word in files.
    pub fn code(self) -> &'static str {
        match self {
            Kind::Type1 => "type1",
            Kind::NationalDataOptOut => "national_data_opt_out",
            Kind::Programme => "programme",
            Kind::LocalSharedRecord => "local_shared_record",
        }
    }

    /// The kind of a word in files; anything else is `None`.
    pub fn from_code(code: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// When something was said, and whether it is a dissent.
pub type Said = (Instant, bool);

/// Of each person and kind, or of each kind, the newest entry.
pub type Newest<K> = BTreeMap<K, Said>;

/// Takes in an entry, which counts if it is newer than what was said before. Of two of one moment the dissent counts,
/// whichever was heard first: whoever asks whether somebody objects asks here.
pub fn keep_newest<K: Ord>(newest: &mut Newest<K>, of: K, said: Said) {
    let latest = newest.entry(of).or_insert(said);
    *latest = said.max(*latest);
}

#[cfg(test)]
mod tests {
    use earlycall_schemas::table::table;

    use super::*;

    #[test]
    fn the_kinds_are_those_that_the_table_declares() {
        let declared = &table("opt_outs").unwrap().column("objection").unwrap().one_of;
        assert_eq!(Kind::ALL.map(Kind::code).to_vec(), *declared);
        assert!(Kind::ALL.iter().all(|kind| Kind::from_code(kind.code()) == Some(*kind)));
        assert_eq!(Kind::from_code("everything"), None);
    }

    #[test]
    fn the_newer_entry_counts_and_of_two_of_one_moment_the_dissent_in_whatever_order() {
        let counts = |entries: [Said; 2]| {
            let counts = entries.map(|first| {
                let second = if first == entries[0] { entries[1] } else { entries[0] };
                let mut newest = Newest::new();
                keep_newest(&mut newest, Kind::Type1, first);
                keep_newest(&mut newest, Kind::Type1, second);
                newest[&Kind::Type1].1
            });
            assert_eq!(counts[0], counts[1], "the order in which they are heard changes nothing");
            counts[0]
        };
        let (early, late) = (Instant(1), Instant(2));
        assert!(counts([(early, false), (late, true)]));
        assert!(!counts([(early, true), (late, false)]));
        assert!(counts([(late, true), (late, false)]));
    }
}
