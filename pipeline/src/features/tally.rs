//! Every feature of a person in one walk over their facts: each fact is added to the entries for which it counts.
//!
//! What [`super::take`] makes of one entry, this makes of all at once; a test holds the two together.

use std::{ops::Range, sync::LazyLock};

use earlycall_schemas::catalogue::{Entry, Feature, Take, View, catalogue};

use super::{
    Feeds, Subject,
    fact::Fact,
    take::{Value, start_of},
    trend::Trend,
    views::each_fact,
};
use crate::day::Day;

/// A catalogue entry, ready to be counted for.
struct Counter {
    /// Position in the catalogue.
    entry: usize,
    take: Take,
    from_age_years: Option<u32>,
    /// Bits of the tests of which all must hold.
    tests: u64,
    /// Its features, by window, the shortest first.
    features: Range<usize>,
    /// Where the items of what is taken `distinct` have their places.
    first_item: usize,
    /// The place of what is held against the days before, where it is.
    trend: usize,
}

/// For one view, the counters for which a fact may count.
#[derive(Default)]
struct Counters {
    of_any_item: Vec<Counter>,
    of_item: Vec<Vec<Counter>>,
}

/// The counters of all views, how many items are taken `distinct`, and the entries that are held against days before.
struct Plan {
    views: Vec<Counters>,
    n_items: usize,
    trends: Vec<usize>,
}

static PLAN: LazyLock<Plan> = LazyLock::new(|| {
    let n_items_of = |view: View| view.items().map_or(0, |list| list.items().len());
    let counters =
        |view: &View| Counters { of_item: (0..n_items_of(*view)).map(|_| Vec::new()).collect(), ..Counters::default() };
    let mut plan = Plan { views: View::ALL.iter().map(counters).collect(), n_items: 0, trends: Vec::new() };
    for (position, entry) in catalogue().entries().iter().enumerate() {
        let counters = &mut plan.views[entry.view as usize];
        let of_it = match entry.item {
            None => &mut counters.of_any_item,
            Some(item) => &mut counters.of_item[usize::from(item)],
        };
        of_it.push(Counter {
            entry: position,
            take: entry.take,
            from_age_years: entry.from_age_years,
            tests: entry.tests,
            features: catalogue().features_of(position),
            first_item: plan.n_items,
            trend: plan.trends.len(),
        });
        if matches!(entry.take, Take::Rise | Take::Shift | Take::Slope) {
            plan.trends.push(position);
        }
        if entry.take == Take::Distinct {
            plan.n_items += n_items_of(entry.view);
        }
    }
    plan
});

/// What has been counted for one feature so far.
#[derive(Clone, Copy, Debug)]
struct Count {
    /// The number, of this feature's ring alone where rings add up.
    amount: i64,
    /// The day of the fact that counts, where one does.
    day: Day,
}

/// No fact so far.
const NEVER: Day = Day(i32::MIN);
const NOTHING: Count = Count { amount: 0, day: NEVER };

/// Computes the features of one person after another, in memory that is asked for once.
pub struct Tally {
    index_date: Day,
    /// The counters for which there is a table that answers; what others would count is missing.
    answered: Vec<&'static Counter>,
    /// Per feature: the day after which its window starts.
    starts: Vec<Day>,
    /// Per view: no fact of that day or before counts for anything.
    since: Vec<Day>,
    counts: Vec<Count>,
    /// Per item of what is taken `distinct`: its last day.
    last_days: Vec<Day>,
    trends: Vec<Trend>,
    values: Vec<Value>,
}

impl Tally {
    /// A tally for an index date.
    pub fn new(index_date: Day, feeds: &Feeds) -> Tally {
        let features = catalogue().features();
        let start = |feature: &Feature| start_of(feature.within_days, index_date).unwrap_or(NEVER);
        let starts: Vec<Day> = features.iter().map(start).collect();
        let of_view =
            |counters: &'static Counters| counters.of_any_item.iter().chain(counters.of_item.iter().flatten());
        Tally {
            index_date,
            answered: PLAN.views.iter().flat_map(of_view).filter(|counter| feeds.answer(counter.entry)).collect(),
            since: View::ALL.iter().map(|view| since(*view, &starts)).collect(),
            starts,
            counts: vec![NOTHING; features.len()],
            last_days: vec![NEVER; PLAN.n_items],
            trends: PLAN.trends.iter().map(|entry| trend(*entry, index_date)).collect(),
            values: vec![Value::Missing; features.len()],
        }
    }

