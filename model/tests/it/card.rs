//! The card says what a person must know, in two ways.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use earlycall_model::artefact::Artefact;
use earlycall_model::card::{card_html, card_markdown};
use earlycall_model::metrics::Metrics;

use crate::horizons::model;

/// A model of four horizons with what must be known about it, and a variant.
static CARD: LazyLock<[String; 2]> = LazyLock::new(|| {
    let artefact = Artefact {
        name: "trial <1>".to_owned(),
        outcome: "emergency_admission".to_owned(),
        cohort: BTreeMap::from([("in training".to_owned(), 1200)]),
        baseline: Some(baseline().clone()),
        ..Artefact::of(model().clone())
    };
    let variants = [Artefact { without: vec!["visits".to_owned()], ..artefact.clone() }];
    [card_markdown(&artefact, &variants), card_html(&artefact, &variants)]
});

/// Some metrics that are not the model's own.
fn baseline() -> &'static Metrics {
    model().sooner()[0].metrics()
}

#[test]
fn the_card_tells_purpose_training_performance_horizons_limits_and_every_curve() {
    let [card, page] = &*CARD;
    let headings: Vec<&str> = card.lines().filter(|line| line.starts_with("# ") || line.starts_with("## ")).collect();
    let expected = [
        "# Model card: trial <1>",
        "## Intended purpose",
        "## Training",
        "## Performance on people it had not seen",
        "## Horizons",
        "## Variants",
        "## Limits",
        "## Settings of the fit",
        "## Curves",
        "## Pairs",
        "## Link to 90 days",
        "## Link to 30 days",
        "## Link to 365 days",
    ];
    assert_eq!(headings, expected);
    for heading in &expected[1..] {
        assert!(page.contains(&format!("<h2>{}</h2>", &heading[3..])), "the page lacks: {heading}");
    }
    assert!(page.contains("<h1>Model card: trial &lt;1&gt;</h1>"));
    let (auroc, of_baseline) = (model().lead().metrics().auroc.unwrap(), baseline().auroc.unwrap());
    let report = &model().reports()[0];
    for line in [
        "- Index dates: not stated",
        "| in training | 1200 |",
        "| Measure | Model | Logistic regression |",
        &format!("| AUROC | {auroc:.4} | {of_baseline:.4} |"),
        &format!("| visits | {auroc:.4} | {of_baseline:.4} | not stated |"),
        "- It has learnt nothing about sources that are missing: then one of its variants must take its place.",
    ] {
        assert!(card.lines().any(|found| found == line), "the card lacks: {line}\n{card}");
    }
    assert!(card.contains(&format!("| 30 days | {} | {} | 0 |", report.admitted, report.died)), "{card}");
    for words in [
        "the last weeks before the day to which outcomes are known may not have been sent yet",
        "nobody is judged by what was learnt from them, also where mean risk and observed rate",
    ] {
        assert!(card.contains(words), "the card lacks: {words}");
    }
    assert!(card.contains("it is not certified as a medical device"));
    assert!(page.contains("A larger value never lowers the risk."));
}

#[test]
fn the_page_draws_every_curve_and_pair_and_asks_for_nothing_else() {
    let [card, page] = &*CARD;
    let told = card.lines().filter(|line| line.starts_with("### ")).count();
    let all = [model().lead()].into_iter().chain(model().sooner()).chain(model().later());
    let curves: usize = all
        .map(|part| part.formula().curves.iter().filter(|curve| !curve.is_flat()).count() + part.formula().n_pairs)
        .sum();
    assert_eq!((told, page.matches("<svg ").count()), (curves, curves));
    for outside in ["<script", "http:", "https:", "src=", "href=", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert_eq!(page.matches("<details>").count(), curves);
}
