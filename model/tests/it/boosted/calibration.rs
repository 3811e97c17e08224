//! Calibration: one straight line for everybody, and risks that are as right as risks can be.

use earlycall_model::metrics::Metrics;

use super::{params, together};
use crate::simulate::{Random, people};

#[test]
fn every_contribution_is_scaled_by_the_same_factor_and_nobody_changes_places() {
    let people = together(3000, 61);
    let params = params().check().unwrap();
    let model = params.fit(&people.training()).unwrap();
    // Rows that all weigh 1 teach the same, and what has weights is not calibrated.
    let raw = params.fit_weighted(&people.training(), &[1.0; 3000]).unwrap();
    let calibration = model.formula().calibration;
    assert!(calibration.scale > 0.5 && calibration.scale != 1.0, "{calibration:?}");
    for row in 0..200 {
        let before = raw.contributions(&people.rows(), row).unwrap();
        let after = model.contributions(&people.rows(), row).unwrap();
        assert!((after.base - calibration.apply(before.base)).abs() < 1e-12);
        let before = before.by_column.iter().chain(&before.by_pair);
        for (before, after) in before.zip(after.by_column.iter().chain(&after.by_pair)) {
            assert!((after - calibration.scale * before).abs() < 1e-12);
        }
    }
    let [before, after] = [&raw, &model].map(|model| model.score(&people.rows()).unwrap());
    let mut rows: Vec<usize> = (0..3000).collect();
    rows.sort_by(|a, b| before[*a].log_odds.total_cmp(&before[*b].log_odds));
    assert!(rows.is_sorted_by(|a, b| after[*a].log_odds <= after[*b].log_odds + 1e-12));
}

#[test]
fn on_people_it_has_not_seen_a_calibrated_model_errs_no_more_than_a_perfect_one() {
    let (seen, unseen) = (people(20_000, 62), people(10_000, 63));
    let model = params().pairs(0).check().unwrap().fit(&seen.training()).unwrap();
    let risks: Vec<f64> = model.score(&unseen.rows()).unwrap().iter().map(|score| score.risk).collect();
    let error = |events: &[bool]| {
        let bins = Metrics::of(&risks, events).unwrap().bins;
        bins.iter().map(|bin| (bin.mean_risk - bin.observed_rate).abs()).sum::<f64>() / bins.len() as f64
    };
    // A perfect model's events happen as its risks say.
    let mut random = Random(64);
    let mut perfect: Vec<f64> =
        (0..200).map(|_| error(&risks.iter().map(|risk| random.chance(*risk)).collect::<Vec<bool>>())).collect();
    perfect.sort_by(f64::total_cmp);
    let found = error(&unseen.events);
    assert!(found <= perfect[189], "{found}, 95% of a perfect model {}", perfect[189]);
}
