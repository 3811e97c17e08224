//! People who were not made up here: 10,000 of the Medicare sample to learn from and 10,000 others to score, checked
//! against a plain reading of the same files that shares no code with the pipeline.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
    sync::OnceLock,
};

use earlycall_schemas::codelists::{Condition, conditions};

use crate::{
    delivery::{Delivery, Row},
    published::{self, as_listed, risks, worklists},
    service::{Said, Service},
    snapshot::Snapshot,
};

/// The last day before the year that is to be foreseen, and the last of that year.
pub const INDEX_DATE: &str = "2009-12-31";
const UNTIL: &str = "2010-12-31";

/// The settings of a service that scores the sample.
pub const SETTINGS: &str = "[prediction]\nhorizon_days = 365";

/// The folder of a sample; says so plainly when there is none.
pub fn medicare(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("EARLYCALL_TEST_DATA").map(|data| PathBuf::from(data).join(name));
    if folder.is_none() {
        eprintln!("skipped: EARLYCALL_TEST_DATA doesn't say where {name} is");
    }
    folder
}

/// A service that has learned from the first sample and scored the second.
pub fn service() -> Service {
    static SCORED: OnceLock<Snapshot> = OnceLock::new();
    Service::restored(SCORED.get_or_init(|| {
        let service = Service::empty();
        let one = medicare("desynpuf_1").expect("whoever asks has the samples");
        let two = medicare("desynpuf_2").expect("whoever asks has the samples");
        service.add_settings(&format!("{SETTINGS}\n[extracts]\nfolder = {one:?}\n[state]\nfolder = \"state-one\""));
        service.must(&["train", "--index-date", INDEX_DATE]);
        service.add_settings(&format!("{SETTINGS}\n[extracts]\nfolder = {two:?}"));
        service.must(&["run", "--index-date", INDEX_DATE]);
        fs::remove_dir_all(service.folder().join("state-one")).unwrap();
        Snapshot::of(service.folder())
    }))
}

/// What a plain reading of a sample finds.
struct PlainReading {
    /// Alive, not objecting, and with a condition that one is coached for.
    belong: BTreeSet<String>,
    /// Admitted as an emergency within the year after.
    admitted: BTreeSet<String>,
}

impl PlainReading {
    fn of(delivery: &Delivery) -> PlainReading {
        let people = |table: &str, wanted: &dyn Fn(&Row) -> bool| -> BTreeSet<String> {
            delivery.table(table).rows().filter(wanted).map(|row| row.get("person_id").to_owned()).collect()
        };
        let dead = people("deaths", &|row| row.get("death_date") <= INDEX_DATE);
        let objecting = people("opt_outs", &|row| row.get("status") == "dissent");
        let coded = people("gp_events", &|row| {
            let snomed: u64 = row.get("snomed_code").parse().unwrap();
            row.get("event_date") <= INDEX_DATE && coached().any(|condition| condition.snomed.contains(&snomed))
        });
        let diagnosed = people("apc_episodes", &|row| {
            let shows =
                |code: &str| coached().any(|condition| condition.icd10.iter().any(|start| code.starts_with(start)));
            row.get("admission_date") <= INDEX_DATE && row.get("diagnoses").split('|').any(shows)
        });
        let everybody = people("patients", &|_| true);
        let has_a_condition = |person: &&String| coded.contains(*person) || diagnosed.contains(*person);
        let is_here = |person: &&String| !dead.contains(*person) && !objecting.contains(*person);
        PlainReading {
            belong: everybody.iter().filter(is_here).filter(has_a_condition).cloned().collect(),
            // Every stay of the sample is an emergency admission (method 21).
            admitted: people("apc_episodes", &|row| {
                row.get("admission_date") > INDEX_DATE && row.get("admission_date") <= UNTIL
            }),
        }
    }
}

fn coached() -> impl Iterator<Item = &'static Condition> {
    conditions().iter().filter(|condition| condition.is_coached)
}

