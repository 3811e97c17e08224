//! Which counts may be told, so that no small one can be worked out from others.
//!
//! Counts from 1 to 7 are told as fewer than 8, and others to the nearest 5. Where what is told next to one, and the sums
//! that hold, would still leave a reader with fewer than four values for it, further counts are not told.

use serde::{Serialize, Serializer};

use crate::small_numbers::Told;

/// A small count keeps at least so many values that it could have.
const VALUES_MIN: i64 = 4;
/// No count is larger.
const ANY: i64 = 1 << 40;
/// Counts up to this are small.
const SMALL: u64 = 7;
/// A number that is told lies no further from the count.
const ROUNDED_BY: i64 = 2;

/// A count as it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// To the nearest 5; 0 is none at all.
    Number(u64),
    /// From 1 to 7.
    Few,
    /// Left out, whatever it is.
    NotTold,
}

/// A count, and whether anybody wants it told.
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    /// How many.
    pub n: u64,
    /// Whether it is told unless something speaks against it.
    pub is_told: bool,
}

/// Cells that add up to another, by their places.
#[derive(Clone, Debug)]
pub struct Line {
    /// The sum.
    pub total: usize,
    /// What it is made of.
    pub parts: Vec<usize>,
}

impl Shown {
    /// As a count is told by itself.
    pub(super) fn of(n: u64) -> Shown {
        let told = Told(n);
        if told.is_too_few() { Shown::Few } else { Shown::Number(told.rounded()) }
    }

    /// The number that is told, if one is.
    pub fn number(self) -> Option<u64> {
        if let Shown::Number(n) = self { Some(n) } else { None }
    }

    /// The least and the most that it may be, as far as it says itself.
    fn bounds(self) -> (i64, i64) {
        let least = SMALL as i64 + 1;
        match self {
            Shown::Number(0) => (0, 0),
            Shown::Number(n) => ((n as i64 - ROUNDED_BY).max(least), n as i64 + ROUNDED_BY),
            Shown::Few => (1, SMALL as i64),
            Shown::NotTold => (0, ANY),
        }
    }
}

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Shown::Number(n) => n.fmt(f),
            Shown::Few => Told(1).fmt(f),
            Shown::NotTold => f.write_str("not told"),
        }
    }
}

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Shown::Number(n) => serializer.serialize_u64(*n),
            other => serializer.collect_str(other),
        }
    }
}

/// Tells as many cells as may be told. Sums are given up last, and of what they are made of the smallest first.
pub fn suppress(cells: &[Cell], lines: &[Line]) -> Vec<Shown> {
    let first = |cell: &Cell| if cell.is_told { Shown::of(cell.n) } else { Shown::NotTold };
    let mut lines_of = vec![Vec::new(); cells.len()];
    for line in lines {
        [line.total].iter().chain(&line.parts).for_each(|cell| lines_of[*cell].push(line));
    }
    let mut table = Table { cells, lines, lines_of, shown: cells.iter().map(first).collect(), bounds: Vec::new() };
    while table.leave_out_some() {}
    table.shown
}

/// What is told so far.
struct Table<'a> {
    cells: &'a [Cell],
    lines: &'a [Line],
    /// Of each cell the lines on which it lies.
    lines_of: Vec<Vec<&'a Line>>,
    shown: Vec<Shown>,
    /// What a reader can work out.
    bounds: Vec<(i64, i64)>,
}

