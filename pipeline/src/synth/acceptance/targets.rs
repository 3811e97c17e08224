//! The targets: `calibration_targets.csv` and section 5 of the specification.

use super::{
    Check,
    counts::{Counts, Risk},
};
use crate::synth::parameters::parameters;

/// Every check.
pub(super) fn checks(counts: &mut Counts) -> Vec<Check> {
    let mut checks = Vec::new();
    emergencies(counts, &mut checks);
    attendances(counts, &mut checks);
    people(counts, &mut checks);
    gp_record(counts, &mut checks);
    by_age_and_deprivation(counts, &mut checks);
    risks(counts, &mut checks);
    checks
}

/// A rate: within 5%.
fn rate(target: &str, expected: f64, found: f64) -> Check {
    let accepted = (expected * 0.95, expected * 1.05);
    Check { target: target.to_owned(), accepted, expected: format!("{expected}"), found }
}

/// A share, in per cent: within a point.
fn share(target: &str, expected: f64, found: f64) -> Check {
    let accepted = (expected - 1.0, expected + 1.0);
    Check { target: format!("{target}, %"), accepted, expected: format!("{expected}"), found: found * 100.0 }
}

/// A range.
fn range(target: &str, (from, to): (f64, f64), found: f64) -> Check {
    Check { target: target.to_owned(), accepted: (from, to), expected: format!("{from} to {to}"), found }
}

fn emergencies(c: &Counts, checks: &mut Vec<Check>) {
    let n = |name| c.sum(name);
    let nights = n("emergencies") - n("emergencies of a day");
    checks.extend([
        // The specification's estimate for North East London; England has 108.
        range("emergency admissions per 1,000 a year", (87.0, 96.0), 1000.0 * n("emergencies") / n("years")),
        share("emergency admissions of a day", 33.0, n("emergencies of a day") / n("emergencies")),
        rate("mean nights of stays with any", 9.1, n("nights") / nights),
        rate("the same, 85 and over", 12.5, n("nights, 85 and over") / n("emergencies, 85 and over, with a night")),
        share("readmitted within 30 days", 13.8, n("readmissions") / n("discharges")),
        share("chronic ACSC of emergency admissions", 8.1, n("chronic ACSC") / n("emergencies")),
        rate("respiratory admissions, winter to spring", 1.8, n("respiratory, winter") / n("respiratory, spring")),
        share("respiratory admissions, 65 and over", 54.0, n("respiratory, 65 and over") / n("respiratory")),
        share("respiratory admissions, 1 to 4", 17.0, n("respiratory, 1 to 4") / n("respiratory")),
        rate("hospital spells per 1,000 a year", 245.0, 1000.0 * n("spells") / n("years")),
        rate("episodes per 1,000 a year", 294.0, 1000.0 * n("episodes") / n("years")),
    ]);
}

fn attendances(c: &Counts, checks: &mut Vec<Check>) {
    let n = |name| c.sum(name);
    let most = n("attendances, most deprived tenth") / n("years, most deprived tenth");
    let least = n("attendances, least deprived tenth") / n("years, least deprived tenth");
    checks.extend([
        range("A&E attendances per 1,000 a year", (440.0, 480.0), 1000.0 * n("attendances") / n("years")),
        rate("A&E, most to least deprived tenth", 1.94, most / least),
        share("A&E, back within 7 days", 8.7, n("attendances, back within a week") / n("attendances")),
        share("A&E, on a Monday", 16.0, n("attendances on a Monday") / n("attendances")),
        share("A&E, major attendances admitted", 29.0, n("major attendances, admitted") / n("major attendances")),
        share("A&E, adults by ambulance", 27.0, n("attendances of adults, by ambulance") / n("attendances of adults")),
    ]);
}

fn people(c: &Counts, checks: &mut Vec<Check>) {
    let n = |name| c.sum(name);
    let odds = |name: &'static str, all: &'static str| n(name) / (n(all) - n(name));
    let most = odds("most deprived, with several conditions", "most deprived");
    let least = odds("least deprived, with several conditions", "least deprived");
    let old = n("here, 80 and over, with several conditions") / n("here, 80 and over");
    checks.extend([
        share("aged 65 and over", 9.5, n("here, 65 and over") / n("here")),
        // Of 35 conditions in England; here 22 conditions and younger people.
        share("several long-term conditions", 14.8, n("here with several conditions") / n("here")),
        share("several long-term conditions, 80 and over", 68.2, old),
        rate("odds of several, most to least deprived fifth, 40 to 79", 2.26, most / least),
        rate("deaths per 1,000 a year", 5.9, 1000.0 * n("deaths") / n("years")),
        share("leave their practice in a year", 12.0, n("leavings") / n("years")),
        share("type 1 objections", 5.0, n("type1") / n("records")),
        share("national data opt-outs", 5.0, n("national_data_opt_out") / n("records")),
    ]);
}

