//! Risks of several horizons stand beside each other, and cross for nobody.

use std::fs;

use arrow::{array::AsArray, datatypes::Float64Type};
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::{
    published::json,
    service::{FIRST, Service},
};

#[test]
fn a_longer_horizon_has_no_smaller_risk_and_the_leading_one_is_the_list_s() {
    let service = Service::after_first_night();
    let night = service.night(&format!("{FIRST}.1"));
    let bytes = Bytes::from(fs::read(night.join("scores.parquet")).unwrap());
    let mut n = 0;
    for batch in ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap().build().unwrap() {
        let batch = batch.unwrap();
        let column = |name: &str| {
            let column = batch.column_by_name(name).unwrap_or_else(|| panic!("there is no column {name}"));
            column.as_primitive::<Float64Type>().values().clone()
        };
        // 180 days lead.
        let columns = ["risk_30d", "risk_90d", "risk", "risk_365d"].map(column);
        for row in 0..batch.num_rows() {
            let risks = columns.each_ref().map(|column| column[row]);
            assert!(risks.is_sorted() && risks[0] > 0.0 && risks[3] < 1.0, "row {row}: {risks:?}");
            n += 1;
        }
    }
    assert_eq!(n, json(&night, "cohort.json")["standings"]["scored"].as_u64().unwrap());
}
