//! Mergers: records that were found to be of one person, and the record that stands for each.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize, Serializer};

use crate::history::{
    person_map::{PersonMap, PersonSet},
    records::PersonKey,
};

/// The superseded records, each with the one that it was merged into.
///
/// Two questions are asked of them, with two answers. *Where do somebody's rows belong?* With the [survivor]: the last
/// record of their chain that `patients` has. *Who must not be called?* Everybody of the [group], whether or not the record
/// was sent that they were all merged into: an objection of one is an objection of all. Where more are merged than one
/// person has, into a record that was never sent, only what that record objects to is of all ([last named]).
///
/// [survivor]: Mergers::survivor
/// [group]: Mergers::group
/// [last named]: Mergers::last_named
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mergers {
    /// Everybody is looked up here, every night, so that it is a map by hash; whatever walks it does so in the order of the
    /// keys.
    #[serde(serialize_with = "in_order_of_keys")]
    merged: PersonMap<PersonKey>,
    /// Of the records that these mergers name, those of which `patients` has no row. A history of an older version knows
    /// of none, and takes every survivor for sent until the next delivery.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    unsent: BTreeSet<PersonKey>,
    /// Of the records into which others were merged, those that `patients` has or once had: somebody's, whatever becomes of
    /// their rows. They may be gone because they were purged.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    was_sent: BTreeSet<PersonKey>,
    /// Of the unsent ones, records into which more were merged than one person has: placeholders, nobody's records.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    placeholders: BTreeSet<PersonKey>,
    /// Records of which nothing but their name was ever sent in `patients`, as a survivor's.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    only_named: BTreeSet<PersonKey>,
}

impl Mergers {
    /// Notes that a record was merged into another.
    pub fn insert(&mut self, superseded: PersonKey, by: PersonKey) {
        self.merged.insert(superseded, by);
    }

    /// Notes that a record stands for itself, again or still.
    pub fn remove(&mut self, person: PersonKey) {
        self.merged.remove(&person);
    }

    /// Notes of which records `patients` has a row; of the others that are [named](Mergers::named) it has none. Into which
    /// of these more than `records_max` were merged is nobody's record (V37), unless `patients` ever had it or said into
    /// which it was merged itself; and stays so while more than one are. Such mergers are not believed.
    pub fn note_sent(&mut self, sent: &PersonSet, records_max: usize) {
        self.unsent = self.named().into_iter().filter(|person| !sent.contains(person)).collect();
        // Also of whoever is named no more: they may be once again.
        self.only_named.retain(|person| !sent.contains(person));
        self.was_sent.extend(self.merged.values().filter(|by| sent.contains(by)));
        let is_somebody_s = |by: &PersonKey| self.was_sent.contains(by) || self.merged.contains_key(by);
        let is_crowded = |by: &PersonKey, n: usize| n > records_max || (n > 1 && self.placeholders.contains(by));
        let n_merged = self.n_merged_into(&self.unsent).into_iter();
        let crowded = n_merged.filter(|(by, n)| is_crowded(by, *n) && !is_somebody_s(by));
        self.placeholders = crowded.map(|(by, _)| by).collect();
    }

    /// How many records are believed to be nobody's, as more were merged into each than one person has, and how many were
    /// merged into them.
    pub fn merged_into_placeholders(&self) -> (usize, usize) {
        (self.placeholders.len(), self.n_merged_into(&self.placeholders).values().sum())
    }

    fn n_merged_into(&self, survivors: &BTreeSet<PersonKey>) -> BTreeMap<PersonKey, usize> {
        let mut n_merged = BTreeMap::new();
        for by in self.merged.values().filter(|by| survivors.contains(by)) {
            *n_merged.entry(*by).or_default() += 1;
        }
        n_merged
    }

    /// The records that mergers name and of which `patients` has no row.
    pub fn unsent(&self) -> &BTreeSet<PersonKey> {
        &self.unsent
    }

