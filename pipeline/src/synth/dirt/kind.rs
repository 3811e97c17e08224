//! What a kind of defect is: the rule that it breaks, where, how often, and what it does to a row.

use crate::day::Day;

use crate::synth::{
    dirt::{
        days::noon,
        draft::{Draft, Value},
    },
    person::Person,
    world::World,
};

/// A kind of defect.
pub(crate) struct Kind {
    /// The rule that it breaks; empty for what is odd and breaks none, so that nobody is told of it.
    pub rule: &'static str,
    /// Where it is.
    pub column: &'static str,
    /// How many of 100,000 rows are tried; fewer have it where not every row can.
    pub per_100_000: u32,
    how: How,
}

/// What a defect does to a row.
enum How {
    /// Writes a text, in a column of texts.
    Text(&'static str),
    /// Writes a text where something else belongs. Only CSV can say it.
    Raw(&'static str),
    /// Empties the cell.
    Empty,
    /// Writes a day.
    Day(fn(&Site) -> Day),
    /// Writes noon of a day.
    Moment(fn(&Site) -> Day),
    /// Writes the cell's code in another way, of a list the first. Nothing happens to an empty cell.
    Code(fn(&str) -> String),
    /// Writes something that depends on the row; nothing happens to a row that the defect can't be in.
    Cell(fn(&Site, &Draft) -> Option<Value>),
    /// Leaves the row alone, and sends one more like it, with the defect, of somebody of whom nothing else is known. So
    /// one lost row costs no other.
    Beside(fn(&Site, &Draft) -> Option<Value>),
    /// Gives the row to somebody whom nobody knows.
    Stranger,
    /// Sends the row twice; the first is dropped.
    Twice,
    /// Sends a newer version after it, with something else in a column; the older is dropped.
    Newer(&'static str, &'static str),
    /// Sends other rows in its place, none where the defect can't be in it.
    Rows(fn(&Site, Draft) -> Vec<Sown>),
}

/// Where a defect is put: among whom, and into whose row.
pub(crate) struct Site<'a> {
    pub world: &'a World,
    /// The number of the row's person.
    pub number: u32,
}

/// A row that is sent.
pub(crate) struct Sown {
    pub row: Draft,
    /// Whether it has the defect.
    pub is_defect: bool,
}

impl Sown {
    pub fn sound(row: Draft) -> Sown {
        Sown { row, is_defect: false }
    }

    pub fn defect(row: Draft) -> Sown {
        Sown { row, is_defect: true }
    }
}

impl Site<'_> {
    /// The row's person.
    pub fn person(&self) -> Person {
        Person::new(self.world, self.number)
    }

    /// A number that no person has.
    pub fn stranger(&self) -> u32 {
        self.number + (1 << 31)
    }
}

impl Kind {
    /// A text that breaks the rule.
    pub const fn text(rule: &'static str, column: &'static str, per_100_000: u32, text: &'static str) -> Kind {
        Kind { rule, column, per_100_000, how: How::Text(text) }
    }

    /// A text where something else belongs.
    pub const fn raw(rule: &'static str, column: &'static str, per_100_000: u32, text: &'static str) -> Kind {
        Kind { rule, column, per_100_000, how: How::Raw(text) }
    }

    /// Nothing, where something must be.
    pub const fn empty(column: &'static str, per_100_000: u32) -> Kind {
        Kind { rule: "NULL", column, per_100_000, how: How::Empty }
    }

    /// A day that breaks the rule, in a column of days.
    pub const fn day(rule: &'static str, column: &'static str, per_100_000: u32, day: fn(&Site) -> Day) -> Kind {
        Kind { rule, column, per_100_000, how: How::Day(day) }
    }

    /// Noon of such a day, in a column of moments.
    pub const fn moment(rule: &'static str, column: &'static str, per_100_000: u32, day: fn(&Site) -> Day) -> Kind {
        Kind { rule, column, per_100_000, how: How::Moment(day) }
    }

