//! The card says what a person must know.

use std::collections::BTreeMap;

use earlycall_model::artefact::Artefact;
use earlycall_model::card::card_markdown;

use crate::simulate::model;

#[test]
fn the_card_tells_purpose_training_performance_curves_and_limits() {
    let artefact = Artefact {
        name: "trial".to_owned(),
        outcome: "emergency_admission".to_owned(),
        cohort: BTreeMap::from([("in training".to_owned(), 1200)]),
        ..Artefact::of(model().clone())
    };
    let without_visits = Artefact { without: vec!["visits".to_owned()], ..artefact.clone() };
    let card = card_markdown(&artefact, &[without_visits]);
    let headings: Vec<&str> = card.lines().filter(|line| line.starts_with('#')).collect();
    assert_eq!(
        headings,
        [
            "# Model card: trial",
            "## Intended purpose",
            "## Training",
            "## Performance on people it had not seen",
            "## Largest curves",
            "## Variants",
            "## Limits",
        ]
    );
    for line in [
        "Estimates the risk of `emergency_admission` within 180 days.",
        "It is software for research: it is not certified as a medical device.",
        "- Index dates: not stated",
        "| in training | 1200 |",
        &format!("| visits | {:.4} | not stated |", model().metrics().auroc.unwrap()),
        "- It has learnt nothing about sources that are missing: then one of its variants must take its place.",
        &format!("| AUROC | {:.4} |", model().metrics().auroc.unwrap()),
        "- These columns said nothing in training and never matter: `constant`, `never_fed`.",
    ] {
        assert!(card.lines().any(|found| found == line), "the card lacks: {line}\n{card}");
    }
    let position = |text: &str| card.find(text).unwrap_or_else(|| panic!("the card lacks {text}"));
    assert!(position("`age_years`") < position("`noise`"), "larger curves come first");
}
