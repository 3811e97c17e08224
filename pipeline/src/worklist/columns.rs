//! The columns of a worklist, declared once: CSV, Excel and Parquet all write from this table.

use super::{
    inert::one_line,
    line::{Band, Line, Page, REMOVED, TeamList},
};

/// A line with what stands around it.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// The night.
    pub page: &'a Page,
    /// The list.
    pub list: &'a TeamList,
    /// The person.
    pub line: &'a Line,
}

/// How to read a cell off a row; also the type of the column.
#[derive(Clone, Copy, Debug)]
pub enum Get {
    /// A text; never empty, on one line.
    Text(fn(&Row) -> String),
    /// A whole number.
    Whole(fn(&Row) -> u32),
    /// A decimal number; none on a line whose person was removed.
    Decimal(fn(&Row) -> Option<f64>),
    /// Yes or no.
    YesNo(fn(&Row) -> bool),
}

/// One column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Name in CSV and Parquet.
    pub name: &'static str,
    /// Heading for people.
    pub heading: &'static str,
    /// What the column says, in a sentence for a coach.
    pub meaning: &'static str,
    /// Width in a spreadsheet, in characters.
    pub width: f64,
    /// The cell.
    pub get: Get,
}

impl Column {
    /// The cell as text: numbers plain, yes and no as `true` and `false`, no text empty.
    pub fn text(&self, row: &Row) -> String {
        match self.get {
            Get::Text(get) => or_no_data(one_line(&get(row))),
            Get::Whole(get) => get(row).to_string(),
            Get::Decimal(get) => get(row).map_or_else(|| REMOVED.to_owned(), |number| number.to_string()),
            Get::YesNo(get) => get(row).to_string(),
        }
    }
}

/// Stands where nothing is known.
pub const NO_DATA: &str = "No data";
/// Stands where a confidential record is not told of.
pub const WITHHELD: &str = "Withheld";
/// Stands where something was looked for and there is none.
pub const NONE: &str = "None recorded";

/// Stands where the record shows no gap, which may be because it cannot.
pub const NONE_FOUND: &str = "None found";

/// Every column, in the order of CSV and Parquet.
pub const COLUMNS: &[Column] = &[
    text("run_id", "Run", "Names the night and its revision.", 14.0, |row| row.page.run_id.clone()),
    text("team_id", "Team", "The team whose list this is.", 14.0, |row| row.list.team_id.clone()),
    text("pathway", "Pathway", "What the list is for.", 12.0, |row| row.list.pathway.clone()),
    Column {
        name: "line_no",
        heading: "No.",
        meaning: "1 is to be called first.",
        width: 5.0,
        get: Get::Whole(|row| row.line.line_no),
    },
    text("person_ref", "Person", "Stands for the person, in your team only. The same every night.", 14.0, |row| {
        row.line.person_ref.clone()
    }),
    text("age", "Age", "In years.", 10.0, |row| row.line.age.clone()),
    text("sex", "Sex", "As recorded.", 9.0, |row| row.line.sex.clone()),
    Column {
        name: "risk",
        heading: "Risk (0 to 1)",
        meaning: "The risk as a number, for sorting.",
        width: 8.0,
        get: Get::Decimal(|row| row.line.risk),
    },
    text("risk_in_words", "Risk", "Of 100 people like this one, so many have it happen to them.", 12.0, |row| {
        row.line.risk_in_words.clone()
    }),
    text("band", "Band", "How high the risk is among everybody who has one.", 10.0, |row| {
        row.line.band.map_or(REMOVED, Band::in_words).to_owned()
    }),
    text("change", "Change", "What changed since the night before.", 16.0, |row| row.line.change.clone()),
    text("change_facts", "Behind the change", "The facts that moved the risk most.", 36.0, |row| {
        joined(&row.line.change_facts, NONE)
    }),
    Column {
        name: "is_new",
        heading: "New",
        meaning: "Not on your list the night before.",
        width: 6.0,
        get: Get::YesNo(|row| row.line.is_new),
    },
    text("contact", "Calls so far", "What came of them.", 28.0, |row| row.line.contact.clone()),
    Column {
        name: "is_carried_over",
        heading: "Carried over",
        meaning: "Called before, and not done with: these come first.",
        width: 8.0,
        get: Get::YesNo(|row| row.line.is_carried_over),
    },
    text("why_listed", "Why on this list", "The rule that found the person, and what it found.", 36.0, |row| {
        joined(&row.line.why_listed, NO_DATA)
    }),
    text("reasons", "Reasons", "What raises this person's risk most, with dates.", 52.0, |row| {
        joined(&row.line.reasons, NO_DATA)
    }),
    text("conditions", "Long-term conditions", "With the year of the first record and where it stands.", 34.0, |row| {
        joined(&row.line.conditions, NO_DATA)
    }),
    text("flags", "Check before you call", "What to know or to check first.", 28.0, |row| {
        joined(&row.line.flags, NONE)
    }),
    text(
        "contact_hint",
        "Contact needs",
        "Language, interpreter, and ways in which they need information.",
        24.0,
        |row| row.line.contact_hint.clone(),
    ),
    text("frailty", "Frailty", "Band of the hospital frailty score.", 14.0, |row| row.line.frailty.clone()),
    text("recent_use", "Recent care", "Hospital and A&E visits.", 44.0, |row| joined(&row.line.recent_use, NONE)),
    text("care_gaps", "Care gaps", "Checks and medicines that are due, by the GP record.", 44.0, |row| {
        joined(&row.line.care_gaps, NONE_FOUND)
    }),
    text(
        "looked_after",
        "Looked after by",
        "Which services see the person already, and since or until when.",
        32.0,
        |row| joined(&row.line.looked_after, NO_DATA),
    ),
    text(
        "other_pathways",
        "Other services",
        "Which might fit too, why, and on whose list the person is.",
        36.0,
        |row| joined(&row.line.other_pathways, NONE_FOUND),
    ),
    text("practice", "GP practice", "Where the person is registered.", 28.0, |row| row.line.practice.clone()),
    text("borough", "Borough", "Where the person lives.", 16.0, |row| row.line.borough.clone()),
    text("neighbourhood", "Neighbourhood", "Area of the neighbourhood team where the person lives.", 18.0, |row| {
        row.line.neighbourhood.clone()
    }),
    text("pcn", "Primary care network", "Code of the practice's network.", 12.0, |row| row.line.pcn.clone()),
    text("badges", "About this person's data", "What is missing or old.", 24.0, |row| joined(&row.line.badges, NONE)),
    text("data_dates", "Data dates", "The last day known of each feed.", 40.0, |row| joined(&dated(row.page), NO_DATA)),
    text("notices", "Notices", "What to know about the whole night.", 40.0, |row| {
        joined(&row.list.notices(row.page).map(str::to_owned).collect::<Vec<_>>(), NONE)
    }),
    text("about", "About", "What the list is and what it is not.", 40.0, |row| row.page.purpose()),
];