    /// A code in a way that breaks the rule, in a column of texts or of lists.
    pub const fn code(rule: &'static str, column: &'static str, per_100_000: u32, code: fn(&str) -> String) -> Kind {
        Kind { rule, column, per_100_000, how: How::Code(code) }
    }

    /// Something that breaks the rule, given the row.
    pub const fn cell(
        rule: &'static str,
        column: &'static str,
        per_100_000: u32,
        cell: fn(&Site, &Draft) -> Option<Value>,
    ) -> Kind {
        Kind { rule, column, per_100_000, how: How::Cell(cell) }
    }

    /// The same in one more row, of somebody else.
    pub const fn beside(
        rule: &'static str,
        column: &'static str,
        per_100_000: u32,
        cell: fn(&Site, &Draft) -> Option<Value>,
    ) -> Kind {
        Kind { rule, column, per_100_000, how: How::Beside(cell) }
    }

    /// A row of somebody whom nobody knows (V07).
    pub const fn stranger(per_100_000: u32) -> Kind {
        Kind { rule: "V07", column: "person_id", per_100_000, how: How::Stranger }
    }

    /// A row that is sent twice (V06).
    pub const fn twice(key: &'static str, per_100_000: u32) -> Kind {
        Kind { rule: "V06", column: key, per_100_000, how: How::Twice }
    }

    /// A row of which a newer version is sent beside it, with another text in a column (V06).
    pub const fn newer(key: &'static str, per_100_000: u32, column: &'static str, text: &'static str) -> Kind {
        Kind { rule: "V06", column: key, per_100_000, how: How::Newer(column, text) }
    }

    /// Other rows in place of the row.
    pub const fn rows(
        rule: &'static str,
        column: &'static str,
        per_100_000: u32,
        rows: fn(&Site, Draft) -> Vec<Sown>,
    ) -> Kind {
        Kind { rule, column, per_100_000, how: How::Rows(rows) }
    }

    /// Whether it can be said in a file whose columns have types.
    pub fn needs_text(&self) -> bool {
        matches!(self.how, How::Raw(_))
    }

    /// The rows that are sent in place of a row; none where the defect can't be in it.
    pub fn sow(&self, site: &Site, row: Draft) -> Vec<Sown> {
        let with = |row: Draft, value| vec![Sown::defect(row.with(self.column, value))];
        match self.how {
            How::Text(text) | How::Raw(text) => with(row, words(text)),
            How::Empty => vec![Sown::defect(row.without(self.column))],
            How::Day(day) => with(row, Value::Day(Some(day(site)))),
            How::Moment(day) => with(row, Value::Moment(Some(noon(day(site))))),
            How::Code(code) => rewritten(row.cell(self.column), code).map_or_else(Vec::new, |value| with(row, value)),
            How::Cell(cell) => cell(site, &row).map_or_else(Vec::new, |value| with(row, value)),
            How::Beside(cell) => cell(site, &row).map_or_else(Vec::new, |value| {
                let other = row.clone().of_person(site.stranger()).with(self.column, value);
                vec![Sown::sound(row), Sown::defect(other)]
            }),
            How::Stranger => vec![Sown::defect(row.of_person(site.stranger()))],
            How::Twice => vec![Sown::defect(row.clone()), Sown::sound(row)],
            How::Newer(column, text) => {
                let newer = row.clone().an_hour_later().with(column, words(text));
                vec![Sown::defect(row), Sown::sound(newer)]
            }
            How::Rows(rows) => rows(site, row),
        }
    }
}

/// A cell with its code written in another way, of a list the first; none of a cell that has no code.
fn rewritten(cell: &Value, code: fn(&str) -> String) -> Option<Value> {
    match cell {
        Value::Text(text) if !text.is_empty() => Some(words(&code(text))),
        Value::List(codes) => codes.split_first().map(|(first, rest)| Value::List([&[code(first)], rest].concat())),
        _ => None,
    }
}

/// A text as a cell.
pub(super) fn words(text: &str) -> Value {
    Value::Text(text.to_owned())
}
