use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

use super::*;
use crate::worklist::{line::Line, sample, xlsx};

/// What a coach types into a cell.
#[derive(Clone, Copy)]
enum Typed {
    Text(&'static str),
    /// Day of November 2026.
    Day(u8),
    Number(f64),
}
use Typed::{Day as OfNovember, Number, Text};

const NIGHT: &str = "2026-11-20.1";

/// A list of three lines as it is saved after somebody typed into it: the heading, the line from 1, and what.
fn saved(typed: &[(&str, u32, Typed)]) -> Vec<u8> {
    saved_in(&[1, 2, 3], &[], typed)
}

/// The same with its lines in another order, and some headings renamed.
fn saved_in(order: &[u32], renamed: &[(&str, &str)], typed: &[(&str, u32, Typed)]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name(LIST_SHEET).unwrap();
    let of_line = ["line_no", "person_ref", "run_id", "team_id"].map(heading);
    let headings: Vec<&str> = of_line.into_iter().chain(fill_in::ALL.map(|column| column.heading)).collect();
    let date = Format::new().set_num_format("d mmmm yyyy");
    for (column, heading) in (0..).zip(&headings) {
        let shown = renamed.iter().find(|(from, _)| from == heading).map_or(*heading, |(_, to)| to);
        sheet.write_string(0, column, shown).unwrap();
        for (row, line) in (1..).zip(order) {
            let Some((_, _, typed)) = typed.iter().find(|(of, at, _)| (of, at) == (heading, line)) else { continue };
            match typed {
                Text(text) => sheet.write_string(row, column, *text).unwrap(),
                Number(number) => sheet.write_number(row, column, *number).unwrap(),
                OfNovember(day) => {
                    let day = ExcelDateTime::from_ymd(2026, 11, *day).unwrap();
                    sheet.write_datetime_with_format(row, column, &day, &date).unwrap()
                }
            };
        }
    }
    for (row, line) in (1..).zip(order) {
        let was_typed = |name| typed.iter().any(|(of, at, _)| (*of, at) == (heading(name), line));
        if !was_typed("line_no") {
            sheet.write_number(row, 0, *line).unwrap();
        }
        for (column, name, text) in [
            (1, "person_ref", format!("REFERENCE{line}")),
            (2, "run_id", NIGHT.into()),
            (3, "team_id", "coach-31".into()),
        ] {
            if !was_typed(name) {
                sheet.write_string(row, column, text).unwrap();
            }
        }
    }
    book.save_to_buffer().unwrap()
}

fn lines(bytes: &[u8]) -> Vec<(u32, &'static str)> {
    let filled = read(bytes).unwrap();
    filled
        .lines
        .iter()
        .map(|line| (line.line_no, line.outcome.map_or("none", |outcome| outcome.code.as_str())))
        .collect()
}

fn error(typed: &[(&str, u32, Typed)]) -> String {
    read(&saved(typed)).unwrap_err().to_string()
}

#[test]
fn a_list_as_it_was_given_has_nothing_filled_in() {
    let filled = read(&xlsx::write(&sample::page(), &sample::list()).unwrap()).unwrap();
    assert_eq!((filled.night.to_string().as_str(), filled.team_id.as_str()), (NIGHT, "coach-31"));
    assert_eq!(filled.lines, []);
}

#[test]
fn a_list_some_of_whose_persons_were_removed_is_read_as_well() {
    let mut list = sample::list();
    list.lines[6] = Line::removed(7);
    assert!(read(&xlsx::write(&sample::page(), &list).unwrap()).is_ok());
}

#[test]
fn what_was_filled_in_is_read_in_whatever_order_the_lines_stand() {
    let typed = [("Outcome", 3, Text("No answer")), ("Outcome", 1, Text(" DECLINED "))];
    assert_eq!(lines(&saved(&typed)), [(1, "declined"), (3, "no_answer")]);
    assert_eq!(lines(&saved_in(&[3, 2, 1], &[], &typed)), [(3, "no_answer"), (1, "declined")]);
}

#[test]
fn every_column_is_read() {
    let filled = read(&saved(&[
        ("Outcome", 2, Text("Unsuitable")),
        ("Called on", 2, OfNovember(23)),
        ("Call again on", 2, Text("1/12/2026")),
        ("Why unsuitable", 2, Text("Under another team")),
        ("Objects", 2, Text("yes")),
        ("Called by", 2, Text("u-07")),
    ]))
    .unwrap();
    let line = &filled.lines[0];
    assert_eq!((line.row, line.line_no, line.person_ref.as_str()), (3, 2, "REFERENCE2"));
    assert_eq!([line.called_on, line.again_on].map(|day| day.unwrap().to_string()), ["2026-11-23", "2026-12-01"]);
    assert_eq!((line.unsuitable.unwrap().code.as_str(), line.objects), ("under_other_team", true));
    assert_eq!(line.by.as_deref(), Some("u-07"));
}

#[test]
fn a_date_is_read_as_excel_keeps_it_and_as_people_write_it() {
    for typed in [OfNovember(23), Number(46_349.0), Number(46_349.4), Text("2026-11-23"), Text("23/11/2026")] {
        let filled = read(&saved(&[("Outcome", 1, Text("Voicemail")), ("Called on", 1, typed)])).unwrap();
        assert_eq!(filled.lines[0].called_on.unwrap().to_string(), "2026-11-23");
    }
}

#[test]
fn a_staff_key_may_be_a_whole_number_which_is_no_nhs_number() {
    let by = |typed| read(&saved(&[("Outcome", 1, Text("Voicemail")), ("Called by", 1, typed)]));
    for (typed, expected) in [(Number(1234.0), "1234"), (Text("01234"), "01234")] {
        assert_eq!(by(typed).unwrap().lines[0].by.as_deref(), Some(expected));
    }
    for (typed, expected) in [
        (Number(12.5), "line 2, column Called by: is a number"),
        (Number(-3.0), "line 2, column Called by: is a number"),
        (Number(4_010_232_137.0), "line 2, column Called by: tells who somebody is"),
    ] {
        let error = by(typed).unwrap_err().to_string();
        assert!(error.starts_with(expected) && !error.contains("4010232137"), "{error}");
    }
}

#[test]
fn an_objection_needs_no_outcome() {
    let filled = read(&saved(&[("Objects", 1, Text("Yes"))])).unwrap();
    assert_eq!((filled.lines.len(), filled.lines[0].outcome, filled.lines[0].objects), (1, None, true));
    assert_eq!(read(&saved(&[("Objects", 1, Text("No"))])).unwrap().lines, []);
}

#[test]
fn what_may_not_stand_there_refuses_the_file_by_row_and_heading_and_is_not_repeated() {
    let chosen = ("Outcome", 2, Text("Declined"));
    for (typed, expected) in [
        (vec![("Outcome", 2, Text("rang her son"))], "line 3, column Outcome: is not one of the words"),
        (vec![("Outcome", 2, Number(1.0))], "line 3, column Outcome: is a number"),
        (vec![("Call again on", 2, OfNovember(28))], "line 3, column Call again on: is filled in, and no outcome"),
        (vec![chosen, ("Called on", 2, OfNovember(20))], "line 3, column Called on: lies before the day of the list"),
        (
            vec![chosen, ("Call again on", 2, Text("1/12/2027"))],
            "line 3, column Call again on: must lie within the 180",
        ),
        (vec![chosen, ("Called on", 2, Text("rang her son"))], "line 3, column Called on: is not a date"),
        (
            vec![chosen, ("Why unsuitable", 2, Text("Other"))],
            "line 3, column Why unsuitable: is filled in, and the outcome",
        ),
        (vec![chosen, ("Objects", 2, Text("maybe"))], "line 3, column Objects: is not one of the words"),
        (vec![chosen, ("Run", 3, Text("2026-11-19.1"))], "line 4: is of another night or team"),
        (vec![chosen, ("Team", 1, Text("coach-32"))], "line 3: is of another night or team"),
        (vec![("Run", 1, Text("yesterday"))], "line 2, column Run: names no night"),
    ] {
        let error = error(&typed);
        assert!(error.starts_with(expected), "{error}");
        assert!(!error.contains("rang"), "{error}");
    }
}

#[test]
fn another_file_is_refused() {
    for bytes in [b"PK\x03\x04".as_slice(), b"PK\x03\x04 and more that is no such file"] {
        assert!(read(bytes).unwrap_err().to_string().starts_with("is not the Excel file of a worklist"));
    }
    let renamed = read(&saved_in(&[1], &[("Outcome", "What happened")], &[])).unwrap_err().to_string();
    assert!(renamed.starts_with("has no column with the heading `Outcome`"), "{renamed}");
    let mut other = Workbook::new();
    other.add_worksheet();
    assert!(read(&other.save_to_buffer().unwrap()).is_err(), "there is no sheet of that name");
}

#[test]
fn a_cell_far_away_does_not_fill_the_memory() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name(LIST_SHEET).unwrap();
    sheet.write_string(0, 0, "No.").unwrap();
    sheet.write_string(1_048_575, 16_383, "here").unwrap();
    assert!(read(&book.save_to_buffer().unwrap()).is_err());
}

#[test]
fn what_unpacks_into_more_than_any_list_is_refused() {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("xl/workbook.xml", zip::write::SimpleFileOptions::default()).unwrap();
    let zeros = vec![0_u8; 1 << 20];
    for _ in 0..(UNPACKED_BYTES_MAX >> 20) + 1 {
        std::io::Write::write_all(&mut writer, &zeros).unwrap();
    }
    let bomb = writer.finish().unwrap().into_inner();
    assert!(bomb.len() < 1 << 20, "it is small before it is unpacked");
    assert!(read(&bomb).unwrap_err().to_string().starts_with("unpacks into more than any list is"));
}
