//! V32: as many rows of a week as of the weeks before.

use earlycall_schemas::rules::Action;

use super::{Recent, finding, median, standing::Standing};
use crate::{
    day::{Day, bank_holidays::is_ordinary_week},
    quality::finding::Finding,
};

const RULE: &str = "V32";

/// A week of a provider beside those before it.
struct Week<'a> {
    provider: &'a str,
    monday: Day,
    n: u64,
    /// The median of the weeks before.
    expected: f64,
    n_before: usize,
    /// How much more the weeks before vary than chance alone would have them; 1 is chance.
    dispersion: f64,
}

pub(super) fn judge(recent: &Recent, standing: &Standing) -> Vec<Finding> {
    let Some(lag_days) = recent.days_of(RULE, standing.table) else { return Vec::new() };
    let Some(monday) = newest_week(recent.index_date, lag_days) else { return Vec::new() };
    let providers = standing.organisations().filter(|provider| !recent.left.contains(*provider));
    let weeks: Vec<Week> = providers.filter_map(|provider| week(recent, standing, provider, monday)).collect();
    // Of one provider's few weeks the dispersion is a guess; what is usual among all of them is a better one.
    let usual = median(weeks.iter().map(|week| week.dispersion).collect());
    weeks.iter().filter_map(|week| judge_week(recent, standing, week, usual)).collect()
}

fn judge_week(recent: &Recent, standing: &Standing, week: &Week, usual_dispersion: f64) -> Option<Finding> {
    let (n, expected) = (week.n as f64, week.expected);
    let is_held = n < recent.limit(RULE, "hold_below_share") * expected;
    let dispersion = week.dispersion.max(usual_dispersion).max(1.0);
    // The median of k weeks is itself off by chance: its variance is that of a week, times pi / 2k.
    let of_median = std::f64::consts::FRAC_PI_2 / week.n_before as f64;
    let deviation = (expected * dispersion * (1.0 + of_median)).sqrt();
    if !is_held && (n - expected).abs() <= recent.limit(RULE, "band_deviations") * deviation {
        return None;
    }
    let message = format!(
        "sent {} rows of the week of {}, and {} were expected, the median of {} weeks before",
        week.n,
        week.monday.in_words(),
        expected.round(),
        week.n_before
    );
    let action = if is_held { Action::Run } else { Action::Warn };
    Some(finding(RULE, action, standing.table, week.provider, message))
}

/// The Monday of the newest week that is like others and ended at least so many days before the index date.
fn newest_week(index_date: Day, lag_days: i32) -> Option<Day> {
    let newest = (index_date - lag_days - 6).monday();
    // Christmas, New Year and Easter leave no gap of more than three weeks.
    (0..5).map(|n| newest - 7 * n).find(|&monday| is_ordinary_week(monday))
}

/// A provider's week, if it is large enough to be judged.
///
/// Every week is counted as it was known at the same age, so that rows which came late make the weeks before no larger.
fn week<'a>(recent: &Recent, standing: &Standing<'a>, provider: &'a str, monday: Day) -> Option<Week<'a>> {
    let age_days = recent.index_date - monday;
    let of_week = |monday: Day| -> u64 {
        let counts = standing.counts_by(monday + age_days, provider);
        counts.map(|(_, counts)| counts.days.range(monday..monday + 7).map(|(_, n)| n).sum::<u64>()).sum()
    };
    let oldest = standing.counts(provider).filter_map(|(_, counts)| counts.days.keys().next()).min()?;
    let before =
        (1..).map(|n| monday - 7 * n).take_while(|monday| monday >= oldest).filter(|day| is_ordinary_week(*day));
    let before: Vec<f64> =
        before.take(recent.limit(RULE, "weeks") as usize).map(|monday| of_week(monday) as f64).collect();
    let expected = median(before.clone());
    let is_judged =
        before.len() as f64 >= recent.limit(RULE, "weeks_min") && expected >= recent.limit(RULE, "expected_min");
    is_judged.then(|| Week {
        provider,
        monday,
        n: of_week(monday),
        expected,
        n_before: before.len(),
        dispersion: dispersion(&before, expected),
    })
}

/// By how much more numbers vary around their median than counts do by chance, from the median of their distances, which
/// a week or two that went wrong do not move.
fn dispersion(numbers: &[f64], median_of_all: f64) -> f64 {
    /// What makes the median distance a standard deviation, for many numbers of a normal distribution.
    const TO_DEVIATION: f64 = 1.4826;
    let distance = median(numbers.iter().map(|n| (n - median_of_all).abs()).collect());
    let deviation = TO_DEVIATION * for_few(numbers.len()) * distance;
    deviation * deviation / median_of_all
}

/// The median distance of few numbers is too small on average, by this factor.
/// Source: Croux and Rousseeuw, Time-efficient algorithms for two highly robust estimators of scale, 1992.
fn for_few(n: usize) -> f64 {
    match n {
        0..=4 => 1.363,
        5 => 1.206,
        6 => 1.200,
        7 => 1.140,
        8 => 1.129,
        9 => 1.107,
        n => n as f64 / (n as f64 - 0.8),
    }
}
