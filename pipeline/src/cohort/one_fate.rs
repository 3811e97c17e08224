//! One fate: records that were merged into one that nobody has sent stand apart, and are of one person all the same.
//! Objections are known of all of them before anybody is looked at; of a death, each bucket knows its own records alone.

use std::collections::BTreeMap;

use crate::{
    cohort::{Cohort, standing::Standing},
    history::{mergers::Mergers, records::PersonKey},
};

impl Cohort {
    /// The cohort in which whoever has died by one of their records has died by all of them, and whoever is at the end of
    /// their life by one is on no list under another.
    pub fn with_one_fate(mut self, mergers: &Mergers) -> Cohort {
        let mut people: BTreeMap<PersonKey, Vec<PersonKey>> = BTreeMap::new();
        for record in mergers.awaiting() {
            people.entry(mergers.group(record)).or_default().push(record);
        }
        let mut died: BTreeMap<PersonKey, Standing> = BTreeMap::new();
        for records in people.into_values().filter(|records| records.len() > 1) {
            let is_death = |standing: &Standing| matches!(standing, Standing::Died | Standing::DisputedDeath);
            let standing = records.iter().filter_map(|record| self.why_not(*record)).filter(is_death).min();
            died.extend(records.iter().zip(standing.into_iter().cycle()).map(|(record, standing)| (*record, standing)));
            if records.iter().filter_map(|record| self.member(*record)).any(|member| member.is_at_end_of_life) {
                let of_them = |key: &PersonKey| records.contains(key);
                self.members.iter_mut().filter(|member| of_them(&member.key)).for_each(|m| m.is_at_end_of_life = true);
            }
        }
        if !died.is_empty() {
            let is_dead = |key: PersonKey| died.get(&key).map(|standing| (key, *standing));
            self.others.extend(self.members.iter().filter_map(|member| is_dead(member.key)));
            self.members.retain(|member| !died.contains_key(&member.key));
            self.others.sort_unstable_by_key(|(key, _)| *key);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cohort::Member;

    fn record(n: u8) -> PersonKey {
        PersonKey::parse(&format!("{n:064x}")).unwrap()
    }

    /// 1 and 2 are merged into 9, which nobody has sent; 3 is nobody else. One to three are scored, or stand elsewhere.
    fn cohort(elsewhere: &[(u8, Standing)], at_end_of_life: &[u8]) -> Cohort {
        let scored = (1..=3).filter(|n| !elsewhere.iter().any(|(of, _)| of == n)).map(|n| Member {
            key: record(n),
            risk: 0.5,
            further: Box::default(),
            owner: None,
            is_at_end_of_life: at_end_of_life.contains(&n),
        });
        let mut mergers = Mergers::default();
        [1, 2].into_iter().for_each(|n| mergers.insert(record(n), record(9)));
        mergers.note_sent(&[1, 2, 3].map(record).into_iter().collect());
        let elsewhere = elsewhere.iter().map(|(n, standing)| (record(*n), *standing)).collect();
        Cohort::of(vec![(scored.collect(), elsewhere)]).with_one_fate(&mergers)
    }

    #[test]
    fn whoever_has_died_by_one_record_is_called_by_no_other() {
        for death in [Standing::Died, Standing::DisputedDeath] {
            let cohort = cohort(&[(1, death)], &[]);
            assert_eq!([1, 2, 3].map(|n| cohort.why_not(record(n))), [Some(death), Some(death), None]);
            assert_eq!((cohort.members().len(), cohort.n_people()), (1, 3), "and each is counted once");
        }
    }

    #[test]
    fn whoever_is_at_the_end_of_life_by_one_record_is_so_by_the_other() {
        let cohort = cohort(&[], &[2]);
        assert_eq!(
            cohort.members().iter().map(|member| member.is_at_end_of_life).collect::<Vec<_>>(),
            [true, true, false]
        );
    }

    #[test]
    fn what_is_no_matter_of_life_and_death_is_each_record_s_own() {
        let cohort = cohort(&[(1, Standing::NotInArea), (3, Standing::Died)], &[3]);
        assert_eq!(cohort.members().len(), 1);
        assert!(cohort.member(record(2)).is_some());
    }
}
