//! Each row's primary key as a number.

use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch, UInt64Array, new_null_array},
    datatypes::{
        ArrowPrimitiveType, DataType, Date32Type, Float64Type, Int32Type, Int64Type, TimestampSecondType, UInt64Type,
    },
};
use earlycall_schemas::table::{Otherwise, TableSpec};
use twox_hash::XxHash3_64;

use crate::extract::ids::numbers;

/// Each row's primary key as a number: a hash of the supplier and the key's cells; where the last of them is text, a hash of
/// its beginning and the number at its end are added to that of what stands before it, so that rows that were numbered one
/// after another have keys near each other.
///
/// Two of n rows of a supplier are taken for one with a probability of at most n²/2⁶⁵: for a trust's ten million rows, one
/// in 400,000. Two that differ in nothing but that number never are.
pub fn keys(table: &TableSpec, rows: &RecordBatch, supplier: &str) -> UInt64Array {
    let seed = XxHash3_64::oneshot(supplier.as_bytes());
    if let [id] = &table.key[..]
        && let Some(numbers) = rows.column_by_name(id).and_then(|ids| ids.as_primitive_opt::<UInt64Type>())
    {
        return numbers.unary(|number| seed.wrapping_add(number));
    }
    let mut hashes = vec![seed; rows.num_rows()];
    let columns = table.key.iter().map(|name| rows.column_by_name(name).expect("a key is a column that is read"));
    for (column, place) in columns.zip(1..) {
        match column.data_type() {
            DataType::UInt64 | DataType::Utf8 if place == table.key.len() => add_ids(&mut hashes, column),
            _ => add(&mut hashes, column),
        }
    }
    hashes.into()
}

/// The keys that rows would have had if those cells of their key could not have been read that cost no row (`otherwise`);
/// none of a table whose key has no such cell.
pub fn keys_when_unread(table: &TableSpec, rows: &RecordBatch, supplier: &str) -> Option<UInt64Array> {
    let costs_no_row =
        |name: &String| table.column(name).is_some_and(|spec| spec.otherwise == Some(Otherwise::Nothing));
    let names: Vec<&String> = table.key.iter().filter(|name| costs_no_row(name)).collect();
    let unread = names.iter().fold(rows.clone(), |rows, name| {
        let at = rows.schema().index_of(name).expect("a key is a column that is read");
        let mut columns = rows.columns().to_vec();
        columns[at] = new_null_array(columns[at].data_type(), rows.num_rows());
        RecordBatch::try_new(rows.schema(), columns).expect("an empty cell is of every type")
    });
    (!names.is_empty()).then(|| keys(table, &unread, supplier))
}

/// Adds the numbers of ids, which are given or read from their text, to the hashes of their rows.
fn add_ids(hashes: &mut [u64], ids: &ArrayRef) {
    let numbers = match ids.as_string_opt::<i32>() {
        Some(texts) => numbers(texts),
        None => ids.as_primitive::<UInt64Type>().clone(),
    };
    hashes.iter_mut().zip(numbers.values()).for_each(|(hash, number)| *hash = hash.wrapping_add(*number));
}

/// Adds the cells of a column to the hashes of their rows.
fn add(hashes: &mut [u64], column: &ArrayRef) {
    match column.data_type() {
        DataType::Utf8 => {
            let text = column.as_string::<i32>();
            for (row, hash) in hashes.iter_mut().enumerate() {
                *hash = XxHash3_64::oneshot_with_seed(*hash, text.value(row).as_bytes());
            }
        }
        DataType::Dictionary(_, _) => {
            let coded = column.as_dictionary::<Int32Type>();
            let values = coded.values().as_string::<i32>();
            // Of a cell that was emptied for what it broke, and whose row stays.
            let text = |at: Option<i32>| at.map_or("", |at| values.value(at as usize));
            for (hash, at) in hashes.iter_mut().zip(coded.keys()) {
                *hash = XxHash3_64::oneshot_with_seed(*hash, text(at).as_bytes());
            }
        }
        DataType::Date32 => add_numbers::<Date32Type>(hashes, column, i64::from),
        DataType::Timestamp(_, _) => add_numbers::<TimestampSecondType>(hashes, column, |second| second),
        DataType::Int64 => add_numbers::<Int64Type>(hashes, column, |number| number),
        DataType::Float64 => add_numbers::<Float64Type>(hashes, column, |number| number.to_bits() as i64),
        other => unreachable!("no table has a key of type {other}"),
    }
}

