//! A mapping put to work on one supplier's files of a table: which of their columns feeds which of ours, and how.

use std::collections::{BTreeMap, BTreeSet};

use earlycall_schemas::table::{DType, Presence, TableSpec};

use crate::day::Instant;
use crate::error::Result;
use crate::extract::header::{self, nearest};
use crate::extract::refusal::broken;
use crate::settings::{DateForm, Encoding, MomentForm, TableMapping};

/// What a constant says for the moment at which the delivery was extracted.
const EXTRACTED_AT: &str = "{extracted_at}";

/// Where the cells of a column of the table come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The file doesn't have the column.
    Absent,
    /// The column of the file with this number.
    At(usize),
    /// Cells that are not taken as they are.
    Made(Made),
    /// Every row has this.
    Constant(String),
}

/// Cells that are written otherwise than in the contract, or lie in several columns of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Made {
    /// Columns of the file; what they hold is joined.
    pub from: Vec<usize>,
    pub written: Written,
}

/// How cells are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    AsTheyAre,
    Days(DateForm),
    Moments(MomentForm),
}

/// The mapping of a table for one provider.
#[derive(Clone, Debug)]
pub(super) struct Mapping {
    rules: TableMapping,
    /// By our column, what the supplier calls it; kept for good, as the names of our own are.
    names: BTreeMap<&'static str, &'static str>,
}

impl Mapping {
    pub fn of(table: &'static TableSpec, rules: TableMapping) -> Mapping {
        let columns = rules.columns.iter().map(|(target, source)| (target, source.as_str()));
        let lists = rules.lists.iter().map(|(target, numbered)| (target, numbered.pattern()));
        let ours = |target: &str| table.column(target).expect("settings are checked").name.as_str();
        let for_good = |name: &str| -> &'static str { Box::leak(name.to_owned().into_boxed_str()) };
        let names = columns.chain(lists).map(|(target, name)| (ours(target), for_good(name))).collect();
        Mapping { rules, names }
    }