    /// The records that mergers name as survivors and of which `patients` has no row, but for placeholders.
    pub fn unsent_survivors(&self) -> BTreeSet<PersonKey> {
        let is_one = |by: &&PersonKey| self.unsent.contains(by) && !self.placeholders.contains(by);
        self.merged.values().filter(is_one).copied().collect()
    }

    /// Notes survivors that are unsent and of whom nobody has spoken before.
    pub fn note_only_named(&mut self, persons: impl Iterator<Item = PersonKey>) {
        self.only_named.extend(persons);
    }

    /// The records that `patients` has named as survivors, and never had.
    pub fn only_named(&self) -> impl Iterator<Item = PersonKey> {
        self.only_named.iter().copied()
    }

    /// Whether `patients` has named a record as a survivor, and never had it.
    pub fn is_only_named(&self, person: PersonKey) -> bool {
        self.only_named.contains(&person)
    }

    /// Every record that was merged or into which one was.
    pub fn named(&self) -> PersonSet {
        self.merged.iter().flat_map(|(superseded, by)| [*superseded, *by]).collect()
    }

    /// The record that a record was merged into, which may have been merged into another; none where the record stands for
    /// itself all the same, as no later one was sent.
    pub fn superseded_by(&self, person: PersonKey) -> Option<PersonKey> {
        self.merged.get(&person).copied().filter(|_| self.standing(person) != Some(person))
    }

    /// The superseded records, in the order of the keys.
    pub fn superseded(&self) -> Vec<PersonKey> {
        sorted(&self.merged).into_keys().collect()
    }

    /// The record that stands for a person now: of the chain of mergers the last one that was sent, or the person's own
    /// where none was. A survivor that nobody has sent has no row to which others could be added.
    ///
    /// The checks refuse a circle within a delivery. Deliveries of different days can still make one together; then
    /// everybody in it stands for themselves, merged, so that nobody is called under a doubtful name.
    ///
    /// # Example
    /// ```
    /// use earlycall::history::{mergers::Mergers, records::PersonKey};
    /// let [a, b, c] = ["0a", "0b", "0c"].map(|byte| PersonKey::parse(&byte.repeat(32)).unwrap());
    /// let mut mergers = Mergers::default();
    /// mergers.insert(a, b);
    /// mergers.insert(b, c);
    /// assert_eq!([a, b, c].map(|person| mergers.survivor(person)), [c, c, c]);
    /// mergers.note_sent(&[a, b].into_iter().collect(), 5);
    /// assert_eq!([a, b].map(|person| mergers.survivor(person)), [b, b]);
    /// assert_eq!([a, b].map(|person| mergers.group(person)), [c, c]);
    /// mergers.insert(c, a);
    /// assert_eq!(mergers.survivor(a), a);
    /// ```
    pub fn survivor(&self, person: PersonKey) -> PersonKey {
        self.standing(person).unwrap_or(person)
    }

    /// The survivor; none where the chain leads into a circle.
    fn standing(&self, person: PersonKey) -> Option<PersonKey> {
        let mut standing = person;
        let was_sent = |record: &PersonKey| !self.unsent.contains(record);
        let next = |record| self.believed(record);
        self.follow(person, next, |at| standing = if was_sent(&at) { at } else { standing }).ok()?;
        Some(standing)
    }

    /// The record by which all records of one person are told to be of one: the end of the chain, sent or not. Of a circle
    /// the first by key. A placeholder is nobody's record, and makes nobody one person.
    pub fn group(&self, person: PersonKey) -> PersonKey {
        self.end(person, |record| self.believed(record))
    }

    /// The end of the chain, believed or not. What a placeholder objects to is said of all that are merged into it, though
    /// they are many: nobody can tell of which of them it is not true.
    pub fn last_named(&self, person: PersonKey) -> PersonKey {
        self.end(person, |record| self.merged.get(&record).copied())
    }

    /// The next record of a chain of mergers, if that is believed.
    fn believed(&self, record: PersonKey) -> Option<PersonKey> {
        self.merged.get(&record).copied().filter(|by| !self.placeholders.contains(by))
    }

