//! What imported lists change: what a concept means, and what stands in where a list is missing.

use earlycall::{codelists::CodeLists, meaning::GpMeanings, settings::Settings};
use earlycall_schemas::codelists::{cluster_names, conditions};

use crate::import::{OWN, Service};

/// Concepts of the embedded illustration.
const ASTHMA: u64 = 195_967_001;
const STROKE: u64 = 230_690_007;
const ASTHMA_RESOLVED: u64 = 162_660_004;
/// Three concepts that no embedded list has; what they are is of no matter here.
const OTHERS: [u64; 3] = [271_649_006, 71_388_002, 404_684_003];

/// The conditions that a concept shows and ends.
fn means(lists: &CodeLists, concept: u64) -> (Vec<&'static str>, Vec<&'static str>) {
    let ids = |numbers: &[u16]| numbers.iter().map(|&n| conditions()[n as usize].id.as_str()).collect();
    let meanings = GpMeanings::of(lists);
    meanings.of_snomed(concept).map_or_else(Default::default, |meaning| (ids(&meaning.shows), ids(&meaning.ends)))
}

fn import(service: &Service, name: &str, concepts: &[u64]) {
    let rows: String = concepts.iter().map(|concept| format!("{concept}\n")).collect();
    let (code, _, err) = service.import_text("list.csv", &format!("code\n{rows}"), name, &OWN);
    assert_eq!(code, 0, "{err}");
}

#[test]
fn an_imported_list_takes_the_place_of_the_embedded_one() {
    let service = Service::new();
    assert_eq!(means(&service.lists(), ASTHMA), (vec!["asthma"], vec![]));
    import(&service, "AST_COD", &OTHERS[..2]);
    let lists = service.lists();
    assert_eq!(means(&lists, ASTHMA), (vec![], vec![]));
    assert_eq!(means(&lists, OTHERS[0]), (vec!["asthma"], vec![]));
    assert_eq!(means(&lists, ASTHMA_RESOLVED), (vec![], vec!["asthma"]), "its own list is not imported");
    import(&service, "ASTRES_COD", &OTHERS[2..]);
    assert_eq!(means(&service.lists(), OTHERS[2]), (vec![], vec!["asthma"]));
    assert_eq!(means(&service.lists(), ASTHMA_RESOLVED), (vec![], vec![]));
}

#[test]
fn embedded_concepts_stand_in_until_every_list_of_a_condition_is_there() {
    let service = Service::new();
    import(&service, "STRK_COD", &OTHERS[..1]);
    let shown = |concept| means(&service.lists(), concept).0;
    assert_eq!((shown(OTHERS[0]), shown(STROKE)), (vec!["stroke_tia"], vec!["stroke_tia"]));
    import(&service, "TIA_COD", &OTHERS[..2]);
    assert_eq!((shown(OTHERS[0]), shown(OTHERS[1]), shown(STROKE)), (vec!["stroke_tia"], vec!["stroke_tia"], vec![]));
}

#[test]
fn production_names_the_lists_that_it_lacks() {
    let service = Service::new();
    let settings = Settings::parse("", &service.path("")).unwrap();
    let refused = |settings: &Settings| CodeLists::of(settings).unwrap_err().to_string();
    import(&service, "AST_COD", &OTHERS);
    let told = refused(&settings);
    assert!(told.contains("setting codelists.folder") && told.contains("ASTRES_COD, CAN_COD"), "{told}");
    assert!(!told.contains("AST_COD,"), "{told}");
    for name in cluster_names().into_iter().filter(|name| *name != "PAD_COD") {
        import(&service, name, &OTHERS);
    }
    assert!(refused(&settings).contains("import PAD_COD; hint: "), "{}", refused(&settings));
    import(&service, "PAD_COD", &OTHERS);
    assert!(CodeLists::of(&settings).is_ok());
}

#[test]
fn a_model_is_told_every_list_by_its_hash() {
    let service = Service::new();
    let hashes = |service: &Service| service.lists().hashes();
    let before = hashes(&service);
    assert_eq!(before.keys().collect::<Vec<_>>(), ["embedded"]);
    import(&service, "AST_COD", &OTHERS);
    let after = hashes(&service);
    assert_eq!(after.keys().collect::<Vec<_>>(), ["AST_COD", "embedded"]);
    import(&service, "AST_COD", &[OTHERS[2], OTHERS[0], OTHERS[1], OTHERS[0]]);
    assert_eq!(hashes(&service), after, "order and repetition are no part of a list");
}