impl Table<'_> {
    /// Gives up a number for each small cell of which a reader knows too much, unless one near it was given up just now; tells
    /// whether there was any.
    fn leave_out_some(&mut self) -> bool {
        self.bounds = worked_out(&self.shown, self.lines);
        let mut near = vec![false; self.cells.len()];
        let mut is_changed = false;
        for at in 0..self.cells.len() {
            if near[at] || !self.is_exposed(at) {
                continue;
            }
            if let Some(other) = self.to_leave_out(at) {
                self.shown[other] = Shown::NotTold;
                is_changed = true;
                let cells =
                    self.lines_of[other].iter().flat_map(|line| [line.total].into_iter().chain(line.parts.clone()));
                cells.for_each(|cell| near[cell] = true);
            }
        }
        is_changed
    }

    fn is_exposed(&self, at: usize) -> bool {
        let (low, high) = self.bounds[at];
        (1..=SMALL).contains(&self.cells[at].n) && high - low + 1 < VALUES_MIN
    }

    /// The cell to give up for one of which too much is known, on the line that says most of it: the smallest number among
    /// the parts, or what says too much of these. Where all of a line are few, that they are few is what gives them away,
    /// and the sum says least by itself.
    fn to_leave_out(&self, at: usize) -> Option<usize> {
        self.tightest_first(at).into_iter().find_map(|line| {
            let is_few = |cell: &usize| self.shown[*cell] == Shown::Few;
            self.smallest_part(line, at)
                .or_else(|| self.smallest_beyond(line, at))
                .or_else(|| [line.total].into_iter().chain(line.parts.iter().copied()).find(is_few))
        })
    }

    fn is_number(&self, cell: usize) -> bool {
        matches!(self.shown[cell], Shown::Number(n) if n > 0)
    }

    /// The smallest number among the parts of a line, but for one cell.
    fn smallest_part(&self, line: &Line, but: usize) -> Option<usize> {
        let numbers = line.parts.iter().copied().filter(|part| *part != but && self.is_number(*part));
        numbers.min_by_key(|part| self.cells[*part].n)
    }

    /// The same of the nearest line from which something is known of a cell of this one that is left out; or the smallest
    /// sum of all these lines.
    fn smallest_beyond(&self, line: &Line, but: usize) -> Option<usize> {
        let mut passed: Vec<usize> = vec![but];
        let mut lines: Vec<&Line> = vec![line];
        let mut next = 0;
        while let Some(line) = lines.get(next).copied() {
            next += 1;
            for cell in line.parts.iter().copied().chain([line.total]) {
                let is_known = self.shown[cell] == Shown::NotTold && self.bounds[cell] != Shown::NotTold.bounds();
                if passed.contains(&cell) || !is_known {
                    continue;
                }
                passed.push(cell);
                for beyond in self.tightest_first(cell) {
                    if lines.iter().any(|known| std::ptr::eq(*known, beyond)) {
                        continue;
                    }
                    if let Some(number) = self.smallest_part(beyond, cell) {
                        return Some(number);
                    }
                    lines.push(beyond);
                }
            }
        }
        let totals = lines.iter().map(|line| line.total).filter(|total| *total != but && self.is_number(*total));
        totals.min_by_key(|total| self.cells[*total].n)
    }

    /// The lines of a cell, first what leaves least open of it.
    fn tightest_first(&self, at: usize) -> Vec<&Line> {
        let mut lines = self.lines_of[at].clone();
        lines.sort_by_key(|line| self.room(at, line));
        lines
    }

    /// How much a line leaves open of one of its cells, by what the others say themselves.
    fn room(&self, at: usize, line: &Line) -> i64 {
        let of = |cell: usize| match self.shown[cell] {
            Shown::NotTold => self.bounds[cell],
            told => told.bounds(),
        };
        let others = line.parts.iter().filter(|part| **part != at).map(|part| of(*part));
        let (low, high) = others.fold((0, 0), |(low, high), other| (low + other.0, high + other.1));
        let total = of(line.total);
        let (from, to) = if line.total == at { (low, high) } else { (total.0 - high, total.1 - low) };
        let (least, most) = self.shown[at].bounds();
        to.min(most) - from.max(least)
    }
}

/// What a reader can work out of each cell by adding and taking away along the lines, for as long as that tells them more.
fn worked_out(shown: &[Shown], lines: &[Line]) -> Vec<(i64, i64)> {
    let mut bounds: Vec<(i64, i64)> = shown.iter().map(|one| one.bounds()).collect();
    loop {
        let before = bounds.clone();
        for line in lines {
            let (low, high) = sums(&bounds, line);
            let (total_low, total_high) = bounds[line.total];
            bounds[line.total] = (total_low.max(low), total_high.min(high));
            for &part in &line.parts {
                let (part_low, part_high) = bounds[part];
                let from = total_low - (high - part_high);
                let to = total_high - (low - part_low);
                bounds[part] = (part_low.max(from), part_high.min(to));
            }
        }
        if bounds == before {
            return bounds;
        }
    }
}

/// The least and the most that the parts of a line add up to.
fn sums(bounds: &[(i64, i64)], line: &Line) -> (i64, i64) {
    line.parts.iter().fold((0, 0), |(low, high), &part| (low + bounds[part].0, high + bounds[part].1))
}

#[cfg(test)]
mod tests;
