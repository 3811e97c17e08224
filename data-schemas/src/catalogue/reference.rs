//! The catalogue as a Markdown page for people.

use std::fmt::Write;

use super::{Catalogue, Entry, Take, catalogue, view::View};
use crate::feeds::feeds;

/// Every feature, entry by entry, and every view with its tests: the page `docs/reference/features.md`.
pub fn catalogue_markdown() -> String {
    let catalogue = catalogue();
    let mut page = format!(
        "# Features\n\nGenerated from `data-schemas/features`. {} features of {} entries; catalogue `{}`.\n\n\
         A window of w days ends on the index date T and holds the days (T - w, T]. A feature is missing, never zero, \
         where none of its tables has arrived. Sensitive features count for the model and appear in no sentence.\n\n",
        catalogue.features().len(),
        catalogue.entries().len(),
        catalogue.hash(),
    );
    write_entries(&mut page, catalogue).expect("writing to a string can't fail");
    write_views(&mut page).expect("writing to a string can't fail");
    page
}

fn write_entries(page: &mut String, catalogue: &Catalogue) -> std::fmt::Result {
    writeln!(
        page,
        "| entry | windows in days | what it is | unit | missing without | risk goes | sensitive | source |"
    )?;
    writeln!(page, "|---|---|---|---|---|---|---|---|")?;
    for entry in catalogue.entries() {
        let windows: Vec<String> = entry.within_days.iter().map(u32::to_string).collect();
        writeln!(
            page,
            "| `{}` | {} | {} | {} | {} | {} | {} | {} |",
            entry.name,
            if windows.is_empty() { "all".to_owned() } else { windows.join(", ") },
            meaning(entry),
            entry.unit,
            entry.feeds.join(" or "),
            entry.risk_goes.name(),
            if entry.sensitive { "yes" } else { "no" },
            entry.source,
        )?;
    }
    Ok(())
}

/// "count of hospital_stays where is_emergency".
fn meaning(entry: &Entry) -> String {
    let mut words = format!("{} of {}", entry.take.name(), entry.view.name());
    let item = entry.known_item().map(|item| format!("item {}", item.name));
    let tests: Vec<String> = item.into_iter().chain(entry.test_names.iter().cloned()).collect();
    if !tests.is_empty() {
        words.push_str(&format!(" where {}", tests.join(" and ")));
    }
    if entry.take == Take::Distinct {
        words = words.replacen("distinct of", "different items of", 1);
    }
    if let Some(days) = entry.against_days {
        words.push_str(&format!(", against the days before, back to {days}"));
    }
    if let Some(age) = entry.from_age_years {
        words.push_str(&format!(", from age {age}"));
    }
    words
}

fn write_views(page: &mut String) -> std::fmt::Result {
    writeln!(page, "\n## Optional tables as facts\n\nGenerated from `data-schemas/feeds`.\n")?;
    writeln!(page, "| view | what a fact is | day | until |\n|---|---|---|---|")?;
    for feed in feeds() {
        let until = feed.until.as_deref().unwrap_or("");
        writeln!(page, "| `{}` | {} | {} | {until} |", feed.table(), feed.meaning, feed.day)?;
    }
    writeln!(page, "\n## Tests of the views\n\n| view | test | what it asks |\n|---|---|---|")?;
    for view in View::ALL {
        for test in view.tests() {
            writeln!(page, "| `{}` | `{}` | {} |", view.name(), test.name, test.meaning)?;
        }
    }
    Ok(())
}
