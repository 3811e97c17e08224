//! Which test proves which rule: that what breaks it is caught, and that what keeps it is not.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use earlycall_schemas::rules::rules;

/// The rules that one row can break, or one row beside others: planted among a hundred thousand rows, where each planted
/// defect is caught and nothing else. Their examples are tried one by one as well.
pub const ROW_RULES: [&str; 30] = [
    "CODE", "ENDED", "NULL", "ORDER", "RANGE", "TYPE", "V05", "V06", "V07", "V08", "V09", "V10", "V12", "V15", "V16",
    "V17", "V18", "V19", "V20", "V21", "V22", "V23", "V25", "V26", "V27", "V28", "V37", "V38", "V39", "V40",
];

/// The rules that only all rows of a person can break: planted too, and found by a night, as `history/planted.rs` shows.
pub const PERSON_RULES: [&str; 5] = ["V11", "V13", "V14", "V29", "V30"];

/// Of rules about files, tables and runs, and of what single rows cannot show: the rule, the file of the test, and the
/// test, which has a case that is caught and one that is not.
const FIXTURES: &[(&str, &str, &str)] = &[
    ("V01", "tests/extract/files.rs", "a_wrong_checksum_is_refused"),
    ("V01", "tests/extract/files.rs", "a_wrong_count_is_refused_either_way"),
    ("V01", "tests/extract/files.rs", "a_missing_column_is_refused_unless_it_is_optional"),
    ("V01", "tests/extract/files.rs", "the_tiny_delivery_is_admitted_whole"),
    ("V01", "tests/extract/whole_feeds.rs", "a_practices_records_under_another_practices_code_are_refused"),
    ("V01", "tests/extract/whole_feeds.rs", "a_trusts_stays_under_another_trusts_code_are_refused"),
    ("V02", "tests/extract/manifests.rs", "deliveries_that_do_not_go_together_are_refused"),
    ("V02", "tests/extract/whole_feeds.rs", "what_a_delivery_may_be_used_for_is_on_the_list"),
    ("V02", "tests/history/late.rs", "persons_under_another_key_are_refused_also_when_the_older_delivery_is_gone"),
    ("V03", "tests/extract/leaks.rs", "one_cell_that_tells_who_somebody_is_refuses_its_file"),
    (
        "V03",
        "tests/extract/leaks.rs",
        "a_column_of_codes_without_a_list_or_a_form_refuses_its_file_for_what_is_certain",
    ),
    ("V03", "tests/extract/leaks.rs", "half_of_the_values_of_ten_digits_must_be_nhs_numbers"),
    ("V03", "tests/extract/leaks.rs", "the_files_of_a_provider_are_looked_at_together"),
    ("V03", "tests/extract/leaks.rs", "three_nhs_numbers_and_no_other_number_of_ten_digits_are_said"),
    (
        "V03",
        "tests/history/numbers.rs",
        "three_nhs_numbers_a_night_are_said_in_the_first_night_and_refused_in_the_second",
    ),
    ("V03", "src/quality/ten_digits.rs", "ids_of_which_some_pass_by_chance_are_nothing_however_long_they_come"),
    ("V03", "tests/extract/leaks.rs", "codes_with_a_form_and_names_are_not_looked_at"),
    ("V04", "tests/extract/files.rs", "a_person_id_that_is_none_refuses_the_file"),
    ("V07", "tests/extract/whole_feeds.rs", "a_table_about_strangers_refuses_the_delivery"),
    ("V20", "tests/extract/whole_feeds.rs", "a_system_that_sends_other_codes_is_told_of"),
    ("V31", "tests/history/permissions.rs", "a_list_of_objections_that_shrank_refuses_the_delivery"),
    ("V31", "tests/history/permissions.rs", "a_list_of_other_people_is_as_little_whole_as_a_shorter_one"),
    ("V31", "tests/night/refused.rs", "an_empty_list_of_objections"),
    ("V32", "src/quality/recent/tests.rs", "below_a_fifth_holds_and_a_fifth_warns"),
    ("V32", "src/quality/recent/tests.rs", "christmas_new_year_and_bank_holidays_hold_nothing"),
    ("V32", "tests/night/gates.rs", "a_trust_whose_emergency_department_stops_sending_holds_the_night"),
    ("V32", "tests/history/emptied.rs", "a_file_of_next_to_nothing_leaves_its_practice_at_the_last_good_delivery"),
    ("V32", "tests/history/emptied.rs", "a_practice_none_of_whose_few_rows_can_be_used_keeps_what_stood"),
    (
        "V32",
        "tests/history/emptied.rs",
        "a_full_file_that_lost_more_than_a_twentieth_is_said_with_both_numbers_and_a_twentieth_is_not",
    ),
    ("V32", "tests/history/emptied.rs", "a_window_of_a_year_moves_with_the_season_and_its_size_says_nothing"),
    ("V32", "tests/history/emptied.rs", "of_two_trusts_one_that_sends_no_row_at_all_refuses_the_delivery"),
    ("V33", "tests/night/gates.rs", "lines_of_whoever_goes_to_a_trust_that_is_late_say_so"),
    ("V33", "tests/extract/recent.rs", "a_full_file_three_times_as_old_as_it_may_be_is_an_old_one_sent_again"),
    ("V34", "src/quality/recent/tests.rs", "diagnoses_that_are_missing_and_results_and_days_that_crowd_are_said"),
    ("V35", "src/quality/recent/tests.rs", "a_switch_of_same_day_emergency_care_is_said_and_holds_nothing"),
    (
        "V35",
        "src/quality/recent/tests.rs",
        "codes_that_have_drifted_since_the_model_was_trained_are_said_of_everybody_together",
    ),
    ("V36", "src/quality/recent/tests.rs", "a_busy_monday_of_a_small_practice_is_no_default_day"),
    ("V36", "src/quality/recent/tests.rs", "diagnoses_that_are_missing_and_results_and_days_that_crowd_are_said"),
    ("V37", "tests/extract/rules.rs", "records_merged_in_a_circle_are_rejected_and_chains_are_not"),
    ("V42", "tests/extract/whole_feeds.rs", "too_many_rejected_rows_of_a_core_table_refuse_the_delivery"),
    ("V42", "tests/extract/whole_feeds.rs", "a_provider_whose_rows_are_rejected_is_refused_though_the_table_bears_it"),
    ("V42", "tests/extract/small_feeds.rs", "a_file_of_seven_rows_in_another_dialect_is_said_with_what_to_do"),
    ("V42", "tests/history/gaps.rs", "a_practice_most_of_whose_rows_are_rejected_stays_at_its_last_good_delivery"),
    ("V42", "tests/history/part_read.rs", "a_row_or_two_and_half_of_a_file_make_no_gap"),
    (
        "V42",
        "tests/history/part_read.rs",
        "a_practice_that_loses_most_of_its_newest_rows_has_a_gap_though_nothing_is_refused",
    ),
    ("R6", "src/objections/trust.rs", "an_exemption_counts_to_its_last_day"),
    ("R31", "src/history/tests/invented.rs", "invented_people_are_for_research_alone"),
    (
        "ABSENT",
        "tests/history/left_out.rs",
        "a_practice_that_never_sent_a_table_that_others_send_is_named_until_it_does",
    ),
    (
        "ABSENT",
        "tests/history/left_out.rs",
        "a_practice_of_few_people_may_have_no_prescriptions_and_one_that_shares_must_send_something",
    ),
    ("ABSENT", "tests/history/left_out.rs", "what_came_with_the_rest_and_is_left_out_is_named_and_stands"),
    ("ABSENT", "tests/history/left_out.rs", "who_begins_with_rows_that_only_add_is_named_once"),
    (
        "AHEAD",
        "tests/history/ahead.rs",
        "a_first_delivery_that_is_dated_ahead_is_told_by_its_date_and_not_as_an_old_one",
    ),
    (
        "AHEAD",
        "tests/history/late.rs",
        "a_delivery_that_is_older_than_a_settled_one_of_the_same_table_and_provider_is_refused",
    ),
    ("AHEAD", "tests/history/ahead.rs", "a_delivery_far_behind_the_one_before_it_is_dated_ahead_and_leaves_no_trace"),
    (
        "AHEAD",
        "tests/night/ahead.rs",
        "a_delivery_from_after_the_night_that_is_asked_for_is_refused_and_leaves_no_trace",
    ),
    (
        "COHORT",
        "src/night/overnight.rs",
        "registrations_that_end_overnight_are_said_above_a_twentieth_and_a_list_cleaning_is_not",
    ),
    (
        "COHORT",
        "src/night/overnight.rs",
        "deaths_and_test_patients_of_a_hundredth_of_a_practice_are_said_with_their_number",
    ),
    ("COHORT", "src/night/recent.rs", "a_tenth_fewer_or_more_people_are_a_night_and_beyond_that_it_is_held"),
    ("DEATHS", "tests/history/emptied.rs", "a_list_of_deaths_that_was_cut_short_refuses_the_delivery"),
    ("OPTOUTS", "src/objections/losing.rs", "a_list_that_is_sent_whole_every_night_may_not_lose_a_tenth_of_its_people"),
    ("OPTOUTS", "src/objections/losing.rs", "changes_are_as_many_as_there_are"),
    ("OPTOUTS", "tests/history/lists.rs", "an_emptied_list_in_a_delivery_that_adds_is_told_until_a_whole_one_arrives"),
    ("SPOILT", "tests/extract/spoilt.rs", "diagnoses_that_cannot_be_read_refuse_their_file"),
    (
        "SPOILT",
        "tests/extract/spoilt.rs",
        "results_in_units_that_nobody_knows_refuse_their_file_as_what_cannot_be_read_does",
    ),
    ("SPOILT", "tests/extract/spoilt.rs", "a_column_is_looked_at_file_by_file_and_over_all_files_of_its_provider"),
    (
        "SPOILT",
        "tests/extract/small_feeds.rs",
        "a_column_of_a_few_cells_none_of_which_can_be_read_is_said_and_refuses_nothing",
    ),
    ("SPOILT", "tests/extract/spoilt.rs", "a_few_cells_put_right_are_repairs_and_no_more_is_said"),
    ("SHARE", "src/night/recent.rs", "half_as_many_again_at_high_risk_hold_the_night_unless_the_model_is_new"),
];

