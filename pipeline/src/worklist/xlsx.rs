//! `worklist.xlsx`: the list to work in, with columns to fill in per line, and a sheet that explains it.
//!
//! No formula, macro or link: texts are written as texts, each inert even if the file is saved again as CSV.

use earlycall_schemas::contacts;
use rust_xlsxwriter::{
    DataValidation, DataValidationRule, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, IgnoreError,
    Workbook, Worksheet, XlsxError,
};

use super::{
    columns::{COLUMNS, Column, Get, Row, rows},
    fill_in::{self, FillIn, Kind as Fill},
    inert::{inert, one_line},
    line::{Page, TeamList},
    read_me,
};
use crate::error::{Error, Kind, Result};

/// Name of the sheet with the lines; it stands first.
pub const LIST_SHEET: &str = "Worklist";
/// Name of the sheet that explains them.
pub const READ_ME_SHEET: &str = "Read me";

/// Number, person and outcome stay in view.
const FROZEN_COLUMNS: u16 = 3;
/// Where the columns begin that a coach fills in.
const FIRST_TO_FILL_IN: u16 = 2;
/// Excel's number for A4.
const A4: u8 = 9;
/// The last column that is printed; what stands beyond is for looking up.
const LAST_PRINTED: &str = "recent_use";

/// The workbook of a team's list. Same list, same bytes: its creation date is the index date.
///
/// # Errors
/// When a text is longer than a cell of Excel can be (32,767 characters).
pub fn write(page: &Page, list: &TeamList) -> Result<Vec<u8>> {
    build(page, list).map_err(|_| {
        Error::new(Kind::Storage, "cannot be written: a text is too long for a cell of Excel")
            .file(format!("worklists/{}/worklist.xlsx", list.team_id))
            .hint("look for a very long name in the reference tables")
    })
}

fn build(page: &Page, list: &TeamList) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let date = page.index_date.date();
    let created = ExcelDateTime::from_ymd(date.year() as u16, date.month() as u8, date.day() as u8)?;
    book.set_properties(
        &DocProperties::new().set_title(text(&page.title())).set_author("earlycall").set_creation_datetime(&created),
    );
    let sheet = book.add_worksheet().set_name(LIST_SHEET)?;
    write_lines(sheet, page, list)?;
    set_up_print(sheet, page, list)?;
    write_read_me(book.add_worksheet().set_name(READ_ME_SHEET)?, page, list)?;
    book.save_to_buffer()
}

fn write_lines(sheet: &mut Worksheet, page: &Page, list: &TeamList) -> Result<(), XlsxError> {
    let head =
        Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Top).set_border_bottom(FormatBorder::Thin);
    let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    let decimal = Format::new().set_num_format("0.000").set_align(FormatAlign::Top);
    let last_row = list.lines.len() as u32;
    for (n, column) in placed() {
        sheet.set_column_width(n, column.width)?;
        sheet.write_string_with_format(0, n, column.heading, &head)?;
        for (row_no, row) in (1u32..).zip(rows(page, list)) {
            match column.get {
                Get::Whole(get) => sheet.write_number_with_format(row_no, n, get(&row), &wrapped)?,
                Get::Decimal(get) => match get(&row) {
                    Some(number) => sheet.write_number_with_format(row_no, n, number, &decimal)?,
                    None => sheet.write_string_with_format(row_no, n, shown(column, &row), &wrapped)?,
                },
                Get::Text(_) | Get::YesNo(_) => {
                    sheet.write_string_with_format(row_no, n, shown(column, &row), &wrapped)?
                }
            };
        }
    }
    for (n, column) in (FIRST_TO_FILL_IN..).zip(fill_in::ALL) {
        sheet.set_column_width(n, column.width)?;
        sheet.write_string_with_format(0, n, column.heading, &head)?;
        if last_row > 0 {
            let empty = wrapped.clone().set_border(FormatBorder::Hair);
            let empty = match column.kind {
                Fill::Day => empty.set_num_format("d mmmm yyyy"),
                // A staff key of digits alone keeps its leading noughts.
                Fill::Text => empty.set_num_format("@"),
                Fill::Outcome | Fill::Unsuitable | Fill::Yes => empty,
            };
            (1..=last_row).try_for_each(|row_no| sheet.write_blank(row_no, n, &empty).map(|_| ()))?;
            sheet.add_data_validation(1, n, last_row, n, &what_may_be_filled_in(&column, page)?)?;
        }
    }
    if last_row > 0 {
        // An age is a text, because of "90 or over"; without this Excel marks each one as a mistake.
        sheet.ignore_error_range(1, 0, last_row, last_column(), IgnoreError::NumberStoredAsText)?;
    }
    sheet.autofilter(0, 0, last_row, last_column())?;
    sheet.set_freeze_panes(1, FROZEN_COLUMNS)?;
    Ok(())
}

