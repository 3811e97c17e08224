//! Numbers of ten digits in the columns of a provider, held against the check digit of NHS numbers: over all its files of a
//! table, and beside what the same column has shown in recent deliveries (V03). A file of three rows a night tells nothing by
//! itself; a week of them does.
//!
//! # How many are too many
//! Other numbers of ten digits pass by chance: ids of SNOMED CT concepts, sample numbers, keys. One in eleven has a check
//! digit that holds. In columns of text and of codes only ranges count that are issued, four in ten, so it is one in 27. In
//! columns of numbers every range counts, for nothing that is counted or measured is so large.
//!
//! A column is refused with [`REFUSED_MIN`] different NHS numbers that are half of all its different numbers of ten digits.
//! Chance is likeliest to bring that about where there are just ten: with one in eleven, in a thousandth of such columns; with
//! one in 27, in two of a hundred thousand. It is said with [`SAID_MIN`], where there are no others: less than one column in
//! a thousand that has just three such numbers, and one in twenty thousand.
//!
//! Both hold for *different* numbers alone. One id that happens to pass may stand in thousands of rows, and come back every
//! night: so each number is counted once, whatever its rows, files and nights. To know it again, a delivery leaves behind
//! in which of [`DRAWERS`] drawers its numbers fell, and never a number. Some sixty thousand people share a drawer. Two
//! numbers that share one count as one, and a drawer that held both kinds counts as other: both errors are on the side of
//! the column.

use std::collections::{BTreeMap, BTreeSet};

use earlycall_schemas::table::{DType, TableSpec};
use serde::{Deserialize, Serialize};

use crate::{
    day::Day,
    error::{Error, Kind, Result},
    quality::hashes::mix,
};

/// The file of what a delivery leaves behind, beside its `quality.json`; there is none where no column had such numbers.
pub const FILE: &str = "ten_digits.json";
/// Days of deliveries that a column is looked at over. A supplier that sends one number a week is told in the fifth.
pub const DAYS_REMEMBERED: i32 = 28;

/// Different NHS numbers, over recent deliveries, that refuse a file.
const REFUSED_MIN: usize = 5;
/// Different NHS numbers that refuse a file whatever was sent before it: of columns of text or codes, which may hold other
/// ids of ten digits in most files, and once none. Of columns of numbers it is as few as over recent deliveries.
const REFUSED_MIN_ALONE: usize = 20;
/// One in so many of the different numbers of ten digits must be one.
const ONE_IN: usize = 2;
/// Different NHS numbers that are said where there are no other numbers of ten digits.
const SAID_MIN: usize = 3;
/// So many different numbers of one column tell what the others are.
const NUMBERS_MAX: usize = 1_000;
/// What numbers are told apart by from delivery to delivery.
const DRAWERS: u64 = 1_024;
/// Of these, so many are kept of one column and delivery: the first, which are a fair sample.
const DRAWERS_KEPT: usize = 64;

/// The different numbers of ten digits that a column has shown, and the first place with one whose check digit holds.
#[derive(Clone, Debug)]
pub(crate) struct TenDigits<P> {
    numbers: BTreeMap<u64, bool>,
    first: Option<P>,
}

impl<P> Default for TenDigits<P> {
    fn default() -> TenDigits<P> {
        TenDigits { numbers: BTreeMap::new(), first: None }
    }
}

impl<P: Copy> TenDigits<P> {
    /// Whether there are so many that more of them tell nothing.
    pub fn are_enough(&self) -> bool {
        self.numbers.len() == NUMBERS_MAX
    }

    /// Notes a number; where it stands, if that is known already.
    pub fn note(&mut self, number: u64, is_nhs_number: bool, place: Option<P>) {
        if !self.are_enough() {
            self.numbers.insert(number, is_nhs_number);
        }
        if is_nhs_number {
            self.first = self.first.or(place);
        }
    }

    /// Notes where an NHS number stands; the first that is noted stays.
    pub fn note_place(&mut self, place: P) {
        self.first.get_or_insert(place);
    }

