//! What a night refuses: one clear line, the documented exit code, no patient's value, and yesterday's night as it was.

use std::{fs, path::Path};

use earlycall::store::{Store, disk::FileSystem};
use earlycall_schemas::codelists::cluster_names;
use flate2::{Compression, write::GzEncoder};
use serde_json::json;

use crate::{
    delivery::{Delivery, edit_manifest, line_of, sha256},
    published,
    service::{FIRST, SECOND, Service, second_delivery, second_delta},
    snapshot::{Snapshot, assert_same},
};

/// A value that stands in a patient's row where something is wrong with it. Nobody may read it in a message.
const SECRET: &str = "SECRET7Q";

const RUN: [&str; 3] = ["run", "--index-date", SECOND];

/// A service whose first night stands, and which has just received this.
fn received(delivery: &Delivery) -> (Service, std::path::PathBuf) {
    let service = Service::after_first_night();
    let folder = service.deliver(delivery);
    (service, folder)
}

/// Runs the program, which must refuse with this code and words, and must leave everything published as it was.
#[track_caller]
fn refused(service: &Service, args: &[&str], code: i32, words: &[&str]) {
    let before = Snapshot::of(&service.out());
    let said = service.earlycall(args);
    assert_eq!(said.code, code, "{}", said.err);
    assert_eq!((said.out.as_str(), said.err.lines().count()), ("", 1), "{}", said.err);
    assert!(said.err.starts_with("earlycall: "), "{}", said.err);
    for word in words {
        assert!(said.err.contains(word), "{}\nshould say: {word}", said.err);
    }
    let is_person = |word: &str| word.len() >= 32 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let names_a_person = said.err.split(|c: char| !c.is_alphanumeric()).any(is_person);
    assert!(!names_a_person && !said.err.contains(SECRET), "{}", said.err);
    assert_eq!(service.current(), format!("nights/{FIRST}.1"));
    assert_same(&before, &Snapshot::of(&service.out()), "everything published");
}

/// A delivery that is spoilt after its manifest was written.
#[track_caller]
fn refused_after(spoil: impl FnOnce(&Path), words: &[&str]) {
    let (service, folder) = received(&second_delivery());
    spoil(&folder);
    refused(&service, &RUN, 11, words);
}

/// A delivery whose rows are spoilt, with a manifest that fits.
#[track_caller]
fn refused_with(spoil: impl FnOnce(&mut Delivery), words: &[&str]) {
    let mut delivery = second_delivery();
    spoil(&mut delivery);
    refused(&received(&delivery).0, &RUN, 11, words);
}

#[test]
fn a_corrupted_file() {
    let flip_a_bit = |folder: &Path| {
        let path = folder.join("gp_events.csv");
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(path, bytes).unwrap();
    };
    refused_after(flip_a_bit, &["gp_events.csv", "V01", "differs from the manifest's sha256"]);
}

#[test]
fn a_wrong_checksum() {
    let other_sum = |folder: &Path| {
        edit_manifest(folder, |manifest| line_of(manifest, "deaths")["sha256"] = json!("0".repeat(64)));
    };
    refused_after(other_sum, &["deaths.csv", "V01", "differs from the manifest's sha256"]);
}

#[test]
fn a_truncated_gzip_whose_checksum_is_right() {
    let truncate = |folder: &Path| {
        let text = fs::read(folder.join("apc_episodes.csv")).unwrap();
        fs::remove_file(folder.join("apc_episodes.csv")).unwrap();
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        std::io::Write::write_all(&mut encoder, &text).unwrap();
        let mut packed = encoder.finish().unwrap();
        packed.truncate(packed.len() / 2);
        fs::write(folder.join("apc_episodes.csv.gz"), &packed).unwrap();
        edit_manifest(folder, |manifest| {
            line_of(manifest, "apc_episodes")["file"] = json!("apc_episodes.csv.gz");
            line_of(manifest, "apc_episodes")["sha256"] = json!(sha256(&packed));
        });
    };
    refused_after(truncate, &["apc_episodes.csv.gz", "V01"]);
}

#[test]
fn a_missing_mandatory_column() {
    let drop = |delivery: &mut Delivery| delivery.table_mut("registrations").drop_column("start_date");
    refused_with(drop, &["registrations.csv", "start_date"]);
}

#[test]
fn an_empty_list_of_objections() {
    let empty = |delivery: &mut Delivery| delivery.table_mut("opt_outs").rows.clear();
    refused_with(empty, &["opt_outs, rule V31: the list of ", " objections fell from ", " people to 0"]);
}

