//! Fitting: the leading model is not touched by its neighbours, nobody is learnt from beyond what is known of them.

use earlycall_model::Training;
use earlycall_model::boosted::BoostedParams;
use earlycall_model::horizons::{End, FollowUp, HorizonsParams, HorizonsTraining};
use linfa::Dataset;
use linfa::traits::{Fit, Predict};
use ndarray::{Array1, Array2, Axis, Slice, concatenate};

use super::{DAYS, boosted, cohort, params};
use crate::simulate::Random;

#[test]
fn the_leading_model_is_the_one_that_is_fitted_without_other_horizons() {
    let people = cohort(3000, 11);
    let model = params().check().unwrap().fit(&people.training()).unwrap();
    let events = people.events(180);
    let training = Training { rows: people.rows(), events: &events, persons: &people.persons };
    assert_eq!(*model.lead(), boosted().horizon_days(180).check().unwrap().fit(&training).unwrap());
    assert_eq!(model.horizons_days(), DAYS);
}

#[test]
fn a_link_learns_from_those_it_is_about() {
    let people = cohort(3000, 12);
    let model = params().check().unwrap().fit(&people.training()).unwrap();
    let admitted = |days: u32| people.events(days).iter().filter(|event| **event).count() as u64;
    let asked_and_had = |link: &earlycall_model::boosted::BoostedModel| (link.metrics().rows, link.metrics().events);
    assert_eq!(
        model.sooner().iter().map(asked_and_had).collect::<Vec<_>>(),
        [(admitted(180), admitted(90)), (admitted(90), admitted(30)),]
    );
    // Whoever died is among those who were not admitted.
    assert_eq!(asked_and_had(&model.later()[0]), (3000 - admitted(180), admitted(365) - admitted(180)));
}

#[test]
fn whoever_is_lost_at_once_teaches_nothing_and_is_counted() {
    let people = cohort(2000, 13);
    let params = params().check().unwrap();
    let model = params.fit(&people.training()).unwrap();
    let x = concatenate(Axis(0), &[people.x.view(), people.x.slice_axis(Axis(0), Slice::from(..50))]).unwrap();
    let mut follow_ups = people.follow_ups.clone();
    follow_ups.extend([FollowUp { days: 3, end: End::Lost, seen_days: 365 }; 50]);
    let persons: Vec<u64> = (0..2050).collect();
    let rows = earlycall_model::Rows { columns: &people.columns, x: x.view() };
    let with = params.fit(&HorizonsTraining { rows, follow_ups: &follow_ups, persons: &persons }).unwrap();
    assert_eq!((with.lead(), with.sooner(), with.later()), (model.lead(), model.sooner(), model.later()));
    let lost: Vec<u64> = with.reports().iter().map(|report| report.lost).collect();
    assert_eq!((lost, with.reports()[0].rows), (vec![50; 4], 2050));
}

#[test]
fn of_whoever_is_not_seen_for_long_enough_nothing_is_learnt_at_a_longer_horizon_though_they_died() {
    let people = cohort(3000, 18);
    let as_told = |one: &FollowUp, place: usize| FollowUp { seen_days: if place < 1000 { 180 } else { 365 }, ..*one };
    let follow_ups: Vec<FollowUp> = people.follow_ups.iter().zip(0..).map(|(one, at)| as_told(one, at)).collect();
    let training = HorizonsTraining { follow_ups: &follow_ups, ..people.training() };
    let (model, of_all) = (params().check().unwrap(), people.training());
    let (model, of_all) = (model.fit(&training).unwrap(), model.fit(&of_all).unwrap());
    assert_eq!((model.lead(), model.sooner()), (of_all.lead(), of_all.sooner()));
    let left = follow_ups[1000..].iter().filter(|one| one.admitted_within(180) == Some(false)).count() as u64;
    assert_eq!(model.later()[0].metrics().rows, left);
    assert_eq!((model.reports()[2].lost, model.reports()[3].lost), (0, 1000));
}