/// What Excel lets a coach fill in: anything else is refused where it is typed.
fn what_may_be_filled_in(column: &FillIn, page: &Page) -> Result<DataValidation, XlsxError> {
    let words = |words: Vec<&'static str>| DataValidation::new().allow_list_strings(&words);
    let (rule, wrong) = match column.kind {
        Fill::Outcome => {
            let chosen = contacts::outcomes().iter().map(|one| one.words.as_str()).chain([fill_in::MISTAKE]);
            (words(chosen.collect())?, "Please choose from the list.")
        }
        Fill::Unsuitable => (
            words(contacts::unsuitable_reasons().iter().map(|one| one.words.as_str()).collect())?,
            "Please choose from the list.",
        ),
        Fill::Yes => (words(vec!["Yes"])?, "Please choose Yes, or leave it empty."),
        Fill::Day => {
            let [first, last] = [page.index_date + 1, page.index_date + 366].map(|day| day.date());
            let days =
                [first, last].map(|day| ExcelDateTime::from_ymd(day.year() as u16, day.month() as u8, day.day() as u8));
            let [first, last] = days;
            let rule = DataValidation::new().allow_date(DataValidationRule::Between(first?, last?));
            (rule, "Please enter a date, from the day of this list on.")
        }
        Fill::Text => {
            let rule = DataValidationRule::LessThanOrEqualTo(fill_in::TEXT_CHARS_MAX);
            (DataValidation::new().allow_text_length(rule), "Please be shorter.")
        }
    };
    rule.set_input_title(column.heading)?
        .set_input_message(column.message)?
        .set_error_title(column.heading)?
        .set_error_message(wrong)
}

fn set_up_print(sheet: &mut Worksheet, page: &Page, list: &TeamList) -> Result<(), XlsxError> {
    let last_printed =
        placed().find(|(_, column)| column.name == LAST_PRINTED).map(|(n, _)| n).expect("the column is declared");
    sheet.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0).set_margins(0.4, 0.4, 0.7, 0.7, 0.3, 0.3);
    sheet.set_print_area(0, 0, list.lines.len() as u32, last_printed)?;
    sheet.set_repeat_rows(0, 0)?;
    sheet.set_repeat_columns(0, 1)?;
    // A header has room for 255 characters; a name of any sensible length fits.
    let team: String = list.team_id.chars().take(60).collect();
    sheet.set_header(format!("&L{}&R{}", printed(&team), printed(&page.title())));
    sheet.set_footer(format!(
        "&LContains patient data. Run {}&C{}&RPage &P of &N",
        printed(&page.run_id),
        printed(&page.purpose())
    ));
    Ok(())
}

fn write_read_me(sheet: &mut Worksheet, page: &Page, list: &TeamList) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold().set_align(FormatAlign::Top);
    let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    sheet.set_column_width(0, 28)?;
    sheet.set_column_width(1, 90)?;
    for (row_no, (word, meaning)) in (0u32..).zip(read_me::entries(page, list)) {
        sheet.write_string_with_format(row_no, 0, text(&word), &bold)?;
        if !meaning.is_empty() {
            sheet.write_string_with_format(row_no, 1, text(&meaning), &wrapped)?;
        }
    }
    sheet.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0);
    Ok(())
}

/// The declared columns with their places: number and person first, then (after those to fill in) what a coach reads, the
/// names of run, team and pathway last.
fn placed() -> impl Iterator<Item = (u16, &'static Column)> {
    let mut columns: Vec<&Column> = COLUMNS.iter().collect();
    columns.sort_by_key(|column| match column.name {
        "line_no" => 0,
        "person_ref" => 1,
        "run_id" | "team_id" | "pathway" => 3,
        _ => 2,
    });
    let to_fill_in = FIRST_TO_FILL_IN..FIRST_TO_FILL_IN + fill_in::ALL.len() as u16;
    (0u16..).filter(move |n| !to_fill_in.contains(n)).zip(columns)
}

fn last_column() -> u16 {
    (COLUMNS.len() + fill_in::ALL.len()) as u16 - 1
}

fn shown(column: &Column, row: &Row) -> String {
    match column.get {
        Get::YesNo(get) => if get(row) { "Yes" } else { "No" }.to_owned(),
        _ => text(&column.text(row)),
    }
}

