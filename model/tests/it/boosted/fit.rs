//! Fitting: what is known to be true is found again, nothing is left to chance, and what can't be fitted is refused.

use earlycall_model::metrics::Metrics;
use earlycall_model::{Column, ColumnKind, Training};
use ndarray::Array2;

use super::{fitted, model, params, together};
use crate::simulate::{Random, people};

fn auroc(people: &crate::simulate::People, model: &earlycall_model::boosted::BoostedModel) -> f64 {
    let risks: Vec<f64> = model.score(&people.rows()).unwrap().iter().map(|score| score.risk).collect();
    Metrics::of(&risks, &people.events).unwrap().auroc.unwrap()
}

#[test]
fn a_known_additive_risk_is_found_again() {
    let unseen = people(20_000, 12);
    let model = params().pairs(0).check().unwrap().fit(&people(8000, 11).training()).unwrap();
    let risks: Vec<f64> = model.score(&unseen.rows()).unwrap().iter().map(|score| score.risk).collect();
    let true_risks: Vec<f64> = unseen.true_log_odds.iter().map(|l| 1.0 / (1.0 + (-l).exp())).collect();
    let found = Metrics::of(&risks, &unseen.events).unwrap();
    let truth = Metrics::of(&true_risks, &unseen.events).unwrap();
    assert!(found.auroc.unwrap() > truth.auroc.unwrap() - 0.01, "{found:?}");
    assert!((found.mean_risk / found.observed_rate - 1.0).abs() < 0.1, "{found:?}");
    assert!((found.calibration_slope.unwrap() - 1.0).abs() < 0.1, "{found:?}");
    // What was said of people held out foresaw what unseen people would show.
    assert!((model.metrics().auroc.unwrap() - found.auroc.unwrap()).abs() < 0.02);
}

#[test]
fn what_two_columns_tell_only_together_is_found_first() {
    let unseen = together(20_000, 22);
    let seen = together(6000, 21);
    let with = params().pairs(1).check().unwrap().fit(&seen.training()).unwrap();
    let without = params().pairs(0).check().unwrap().fit(&seen.training()).unwrap();
    assert_eq!(with.formula().surfaces[0].columns, [1, 4]);
    assert!(auroc(&unseen, &with) > auroc(&unseen, &without) + 0.05);
    // The surface keeps it: neither curve alone tells what they only tell together.
    let height = |column: usize| with.formula().curves[column].mean_absolute;
    assert!(with.formula().surfaces[0].mean_absolute > 0.5, "{}", with.formula().surfaces[0].mean_absolute);
    assert!(height(1) < 0.1 && height(4) < 0.1, "{} {}", height(1), height(4));
}

#[test]
fn a_pair_is_not_taken_for_what_another_tells() {
    // `like` goes together with `left`, so whatever `left` tells with `right` it seems to tell as well, and more than
    // `here` and `there` do.
    let names = ["left", "right", "like", "here", "there"];
    let columns: Vec<Column> = names.iter().map(|name| Column::new(*name, *name, ColumnKind::Measure)).collect();
    let mut random = Random(41);
    let n = 8000;
    let mut x = Array2::from_shape_simple_fn((n, 5), || (20.0 * random.share()).floor());
    for mut row in x.rows_mut() {
        if random.chance(0.7) {
            row[2] = row[0];
        }
    }
    let apart = |a: f64, b: f64| if (a >= 10.0) == (b >= 10.0) { -1.0 } else { 1.0 };
    let log_odds = x.rows().into_iter().map(|row| apart(row[0], row[1]) + 0.3 * apart(row[3], row[4]));
    let events: Vec<bool> = log_odds.map(|l| random.chance(1.0 / (1.0 + f64::exp(-l)))).collect();
    let model = fitted(params().pairs(2), &columns, &x, &events);
    let mut found: Vec<[usize; 2]> = model.formula().surfaces.iter().map(|surface| surface.columns).collect();
    found.sort_unstable();
    assert_eq!(found, [[0, 1], [3, 4]]);
}

