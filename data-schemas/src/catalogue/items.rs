//! The declared lists over which an entry can repeat: what a fact can be an instance of.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::codelists;

/// A list of items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemList {
    /// Long-term conditions.
    Conditions,
    /// Sections of the British National Formulary.
    BnfSections,
    /// Measured results.
    Observations,
    /// Groups of the Charlson index.
    CharlsonGroups,
    /// Attributes of a person.
    Person,
}

/// One item of a list. Its position in the list stands for it in a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Name in a feature file and in a feature's name.
    pub name: String,
    /// Plain words for the middle of a sentence.
    pub label: String,
    /// Whether no sentence may ever name it.
    pub sensitive: bool,
}

/// An attribute of a person, by its position in [`ItemList::Person`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum PersonItem {
    /// Age in whole years.
    AgeYears,
    /// 1 male, 0 female, unknown for everyone else.
    IsMale,
    /// Deprivation of where they live, 1 to 10.
    ImdDecile,
    /// Lives in a care home.
    CareHomeResident,
    /// Is housebound.
    Housebound,
    /// The day on which the registration with the practice began.
    Registered,
}

const PERSON: &[&str] = &["age_years", "is_male", "imd_decile", "care_home_resident", "housebound", "registered"];

impl ItemList {
    /// The items of the list, in its order.
    pub fn items(self) -> &'static [Item] {
        match self {
            ItemList::Conditions => &CONDITIONS,
            ItemList::BnfSections => &BNF_SECTIONS,
            ItemList::Observations => &OBSERVATIONS,
            ItemList::CharlsonGroups => &CHARLSON_GROUPS,
            ItemList::Person => &PERSON_ITEMS,
        }
    }
}

fn item(name: &str, label: &str, sensitive: bool) -> Item {
    Item { name: name.to_owned(), label: label.to_owned(), sensitive }
}

static CONDITIONS: LazyLock<Vec<Item>> = LazyLock::new(|| {
    codelists::conditions()
        .iter()
        .map(|condition| item(&condition.id, &condition.label, condition.is_sensitive))
        .collect()
});

static BNF_SECTIONS: LazyLock<Vec<Item>> = LazyLock::new(|| {
    codelists::bnf_sections().iter().map(|section| item(&section.code, &section.label, section.is_sensitive)).collect()
});

static OBSERVATIONS: LazyLock<Vec<Item>> =
    LazyLock::new(|| codelists::observations().iter().map(|known| item(&known.id, &known.label, false)).collect());

static PERSON_ITEMS: LazyLock<Vec<Item>> =
    LazyLock::new(|| PERSON.iter().map(|name| item(name, name, false)).collect());

static CHARLSON_GROUPS: LazyLock<Vec<Item>> = LazyLock::new(|| {
    let words = |id: &str| match id {
        "mi" => Some("a heart attack"),
        "chf" => Some("heart failure"),
        "pvd" => Some("narrowed arteries"),
        "cevd" => Some("a stroke"),
        "dementia" => Some("dementia"),
        "cpd" => Some("long-term lung disease"),
        "rheumd" => Some("joint or tissue disease"),
        "pud" => Some("a stomach ulcer"),
        "diab" | "diabwc" => Some("diabetes"),
        "hp" => Some("paralysis"),
        "rend" => Some("kidney disease"),
        "canc" | "metacanc" => Some("cancer"),
        // Liver disease stands for drink or a virus in too many minds, and HIV is named by rule R21.
        _ => None,
    };
    let groups = codelists::charlson_groups().iter();
    groups.map(|group| item(&group.id, words(&group.id).unwrap_or_default(), words(&group.id).is_none())).collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_that_may_be_spoken_has_words() {
        use ItemList::{BnfSections, CharlsonGroups, Conditions, Observations};
        for list in [Conditions, BnfSections, Observations, CharlsonGroups] {
            assert!(!list.items().is_empty());
            for item in list.items() {
                assert!(item.sensitive || !item.label.is_empty(), "{} needs words", item.name);
            }
        }
    }

    #[test]
    fn a_person_item_stands_at_its_place() {
        assert_eq!(ItemList::Person.items()[PersonItem::AgeYears as usize].name, "age_years");
        assert_eq!(ItemList::Person.items()[PersonItem::Registered as usize].name, "registered");
        assert_eq!(ItemList::Person.items().len(), PersonItem::Registered as usize + 1);
    }
}
