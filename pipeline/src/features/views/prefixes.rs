//! From a code to the items of a list whose prefixes it starts with, by binary search: the list is long, and nights have
//! millions of codes.

use std::sync::LazyLock;

use earlycall_schemas::codelists;

/// Prefixes, sorted, each with the position of its item.
pub(super) struct Prefixes(Vec<(&'static str, u16)>);

/// Long-term conditions by ICD-10 code.
pub(super) static CONDITIONS: LazyLock<Prefixes> =
    LazyLock::new(|| Prefixes::new(codelists::conditions().iter().map(|condition| &condition.icd10[..])));
/// Charlson groups by ICD-10 code.
pub(super) static CHARLSON_GROUPS: LazyLock<Prefixes> =
    LazyLock::new(|| Prefixes::new(codelists::charlson_groups().iter().map(|group| &group.icd10[..])));
/// Sections of the formulary by BNF code.
pub(super) static BNF_SECTIONS: LazyLock<Prefixes> = LazyLock::new(|| {
    Prefixes::new(codelists::bnf_sections().iter().map(|section| std::slice::from_ref(&section.code)))
});

impl Prefixes {
    fn new(items: impl Iterator<Item = &'static [String]>) -> Prefixes {
        let of_item =
            |(n, prefixes): (usize, &'static [String])| prefixes.iter().map(move |text| (text.as_str(), n as u16));
        let mut all: Vec<_> = items.enumerate().flat_map(of_item).collect();
        all.sort_unstable();
        Prefixes(all)
    }

    /// The items with a prefix of a code; an item with two such prefixes comes twice.
    pub(super) fn of<'a>(&'a self, code: &'a str) -> impl Iterator<Item = u16> + 'a {
        (1..=code.len()).flat_map(move |n| {
            let prefix = &code[..n]; // codes are ASCII
            let from = self.0.partition_point(|(known, _)| *known < prefix);
            self.0[from..].iter().take_while(move |(known, _)| *known == prefix).map(|(_, item)| *item)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_search_agrees_with_the_code_lists() {
        let codes = ["J441", "I110", "N183", "S720", "F102", "C349", "E112", "", "J", "I252"];
        for code in codes {
            let named = |items: Vec<u16>| -> Vec<&str> {
                items.into_iter().map(|item| codelists::conditions()[item as usize].id.as_str()).collect()
            };
            let mut found: Vec<u16> = CONDITIONS.of(code).collect();
            found.sort_unstable();
            found.dedup();
            let expected = codelists::conditions().iter().filter(|condition| condition.is_shown_by_icd10(code));
            assert_eq!(named(found), expected.map(|condition| condition.id.as_str()).collect::<Vec<_>>(), "{code}");
        }
        for bnf in ["0301011R0AAAPAP", "23350501234", "03", "1901"] {
            let found = BNF_SECTIONS.of(bnf).next().map(|item| &codelists::bnf_sections()[item as usize].code);
            assert_eq!(found, codelists::bnf_section(bnf).map(|section| &section.code), "{bnf}");
        }
    }
}
