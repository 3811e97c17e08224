//! So many facts of a feed within so many days: what a rule of a pathway may ask, and what says that a service looks after
//! somebody.

use serde::{Deserialize, Serialize};

use crate::{
    catalogue::{Test, View},
    table::table,
};

/// Longest that facts may be looked back for, in days.
const WITHIN_DAYS_MAX: u32 = 3650;

/// Facts of an optional table that are asked for: at least so many within so many days that pass all of some tests.
///
/// # Example
/// ```
/// use earlycall_schemas::{catalogue::View, feeds::AskedFacts};
/// let asked = |text: &str| toml::from_str::<AskedFacts>(text);
/// let missed = asked("of = \"home_care_visits\"\nwhere = [\"is_missed\"]\nwithin_days = 28\nat_least = 2").unwrap();
/// assert_eq!((missed.view, missed.within_days, missed.at_least), (View::HomeCareVisits, 28, 2));
/// assert_eq!(missed.in_words(3).unwrap(), "3 home-care visits that nobody came to");
/// let error = asked("of = \"home_care_visits\"\nwhere = [\"is_open\"]\nwithin_days = 28").unwrap_err().to_string();
/// assert!(error.contains("home_care_visits has no test `is_open`"), "a visit does not last: {error}");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct AskedFacts {
    /// Whose facts.
    pub view: View,
    /// The tests that each of them passes.
    tests: Vec<&'static Test>,
    /// The days back from the index date T in which they count: (T - d, T].
    pub within_days: u32,
    /// How many there must be, 1 at the least.
    pub at_least: u32,
}

/// As it is written.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Written {
    of: String,
    #[serde(default, rename = "where", skip_serializing_if = "Vec::is_empty")]
    tests: Vec<String>,
    within_days: u32,
    #[serde(default = "one")]
    at_least: u32,
}

fn one() -> u32 {
    1
}

impl AskedFacts {
    /// The name of the table.
    pub fn table(&self) -> &'static str {
        self.view.name()
    }

    /// The names of the tests that each of them passes.
    pub fn tests(&self) -> impl Iterator<Item = &'static str> {
        self.tests.iter().map(|test| test.name)
    }

    /// Whether a fact that passes these tests, as bits, is one of them.
    pub fn asks_for(&self, tests: u64) -> bool {
        let asked = self.tests.iter().fold(0, |all, test| all | test.bit);
        tests & asked == asked
    }

    /// Whether the facts last, and so have a day on which they begin.
    pub fn lasts(&self) -> bool {
        self.view.feed().is_some_and(|feed| feed.until.is_some())
    }

    /// So many of them in words, "2 home-care visits that nobody came to"; none where nothing may be said of them on a line.
    pub fn in_words(&self, n: usize) -> Option<String> {
        let feed = self.view.feed()?;
        let [one, many] = feed.counted.as_ref()?;
        let told: Option<Vec<&str>> = self.tests.iter().map(|test| feed.told_of(test.name)).collect();
        let called = format!("{n} {}", if n == 1 { one } else { many });
        Some(std::iter::once(called.as_str()).chain(told?).collect::<Vec<_>>().join(" "))
    }
}

impl TryFrom<Written> for AskedFacts {
    type Error = String;

    fn try_from(written: Written) -> Result<AskedFacts, String> {
        let Written { of, tests, within_days, at_least } = written;
        let view = View::named(&of).filter(|view| view.feed().is_some());
        let view = view.ok_or_else(|| format!("`of`: there is no optional table `{of}`"))?;
        if table(&of).is_some_and(|table| table.is_sensitive) {
            return Err(format!("`of`: {of} is sensitive: who is on a list for it would tell"));
        }
        let named = |name: &String| {
            let known = view.tests().iter().find(|test| test.name == name);
            known.ok_or_else(|| {
                let all: Vec<&str> = view.tests().iter().map(|test| test.name).collect();
                format!("`where`: {of} has no test `{name}`; it has {}", all.join(", "))
            })
        };
        let tests = tests.iter().map(named).collect::<Result<_, _>>()?;
        if !(1..=WITHIN_DAYS_MAX).contains(&within_days) {
            return Err(format!("`within_days` must be 1 to {WITHIN_DAYS_MAX}"));
        }
        if at_least == 0 {
            return Err("`at_least` must be 1 or more".to_owned());
        }
        Ok(AskedFacts { view, tests, within_days, at_least })
    }
}

impl From<AskedFacts> for Written {
    fn from(asked: AskedFacts) -> Written {
        let AskedFacts { view, tests, within_days, at_least } = asked;
        let tests = tests.iter().map(|test| test.name.to_owned()).collect();
        Written { of: view.name().to_owned(), tests, within_days, at_least }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Result<AskedFacts, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn what_cannot_be_asked_is_refused_with_what_can() {
        for (text, expected) in [
            ("of = \"home_visits\"\nwithin_days = 28", "there is no optional table `home_visits`"),
            ("of = \"gp_events\"\nwithin_days = 28", "there is no optional table `gp_events`"),
            ("of = \"mental_health_contacts\"\nwithin_days = 28", "is sensitive"),
            ("of = \"home_care_visits\"\nwhere = [\"is_mised\"]\nwithin_days = 28", "it has is_delivered, is_missed"),
            ("of = \"home_care_visits\"\nwithin_days = 0", "`within_days` must be 1 to 3650"),
            ("of = \"home_care_visits\"\nwithin_days = 28\nat_least = 0", "`at_least` must be 1 or more"),
            ("of = \"home_care_visits\"", "missing field `within_days`"),
        ] {
            let error = asked(text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn a_fact_that_passes_all_tests_is_one_and_what_is_not_to_be_told_is_not() {
        let bit = |view: View, name: &str| view.tests().iter().find(|test| test.name == name).unwrap().bit;
        let text = "of = \"telecare_events\"\nwhere = [\"is_of_fall\", \"is_answered_in_person\"]\nwithin_days = 28";
        let fall = asked(text).unwrap();
        let of_fall = bit(View::TelecareEvents, "is_of_fall");
        assert!(!fall.asks_for(of_fall) && fall.asks_for(of_fall | bit(View::TelecareEvents, "is_answered_in_person")));
        let words = "1 alarm or sensor event at home by a fall detector for which somebody had to come";
        assert_eq!(fall.in_words(1).as_deref(), Some(words));
        let cancer =
            asked("of = \"waiting_list_entries\"\nwhere = [\"is_suspected_cancer\"]\nwithin_days = 90").unwrap();
        assert_eq!(cancer.in_words(1), None);
        let ward = asked("of = \"virtual_ward_stays\"\nwhere = [\"is_open\"]\nwithin_days = 60").unwrap();
        assert_eq!(ward.in_words(1).as_deref(), Some("1 stay on a virtual ward still open"));
        assert!(ward.lasts() && !fall.lasts());
    }

    #[test]
    fn what_is_written_reads_the_same() {
        let text = "of = \"home_care_visits\"\nwhere = [\"is_missed\"]\nwithin_days = 28\nat_least = 2\n";
        assert_eq!(toml::to_string(&asked(text).unwrap()).unwrap(), text);
    }
}