    /// What is known of a number that was noted.
    pub fn is_nhs_number(&self, number: u64) -> Option<bool> {
        self.numbers.get(&number).copied()
    }

    /// Adds what another file has shown, whose places are told by `place`.
    pub fn add<Q: Copy>(&mut self, other: &TenDigits<Q>, place: impl Fn(Q) -> P) {
        other.numbers.iter().for_each(|(number, is_nhs_number)| self.note(*number, *is_nhs_number, None));
        self.first = self.first.or(other.first.map(place));
    }

    /// Where the first NHS number stands, if that is known.
    pub fn place(&self) -> Option<P> {
        self.first
    }

    /// Different numbers.
    pub fn of(&self) -> usize {
        self.numbers.len()
    }

    /// Of these, NHS numbers.
    pub fn n(&self) -> usize {
        self.numbers.values().filter(|&&is_nhs_number| is_nhs_number).count()
    }

    fn drawers(&self) -> Drawers {
        let drawer = |number: u64| (mix(0, number) % DRAWERS) as u16;
        let mut drawers = Drawers::default();
        for (number, is_nhs_number) in &self.numbers {
            let side = if *is_nhs_number { &mut drawers.nhs_numbers } else { &mut drawers.others };
            side.insert(drawer(*number));
        }
        drawers.settle();
        drawers
    }
}

/// The number in a cell of ten digits, which may be parted by blanks or hyphens, or end as a decimal does.
pub(crate) fn number_in(cell: &str) -> u64 {
    let digits = cell.bytes().filter(u8::is_ascii_digit).take(10);
    digits.fold(0, |number, digit| 10 * number + u64::from(digit - b'0'))
}

/// In which drawers numbers of ten digits fell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawers {
    /// Drawers in which every number was an NHS number.
    pub nhs_numbers: BTreeSet<u16>,
    /// Drawers with another number.
    pub others: BTreeSet<u16>,
}

impl Drawers {
    fn settle(&mut self) {
        self.nhs_numbers.retain(|drawer| !self.others.contains(drawer));
    }

    fn add(&mut self, other: &Drawers) {
        self.nhs_numbers.extend(&other.nhs_numbers);
        self.others.extend(&other.others);
        self.settle();
    }

    fn holds(&self, drawer: u16) -> bool {
        self.nhs_numbers.contains(&drawer) || self.others.contains(&drawer)
    }

    /// Those that are kept.
    fn sample(mut self) -> Drawers {
        let all: BTreeSet<u16> = self.nhs_numbers.union(&self.others).copied().collect();
        if let Some(&end) = all.iter().nth(DRAWERS_KEPT) {
            self.nhs_numbers.retain(|&drawer| drawer < end);
            self.others.retain(|&drawer| drawer < end);
        }
        self
    }
}

/// What a column of a provider has shown in one delivery, as far as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The table.
    pub table: String,
    /// Whose rows they are.
    pub provider: String,
    /// The column, as the contract calls it.
    pub column: String,
    /// Where its numbers fell.
    pub drawers: Drawers,
}

impl Shown {
    /// What a column has shown; none where it has shown nothing.
    pub(crate) fn of<P: Copy>(table: &str, provider: &str, column: &str, digits: &TenDigits<P>) -> Option<Shown> {
        let drawers = digits.drawers().sample();
        let is_empty = digits.numbers.is_empty();
        let (table, provider, column) = (table.to_owned(), provider.to_owned(), column.to_owned());
        (!is_empty).then_some(Shown { table, provider, column, drawers })
    }
}

/// The bytes of what a delivery leaves behind.
pub(crate) fn to_bytes(shown: &[&Shown]) -> Vec<u8> {
    serde_json::to_vec(shown).expect("numbers are plain data")
}

/// What a delivery has left behind.
///
/// # Errors
/// * [`Kind::Storage`] when the bytes are no such thing.
pub(crate) fn parse(bytes: &[u8]) -> Result<Vec<Shown>> {
    serde_json::from_slice(bytes).map_err(|_| {
        Error::new(Kind::Storage, "is not what the columns of a delivery have shown")
            .file(FILE)
            .hint("point [state] at an empty folder and run again; the deliveries are settled anew")
    })
}

