//! What a segment knows of its days: how late they are, and by how much later than others.

use arrow::{
    array::{Array, ArrayRef, AsArray},
    compute::max,
    datatypes::{DataType, Date32Type, TimestampSecondType},
};

use crate::history::known_from::london_days;

/// By how many days those of a column are later than those of another, where it is the same for every row and none is empty.
pub fn later_than(events: &ArrayRef, days: &ArrayRef) -> Option<i32> {
    let all_of =
        |column: &ArrayRef| column.as_primitive_opt::<Date32Type>().filter(|all| all.null_count() == 0).cloned();
    let (events, days) = (all_of(events)?, all_of(days)?);
    let by = days.values().first()?.wrapping_sub(*events.values().first()?);
    let mut chunks = events.values().chunks(64).zip(days.values().chunks(64));
    // So many at once, for the processor compares them together.
    let differ = |(event, day): (&i32, &i32)| day.wrapping_sub(*event) ^ by;
    let is_alike =
        |(events, days): (&[i32], &[i32])| events.iter().zip(days).map(differ).fold(0, |all, one| all | one) == 0;
    chunks.all(is_alike).then_some(by)
}

/// Of a column of days or moments, the largest.
pub fn largest(column: &ArrayRef) -> Option<i64> {
    match column.data_type() {
        DataType::Date32 => max(column.as_primitive::<Date32Type>()).map(i64::from),
        DataType::Timestamp(_, _) => max(column.as_primitive::<TimestampSecondType>()),
        _ => None,
    }
}

/// The least number of days from a row's event until it counts.
pub fn soonest(event: &ArrayRef, known_from: &ArrayRef) -> Option<i32> {
    let happened = london_days(event);
    let known_from = known_from.as_primitive::<Date32Type>().values();
    match happened.null_count() {
        // Days of the contract lie near enough: without asking each time, many are looked at at once.
        0 => happened.values().iter().zip(known_from).map(|(happened, known)| known.wrapping_sub(*happened)).min(),
        _ => happened.iter().zip(known_from).filter_map(|(happened, known)| Some(known - happened?)).min(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Date32Array, Int32Array};

    use super::*;

    #[test]
    fn days_are_later_than_others_by_as_many_in_every_row_or_by_none_that_could_be_told() {
        let days = |days: Vec<Option<i32>>| Arc::new(Date32Array::from(days)) as ArrayRef;
        let all = |from: i32| days((0..200).map(|row| Some(from + 7 * row)).collect());
        assert_eq!(later_than(&all(10), &all(13)), Some(3));
        assert_eq!(later_than(&all(10), &all(9)), Some(-1));
        // One row that is known later than the others, behind many that are not.
        let but_one = days((0..200).map(|row| Some(13 + 7 * row + i32::from(row == 150))).collect());
        assert_eq!(later_than(&all(10), &but_one), None);
        assert_eq!(later_than(&days(vec![Some(1), None]), &days(vec![Some(2), Some(3)])), None);
        assert_eq!(later_than(&days(vec![]), &days(vec![])), None);
        assert_eq!(later_than(&days(vec![Some(1)]), &(Arc::new(Int32Array::from(vec![2])) as ArrayRef)), None);
    }
}
