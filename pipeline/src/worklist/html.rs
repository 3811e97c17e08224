//! `worklist.html`: one page per team that needs nothing else, no network and no script, to be read, searched or printed.
//!
//! The list comes first, in the order in which to call; each line leads to its person's page further down the same file,
//! of which style alone shows one at a time. The script only hides lines that are not looked for. It keeps nothing: whoever
//! loads the page again sees the whole list in its order.

mod filters;
pub mod lead;
mod person;
mod policy;
mod row;
#[cfg(test)]
mod tests;

use askama::Template;

use super::{
    columns::{NONE, or_no_data},
    count::people,
    inert::one_line,
    line::{Band, Line, Page, TeamList},
    read_me::risk_meaning,
    waiting,
};
use filters::Filters;
use person::Person;
use row::{Row, in_halves, mark};

/// The page's style. The page allows exactly this text, by its hash.
const STYLE: &str = include_str!("../../templates/worklist.css");
/// The page's only script, allowed by its hash as well.
const SCRIPT: &str = include_str!("../../templates/worklist.js");

/// Lines that are laid out together, and not before they come near the screen.
const GROUP_LINES: usize = 20;
/// A longer list is there to look somebody up in; its lines have no pages of their own.
const PAGES_MAX_LINES: usize = 1_000;

/// The page of a team's list. Every value is escaped; the page loads nothing and links nowhere but within itself.
pub fn write(page: &Page, list: &TeamList) -> Vec<u8> {
    let paper = policy::paper_style(&one_line(&page.run_id));
    let rows = rows(list);
    let view = View {
        policy: policy::policy(&[STYLE, &paper], Some(SCRIPT)),
        style: STYLE,
        paper: &paper,
        script: SCRIPT,
        team: one_line(&list.team_id),
        pathway: list.pathway_name().to_owned(),
        title: page.title(),
        summary: summary(page, list),
        purpose: page.purpose(),
        notices: list.notices(page).map(one_line).collect(),
        left: list.left.iter().map(|(person, why)| (in_halves(&one_line(person)), one_line(why))).collect(),
        filters: Filters::of(&rows),
        groups: rows.chunks(GROUP_LINES).collect(),
        none: NONE,
        risk_meaning: one_line(&risk_meaning(page)),
        bands: Band::ALL
            .map(|band| BandView { mark: mark(band), word: band.in_words(), meaning: band.meaning() })
            .to_vec(),
        feeds: page.data_dates.iter().map(|(feed, date)| (one_line(feed), or_no_data(one_line(date)))).collect(),
        run: one_line(&page.run_id),
        model: one_line(&page.model),
    };
    view.render().expect("memory takes every page").into_bytes()
}

#[derive(Template)]
#[template(path = "worklist.html")]
struct View<'a> {
    policy: String,
    style: &'static str,
    paper: &'a str,
    script: &'static str,
    team: String,
    pathway: String,
    title: String,
    summary: String,
    purpose: String,
    notices: Vec<String>,
    left: Vec<((String, String), String)>,
    filters: Filters,
    groups: Vec<&'a [Row]>,
    none: &'static str,
    risk_meaning: String,
    bands: Vec<BandView>,
    feeds: Vec<(String, String)>,
    run: String,
    model: String,
}

#[derive(Clone)]
struct BandView {
    mark: &'static str,
    word: &'static str,
    meaning: &'static str,
}

/// Every line, with its person's page where it has one.
fn rows(list: &TeamList) -> Vec<Row> {
    let lines = &list.lines;
    let has_page = |line: &Line| lines.len() <= PAGES_MAX_LINES && !line.is_removed();
    let row = |(at, line): (usize, &Line)| {
        let later = lines.iter().enumerate().skip(at + 1).find(|(_, line)| has_page(line));
        let next = later.map(|(at, line)| (at + 1, line.line_no));
        Row::of(line, list, at + 1, has_page(line).then(|| Person::of(line, next)))
    };
    lines.iter().enumerate().map(row).collect()
}

fn summary(page: &Page, list: &TeamList) -> String {
    let carried = list.lines.iter().filter(|line| line.is_carried_over).count();
    let new = list.lines.iter().filter(|line| line.is_new).count();
    let to_call = list.lines.iter().filter(|line| !line.is_removed()).count() as u64;
    format!(
        "{} to call, {new} of them new{}. Your team looks after {} with a risk score. It can take on {} each week{}. {}",
        people(to_call, ""),
        match carried {
            0 => String::new(),
            n => format!(", {n} called before and first on the list"),
        },
        people(list.n_owned, ""),
        people(u64::from(list.weekly_capacity), "new "),
        match list.n_accepted_this_week {
            0 => String::new(),
            n => format!(", and {n} have accepted this week"),
        },
        waiting::in_words(list.waiting_since(), page.index_date + 1),
    )
}
