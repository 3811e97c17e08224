//! Rules about a delivery and its feeds as a whole: what it may be used for, whose rows they are, and how many of them are
//! strangers, codes that are none, or rejected.

use std::path::Path;

use earlycall::day::Day;
use earlycall::extract::{Inspection, judge_feed};
use earlycall::settings::Settings;
use earlycall_schemas::table::tables;
use serde_json::json;

use crate::support::{Tiny, person, sha256};
use crate::{assert_refused, inspection, research, with_limits};

#[test]
fn what_a_delivery_may_be_used_for_is_on_the_list() {
    let tiny = || Tiny::new().manifest(|manifest| manifest["purpose_code"] = "coaching".into());
    let tiny = || tiny().manifest(|manifest| manifest["legal_basis_ref"] = "CAG 1".into());
    let lists = "[extracts]\npurposes = [\"coaching\"]\nlegal_bases = [\"CAG 1\", \"CAG 2\"]";
    let production = |lists: &str| Settings::parse(lists, Path::new("")).unwrap();
    assert!(inspection(&tiny()).admit(&production(lists)).is_ok());
    let refused = inspection(&tiny()).admit(&production(&lists.replace("coaching", "research"))).unwrap_err();
    assert!(refused.to_string().contains("rule V02: states no purpose_code that the settings allow"), "{refused}");
    let refused = inspection(&tiny()).admit(&production("")).unwrap_err();
    assert!(refused.to_string().contains("states no purpose_code and no legal_basis_ref"), "{refused}");
    // Research is told, and goes on.
    assert_eq!(inspection(&tiny()).quality(&research()).warned, []);
    let unsaid = inspection(&Tiny::new().manifest(|manifest| {
        manifest.as_object_mut().unwrap().remove("purpose_code");
    }));
    assert_eq!(unsaid.quality(&research()).warned[0].rule, "V02");
    assert!(unsaid.admit(&research()).is_ok());
}

#[test]
fn the_legal_basis_of_an_optional_table_is_allowed_for_that_table_and_for_no_other() {
    let visits = "visit_id,person_id,provider_id,planned_start,actual_start,actual_end,status,package_id\n\
                  v1,P1,1-101,2026-11-19T09:00:00Z,2026-11-19T09:05:00Z,2026-11-19T09:30:00Z,delivered,";
    let visits = || {
        Tiny::new().with_table("home_care_visits", visits).manifest(|manifest| {
            manifest["purpose_code"] = "coaching".into();
            manifest["legal_basis_ref"] = "DSA-1".into();
        })
    };
    let others = tables().iter().map(|table| table.name.as_str()).filter(|name| *name != "home_care_visits");
    let [with_all, alone] = [visits(), others.fold(visits(), Tiny::drop_table)].map(|tiny| inspection(&tiny));
    let settings = |basis: &str| {
        let text = "[extracts]\npurposes = [\"coaching\"]\nlegal_bases = [\"CAG 1\"]\n[feeds.home_care_visits]\n";
        Settings::parse(&format!("{text}legal_basis = \"{basis}\""), Path::new("")).unwrap()
    };
    assert!(alone.clone().admit(&settings("DSA-1")).is_ok());
    let refused = |inspection: &Inspection, basis| inspection.clone().admit(&settings(basis)).unwrap_err().to_string();
    assert!(refused(&alone, "DSA-2").contains("rule V02: states no legal_basis_ref that the settings allow"));
    assert!(refused(&with_all, "DSA-1").contains("rule V02: states no legal_basis_ref that the settings allow"));
}

#[test]
fn a_system_that_sends_other_codes_is_told_of() {
    let spoilt = |n: usize| {
        (0..n).fold(Tiny::new(), |tiny, at| {
            let id = format!("x{at}");
            tiny.copy_row("gp_events", 1, &[("event_id", &id), ("snomed_code", "C10F.")])
        })
    };
    let limits = with_limits("[gate]\nrejected_rows_max = 1.0");
    let warned = |n| {
        let warned = inspection(&spoilt(n)).quality(&limits).warned.into_iter();
        warned.filter(|found| found.rule == "V20").map(|found| found.text()).collect()
    };
    let warned: (Vec<String>, Vec<String>) = (warned(19), warned(20));
    let expected = "gp_events of QMF, rule V20: 87.0% of the rows have a code that is no SNOMED CT concept's";
    assert_eq!(warned, (vec![], vec![expected.to_owned()]));
}

