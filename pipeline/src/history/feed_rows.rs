//! Rows of the optional tables, read as their `feeds/TABLE.toml` says: no table has code of its own.

use arrow::{array::AsArray, datatypes::UInt32Type};
use earlycall_schemas::{
    feeds::{Amount, Asked, FeedView, HAS_AMOUNT, IS_OPEN},
    table::{ColumnSpec, DType, TableSpec},
};

use crate::{
    day::{Day, Instant},
    history::{
        View,
        cells::{Cells, Coded, Days, Floats, Instants, Text},
        layout::{PERSON, is_word},
        read::Decoder,
        records::{FeedRow, ShortCode, thousandths},
    },
};

const SECONDS_PER_MINUTE: i64 = 60;

/// What a feed asks of its rows: every column and its wanted values are one bit, and each test is a mask of bits that must
/// be set and of bits that must not.
pub struct Question {
    feed: &'static FeedView,
    table: &'static TableSpec,
    conditions: Vec<Condition>,
    counts: Mask,
    /// Cells of what has ended without a day.
    ended: Option<Mask>,
    tests: Vec<(u64, Mask)>,
}

/// A column with the values of which a cell has one.
struct Condition {
    column: &'static ColumnSpec,
    values: &'static [String],
    /// The cell says nothing before the end of what the row is about.
    is_at_end: bool,
}

/// The cells of a batch that the conditions look at.
struct Answers<'a> {
    conditions: &'a [Condition],
    held: Vec<Held<'a>>,
    /// The days on which rows end; none where they do not last.
    ends: Option<Moments<'a>>,
    index_date: Day,
}

/// Bits of conditions that hold, and of conditions that don't.
#[derive(Clone, Copy, Default)]
struct Mask {
    wanted: u64,
    unwanted: u64,
}

impl Mask {
    fn fits(self, held: u64) -> bool {
        held & self.wanted == self.wanted && held & self.unwanted == 0
    }
}

impl Question {
    /// What a feed asks of the rows of its table.
    pub fn of(feed: &'static FeedView, table: &'static TableSpec) -> Question {
        let mut question = Question::whether_facts(feed, table);
        question.ended = (!feed.ended.all_of.is_empty()).then(|| question.mask(&feed.ended, &[]));
        question.tests =
            (0..).zip(&feed.tests).map(|(bit, (_, asked))| (1 << bit, question.mask(asked, &feed.at_end))).collect();
        question
    }

    /// Only which rows are facts.
    pub fn whether_facts(feed: &'static FeedView, table: &'static TableSpec) -> Question {
        let (conditions, tests) = (Vec::new(), Vec::new());
        let mut question = Question { feed, table, conditions, counts: Mask::default(), ended: None, tests };
        question.counts = question.mask(&feed.counts, &feed.at_end);
        question
    }

    /// The columns of its conditions.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        let until = self.feed.until.as_deref().filter(|_| !self.conditions.is_empty());
        self.conditions.iter().map(|asked| asked.column.name.as_str()).chain(until)
    }

    /// Whether a row is a fact. `cells` have the columns of its conditions.
    pub fn facts<'a>(&'a self, cells: &Cells<'a>, view: &View) -> impl Fn(usize) -> bool + use<'a> {
        let answers = (!self.conditions.is_empty()).then(|| Answers::of(self, cells, view));
        move |row| answers.as_ref().is_none_or(|answers| self.counts.fits(answers.held(row, answers.end(row))))
    }

    /// The bits of what is asked, where the columns `at_end` say nothing before the end.
    fn mask(&mut self, asked: &'static Asked, at_end: &[String]) -> Mask {
        let mut mask = Mask::default();
        for (name, values, should) in asked.columns() {
            let column = self.table.column(name).expect("a test looks up every column of a feed");
            let bit = 1 << self.conditions.len();
            self.conditions.push(Condition { column, values, is_at_end: at_end.iter().any(|at| at == name) });
            *(if should { &mut mask.wanted } else { &mut mask.unwanted }) |= bit;
        }
        mask
    }
}

impl Decoder for Question {
    type Row = FeedRow;

    fn decode(
        &self,
        cells: &Cells,
        rows: impl Iterator<Item = usize>,
        view: &View,
        mut take: impl FnMut(u32, FeedRow),
    ) {
        let persons = cells.column(PERSON).as_primitive::<UInt32Type>().values();
        let moments = Moments::of(cells, self.table, &self.feed.day);
        let answers = Answers::of(self, cells, view);
        let amounts = self.feed.amount.as_ref().map(|amount| Amounts::of(cells, amount));
        let items = self.feed.item.as_ref().map(|code| cells.coded(code));
        let practices = self.table.is_kept_by_practices().then(|| cells.coded("practice_code"));
        let may_be_used = practices.map(|practices| practices.judged(|practice: ShortCode| view.shares(practice)));
        for row in rows.filter(|row| may_be_used.as_ref().is_none_or(|may_be_used| may_be_used[*row])) {
            let Some((moment, day)) = moments.get(row).filter(|(_, day)| *day <= view.index_date) else { continue };
            let end = answers.end(row);
            let held = answers.held(row, end);
            if !self.counts.fits(held) {
                continue;
            }
            let amount = amounts.as_ref().and_then(|amounts| amounts.get(row));
            let mut tests = self.tests.iter().filter(|(_, mask)| mask.fits(held)).fold(0, |all, (bit, _)| all | bit);
            let has_ended =
                end.is_some() || self.ended.is_some_and(|ended| answers.has_no_end(row) && ended.fits(held));
            tests |= if answers.ends.is_some() && !has_ended { IS_OPEN } else { 0 };
            tests |= if amount.is_some() { HAS_AMOUNT } else { 0 };
            let item = items.as_ref().and_then(|codes| codes.gp_meaning(row)).and_then(|meaning| meaning.observation);
            take(persons[row], FeedRow { view: self.feed.view, moment, day, end, amount, item, tests });
        }
    }
}

