//! Scores of comorbidity from hospital codes: Charlson (Quan 2005 codes, 1987 weights) and the Hospital Frailty Risk
//! Score (Gilbert 2018).

use std::sync::LazyLock;

use serde::Deserialize;

use crate::embedded;

/// One of the 17 groups of the Charlson index.
#[derive(Clone, Debug)]
pub struct CharlsonGroup {
    /// Short name: `chf`.
    pub id: String,
    /// ICD-10 prefixes without dots.
    pub icd10: Vec<String>,
    /// Points (Charlson 1987).
    pub weight: i64,
    /// The severer group of the same disease, next to which this one does not count.
    pub yields_to: Option<String>,
}

static CHARLSON: LazyLock<Vec<CharlsonGroup>> = LazyLock::new(read_charlson);
static HFRS: LazyLock<Vec<(String, i64)>> = LazyLock::new(read_hfrs);

/// The 17 groups.
pub fn charlson_groups() -> &'static [CharlsonGroup] {
    &CHARLSON
}

/// The Charlson index of a set of ICD-10 codes: each group counts once, a mild form not beside its severe one.
///
/// # Example
/// ```
/// use earlycall_schemas::codelists::charlson_score;
/// assert_eq!(charlson_score(["E119", "J449"]), 2);
/// assert_eq!(charlson_score(["E119", "E112"]), 2); // with complications 2, and then not without
/// assert_eq!(charlson_score(["S720"]), 0);
/// ```
pub fn charlson_score<'a>(codes: impl IntoIterator<Item = &'a str>) -> i64 {
    let mut has = vec![false; CHARLSON.len()];
    for code in codes {
        for (has, group) in has.iter_mut().zip(CHARLSON.iter()) {
            *has = *has || group.icd10.iter().any(|prefix| code.starts_with(prefix));
        }
    }
    let has_group = |id: &str| CHARLSON.iter().zip(&has).any(|(group, &has)| has && group.id == id);
    let counted =
        CHARLSON.iter().zip(&has).filter(|(group, has)| **has && !group.yields_to.as_deref().is_some_and(has_group));
    counted.map(|(group, _)| group.weight).sum()
}

/// The points of a three-character ICD-10 code in the Hospital Frailty Risk Score, in tenths; `None` if it has none.
///
/// Each code counts once per person over two years, from 75 years of age.
pub fn hfrs_points_tenths(icd10_3: &str) -> Option<i64> {
    let place = HFRS.binary_search_by(|(code, _)| code.as_str().cmp(icd10_3)).ok()?;
    Some(HFRS[place].1)
}

fn read_charlson() -> Vec<CharlsonGroup> {
    #[derive(Deserialize)]
    struct Weight {
        group: String,
        weight: i64,
        yields_to: Option<String>,
    }
    #[derive(Deserialize)]
    struct Code {
        group: String,
        icd10: String,
    }
    let weights = embedded::parse_csv::<Weight>("codelists/charlson_weights.csv", embedded::CHARLSON_WEIGHTS);
    let codes = embedded::parse_csv::<Code>("codelists/charlson_icd10.csv", embedded::CHARLSON_ICD10);
    let group = |row: Weight| {
        let icd10 = codes.iter().filter(|code| code.group == row.group).map(|code| code.icd10.clone()).collect();
        CharlsonGroup { icd10, id: row.group, weight: row.weight, yields_to: row.yields_to }
    };
    weights.into_iter().map(group).collect()
}

fn read_hfrs() -> Vec<(String, i64)> {
    #[derive(Deserialize)]
    struct Row {
        icd10: String,
        points: f64,
    }
    let rows = embedded::parse_csv::<Row>("codelists/hfrs.csv", embedded::HFRS);
    let mut points: Vec<_> = rows.into_iter().map(|row| (row.icd10, (row.points * 10.0).round() as i64)).collect();
    points.sort();
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charlson_has_17_groups_with_codes_of_their_own() {
        assert_eq!(charlson_groups().len(), 17);
        let mut codes: Vec<_> = charlson_groups().iter().flat_map(|group| &group.icd10).collect();
        let n = codes.len();
        codes.sort();
        codes.dedup();
        assert_eq!((codes.len(), n), (289, 289));
        for group in charlson_groups() {
            assert!(group.yields_to.iter().all(|id| charlson_groups().iter().any(|group| &group.id == id)));
        }
    }

    #[test]
    fn severe_forms_silence_mild_ones() {
        assert_eq!(charlson_score(["C509", "C780"]), 6);
        assert_eq!(charlson_score(["K703", "I850"]), 3);
        assert_eq!(charlson_score(["I219", "I509", "I702"]), 3);
    }

    #[test]
    fn frailty_points_are_tenths() {
        assert_eq!(HFRS.len(), 109);
        assert_eq!(hfrs_points_tenths("F00"), Some(71));
        assert_eq!(hfrs_points_tenths("R31"), Some(30));
        assert_eq!(hfrs_points_tenths("R50"), Some(1));
        assert_eq!(hfrs_points_tenths("F001"), None);
        assert_eq!(hfrs_points_tenths("J44"), None);
    }
}
