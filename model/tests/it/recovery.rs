//! What is known to be true is found again.

use earlycall_model::RiskModelParams;
use earlycall_model::metrics::Metrics;

use crate::simulate::people;

#[test]
fn a_known_additive_risk_is_found_again() {
    let seen = people(8000, 11);
    let unseen = people(20_000, 12);
    let model = RiskModelParams::new().check().unwrap().fit(&seen.training()).unwrap();

    let risks: Vec<f64> = model.score(&unseen.rows()).unwrap().iter().map(|score| score.risk).collect();
    let true_risks: Vec<f64> = unseen.true_log_odds.iter().map(|l| 1.0 / (1.0 + (-l).exp())).collect();
    let found = Metrics::of(&risks, &unseen.events).unwrap();
    let truth = Metrics::of(&true_risks, &unseen.events).unwrap();

    let (auroc, auroc_truth) = (found.auroc.unwrap(), truth.auroc.unwrap());
    assert!(auroc > auroc_truth - 0.01, "AUROC {auroc}, truth {auroc_truth}");
    assert!((found.mean_risk / found.observed_rate - 1.0).abs() < 0.1, "{found:?}");
    assert!((found.calibration_slope.unwrap() - 1.0).abs() < 0.1, "{found:?}");

    // The out-of-fold estimate foresaw what unseen people would show.
    let foreseen = model.metrics().auroc.unwrap();
    assert!((foreseen - auroc).abs() < 0.02, "out of fold {foreseen}, unseen {auroc}");
    assert!((model.metrics().calibration_slope.unwrap() - 1.0).abs() < 0.1);
}

#[test]
fn curves_have_the_shape_of_the_truth() {
    let people = people(20_000, 13);
    let model = RiskModelParams::new().folds(2).l2(&[10.0]).check().unwrap().fit(&people.training()).unwrap();
    let curve = |name: &str| model.formula().curves.iter().find(|curve| curve.column.name == name).unwrap();

    // Truth: 0.8 for the flag; nothing up to 55, then 0.04 a year; 0.2 where not measured; nothing for noise.
    let copd = curve("has_copd").at(1.0) - curve("has_copd").at(0.0);
    assert!((copd - 0.8).abs() < 0.2, "copd {copd}");
    let (young, old) = (
        curve("age_years").at(50.0) - curve("age_years").at(25.0),
        curve("age_years").at(85.0) - curve("age_years").at(60.0),
    );
    assert!(young.abs() < 0.35 && (old - 1.0).abs() < 0.35, "young {young}, old {old}");
    let unmeasured = curve("hba1c").at(f64::NAN) - curve("hba1c").at(40.0);
    assert!((unmeasured - 0.2).abs() < 0.2, "unmeasured {unmeasured}");
    assert!(curve("noise").mean_absolute < 0.1);
    let forgotten = curve("days_since_admission").at(0.0) - curve("days_since_admission").at(f64::INFINITY);
    assert!((forgotten - 1.2).abs() < 0.5, "forgotten {forgotten}");
}