/// What columns have shown in recent deliveries, and since when, by table, provider and column.
#[derive(Clone, Debug, Default)]
pub struct Recently(BTreeMap<String, (Day, Drawers)>);

impl Recently {
    /// Takes in what a delivery has shown; they come in the order of their extraction.
    pub(crate) fn note<'a>(&mut self, shown: impl IntoIterator<Item = &'a Shown>, extracted_on: Day) {
        for Shown { table, provider, column, drawers } in shown {
            let (_, known) =
                self.0.entry(key(table, provider, column)).or_insert_with(|| (extracted_on, Drawers::default()));
            known.add(drawers);
        }
    }
}

fn key(table: &str, provider: &str, column: &str) -> String {
    format!("{table}/{provider}/{column}")
}

/// What is to be said of the numbers of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// They refuse their file.
    Refused(String),
    /// They may be NHS numbers.
    Said(String),
}

/// What is to be said of what a column of a provider has shown in a delivery, beside what it has shown recently. Nothing,
/// where the delivery itself has no NHS number: what is sent tonight is as it should be.
pub(crate) fn judge<P: Copy>(
    (table, provider, column): (&TableSpec, &str, &str),
    digits: &TenDigits<P>,
    recently: &Recently,
) -> Option<Told> {
    let (n, of) = (digits.n(), digits.of());
    if n == 0 {
        return None;
    }
    let is_of_numbers = table.column(column).is_some_and(|spec| matches!(spec.dtype, DType::Int | DType::Float));
    let alone_min = if is_of_numbers { REFUSED_MIN } else { REFUSED_MIN_ALONE };
    let words = |n: usize, of: usize| format!("{n} of its {of} distinct values of ten digits are NHS numbers");
    if n >= alone_min && n * ONE_IN >= of {
        return Some(Told::Refused(words(n, of)));
    }
    let own = digits.drawers();
    let (since, known) = recently.0.get(&key(&table.name, provider, column)).cloned().unzip();
    let known: Drawers = known.unwrap_or_default();
    let new = |drawers: &BTreeSet<u16>| drawers.iter().filter(|drawer| !own.holds(**drawer)).count();
    let (before, others) = (new(&known.nhs_numbers), new(&known.others));
    let (all_n, all) = (n + before, of + before + others);
    let when = |since: Day| format!(", with those of its deliveries since {}, which are settled", since.in_words());
    let when = since.filter(|_| all > of).map(when).unwrap_or_default();
    if all_n >= REFUSED_MIN && all_n * ONE_IN >= all {
        return Some(Told::Refused(words(all_n, all) + &when));
    }
    (all_n >= SAID_MIN && all_n == all).then(|| {
        let words = words(all_n, all);
        Told::Said(format!("{words}{when}: too few to refuse the file, and chance seldom does that; look at it"))
    })
}

#[cfg(test)]
mod tests {
    use earlycall_schemas::table::table;

    use super::*;

    /// Numbers of a column in one night: so many whose check digits hold, from a first one on, and so many others.
    fn night(first: u64, n: u64, others: u64) -> TenDigits<()> {
        let mut digits = TenDigits::default();
        (first..first + n).for_each(|number| digits.note(4_000_000_000 + number, true, Some(())));
        (first..first + others).for_each(|number| digits.note(5_000_000_000 + number, false, None));
        digits
    }

    const WHERE: (&str, &str, &str) = ("gp_events", "F99901", "original_code");

    fn judge(digits: &TenDigits<()>, recently: &Recently) -> Option<Told> {
        super::judge((table(WHERE.0).unwrap(), WHERE.1, WHERE.2), digits, recently)
    }

    fn day(n: i32) -> Day {
        Day::parse("2026-11-20").unwrap() + n
    }