impl<'a> Answers<'a> {
    fn of(question: &'a Question, cells: &Cells<'a>, view: &View) -> Answers<'a> {
        let Question { feed, table, conditions, .. } = question;
        let held = conditions.iter().map(|asked| Held::of(cells, table, asked, view)).collect();
        let ends = feed.until.as_ref().map(|until| Moments::of(cells, table, until));
        Answers { conditions, held, ends, index_date: view.index_date }
    }

    /// The day on which what a row is about ended, if it has by the index date.
    fn end(&self, row: usize) -> Option<Day> {
        let end = self.ends.as_ref().and_then(|ends| ends.get(row)).map(|(_, day)| day);
        end.filter(|day| *day <= self.index_date)
    }

    /// Whether a row has no day of an end, not even one that lies ahead.
    fn has_no_end(&self, row: usize) -> bool {
        self.ends.as_ref().is_none_or(|ends| ends.get(row).is_none())
    }

    /// The bits of the conditions that hold for a row.
    fn held(&self, row: usize, end: Option<Day>) -> u64 {
        let speaks = |condition: &Condition| !condition.is_at_end || end.is_some();
        let of_row = self.conditions.iter().zip(&self.held).enumerate();
        let held = of_row.filter(|(_, (condition, held))| speaks(condition) && held.by(row));
        held.fold(0, |all, (n, _)| all | 1 << n)
    }
}

/// A column of days or of moments.
enum Moments<'a> {
    Days(Days<'a>),
    Instants(Instants<'a>),
}

impl<'a> Moments<'a> {
    fn of(cells: &Cells<'a>, table: &TableSpec, name: &str) -> Moments<'a> {
        match table.column(name).map(|column| column.dtype) {
            Some(DType::Timestamp) => Moments::Instants(cells.instants(name)),
            _ => Moments::Days(cells.days(name)),
        }
    }

    /// The moment as a number and its London day.
    fn get(&self, row: usize) -> Option<(i64, Day)> {
        match self {
            Moments::Days(days) => days.get(row).map(|day| (i64::from(day.0), day)),
            Moments::Instants(instants) => instants.get(row).map(|at| (at.0, Day::of(at))),
        }
    }
}

/// The amounts of rows.
enum Amounts<'a> {
    Thousandths(Floats<'a>),
    Minutes(Instants<'a>, Instants<'a>),
    Elements(Text<'a>),
}

impl<'a> Amounts<'a> {
    fn of(cells: &Cells<'a>, amount: &Amount) -> Amounts<'a> {
        match amount {
            Amount::ThousandthsOf(value) => Amounts::Thousandths(cells.floats(value)),
            Amount::MinutesBetween([from, to]) => Amounts::Minutes(cells.instants(from), cells.instants(to)),
            Amount::NumberOf(list) => Amounts::Elements(cells.text(list)),
        }
    }

    fn get(&self, row: usize) -> Option<i64> {
        let minute = |Instant(second): Instant| second.div_euclid(SECONDS_PER_MINUTE);
        match self {
            Amounts::Thousandths(values) => values.get(row).map(thousandths),
            Amounts::Minutes(from, to) => from.get(row).zip(to.get(row)).map(|(from, to)| minute(to) - minute(from)),
            Amounts::Elements(lists) => Some(lists.list(row).count() as i64).filter(|n| *n > 0),
        }
    }
}

/// Whether the cells of a column are as a condition wants them.
enum Held<'a> {
    /// By row.
    Codes(Vec<bool>),
    /// A list has one of these, or anything.
    List(Text<'a>, &'static [String]),
    /// A day that has come by the index date.
    Moment(Moments<'a>, Day),
}

const ANYTHING: &str = "*";

impl<'a> Held<'a> {
    fn of(cells: &Cells<'a>, table: &TableSpec, asked: &Condition, view: &View) -> Held<'a> {
        let (name, values) = (asked.column.name.as_str(), asked.values);
        match asked.column.dtype {
            DType::Date | DType::Timestamp => Held::Moment(Moments::of(cells, table, name), view.index_date),
            _ if !is_word(table, asked.column) => Held::List(cells.text(name), values),
            _ => Held::Codes(of_codes(&cells.coded(name), values)),
        }
    }

    fn by(&self, row: usize) -> bool {
        match self {
            Held::Codes(of_rows) => of_rows[row],
            Held::List(lists, values) => lists.list(row).any(|element| is_one_of(element, values)),
            Held::Moment(moments, index_date) => moments.get(row).is_some_and(|(_, day)| day <= *index_date),
        }
    }
}

fn is_one_of(value: &str, values: &[String]) -> bool {
    !value.is_empty() && values.iter().any(|one| one == ANYTHING || one == value)
}

/// Per row, judged once per distinct code.
fn of_codes(codes: &Coded, values: &[String]) -> Vec<bool> {
    codes.judged_by_text(|text| is_one_of(text, values))
}
