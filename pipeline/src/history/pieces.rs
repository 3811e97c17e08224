//! Columns put together from pieces of others, without a look at what lies between.

use std::{ops::Range, sync::Arc};

use arrow::{
    array::{
        Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanBufferBuilder, PrimitiveArray, downcast_primitive,
        new_empty_array,
    },
    buffer::NullBuffer,
    compute::concat,
    datatypes::DataType,
};

/// A column of a type, made of ranges of columns of that type, one after another. What a bucket gets of a delivery lies in
/// thousands of pieces of a few rows.
///
/// # Example
/// ```
/// # use std::sync::Arc;
/// use arrow::{array::{ArrayRef, Int32Array}, datatypes::DataType};
/// use earlycall::history::pieces::joined;
/// let columns: [ArrayRef; 2] = [Arc::new(Int32Array::from(vec![1, 2, 3])), Arc::new(Int32Array::from(vec![None, Some(5)]))];
/// let pieces = [(&columns[0], 1..3), (&columns[1], 0..1)];
/// let expected: ArrayRef = Arc::new(Int32Array::from(vec![Some(2), Some(3), None]));
/// assert_eq!(&joined(&DataType::Int32, &pieces), &expected);
/// ```
pub fn joined(kind: &DataType, pieces: &[(&ArrayRef, Range<usize>)]) -> ArrayRef {
    macro_rules! primitive {
        ($kind:ty) => {
            numbers::<$kind>(kind, pieces)
        };
    }
    downcast_primitive! {
        kind => (primitive),
        _ if pieces.is_empty() => new_empty_array(kind),
        _ => {
            let slices: Vec<ArrayRef> = pieces.iter().map(|(column, rows)| column.slice(rows.start, rows.len())).collect();
            let slices: Vec<&dyn Array> = slices.iter().map(AsRef::as_ref).collect();
            concat(&slices).expect("all are of one type")
        }
    }
}

fn numbers<T: ArrowPrimitiveType>(kind: &DataType, pieces: &[(&ArrayRef, Range<usize>)]) -> ArrayRef {
    let n_rows = pieces.iter().map(|(_, rows)| rows.len()).sum();
    let mut values: Vec<T::Native> = Vec::with_capacity(n_rows);
    for (column, rows) in pieces {
        values.extend_from_slice(&column.as_primitive::<T>().values()[rows.clone()]);
    }
    let have_nulls = pieces.iter().any(|(column, _)| column.null_count() > 0);
    let nulls = have_nulls.then(|| {
        let mut filled = BooleanBufferBuilder::new(n_rows);
        for (column, rows) in pieces {
            match column.nulls() {
                Some(of_column) => {
                    let first = of_column.offset() + rows.start;
                    filled.append_packed_range(first..first + rows.len(), of_column.validity());
                }
                None => filled.append_n(rows.len(), true),
            }
        }
        NullBuffer::new(filled.finish())
    });
    Arc::new(PrimitiveArray::<T>::new(values.into(), nulls).with_data_type(kind.clone()))
}
