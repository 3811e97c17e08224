//! What a delivery as a whole says about its age, who answers for a breach, and how quiet ordinary nights are.

use std::{collections::BTreeSet, fs};

use earlycall::{
    day::Day,
    quality::{
        recent::{Recent, judge},
        set_aside::SetAside,
    },
    settings::Settings,
    synth::{Format, SynthParams, generate},
};

use crate::{inspected, inspection, support::Tiny, with_limits};

/// What is refused of a tiny delivery, whose extract was made on 20 November 2026.
fn refused(tiny: &Tiny, settings: &Settings) -> Vec<String> {
    inspection(tiny).all_refusals(settings).iter().map(ToString::to_string).collect()
}

fn attendances_until(arrival: &str) -> Tiny {
    let tiny = Tiny::new().keep_rows("ed_attendances", &[1]).set("ed_attendances", 1, "departure_at", "");
    tiny.set("ed_attendances", 1, "arrival_at", &format!("{arrival}T08:15:00Z"))
}

#[test]
fn a_full_file_three_times_as_old_as_it_may_be_is_an_old_one_sent_again() {
    let settings = with_limits("[rules.V33]\nrows_min = 1");
    let of_attendances = |tiny: &Tiny| {
        let refused = refused(tiny, &settings).into_iter();
        refused.filter(|told| told.starts_with("ed_attendances")).collect::<Vec<_>>()
    };
    let told = of_attendances(&attendances_until("2026-10-28"));
    assert_eq!(told.len(), 1);
    assert!(
        told[0].starts_with(
            "ed_attendances of QMF, rule V33: stops on 28 October 2026, 22 days before the last day of the extract, and 21 \
             are the most; in delivery delivery; hint: Ask the provider"
        ),
        "{told:?}"
    );
    assert_eq!(of_attendances(&attendances_until("2026-10-29")), Vec::<String>::new());
    // A delta brings what is new, which may be little.
    let delta = attendances_until("2026-10-28").manifest(|manifest| manifest["delivery"] = "delta".into());
    assert_eq!(of_attendances(&delta), Vec::<String>::new());
}

#[test]
fn a_table_of_few_rows_is_not_judged_by_its_age() {
    assert_eq!(refused(&attendances_until("2020-10-28"), &with_limits("")), Vec::<String>::new());
}

#[test]
fn somebody_may_answer_for_rejected_rows_until_a_day() {
    // One of three registrations is rejected.
    let tiny = Tiny::new().set("registrations", 1, "start_date", "never");
    let settings = |until: &str| {
        let parts = "rule = \"V42\"\ntable = \"registrations\"\nname = \"A. Engineer\"\nreason = \"known\"";
        with_limits(&format!("[rules.V42]\nrows_min = 1\n[[override]]\n{parts}\nuntil = \"{until}\""))
    };
    // The extract of 20 November is for the night of the 19th.
    assert!(refused(&tiny, &settings("2026-11-18"))[0].starts_with("registrations, rule V42: 33.3% of 3 rows"));
    assert_eq!(refused(&tiny, &settings("2026-11-19")), Vec::<String>::new());
    let delivery = inspection(&tiny).admit(&settings("2026-11-19")).unwrap();
    let told: Vec<String> = delivery.set_aside.iter().map(SetAside::in_words).collect();
    assert_eq!(
        told,
        [
            "registrations, rule V42: 33.3% of 3 rows are rejected, more than 2.0%: 1 by TYPE in start_date, the first in \
          delivery/registrations.csv, row 1; A. Engineer lets it pass until 19 November 2026: known"
        ]
    );
    let ended = inspection(&tiny).admit(&settings("2026-11-18")).unwrap_err().to_string();
    assert!(ended.contains("; the override by A. Engineer ended on 18 November 2026; "), "{ended}");
}

#[test]
fn ninety_nights_of_a_synthetic_population_hold_nothing() {
    let last = Day::parse("2026-11-20").unwrap();
    let params = SynthParams { people: 2_000, years: 2, last_day: last, ..SynthParams::default() };
    let delivery = generate(&params).delivery_full(last, Format::Csv);
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join(delivery.folder_name);
    fs::create_dir_all(&folder).unwrap();
    delivery.files.iter().for_each(|(name, bytes)| fs::write(folder.join(name), bytes).unwrap());
    let profiles = [inspected(&folder).delivery.profile()];
    // Fewer people make smaller practices, so smaller ones are judged.
    let settings = with_limits("[rules.V32]\nexpected_min = 50");
    let providers = profiles[0].feeds.iter().flat_map(|feed| feed.organisations.values());
    let n_judged = providers.filter(|counts| counts.weeks().values().max().is_some_and(|n| *n > 80)).count();
    assert!(n_judged >= 4, "{n_judged}");

    let left = BTreeSet::new();
    let night =
        |back| judge(&Recent { profiles: &profiles, index_date: last - back, left: &left, rules: &settings.rules });
    let found: Vec<_> = (0..90).flat_map(night).filter(|finding| finding.rule == "V32").collect();
    assert_eq!(found.iter().filter(|finding| finding.refuses()).count(), 0);
    let told: BTreeSet<String> = found.iter().map(|finding| finding.text()).collect();
    assert!(told.len() <= n_judged, "of {n_judged} providers in thirteen weeks: {told:?}");
}
