//! What a coach may want to look up about a list: what it is for, how old it is, what its words mean.

use earlycall_schemas::contacts::outcomes;

use super::{
    change::risk_in_words,
    columns::COLUMNS,
    fill_in,
    line::{Band, Page, TeamList},
};

/// One line of the "Read me" sheet: a word and what to know about it. A line with no text is a heading.
pub type Entry = (String, String);

/// Everything to know about a list, in reading order.
pub fn entries(page: &Page, list: &TeamList) -> Vec<Entry> {
    let mut entries = vec![
        entry("Worklist", &format!("Team {}, {}", list.team_id, list.pathway_name())),
        entry("Night", &page.title()),
        entry("What it is", &page.purpose()),
        entry("Risk", &risk_meaning(page)),
        entry(
            "Outcome",
            "Choose what came of the contact from the list in each cell, and hand this file in: it may be sorted, \
                          filtered and half filled in. Please write nothing else.",
        ),
        entry("Take care", "Contains patient data. Do not send it to anybody outside your team."),
        entry("Looks wrong?", "Tell the people who run this list, and give them the run below."),
        entry("Run", &page.run_id),
        entry("Model", &page.model),
    ];
    entries.push(entry("Notices", ""));
    entries.extend(list.notices(page).zip(1..).map(|(notice, n): (&str, u32)| entry(&n.to_string(), notice)));
    if list.notices(page).next().is_none() {
        entries.push(entry("1", "Nothing special tonight."));
    }
    entries.push(entry("No longer on this list", ""));
    entries.extend(list.left.iter().map(|(person, why)| entry(person, why)));
    if list.left.is_empty() {
        entries.push(entry("Nobody", "Everybody of the list before is on this one."));
    }
    entries.push(entry("Data, last day known", ""));
    entries.extend(page.data_dates.iter().map(|(feed, date)| entry(feed, date)));
    entries.push(entry("Outcomes, and what they do to your next list", ""));
    entries.extend(outcomes().iter().map(|outcome| entry(&outcome.words, &outcome.meaning)));
    let mistake = "What this line brought before is taken back. A death or an objection is not: tell the people who run this \
                   list.";
    entries.push(entry(fill_in::MISTAKE, mistake));
    entries.push(entry("Other columns to fill in", ""));
    entries.extend(fill_in::ALL[1..].iter().map(|column| entry(column.heading, column.message)));
    entries.push(entry("Bands", ""));
    entries.extend(Band::ALL.map(|band| entry(band.in_words(), band.meaning())));
    entries.push(entry("Columns", ""));
    entries.extend(COLUMNS.iter().map(|column| entry(column.heading, column.meaning)));
    entries
}

/// What "34 in 100" means on this page.
pub fn risk_meaning(page: &Page) -> String {
    format!(
        "\"34 in 100\" means: of 100 people like this one, about 34 have {} in the next {} days. The average of everybody \
         scored is {}.",
        page.outcome_in_words,
        page.horizon_days,
        risk_in_words(page.average_risk)
    )
}

fn entry(word: &str, text: &str) -> Entry {
    (word.to_owned(), text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worklist::sample;

    #[test]
    fn tells_run_model_purpose_dates_notices_and_every_band_and_column() {
        let page = sample::page();
        let entries = entries(&page, &sample::list());
        let has = |word: &str, text: &str| entries.contains(&(word.to_owned(), text.to_owned()));
        assert!(has("Run", &page.run_id) && has("Model", &page.model) && has("What it is", &page.purpose()));
        assert!(has("Hospital stays", "18 November 2026"));
        assert!(has("1", &page.notices[0]));
        assert!(Band::ALL.iter().all(|band| has(band.in_words(), band.meaning())));
        assert!(COLUMNS.iter().all(|column| has(column.heading, column.meaning)));
    }
}
