//! The pathways as a Markdown page for people.

use super::{Asks, Pathway, PathwayId, pathways};
use crate::{feeds::AskedFacts, looked_after::services};

/// Every pathway, each as a section with its table as it stands in the settings: the page `docs/reference/pathways.md`.
pub fn pathways_markdown() -> String {
    let mut page = String::from(
        "# Pathways\n\nGenerated from `data-schemas/pathways`. The services on whose lists a person can be. A team of \
         `reference_teams` names its pathway, and gets the list of those whom one of its rules finds, by risk, up to its \
         capacity. Somebody may be on lists of several pathways, and of each on one team's.\n\nA rule finds somebody of \
         whom all holds that it asks; of what is not known nothing holds. A rule about places \
         finds nobody whose record is confidential, for that would tell where they live. Days are counted back from the index date T: within d days \
         is (T - d, T]. For whoever is on a list already, days and shares of risk are wider by `[worklist] hysteresis`, so \
         that nobody comes and goes at an edge; where attendances stopped, days since one are counted from the last day to which any are \
         known (so are those since a fact of an optional table that stopped); and a risk that rose stays so for 30 days, or while it is higher still. Never on a list, whatever stands here: whoever has died, objects, is under \
         age or a test patient, is at the end of life, or is kept off by a contact with a team of the same \
         pathway.\n\nWhat stands in the settings takes the place of what is declared, key by key; a rule under a new name is one \
         more, and `off = true` takes one away.\n",
    );
    for (id, pathway) in pathways().iter() {
        page.push_str(&section(id, pathway));
    }
    page
}

fn section(id: PathwayId, pathway: &Pathway) -> String {
    let Pathway { name, meaning, source, warning, .. } = pathway;
    let mut text = format!("\n## {}\n\n{name}. {meaning}\n\n", id.code());
    if let Some(warning) = warning {
        text.push_str(&format!("> {warning}\n\n"));
    }
    let list = |words: Vec<String>| words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ");
    let codes = |codes: toml::Value| {
        list(codes.as_array().into_iter().flatten().filter_map(|code| Some(code.as_str()?.to_owned())).collect())
    };
    let exclude = codes(toml::Value::try_from(&pathway.exclude).expect("words"));
    let flags = codes(toml::Value::try_from(&pathway.flags).expect("words"));
    text.push_str(&format!("```toml\n[pathways.{}]\nexclude = [{exclude}]\nflags = [{flags}]\n", id.code()));
    text.push_str(&format!("\n[pathways.{}.looked_after]\n", id.code()));
    for service in services() {
        let means = toml::Value::try_from(pathway.means(&service.id)).expect("a word");
        text.push_str(&format!("{} = {means}\n", service.id));
    }
    for (name, rule) in &pathway.rules {
        text.push_str(&format!("\n[pathways.{}.rules.{name}]\n{}", id.code(), of_rule(rule)));
    }
    text.push_str(&format!("```\n\nSource: {source}\n"));
    text
}

/// A rule as it is written by hand: the facts that it asks for one a line.
fn of_rule(rule: &Asks) -> String {
    let plain = Asks { facts: None, ..rule.clone() };
    let mut text = toml::to_string(&plain).expect("a rule is a plain table");
    let line = |asked: &AskedFacts| {
        let tests: Vec<String> = asked.tests().map(|test| format!("\"{test}\"")).collect();
        let tests = if tests.is_empty() { String::new() } else { format!("where = [{}], ", tests.join(", ")) };
        let AskedFacts { within_days, at_least, .. } = asked;
        format!("  {{ of = \"{}\", {tests}within_days = {within_days}, at_least = {at_least} }},\n", asked.table())
    };
    if !rule.asked_facts().is_empty() {
        let lines: String = rule.asked_facts().iter().map(line).collect();
        text.push_str(&format!("facts = [\n{lines}]\n"));
    }
    text
}
