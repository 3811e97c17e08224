//! Codes of a supplier become ours: each distinct one is looked up once, not each row.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, DictionaryArray, StringArray};
use earlycall_schemas::table::TableSpec;

use crate::extract::columns::read_columns;
use crate::extract::mapping::{Mapping, UNREADABLE};
use crate::extract::raw::{Cells, RawBatch};

/// For some of the columns that are read, our codes by the supplier's.
pub(super) struct Translation(Vec<(usize, BTreeMap<String, String>)>);

impl Translation {
    /// What a mapping says of the codes of a table, if it says anything.
    pub fn of(table: &'static TableSpec, mapping: &Mapping) -> Option<Translation> {
        let codes = |(at, name): (usize, &str)| Some((at, mapping.codes().get(name)?.clone()));
        let columns: Vec<_> =
            read_columns(table).map(|spec| spec.name.as_str()).enumerate().filter_map(codes).collect();
        (!columns.is_empty()).then_some(Translation(columns))
    }

    /// Translates a batch. A code that is not in the mapping becomes one that breaks the rule of its column.
    pub fn translate(&self, mut batch: RawBatch) -> RawBatch {
        for (at, codes) in &self.0 {
            let ours = |code: &str| codes.get(code).map_or(UNREADABLE, String::as_str).to_owned();
            let cells = &mut batch.columns[*at];
            match cells {
                Cells::Coded(coded) => {
                    let theirs: &StringArray = coded.values().as_any().downcast_ref().expect("the values are text");
                    // An empty value is the same as none.
                    let values: StringArray =
                        theirs.iter().map(|code| code.filter(|code| !code.is_empty()).map(ours)).collect();
                    *cells = Cells::Coded(DictionaryArray::new(coded.keys().clone(), Arc::new(values)));
                }
                Cells::Text(texts) => *cells = translated(texts.iter(), ours),
                _ => {}
            }
        }
        batch
    }
}

fn translated<'a>(texts: impl Iterator<Item = Option<&'a str>>, ours: impl Fn(&str) -> String) -> Cells {
    let filled = |text: Option<&'a str>| text.filter(|text| !text.is_empty());
    Cells::Text(texts.map(|text| filled(text).map(&ours).filter(|code| !code.is_empty())).collect())
}
