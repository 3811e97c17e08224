//! What a SNOMED CT concept of the GP record means, under the code lists of a service.

use std::{collections::BTreeMap, sync::LazyLock};

use earlycall_schemas::codelists::{Caring, caring_concepts, conditions, observations};

use super::position;
use crate::codelists::CodeLists;

/// What an entry of the GP record says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GpMeaning {
    /// What was measured.
    pub observation: Option<u16>,
    /// What it says of a carer.
    pub caring: Option<Caring>,
    /// Conditions that it shows.
    pub shows: Vec<u16>,
    /// Conditions that it ends.
    pub ends: Vec<u16>,
}

/// What concepts mean; most mean nothing here.
#[derive(Debug)]
pub struct GpMeanings {
    by_concept: Vec<(u64, GpMeaning)>,
}

/// The meanings under the embedded lists alone.
///
/// # Example
/// ```
/// use earlycall::meaning::embedded;
/// use earlycall_schemas::codelists::conditions;
/// let copd = embedded().of_snomed(13_645_005).unwrap();
/// assert_eq!(copd.shows.iter().map(|&n| &*conditions()[n as usize].id).collect::<Vec<_>>(), ["copd"]);
/// assert!(embedded().of_snomed(271_649_006).is_none());
/// ```
pub fn embedded() -> &'static GpMeanings {
    static EMBEDDED: LazyLock<GpMeanings> = LazyLock::new(|| GpMeanings::of(&CodeLists::default()));
    &EMBEDDED
}

impl GpMeanings {
    /// The meanings under imported lists, with the embedded ones where they are wanting.
    pub fn of(lists: &CodeLists) -> GpMeanings {
        let mut meanings: BTreeMap<u64, GpMeaning> = BTreeMap::new();
        for (n, condition) in (0..).zip(conditions()) {
            for concept in lists.showing(condition) {
                meanings.entry(concept).or_default().shows.push(n);
            }
            for concept in lists.ending(condition) {
                meanings.entry(concept).or_default().ends.push(n);
            }
        }
        let measured = observations().iter().flat_map(|one| &one.snomed);
        for &concept in measured.filter(|concept| !lists.restricted.contains(**concept)) {
            let observation = position(observations(), |one| one.snomed.contains(&concept));
            meanings.entry(concept).or_default().observation = observation;
        }
        for (concept, caring) in caring_concepts().filter(|(concept, _)| !lists.restricted.contains(*concept)) {
            meanings.entry(concept).or_default().caring = Some(caring);
        }
        GpMeanings { by_concept: meanings.into_iter().collect() }
    }

    /// Keeps the meanings until the program ends, as long as any row may name them. A service opens one history, so this
    /// happens once or twice, to some thousand concepts.
    pub fn for_good(self) -> &'static GpMeanings {
        Box::leak(Box::new(self))
    }

    /// The meaning of a concept; none for one that means nothing here.
    pub fn of_snomed(&self, concept: u64) -> Option<&GpMeaning> {
        let at = self.by_concept.binary_search_by_key(&concept, |(known, _)| *known).ok()?;
        Some(&self.by_concept[at].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_concept_of_the_lists_is_found_and_means_what_they_say() {
        for (n, condition) in (0..).zip(conditions()) {
            let means = |code: &u64| embedded().of_snomed(*code).unwrap();
            assert!(condition.snomed.iter().all(|code| means(code).shows.contains(&n)), "{}", condition.id);
            assert!(condition.snomed_resolved.iter().all(|code| means(code).ends.contains(&n)), "{}", condition.id);
        }
        let hba1c = embedded().of_snomed(999_791_000_000_106).unwrap().observation.unwrap();
        assert_eq!(observations()[hba1c as usize].id, "hba1c");
        assert_eq!(embedded().of_snomed(0), None);
    }
}
