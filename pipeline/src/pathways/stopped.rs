//! What tables that stopped too long ago to count mean for a list that leans on them.

use std::collections::BTreeSet;

use earlycall_schemas::{
    looked_after::{Means, services},
    pathways::Pathway,
};

use crate::features::Feeds;

/// In sentences for whoever works on a list of the pathway; nothing of a table that never came, of which none leans on it.
pub fn told(pathway: &Pathway, feeds: &Feeds, words_of: impl Fn(&str) -> String) -> Vec<String> {
    let has_stopped = |table: &&str| feeds.stopped_on(table).is_some();
    let asked = pathway.rules_in_force().flat_map(|rule| rule.asked_facts()).map(|asked| asked.table());
    let asked: BTreeSet<&str> = asked.filter(has_stopped).collect();
    let of_rules = asked.into_iter().map(|table| {
        let words = words_of(table);
        format!("{words} stopped: nobody new comes onto this list by them, and whoever they put on it stays.")
    });
    let left_to = services().iter().filter(|service| pathway.means(&service.id) == Means::KeepsOff);
    let of_services = left_to.filter(|service| has_stopped(&service.of.table())).map(|service| {
        let (words, service) = (words_of(service.of.table()), service.words.to_lowercase());
        format!("{words} stopped: it is not known who is looked after by a {service} now. Ask before you call.")
    });
    of_rules.chain(of_services).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use earlycall_schemas::pathways::{PathwayId, pathways};

    use super::*;
    use crate::{cohort::tests::life::day, night::page_words_of};

    #[test]
    fn a_list_says_which_stopped_tables_it_leans_on_and_no_others() {
        let stopped = |tables: &[&str]| {
            let stopped: BTreeMap<String, _> =
                tables.iter().map(|table| ((*table).to_owned(), day("2026-09-25"))).collect();
            Feeds::new(["apc_episodes"]).with_stopped(stopped)
        };
        let told = |id, tables: &[&str]| told(&pathways()[id], &stopped(tables), page_words_of);
        assert_eq!(
            told(PathwayId::HomeCare, &["home_care_visits", "virtual_ward_stays"]),
            ["Home-care visits stopped: nobody new comes onto this list by them, and whoever they put on it stays."]
        );
        assert_eq!(
            told(PathwayId::VirtualWard, &["home_care_visits", "virtual_ward_stays"]),
            ["Virtual ward stays stopped: it is not known who is looked after by a virtual ward now. Ask before you \
                 call."]
        );
        assert!(told(PathwayId::Coaching, &[]).is_empty());
    }
}
