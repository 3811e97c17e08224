//! No value of a row reaches a message: each column in turn holds a token that nothing may repeat.

use earlycall::quality::quarantine;
use earlycall_schemas::table::tables;
use serde_json::json;

use crate::support::{Format, Tiny};
use crate::{admitted, inspection};

const TOKEN: &str = "ZQXTOKEN";

/// Everything that a tiny delivery makes the program say.
fn said(tiny: &Tiny) -> String {
    let mut said = vec![format!("{:?}", admitted(tiny).err())];
    let inspection = inspection(tiny);
    said.push(serde_json::to_string(&inspection.quality(&crate::research())).unwrap());
    said.push(serde_json::to_string(&inspection.quality(&crate::research())).unwrap());
    for admitted in &inspection.delivery.tables {
        said.push(String::from_utf8(quarantine::csv(&admitted.rejections)).unwrap());
    }
    said.join("\n")
}

#[test]
fn a_value_is_never_told_whatever_is_wrong_with_it() {
    for table in tables() {
        for column in &table.columns {
            let tiny = || Tiny::new().set(&table.name, 1, &column.name, TOKEN);
            assert!(!said(&tiny()).contains(TOKEN), "{}.{}", table.name, column.name);
        }
    }
}

#[test]
fn a_value_is_never_told_whatever_is_wrong_with_its_file() {
    for table in tables() {
        let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        let tiny = || columns.iter().fold(Tiny::new(), |tiny, column| tiny.set(&table.name, 1, column, TOKEN));
        let behead = |bytes: Vec<u8>| bytes.splitn(2, |byte| *byte == b'\n').nth(1).unwrap().to_vec();
        let ragged = |bytes: Vec<u8>| [bytes, TOKEN.into()].concat();
        let quote = |bytes: Vec<u8>| [bytes, format!("{TOKEN}\"{TOKEN}").into()].concat();
        let latin = |bytes: Vec<u8>| [bytes, TOKEN.into(), vec![0xe9]].concat();
        for broken in [
            tiny().bytes(&table.name, behead),
            tiny().bytes(&table.name, ragged),
            tiny().bytes(&table.name, quote),
            tiny().bytes(&table.name, latin),
            tiny().corrupt(&table.name, ragged),
            tiny().line(&table.name, "row_count", json!(99)),
            tiny().drop_column(&table.name, columns[0]),
            tiny().format(Format::CsvGz).bytes(&table.name, |bytes| bytes[..bytes.len() - 9].to_vec()),
        ] {
            let said = said(&broken);
            assert!(!said.contains(TOKEN), "{}: {said}", table.name);
            assert!(said.contains("V0"), "{}: something is wrong and must be said", table.name);
        }
    }
}