    /// What is told of each night, given those before it.
    fn told(nights: &[TenDigits<()>]) -> Vec<Option<Told>> {
        let mut recently = Recently::default();
        let one = |(at, digits): (i32, &TenDigits<()>)| {
            let told = judge(digits, &recently);
            recently.note(&Shown::of(WHERE.0, WHERE.1, WHERE.2, digits), day(at));
            told
        };
        (0..).zip(nights).map(one).collect()
    }

    #[test]
    fn three_nhs_numbers_a_night_are_said_in_the_first_and_refused_in_the_second() {
        let told = told(&[night(1, 3, 0), night(11, 3, 0)]);
        assert!(
            matches!(&told[0], Some(Told::Said(what)) if what.starts_with("3 of its 3 distinct values of ten digits are \
                     NHS numbers: too few")),
            "{told:?}"
        );
        assert_eq!(
            told[1],
            Some(Told::Refused(
                "6 of its 6 distinct values of ten digits are NHS numbers, with those of its deliveries since 20 November \
                 2026, which are settled"
                    .to_owned()
            ))
        );
    }

    #[test]
    fn one_nhs_number_a_night_is_refused_in_the_fifth() {
        let nights: Vec<TenDigits<()>> = (0..5).map(|at| night(10 * at, 1, 0)).collect();
        let told = told(&nights);
        assert_eq!(told[..2], [None, None]);
        assert!(told[2..4].iter().all(|told| matches!(told, Some(Told::Said(_)))), "{told:?}");
        assert!(matches!(told[4], Some(Told::Refused(_))));
    }

    #[test]
    fn an_id_that_passes_by_chance_and_comes_back_every_night_is_one() {
        let nights: Vec<TenDigits<()>> = (0..40).map(|_| night(7, 2, 0)).collect();
        assert!(told(&nights).iter().all(Option::is_none));
    }

    #[test]
    fn ids_of_which_some_pass_by_chance_are_nothing_however_long_they_come() {
        // A practice with local ids of ten digits: each night forty, of which three hold; new ones each time, and the same.
        let new: Vec<TenDigits<()>> = (0..40).map(|at| night(100 * at, 3, 37)).collect();
        assert!(told(&new).iter().all(Option::is_none));
        let few: Vec<TenDigits<()>> = (0..40).map(|at| night(100 * at, u64::from(at % 7 == 0), 3)).collect();
        assert!(told(&few).iter().all(Option::is_none));
    }

    #[test]
    fn half_of_all_must_be_nhs_numbers_and_five_of_them() {
        assert!(matches!(judge(&night(1, 5, 5), &Recently::default()), Some(Told::Refused(_))));
        assert_eq!(judge(&night(1, 5, 6), &Recently::default()), None);
        assert_eq!(judge(&night(1, 4, 1), &Recently::default()), None);
        // A file of NHS numbers is one, whatever the ones before it held.
        let mut recently = Recently::default();
        recently.note(&Shown::of(WHERE.0, WHERE.1, WHERE.2, &night(1_000, 0, 300)), day(0));
        assert_eq!(judge(&night(1, 19, 0), &recently), None);
        assert!(matches!(judge(&night(1, 20, 0), &recently), Some(Told::Refused(_))));
    }

    #[test]
    fn a_night_without_any_is_as_it_should_be_whatever_came_before() {
        let told = told(&[night(1, 3, 0), night(1, 0, 0), night(1, 0, 2)]);
        assert_eq!(told[1..], [None, None]);
    }

    #[test]
    fn of_a_column_no_more_is_kept_than_a_few_drawers_and_no_number() {
        let shown = Shown::of(WHERE.0, WHERE.1, WHERE.2, &night(0, 30, 900)).unwrap();
        assert_eq!(shown.drawers.nhs_numbers.len() + shown.drawers.others.len(), DRAWERS_KEPT);
        assert_eq!(parse(&to_bytes(&[&shown])).unwrap(), [shown]);
        assert_eq!(Shown::of(WHERE.0, WHERE.1, WHERE.2, &night(0, 0, 0)), None);
    }
}
