//! What no feature may be made of (R20): where people differ in nothing else, they have the same features.

use crate::{
    cohort::{
        assess,
        tests::life::{HOME, circumstances, person},
    },
    features::{FeatureRow, build},
    history::records::{Code, Person, ShortCode},
};

fn features(person: &Person) -> FeatureRow {
    circumstances(|at| build(&assess(person, at).subject(), at.index_date, at.feeds))
}

#[test]
fn no_feature_is_made_of_language_ethnicity_or_contact_needs() {
    let somebody = || {
        person(&format!("born 1950-03 {HOME}\n code 2020-01-01 13645005\n stay R1H 2026-03-10 2026-03-14 21 19 J440"))
    };
    let mut other = somebody();
    other.patient.main_language = Code::new("bn");
    other.patient.ethnic_category = ShortCode::new("K");
    other.patient.interpreter_needed = Some(true);
    other.patient.accessible_needs = vec![957_331_000_000_109];
    other.gp_events.extend(person("code 2021-07-01 184140000\n code 2021-08-01 224484003").gp_events.to_vec());
    assert_eq!(features(&somebody()), features(&other));
    other.patient.sex = ShortCode::new("2");
    assert_ne!(features(&somebody()), features(&other), "sex is one");
}
