//! The ways in which feeds may be missing for which there is a model, declared once in `models/variants.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

/// A model that does without some feeds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// The name of its file.
    pub id: String,
    /// The tables of which it knows nothing, sorted.
    pub without: Vec<String>,
    /// What it does without, in words that follow "without".
    pub words: String,
    /// When such a night comes.
    pub why: String,
}

static VARIANTS: LazyLock<Vec<Variant>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct File {
        variant: Vec<Variant>,
    }
    crate::embedded::parse_toml::<File>("models/variants.toml", crate::embedded::VARIANTS).variant
});

/// Every variant; those that do without less come first.
///
/// # Example
/// ```
/// use earlycall_schemas::variants::variants;
/// let without_ae = variants().iter().find(|variant| variant.id == "without_ae").unwrap();
/// assert_eq!(without_ae.without, ["ed_attendances"]);
/// ```
pub fn variants() -> &'static [Variant] {
    &VARIANTS
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{
        catalogue::catalogue,
        rules::rule,
        table::{TableKind, table},
    };

    #[test]
    fn a_variant_does_without_feeds_of_features_that_have_an_age() {
        for variant in variants() {
            for name in &variant.without {
                let table = table(name).unwrap_or_else(|| panic!("{}: {name}", variant.id));
                assert_eq!(table.kind, TableKind::Clinical, "{}: {name}", variant.id);
                assert!(catalogue().entries().iter().any(|entry| entry.feeds.contains(name)), "{}: {name}", variant.id);
                assert!(rule("V33").unwrap().limits.contains_key(&format!("{name}_days")), "{}: {name}", variant.id);
            }
        }
    }

    #[test]
    fn the_first_variant_that_will_do_is_the_one_that_does_without_least() {
        assert!(variants().is_sorted_by_key(|variant| variant.without.len()));
        assert!(variants().iter().all(|variant| variant.without.is_sorted()));
        let ids: BTreeSet<&str> = variants().iter().map(|variant| variant.id.as_str()).collect();
        let sets: BTreeSet<&[String]> = variants().iter().map(|variant| variant.without.as_slice()).collect();
        assert_eq!((ids.len(), sets.len()), (variants().len(), variants().len()));
    }

    #[test]
    fn no_night_is_scored_without_hospital_stays() {
        assert!(variants().iter().all(|variant| !variant.without.contains(&"apc_episodes".to_owned())));
    }
}
