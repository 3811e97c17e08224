//! The training rows as the solver reads them: per row, only what differs from the commonest value of its column.
//!
//! A *cell* is a column together with one of its values. A row names its cells, and what a cell adds to the log-odds is
//! worked out once per cell instead of once per row. Records of illness are mostly zeros, so a row of 243 columns has
//! some 50 cells, and 900,000 rows take some 200 MB whatever functions the columns are given.

use ndarray::{ArrayView2, Axis, Slice};

use crate::census::Census;
use crate::design::{Design, Standard};
use crate::number::place;
use crate::stripes::{STRIPE, in_order, stripes};

/// A column with more distinct values than this has no cells; each row holds how high its functions stand.
const DISTINCT_MAX: usize = 1 << 14;

/// The place of a value that has no cell, being the commonest of its column.
const NO_CELL: u32 = u32::MAX;

/// How high a function stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Height {
    /// Which function of the design, from 0.
    pub(crate) function: u32,
    /// In spreads, above the usual height.
    pub(crate) height: f64,
}

/// Rows as lists of cells.
pub(crate) struct Cells {
    /// Stripe by stripe.
    lists: Vec<Lists>,
    /// Where each cell's heights start in `heights`; one more than there are cells.
    height_starts: Vec<usize>,
    heights: Vec<Height>,
    /// The functions of columns without cells.
    loose: Vec<u32>,
    usual: Vec<f64>,
}

impl Cells {
    /// Lists the cells of every row. The number of threads makes no difference to the result.
    pub(crate) fn of(x: ArrayView2<f64>, design: &Design, censuses: &[Census], threads: usize) -> Cells {
        let mut cells = Cells {
            lists: Vec::new(),
            height_starts: vec![0],
            heights: Vec::new(),
            loose: Vec::new(),
            usual: vec![0.0; design.standards.len()],
        };
        let (mut codes, mut loose) = (Vec::new(), Vec::new());
        let mut function = 0;
        for standards in design.standards.chunk_by(|a, b| a.position == b.position) {
            let census = &censuses[standards[0].position];
            let numbered = (function..).zip(standards.iter().copied());
            if census.values.len() > DISTINCT_MAX {
                cells.loose.extend(numbered.clone().map(|(function, _)| function));
                loose.extend(numbered.map(|(_, standard)| standard));
            } else {
                codes.push(cells.code(census, &numbered.collect::<Vec<_>>()));
            }
            function += standards.len() as u32;
        }
        let stripes = stripes(x.nrows());
        cells.lists = in_order(stripes.len(), threads, |stripe| {
            Lists::of(x.slice_axis(Axis(0), Slice::from(stripes[stripe].clone())), &codes, &loose)
        });
        cells
    }

    /// Gives a cell to every value of a column but the commonest.
    fn code(&mut self, census: &Census, functions: &[(u32, Standard)]) -> Code {
        let usual = census.commonest();
        for (function, standard) in functions {
            self.usual[*function as usize] = standard.height(usual);
        }
        let position = functions[0].1.position;
        let mut code = Code { position, usual, whole: Vec::new(), others: Vec::new(), missing: NO_CELL };
        for x in census.values.iter().copied().filter(|x| *x != usual) {
            let (id, place) = (self.cell(x, functions), place(x));
            if place <= DISTINCT_MAX {
                code.whole.resize(place + 1, NO_CELL);
                code.whole[place] = id;
            } else {
                code.others.push((x, id));
            }
        }
        if census.missing > 0 && !usual.is_nan() {
            code.missing = self.cell(f64::NAN, functions);
        }
        code
    }

    /// A new cell for a value.
    fn cell(&mut self, x: f64, functions: &[(u32, Standard)]) -> u32 {
        for (function, standard) in functions {
            let height = standard.height(x) - self.usual[*function as usize];
            if height != 0.0 {
                self.heights.push(Height { function: *function, height });
            }
        }
        self.height_starts.push(self.heights.len());
        (self.height_starts.len() - 2) as u32
    }

    /// How many rows there are.
    pub(crate) fn n_rows(&self) -> usize {
        self.lists.iter().map(|lists| lists.starts.len() - 1).sum()
    }

    /// How many cells there are.
    pub(crate) fn n_cells(&self) -> usize {
        self.height_starts.len() - 1
    }

    /// How many functions there are.
    pub(crate) fn n_functions(&self) -> usize {
        self.usual.len()
    }

    /// The usual height of each function: that of its column's commonest value, or the mean where there are no cells.
    pub(crate) fn usual(&self) -> &[f64] {
        &self.usual
    }

    /// The cells of a row, in the order of their columns.
    pub(crate) fn of_row(&self, row: usize) -> &[u32] {
        let (lists, row) = (&self.lists[row / STRIPE], row % STRIPE);
        &lists.ids[lists.starts[row]..lists.starts[row + 1]]
    }

    /// What the functions of a cell's column are at its value, where it isn't the usual height.
    pub(crate) fn heights(&self, cell: usize) -> &[Height] {
        &self.heights[self.height_starts[cell]..self.height_starts[cell + 1]]
    }

    /// The functions of a row that no cell stands for.
    pub(crate) fn loose(&self, row: usize) -> impl Iterator<Item = Height> {
        let (lists, row) = (&self.lists[row / STRIPE], row % STRIPE);
        let heights = &lists.loose[row * self.loose.len()..];
        self.loose.iter().zip(heights).map(|(&function, &height)| Height { function, height })
    }

    /// All functions of a row that don't stand at their usual height, in ascending order.
    pub(crate) fn expand(&self, row: usize, into: &mut Vec<Height>) {
        into.clear();
        for cell in self.of_row(row) {
            into.extend(self.heights(*cell as usize));
        }
        if !self.loose.is_empty() {
            into.extend(self.loose(row));
            into.sort_by_key(|height| height.function);
        }
    }
}

/// The cells of the rows of a stripe.
struct Lists {
    /// Where each row's cells start in `ids`; one more than there are rows.
    starts: Vec<usize>,
    ids: Vec<u32>,
    /// Row by row, the heights of the functions of columns without cells: a pass reads them, and many passes are made.
    loose: Vec<f64>,
}

impl Lists {
    fn of(x: ArrayView2<f64>, codes: &[Code], loose: &[Standard]) -> Lists {
        let mut lists = Lists { starts: vec![0], ids: Vec::new(), loose: Vec::with_capacity(x.nrows() * loose.len()) };
        let mut ids = vec![NO_CELL; codes.len()];
        for row in x.rows() {
            // What has no cell is written over by the next: cheaper than to guess, value by value, which it will be.
            let mut n = 0;
            for code in codes {
                ids[n] = code.cell(row[code.position]);
                n += usize::from(ids[n] != NO_CELL);
            }
            lists.ids.extend_from_slice(&ids[..n]);
            lists.starts.push(lists.ids.len());
            lists.loose.extend(loose.iter().map(|standard| standard.height(row[standard.position])));
        }
        lists
    }
}

/// Which cell a value of one column is.
struct Code {
    position: usize,
    usual: f64,
    /// By whole number; the usual one has none.
    whole: Vec<u32>,
    others: Vec<(f64, u32)>,
    missing: u32,
}

impl Code {
    fn cell(&self, x: f64) -> u32 {
        let place = place(x);
        if place < self.whole.len() {
            self.whole[place]
        } else if x == self.usual {
            NO_CELL
        } else if x.is_nan() {
            self.missing
        } else {
            let at = self.others.binary_search_by(|(value, _)| value.total_cmp(&x));
            self.others[at.expect("the census has met every value")].1
        }
    }
}
