//! The catalogue that is compiled in, and what it refuses.

use super::*;

const GOOD: &str = r#"
[stays_n]
from = "hospital_stays"
take = "count"
within_days = [30, 365]
risk_goes = "up"
sensitive = false
reason = "{n:stay} in the last {window}"
about = "stays"
unit = "stays"
feed = "apc_episodes"
source = "ours"
"#;

/// What an entry has that may be told.
const TOLD: &str = "reason = \"{n:stay} in the last {window}\"\nabout = \"stays\"\n";

fn refusal(text: &str) -> String {
    Catalogue::read(&[("a.toml", text)]).unwrap_err().to_string()
}

fn names(catalogue: &Catalogue) -> Vec<&str> {
    catalogue.features().iter().map(|feature| feature.name.as_str()).collect()
}

#[test]
fn the_catalogue_loads_and_is_large_enough() {
    let catalogue = catalogue();
    assert!(catalogue.features().len() >= 120, "{} features", catalogue.features().len());
    for name in [
        "age_years",
        "emergency_admissions_n_365d",
        "bed_days_emergency_365d",
        "days_since_last_emergency_admission",
        "has_copd",
        "days_since_first_copd",
        "bnf_0301_items_n_365d",
        "hba1c_mmol_per_mol_latest",
        "charlson_points_730d",
    ] {
        assert!(catalogue.position(name).is_some(), "{name}");
    }
}

#[test]
fn entries_of_one_statement_are_told_together() {
    let silent = GOOD.replace(TOLD, "");
    let beside = silent.replace("stays_n]", "stays_of_a_year_n]") + "statement = \"stays_n\"\n";
    let alone = GOOD.replace("stays_n]", "nights_n]");
    let catalogue = Catalogue::read(&[("a.toml", &format!("{GOOD}{alone}{beside}"))]).unwrap();
    let together: Vec<&[usize]> = (0..3).map(|entry| catalogue.told_together_with(entry)).collect();
    assert_eq!(together, [&[0, 2][..], &[1], &[0, 2]]);
}

#[test]
fn names_are_words_joined_by_underscores() {
    for feature in catalogue().features() {
        let fits = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
        assert!(feature.name.chars().all(fits), "{}", feature.name);
    }
}

#[test]
fn every_feed_is_a_table_of_the_contract() {
    for entry in catalogue().entries() {
        assert!(!entry.feeds.is_empty());
        for feed in &entry.feeds {
            assert!(crate::table::table(feed).is_some(), "{}: {feed}", entry.name);
        }
    }
}

#[test]
fn an_entry_makes_one_feature_per_window_and_in_the_order_written() {
    let more = GOOD.replace("[stays_n]", "[a_n]").replace("[30, 365]", "[7]");
    let catalogue = Catalogue::read(&[("a.toml", &format!("{GOOD}{more}"))]).unwrap();
    assert_eq!(names(&catalogue), ["stays_n_30d", "stays_n_365d", "a_n_7d"]);
    assert_eq!((catalogue.features_of(0), catalogue.features_of(1)), (0..2, 2..3));
}

#[test]
fn an_entry_that_repeats_stands_for_each_item_and_takes_over_what_is_sensitive() {
    let text = GOOD
        .replace("[stays_n]", "[\"has_{item}\"]")
        .replace("hospital_stays", "conditions\"\nfor_each = \"conditions")
        .replace("about = \"stays\"", "about = \"stays for {item}\"")
        .replace("sensitive = false", "sensitive = \"by_item\"");
    let catalogue = Catalogue::read(&[("a.toml", &text)]).unwrap();
    let entry = |name: &str| catalogue.entries().iter().find(|entry| entry.name == name).unwrap();
    assert!(!entry("has_copd").sensitive && entry("has_copd").reason.is_some());
    assert!(entry("has_smi").sensitive && entry("has_smi").reason.is_none());
    assert_eq!(entry("has_heart_failure").about.as_deref(), Some("Stays for heart failure"));
    assert_eq!(entry("has_smi").about, None);
}

