//! What may be declared as a care gap, and what may not.

use super::*;

/// A gap that may be declared.
const GAP: &str = r#"
    [ckd_kidney_test]
    kind = "not_measured"
    conditions = ["ckd"]
    observations = ["egfr"]
    limits = { within_days = 365 }
    says = "No kidney test since {date}"
    says_never = "No kidney test"
    priority = 1
    sensitive = false
    source = "Ours"
    why = "A reason."
"#;

/// The same about medicines.
const MEDICINES: &str = r#"
    [ckd_painkiller]
    kind = "prescribed"
    conditions = ["ckd"]
    medicines = ["anti_inflammatory_painkiller"]
    limits = { within_days = 91, at_least = 1 }
    says = "Painkiller {n}, {on} {date}"
    priority = 2
    sensitive = false
    source = "Ours"
    why = "A reason."
"#;

#[track_caller]
fn refused(text: &str, from: &str, to: &str, expected: &str) {
    assert!(text.contains(from), "{from}");
    let error = CareGaps::read(&[("more.toml", &text.replace(from, to))]).unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
}

#[test]
fn a_gap_is_read_with_what_it_names_looked_up() {
    let gaps = CareGaps::read(&[("a.toml", MEDICINES), ("b.toml", GAP)]).unwrap();
    let ids: Vec<&str> = gaps.all().iter().map(|gap| gap.id.as_str()).collect();
    assert_eq!(ids, ["ckd_kidney_test", "ckd_painkiller"], "by priority, not by file");
    assert_eq!(gaps.all()[1].kind, Kind::Prescribed { medicines: vec!["100101".to_owned()] });
    assert_eq!((gaps.all()[0].kind.feed(), gaps.all()[1].kind.feed()), ("gp_events", "gp_prescriptions"));
}

#[test]
fn nothing_sensitive_may_be_declared() {
    refused(GAP, "sensitive = false", "sensitive = true", "ckd_kidney_test: is not declared as not sensitive");
    refused(GAP, "sensitive = false", "", "is not declared as not sensitive");
    refused(GAP, "\"ckd\"", "\"smi\"", "would tell of a sensitive condition: smi");
    let points = "points = [{ n = 1, conditions = [\"depression\"] }]\n priority = 1";
    refused(GAP, "priority = 1", points, "would tell of a sensitive condition: depression");
}

#[test]
fn what_is_not_known_is_refused_by_name() {
    refused(GAP, "\"ckd\"", "\"ckdd\"", "names no known condition: ckdd");
    refused(GAP, "\"egfr\"", "\"gfr\"", "names no known measurement: gfr");
    refused(MEDICINES, "\"anti_inflammatory_painkiller\"", "\"pills\"", "names no known class of medicines: pills");
    refused(GAP, "why =", "because =", "more.toml, line");
}

#[test]
fn a_gap_has_what_its_kind_needs_and_nothing_else() {
    refused(GAP, "observations = [\"egfr\"]", "", "needs either observations or medicines");
    refused(GAP, "[\"egfr\"]", "[\"egfr\", \"bmi\"]", "needs one observation");
    refused(GAP, "priority", "told_when = \"above\"\n priority", "needs told_when if its kind is last_value");
    refused(MEDICINES, "priority", "beside = \"steroid_inhaler\"\n priority", "which only not_prescribed asks for");
    refused(GAP, "within_days = 365", "within_days = 365, at_least = 1", "these limits and no others: within_days");
    refused(MEDICINES, ", at_least = 1", "", "these limits and no others: at_least, within_days");
    refused(MEDICINES, "at_least = 1", "at_least = 1.5", "a limit at_least that must be a whole number");
    refused(GAP, "within_days = 365", "within_days = 0", "a limit within_days that must be a whole number, 1 to 3650");
}

#[test]
fn a_sentence_has_no_gap_that_its_kind_cannot_fill() {
    refused(GAP, "{date}", "{day}", "says something that its kind cannot fill: {day}");
    refused(GAP, "{date}", "{value} on {date}", "cannot fill: {value}");
    refused(GAP, " since {date}", "", "says nothing of its {date}");
    refused(GAP, "says_never = \"No kidney test\"", "", "needs says_never if its kind is not_measured");
    refused(GAP, "\"No kidney test\"", "\"Never {date}\"", "has a gap in says_never");
}

#[test]
fn two_gaps_share_neither_name_nor_priority() {
    let second = MEDICINES.replace("priority = 2", "priority = 1");
    let error = CareGaps::read(&[("a.toml", GAP), ("b.toml", &second)]).unwrap_err();
    assert_eq!(error.to_string(), "b.toml, ckd_painkiller: has the name or the priority of ckd_kidney_test");
    assert!(CareGaps::read(&[("a.toml", GAP), ("b.toml", GAP)]).is_err());
}

#[test]
fn every_gap_that_is_compiled_in_is_on_the_page_with_why_and_source() {
    let page = care_gaps_markdown();
    assert!(care_gaps().all().len() > 10);
    for gap in care_gaps().all() {
        assert!(page.contains(&format!("## {}\n\n> {}\n", gap.id, gap.says)), "{}", gap.id);
        assert!(gap.why.ends_with('.') && gap.source.contains("pecification 4.2"), "{}", gap.id);
    }
    assert!(page.contains("people with an irregular heartbeat (atrial fibrillation); with enough points: 1 for heart"));
    assert!(page.contains("1 from 65 years on, ") && page.contains("1 if recorded as female\n"));
}

#[test]
fn no_sentence_is_too_long_to_be_said_or_ends_in_a_full_stop() {
    for gap in care_gaps().all() {
        for words in std::iter::once(&gap.says).chain(&gap.says_never) {
            assert!(words.len() <= 110 && !words.ends_with('.') && !words.contains(';'), "{words}");
        }
    }
}
