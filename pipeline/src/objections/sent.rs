//! What a delivery says of the lists of objections, in numbers of people: kept in its profile, so that the next can be held
//! against it ([`super::losing`]).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{day::Day, objections::Kind};

/// The lists that one supplier sent in one delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentLists {
    /// Who supplied them, as in [`crate::extract::Admitted::provider`].
    pub supplier: String,
    /// Whether they replace all earlier entries of this supplier.
    pub is_full: bool,
    /// By kind; one without an entry is not here.
    pub kinds: BTreeMap<Kind, Named>,
}

/// Whom a list names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// People, whether they object or take it back.
    pub people: u64,
    /// Of these, those of whom the same supplier had an entry before.
    pub again: u64,
    /// People of whom the supplier had an entry before, named again or not.
    pub known: u64,
    /// The newest day on which it was checked at its source, if any entry says so.
    pub checked_on: Option<Day>,
}