fn text(raw: &str) -> String {
    inert(&one_line(raw)).into_owned()
}

/// A text in a printed header, where `&` starts a command.
fn printed(raw: &str) -> String {
    one_line(raw).replace('&', "&&")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worklist::{line::Line, sample};
    use calamine::{Data, Range, Reader, Xlsx};

    fn open(bytes: Vec<u8>) -> Xlsx<std::io::Cursor<Vec<u8>>> {
        calamine::open_workbook_from_rs(std::io::Cursor::new(bytes)).unwrap()
    }

    fn list_of(bytes: Vec<u8>) -> Range<Data> {
        open(bytes).worksheet_range(LIST_SHEET).unwrap()
    }

    #[test]
    fn reads_back_what_was_written_with_an_empty_outcome() {
        let (page, list) = (sample::page(), sample::list());
        let sheet = list_of(write(&page, &list).unwrap());
        let headings: Vec<String> = sheet.rows().next().unwrap().iter().map(Data::to_string).collect();
        assert_eq!(
            headings[..9],
            ["No.", "Person", "Outcome", "Called on", "Call again on", "Why unsuitable", "Objects", "Called by", "Age"]
        );
        assert_eq!(sheet.height(), 1 + list.lines.len());
        for (cells, row) in sheet.rows().skip(1).zip(rows(&page, &list)) {
            assert!(cells[2..8].iter().all(|cell| *cell == Data::Empty));
            for (n, column) in placed() {
                let expected = match column.get {
                    Get::Whole(get) => Data::Float(f64::from(get(&row))),
                    Get::Decimal(get) => Data::Float(get(&row).unwrap()),
                    Get::Text(_) | Get::YesNo(_) => Data::String(shown(column, &row)),
                };
                assert_eq!(cells[usize::from(n)], expected, "{}", column.name);
            }
        }
    }

    #[test]
    fn a_line_whose_person_was_removed_keeps_its_row_and_says_not_to_call() {
        let mut list = sample::list();
        list.lines[6] = Line::removed(7);
        let sheet = list_of(write(&sample::page(), &list).unwrap());
        let row = sheet.rows().nth(7).unwrap();
        assert_eq!(row[0], Data::Float(7.0));
        for (n, column) in placed().filter(|(_, column)| ["person_ref", "risk", "band", "age"].contains(&column.name)) {
            assert_eq!(row[usize::from(n)], Data::String("Removed".to_owned()), "{}", column.name);
        }
        assert!(row.contains(&Data::String("Removed: do not call".to_owned())));
        assert_eq!(sheet.height(), 1 + 25);
    }

    #[test]
    fn hostile_texts_are_texts_and_no_cell_is_a_formula() {
        for payload in sample::HOSTILE {
            let (page, list) = sample::hostile(payload);
            let mut book = open(write(&page, &list).unwrap());
            assert_eq!(book.sheet_names(), [LIST_SHEET, READ_ME_SHEET]);
            for sheet in [LIST_SHEET, READ_ME_SHEET] {
                assert!(book.worksheet_formula(sheet).unwrap().is_empty());
                for cell in book.worksheet_range(sheet).unwrap().used_cells() {
                    let starts_badly = |text: &str| text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＠']);
                    assert!(!matches!(cell.2, Data::String(text) if starts_badly(text)), "{:?}", cell.2);
                }
            }
        }
    }

    #[test]
    fn the_same_list_gives_the_same_bytes() {
        let bytes = || write(&sample::page(), &sample::list()).unwrap();
        assert_eq!(bytes(), bytes());
    }

    #[test]
    fn what_may_be_filled_in_fits_the_rules_of_excel() {
        for column in fill_in::ALL {
            what_may_be_filled_in(&column, &sample::page()).unwrap();
        }
    }

    #[test]
    fn an_empty_list_is_a_heading_and_a_read_me() {
        let list = TeamList { lines: vec![], ..sample::list() };
        let bytes = write(&sample::page(), &list).unwrap();
        assert_eq!(list_of(bytes.clone()).height(), 1);
        let read_me = open(bytes).worksheet_range(READ_ME_SHEET).unwrap();
        assert!(read_me.used_cells().any(|cell| cell.2.to_string() == sample::page().purpose()));
    }

    #[test]
    fn a_text_longer_than_a_cell_is_an_error_without_the_text() {
        let mut list = sample::list();
        list.lines[0].practice = "x".repeat(40_000);
        let error = write(&sample::page(), &list).unwrap_err().to_string();
        assert!(error.starts_with("worklists/coach-31/worklist.xlsx: cannot be written") && !error.contains("xx"));
    }
}