#[test]
fn whoever_leaves_counts_on_neither_side_and_risks_stay_right() {
    let people = cohort(8000, 23);
    let mut random = Random(5);
    // A third move away, each on some day of the year; what happened to them later nobody knows.
    let moves: Vec<Option<u32>> =
        (0..8000).map(|_| random.chance(0.33).then(|| (365.0 * random.share()) as u32)).collect();
    let seen = |one: &FollowUp, until: u32| match one.days <= until {
        true => FollowUp { seen_days: until, ..*one },
        false => FollowUp { days: until, end: End::Lost, seen_days: until },
    };
    let follow_ups = |until: &dyn Fn(&FollowUp, u32) -> FollowUp| -> Vec<FollowUp> {
        let of = people.follow_ups.iter().zip(&moves);
        of.map(|(one, day)| day.map_or(*one, |day| until(one, day))).collect()
    };
    let mean_risk_within_180_days = |follow_ups: &[FollowUp]| {
        let training = HorizonsTraining { follow_ups, ..people.training() };
        params().check().unwrap().fit(&training).unwrap().reports()[2].mean_risk
    };
    let real = people.true_risks.iter().map(|risks| risks[2]).sum::<f64>() / 8000.0;
    let found = mean_risk_within_180_days(&follow_ups(&seen));
    assert!((found - real).abs() < 0.01, "{found} for {real}");
    // Were those kept who were admitted before they left, risks would be too high.
    let one_sided = |one: &FollowUp, until| match one.end {
        End::Admitted if one.days <= until => *one,
        _ => seen(one, until),
    };
    assert!(mean_risk_within_180_days(&follow_ups(&one_sided)) > real + 0.01);
}

#[test]
fn a_report_tells_who_was_admitted_who_died_and_what_was_expected() {
    let people = cohort(3000, 14);
    let model = params().check().unwrap().fit(&people.training()).unwrap();
    for (report, days) in model.reports().iter().zip(DAYS) {
        let n = |end| people.follow_ups.iter().filter(|one| one.end == end && one.days <= days).count() as u64;
        assert_eq!((report.horizon_days, report.rows, report.lost), (days, 3000, 0));
        assert_eq!((report.admitted, report.died), (n(End::Admitted), n(End::Died)));
        // Nobody was lost, so incidences are plain shares.
        assert!((report.incidence_admitted - report.admitted as f64 / 3000.0).abs() < 1e-12);
        assert!((report.incidence_died - report.died as f64 / 3000.0).abs() < 1e-12);
        assert!((report.mean_risk / report.incidence_admitted - 1.0).abs() < 0.05, "{report:?}");
    }
    assert!(model.reports()[3].died > 150);
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let people = cohort(2000, 15);
    let fit = |threads| {
        let boosted = BoostedParams::new().bags(3).pairs(1).threads(threads);
        HorizonsParams::new(boosted).link_pairs(1).check().unwrap().fit(&people.training()).unwrap()
    };
    assert_eq!(fit(3), fit(1));
}

#[test]
fn what_cannot_be_learnt_is_refused_with_its_horizon() {
    let people = cohort(400, 16);
    let refusal = |follow_ups: &[FollowUp]| {
        let training = HorizonsTraining { follow_ups, ..people.training() };
        params().check().unwrap().fit(&training).unwrap_err().to_string()
    };
    assert_eq!(refusal(&people.follow_ups[1..]), "there are 399 follow-ups, but 400 are needed");
    let mut before = people.follow_ups.clone();
    before[7] = FollowUp { days: 0, end: End::Died, seen_days: 365 };
    assert_eq!(refusal(&before), "follow_ups must be at least a day long where somebody was admitted or died");
    // Everybody who is admitted is so after 40 days.
    let late: Vec<FollowUp> = people.follow_ups.iter().map(|one| FollowUp { days: one.days.max(40), ..*one }).collect();
    let few = "within 30 days: only 0 people had the event, and at least 4 are needed";
    assert_eq!(refusal(&late), few);
    // Nobody is seen for longer than half a year.
    let short = people.follow_ups.iter().map(|one| match one.days {
        0..=180 => *one,
        _ => FollowUp { days: 180, end: End::Lost, seen_days: 180 },
    });
    let none = "within 365 days: only 0 people had the event, and at least 4 are needed";
    assert_eq!(refusal(&short.collect::<Vec<FollowUp>>()), none);
}

#[test]
fn a_linfa_dataset_of_follow_ups_fits_and_predicts_in_linfas_words() {
    let people = cohort(1500, 17);
    let dataset = Dataset::new(people.x.clone(), Array1::from_vec(people.follow_ups.clone()));
    let params = HorizonsParams::new(BoostedParams::new().bags(3).pairs(0)).horizons_days(&[90, 180]);
    let model = params.fit(&dataset).unwrap();
    let risks: Array2<f64> = model.predict(dataset.records());
    assert_eq!(risks.dim(), (1500, 2));
    assert_eq!(risks, model.risks_of(people.x.view(), 1).unwrap());
    let weighted = dataset.with_weights(Array1::ones(1500));
    let refused = params.fit(&weighted).unwrap_err();
    assert_eq!(refused.to_string(), "weights must be absent where there are several horizons");
}
