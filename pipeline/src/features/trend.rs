//! Somebody held against themselves: how a window differs from the days before it, and which way a result moves.
//!
//! Whole numbers to the end, where one division cuts the rest off: no order of addition matters.

use earlycall_schemas::catalogue::{Entry, Take};

use super::{
    fact::Fact,
    take::{Value, start_of},
};
use crate::day::Day;

/// Fewer facts than this are no level, and no slope.
const FEWEST: i64 = 3;
/// A rise is counted in tenths: what is usual is an average.
const TENTHS: i64 = 10;
const DAYS_PER_WEEK: i64 = 7;

/// What the facts of one entry have come to so far.
#[derive(Clone, Copy, Debug)]
pub struct Trend {
    index_date: Day,
    /// The day after which the window starts, and that after which the days before it do.
    starts: (Day, Day),
    within: Sums,
    before: Sums,
}

/// Numbers, amounts and days (0 for the index date, negative before) added up.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    n: i64,
    amount: i64,
    day: i64,
    day_squared: i64,
    day_amount: i64,
}

impl Trend {
    /// Nothing so far, for an entry over a window. A slope looks at its window alone.
    pub fn over(entry: &Entry, within_days: Option<u32>, index_date: Day) -> Trend {
        let start = start_of(within_days, index_date).expect("a trend has a window");
        let before = start_of(entry.against_days, index_date).unwrap_or(start);
        Trend { index_date, starts: (start, before), within: Sums::default(), before: Sums::default() }
    }

    /// Forgets the facts.
    pub fn clear(&mut self) {
        (self.within, self.before) = Default::default();
    }

    /// Takes in a fact that does not lie after the index date.
    pub fn add(&mut self, fact: &Fact) {
        let (start, before) = self.starts;
        if fact.day > before {
            let sums = if fact.day > start { &mut self.within } else { &mut self.before };
            sums.add(i64::from(fact.day - self.index_date), fact.amount);
        }
    }

    /// What it comes to.
    pub fn value(&self, take: Take) -> Value {
        let (within, before) = (&self.within, &self.before);
        let found = match take {
            // Whoever was never seen before has no usual.
            Take::Rise => (before.n > 0 || within.n == 0).then(|| self.rise()),
            Take::Shift => (within.n >= FEWEST && before.n >= FEWEST)
                .then(|| (within.amount * before.n - before.amount * within.n) / (within.n * before.n)),
            Take::Slope => within.slope_a_week(),
            _ => None,
        };
        found.map_or(Value::Missing, Value::Known)
    }

    /// In tenths, how many more there are than the days before make expect.
    fn rise(&self) -> i64 {
        let (start, before) = self.starts;
        let (days_within, days_before) = (i64::from(self.index_date - start), i64::from(start - before));
        TENTHS * (self.within.n * days_before - self.before.n * days_within) / days_before
    }
}

impl Sums {
    fn add(&mut self, day: i64, amount: i64) {
        self.n += 1;
        self.amount += amount;
        self.day += day;
        self.day_squared += day * day;
        self.day_amount += day * amount;
    }

    /// By least squares; none where there are too few facts, or all are of one day.
    fn slope_a_week(&self) -> Option<i64> {
        let spread = self.n * self.day_squared - self.day * self.day;
        let together = self.n * self.day_amount - self.day * self.amount;
        (self.n >= FEWEST && spread > 0).then(|| DAYS_PER_WEEK * together / spread)
    }
}

#[cfg(test)]
mod tests {
    use earlycall_schemas::catalogue::catalogue;

    use super::*;
    use crate::features::tests::support::index_date;

    /// What the facts of an entry come to, each so many days ago and with an amount.
    fn value(name: &str, facts: &[(i32, i64)]) -> Value {
        let entry = catalogue().entries().iter().find(|entry| entry.name == name).unwrap();
        let mut trend = Trend::over(entry, entry.within_days.first().copied(), index_date());
        facts.iter().for_each(|(ago, amount)| trend.add(&Fact { amount: *amount, ..Fact::on(index_date() - *ago) }));
        trend.value(entry.take)
    }

    #[test]
    fn a_rise_is_what_the_last_days_have_beyond_the_days_before() {
        let alarms = |days: &[i32]| {
            let facts: Vec<(i32, i64)> = days.iter().map(|ago| (*ago, 1)).collect();
            value("telecare_alarms_rise_tenths", &facts)
        };
        assert_eq!(alarms(&[]), Value::Known(0), "nobody who is quiet rises");
        assert_eq!(alarms(&[0, 10, 29]), Value::Missing, "an alarm that is new has no usual");
        assert_eq!(alarms(&[0, 10, 29, 60]), Value::Known(28), "three in 30 days, one in the 150 before");
        assert_eq!(alarms(&[0, 10, 29, 30, 100, 179, 150, 60]), Value::Known(20), "five in 150 days are one in 30");
        assert_eq!(alarms(&[30, 100, 179]), Value::Known(-6), "three in 150 days are 0.6 in 30");
        assert_eq!(alarms(&[180, 400]), Value::Known(0), "what lies further back is not looked at");
    }

    #[test]
    fn a_shift_is_a_week_less_the_weeks_before_and_needs_three_of_both() {
        let usual = [(7, 96_000), (40, 95_000), (89, 94_000)];
        let oxygen = |week: &[(i32, i64)]| value("home_oxygen_level_shift", &[week, &usual].concat());
        assert_eq!(oxygen(&[(0, 91_000), (3, 92_000), (6, 93_000)]), Value::Known(-3_000));
        assert_eq!(oxygen(&[(0, 91_000), (3, 92_000)]), Value::Missing, "two readings are no level");
        assert_eq!(
            value("home_oxygen_level_shift", &[(0, 91_000), (1, 91_000), (2, 91_000), (9, 95_000)]),
            Value::Missing
        );
        assert_eq!(
            value(
                "home_oxygen_level_shift",
                &[(0, 91_000), (1, 91_000), (2, 91_000), (90, 95_000), (91, 95_000), (92, 95_000)]
            ),
            Value::Missing,
            "90 days are over"
        );
    }

    #[test]
    fn a_slope_is_what_a_week_adds() {
        let weight = |facts: &[(i32, i64)]| value("home_weight_slope", facts);
        assert_eq!(weight(&[(7, 80_000), (0, 82_000), (14, 70_000)]), Value::Missing, "the 14th day is outside");
        assert_eq!(weight(&[(12, 80_000), (5, 82_000), (5, 82_000)]), Value::Known(2_000));
        assert_eq!(weight(&[(4, 80_000), (4, 82_000), (4, 84_000)]), Value::Missing, "one day has no slope");
    }
}