#[test]
fn every_declared_rule_has_a_proof() {
    let by_rows = ROW_RULES.into_iter().chain(PERSON_RULES);
    let proved: BTreeSet<&str> = by_rows.chain(FIXTURES.iter().map(|(rule, ..)| *rule)).collect();
    let declared: BTreeSet<&str> = rules().iter().map(|rule| rule.id.as_str()).collect();
    let unproved: Vec<&&str> = declared.difference(&proved).collect();
    assert!(unproved.is_empty(), "rules without a proof: {unproved:?}; plant a defect, or name a test in proof.rs");
    let undeclared: Vec<&&str> = proved.difference(&declared).collect();
    assert!(undeclared.is_empty(), "proofs of rules that there are not: {undeclared:?}");
}

#[test]
fn what_check_does_not_look_at_are_the_rules_about_persons_and_other_nights() {
    let declared: Vec<&str> = rules().iter().filter(|rule| rule.by_night_alone).map(|rule| rule.id.as_str()).collect();
    assert_eq!(declared, [&PERSON_RULES[..], &["COHORT", "SHARE"]].concat());
}

#[test]
fn every_proof_is_a_test_that_there_is() {
    for (rule, file, test) in FIXTURES {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
        let stands = format!("fn {test}()");
        let mut pairs = text.lines().zip(text.lines().skip(1));
        let is_test = pairs.any(|(above, line)| above.trim() == "#[test]" && line.trim().starts_with(&stands));
        assert!(is_test, "{rule}: {file} has no test {test}");
    }
}