const fn text(
    name: &'static str,
    heading: &'static str,
    meaning: &'static str,
    width: f64,
    get: fn(&Row) -> String,
) -> Column {
    Column { name, heading, meaning, width, get: Get::Text(get) }
}

/// The rows of a list.
pub fn rows<'a>(page: &'a Page, list: &'a TeamList) -> impl Iterator<Item = Row<'a>> {
    list.lines.iter().map(move |line| Row { page, list, line })
}

/// Each feed with its date: "A&E: 20 November 2026".
pub fn dated(page: &Page) -> Vec<String> {
    page.data_dates.iter().map(|(feed, date)| format!("{feed}: {date}")).collect()
}

/// A list as one cell, joined by "; ". A "; " within an item becomes ", ", so that the cell can be split again, and
/// the full stop that ends a sentence goes.
fn joined(items: &[String], when_empty: &str) -> String {
    if items.is_empty() {
        return when_empty.to_owned();
    }
    items.iter().map(|item| item.trim_end_matches('.').replace("; ", ", ")).collect::<Vec<_>>().join("; ")
}

/// The text, or "No data" where it is blank.
pub fn or_no_data(text: String) -> String {
    if text.trim().is_empty() { NO_DATA.to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worklist::sample;

    #[test]
    fn names_are_unique_and_told_to_people() {
        let mut names: Vec<&str> = COLUMNS.iter().map(|column| column.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), COLUMNS.len());
        assert!(COLUMNS.iter().all(|column| column.meaning.ends_with('.') && !column.heading.is_empty()));
    }

    #[test]
    fn no_cell_is_empty_and_none_breaks_its_line() {
        let page = sample::page();
        let mut line = sample::line(1);
        (line.practice, line.flags, line.reasons) = (" ".into(), vec![], vec!["a; b\nc.".into(), "d".into()]);
        let list = TeamList { lines: vec![line], ..sample::list() };
        let row = rows(&page, &list).next().unwrap();
        let cell = |name| COLUMNS.iter().find(|column| column.name == name).unwrap().text(&row);
        assert_eq!(cell("practice"), "No data");
        assert_eq!(cell("flags"), "None recorded");
        assert_eq!(cell("care_gaps"), "None found");
        assert_eq!(cell("reasons"), "a, b c; d");
        assert_eq!(cell("is_new"), "false");
    }
}
