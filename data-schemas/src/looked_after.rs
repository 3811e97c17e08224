//! Who may look after somebody already, declared once in `services/looked_after.toml`; what that means to a list is declared
//! with each pathway.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::feeds::AskedFacts;

/// A service that looks after people.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The word in settings and files.
    pub id: String,
    /// What it is called on a page.
    pub words: String,
    /// The facts by which it is known, of which the newest counts.
    pub of: AskedFacts,
    /// The service by which the same would be told better: where it is known, this one is not told.
    pub unless: Option<String>,
    told: String,
    check: String,
    kept_off: String,
}

/// What it means to a list that a service looks after somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Means {
    /// They are left to the service, and are not on the list.
    KeepsOff,
    /// They are on the list, with advice before the call.
    Check,
    /// They are on the list, and the line tells it among other things.
    Tell,
}

impl Service {
    /// As a line tells it: "Virtual ward since 3 November 2026".
    pub fn told(&self, day: &str) -> String {
        self.told.replace(DAY, day)
    }

    /// As advice before a call: "Community nurses saw them on 3 November 2026: speak with them first".
    pub fn check(&self, day: &str) -> String {
        self.check.replace(DAY, day)
    }

    /// As a reason for being on no list: "on a virtual ward since 3 November 2026, looked after there".
    pub fn kept_off(&self, day: &str) -> String {
        self.kept_off.replace(DAY, day)
    }
}

/// Stands for the day in a text.
const DAY: &str = "{day}";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    service: Vec<Service>,
}

static SERVICES: LazyLock<Vec<Service>> = LazyLock::new(|| {
    crate::embedded::parse_toml::<File>("services/looked_after.toml", crate::embedded::LOOKED_AFTER).service
});

/// Every service, in the order in which they are told: whoever is nearest to somebody first.
///
/// # Example
/// ```
/// use earlycall_schemas::looked_after::{service, services};
/// let ward = service("virtual_ward").unwrap();
/// assert_eq!(ward.of.table(), "virtual_ward_stays");
/// assert_eq!(ward.kept_off("3 May 2026"), "on a virtual ward since 3 May 2026, looked after there");
/// assert!(service("crisis_team").is_none(), "nobody is told who sees a mental health service");
/// ```
pub fn services() -> &'static [Service] {
    &SERVICES
}

/// The service of an id; anything else is `None`.
pub fn service(id: &str) -> Option<&'static Service> {
    services().iter().find(|service| service.id == id)
}

/// Every service as a Markdown page for people: `docs/reference/looked_after.md`.
pub fn looked_after_markdown() -> String {
    let mut page = String::from(
        "# Looked after already\n\nGenerated from `data-schemas/services/looked_after.toml`. Who may look after somebody \
         already, and how that is known: by the newest fact of an optional table that passes the tests, within so many days of \
         the index date. Where a table is not there, has no legal basis, or stopped too long ago to count, nothing is known by it \
         and no line says that nobody comes. What it means to a list stands with each [pathway](pathways.md). Nothing here is \
         about mental health.\n\n\
         | id | service | known by | within days | on a line | advice before a call | why on no list |\n|---|---|---|---|---|---|---|\n",
    );
    for service in services() {
        let Service { id, words, of, .. } = service;
        let known_by =
            format!("`{}` {}", of.table(), of.tests().map(|test| format!("`{test}`")).collect::<Vec<_>>().join(", "));
        let [told, check, kept_off] = [service.told("…"), service.check("…"), service.kept_off("…")];
        let at_least = if of.at_least > 1 { format!(", at least {}", of.at_least) } else { String::new() };
        let unless = service.unless.as_ref().map_or(String::new(), |other| format!(", unless {other}"));
        let (known_by, days) = (format!("{}{at_least}{unless}", known_by.trim_end()), of.within_days);
        page.push_str(&format!("| {id} | {words} | {known_by} | {days} | {told} | {check} | {kept_off} |\n"));
    }
    page
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::table::table;

    #[test]
    fn nobody_is_told_of_a_service_for_the_mind_by_its_table_or_in_words() {
        for service in services() {
            assert!(!table(service.of.table()).unwrap().is_sensitive, "{}", service.id);
            let texts = [&service.words, &service.told, &service.check, &service.kept_off];
            for text in texts.map(|text| text.to_lowercase()) {
                assert!(["mental", "crisis", "psych", "memory"].iter().all(|word| !text.contains(word)), "{text}");
            }
        }
        let error = toml::from_str::<AskedFacts>("of = \"mental_health_contacts\"\nwithin_days = 42").unwrap_err();
        assert!(error.to_string().contains("sensitive"), "{error}");
    }

    #[test]
    fn every_service_has_its_own_id_and_each_of_its_texts_a_day() {
        let ids: BTreeSet<&str> = services().iter().map(|service| service.id.as_str()).collect();
        assert_eq!(ids.len(), services().len());
        for Service { id, told, check, kept_off, of, .. } in services() {
            assert!([told, check, kept_off].iter().all(|text| text.matches(DAY).count() == 1), "{id}");
            assert!(of.at_least >= 1, "{id}");
        }
        for (nth, service) in services().iter().enumerate() {
            let is_before = |other: &String| services()[..nth].iter().any(|before| before.id == *other);
            assert!(service.unless.as_ref().is_none_or(is_before), "{}", service.id);
        }
    }
}
