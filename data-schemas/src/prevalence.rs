//! How many people of each age are expected on each register: what code lists that match nobody are noticed by.
//!
//! Figures: `synthetic/ltc_prevalence_by_age.csv`, whose origin is in `synthetic/PROVENANCE.md`.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::embedded;

/// Bands of age.
pub const BANDS: usize = 7;

/// The youngest age of each band in whole years.
const FROM_YEARS: [i32; BANDS] = [0, 18, 40, 55, 65, 75, 85];

/// The band of an age in whole years.
///
/// # Example
/// ```
/// use earlycall_schemas::prevalence::band;
/// assert_eq!([0, 17, 18, 64, 85, 103].map(band), [0, 0, 1, 3, 6, 6]);
/// ```
pub fn band(age_years: i32) -> usize {
    FROM_YEARS.iter().filter(|from| **from <= age_years).count().saturating_sub(1)
}

/// How common one register is.
#[derive(Clone, Debug)]
pub struct Prevalence {
    /// The id of the condition.
    pub condition: String,
    /// Of 10,000 people of each band, how many are on the register.
    of_10_000: [u64; BANDS],
}

impl Prevalence {
    /// How many of these people, counted by band, are expected on the register; rounded to the nearest whole number.
    ///
    /// # Example
    /// ```
    /// use earlycall_schemas::prevalence::prevalence;
    /// let copd = prevalence("copd").unwrap();
    /// assert_eq!(copd.expected(&[1000, 0, 0, 0, 1000, 0, 0]), 62); // none of the children, 6.2% at 65 to 74
    /// ```
    pub fn expected(&self, people: &[u64; BANDS]) -> u64 {
        let of_10_000: u64 = self.of_10_000.iter().zip(people).map(|(share, people)| share * people).sum();
        (of_10_000 + 5_000) / 10_000
    }
}

/// How common a register is; `None` for a condition of which it is not known here.
pub fn prevalence(condition: &str) -> Option<&'static Prevalence> {
    PREVALENCE.iter().find(|known| known.condition == condition)
}

static PREVALENCE: LazyLock<Vec<Prevalence>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct Row {
        condition: String,
        #[serde(rename = "pct_0-17")]
        from_0: f64,
        #[serde(rename = "pct_18-39")]
        from_18: f64,
        #[serde(rename = "pct_40-54")]
        from_40: f64,
        #[serde(rename = "pct_55-64")]
        from_55: f64,
        #[serde(rename = "pct_65-74")]
        from_65: f64,
        #[serde(rename = "pct_75-84")]
        from_75: f64,
        #[serde(rename = "pct_85+")]
        from_85: f64,
    }
    let rows: Vec<Row> = embedded::parse_csv("synthetic/ltc_prevalence_by_age.csv", embedded::PREVALENCE_BY_AGE);
    let prevalence = |row: Row| {
        let percent = [row.from_0, row.from_18, row.from_40, row.from_55, row.from_65, row.from_75, row.from_85];
        Prevalence { condition: row.condition, of_10_000: percent.map(|percent| (100.0 * percent).round() as u64) }
    };
    rows.into_iter().map(prevalence).collect()
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codelists::conditions;

    #[test]
    fn every_register_has_its_prevalence() {
        let registers = conditions().iter().filter(|condition| condition.is_register);
        assert!(registers.clone().all(|condition| prevalence(&condition.id).is_some()));
        assert_eq!(registers.count(), PREVALENCE.len());
        let hypertension = prevalence("hypertension").unwrap();
        assert_eq!(hypertension.expected(&[1000; BANDS]), 1943);
        assert_eq!(hypertension.expected(&[0; BANDS]), 0);
    }
}
