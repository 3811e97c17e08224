//! Columns of keys and codes, of which few values serve many rows: each value is checked once, never each row.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::BuildHasherDefault;
use std::sync::Arc;

use arrow::array::{Array, ArrayBuilder, DictionaryArray, Int32Array, StringArray, StringBuilder};
use arrow::datatypes::Int32Type;
use earlycall_schemas::codelists::import::Dialect;
use earlycall_schemas::rules::{Action, form_rule};
use earlycall_schemas::table::{ColumnSpec, DType, Presence};

use crate::extract::codes::{is_normal, normal_form};
use crate::history::person_map::RandomAlready;
use crate::quality::faults::Faults;
use crate::quality::hashes;
use crate::quality::memo::Memo;

/// What is known of the values of a column's latest dictionary, and of those before.
#[derive(Default)]
pub(super) struct CodedColumn {
    forms: Memo<Forms>,
    /// Cells that should be SNOMED CT and are not, by what they look like.
    pub dialects: BTreeMap<Dialect, u64>,
}

/// The values of a dictionary in their normal forms.
enum Forms {
    /// Every value is as it should be.
    Fine(Distinct),
    /// Values that are distinct and not null; and per value as it was sent, where it stands now.
    Moved(Arc<StringArray>, Vec<Form>),
}

/// Hashes of values that are distinct, as far as these can tell.
type Distinct = HashSet<u64, BuildHasherDefault<RandomAlready>>;

#[derive(Clone, Copy)]
enum Form {
    Normal(i32),
    Empty,
    /// Breaks the rule of the column's form, and stands there if the rule keeps it all the same.
    Broken(i32),
}

impl CodedColumn {
    /// Reads the cells of a batch.
    ///
    /// # Errors
    /// The first row, counted from 0, whose person id is no person id: that refuses the file (V04).
    pub fn read(
        &mut self,
        spec: &'static ColumnSpec,
        cells: &DictionaryArray<Int32Type>,
        faults: &mut Faults,
    ) -> Result<DictionaryArray<Int32Type>, usize> {
        let sent: &StringArray = cells.values().as_any().downcast_ref().expect("the values are text");
        let forms = self.forms.of(sent, |latest, from| Forms::of(spec, sent, latest, from));
        if let Forms::Moved(_, moved) = forms
            && spec.dtype == DType::Snomed
        {
            for key in cells.keys().iter().flatten().map(|key| key as usize) {
                if matches!(moved[key], Form::Broken(_)) {
                    *self.dialects.entry(Dialect::of(sent.value(key))).or_default() += 1;
                }
            }
        }
        match forms {
            Forms::Fine(_) => {
                if spec.presence == Presence::M && cells.null_count() > 0 {
                    (0..cells.len())
                        .filter(|&row| cells.is_null(row))
                        .for_each(|row| _ = faults.breach(row, spec, "NULL"));
                }
                Ok(cells.clone())
            }
            Forms::Moved(values, forms) => {
                Ok(DictionaryArray::new(moved(spec, cells.keys(), forms, faults)?, values.clone()))
            }
        }
    }
}

fn moved(
    spec: &'static ColumnSpec,
    keys: &Int32Array,
    forms: &[Form],
    faults: &mut Faults,
) -> Result<Int32Array, usize> {
    let mut kept = Vec::with_capacity(keys.len());
    for (row, key) in keys.iter().enumerate() {
        let form = key.map_or(Form::Empty, |key| forms[key as usize]);
        let key = match form {
            Form::Normal(key) => Some(key),
            Form::Empty => None,
            Form::Broken(key) => match faults.breach(row, spec, &form_rule(spec).id) {
                Action::Run | Action::File => return Err(row),
                Action::Row | Action::Fix => None,
                Action::Warn => Some(key),
            },
        };
        // Where a cell costs no row, what it broke is told once.
        let is_told = spec.otherwise.is_some() && matches!(form, Form::Broken(_));
        if key.is_none() && spec.presence == Presence::M && !is_told {
            faults.breach(row, spec, "NULL");
        }
        kept.push(key);
    }
    Ok(Int32Array::from(kept))
}

impl Forms {
    /// The forms of these values, given those of the first ones.
    fn of(spec: &'static ColumnSpec, sent: &StringArray, of_first: Option<Forms>, n_first: usize) -> Forms {
        let (distinct, n_fine) = match of_first {
            Some(Forms::Fine(distinct)) => (distinct, n_first),
            _ => Default::default(),
        };
        match with_fine(distinct, spec, &sent.slice(n_fine, sent.len() - n_fine)) {
            Some(distinct) => Forms::Fine(distinct),
            None => Forms::moved(spec, sent),
        }
    }

