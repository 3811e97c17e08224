//! Pictures of what has arrived: rows by week, and how old, how full and how usual each provider's rows are.

use earlycall_schemas::table::{TableSpec, tables};

use crate::{
    day::Day,
    quality::{
        profile::{Counts, Profile},
        recent::{Recent, age_days_max_of, median, standing::Standing},
    },
    settings::Rules,
};

/// Weeks in a picture.
const WEEKS: usize = 26;
/// Providers of a table that are shown one by one: those that are least as usual.
const PROVIDERS_SHOWN: usize = 12;
/// Size of a picture of all providers, and of one, in units of the drawing.
const LARGE: (f64, f64) = (640.0, 120.0);
const SMALL: (f64, f64) = (160.0, 24.0);

/// A table of recent deliveries.
pub(super) struct TablePicture {
    /// The table.
    pub table: &'static str,
    /// First and last Monday of the pictures.
    pub weeks: (Day, Day),
    /// Rows of all providers by week.
    pub line: Line,
    /// The providers that are least as usual, those first of whom least has come of what was usual.
    pub providers: Vec<ProviderPicture>,
    /// Providers that are not shown.
    pub n_more: usize,
}

/// One provider of a table.
pub(super) struct ProviderPicture {
    /// The practice, the trust, or the supplier.
    pub provider: String,
    /// Rows of the last whole week.
    pub last_week: u64,
    /// The median of the weeks before.
    pub usual: u64,
    /// The newest event.
    pub newest: Option<Day>,
    /// Whether that is longer ago than V33 allows.
    pub is_late: bool,
    /// Its rows by week.
    pub line: Line,
    /// How full its columns are: the words, the share, the share that is asked for, and whether it is reached.
    pub complete: Vec<(&'static str, f64, f64, bool)>,
}

/// A line of numbers, as a polyline.
pub(super) struct Line {
    /// Points, as SVG writes them.
    pub points: String,
    /// The largest number.
    pub most: u64,
}

/// A picture of each table of which anything is counted.
pub(super) fn pictures(profiles: &[Profile], rules: &Rules) -> Vec<TablePicture> {
    let Some(index_date) = profiles.iter().map(|profile| profile.extracted_on - 1).max() else { return Vec::new() };
    let nobody = Default::default();
    let recent = Recent { profiles, index_date, left: &nobody, rules };
    let counted = tables().iter().filter(|table| table.profile.is_some());
    counted.filter_map(|table| picture(&recent, table)).collect()
}

fn picture(recent: &Recent, table: &'static TableSpec) -> Option<TablePicture> {
    let standing = Standing::of(recent, table);
    // The week of the index date itself is whole on a Sunday only.
    let last = (recent.index_date - 6).monday();
    let mondays: Vec<Day> = (0..WEEKS as i32).rev().map(|n| last - 7 * n).collect();
    let mut all = vec![0; WEEKS];
    let mut providers: Vec<ProviderPicture> = standing
        .organisations()
        .map(|name| {
            let mut sum = Counts::default();
            standing.counts(name).for_each(|(_, counts)| sum.add(counts));
            let weeks: Vec<u64> = mondays.iter().map(|&monday| rows_of(&sum, monday)).collect();
            all.iter_mut().zip(&weeks).for_each(|(all, n)| *all += n);
            provider(recent, table, name, &sum, &standing.recent_sum(name), &weeks)
        })
        .collect();
    if providers.is_empty() {
        return None;
    }
    let share = |one: &ProviderPicture| one.last_week as f64 / (one.usual as f64).max(1.0);
    providers.sort_by(|a, b| share(a).total_cmp(&share(b)).then_with(|| a.provider.cmp(&b.provider)));
    let n_more = providers.len().saturating_sub(PROVIDERS_SHOWN);
    providers.truncate(PROVIDERS_SHOWN);
    Some(TablePicture { table: &table.name, weeks: (mondays[0], last), line: line(&all, LARGE), providers, n_more })
}

fn rows_of(counts: &Counts, monday: Day) -> u64 {
    counts.days.range(monday..monday + 7).map(|(_, n)| n).sum()
}

fn provider(
    recent: &Recent,
    table: &'static TableSpec,
    name: &str,
    sum: &Counts,
    lately: &Counts,
    weeks: &[u64],
) -> ProviderPicture {
    let measures = table.profile.iter().flat_map(|profile| &profile.complete);
    let complete = measures.filter_map(|measure| {
        let part = lately.complete.get(&measure.name)?;
        let at_least = recent.rules.limit("V34", &measure.name);
        let is_sent = part.of > 0 && (part.n > 0 || !measure.if_sent);
        is_sent.then(|| (measure.words.as_str(), part.share(), at_least, part.share() >= at_least))
    });
    let is_late = |(newest, age_days_max)| recent.index_date - newest > age_days_max;
    let (last, before) = weeks.split_last().expect("a picture has weeks");
    ProviderPicture {
        provider: name.to_owned(),
        last_week: *last,
        usual: median(before[before.len() - 8..].iter().map(|n| *n as f64).collect()) as u64,
        newest: sum.newest,
        is_late: sum.newest.zip(age_days_max_of(recent, table, &sum.days)).is_some_and(is_late),
        line: line(weeks, SMALL),
        complete: complete.collect(),
    }
}

fn line(numbers: &[u64], (width, height): (f64, f64)) -> Line {
    let most = numbers.iter().copied().max().unwrap_or(0);
    let step = width / (numbers.len() - 1) as f64;
    let point = |(at, n): (usize, &u64)| {
        format!("{:.1},{:.1}", step * at as f64, height - height * *n as f64 / (most as f64).max(1.0))
    };
    Line { points: numbers.iter().enumerate().map(point).collect::<Vec<_>>().join(" "), most }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::quality::profile::FeedProfile;

    #[test]
    fn a_line_starts_left_and_reaches_the_top_with_its_largest_number() {
        let line = line(&[0, 5, 10], (100.0, 20.0));
        assert_eq!((line.points.as_str(), line.most), ("0.0,20.0 50.0,10.0 100.0,0.0", 10));
        assert_eq!(super::line(&[0, 0], (100.0, 20.0)).points, "0.0,20.0 100.0,20.0");
    }

    #[test]
    fn the_provider_of_whom_least_has_come_stands_first() {
        // Friday 20 November 2026; the last whole week began on Monday the 9th.
        let day = |text: &str| Day::parse(text).unwrap();
        let counts = |last: u64| Counts {
            rows: 100,
            newest: Some(day("2026-11-15")),
            days: (0..9).map(|n| (day("2026-11-11") - 7 * n, if n == 0 { last } else { 40 })).collect(),
            ..Counts::default()
        };
        let organisations = BTreeMap::from([("R1H".to_owned(), counts(40)), ("RF4".to_owned(), counts(3))]);
        let feed = FeedProfile { table: "ed_attendances".into(), supplier: "ICB".into(), is_full: true, organisations };
        let profile = Profile {
            extract_id: "one".into(),
            extracted_on: day("2026-11-21"),
            feeds: vec![feed],
            sender: String::new(),
            is_full: false,
            lists: Vec::new(),
        };
        let [picture] = pictures(&[profile], &Rules::default()).try_into().ok().expect("one table was sent");
        assert_eq!(picture.weeks.1, day("2026-11-09"));
        let told: Vec<_> =
            picture.providers.iter().map(|one| (one.provider.as_str(), one.last_week, one.usual)).collect();
        assert_eq!(told, [("RF4", 3, 40), ("R1H", 40, 40)]);
        assert_eq!((picture.line.most, picture.n_more), (80, 0));
    }
}
