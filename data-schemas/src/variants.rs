//! The ways in which feeds may be missing for which there is a model: those of every service are declared in
//! `models/variants.toml`, those of optional tables follow from them.

use std::{collections::BTreeSet, sync::LazyLock};

use serde::Deserialize;

use crate::{
    catalogue::catalogue,
    table::{TableSpec, Tier, tables},
};

/// A model that does without some feeds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// The name of its file.
    pub id: String,
    /// The tables of which it knows nothing, sorted.
    pub without: Vec<String>,
    /// What it does without of what every service has, in words that follow "without". Which optional tables a service
    /// would miss depends on those that it has, and each has words of its own.
    pub words: Option<String>,
    /// When such a night comes.
    pub why: String,
}

static VARIANTS: LazyLock<Vec<Variant>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct File {
        variant: Vec<Variant>,
    }
    let declared = crate::embedded::parse_toml::<File>("models/variants.toml", crate::embedded::VARIANTS).variant;
    let is_fed = |table: &&TableSpec| catalogue().entries().iter().any(|entry| entry.feeds.contains(&table.name));
    let optional = tables().iter().filter(|table| table.tier == Tier::Optional).filter(is_fed);
    of(declared, &optional.map(|table| table.name.as_str()).collect::<Vec<_>>())
});

/// Every variant; those that do without less come first.
///
/// Whatever combination of feeds is missing, one does without all of it: of optional tables either one alone, or any
/// number, for which there is the variant without all of them.
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

/// What is declared, and what follows from it for some optional tables.
fn of(declared: Vec<Variant>, optional: &[&str]) -> Vec<Variant> {
    let alone = optional.iter().map(|table| Variant {
        id: format!("without_{table}"),
        without: vec![(*table).to_owned()],
        words: None,
        why: "Each optional table comes from senders of its own, under an agreement of its own.".to_owned(),
    });
    let together = std::iter::once(None).chain(declared.iter().map(Some)).map(|base| {
        let base_without = base.iter().flat_map(|base| base.without.iter().map(String::as_str));
        let without: BTreeSet<&str> = base_without.chain(optional.iter().copied()).collect();
        Variant {
            id: format!("{}without_optional_tables", base.map_or(String::new(), |base| format!("{}_", base.id))),
            without: without.into_iter().map(str::to_owned).collect(),
            words: base.and_then(|base| base.words.clone()),
            why: "Several feeds that fail for different reasons fail in one week sooner or later.".to_owned(),
        }
    });
    let mut seen = BTreeSet::from([Vec::new()]);
    let generated: Vec<Variant> = alone.chain(together).collect();
    let mut all: Vec<Variant> = declared.into_iter().chain(generated).collect();
    all.retain(|variant| seen.insert(variant.without.clone()));
    all.sort_by_key(|variant| variant.without.len());
    all
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

    fn declared() -> Vec<Variant> {
        let variant = |id: &str, without: &[&str]| Variant {
            id: id.to_owned(),
            without: without.iter().map(|table| (*table).to_owned()).collect(),
            words: Some(id.to_owned()),
            why: String::new(),
        };
        vec![variant("without_a", &["a"]), variant("without_a_and_b", &["a", "b"])]
    }

    #[test]
    fn of_optional_tables_each_alone_and_all_of_them_with_whatever_else_is_missing() {
        let all = of(declared(), &["x", "y", "z"]);
        let told = |variant: &Variant| format!("{}: {}", variant.id, variant.without.join(" "));
        assert_eq!(
            all.iter().map(told).collect::<Vec<_>>(),
            [
                "without_a: a",
                "without_x: x",
                "without_y: y",
                "without_z: z",
                "without_a_and_b: a b",
                "without_optional_tables: x y z",
                "without_a_without_optional_tables: a x y z",
                "without_a_and_b_without_optional_tables: a b x y z",
            ]
        );
        assert_eq!(of(declared(), &[]), declared());
        let of_one: Vec<Variant> = of(declared(), &["x"]);
        let ids: Vec<&str> = of_one.iter().map(|variant| variant.id.as_str()).collect();
        assert_eq!(ids[..3], ["without_a", "without_x", "without_a_and_b"], "alone is all of one");
    }

    #[test]
    fn whatever_is_missing_of_optional_tables_beside_a_declared_set_there_is_a_variant_for_it() {
        let all = of(declared(), &["x", "y", "z"]);
        for base in [&[][..], &["a"], &["a", "b"]] {
            for picked in 0..8_u32 {
                let optional = ["x", "y", "z"].iter().enumerate().filter(|(at, _)| picked >> at & 1 == 1);
                let missing: Vec<&str> = base.iter().copied().chain(optional.map(|(_, table)| *table)).collect();
                let covers = |one: &Variant| missing.iter().all(|table| one.without.iter().any(|of| of == table));
                assert!(all.iter().any(covers), "{missing:?}");
            }
        }
    }

    #[test]
    fn no_night_is_scored_without_hospital_stays() {
        assert!(variants().iter().all(|variant| !variant.without.contains(&"apc_episodes".to_owned())));
    }
}