#[test]
fn undeclared_is_sensitive() {
    let silent = GOOD.replace("sensitive = false\n", "").replace(TOLD, "");
    assert!(Catalogue::read(&[("a.toml", &silent)]).unwrap().entries()[0].sensitive);
    assert_eq!(
        refusal(&GOOD.replace("sensitive = false\n", "")),
        "a.toml, stays_n: is sensitive, so it may not have a reason"
    );
}

#[test]
fn a_refusal_names_the_file_the_entry_and_the_rule() {
    let cases = [
        ("\"count\"", "\"median\"", "a.toml, line 4: unknown variant `median`"),
        ("hospital_stays", "dreams", "a.toml, line 3: unknown variant `dreams`"),
        ("unit = ", "units = ", "a.toml, line 10: unknown field `units`"),
        (
            "take = ",
            "where = [\"is_green\"]\ntake = ",
            "a.toml, stays_n: asks for a test that hospital_stays doesn't have",
        ),
        ("take = ", "item = \"copd\"\ntake = ", "a.toml, stays_n: names an item, but hospital_stays has none"),
        ("[30, 365]", "[365, 30]", "a.toml, stays_n: needs its windows above 0 days, each longer"),
        ("[30, 365]", "[]", "a.toml, stays_n: adds something up, so it needs a window"),
        ("\"count\"", "\"flag\"", "a.toml, stays_n: takes something that doesn't add up"),
        ("{n:stay}", "{moon}", "a.toml, stays_n: its reason has an unknown gap {moon}"),
        ("{n:stay}", "{value}", "a.toml, stays_n: its reason tells a value that it doesn't measure"),
        ("\"stays\"", "\"{item}\"", "a.toml, stays_n: is about an item that it doesn't name"),
        ("about = \"stays\"\n", "", "a.toml, stays_n: needs both a reason and what it is about, or neither"),
        (TOLD, "", "a.toml, stays_n: is not sensitive, so its statement needs"),
    ];
    for (from, to, message) in cases {
        let refused = refusal(&GOOD.replace(from, to));
        assert!(refused.starts_with(message), "{refused}");
    }
}

#[test]
fn a_name_is_given_once_and_a_statement_has_one_reason_and_one_sensitivity() {
    let twice = Catalogue::read(&[("a.toml", GOOD), ("b.toml", GOOD)]).unwrap_err();
    assert_eq!(twice.to_string(), "b.toml, stays_n: has a name that a.toml has already");
    let sister = GOOD.replace("[stays_n]", "[other_n]").replace("unit", "statement = \"stays_n\"\nunit");
    assert_eq!(refusal(&format!("{GOOD}{sister}")), "a.toml, stays_n: belongs to a statement with two reasons");
    let secret = sister.replace("sensitive = false", "sensitive = true").replace(TOLD, "");
    let refused = refusal(&format!("{GOOD}{secret}"));
    assert_eq!(refused, "a.toml, stays_n: is told together with an entry of another sensitivity");
}

#[test]
fn the_hash_follows_what_decides_a_number_and_nothing_else() {
    let hash = |text: &str| Catalogue::read(&[("a.toml", text)]).unwrap().hash().to_owned();
    assert_eq!(hash(GOOD).len(), 64);
    assert_eq!(hash(GOOD), hash(&GOOD.replace("in the last", "within").replace("ours", "theirs")));
    assert_ne!(hash(GOOD), hash(&GOOD.replace("365", "366")));
    assert_ne!(hash(GOOD), hash(&GOOD.replace("take = ", "where = [\"is_emergency\"]\ntake = ")));
}

#[test]
fn the_reference_names_every_entry_and_every_test() {
    let page = catalogue_markdown();
    for entry in catalogue().entries() {
        assert!(page.contains(&format!("| `{}` |", entry.name)), "{}", entry.name);
    }
    assert!(page.contains("| `hospital_stays` | `is_emergency` |"));
}