fn gp_record(c: &Counts, checks: &mut Vec<Check>) {
    let total = |what: usize| c.by_conditions.iter().map(|row| row[what]).sum::<f64>();
    checks.push(rate("GP entries per person and year", 25.0, total(1) / total(0)));
    checks.push(rate("prescriptions per person and year", 19.0, total(2) / total(0)));
    let per_year = |ill: usize, what: usize| c.by_conditions[ill][what] / c.by_conditions[ill][0];
    for (what, name) in [(1, "GP entries"), (2, "prescriptions")] {
        for (ill, more) in
            ["one condition to none", "two conditions to one", "three and more to two"].iter().enumerate()
        {
            let ratio = per_year(ill + 1, what) / per_year(ill, what);
            checks.push(range(&format!("{name}, {more}"), (1.1, 20.0), ratio));
        }
    }
}

fn by_age_and_deprivation(c: &Counts, checks: &mut Vec<Check>) {
    let mut from = 0.0;
    for ((oldest, rates), cells) in parameters().admitted.iter().zip(&c.cells) {
        for (fifth, (expected, (people, admitted))) in rates.iter().zip(cells).enumerate() {
            let expected = (expected * 100_000.0).round() / 100.0;
            checks.push(Check {
                target: format!("people admitted per 1,000, {from} to {oldest}, deprivation fifth {}", fifth + 1),
                accepted: (expected * 0.9, expected * 1.1),
                expected: format!("{expected}"),
                found: 1000.0 * admitted / people,
            });
        }
        from = oldest + 1.0;
    }
}

fn risks(c: &mut Counts, checks: &mut Vec<Check>) {
    let people = c.risks.len() as f64;
    let admitted = c.risks.iter().filter(|risk| risk.admissions > 0).count() as f64;
    let admissions = c.risks.iter().map(|risk| f64::from(risk.admissions)).sum::<f64>();
    let outcome = c.sum("admitted or dead within the year") / people;
    c.risks.sort_by(|a, b| a.p.total_cmp(&b.p));
    let top = &c.risks[c.risks.len() - c.risks.len() / 20..];
    let held = top.iter().map(|risk| f64::from(risk.admissions)).sum::<f64>() / admissions;
    let true_risk = auroc(&c.risks);
    c.risks.sort_by(|a, b| a.age.total_cmp(&b.age));
    checks.extend([
        // Of everybody with a record in Scotland, who are older.
        share("admitted or dead within a year", 8.9, outcome),
        rate("admissions a year of those with any", 1.51, admissions / admitted),
        range("admissions of the 5% at highest true risk, %", (25.0, 35.0), 100.0 * held),
        range("AUROC of the true risk of a year", (0.80, 0.87), true_risk),
        range("AUROC of age alone", (0.68, 0.72), auroc(&c.risks)),
    ]);
}

/// Area under the curve of people in order of a score; of equal scores, in the order in which they stand.
fn auroc(people: &[Risk]) -> f64 {
    let cases = people.iter().filter(|risk| risk.admissions > 0).count() as f64;
    let others = people.len() as f64 - cases;
    let ranks: f64 =
        people.iter().enumerate().filter(|(_, risk)| risk.admissions > 0).map(|(i, _)| i as f64 + 1.0).sum();
    (ranks - cases * (cases + 1.0) / 2.0) / (cases * others)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_may_be_5_per_cent_off_and_a_share_a_point() {
        assert!(rate("r", 100.0, 95.0).is_met() && !rate("r", 100.0, 94.9).is_met());
        assert!(share("s", 16.0, 0.169).is_met() && !share("s", 16.0, 0.171).is_met());
        assert!(!range("x", (1.0, 2.0), f64::NAN).is_met());
    }

    #[test]
    fn the_area_is_1_when_every_case_stands_above_every_other() {
        let risk = |p, admissions| Risk { p, age: 0.0, admissions };
        assert_eq!(auroc(&[risk(0.1, 0), risk(0.2, 0), risk(0.3, 1), risk(0.4, 2)]), 1.0);
        assert_eq!(auroc(&[risk(0.1, 1), risk(0.2, 0), risk(0.3, 0), risk(0.4, 1)]), 0.5);
    }
}
