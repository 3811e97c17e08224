//! A segment once more, without some of its rows.

use std::{fs, sync::Arc};

use arrow::{
    array::{ArrayRef, AsArray, Date32Array, RecordBatch, UInt32Array, UInt64Array},
    datatypes::{DataType, Date32Type, Field, Schema, SchemaRef, UInt32Type},
};

use crate::{
    day::Day,
    history::{
        bucket::BUCKETS,
        layout::{KEY, KNOWN_FROM, PERSON},
        segment::{Segment, SegmentWriter, path_of},
        words::Words,
    },
    meaning::embedded,
    store::{Store, disk::FileSystem, staged::Staged},
};

fn schema() -> SchemaRef {
    let field = |name, of| Field::new(name, of, true);
    Arc::new(Schema::new(vec![
        field(PERSON, DataType::UInt32),
        field(KEY, DataType::UInt64),
        field("code", DataType::UInt32),
        field("day", DataType::Date32),
        field(KNOWN_FROM, DataType::Date32),
    ]))
}

/// Rows as person, code and day; each counts from the day after.
fn rows(of: &[(u32, u32, i32)]) -> RecordBatch {
    let days = |more: i32| Arc::new(Date32Array::from_iter_values(of.iter().map(|row| row.2 + more)));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(of.iter().map(|row| row.0).collect::<UInt32Array>()),
        Arc::new((0..of.len() as u64).collect::<UInt64Array>()),
        Arc::new(of.iter().map(|row| row.1).collect::<UInt32Array>()),
        days(0),
        days(1),
    ];
    RecordBatch::try_new(schema(), columns).unwrap()
}

const CODES: [&str; 4] = ["everybody's", "hers alone", "of both", "never said"];

/// Bucket 3: person 0 twice and person 1; bucket 9: person 0.
fn written(staged: &Staged, words: &mut Words) -> Segment {
    staged.create_folder("t").unwrap();
    let mut file = SegmentWriter::create(staged, &path_of("t", 1), &schema(), Some("day"), 7).unwrap();
    let lexicon = CODES.map(str::to_owned);
    file.append(3, &rows(&[(0, 0, 10), (0, 1, 40), (1, 2, 30)]), &lexicon).unwrap();
    file.append(9, &rows(&[(0, 2, 20)]), &lexicon).unwrap();
    let buckets = file.finish().unwrap();
    Segment::open(staged.path().join(path_of("t", 1)), 1, schema(), &buckets, words).unwrap()
}

/// A bucket's rows as person, code and day.
fn said(segment: &Segment, bucket: usize, words: &Words) -> Vec<(u32, String, i32)> {
    let rows = segment.read(bucket, &[PERSON, "code", "day"], None).unwrap();
    let numbers = |at: usize| rows.column(at).as_primitive::<UInt32Type>();
    let days = rows.column(2).as_primitive::<Date32Type>();
    let said = |row| (numbers(0).value(row), words.texts()[numbers(1).value(row) as usize].clone(), days.value(row));
    (0..rows.num_rows()).map(said).collect()
}

