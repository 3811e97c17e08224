//! The reference documentation, written from the declarations: the same words for `init`, `schema` and the guides.

use std::collections::BTreeMap;

use crate::{
    contacts::coach_contacts,
    output::{OutputSpec, OutputType, outputs},
    rules::{Rule, rules},
    table::{ColumnSpec, DType, Otherwise, Presence, TableKind, TableSpec, Tier, tables},
};

/// One table as a section of Markdown: what a row is, its pitfalls, its columns.
///
/// # Example
/// ```
/// use earlycall_schemas::{reference::table_markdown, table::table};
/// let text = table_markdown(table("deaths").unwrap());
/// assert!(text.starts_with("## deaths\n"));
/// assert!(text.contains("| `death_date` | date | M |"));
/// ```
pub fn table_markdown(table: &TableSpec) -> String {
    let mut text = format!("## {}\n\n{} {}\n\n", table.name, table.grain, tier_words(table.tier));
    line(&mut text, &format!("- Key: {}", code_list(&table.key)));
    line(&mut text, &format!("- History: {}", kind_words(table.kind)));
    if table.words.is_some() {
        line(&mut text, &format!("- Read where `[feeds.{}]` names its legal basis, and not otherwise", table.name));
    }
    let clocks = [("Happened", &table.event), ("Known from", &table.received), ("Recorded", &table.recorded)];
    for (word, column) in clocks {
        if let Some(column) = column {
            line(&mut text, &format!("- {word}: `{column}`"));
        }
    }
    line(&mut text, &format!("\n{}\n", table.pitfalls));
    line(&mut text, "| column | type | presence | meaning | sources |");
    line(&mut text, "|---|---|---|---|---|");
    for column in &table.columns {
        let cells = [
            format!("`{}`", column.name),
            type_words(column),
            presence_letter(column.presence).to_owned(),
            meaning_words(column),
            column.source.clone(),
        ];
        line(&mut text, &row(&cells));
    }
    text
}

/// Every table, with an introduction.
pub fn tables_markdown() -> String {
    let mut text = String::from(
        "# Tables\n\nWhat a delivery holds, and last what coaches hand in. Presence: M column and value must be there, R the column must, O neither. In \
         CSV: UTF-8, a header, empty cells for missing values, lists joined by `|`. Codes are text.\n",
    );
    for table in tables().iter().chain([coach_contacts()]) {
        text.push('\n');
        text.push_str(&table_markdown(table));
    }
    text
}

/// Every rule, each as a section of Markdown.
pub fn rules_markdown() -> String {
    let mut text = String::from(
        "# Rules\n\nWhat is checked on arrival. `earlycall explain rule ID` shows one, with a service's own limits.\n",
    );
    for rule in rules() {
        text.push_str(&format!("\n## {}\n\n{}", rule.id, rule_page(rule, |name| rule.limits[name].default)));
    }
    text
}

/// A page about a rule; `limit` gives the limits that hold, by name.
pub fn rule_page(rule: &Rule, limit: impl Fn(&str) -> f64) -> String {
    let mut page = format!("{}\n\n", rule.checks);
    let tables = if rule.tables.is_empty() { "every table".to_owned() } else { rule.tables.join(", ") };
    line(&mut page, &format!("- Why: {}", rule.why));
    line(&mut page, &format!("- Tables: {tables}"));
    line(&mut page, &format!("- When it is broken: {}", action_words(rule)));
    match &rule.check_tells {
        Some(what) => {
            line(&mut page, &format!("- Looked at in full by `earlycall run` alone: `earlycall check` tells {what}"))
        }
        None if rule.by_night_alone => {
            line(&mut page, "- Looked at by `earlycall run` alone: `earlycall check` does not tell of it");
        }
        None => {}
    }
    if rule.is_incident {
        line(
            &mut page,
            "- A data incident: where the night goes on without the file, `run` and `check` say so on stderr",
        );
    }
    for (name, declared) in &rule.limits {
        line(&mut page, &format!("- Limit `{name}` = {}: {}", limit(name), declared.means));
    }
    for example in &rule.examples {
        let given = example.given.as_ref().map_or(String::new(), |given| format!(" ({given})"));
        let [keeps, breaks] = [&example.keeps, &example.breaks].map(cells_in_words);
        line(&mut page, &format!("- Example in {}{given}: {keeps} keeps it, {breaks} breaks it", example.table));
    }
    if rule.may_be_set_aside {
        line(
            &mut page,
            "- May be set aside: with an `[[override]]` that names who answers for it, why, and until when",
        );
    }
    line(&mut page, &format!("- What to do: {}", rule.hint));
    page
}

fn cells_in_words(cells: &BTreeMap<String, String>) -> String {
    let cells = cells.iter().map(|(column, cell)| match cell.as_str() {
        "" => format!("`{column}` empty"),
        cell => format!("`{column}` {cell}"),
    });
    cells.collect::<Vec<_>>().join(" with ")
}

/// Every output, each as a section of Markdown.
pub fn outputs_markdown() -> String {
    let mut text = String::from("# Outputs\n\nWhat a night writes.\n");
    for output in outputs() {
        text.push('\n');
        text.push_str(&output_markdown(output));
    }
    text
}

