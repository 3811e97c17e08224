//! `[extracts.mapping.TABLE]`: how a supplier's columns become those of a table.

mod check;
mod written;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub(super) use self::check::check;
pub use self::written::{DateForm, Encoding, MomentForm};

/// The mappings of a service, by table.
pub type Mappings = BTreeMap<String, TableMapping>;

/// How the columns of a supplier become those of a table. Targets are columns of the table; what is not mapped is read
/// under its own name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct TableMapping {
    /// By target, the supplier's column that it is read from.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, String>,
    /// By target, numbered columns that are joined into its list: `DIAG_4_{01..20}`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub lists: BTreeMap<String, Numbered>,
    /// By target, what every row has. `{extracted_at}` is when the delivery was extracted.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub constants: BTreeMap<String, String>,
    /// By target, its codes by the supplier's. An empty one is none; a code of the supplier that is not here is rejected.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub codes: BTreeMap<String, BTreeMap<String, String>>,
    /// How its days are written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dates: Option<DateForm>,
    /// How its moments are written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moments: Option<MomentForm>,
    /// How the characters of a CSV file are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<Encoding>,
    /// Columns of the supplier that are passed over.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub ignore: BTreeSet<String>,
    /// Whether whatever is not named here is passed over too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ignore_others: Option<bool>,
    /// What is otherwise for a provider, by its code.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub provider: BTreeMap<String, TableMapping>,
}

/// Columns that differ by a number in their names, such as `DIAG_4_{01..20}`: with leading zeros as the first has them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Numbered {
    pattern: String,
    names: Vec<String>,
}

/// More numbered columns than any table of the service has.
const NUMBERED_MAX: u32 = 200;

impl Numbered {
    /// The names of the columns, in their order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The names as they were written: one pattern.
    pub fn pattern(&self) -> &str {
        &self.pattern
    }
}

impl TryFrom<String> for Numbered {
    type Error = &'static str;

    fn try_from(pattern: String) -> Result<Numbered, &'static str> {
        const FORM: &str = "must name its numbers once, such as \"DIAG_4_{01..20}\", and at most 200 of them";
        let (before, rest) = pattern.split_once('{').ok_or(FORM)?;
        let (numbers, after) = rest.split_once('}').ok_or(FORM)?;
        let (first, last) = numbers.split_once("..").ok_or(FORM)?;
        let number = |text: &str| {
            let is_number = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
            if is_number { text.parse::<u32>().map_err(|_| FORM) } else { Err(FORM) }
        };
        let (from, to, width) = (number(first)?, number(last)?, first.len());
        if from > to || to - from >= NUMBERED_MAX || after.contains(['{', '}']) {
            return Err(FORM);
        }
        let names = (from..=to).map(|n| format!("{before}{n:0width$}{after}")).collect();
        Ok(Numbered { pattern, names })
    }
}

impl From<Numbered> for String {
    fn from(numbered: Numbered) -> String {
        numbered.pattern
    }
}

impl TableMapping {
    /// What holds for a provider: its own mapping, and the table's wherever that says nothing.
    pub fn of_provider(&self, code: &str) -> TableMapping {
        let mut own = self.provider.get(code).cloned().unwrap_or_default();
        let taken: BTreeSet<String> = own.targets().map(str::to_owned).collect();
        let is_free = |target: &&String| !taken.contains(*target);
        own.columns.extend(copied(&self.columns, is_free));
        own.lists.extend(copied(&self.lists, is_free));
        own.constants.extend(copied(&self.constants, is_free));
        for (target, codes) in &self.codes {
            own.codes.entry(target.clone()).or_insert_with(|| codes.clone());
        }
        own.ignore.extend(self.ignore.iter().cloned());
        TableMapping {
            dates: own.dates.or(self.dates),
            moments: own.moments.or(self.moments),
            encoding: own.encoding.or(self.encoding),
            ignore_others: own.ignore_others.or(self.ignore_others),
            ..own
        }
    }

    /// Every column of the table that gets its cells from here.
    pub fn targets(&self) -> impl Iterator<Item = &str> {
        self.columns.keys().chain(self.lists.keys()).chain(self.constants.keys()).map(String::as_str)
    }
}

fn copied<'a, T: Clone>(
    from: &'a BTreeMap<String, T>,
    is_wanted: impl Fn(&&String) -> bool + 'a,
) -> impl Iterator<Item = (String, T)> + 'a {
    from.iter().filter(move |(key, _)| is_wanted(key)).map(|(key, value)| (key.clone(), value.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping(text: &str) -> TableMapping {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn numbered_columns_are_named_with_their_zeros() {
        let names = |pattern: &str| Numbered::try_from(pattern.to_owned()).map(|numbered| numbered.names);
        assert_eq!(names("DIAG_4_{08..11}").unwrap(), ["DIAG_4_08", "DIAG_4_09", "DIAG_4_10", "DIAG_4_11"]);
        assert_eq!(names("d{9..10}_code").unwrap(), ["d9_code", "d10_code"]);
        for pattern in ["DIAG", "{1}", "{2..1}", "{a..b}", "{1..9}{1..9}", "{1..201}", "{-1..2}", "{1..99999}"] {
            assert!(names(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn a_provider_overrides_target_by_target_and_takes_the_rest_from_the_table() {
        let table = mapping(
            r#"
            columns = { admission_date = "ADMIDATE", provider_code = "PROCODE3" }
            dates = "%d/%m/%Y"
            ignore = ["FYEAR"]
            [provider.R1H]
            constants = { provider_code = "R1H" }
            ignore = ["SPARE"]
            "#,
        );
        let expected = mapping(
            r#"
            columns = { admission_date = "ADMIDATE" }
            constants = { provider_code = "R1H" }
            dates = "%d/%m/%Y"
            ignore = ["FYEAR", "SPARE"]
            "#,
        );
        assert_eq!(table.of_provider("R1H"), expected);
        let other = table.of_provider("RF4");
        assert_eq!((other.columns, other.constants), (table.columns.clone(), BTreeMap::new()));
    }
}
