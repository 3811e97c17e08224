//! Who is on a team's list and in what order: risk, a fair and steady order of ties, and little churn.

use std::collections::BTreeSet;

use super::{
    floors::{CountsFor, Kept},
    keyed::Keyed,
};
use crate::history::records::PersonKey;

/// A scored person whom a team owns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// The person.
    pub key: PersonKey,
    /// Probability at the horizon, finite, 0 to 1.
    pub risk: f64,
    /// False for whoever is not to be called: at the end of life, on hold since a contact, or of no pathway's people.
    pub may_be_listed: bool,
    /// Called before and not done with: whoever of these may be listed is, before all others.
    pub is_carried_over: bool,
    /// Whose places they count for.
    pub counts_for: CountsFor,
}

/// How a team's list is cut.
#[derive(Clone, Copy, Debug)]
pub struct Cut<'a> {
    /// People on the list beside those carried over: what is left of the team's capacity for the week.
    pub slots: usize,
    /// Of these, places that are kept for some; together no more than there are.
    pub kept: &'a [Kept],
    /// Somebody on the list stays while their rank is at most this many times `slots`. At least 1; less counts as 1.
    pub hysteresis: f64,
    /// Key of the order of ties.
    pub tie_key: &'a [u8],
}

/// A team's list: the people to call, first to last.
///
/// Everybody who may be listed is ranked by the total order: higher risk first, ties by HMAC-SHA256(tie key, person
/// key), then by person key. Whoever is carried over stands first, in that order. Of the others, the best of those for whom
/// places are kept have these; of the rest, those on the list of the night before who rank within `hysteresis` × the places
/// left stay, the best of them first if they are too many; the best of all fill the list, in the total order. So it has
/// everybody who is carried over and `slots` others, or as many as there are; and without new data it stays as it is.
pub fn select(candidates: &[Candidate], before: &BTreeSet<PersonKey>, cut: &Cut) -> Vec<PersonKey> {
    let (carried, ranked) = in_order(candidates, cut.tie_key);
    let kept = with_kept_places(&ranked, cut);
    let slots = cut.slots.saturating_sub(kept.len());
    // The tiny addend keeps 1.15 × 100 at 115, where the product of floats falls just short of it.
    let reach = (cut.hysteresis.max(1.0) * slots as f64 + 1e-9) as usize;
    let rest = || ranked.iter().map(|candidate| candidate.key).filter(|key| !kept.contains(key));
    let stays: BTreeSet<PersonKey> = rest().take(reach).filter(|key| before.contains(key)).take(slots).collect();
    let mut room = slots - stays.len();
    let mut is_on = |key: &PersonKey| {
        if kept.contains(key) || stays.contains(key) {
            return true;
        }
        let joins = room > 0;
        room -= usize::from(joins);
        joins
    };
    let keys = |of: Vec<&Candidate>| of.into_iter().map(|candidate| candidate.key).collect::<Vec<PersonKey>>();
    let mut list = keys(carried);
    list.extend(keys(ranked.clone()).into_iter().filter(|key| is_on(key)));
    list
}

/// The best of those for whom places are kept, as many as there are places.
fn with_kept_places(ranked: &[&Candidate], cut: &Cut) -> BTreeSet<PersonKey> {
    let of_floor = |kept: &Kept| {
        let theirs = ranked.iter().filter(|candidate| candidate.counts_for.has(kept.floor));
        theirs.take(kept.n).map(|candidate| candidate.key).collect::<Vec<_>>()
    };
    cut.kept.iter().flat_map(of_floor).collect()
}

/// A revision of a list that people already work from: the lines still valid in their old order, then new ones.
///
/// A line goes only when its person may no longer be listed. New people are appended: whoever is carried over, then the best of
/// the others while there are fewer than `slots` of them; hysteresis plays no part, nor do kept places.
pub fn revise(candidates: &[Candidate], published: &[PersonKey], cut: &Cut) -> Vec<PersonKey> {
    let keys = |of: Vec<&Candidate>| of.into_iter().map(|candidate| candidate.key).collect::<Vec<PersonKey>>();
    let (carried, others) = in_order(candidates, cut.tie_key);
    let (carried, others) = (keys(carried), keys(others));
    let listable: BTreeSet<PersonKey> = carried.iter().chain(&others).copied().collect();
    let mut list: Vec<PersonKey> = published.iter().filter(|key| listable.contains(key)).copied().collect();
    let listed: BTreeSet<PersonKey> = list.iter().copied().collect();
    let is_new = |key: &PersonKey| !listed.contains(key);
    let room = cut.slots.saturating_sub(others.iter().filter(|key| !is_new(key)).count());
    list.extend(carried.into_iter().filter(is_new));
    list.extend(others.into_iter().filter(is_new).take(room));
    list
}

/// Who may be listed and is not, in the total order.
pub fn waiting(candidates: &[Candidate], list: &[PersonKey], tie_key: &[u8]) -> Vec<PersonKey> {
    let listed: BTreeSet<PersonKey> = list.iter().copied().collect();
    let (carried, others) = in_order(candidates, tie_key);
    let all = carried.into_iter().chain(others).map(|candidate| candidate.key);
    all.filter(|person| !listed.contains(person)).collect()
}

/// Those who may be listed, in the total order: whoever is carried over, and all others. Only who ties is hashed, for that is
/// what takes time.
fn in_order<'c>(candidates: &'c [Candidate], tie_key: &[u8]) -> (Vec<&'c Candidate>, Vec<&'c Candidate>) {
    let mut ranked: Vec<&Candidate> = candidates.iter().filter(|candidate| candidate.may_be_listed).collect();
    ranked.sort_unstable_by(|a, b| b.risk.total_cmp(&a.risk));
    let ties = Keyed::new(tie_key);
    for tied in ranked.chunk_by_mut(|a, b| a.risk.total_cmp(&b.risk).is_eq()).filter(|tied| tied.len() > 1) {
        tied.sort_by_cached_key(|candidate| (ties.hash(candidate.key.as_bytes()), candidate.key));
    }
    ranked.into_iter().partition(|candidate| candidate.is_carried_over)
}

#[cfg(test)]
mod tests;