    /// The last record of a chain; of a circle the first by key.
    fn end(&self, person: PersonKey, next: impl Fn(PersonKey) -> Option<PersonKey>) -> PersonKey {
        self.follow(person, next, |_| ()).unwrap_or_else(|inside| {
            let around = std::iter::successors(Some(self.merged[&inside]), |at| Some(self.merged[at]));
            around.take_while(|at| *at != inside).fold(inside, PersonKey::min)
        })
    }

    /// Follows a chain of mergers to its last record; fails with one of the circle where it leads into one.
    fn follow(
        &self,
        person: PersonKey,
        next: impl Fn(PersonKey) -> Option<PersonKey>,
        mut at_each: impl FnMut(PersonKey),
    ) -> Result<PersonKey, PersonKey> {
        // Whoever goes at half the pace is met again in a circle, and nowhere else.
        let (mut at, mut behind, mut n_steps) = (person, person, 0_usize);
        while let Some(one) = next(at) {
            at = one;
            n_steps += 1;
            if n_steps % 2 == 0 {
                behind = self.merged[&behind];
            }
            if at == behind {
                return Err(at);
            }
            at_each(at);
        }
        Ok(at)
    }

    /// The records of everybody who has several, by their group.
    pub fn groups(&self) -> BTreeMap<PersonKey, BTreeSet<PersonKey>> {
        let mut groups: BTreeMap<PersonKey, BTreeSet<PersonKey>> = BTreeMap::new();
        for person in self.superseded() {
            let group = self.group(person);
            if group != person {
                groups.entry(group).or_default().extend([person, group]);
            }
        }
        groups
    }

    /// Whoever is merged into a record that is a placeholder, however far; in the order of the keys. Nobody, of others.
    pub fn merged_into_placeholder(&self, record: PersonKey) -> Vec<PersonKey> {
        match self.placeholders.contains(&record) {
            true => self.superseded().into_iter().filter(|person| self.last_named(*person) == record).collect(),
            false => Vec::new(),
        }
    }

    /// The records that stand for themselves although they were merged, for no later one was sent; in the order of the
    /// keys. Whoever is merged into a placeholder waits for nobody.
    pub fn awaiting(&self) -> Vec<PersonKey> {
        let is_awaiting = |person: &PersonKey| {
            !self.unsent.contains(person) && self.believed(*person).is_some() && self.standing(*person) == Some(*person)
        };
        self.superseded().into_iter().filter(is_awaiting).collect()
    }
}

fn sorted(merged: &PersonMap<PersonKey>) -> BTreeMap<PersonKey, PersonKey> {
    merged.iter().map(|(superseded, by)| (*superseded, *by)).collect()
}