    /// What the supplier calls a column of ours.
    pub fn name_of(&self, column: &'static str) -> &'static str {
        self.names.get(column).copied().unwrap_or(column)
    }

    pub fn encoding(&self) -> Encoding {
        self.rules.encoding.unwrap_or(Encoding::Utf8)
    }

    /// By our column, our codes by theirs.
    pub fn codes(&self) -> &BTreeMap<String, BTreeMap<String, String>> {
        &self.rules.codes
    }

    /// For each column of the table, where its cells come from, given the columns of a file.
    ///
    /// # Errors
    /// A column that is mapped is not there or is there twice, one of ours has two sources, is missing though mandatory
    /// or required, or the file has a column that nobody speaks of.
    pub fn sources(&self, table: &'static TableSpec, names: &[&str], extracted_at: Instant) -> Result<Vec<Source>> {
        let file = Header { names, table };
        let sources = table.columns.iter().map(|spec| {
            let target = spec.name.as_str();
            let mapped = self.rules.targets().any(|mapped| mapped == target);
            if mapped && names.contains(&target) && !self.feeds(target) {
                let message = format!("the column has two sources: itself, and what {} says", file.setting());
                return Err(broken(message, "take one of them away, or put it under ignore").column(target));
            }
            let written = match spec.dtype {
                DType::Date | DType::Month => {
                    self.rules.dates.filter(|form| *form != DateForm::Iso).map_or(Written::AsTheyAre, Written::Days)
                }
                DType::Timestamp => self
                    .rules
                    .moments
                    .filter(|form| *form != MomentForm::Rfc3339)
                    .map_or(Written::AsTheyAre, Written::Moments),
                _ => Written::AsTheyAre,
            };
            let source = if let Some(constant) = self.rules.constants.get(target) {
                Source::Constant(constant.replace(EXTRACTED_AT, &extracted_at.to_string()))
            } else if let Some(numbered) = self.rules.lists.get(target) {
                let from = numbered.names().iter().map(|name| file.place(name, target)).collect::<Result<_>>()?;
                Source::Made(Made { from, written })
            } else if let Some(name) = self.rules.columns.get(target) {
                taken(file.place(name, target)?, written)
            } else if self.rules.ignore.contains(target) {
                Source::Absent
            } else {
                file.at_most_one(target)?.map_or(Source::Absent, |at| taken(at, written))
            };
            if source == Source::Absent && spec.presence != Presence::O {
                let lines = header::respelt(table, names).map_or(String::new(), |lines| format!(": {lines}"));
                return Err(header::missing(spec, &format!("name what feeds it in {}{lines}", file.setting())));
            }
            Ok(source)
        });
        let sources = sources.collect::<Result<Vec<Source>>>()?;
        self.refuse_others(&file)?;
        Ok(sources)
    }

    /// Whether a column of the file is asked for by name.
    fn feeds(&self, name: &str) -> bool {
        let of_lists = self.rules.lists.values().flat_map(|numbered| numbered.names());
        self.rules.columns.values().chain(of_lists).any(|source| source == name) || self.rules.ignore.contains(name)
    }

    fn refuse_others(&self, file: &Header) -> Result<()> {
        if self.rules.ignore_others == Some(true) {
            return Ok(());
        }
        let is_ours = |name: &str| file.table.column(name).is_some();
        match file.names.iter().position(|name| !self.feeds(name) && !is_ours(name)) {
            None => Ok(()),
            Some(at) => {
                let setting = file.setting();
                let known: BTreeSet<&str> = file.table.columns.iter().map(|column| column.name.as_str()).collect();
                let likely = nearest(file.names[at], known).map_or(String::new(), |name| format!("; is it {name}?"));
                Err(broken(
                    format!("column number {} is neither mapped nor ignored", at + 1),
                    format!("name it under columns or ignore in {setting}, or set ignore_others = true{likely}"),
                ))
            }
        }
    }
}

fn taken(at: usize, written: Written) -> Source {
    match written {
        Written::AsTheyAre => Source::At(at),
        written => Source::Made(Made { from: vec![at], written }),
    }
}

/// The first line of a file.
struct Header<'a> {
    names: &'a [&'a str],
    table: &'static TableSpec,
}

impl Header<'_> {
    fn setting(&self) -> String {
        header::setting(self.table)
    }

    fn place(&self, name: &str, target: &str) -> Result<usize> {
        self.at_most_one(name)?.ok_or_else(|| {
            broken(
                format!("the file has no such column, and {target} is to be read from it"),
                format!("correct {}, or have the column sent", self.setting()),
            )
            .column(name)
        })
    }

    fn at_most_one(&self, name: &str) -> Result<Option<usize>> {
        let mut places = (0..self.names.len()).filter(|&at| self.names[at] == name);
        match (places.next(), places.next()) {
            (_, Some(_)) => Err(header::twice(name)),
            (place, None) => Ok(place),
        }
    }
}

/// Stands for a cell that is there and that its mapping does not know: no column takes it.
pub(super) const UNREADABLE: &str = "\u{1a}";

impl Made {
    /// The cell of a row, joined in `text`, which is empty.
    pub fn cell<'a>(&self, cells: impl Fn(usize) -> &'a str, text: &mut String) {
        for cell in self.from.iter().map(|&at| cells(at)).filter(|cell| !cell.is_empty()) {
            if !text.is_empty() {
                text.push('|');
            }
            match self.written {
                Written::AsTheyAre => text.push_str(cell),
                Written::Days(form) => put(text, form.day(cell)),
                Written::Moments(form) => put(text, form.moment(cell)),
            }
        }
    }
}

fn put(text: &mut String, value: Option<impl ToString>) {
    match value {
        Some(value) => text.push_str(&value.to_string()),
        None => text.push_str(UNREADABLE),
    }
}