#[test]
fn curves_average_to_nothing_and_surfaces_do_along_every_row_and_column() {
    let people = together(3000, 23);
    let model = params().pairs(2).check().unwrap().fit(&people.training()).unwrap();
    let formula = model.formula();
    for (curve, values) in formula.curves.iter().zip(people.x.columns()) {
        let sum: f64 = values.iter().map(|x| curve.at(*x)).sum();
        assert!((sum / 3000.0).abs() < 1e-12, "{}: {sum}", curve.column.name);
    }
    for surface in &formula.surfaces {
        let mut sums = [vec![0.0; surface.rows()], vec![0.0; surface.width()]];
        for row in people.x.rows() {
            let bins = surface.columns.map(|column| formula.curves[column].bins.of(row[column]));
            for side in 0..2 {
                sums[side][surface.groups[side][bins[side]]] += surface.at(bins);
            }
        }
        assert!(sums.iter().flatten().all(|sum| sum.abs() < 1e-8), "{sums:?}");
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let people = together(2000, 3);
    let fit = |threads| params().threads(threads).check().unwrap().fit(&people.training()).unwrap();
    let one = fit(1);
    assert!(!one.formula().surfaces.is_empty());
    assert_eq!(fit(2), one);
    assert_eq!(fit(7), one);
    assert_ne!(params().seed(1).check().unwrap().fit(&people.training()).unwrap(), one);
}

#[test]
fn bags_that_differ_make_a_band_and_noise_has_one_as_wide_as_itself() {
    let people = together(6000, 24);
    let model = params().pairs(0).check().unwrap().fit(&people.training()).unwrap();
    let alone = &model.formula().curves[2];
    assert!(alone.bands.iter().skip(1).all(|band| *band > 0.0 && *band < 0.3), "{:?}", alone.bands);
    assert!(alone.heights[20] - alone.heights[1] > 10.0 * alone.bands[20]);
}

#[test]
fn without_any_information_everybody_has_the_rate() {
    let columns = [Column::new("nothing", "nothing", ColumnKind::Count), Column::new("same", "s", ColumnKind::Measure)];
    let x = Array2::from_shape_fn((400, 2), |(_, column)| if column == 0 { f64::NAN } else { 7.0 });
    let events: Vec<bool> = (0..400).map(|row| row % 4 == 0).collect();
    let model = fitted(params(), &columns, &x, &events);
    assert!(model.formula().curves.iter().all(|curve| curve.is_flat()) && model.formula().surfaces.is_empty());
    let scores = model.score(&earlycall_model::Rows { columns: &columns, x: x.view() }).unwrap();
    assert!(scores.iter().all(|score| (score.risk - 0.25).abs() < 1e-6), "{:?}", scores[0]);
}

#[test]
fn a_missing_feed_says_nothing_and_a_missing_measurement_what_it_meant() {
    for curve in &model().formula().curves {
        let missing = curve.at(f64::NAN);
        match curve.column.name.as_str() {
            // Truth: 0.2 where not measured, and on average 0.15 where measured.
            "hba1c" => assert!(missing != 0.0),
            name => assert_eq!(missing, 0.0, "{name}"),
        }
    }
}

#[test]
fn whoever_lacks_a_value_of_whatever_kind_has_the_rate_of_those_who_lack_it() {
    // A score that every other person has: 4 of 10 of them had the event, and 1 of 10 of the others.
    for kind in [ColumnKind::Count, ColumnKind::Amount, ColumnKind::Flag, ColumnKind::Measure] {
        let columns = [Column::new("score", "score", kind)];
        let x = Array2::from_shape_fn((4000, 1), |(row, _)| if row % 2 == 0 { f64::NAN } else { (row / 2 % 2) as f64 });
        let events: Vec<bool> = (0..4000).map(|row| row / 2 % 10 < if row % 2 == 0 { 1 } else { 4 }).collect();
        let model = fitted(params().pairs(0), &columns, &x, &events);
        let scores = model.score(&earlycall_model::Rows { columns: &columns, x: x.view() }).unwrap();
        let mean = |first: usize| scores.iter().skip(first).step_by(2).map(|score| score.risk).sum::<f64>() / 2000.0;
        assert!((mean(0) - 0.1).abs() < 0.005 && (mean(1) - 0.4).abs() < 0.01, "{kind}: {} {}", mean(0), mean(1));
    }
}

#[test]
fn weights_decide_what_is_learnt() {
    let people = together(3000, 25);
    let unit = params().pairs(0).check().unwrap();
    let plain = unit.fit(&people.training()).unwrap();
    // Rows that all weigh the same teach what rows without weights do, but for the calibration.
    let same = unit.fit_weighted(&people.training(), &[1.0; 3000]).unwrap();
    for (weighted, plain_curve) in same.formula().curves.iter().zip(&plain.formula().curves) {
        for (height, expected) in weighted.heights.iter().zip(&plain_curve.heights) {
            assert!((height * plain.formula().calibration.scale - expected).abs() < 1e-12);
        }
    }
    // Where `alone` is high, rows with the event hardly count, so that its curve falls instead of rising.
    let light = |row: usize| people.events[row] && people.x[[row, 2]] >= 10.0;
    let weights: Vec<f64> = (0..3000).map(|row| if light(row) { 0.01 } else { 1.0 }).collect();
    let turned = unit.fit_weighted(&people.training(), &weights).unwrap();
    let rise = |model: &earlycall_model::boosted::BoostedModel| {
        model.formula().curves[2].at(19.0) - model.formula().curves[2].at(0.0)
    };
    assert!(rise(&plain) > 1.0 && rise(&turned) < -1.0, "{} {}", rise(&plain), rise(&turned));
}

#[test]
fn training_data_and_settings_that_do_not_fit_together_are_refused() {
    let people = people(100, 2);
    let whole = people.training();
    let refusal = |training: &Training| params().check().unwrap().fit(training).unwrap_err().to_string();
    let events = &people.events[1..];
    assert_eq!(refusal(&Training { events, ..whole }), "there are 99 outcomes, but 100 are needed");
    let events = &[false; 100];
    assert_eq!(refusal(&Training { events, ..whole }), "only 0 people had the event, and at least 4 are needed");
    let unknown = params().shape("height", earlycall_model::boosted::Shape::Rising).check().unwrap();
    assert_eq!(unknown.fit(&whole).unwrap_err().to_string(), "there is no column height");
    let weighted = |weights: &[f64]| params().check().unwrap().fit_weighted(&whole, weights).unwrap_err().to_string();
    assert_eq!(weighted(&[1.0]), "there are 1 weights, but 100 are needed");
    assert_eq!(weighted(&[-1.0; 100]), "weights must be numbers from 0 to 10^6, not all 0");
}
