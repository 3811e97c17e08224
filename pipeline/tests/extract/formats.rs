//! CSV, CSV.gz and Parquet give the same rows, whatever Arrow types a writer of Parquet chose.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::*;
use arrow::compute::{cast, concat_batches};
use arrow::datatypes::{DataType, Field, Int32Type, TimeUnit, UInt32Type, UInt64Type};
use arrow::record_batch::RecordBatch;
use earlycall::extract::Accepted;
use earlycall::quality::tally::Tally;
use parquet::file::reader::{FileReader, SerializedFileReader};
use serde_json::json;

use crate::support::{Format, Tiny, parquet, person};
use crate::{admitted, assert_refused, inspection, taken, with_persons};

/// The rows of every table of an admitted delivery, codes as plain text, with their keys and the numbers of their persons;
/// and what became of them, for cells that are checked and not kept.
fn tables(tiny: &Tiny) -> Vec<(String, Vec<RecordBatch>, Tally)> {
    let (inspection, taken) = taken(tiny, 2);
    let delivery = inspection.admit(&crate::research()).unwrap();
    let plain = |(rows, keys): (RecordBatch, &UInt64Array)| {
        let cast = |column: &ArrayRef| match column.data_type() {
            DataType::Dictionary(_, values) => cast(column, values).unwrap(),
            _ => column.clone(),
        };
        let schema = rows.schema();
        let columns =
            schema.fields().iter().zip(rows.columns()).map(|(field, column)| (field.name(), cast(column), true));
        let key = "key".to_owned();
        let columns = columns.chain([(&key, Arc::new(keys.clone()) as ArrayRef, false)]);
        RecordBatch::try_from_iter_with_nullable(columns).unwrap()
    };
    let of_table = |of: &Accepted| with_persons(of).zip(&of.keys).map(plain).collect();
    let with_tally = taken.iter().zip(delivery.tables);
    with_tally.map(|(of, admitted)| (of.table.name.clone(), of_table(of), admitted.tally)).collect()
}

#[test]
fn where_rows_are_dropped_for_others_the_rest_keep_their_persons() {
    // Two copies of the first attendance behind the last: one by its key, so that the first is dropped, one by its moment.
    let tiny = Tiny::new().copy_row("ed_attendances", 1, &[]).copy_row(
        "ed_attendances",
        1,
        &[("attendance_id", "d9"), ("arrival_at", "2025-04-10T08:20:00Z")],
    );
    let of = |tiny: &Tiny| tables(tiny).into_iter().find(|(name, ..)| name == "ed_attendances").unwrap().1.remove(0);
    let persons = |rows: &RecordBatch| {
        let ids = rows.column_by_name("key").unwrap().as_primitive::<UInt64Type>().values().to_vec();
        let persons = rows.column_by_name("person").unwrap().as_primitive::<UInt32Type>().values().to_vec();
        ids.into_iter().zip(persons).collect::<BTreeMap<u64, u32>>()
    };
    let (all, left) = (of(&Tiny::new()), of(&tiny));
    assert_eq!((all.num_rows(), left.num_rows()), (3, 3));
    assert_eq!(persons(&left), persons(&all));
    assert_ne!(left, all, "the first of them is dropped, not the second");
}

#[test]
fn all_formats_give_the_same_rows() {
    let tiny = |format| {
        let dates = Tiny::new().format(format).set("registrations", 2, "end_date", "1900-01-01");
        dates.set("gp_events", 2, "value", "6.5").set("gp_events", 2, "unit", "%").copy_row("gp_events", 1, &[])
    };
    let csv = tables(&tiny(Format::Csv));
    assert_eq!(csv.len(), 13);
    for format in [Format::CsvGz, Format::Parquet] {
        assert_eq!(tables(&tiny(format)), csv, "{format:?}");
    }
}