#[test]
fn a_table_that_lost_more_than_2_percent_of_its_rows() {
    let spoil = |delivery: &mut Delivery| {
        let sheet = delivery.table_mut("apc_episodes");
        let at = sheet.header.iter().position(|column| column == "admission_date").unwrap();
        sheet.rows.iter_mut().step_by(40).for_each(|row| row[at] = SECRET.to_owned());
    };
    refused_with(spoil, &["apc_episodes", "V42", "rows are rejected, more than 2.0%"]);
}

#[test]
fn a_row_without_a_pseudonym() {
    let spoil = |delivery: &mut Delivery| delivery.table_mut("patients").rows[6][0] = SECRET.to_owned();
    refused_with(spoil, &["patients.csv", "row 7", "column person_id", "V04"]);
}

#[test]
fn a_settled_delivery_that_changed_afterwards() {
    let (service, folder) = received(&second_delivery());
    service.must(&RUN);
    fs::write(folder.join("deaths.csv"), SECRET).unwrap();
    let before = Snapshot::of(&service.out());
    let said = service.earlycall(&RUN);
    assert_eq!(said.code, 11, "{}", said.err);
    assert!(said.err.contains("deaths.csv") && said.err.contains("V01") && !said.err.contains(SECRET), "{}", said.err);
    assert_same(&before, &Snapshot::of(&service.out()), "everything published");
}

#[test]
fn an_index_date_after_the_data() {
    let (service, _) = received(&second_delivery());
    refused(
        &service,
        &["run", "--index-date", "2026-11-21"],
        11,
        &["21 November 2026", "after the newest extract, of 20 November 2026"],
    );
}

#[test]
fn settings_that_make_no_sense() {
    let service = Service::after_first_night();
    for (text, words) in [
        ("[worklist]\nhysterisis = 1.2", ["line 7", "did you mean `hysteresis`?"]),
        ("[prediction]\nhorizon_days = \"half a year\"", ["line 7", "prediction.horizon_days"]),
        ("[cohort]\nminimum_age_years = 200", ["cohort.minimum_age_years", "must be 0 to 120"]),
    ] {
        service.add_settings(text);
        refused(&service, &RUN, 10, &["earlycall.toml", words[0], words[1]]);
    }
}

#[test]
fn production_while_the_code_lists_are_illustrative() {
    let (service, _) = received(&second_delivery());
    service.set_settings("");
    refused(&service, &RUN, 10, &["codelists.folder", "illustrative", "production", "AFIBRES_COD, AFIB_COD"]);
    for name in cluster_names() {
        import(&service, name);
    }
    // With all its lists it goes on, and asks for keys next.
    refused(&service, &RUN, 16, &["there is no folder of keys"]);
}

#[test]
fn teams_without_keys_are_told_together_before_anything_is_settled() {
    let (service, folder) = received(&second_delivery());
    let teams = fs::read_to_string(folder.join("reference_teams.csv")).unwrap();
    let mut teams: Vec<&str> = teams.lines().skip(1).map(|row| row.split(',').next().unwrap()).collect();
    teams.sort_unstable();
    assert!(teams.len() > 1, "{teams:?}");
    let keys = service.folder().join("keys");
    fs::create_dir_all(&keys).unwrap();
    // A file is broken, and nobody has come to it yet.
    fs::write(folder.join("deaths.csv"), SECRET).unwrap();
    let all = format!("for key in tie {}; do", teams.join(" "));
    refused(&service, &RUN, 16, &["there is no key for the order of ties, nor for", &teams.join(", "), &all]);
    let words = service.earlycall(&RUN).err;
    let (_, command) = words.split_once("make what is missing with: ").unwrap();
    assert!(std::process::Command::new("sh").args(["-c", command]).status().unwrap().success());
    refused(&service, &RUN, 11, &["deaths.csv", "V01"]);
}

/// Imports a list of one concept.
fn import(service: &Service, name: &str) {
    let file = service.folder().join("list.csv");
    fs::write(&file, "code\n162660004\n").unwrap();
    let words = ["--format", "own", "--origin", "a test", "--licence", "none", "--released", "2026-05-01"];
    service.must(&[&["codelists", "import", file.to_str().unwrap(), "--as", name], &words[..]].concat());
}

#[test]
fn a_model_made_with_other_code_lists() {
    let (service, _) = received(&second_delivery());
    import(&service, "ASTRES_COD");
    refused(&service, &RUN, 13, &["model.json", "made with other code lists: ASTRES_COD", "train a model"]);
}