fn add_numbers<T: ArrowPrimitiveType>(hashes: &mut [u64], column: &ArrayRef, number: impl Fn(T::Native) -> i64) {
    for (hash, value) in hashes.iter_mut().zip(column.as_primitive::<T>().values()) {
        *hash = XxHash3_64::oneshot_with_seed(*hash, &number(*value).to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{DictionaryArray, StringArray};
    use earlycall_schemas::table::table;
    use proptest::prelude::*;

    use super::*;

    /// Attendances with these providers and ids.
    fn attendances(rows: &[(&str, &str)]) -> RecordBatch {
        let providers: DictionaryArray<Int32Type> = rows.iter().map(|(provider, _)| *provider).collect();
        let ids: StringArray = rows.iter().map(|(_, id)| Some(*id)).collect();
        let columns: [(&str, ArrayRef); 2] = [("provider_code", Arc::new(providers)), ("attendance_id", Arc::new(ids))];
        RecordBatch::try_from_iter(columns).unwrap()
    }

    fn of(rows: &RecordBatch) -> Vec<u64> {
        keys(table("ed_attendances").unwrap(), rows, "R1H").values().to_vec()
    }

    #[test]
    fn ids_that_go_on_counting_have_keys_that_do_and_of_another_provider_or_beginning_they_lie_elsewhere() {
        let found =
            of(&attendances(&[("R1H", "a-7"), ("R1H", "a-8"), ("RF4", "a-9"), ("R1H", "b-9"), ("R1H", "a-09")]));
        assert_eq!(found[1], found[0].wrapping_add(1));
        assert_eq!(found[4], found[0].wrapping_add(12));
        for other in [found[2], found[3]] {
            assert!(other.abs_diff(found[0]) > 1 << 32);
        }
        let rows = attendances(&[("R1H", "a-7")]);
        assert_ne!(of(&rows), keys(table("ed_attendances").unwrap(), &rows, "RF4").values().to_vec());
    }

    #[test]
    fn ids_have_the_same_keys_as_numbers_and_as_text_and_those_of_another_supplier_have_others() {
        let events = table("gp_events").unwrap();
        let rows = |ids: ArrayRef| RecordBatch::try_from_iter([("event_id", ids)]).unwrap();
        let texts = StringArray::from(vec!["B-7", "B-8", "a7f3"]);
        let of = |ids: ArrayRef, supplier: &str| keys(events, &rows(ids), supplier).values().to_vec();
        let of_texts = of(Arc::new(texts.clone()), "A-");
        assert_eq!(of(Arc::new(numbers(&texts)), "A-"), of_texts);
        assert_eq!(of_texts[1], of_texts[0].wrapping_add(1));
        // Also where the names of suppliers look like beginnings of ids.
        assert_ne!(of(Arc::new(StringArray::from(vec!["A-7"])), "B-")[0], of_texts[0]);
        assert_ne!(of(Arc::new(texts), "C-")[0], of_texts[0]);
    }

    proptest! {
        #[test]
        fn a_row_has_the_key_that_it_has_alone_whatever_comes_before_it(
            rows in prop::collection::vec(("R1H|RF4", "(|abc|abcd|abce|abcdefgh|abcdefgi|abcdefghi)[0-9]{0,3}"), 1..20),
            skipped in 0..3_usize,
        ) {
            let rows: Vec<(&str, &str)> = rows.iter().map(|(provider, id)| (provider.as_str(), id.as_str())).collect();
            let alone: Vec<u64> = rows.iter().flat_map(|row| of(&attendances(&[*row]))).collect();
            let skipped = skipped.min(rows.len());
            let all = attendances(&rows).slice(skipped, rows.len() - skipped);
            prop_assert_eq!(of(&all), &alone[skipped..]);
        }
    }
}
