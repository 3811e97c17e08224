//! What is boosted: one curve or one surface, and which of its cells every row is in.

use super::bins::{MISSING, edges};
use super::params::Shape;
use super::table::Binned;
use crate::number::mix;

/// A column of which at least this share of the rows is in one bin is looked at through the other rows only.
const SPARSE: f64 = 0.5;

/// A curve or a surface over the training rows.
pub(super) struct Term {
    pub(super) n_cells: usize,
    /// The rows that it can move; all where there is no list.
    pub(super) rows: Option<Vec<u32>>,
    /// The cell of each of these rows.
    pub(super) cells: Cells,
    /// The cell of all other rows, where they share one. It stays at 0, and the base moves in its stead.
    pub(super) usual: Option<usize>,
    pub(super) form: Form,
    /// Added to the bend of every level, so that one of few rows moves less.
    pub(super) l2: f64,
}

/// One number per row, in as little room as it needs.
pub(super) enum Cells {
    /// Every row is in this cell.
    One(usize),
    Bytes(Vec<u8>),
    Words(Vec<u16>),
}

/// What steps a term can take.
pub(super) enum Form {
    /// Cell 0 is for missing values, and may move or not; the others are in order.
    Line { shape: Shape, learns_missing: bool },
    /// Every cell moves by itself.
    Levels { learns_missing: bool },
    /// Cells in two directions, row after row.
    Grid(Grid),
}

/// The cells of a surface.
pub(super) struct Grid {
    /// How many cells in each direction.
    pub(super) size: [usize; 2],
    pub(super) shapes: [Shape; 2],
    /// The rows and columns of cells that stay at 0.
    pub(super) still: [Vec<bool>; 2],
}

impl Cells {
    fn of(cells: impl ExactSizeIterator<Item = usize>, n_cells: usize) -> Cells {
        if n_cells <= 256 {
            Cells::Bytes(cells.map(|cell| cell as u8).collect())
        } else {
            Cells::Words(cells.map(|cell| cell as u16).collect())
        }
    }

    /// The same, in no room at all where all cells are one.
    fn packed(cells: Vec<usize>, n_cells: usize) -> Cells {
        match cells.first() {
            Some(first) if cells.iter().all(|cell| cell == first) => Cells::One(*first),
            _ => Cells::of(cells.into_iter(), n_cells),
        }
    }
}

impl Term {
    /// The curve of a column.
    pub(super) fn curve(column: &Binned, l2: f64) -> Term {
        let n_cells = column.bins.n();
        let usual = column.commonest();
        let is_sparse = f64::from(column.counts[usual]) >= SPARSE * column.places.len() as f64;
        let form = match column.shape {
            Shape::Levels => Form::Levels { learns_missing: column.learns_missing },
            shape => Form::Line { shape, learns_missing: column.learns_missing },
        };
        if !is_sparse {
            let cells = Cells::of(column.places.iter().map(|bin| usize::from(*bin)), n_cells);
            return Term { n_cells, rows: None, cells, usual: None, form, l2 };
        }
        let rows = rows_where(column.places.len(), |row| usize::from(column.places[row]) != usual);
        let cells = rows.iter().map(|row| usize::from(column.places[*row as usize])).collect();
        Term { n_cells, rows: Some(rows), cells: Cells::packed(cells, n_cells), usual: Some(usual), form, l2 }
    }

    /// The surface of two columns.
    pub(super) fn surface(sides: [&Side; 2], l2: f64) -> Term {
        let size = sides.map(|side| side.n);
        let n_cells = size[0] * size[1];
        let still = sides.map(|side| (0..side.n).map(|bin| side.is_still(bin)).collect::<Vec<bool>>());
        let n_rows = sides[0].places.len();
        let bins = |row: usize| sides.map(|side| usize::from(side.places[row]));
        let moves = |row: usize| {
            let [a, b] = bins(row);
            !still[0][a] && !still[1][b]
        };
        let rows = rows_where(n_rows, moves);
        let cell = |row: u32| {
            let [a, b] = bins(row as usize);
            a * size[1] + b
        };
        let cells = Cells::packed(rows.iter().map(|row| cell(*row)).collect(), n_cells);
        let form = Form::Grid(Grid { size, shapes: sides.map(|side| side.shape), still });
        let rows = (rows.len() < n_rows).then_some(rows);
        Term { n_cells, rows, cells, usual: None, form, l2 }
    }
}

fn rows_where(n_rows: usize, is_listed: impl Fn(usize) -> bool) -> Vec<u32> {
    (0..n_rows).filter(|row| is_listed(*row)).map(|row| row as u32).collect()
}

/// A column as one side of a surface: in fewer bins.
pub(super) struct Side {
    /// The coarse bin of each bin; that of missing values is 0 in both.
    pub(super) coarse: Vec<u8>,
    /// How many coarse bins there are.
    pub(super) n: usize,
    /// The coarse bin of each row.
    pub(super) places: Vec<u8>,
    /// The bin that most rows are in.
    pub(super) commonest: usize,
    is_sparse: bool,
    pub(super) learns_missing: bool,
    pub(super) shape: Shape,
}

impl Side {
    pub(super) fn of(column: &Binned, most: usize) -> Side {
        let mut starts = vec![false; column.bins.n()];
        for edge in edges(&column.counts[1..], most) {
            starts[edge + 1] = true;
        }
        let mut coarse = vec![0; column.bins.n()];
        for bin in 1..coarse.len() {
            coarse[bin] = if bin == 1 { 1 } else { coarse[bin - 1] + u8::from(starts[bin]) };
        }
        let n = usize::from(coarse.last().copied().unwrap_or(0)) + 1;
        let places: Vec<u8> = column.places.iter().map(|bin| coarse[usize::from(*bin)]).collect();
        let mut counts = vec![0; n];
        for (bin, rows) in column.counts.iter().enumerate() {
            counts[usize::from(coarse[bin])] += rows;
        }
        let most = counts.iter().max().copied().unwrap_or(0);
        let commonest = counts.iter().position(|n| *n == most).unwrap_or(MISSING);
        // A curve that must rise needs all its rows: a surface that is 0 at one bin could not rise there.
        let is_free = column.shape == Shape::Free;
        let is_sparse = is_free && f64::from(most) >= SPARSE * places.len() as f64;
        let (learns_missing, shape) = (column.learns_missing, column.shape);
        Side { coarse, n, places, commonest, is_sparse, learns_missing, shape }
    }

    /// The same for columns that divide the rows in the same way, whatever they call the parts.
    pub(super) fn fingerprint(&self) -> u64 {
        // Parts are numbered as they are met.
        let mut numbers = vec![0; self.n];
        let mut met = 0;
        self.places.iter().fold(0, |print, bin| {
            let number = &mut numbers[usize::from(*bin)];
            if *number == 0 {
                met += 1;
                *number = met;
            }
            mix(print ^ *number)
        })
    }

    /// Whether a surface stays at 0 here: where a column is as usual, and where its feed did not come.
    pub(super) fn is_still(&self, bin: usize) -> bool {
        (bin == MISSING && !self.learns_missing) || (self.is_sparse && bin == self.commonest)
    }
}