fn output_markdown(output: &OutputSpec) -> String {
    let mut text = format!("## {}\n\nFiles: {}. {}\n\n", output.name, output.files, output.grain);
    line(&mut text, "| column | type | meaning |");
    line(&mut text, "|---|---|---|");
    for column in &output.columns {
        let dtype = match column.dtype {
            OutputType::Text => "text",
            OutputType::TextList => "list of texts",
            OutputType::Int => "whole number",
            OutputType::Float => "number",
            OutputType::Bool => "boolean",
            OutputType::Date => "date",
            OutputType::Object => "object",
        };
        line(&mut text, &row(&[format!("`{}`", column.name), dtype.to_owned(), column.meaning.clone()]));
    }
    text
}

fn action_words(rule: &Rule) -> String {
    match rule.mandatory_action {
        Some(action) => format!("{}; in a mandatory column {action}", rule.action),
        None => rule.action.to_string(),
    }
}

fn tier_words(tier: Tier) -> &'static str {
    match tier {
        Tier::Core => "Core.",
        Tier::Advised => "Strongly advised.",
        Tier::Optional => "Optional.",
    }
}

fn kind_words(kind: TableKind) -> &'static str {
    match kind {
        TableKind::Clinical => "facts, each known from a day on; a past night sees only what was known then",
        TableKind::State => "the newest delivery counts, for past nights too",
        TableKind::Permission => "objections; the newest delivery counts, for past nights too",
        TableKind::Reference => "organisations and users; the newest delivery counts",
    }
}

fn type_words(column: &ColumnSpec) -> String {
    let word = match column.dtype {
        DType::PersonId => "pseudonym",
        DType::Text => "text",
        DType::Name => "name",
        DType::Code => "code",
        DType::Date => "date",
        DType::Month => "month (YYYY-MM-01)",
        DType::Timestamp => "timestamp",
        DType::Time => "time",
        DType::Bool => "boolean",
        DType::Int => "whole number",
        DType::Float => "number",
        DType::Snomed => "SNOMED CT",
        DType::Dmd => "dm+d",
        DType::Icd10 => "ICD-10",
        DType::Opcs4 => "OPCS-4",
        DType::Bnf => "BNF",
        DType::Practice => "practice (ODS)",
        DType::Provider => "provider (ODS)",
        DType::Site => "site (ODS)",
        DType::Lsoa => "LSOA",
        DType::Ucum => "unit (UCUM)",
    };
    if column.list { format!("list of {word}") } else { word.to_owned() }
}

fn presence_letter(presence: Presence) -> &'static str {
    match presence {
        Presence::M => "M",
        Presence::R => "R",
        Presence::O => "O",
    }
}

/// The meaning, with what the checks hold against the column.
fn meaning_words(column: &ColumnSpec) -> String {
    let mut sentences = vec![column.meaning.clone()];
    if !column.one_of.is_empty() {
        sentences.push(format!("One of {}.", code_list(&column.one_of)));
    }
    sentences.extend(column.min.map(|min| format!("At least {min}.")));
    sentences.extend(column.max.map(|max| format!("At most {max}.")));
    sentences.extend(column.not_before.as_ref().map(|earlier| format!("Not before `{earlier}`.")));
    sentences.extend(column.not_after.as_ref().map(|later| format!("Not after `{later}`.")));
    sentences.extend(column.otherwise.map(|otherwise| {
        let counts = match otherwise {
            Otherwise::Nothing => "is emptied",
            Otherwise::True => "counts as true",
            Otherwise::DayBeforeExtract => "counts as the day before the extract",
        };
        format!("A cell that breaks a rule {counts}, and its row stays.")
    }));
    sentences.join(" ")
}

fn code_list(codes: &[String]) -> String {
    codes.iter().map(|code| format!("`{code}`")).collect::<Vec<_>>().join(", ")
}

fn row(cells: &[String]) -> String {
    format!("| {} |", cells.iter().map(|cell| cell.replace('|', "\\|")).collect::<Vec<_>>().join(" | "))
}

fn line(text: &mut String, content: &str) {
    text.push_str(content);
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::table;

    #[test]
    fn a_column_is_shown_with_its_limits() {
        let text = table_markdown(table("registrations").unwrap());
        let end = text.lines().find(|line| line.starts_with("| `end_date`")).unwrap();
        assert!(end.starts_with("| `end_date` | date | R | Last day of the registration;"), "{end}");
        assert!(end.contains("Not before `start_date`."), "{end}");
    }

    #[test]
    fn every_row_of_every_table_has_as_many_cells_as_its_header() {
        for text in [tables_markdown(), rules_markdown(), outputs_markdown()] {
            let mut cells = 0;
            for line in text.lines() {
                let n = line.replace("\\|", "").matches('|').count();
                if line.starts_with('|') && cells > 0 {
                    assert_eq!(n, cells, "{line}");
                }
                cells = if line.starts_with('|') { n } else { 0 };
            }
        }
    }

    #[test]
    fn every_table_rule_and_output_is_documented() {
        let text = tables_markdown() + &rules_markdown() + &outputs_markdown();
        let names = tables().iter().map(|table| &table.name).chain(outputs().iter().map(|output| &output.name));
        assert!(names.into_iter().all(|name| text.contains(&format!("## {name}\n"))));
        assert!(rules().iter().all(|rule| text.contains(&format!("## {}\n\n{}\n", rule.id, rule.checks))));
    }
}
