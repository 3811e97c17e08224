//! What was settled before a column was kept is read with that column empty.

use std::{fs, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, AsArray, Int32Array, RecordBatch, UInt32Array, new_null_array},
    compute::cast,
    datatypes::{DataType, Field, Schema, SchemaRef, UInt32Type},
};
use earlycall_schemas::table::table;

use crate::{
    history::{
        bucket::BUCKETS,
        layout::{PERSON, settled_schema},
        segment::{Segment, SegmentWriter, path_of},
        whole,
        words::Words,
    },
    meaning::embedded,
    store::{Store, disk::FileSystem},
};

fn schema(names: &[&str]) -> SchemaRef {
    let field = |name: &&str| Field::new(*name, DataType::UInt32, *name != PERSON);
    Arc::new(Schema::new(names.iter().map(field).collect::<Vec<_>>()))
}

#[test]
fn a_segment_from_before_a_column_was_kept_has_it_empty_and_stays_as_it_is_when_somebody_goes() {
    let place = tempfile::tempdir().unwrap();
    let store = Store::open(&FileSystem, &place.path().join("out"), &place.path().join("state")).unwrap();
    let staged = store.stage_history().unwrap();
    staged.create_folder("t").unwrap();
    let (path, then, now) = (path_of("t", 1), schema(&[PERSON, "sex"]), schema(&[PERSON, "language", "sex"]));
    let mut file = SegmentWriter::create(&staged, &path, &then, None, 1).unwrap();
    let columns: Vec<ArrayRef> = vec![Arc::new(UInt32Array::from(vec![0, 1])), Arc::new(UInt32Array::from(vec![0, 1]))];
    file.append(3, &RecordBatch::try_new(then, columns).unwrap(), &["1".to_owned(), "2".to_owned()]).unwrap();
    let buckets = file.finish().unwrap();

    let open = |words: &mut Words| Segment::open(staged.path().join(&path), 1, now.clone(), &buckets, words).unwrap();
    let said = |selected: Option<&[u32]>| {
        let mut words = Words::under(embedded());
        let rows = open(&mut words).read(3, &["sex", "language", PERSON], selected).unwrap();
        let sexes = rows.column_by_name("sex").unwrap().as_primitive::<UInt32Type>();
        let sexes: Vec<String> = sexes.values().iter().map(|word| words.texts()[*word as usize].clone()).collect();
        (sexes, rows.column_by_name("language").unwrap().null_count())
    };
    assert_eq!(said(None), (vec!["1".to_owned(), "2".to_owned()], 2));
    assert_eq!(said(Some(&[1])), (vec!["2".to_owned()], 1));

    let mut gone = vec![Vec::new(); BUCKETS];
    gone[3] = vec![0];
    open(&mut Words::under(embedded())).write_without(&gone, &path, None, &staged).unwrap();
    assert_eq!(said(None), (vec!["2".to_owned()], 1));
}

/// One row, with a number in each cell that may not be empty.
fn one_row(schema: &SchemaRef) -> RecordBatch {
    let cell = |field: &Arc<Field>| match field.is_nullable() {
        true => new_null_array(field.data_type(), 1),
        false => cast(&Int32Array::from(vec![1]), field.data_type()).expect("a number"),
    };
    RecordBatch::try_new(schema.clone(), schema.fields().iter().map(cell).collect()).unwrap()
}

#[test]
fn a_table_from_before_a_column_was_kept_has_it_empty_and_one_with_another_column_is_refused() {
    let areas = table("reference_lsoa").unwrap();
    let schema = settled_schema(areas);
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join(whole::path_of(areas));
    fs::create_dir(path.parent().unwrap()).unwrap();
    let rows = one_row(&schema);
    let before: Vec<usize> =
        (0..schema.fields().len()).filter(|at| schema.field(*at).name() != "neighbourhood").collect();
    fs::write(&path, whole::to_parquet(&rows.project(&before).unwrap())).unwrap();
    assert_eq!(whole::read(place.path(), areas).unwrap(), rows);

    let population = Arc::new(Field::new("population", DataType::Utf8, true));
    let fields: Vec<Arc<Field>> = schema.fields().iter().cloned().chain([population]).collect();
    fs::write(&path, whole::to_parquet(&one_row(&Arc::new(Schema::new(fields))))).unwrap();
    assert!(whole::read(place.path(), areas).unwrap_err().to_string().contains("is not a settled table"));
}
