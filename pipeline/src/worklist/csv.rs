//! `worklist.csv`: one row per line, for other systems and for whoever prefers it. RFC 4180, UTF-8, inert cells.

use super::{
    columns::{COLUMNS, rows},
    inert::inert,
    line::{Page, TeamList},
};

/// The file of a team's list. A list without lines is a header alone.
pub fn write(page: &Page, list: &TeamList) -> Vec<u8> {
    let header = COLUMNS.iter().map(|column| column.name.to_owned()).collect();
    let lines = rows(page, list).map(|row| COLUMNS.iter().map(|column| column.text(&row)).collect());
    table(std::iter::once(header).chain(lines))
}

/// Records as CSV, each cell inert.
pub(super) fn table(records: impl Iterator<Item = Vec<String>>) -> Vec<u8> {
    let mut writer = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(Vec::new());
    for record in records {
        let cells = record.iter().map(|cell| inert(cell).into_owned());
        writer.write_record(cells).expect("memory takes every record, and all are of one length");
    }
    writer.into_inner().expect("memory can be flushed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worklist::sample;

    fn read(bytes: &[u8]) -> Vec<Vec<String>> {
        let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
        reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn reads_back_equal() {
        let (page, list) = (sample::page(), sample::list());
        let records = read(&write(&page, &list));
        assert_eq!(records[0], COLUMNS.iter().map(|column| column.name).collect::<Vec<_>>());
        assert_eq!(records.len(), 1 + list.lines.len());
        for (record, row) in records[1..].iter().zip(rows(&page, &list)) {
            assert_eq!(record, &COLUMNS.iter().map(|column| column.text(&row)).collect::<Vec<_>>());
        }
    }

    #[test]
    fn no_cell_starts_a_formula_whatever_the_field_holds() {
        for payload in sample::HOSTILE {
            let (page, list) = sample::hostile(payload);
            for cell in read(&write(&page, &list)).iter().flatten() {
                let first = cell.trim_start().chars().next().unwrap();
                assert!(!"=+-@＝＋－＠".contains(first), "{cell:?}");
                assert!(!cell.contains(['\r', '\n', '\t', '\0']), "{cell:?}");
            }
        }
    }

    #[test]
    fn every_row_says_what_it_is_for_and_how_old_it_is() {
        let (page, list) = (sample::page(), sample::list());
        for record in &read(&write(&page, &list))[1..] {
            assert!(record.contains(&page.purpose()));
            assert!(record.iter().any(|cell| cell.contains("Hospital stays: 18 November 2026")));
            let notice = page.notices[0].trim_end_matches('.');
            assert!(record.iter().any(|cell| cell.contains(notice)));
        }
    }

    #[test]
    fn an_empty_list_is_a_header_alone() {
        let list = TeamList { lines: vec![], ..sample::list() };
        assert_eq!(read(&write(&sample::page(), &list)).len(), 1);
    }
}
