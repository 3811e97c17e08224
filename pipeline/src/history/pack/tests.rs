//! Columns packed and unpacked.

use arrow::{array::UInt32Array, compute::take};
use proptest::prelude::*;

use super::*;

fn round_trip(column: ArrayRef) -> usize {
    let mut bytes = Vec::new();
    pack(&column, &mut bytes);
    assert_eq!(&unpack(column.data_type(), column.len(), &bytes).unwrap(), &column);
    // A part of a column has the bytes of one that was made of the same cells.
    let (from, rows) = (column.len() / 3, column.len() / 2);
    let places = UInt32Array::from_iter_values((from as u32..).take(rows));
    let [cut, made] = [column.slice(from, rows), take(&column, &places, None).unwrap()].map(|column| {
        let mut bytes = Vec::new();
        pack(&column, &mut bytes);
        bytes
    });
    assert_eq!(cut, made);
    // Whatever is cut off, the rest is no column of so many rows.
    if column.len() > column.null_count() {
        assert!(unpack(column.data_type(), column.len(), &bytes[..bytes.len() - 1]).is_none());
    }
    bytes.len()
}

#[test]
fn numbers_take_the_bits_that_their_neighbours_need() {
    let days: Vec<i32> = (0..256).map(|n| 20_000 + n * 37 % 128).collect();
    // How cells are filled, how numbers are packed, the smallest; then per group a width and 128 times 7 bits.
    assert_eq!(round_trip(Arc::new(PrimitiveArray::<Date32Type>::from(days))), 1 + 1 + 8 + 2 * (1 + 128 * 7 / 8));
    // Persons one after another differ by one or not at all: 2 bits.
    let persons: Vec<u32> = (0..256).map(|n| n / 3).collect();
    assert_eq!(round_trip(Arc::new(PrimitiveArray::<UInt32Type>::from(persons))), 1 + 1 + 8 + 2 * (1 + 32));
    assert_eq!(round_trip(Arc::new(PrimitiveArray::<UInt32Type>::from(vec![7; 128]))), 1 + 1 + 8 + 1);
    assert_eq!(round_trip(arrow::array::new_null_array(&DataType::Date32, 1000)), 1);
}

/// A column of runs, which `round_trip` packs and unpacks as a whole and in part.
fn of_runs<T: ArrowPrimitiveType>(runs: &[(Option<T::Native>, usize)]) -> usize {
    let cells = runs.iter().flat_map(|(cell, n_rows)| std::iter::repeat_n(*cell, *n_rows));
    round_trip(Arc::new(cells.collect::<PrimitiveArray<T>>()))
}

#[test]
fn numbers_that_stand_in_many_rows_take_few_bytes_whatever_they_are_of() {
    let n_rows = 8 * 300;
    let filled = |number: i64| Some(1000 - number);
    let whole: Vec<_> = (0..300).map(|run| (filled(run), 8)).collect();
    assert!(of_runs::<Int64Type>(&whole) < n_rows / 4);
    let days: Vec<_> = whole.iter().map(|(cell, rows)| (cell.map(|day| day as i32 - 1000), *rows)).collect();
    assert!(of_runs::<Date32Type>(&days) < n_rows / 4);
    // Empty cells count as the smallest number, and say besides which they are.
    let some: Vec<_> = (0..300).map(|run| (filled(run).filter(|_| run % 3 > 0), 8)).collect();
    assert!(of_runs::<TimestampSecondType>(&some) < n_rows / 4 + n_rows / 8);
}

proptest! {
    #[test]
    fn runs_of_any_numbers_are_unpacked(
        runs in prop::collection::vec((any::<Option<u32>>(), 1..40_usize), 100..200),
        narrow in 0..31_u32,
    ) {
        let narrowed: Vec<_> = runs.iter().map(|(cell, rows)| (cell.map(|cell| cell >> narrow), *rows)).collect();
        of_runs::<UInt32Type>(&narrowed);
        let days: Vec<_> = narrowed.iter().map(|(cell, rows)| (cell.map(u32::cast_signed), *rows)).collect();
        of_runs::<Date32Type>(&days);
    }

    #[test]
    fn what_is_packed_is_unpacked(
        cells in prop::collection::vec(any::<Option<(u32, i64, f64, bool, String)>>(), 0..300),
        narrow in 0..31_u32,
    ) {
        let primitive = |cells: Vec<Option<u32>>| Arc::new(PrimitiveArray::<UInt32Type>::from(cells)) as ArrayRef;
        round_trip(primitive(cells.iter().map(|cell| cell.as_ref().map(|cell| cell.0)).collect()));
        round_trip(primitive(cells.iter().map(|cell| cell.as_ref().map(|cell| cell.0 >> narrow)).collect()));
        let days: PrimitiveArray<Date32Type> =
            cells.iter().map(|cell| cell.as_ref().map(|cell| cell.0.cast_signed() >> narrow)).collect();
        round_trip(Arc::new(days));
        let seconds: PrimitiveArray<TimestampSecondType> =
            cells.iter().map(|cell| cell.as_ref().map(|cell| cell.1 >> narrow)).collect();
        round_trip(Arc::new(seconds));
        let whole: PrimitiveArray<Int64Type> = cells.iter().map(|cell| cell.as_ref().map(|cell| cell.1)).collect();
        round_trip(Arc::new(whole));
        let keys: PrimitiveArray<UInt64Type> =
            cells.iter().map(|cell| cell.as_ref().map(|cell| cell.1.cast_unsigned())).collect();
        round_trip(Arc::new(keys));
        let decimals: PrimitiveArray<Float64Type> =
            cells.iter().map(|cell| cell.as_ref().map(|cell| cell.2)).collect();
        round_trip(Arc::new(decimals));
        let flags: BooleanArray = cells.iter().map(|cell| cell.as_ref().map(|cell| cell.3)).collect();
        round_trip(Arc::new(flags));
        let texts: StringArray = cells.iter().map(|cell| cell.as_ref().map(|cell| cell.4.as_str())).collect();
        round_trip(Arc::new(texts));
    }
}