#[test]
fn a_lost_objection_refuses_the_delivery() {
    let withdrawn = [("status", "withdrawn"), ("recorded_at", "2025-01-01T00:00:00Z")];
    let tiny = || Tiny::new().copy_row("opt_outs", 1, &withdrawn);
    assert!(inspection(&tiny()).admit(&with_limits("[gate]\nrejected_rows_max = 0.0")).is_ok());
    assert_refused(
        tiny().set("opt_outs", 2, "recorded_at", "last year"),
        "delivery/opt_outs.csv, row 2, column recorded_at, rule TYPE: an objection cannot be read, and whoever made it would be \
         called; hint: have the row corrected",
    );
    assert_refused(
        tiny().set("opt_outs", 1, "objection", "everything").set("opt_outs", 2, "status", ""),
        "delivery/opt_outs.csv, row 1, column objection, rule CODE: an objection cannot be read, and whoever made it would be \
         called; 2 rows are like this",
    );
    let copied = tiny().copy_row("opt_outs", 1, &[]);
    assert!(inspection(&copied).admit(&with_limits("[gate]\nrejected_rows_max = 0.0")).is_ok(), "a copy loses nothing");
}

#[test]
fn a_table_about_strangers_refuses_the_delivery() {
    let with_strangers = |table: &'static str, ids: &[&str], strangers: u32| {
        (0..strangers).fold(Tiny::new(), |tiny, n| {
            let (stranger, id) = (person(100 + n), format!("x{n}"));
            let ids: Vec<(&str, &str)> = ids.iter().map(|column| (*column, id.as_str())).collect();
            tiny.copy_row(table, 1, &[&ids[..], &[("person_id", &stranger)]].concat())
        })
    };
    assert!(inspection(&with_strangers("gp_events", &["event_id"], 19)).admit(&research()).is_ok());
    assert_refused(
        with_strangers("gp_events", &["event_id"], 20),
        "gp_events of QMF, rule V07: the persons of 87.0% of the rows are not in patients, more than 1.5%",
    );
    assert_refused(with_strangers("opt_outs", &[], 20), "opt_outs of QMF, rule V07: the persons of 95.2% of the rows");
}

/// A tiny delivery to which so many entries of the GP record are added under a provider, and the practice that each names.
fn entries_under(provider: &'static str, rows: &[(&str, usize)], event_date: &str) -> Tiny {
    let n_rows: usize = rows.iter().map(|(_, n)| n).sum();
    let practices = rows.iter().flat_map(|(practice, n)| std::iter::repeat_n(*practice, *n));
    let person = person(1);
    let line = |(n, practice): (usize, &str)| format!("x{n},{person},{practice},{event_date},,44054006,,,\n");
    let lines: String = practices.enumerate().map(line).collect();
    let header = "event_id,person_id,practice_code,event_date,recorded_at,snomed_code,value,unit,is_deleted";
    let text = format!("{header}\n{lines}");
    let line = json!({"table": "gp_events", "file": "gp_events/a.csv", "row_count": n_rows,
                      "sha256": sha256(text.as_bytes()), "provider_code": provider});
    let tiny = Tiny::new().set("reference_practices", 2, "sharing_agreement", "true");
    tiny.stray("gp_events/a.csv", text.as_bytes())
        .manifest(move |manifest| manifest["files"].as_array_mut().unwrap().push(line.clone()))
}

#[test]
fn a_practices_records_under_another_practices_code_are_refused() {
    let under = |provider, rows: &[(&str, usize)]| entries_under(provider, rows, "2024-05-01");
    let told = "gp_events of F99902, rule V01: 100.0% of the rows name another organisation than the provider_code of the \
                manifest, more than 50.0%; in delivery delivery; hint: ";
    assert_refused(under("F99902", &[("F99901", 20)]), told);
    assert_refused(under("F99902", &[("F99902", 20), ("F99901", 21)]), "gp_events of F99902, rule V01: 51.2%");
    assert_refused(under("R1H", &[("F99901", 20)]), "gp_events of R1H, rule V01: 100.0%");
    let is_admitted = |tiny: Tiny| inspection(&tiny).admit(&research()).is_ok();
    // Its own, half another's, some that name nobody, and few.
    assert!(is_admitted(under("F99902", &[("F99902", 40)])));
    assert!(is_admitted(under("F99902", &[("F99902", 20), ("F99901", 20)])));
    assert!(is_admitted(under("F99902", &[("", 20), ("F99901", 20)])));
    assert!(is_admitted(under("F99902", &[("F99901", 19)])));
    // Who is no organisation collects what others keep.
    assert!(is_admitted(under("ICB", &[("F99901", 40)])));
    assert!(
        inspection(&under("F99902", &[("F99901", 20)])).admit(&with_limits("[rules.V01]\nmisplaced_min = 21")).is_ok()
    );
}