/// The chance that of two people, one admitted and one not, the admitted one had the higher risk; ties count half.
/// Counted over all pairs, the plain way.
fn auroc(admitted: &[f64], others: &[f64]) -> f64 {
    let halves = |a: f64, b: f64| match a.total_cmp(&b) {
        std::cmp::Ordering::Greater => 2,
        std::cmp::Ordering::Equal => 1,
        std::cmp::Ordering::Less => 0,
    };
    let won: u64 = admitted.iter().map(|&a| others.iter().map(|&b| halves(a, b)).sum::<u64>()).sum();
    won as f64 / 2.0 / (admitted.len() * others.len()) as f64
}

#[test]
fn pairs_are_counted_as_one_would_by_hand() {
    assert_eq!(auroc(&[0.9, 0.4], &[0.1, 0.4]), 3.5 / 4.0);
}

#[test]
fn whoever_belongs_is_scored_and_nobody_else_and_the_risks_hold() {
    let Some(folder) = medicare("desynpuf_2") else { return };
    let plain = PlainReading::of(&Delivery::read(&folder));
    let n_admitted = plain.belong.intersection(&plain.admitted).count();
    assert_eq!((plain.belong.len(), n_admitted), (6_759, 981));

    let risks = risks(&service().night(&format!("{INDEX_DATE}.1")));
    let strangers: Vec<&String> = risks.keys().filter(|person| !plain.belong.contains(*person)).collect();
    assert!(
        strangers.is_empty(),
        "{} are scored who are dead, objecting or have no coached condition",
        strangers.len()
    );
    // The pipeline counts weak bones from the age of 50 only, as the GP contract does.
    assert!(risks.len() * 100 >= plain.belong.len() * 98, "only {} are scored", risks.len());

    let (admitted, others): (BTreeMap<_, _>, BTreeMap<_, _>) =
        risks.iter().partition(|(person, _)| plain.admitted.contains(*person));
    let values = |people: &BTreeMap<&String, &f64>| people.values().map(|risk| **risk).collect::<Vec<f64>>();
    let auroc = auroc(&values(&admitted), &values(&others));
    assert!(auroc >= 0.606, "AUROC {auroc:.4}; plain logistic regression on plain features has 0.616");
    let mean = risks.values().sum::<f64>() / risks.len() as f64;
    let observed = admitted.len() as f64 / risks.len() as f64;
    assert!((0.9..=1.1).contains(&(mean / observed)), "mean risk {mean:.4}, observed {observed:.4}");
}

#[test]
fn each_of_the_eight_teams_has_25_lines_in_order_of_risk_and_nobody_is_on_two() {
    if medicare("desynpuf_2").is_none() {
        return;
    }
    let service = service();
    let night = service.night(&format!("{INDEX_DATE}.1"));
    let (lists, scores) = (worklists(&night), published::scores(&night));
    assert_eq!(lists.values().map(Vec::len).collect::<Vec<_>>(), [25; 8]);
    let mut refs = BTreeSet::new();
    for (team_id, lines) in &lists {
        let risks: Vec<f64> = lines.iter().map(|line| line["risk"].parse().unwrap()).collect();
        assert!(risks.is_sorted_by(|a, b| a >= b), "{team_id}");
        let of_team = scores.values().filter(|score| score.team_id.as_ref() == Some(team_id));
        let mut highest: Vec<f64> = of_team.map(|score| as_listed(score.risk)).collect();
        highest.sort_by(|a, b| b.total_cmp(a));
        assert_eq!(risks, highest[..25], "{team_id}: the 25 highest risks of its people");
        refs.extend(lines.iter().map(|line| line["person_ref"].clone()));
        let numbers: Vec<usize> = lines.iter().map(|line| line["line_no"].parse().unwrap()).collect();
        assert_eq!(numbers, (1..=25).collect::<Vec<_>>());
    }
    assert_eq!(refs.len(), 200);
}

#[test]
fn both_samples_pass_the_checks() {
    for name in ["desynpuf_1", "desynpuf_2"] {
        let Some(folder) = medicare(name) else { return };
        let service = Service::empty();
        service.add_settings(&format!("[extracts]\nfolder = {folder:?}"));
        let Said { out, .. } = service.must(&["check"]);
        assert!(out.contains("patients") && out.contains("10,000"), "{out}");
        assert!(!out.contains("refused") && !out.contains("rejected, by rule"), "{out}");
    }
}