fn in_order_of_keys<S: Serializer>(merged: &PersonMap<PersonKey>, serializer: S) -> Result<S::Ok, S::Error> {
    sorted(merged).serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(name: char) -> PersonKey {
        PersonKey::parse(&format!("{:02x}", name as u32).repeat(32)).unwrap()
    }

    /// `ab bc` merges a into b and b into c; `sent` are the records that `patients` has.
    fn mergers(merged: &str, sent: &str) -> Mergers {
        let mut mergers = Mergers::default();
        for pair in merged.split_whitespace() {
            let [superseded, by] = pair.chars().map(record).collect::<Vec<_>>()[..] else { panic!("two records") };
            mergers.insert(superseded, by);
        }
        mergers.note_sent(&sent.chars().map(record).collect(), 2);
        mergers
    }

    /// Per record of `of`, what is asked, in letters.
    fn each(of: &str, asked: impl Fn(PersonKey) -> PersonKey) -> String {
        let letter = |key: PersonKey| ('a'..='z').find(|name| record(*name) == key).unwrap();
        of.chars().map(|name| letter(asked(record(name)))).collect()
    }

    #[track_caller]
    fn check(merged: &str, sent: &str, survivors: &str, groups: &str, awaiting: &str) {
        let mergers = mergers(merged, sent);
        let of: String = ('a'..='e').take(survivors.len()).collect();
        assert_eq!(each(&of, |person| mergers.survivor(person)), survivors, "survivors of {of}");
        assert_eq!(each(&of, |person| mergers.group(person)), groups, "groups of {of}");
        let expected: Vec<PersonKey> = awaiting.chars().map(record).collect();
        assert_eq!(mergers.awaiting(), expected, "awaiting");
    }

    #[test]
    fn the_last_of_a_chain_that_was_sent_stands_for_those_before_it() {
        check("ab bc", "abc", "ccc", "ccc", "");
        check("ab bc", "ab", "bbc", "ccc", "b");
        check("ab bc", "ac", "ccc", "ccc", "");
        check("ab bc", "a", "abc", "ccc", "a");
    }

    #[test]
    fn two_records_merged_into_one_that_nobody_sent_stand_apart_and_are_one_group() {
        check("ac bc", "ab", "abc", "ccc", "ab");
        check("ac bc", "abc", "ccc", "ccc", "");
    }

    #[test]
    fn a_record_into_which_more_are_merged_than_one_person_has_is_nobody_s() {
        check("ad bd cd", "abc", "abcd", "abcd", "");
        let placeholder = mergers("ad bd cd", "abc");
        assert_eq!((placeholder.merged_into_placeholders(), placeholder.groups()), ((1, 3), BTreeMap::new()));
        assert_eq!(placeholder.superseded_by(record('a')), None);
        check("ad bd cd", "abcd", "dddd", "dddd", "");
        check("ad bd", "ab", "abcd", "ddcd", "ab");
    }

    #[test]
    fn what_was_sent_once_or_was_merged_itself_is_somebody_s_however_many_are_merged_into_it() {
        let sent = |of: &str| of.chars().map(record).collect();
        let mut gone = mergers("ad bd cd", "abcd");
        gone.note_sent(&sent("abc"), 2);
        assert_eq!(
            (each("abcd", |of| gone.survivor(of)), each("abcd", |of| gone.group(of))),
            ("abcd".into(), "dddd".into())
        );
        check("ad bd cd de", "abce", "eeeee", "eeeee", "");
    }

    #[test]
    fn a_placeholder_stays_one_until_one_record_alone_names_it() {
        let mut mergers = mergers("ad bd cd", "abc");
        let mut groups_without = |gone: char| {
            mergers.remove(record(gone));
            mergers.note_sent(&"abc".chars().map(record).collect(), 2);
            each("abc", |of| mergers.group(of))
        };
        assert_eq!(groups_without('c'), "abc");
        assert_eq!(groups_without('b'), "dbc");
    }

    #[test]
    fn of_a_merged_record_that_nobody_sends_any_more_nobody_waits() {
        check("ab", "", "ab", "bb", "");
    }

    #[test]
    fn a_circle_is_one_group_and_nobody_stands_for_anybody_in_it() {
        check("ab bc ca da", "abcd", "abcd", "aaaa", "");
        check("ab bc cd db", "abcd", "abcd", "bbbb", "");
        check("aa ba", "ab", "ab", "aa", "");
        let circle = mergers("ab ba ca", "abc");
        assert!("abc".chars().all(|name| circle.superseded_by(record(name)).is_some()), "nobody is called");
    }

    #[test]
    fn everybody_who_has_several_records_has_all_of_them_in_a_group() {
        let groups = mergers("ab bc", "ab").groups();
        assert_eq!(groups, [(record('c'), "abc".chars().map(record).collect())].into());
    }

    #[test]
    fn what_is_written_reads_back_and_a_history_of_before_takes_every_survivor_for_sent() {
        let mergers = mergers("ab", "a");
        let text = serde_json::to_string(&mergers).unwrap();
        assert_eq!(serde_json::from_str::<Mergers>(&text).unwrap(), mergers);
        let older = text.replace(&text[text.find(",\"unsent\"").unwrap()..], "}");
        let older: Mergers = serde_json::from_str(&older).unwrap();
        assert_eq!(older.survivor(record('a')), record('b'));
        assert_eq!(serde_json::to_string(&older).unwrap().find("unsent"), None, "its checksum stays");
    }
}
