//! From a code to the items of a list whose prefixes it starts with, by binary search: the list is long, and nights have
//! millions of codes.

use std::{collections::BTreeSet, sync::LazyLock};

use earlycall_schemas::codelists;

/// Prefixes of at most eight bytes, each as a number and with the position of its item, sorted.
pub(super) struct Prefixes {
    lengths: Vec<usize>,
    sorted: Vec<(u64, u16)>,
}

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
        let of_item = |(n, prefixes): (usize, &'static [String])| prefixes.iter().map(move |text| (text, n as u16));
        let all: Vec<(&String, u16)> = items.enumerate().flat_map(of_item).collect();
        let lengths: BTreeSet<usize> = all.iter().map(|(text, _)| text.len()).collect();
        let mut sorted: Vec<_> = all.into_iter().map(|(text, item)| (number(text), item)).collect();
        sorted.sort_unstable();
        Prefixes { lengths: lengths.into_iter().collect(), sorted }
    }

    /// The items with a prefix of a code; an item with two such prefixes comes twice.
    pub(super) fn of(&self, code: &str) -> impl Iterator<Item = u16> {
        self.lengths.iter().filter_map(|n| code.get(..*n)).flat_map(|prefix| {
            let wanted = number(prefix);
            let from = self.sorted.partition_point(|(known, _)| *known < wanted);
            self.sorted[from..].iter().take_while(move |(known, _)| *known == wanted).map(|(_, item)| *item)
        })
    }
}

/// Text of at most eight bytes as a number, in the order of the text.
fn number(text: &str) -> u64 {
    let mut bytes = [0; 8];
    bytes[..text.len()].copy_from_slice(text.as_bytes());
    u64::from_be_bytes(bytes)
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