    /// Every feature of one person, in the order of the catalogue. Windows are `(T - w, T]`; nothing dated after T
    /// counts. Depends on this person's rows alone, whoever came before.
    pub fn values(&mut self, subject: &Subject) -> &[Value] {
        self.counts.fill(NOTHING);
        self.last_days.fill(NEVER);
        self.trends.iter_mut().for_each(Trend::clear);
        let plan: &Plan = &PLAN;
        each_fact(subject, self.index_date, |view, fact| {
            if fact.day > self.since[view as usize] {
                self.add(&plan.views[view as usize], fact);
            }
        });
        let age = subject.age_years(self.index_date);
        for at in 0..self.answered.len() {
            let counter = self.answered[at];
            if counter.from_age_years.is_none_or(|from| age >= i64::from(from)) {
                self.finish(counter);
            } else {
                self.values[counter.features.clone()].fill(Value::Missing);
            }
        }
        &self.values
    }

    fn add(&mut self, counters: &Counters, fact: &Fact) {
        let of_item = fact.item.map_or(&[][..], |item| &counters.of_item[usize::from(item)]);
        for counter in counters.of_any_item.iter().chain(of_item) {
            if fact.tests & counter.tests == counter.tests {
                self.count(counter, fact);
            }
        }
    }

    fn count(&mut self, counter: &Counter, fact: &Fact) {
        let starts = &self.starts[counter.features.clone()];
        let counts = &mut self.counts[counter.features.clone()];
        let inside = || counts_of(starts, fact.day);
        match counter.take {
            Take::Nights => {
                for (start, count) in starts.iter().zip(counts) {
                    count.amount += fact.nights(Some(*start), self.index_date);
                }
            }
            Take::Distinct => {
                if let Some(item) = fact.item {
                    let last = &mut self.last_days[counter.first_item + usize::from(item)];
                    *last = fact.day.max(*last);
                }
            }
            // Only the shortest window that holds the fact counts it; `finish` adds the rings up.
            Take::Count | Take::Flag => counts[inside()].iter_mut().take(1).for_each(|count| count.amount += 1),
            Take::Sum => counts[inside()].iter_mut().take(1).for_each(|count| count.amount += fact.amount),
            Take::DaysSinceFirst => {
                for count in counts[inside()].iter_mut().filter(|count| count.day == NEVER || fact.day < count.day) {
                    count.day = fact.day;
                }
            }
            // Of several facts of one day the last one given counts.
            Take::DaysSinceLast | Take::Latest | Take::Value => {
                for count in counts[inside()].iter_mut().filter(|count| fact.day >= count.day) {
                    *count = Count { amount: fact.amount, day: fact.day };
                }
            }
            Take::Rise | Take::Shift | Take::Slope => self.trends[counter.trend].add(fact),
        }
    }

    fn finish(&mut self, counter: &Counter) {
        let mut so_far = 0;
        for feature in counter.features.clone() {
            let Count { amount, day } = self.counts[feature];
            so_far += amount;
            self.values[feature] = match counter.take {
                Take::Nights => Value::Known(amount),
                Take::Count | Take::Sum => Value::Known(so_far),
                Take::Flag => Value::Known(i64::from(so_far > 0)),
                Take::Distinct => Value::Known(self.n_distinct(counter, self.starts[feature])),
                Take::DaysSinceFirst | Take::DaysSinceLast if day == NEVER => Value::Never,
                Take::DaysSinceFirst | Take::DaysSinceLast => Value::Known(i64::from(self.index_date - day)),
                Take::Latest | Take::Value if day == NEVER => Value::Missing,
                Take::Latest | Take::Value => Value::Known(amount),
                Take::Rise | Take::Shift | Take::Slope => self.trends[counter.trend].value(counter.take),
            };
        }
    }

    fn n_distinct(&self, counter: &Counter, start: Day) -> i64 {
        let view = catalogue().entries()[counter.entry].view;
        let n_items = PLAN.views[view as usize].of_item.len();
        let last_days = &self.last_days[counter.first_item..counter.first_item + n_items];
        last_days.iter().filter(|day| **day > start).count() as i64
    }
}

/// The day after which a fact of a view can count for something, given where the windows of all features start.
fn since(view: View, starts: &[Day]) -> Day {
    let of_entry = |(position, entry): (usize, &Entry)| match entry.take {
        // A stay that began before the window has nights in it, and a trend has days before it.
        Take::Nights | Take::Rise | Take::Shift | Take::Slope => NEVER,
        _ => starts[catalogue().features_of(position)].iter().copied().min().unwrap_or(NEVER),
    };
    let entries = catalogue().entries().iter().enumerate().filter(|(_, entry)| entry.view == view);
    entries.map(of_entry).min().unwrap_or(NEVER)
}

/// What is counted for an entry that is held against days before.
fn trend(entry: usize, index_date: Day) -> Trend {
    let entry = &catalogue().entries()[entry];
    Trend::over(entry, entry.within_days.first().copied(), index_date)
}

/// The windows that hold a day; where one does, all longer ones do.
fn counts_of(starts: &[Day], day: Day) -> Range<usize> {
    starts.iter().position(|start| day > *start).unwrap_or(starts.len())..starts.len()
}
