//! `evaluation.html`: what was measured, with pictures, on one page that needs nothing else.

use askama::Template;
use earlycall_model::metrics::{Cut, Estimate, Figure};

use super::{Decision, Evaluation};
use crate::quality::finding::percent;

/// Side of a square picture, in units of the drawing.
const SIDE: f64 = 300.0;
/// Of an interval beside others: its width, and the ratios at its ends.
const STRIP: f64 = 200.0;
const STRIP_FROM: f64 = 0.5;
const STRIP_TO: f64 = 1.5;

/// The page of some evaluations. Every value is escaped; nothing on the page runs, links or loads.
pub fn write(evaluations: &[Evaluation]) -> Vec<u8> {
    Page { evaluations }.render().expect("a template of plain fields renders").into_bytes()
}

#[derive(Template)]
#[template(path = "evaluation.html")]
struct Page<'a> {
    evaluations: &'a [Evaluation],
}

/// What a figure is called, with the value that would be ideal.
fn words(figure: Figure) -> String {
    let cut = |cut: Cut| match cut {
        Cut::Share(share) => format!("top {}", percent(share)),
        Cut::Rows(rows) => format!("top {rows}"),
    };
    match figure {
        Figure::Auroc => "AUROC".into(),
        Figure::AveragePrecision => "Average precision".into(),
        Figure::Brier => "Brier score".into(),
        Figure::LogLoss => "Log loss".into(),
        Figure::CalibrationIntercept => "Calibration intercept (0 is ideal)".into(),
        Figure::CalibrationSlope => "Calibration slope (1 is ideal)".into(),
        Figure::BinError => "Error in 20 bins".into(),
        Figure::ObservedToExpected => "Observed / expected (1 is ideal)".into(),
        Figure::Ppv(top) => format!("Of the {}, with the outcome", cut(top)),
        Figure::Sensitivity(top) => format!("Of all with the outcome, in the {}", cut(top)),
        Figure::NetBenefit(threshold) => format!("Net benefit from a risk of {} on", percent(threshold)),
    }
}

/// A value with its interval, to so many decimals.
fn interval(estimate: &Estimate, decimals: usize) -> String {
    let Some(value) = estimate.value else { return "not defined".to_owned() };
    match estimate.low.zip(estimate.high) {
        Some((low, high)) => format!("{value:.decimals$} ({low:.decimals$} to {high:.decimals$})"),
        None => format!("{value:.decimals$}"),
    }
}

/// The same of what may not be told.
fn told(estimate: &Option<Estimate>) -> String {
    estimate.as_ref().map_or("too few to tell".to_owned(), |estimate| interval(estimate, 2))
}

/// A share of what may not be told.
fn told_percent(share: &Option<f64>) -> String {
    share.map_or("too few to tell".to_owned(), percent)
}

/// Risks and rates from 0 to what the axes need, a whole number of tenths.
struct Calibration {
    most: f64,
    points: Vec<(f64, f64)>,
}

impl Calibration {
    fn of(evaluation: &Evaluation) -> Calibration {
        let bins = &evaluation.everybody.metrics.bins;
        let largest = bins.iter().map(|bin| bin.mean_risk.max(bin.observed_rate)).fold(0.0, f64::max);
        let most = ((largest * 10.0).ceil() / 10.0).clamp(0.1, 1.0);
        let point = |risk: f64, rate: f64| (SIDE * risk / most, SIDE - SIDE * rate / most);
        Calibration { most, points: bins.iter().map(|bin| point(bin.mean_risk, bin.observed_rate)).collect() }
    }
}

/// Net benefit by threshold: of the model, and of acting on everybody, as far as that is worth something.
struct Curve {
    most: f64,
    model: String,
    everybody: String,
}

impl Curve {
    fn of(decisions: &[Decision]) -> Curve {
        let model: Vec<(f64, f64)> =
            decisions.iter().filter_map(|one| Some((one.threshold, one.model.value?))).collect();
        let everybody: Vec<(f64, f64)> = decisions.iter().map(|one| (one.threshold, one.everybody)).collect();
        let most = model.iter().chain(&everybody).map(|(_, benefit)| *benefit).fold(0.001, f64::max);
        let last = decisions.last().map_or(1.0, |one| one.threshold);
        let points = |line: &[(f64, f64)]| {
            let point = |(threshold, benefit): &(f64, f64)| {
                format!("{:.1},{:.1}", SIDE * threshold / last, SIDE - SIDE * benefit.max(0.0) / most)
            };
            line.iter().map(point).collect::<Vec<String>>().join(" ")
        };
        Curve { most, model: points(&model), everybody: points(&everybody) }
    }
}

/// Where an interval of a ratio lies on a strip on which 1 is in the middle: its ends, and its value.
fn on_strip(estimate: &Estimate) -> Option<(f64, f64, f64)> {
    let place = |ratio: f64| STRIP * (ratio.clamp(STRIP_FROM, STRIP_TO) - STRIP_FROM) / (STRIP_TO - STRIP_FROM);
    Some((place(estimate.low?), place(estimate.high?), place(estimate.value?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimate(value: f64, low: f64, high: f64) -> Estimate {
        Estimate { figure: Figure::ObservedToExpected, value: Some(value), low: Some(low), high: Some(high) }
    }

    #[test]
    fn one_is_in_the_middle_of_a_strip_and_nothing_leaves_it() {
        assert_eq!(on_strip(&estimate(1.0, 0.75, 9.0)), Some((50.0, 200.0, 100.0)));
        assert_eq!(on_strip(&Estimate { low: None, ..estimate(1.0, 0.0, 0.0) }), None);
    }

    #[test]
    fn a_curve_starts_at_its_threshold_and_never_falls_below_nothing() {
        let decision =
            |threshold, model, everybody| Decision { threshold, model: estimate(model, 0.0, 1.0), everybody };
        let curve = Curve::of(&[decision(0.25, 0.1, 0.05), decision(0.5, 0.05, -0.3)]);
        assert_eq!(
            (curve.model.as_str(), curve.everybody.as_str()),
            ("150.0,0.0 300.0,150.0", "150.0,150.0 300.0,300.0")
        );
        assert_eq!(curve.most, 0.1);
    }

    #[test]
    fn an_interval_stands_in_brackets() {
        assert_eq!(interval(&estimate(0.75, 0.7, 0.8), 3), "0.750 (0.700 to 0.800)");
        assert_eq!(interval(&Estimate { value: None, ..estimate(1.0, 1.0, 1.0) }, 3), "not defined");
        assert_eq!(told(&None), "too few to tell");
    }
}
