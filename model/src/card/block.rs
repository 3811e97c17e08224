//! What a card is made of. In every text, what stands between backticks is a name.

use std::ops::Range;

/// A part of a card.
pub(super) enum Block {
    /// A heading of a level from 1.
    Heading(usize, String),
    /// A paragraph.
    Text(String),
    /// Points, one after the other.
    List(Vec<String>),
    /// A table.
    Table(Table),
    /// A curve.
    Curve(Vec<Step>),
    /// A surface.
    Surface(Grid),
}

/// Cells under a header.
pub(super) struct Table {
    pub(super) header: Vec<String>,
    /// The columns that hold numbers.
    pub(super) numbers: Range<usize>,
    pub(super) rows: Vec<Vec<String>>,
}

/// Neighbouring bins of one height.
pub(super) struct Step {
    /// The values, in words.
    pub(super) words: String,
    /// Where they start; nothing where they are missing, or levels, or start nowhere.
    pub(super) from: Option<f64>,
    /// How many bins they are.
    pub(super) n_bins: usize,
    pub(super) is_missing: bool,
    pub(super) height: f64,
    pub(super) band: f64,
}

/// The cells of a surface.
pub(super) struct Grid {
    /// The names of the two columns.
    pub(super) names: [String; 2],
    /// The values of the first downwards, of the second to the right, in words.
    pub(super) words: [Vec<String>; 2],
    /// Row after row.
    pub(super) heights: Vec<f64>,
}

impl Grid {
    /// The heights of each row.
    pub(super) fn rows(&self) -> impl Iterator<Item = (&String, &[f64])> {
        self.words[0].iter().zip(self.heights.chunks(self.words[1].len().max(1)))
    }

    /// The largest height, as its distance from 0.
    pub(super) fn most(&self) -> f64 {
        self.heights.iter().fold(0.0, |most: f64, height| most.max(height.abs()))
    }
}

/// A heading.
pub(super) fn heading(level: usize, text: impl Into<String>) -> Block {
    Block::Heading(level, text.into())
}

/// A paragraph.
pub(super) fn text(text: impl Into<String>) -> Block {
    Block::Text(text.into())
}

/// A table whose first column is text and whose others are as well; nothing where it has no rows.
pub(super) fn table(header: &[&str], rows: Vec<Vec<String>>) -> Option<Block> {
    table_of_numbers(header, 0..0, rows)
}

/// A table with some columns of numbers; nothing where it has no rows.
pub(super) fn table_of_numbers(header: &[&str], numbers: Range<usize>, rows: Vec<Vec<String>>) -> Option<Block> {
    let header = header.iter().map(|name| (*name).to_owned()).collect();
    (!rows.is_empty()).then_some(Block::Table(Table { header, numbers, rows }))
}
