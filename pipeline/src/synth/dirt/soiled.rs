//! A sheet into which defects are put on the way.

use std::io;

use crate::day::{Day, Instant};

use crate::synth::{
    cells::{Cells, Columns},
    dirt::{self, Planted, Spot, draft::Draft},
    sheet::Format,
    world::World,
};

/// Takes the rows of a table that is written whole, and hands them on with defects.
pub(crate) struct Soiled<'a> {
    world: &'a World,
    format: Format,
    table: &'static str,
    columns: Columns,
    cells: &'a mut dyn Cells,
    row: Draft,
    taken: u32,
    sent: u64,
    planted: Vec<Planted>,
}

impl<'a> Soiled<'a> {
    pub fn new(
        world: &'a World,
        format: Format,
        (table, columns): (&'static str, Columns),
        cells: &'a mut dyn Cells,
    ) -> Soiled<'a> {
        let row = Draft::new(columns);
        Soiled { world, format, table, columns, cells, row, taken: 0, sent: 0, planted: Vec::new() }
    }

    /// How many rows were handed on, and the defects in them.
    pub fn finish(self) -> (u64, Vec<Planted>) {
        (self.sent, self.planted)
    }
}

impl Cells for Soiled<'_> {
    fn person(&mut self, number: u32) {
        self.row.person(number);
    }

    fn text(&mut self, value: &str) {
        Cells::text(&mut self.row, value);
    }

    fn day(&mut self, value: Option<Day>) {
        Cells::day(&mut self.row, value);
    }

    fn moment(&mut self, value: Option<Instant>) {
        Cells::moment(&mut self.row, value);
    }

    fn flag(&mut self, value: Option<bool>) {
        self.row.flag(value);
    }

    fn whole(&mut self, value: Option<i32>) {
        self.row.whole(value);
    }

    fn decimal(&mut self, value: Option<f64>) {
        self.row.decimal(value);
    }

    fn list(&mut self, values: &[&str]) {
        Cells::list(&mut self.row, values);
    }

    fn end_row(&mut self) -> io::Result<()> {
        let row = std::mem::replace(&mut self.row, Draft::new(self.columns));
        let spot = Spot { table: self.table, person: 0, group: 0, row: self.taken };
        self.taken += 1;
        match dirt::instead(self.world, self.format, spot, || row.clone()) {
            Some(dirty) => dirt::write(&dirty, &mut self.sent, &mut self.planted, self.cells),
            None => {
                self.sent += 1;
                row.write(self.cells)
            }
        }
    }
}