/// Writes the segment without some rows of buckets 3 and 9, over itself, and looks at what is there then.
fn without(of_3: &[u32], of_9: &[u32], check: impl Fn(Vec<u8>, Option<(Segment, Words, Vec<u8>)>)) {
    let place = tempfile::tempdir().unwrap();
    let store = Store::open(&FileSystem, &place.path().join("out"), &place.path().join("state")).unwrap();
    let staged = store.stage_history().unwrap();
    let segment = written(&staged, &mut Words::under(embedded()));
    let mut gone = vec![Vec::new(); BUCKETS];
    (gone[3], gone[9]) = (of_3.to_vec(), of_9.to_vec());
    let buckets = segment.write_without(&gone, &path_of("t", 1), Some("day"), &staged).unwrap();
    let path = staged.path().join(path_of("t", 1));
    let left = fs::read(&path).ok().map(|bytes| {
        let mut words = Words::under(embedded());
        (Segment::open(path, 1, schema(), &buckets, &mut words).unwrap(), words, bytes)
    });
    check(buckets, left);
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn who_goes_takes_the_words_along_that_nobody_else_says() {
    without(&[0, 1], &[], |buckets, left| {
        let (segment, words, bytes) = left.unwrap();
        assert_eq!(buckets, [3, 9]);
        assert_eq!(said(&segment, 3, &words), [(1, "of both".to_owned(), 30)]);
        assert_eq!(said(&segment, 9, &words), [(0, "of both".to_owned(), 20)]);
        assert!(holds(&bytes, "of both") && !holds(&bytes, "hers alone") && !holds(&bytes, "everybody's"));
        // What a bucket says of itself is of the rows that are left.
        assert_eq!((segment.rows(), segment.largest(3, "day"), segment.largest(9, "day")), (2, Some(30), Some(20)));
        assert_eq!((segment.delivery(), segment.soonest(3), segment.soonest(9)), (7, Some(1), Some(1)));
        assert!(segment.is_known(3, Day(31)) && !segment.is_known(3, Day(30)) && !segment.is_known(4, Day(31)));
    });
}

#[test]
fn a_word_that_another_bucket_says_stays() {
    without(&[2], &[], |_, left| {
        let (segment, words, bytes) = left.unwrap();
        assert_eq!(said(&segment, 3, &words), [(0, "everybody's".to_owned(), 10), (0, "hers alone".to_owned(), 40)]);
        assert_eq!(said(&segment, 9, &words), [(0, "of both".to_owned(), 20)]);
        assert!(holds(&bytes, "of both"));
    });
}

#[test]
fn a_bucket_without_rows_is_not_there_and_a_segment_without_buckets_neither() {
    without(&[], &[0], |buckets, left| {
        let (segment, words, bytes) = left.unwrap();
        assert_eq!((buckets, said(&segment, 3, &words).len(), segment.rows_of(9)), (vec![3], 3, 0));
        assert!(holds(&bytes, "of both"), "person 1 says it");
    });
    without(&[0, 1, 2], &[0], |buckets, left| {
        assert_eq!(buckets, Vec::<u8>::new());
        assert!(left.is_none());
    });
}

/// A bucket's days and from when its rows count, read together; and the latter read alone.
fn known_from(segment: &Segment, bucket: usize, selected: Option<&[u32]>) -> (Vec<(i32, i32)>, Vec<i32>) {
    let of = |rows: &RecordBatch, at: usize| rows.column(at).as_primitive::<Date32Type>().values().to_vec();
    let both = segment.read(bucket, &["day", KNOWN_FROM], selected).unwrap();
    let alone = segment.read(bucket, &[KNOWN_FROM], selected).unwrap();
    (of(&both, 0).into_iter().zip(of(&both, 1)).collect(), of(&alone, 0))
}

#[test]
fn rows_that_count_as_many_days_after_their_event_say_it_once() {
    without(&[1], &[], |_, left| {
        let (segment, _, bytes) = left.unwrap();
        // Bucket 3 was written anew, and bucket 9 was taken over as it lay.
        assert_eq!(known_from(&segment, 3, None), (vec![(10, 11), (30, 31)], vec![11, 31]));
        assert_eq!(known_from(&segment, 3, Some(&[1])), (vec![(30, 31)], vec![31]));
        assert_eq!(known_from(&segment, 9, None), (vec![(20, 21)], vec![21]));
        // In both, the footer has the days and from when rows count in one place.
        let footer = String::from_utf8_lossy(&bytes);
        let places: Vec<&str> =
            footer.split(r#""offset":"#).skip(1).filter_map(|block| block.split(',').next()).collect();
        let [of_3, of_9] = [&places[..5], &places[5..]];
        assert_eq!((of_3[3] == of_3[4], of_9[3] == of_9[4], of_9[2] == of_9[3]), (true, true, false));
    });
}
