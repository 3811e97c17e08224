//! Defects of `gp_prescriptions`.

use crate::synth::dirt::{
    days::{far, long_ago, unknown},
    draft::{Draft, Value},
    kind::{Kind, Site, Sown, words},
    reference::UNSHARED,
    snomed::with_wrong_check_digit,
};

pub(super) const KINDS: &[Kind] = &[
    Kind::twice("prescription_id", 300),
    Kind::newer("prescription_id", 50, "issue_type", "automatic"),
    Kind::text("V05", "practice_code", 50, UNSHARED),
    Kind::stranger(100),
    Kind::empty("issue_date", 10),
    Kind::raw("TYPE", "issue_date", 10, "14/02/2025"),
    Kind::day("V08", "issue_date", 20, unknown),
    Kind::day("V09", "issue_date", 20, far),
    Kind::day("V10", "issue_date", 20, long_ago),
    Kind::cell("V21", "bnf_code", 50, without_leading_zero),
    Kind::code("V21", "dmd_code", 50, with_wrong_check_digit),
    Kind::rows("V21", "dmd_code", 20, without_drug),
    Kind::text("V22", "practice_code", 10, "F9990"),
];

/// The code as a spreadsheet leaves it that took it for a number; none where what is left could be a code.
fn without_leading_zero(_: &Site, row: &Draft) -> Option<Value> {
    let rest = row.text("bnf_code").strip_prefix('0')?;
    rest.starts_with(['3', '4', '5', '6', '7', '8', '9']).then(|| words(rest))
}

fn without_drug(_: &Site, row: Draft) -> Vec<Sown> {
    vec![Sown::defect(row.without("dmd_code").without("bnf_code"))]
}
