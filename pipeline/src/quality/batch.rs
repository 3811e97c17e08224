//! The typed columns of a batch, by name.

use arrow::array::{ArrayRef, AsArray, StringArray, TypedDictionaryArray};
use arrow::datatypes::Int32Type;
use earlycall_schemas::table::{ColumnSpec, TableSpec};

/// The columns of a table that are read, of some of its rows.
pub(super) struct Batch<'a> {
    pub table: &'static TableSpec,
    pub specs: &'a [&'static ColumnSpec],
    pub columns: &'a [ArrayRef],
}

impl<'a> Batch<'a> {
    pub fn column(&self, name: &str) -> Option<&'a ArrayRef> {
        self.specs.iter().position(|spec| spec.name == name).map(|at| &self.columns[at])
    }

    pub fn coded(&self, name: &str) -> Option<TypedDictionaryArray<'a, Int32Type, StringArray>> {
        self.column(name)?.as_dictionary::<Int32Type>().downcast_dict()
    }
}