#[test]
fn a_code_list_that_was_changed_by_hand() {
    let (service, _) = received(&second_delivery());
    import(&service, "ASTRES_COD");
    fs::write(service.folder().join("codelists/ASTRES_COD/codes.csv"), "code\n").unwrap();
    refused(&service, &RUN, 10, &["codes.csv", "was changed since it was imported", "import the list again"]);
}

#[test]
fn no_model() {
    let (service, _) = received(&second_delivery());
    fs::remove_file(service.folder().join("model/current")).unwrap();
    refused(&service, &RUN, 13, &["there is no model", "earlycall train"]);
}

#[test]
fn an_altered_model() {
    let (service, _) = received(&second_delivery());
    let path = service.folder().join("model/current/model.json");
    let text = fs::read_to_string(&path).unwrap();
    // One digit of one number.
    let at = text.find("0.").unwrap() + 2;
    let other = if &text[at..=at] == "1" { "2" } else { "1" };
    fs::write(&path, format!("{}{other}{}", &text[..at], &text[at + 1..])).unwrap();
    refused(&service, &RUN, 13, &["model.json", "restore the file"]);
}

#[test]
fn a_model_for_another_horizon() {
    let (service, _) = received(&second_delivery());
    service.add_settings("[prediction]\nhorizon_days = 90");
    refused(&service, &RUN, 13, &["180 days", "90"]);
}

/// The second delivery without some tables' rows.
fn without(tables: &[&str]) -> Delivery {
    let mut delivery = second_delivery();
    tables.iter().for_each(|table| delivery.table_mut(table).rows.clear());
    delivery
}

#[test]
fn a_night_for_whose_missing_feeds_no_model_was_trained() {
    let (service, _) = received(&without(&["ed_attendances"]));
    let variants = service.folder().join("model/current/variants");
    fs::remove_file(variants.join("hospital_stays_alone.json")).unwrap();
    fs::remove_file(variants.join("without_ae_and_prescriptions.json")).unwrap();
    fs::remove_file(variants.join("without_ae.json")).unwrap();
    refused(&service, &RUN, 13, &["no model was trained to do without ed_attendances", "V33", "earlycall train"]);
}

#[test]
fn but_a_model_without_variants_scores_nights_on_which_nothing_is_missing() {
    let (service, _) = received(&second_delivery());
    fs::remove_dir_all(service.folder().join("model/current/variants")).unwrap();
    service.must(&RUN);
}

#[test]
fn an_altered_variant_or_one_of_another_model() {
    let (service, _) = received(&without(&["gp_prescriptions"]));
    let variants = service.folder().join("model/current/variants");
    fs::copy(variants.join("without_ae.json"), variants.join("without_prescriptions.json")).unwrap();
    refused(&service, &RUN, 13, &["without_prescriptions.json", "not learnt together", "train again"]);
    fs::write(variants.join("without_prescriptions.json"), SECRET).unwrap();
    refused(&service, &RUN, 13, &["without_prescriptions.json", "not readable", "train again"]);
}

#[test]
fn a_night_whose_hospital_stays_stopped_too_long_ago() {
    let mut delta = second_delta();
    delta.tables.remove("apc_episodes");
    let (service, _) = received(&delta);
    service.add_settings("[rules.V33]\napc_episodes_days = 1");
    refused(&service, &RUN, 11, &["apc_episodes", "V33", "hospital stays stop on", "nobody can be scored"]);
}

#[test]
fn while_another_run_holds_the_lock() {
    let (service, _) = received(&second_delivery());
    let settings = service.settings();
    let other_run = Store::open(&FileSystem, settings.output_folder(), settings.state_folder()).unwrap();
    refused(&service, &RUN, 15, &["another run holds the lock"]);
    drop(other_run);
    service.must(&RUN);
}

#[test]
fn but_a_missing_feed_is_no_reason_to_refuse() {
    let mut delivery = second_delivery();
    delivery.table_mut("gp_prescriptions").rows.clear();
    let (service, _) = received(&delivery);
    service.must(&RUN);
    let night = service.night(&format!("{SECOND}.1"));
    assert_eq!(published::json(&night, "run.json")["missing_feeds"], json!(["gp_prescriptions"]));
    for line in published::worklists(&night).values().flatten() {
        assert!(line["notices"].contains("Prescriptions are missing"), "{}", line["notices"]);
        assert!(line["data_dates"].contains("Prescriptions: No data"), "{}", line["data_dates"]);
    }
}