#[test]
fn a_trusts_stays_under_another_trusts_code_are_refused() {
    let stays = |provider: &'static str, trust: &str| {
        let copy = |tiny: Tiny, n: usize| {
            let id = format!("a{n}");
            tiny.copy_row("apc_episodes", 1, &[("episode_id", &id), ("spell_id", &id), ("provider_code", trust)])
        };
        (100..130).fold(Tiny::new(), copy).line("apc_episodes", "provider_code", json!(provider))
    };
    assert_refused(stays("RQX", "R1H"), "apc_episodes of RQX, rule V01: 100.0% of the rows name another organisation");
    assert!(inspection(&stays("R1H", "R1H")).admit(&research()).is_ok());
    assert!(inspection(&stays("QMF", "R1H")).admit(&research()).is_ok());
}

#[test]
fn a_provider_whose_rows_are_rejected_is_refused_though_the_table_bears_it() {
    let bears = "[gate]\nrejected_rows_max = 0.02";
    let judged = |rows: &[(&str, usize)], date: &str, limits: &str| {
        let inspection = inspection(&entries_under("F99902", rows, date));
        let fed = inspection.delivery.tables.iter().find(|admitted| admitted.provider == "F99902").unwrap();
        judge_feed(fed, Day::of(inspection.delivery.extracted_at), &with_limits(limits))
            .map_err(|error| error.to_string())
    };
    let told = judged(&[("F99902", 20)], "01/05/2024", bears).unwrap_err();
    let expected = "gp_events of F99902, rule V42: 100.0% of 20 rows are rejected, more than 20.0%: 20 by TYPE in event_date, the first in ";
    assert!(told.contains(expected), "{told}");
    assert!(judged(&[("F99902", 20)], "2024-05-01", bears).is_ok());
    assert!(judged(&[("F99902", 19)], "01/05/2024", bears).is_ok());
    // Practices that don't share say nothing against a file, and no file is judged more strictly than its table.
    assert!(judged(&[("F99999", 20)], "2024-05-01", bears).is_ok());
    assert!(judged(&[("F99902", 20)], "01/05/2024", "[gate]\nrejected_rows_max = 1.0").is_ok());
    assert!(judged(&[("F99902", 20)], "01/05/2024", "[rules.V42]\nfeed_share = 1.0").is_ok());
}

#[test]
fn too_many_rejected_rows_of_a_core_table_refuse_the_delivery() {
    // So many copies of row 1 name a method of admission that there is not.
    let hearsay = |n: usize| {
        (0..n).fold(Tiny::new(), |tiny, at| {
            let id = format!("x{at}");
            tiny.copy_row("apc_episodes", 1, &[("episode_id", &id), ("admission_method", "29")])
        })
    };
    assert_refused(
        hearsay(20),
        "apc_episodes, rule V42: 90.9% of 22 rows are rejected, more than 2.0%: 20 by CODE in admission_method, the first in \
         delivery/apc_episodes.csv, row 3",
    );
    // Fewer are single mistakes, unless a service says otherwise.
    assert!(inspection(&hearsay(19)).admit(&research()).is_ok());
    assert!(inspection(&hearsay(19)).admit(&with_limits("[rules.V42]\nrows_min = 19")).is_err());
    assert!(inspection(&hearsay(20)).admit(&with_limits("[gate]\nrejected_rows_max = 1.0")).is_ok());
    // Strangers, copies and practices that don't share say nothing against the table; bed lists are no core table.
    let strictest = with_limits("[gate]\nrejected_rows_max = 0.0\n[rules.V42]\nrows_min = 1");
    let is_admitted = |tiny: Tiny| inspection(&tiny).admit(&strictest).is_ok();
    assert!(!is_admitted(hearsay(1)));
    assert!(is_admitted(Tiny::new().set("deaths", 1, "person_id", &person(9))));
    assert!(is_admitted(Tiny::new().copy_row("deaths", 1, &[])));
    assert!(is_admitted(Tiny::new().set("gp_events", 1, "practice_code", "F99902")));
    assert!(is_admitted(Tiny::new().set("inpatients_now", 1, "provider_code", "?")));
}