/// A tiny delivery whose episodes come as Parquet with some columns of other Arrow types.
fn episodes_with(changes: &[(&'static str, ArrayRef)]) -> Tiny {
    let changes = changes.to_vec();
    Tiny::new()
        .format(Format::Parquet)
        .set("apc_episodes", 1, "procedure_dates", "2025-04-11|2025-04-12")
        .set("apc_episodes", 1, "admission_time", "09:30:00")
        .bytes("apc_episodes", move |bytes| {
            let bytes = bytes_of(bytes);
            let batch = parquet::arrow::arrow_reader::ParquetRecordBatchReader::try_new(bytes, 1024)
                .unwrap()
                .next()
                .unwrap()
                .unwrap();
            let columns = batch
                .schema()
                .fields()
                .iter()
                .zip(batch.columns())
                .map(|(field, column)| {
                    let changed = changes.iter().find(|(name, _)| name == field.name());
                    (field.name().clone(), changed.map_or(column.clone(), |(_, column)| column.clone()), true)
                })
                .collect::<Vec<_>>();
            parquet(&RecordBatch::try_from_iter_with_nullable(columns).unwrap())
        })
}

fn bytes_of(bytes: Vec<u8>) -> std::fs::File {
    use std::io::{Seek, Write};
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&bytes).unwrap();
    file.rewind().unwrap();
    file
}

#[test]
fn other_arrow_types_of_the_same_meaning_are_read() {
    let expected = tables(&episodes_with(&[]));
    let days =
        |texts: [&str; 2]| cast(&(Arc::new(StringArray::from(texts.to_vec())) as ArrayRef), &DataType::Date32).unwrap();
    let moments = |unit, zone: Option<&str>, texts: [&str; 2]| {
        let seconds = cast(
            &(Arc::new(StringArray::from(texts.to_vec())) as ArrayRef),
            &DataType::Timestamp(TimeUnit::Second, None),
        )
        .unwrap();
        let in_unit = cast(&seconds, &DataType::Timestamp(unit, None)).unwrap();
        let utc = cast(&in_unit, &DataType::Int64).unwrap();
        cast(&utc, &DataType::Timestamp(unit, zone.map(Into::into))).unwrap()
    };
    let admissions = ["2025-04-10", "2026-11-18"];
    let received = ["2025-05-01T06:00:00", "2026-11-19T06:00:00"];
    let people = Arc::new(StringArray::from(vec![person(1), person(2)])) as ArrayRef;
    let list = |element: ArrayRef, ends: Vec<usize>| -> ArrayRef {
        let field = Arc::new(Field::new_list_field(element.data_type().clone(), true));
        Arc::new(ListArray::new(field, arrow::buffer::OffsetBuffer::from_lengths(ends), element, None))
    };
    let changes: Vec<(&'static str, ArrayRef)> = vec![
        ("person_id", cast(&people, &DataType::LargeUtf8).unwrap()),
        ("person_id", cast(&people, &DataType::Utf8View).unwrap()),
        ("provider_code", Arc::new(["R1H", "RF4"].into_iter().collect::<DictionaryArray<Int32Type>>())),
        ("site_code", Arc::new(StringArray::from(vec!["R1H12", ""]))),
        ("admission_date", cast(&days(admissions), &DataType::Date64).unwrap()),
        ("admission_date", moments(TimeUnit::Nanosecond, None, admissions)),
        ("received_at", moments(TimeUnit::Microsecond, Some("+00:00"), received)),
        ("received_at", moments(TimeUnit::Millisecond, Some("+05:00"), received)),
        ("episode_order", Arc::new(Int8Array::from(vec![1, 1]))),
        ("episode_order", Arc::new(UInt64Array::from(vec![1, 1]))),
        ("episode_order", Arc::new(Float64Array::from(vec![1.0, 1.0]))),
        ("diagnoses", list(Arc::new(StringArray::from(vec!["J440", "I10"])), vec![2, 0])),
        ("procedure_dates", list(days(["2025-04-11", "2025-04-12"]), vec![2, 0])),
        ("discharge_destination", Arc::new(StringArray::from(vec![Some("19"), None]))),
        ("admission_time", Arc::new(Time32SecondArray::from(vec![Some(34_200), None]))),
        ("is_deleted", Arc::new(StringArray::from(vec![Some("false"), None]))),
    ];
    for change in changes {
        let told = format!("{} as {}", change.0, change.1.data_type());
        assert_eq!(tables(&episodes_with(&[change])), expected, "{told}");
    }
    let nulls: ArrayRef = Arc::new(NullArray::new(2));
    assert!(admitted(&episodes_with(&[("site_code", nulls)])).is_ok());
}

#[test]
fn arrow_types_of_another_meaning_are_refused() {
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![21, 22]));
    for (column, array) in [
        ("admission_method", numbers.clone()),
        ("diagnoses", numbers.clone()),
        ("admission_date", numbers.clone()),
        ("is_deleted", numbers),
        ("episode_order", Arc::new(BooleanArray::from(vec![true, true]))),
        ("site_code", Arc::new(BinaryArray::from_vec(vec![b"R1H12", b""]))),
    ] {
        let words = format!("apc_episodes.parquet, column {column}, rule V01: the Arrow type {}", array.data_type());
        assert_refused(episodes_with(&[(column, array)]), &words);
    }
}

#[test]
fn cells_that_cannot_be_cast_reject_their_row() {
    for (column, array) in [
        ("episode_order", Arc::new(Float64Array::from(vec![1.5, 1.0])) as ArrayRef),
        ("episode_order", Arc::new(UInt64Array::from(vec![u64::MAX, 1]))),
        ("episode_order", Arc::new(StringArray::from(vec!["one", "1"]))),
        ("admission_date", Arc::new(TimestampSecondArray::from(vec![1_744_243_201, 1_794_960_000]))),
        ("admission_date", Arc::new(Date32Array::from(vec![i32::MAX, 20_775]))),
        ("received_at", Arc::new(TimestampSecondArray::from(vec![i64::MAX / 2, 1_795_068_000]))),
    ] {
        let told = format!("{column} as {}", array.data_type());
        let inspection = inspection(&episodes_with(&[(column, array)]));
        assert_eq!(inspection.refusals, [], "{told}");
        let episodes =
            inspection.delivery.tables.iter().find(|admitted| admitted.table.name == "apc_episodes").unwrap();
        let rejections: Vec<_> = episodes.rejections.iter().map(|one| (one.row, one.column, one.rule)).collect();
        assert_eq!(rejections, [(1, column, "TYPE")], "{told}");
    }
}

