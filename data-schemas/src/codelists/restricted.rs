//! Concepts that the law keeps out of secondary use: gender recognition, assisted conception, termination of pregnancy,
//! sexually transmitted infections (V38).

use std::{collections::BTreeSet, sync::LazyLock};

use serde::Deserialize;

use crate::embedded;

#[derive(Deserialize)]
struct Row {
    code: u64,
}

static RESTRICTED: LazyLock<BTreeSet<u64>> = LazyLock::new(|| {
    let rows: Vec<Row> = embedded::parse_csv("codelists/restricted_snomed.csv", embedded::RESTRICTED_SNOMED);
    rows.into_iter().map(|row| row.code).collect()
});

/// SNOMED CT concepts that are restricted by law. Some of each subject, to begin with: a service adds its own list to
/// them, and can take none away.
///
/// # Example
/// ```
/// use earlycall_schemas::codelists::restricted_concepts;
/// assert!(restricted_concepts().contains(&52_637_005));
/// assert!(!restricted_concepts().contains(&13_645_005));
/// ```
pub fn restricted_concepts() -> &'static BTreeSet<u64> {
    &RESTRICTED
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        codelists::{conditions, observations},
        codes::SnomedCode,
    };

    #[test]
    fn every_restricted_concept_is_one() {
        assert!(restricted_concepts().iter().all(|code| SnomedCode::parse(&code.to_string()).is_some()));
        let subjects = ["assisted_conception", "gender_recognition", "sexually_transmitted", "termination"];
        let lines = embedded::RESTRICTED_SNOMED.lines().skip(1);
        let named: BTreeSet<&str> = lines.map(|line| line.split(',').nth(1).unwrap()).collect();
        assert_eq!(named.into_iter().collect::<Vec<_>>(), subjects);
    }

    #[test]
    fn no_condition_and_no_measurement_is_made_of_one() {
        let of_conditions = conditions().iter().flat_map(|one| one.snomed.iter().chain(&one.snomed_resolved));
        let of_observations = observations().iter().flat_map(|one| &one.snomed);
        assert!(of_conditions.chain(of_observations).all(|code| !restricted_concepts().contains(code)));
    }
}