    fn moved(spec: &'static ColumnSpec, sent: &StringArray) -> Forms {
        let keeps_broken = form_rule(spec).action_in(spec.presence) == Action::Warn;
        let mut positions: HashMap<Cow<str>, i32> = HashMap::new();
        let mut values = StringBuilder::new();
        let mut position = |text: Cow<str>| match positions.get(&text) {
            Some(&position) => position,
            None => {
                let next = values.len() as i32;
                values.append_value(&text);
                positions.insert(Cow::Owned(text.into_owned()), next);
                next
            }
        };
        let form = |text: Option<&str>| match text.filter(|text| !text.is_empty()) {
            None => Form::Empty,
            Some(text) => match normal_form(spec, text) {
                Some(normal) => Form::Normal(position(normal)),
                None if keeps_broken => Form::Broken(position(text.into())),
                None => Form::Broken(0),
            },
        };
        let moved = sent.iter().map(form).collect();
        Forms::Moved(Arc::new(values.finish()), moved)
    }
}

/// With more values, if all of them are there, in normal form, and unlike each other and those before.
fn with_fine(mut distinct: Distinct, spec: &ColumnSpec, sent: &StringArray) -> Option<Distinct> {
    distinct.reserve(sent.len());
    let mut is_fine = |text: &str| is_normal(spec, text) && distinct.insert(hashes::of_text(0, text.as_bytes()));
    (sent.null_count() == 0 && sent.iter().flatten().all(&mut is_fine)).then_some(distinct)
}

#[cfg(test)]
mod tests {
    use earlycall_schemas::table::table;

    use super::*;

    fn read(
        table_name: &str,
        column: &str,
        sent: &[&str],
        keys: Vec<Option<i32>>,
    ) -> (Vec<Option<String>>, usize, Faults) {
        let spec = table(table_name).unwrap().column(column).unwrap();
        let rows = keys.len();
        let cells = DictionaryArray::new(Int32Array::from(keys), Arc::new(StringArray::from(sent.to_vec())));
        let mut faults = Faults::none(rows);
        let read = CodedColumn::default().read(spec, &cells, &mut faults).unwrap();
        let typed = read.downcast_dict::<StringArray>().unwrap();
        (typed.into_iter().map(|cell| cell.map(str::to_owned)).collect(), read.values().len(), faults)
    }

    #[test]
    fn values_that_are_as_they_should_be_stay_where_they_are() {
        let (cells, values, faults) = read("deaths", "source", &["ons", "pds_formal"], vec![Some(1), Some(0), Some(1)]);
        assert_eq!(cells, ["pds_formal", "ons", "pds_formal"].map(|text| Some(text.to_owned())));
        assert_eq!((values, faults.rejected().count()), (2, 0));
    }

    #[test]
    fn values_of_one_normal_form_become_one_and_empty_ones_none() {
        let (cells, values, faults) = read(
            "deaths",
            "underlying_cause",
            &["J44.0", "", "j440", "I10"],
            vec![Some(0), Some(1), Some(2), None, Some(3)],
        );
        assert_eq!(cells, [Some("J440"), None, Some("J440"), None, Some("I10")].map(|text| text.map(str::to_owned)));
        assert_eq!((values, faults.rejected().count()), (2, 0));
    }

    #[test]
    fn what_should_be_snomed_ct_is_counted_by_what_it_looks_like() {
        let spec = table("gp_events").unwrap().column("snomed_code").unwrap();
        let sent = StringArray::from(vec!["22298006", "H33..", "Z91.81", "XE0qv", "never"]);
        let keys = Int32Array::from(vec![Some(0), Some(1), Some(1), Some(2), Some(3), None]);
        let mut column = CodedColumn::default();
        column.read(spec, &DictionaryArray::new(keys, Arc::new(sent)), &mut Faults::none(6)).unwrap();
        assert_eq!(column.dialects, BTreeMap::from([(Dialect::Icd10Cm, 1), (Dialect::Read, 3)]));
    }

    #[test]
    fn a_dictionary_that_grows_reads_as_if_it_were_new() {
        let spec = table("deaths").unwrap().column("underlying_cause").unwrap();
        let mut column = CodedColumn::default();
        for sent in [&["I10", "J440"][..], &["I10", "J440", "I48"], &["I10", "J440", "I48", "j44.0"]] {
            let keys = Int32Array::from_iter_values(0..sent.len() as i32);
            let cells = DictionaryArray::new(keys, Arc::new(StringArray::from(sent.to_vec())));
            let mut faults = Faults::none(sent.len());
            let grown = column.read(spec, &cells, &mut faults).unwrap();
            assert_eq!(grown, CodedColumn::default().read(spec, &cells, &mut faults).unwrap());
        }
    }

    #[test]
    fn a_value_that_no_row_has_breaks_nothing() {
        let (_, _, faults) = read("apc_episodes", "admission_method", &["29", "21"], vec![Some(1)]);
        assert_eq!(faults.rejected().count(), 0);
        let (_, _, faults) = read("apc_episodes", "admission_method", &["29", "21"], vec![Some(1), Some(0), None]);
        assert_eq!(
            faults.rejected().map(|(row, fault)| (row, fault.rule)).collect::<Vec<_>>(),
            [(1, "CODE"), (2, "NULL")]
        );
    }
}