#[test]
fn a_cell_of_a_column_that_is_not_used_is_not_looked_at() {
    let times = Arc::new(Time64NanosecondArray::from(vec![Some(1), None])) as ArrayRef;
    let inspection = inspection(&episodes_with(&[("admission_time", times)]));
    let episodes = inspection.delivery.tables.iter().find(|admitted| admitted.table.name == "apc_episodes").unwrap();
    assert_eq!((episodes.tally.accepted, episodes.tally.repaired.get("TYPE")), (2, None));
}

#[test]
fn ids_are_the_same_wherever_their_column_stands_and_whatever_type_of_text_it_has() {
    let csv = tables(&Tiny::new());
    for kind in [DataType::LargeUtf8, DataType::Utf8View] {
        // The last column first.
        let turned = move |bytes: Vec<u8>| {
            let mut reader =
                parquet::arrow::arrow_reader::ParquetRecordBatchReader::try_new(bytes_of(bytes), 1024).unwrap();
            let batch = reader.next().unwrap().unwrap();
            let of = |name: &str, column: &ArrayRef| match name {
                "attendance_id" => cast(column, &kind).unwrap(),
                _ => column.clone(),
            };
            let schema = batch.schema();
            let columns = schema.fields().iter().zip(batch.columns()).rev();
            let columns = columns.map(|(field, column)| (field.name(), of(field.name(), column), true));
            parquet(&RecordBatch::try_from_iter_with_nullable(columns).unwrap())
        };
        let tiny = Tiny::new().format(Format::Parquet).bytes("ed_attendances", turned);
        assert_eq!(tables(&tiny), csv);
    }
}

/// The same rows in row groups of two.
fn in_groups_of_two(bytes: Vec<u8>) -> Vec<u8> {
    let batches = parquet::arrow::arrow_reader::ParquetRecordBatchReader::try_new(bytes_of(bytes), 1024).unwrap();
    let batches: Vec<RecordBatch> = batches.map(Result::unwrap).collect();
    let few = parquet::file::properties::WriterProperties::builder().set_max_row_group_row_count(Some(2));
    let few = few.set_dictionary_enabled(false).build();
    let mut writer = parquet::arrow::ArrowWriter::try_new(Vec::new(), batches[0].schema(), Some(few)).unwrap();
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    writer.into_inner().unwrap()
}

#[test]
fn where_a_row_group_is_damaged_its_first_row_is_named() {
    let without_a_group = |group: usize| {
        move |bytes: Vec<u8>| {
            let mut bytes = in_groups_of_two(bytes);
            let footer = SerializedFileReader::new(bytes_of(bytes.clone())).unwrap();
            let (start, length) = footer.metadata().row_group(group).column(0).byte_range();
            bytes[start as usize..(start + length) as usize].fill(0);
            bytes
        }
    };
    let tiny = || Tiny::new().format(Format::Parquet).copy_row("gp_events", 1, &[("event_id", "e4")]);
    let words = "rule V01: from this row on the file can't be read as Parquet; hint: it was cut short or damaged";
    for (group, row) in [(0, 1), (1, 3)] {
        let damaged = tiny().bytes("gp_events", without_a_group(group));
        assert_refused(damaged, &format!("gp_events.parquet, row {row}, {words}"));
    }
    assert_eq!(inspection(&tiny().bytes("gp_events", in_groups_of_two)).refusals, []);
}

#[test]
fn row_groups_make_no_difference() {
    let tiny = || Tiny::new().format(Format::Parquet).copy_row("gp_events", 1, &[]);
    let one = |tiny: &Tiny| {
        let of_table = |(name, rows, _): (String, Vec<RecordBatch>, Tally)| {
            (name, concat_batches(&rows[0].schema(), &rows).unwrap())
        };
        tables(tiny).into_iter().map(of_table).collect::<Vec<_>>()
    };
    assert_eq!(one(&tiny().bytes("gp_events", in_groups_of_two)), one(&tiny()));
    assert_eq!(tables(&tiny().bytes("gp_events", in_groups_of_two))[7].1.len(), 2);
}

#[test]
fn what_is_no_parquet_is_refused() {
    let tiny = || Tiny::new().format(Format::Parquet);
    let words = "deaths.parquet, rule V01: the file can't be read as Parquet";
    assert_refused(tiny().bytes("deaths", |_| b"person_id,death_date\n".to_vec()), words);
    assert_refused(tiny().bytes("deaths", |bytes| bytes[..bytes.len() / 2].to_vec()), words);
    assert_refused(tiny().line("deaths", "row_count", json!(7)), "the manifest counts 7 rows and the file has only 1");
    assert_refused(
        tiny().drop_column("deaths", "source"),
        "deaths.parquet, column source, rule V01: the mandatory column",
    );
}
