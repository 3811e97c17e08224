//! Every row beside its person: rows of a merged record go to the record that survived.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    history::{
        ledger::Ledger,
        person_map::{PersonMap, PersonSet},
        records::{GpEvent, Patient, Person, PersonKey},
        rows::{Rows, Runs},
    },
    objections::register::{Matter, Register},
};

/// The people of a bucket while their rows are being added.
pub struct People {
    people: Vec<Person>,
    /// Per number of the bucket: where the person is to whom the rows belong. Rows of nobody are dropped: their person
    /// has left the extracts.
    owners: Vec<Option<u32>>,
}

impl People {
    /// Everyone with a row in `patients`, and whoever has an objection or is noted, or of whose records another does: of
    /// somebody who objects nothing else is kept. `keys` are the bucket's persons by number.
    pub fn new(
        bucket: usize,
        keys: &[PersonKey],
        mut patients: Vec<(u32, Patient)>,
        noted: &[PersonKey],
        objecting: impl Iterator<Item = u32>,
        ledger: &Ledger,
    ) -> People {
        let mut has_patient = vec![false; keys.len()];
        patients.iter().for_each(|(number, _)| has_patient[*number as usize] = true);
        let is_record = |number: &u32| !ledger.merged.is_only_named(keys[*number as usize]);
        let numbers = 0..keys.len() as u32;
        let noted = numbers.clone().filter(|number| noted.binary_search(&keys[*number as usize]).is_ok());
        let stands = |number: &u32| ledger.survivor(keys[*number as usize]) == keys[*number as usize];
        // Of whoever has several records and objects each record counts that was ever sent.
        let are_of_objectors: Vec<bool> = keys.iter().map(|key| ledger.is_of_objectors(*key)).collect();
        let of_objectors = numbers.filter(|number| are_of_objectors[*number as usize]);
        let alone = noted.filter(is_record).chain(objecting).filter(stands).chain(of_objectors.filter(is_record));
        // Who has moved is still known where they came from.
        let lives_here = |number: &u32| ledger.lives_in(keys[*number as usize], bucket);
        let alone: BTreeSet<u32> = alone.filter(|number| !has_patient[*number as usize]).filter(lives_here).collect();
        patients.extend(alone.into_iter().map(|number| (number, Patient::default())));
        patients.sort_unstable_by_key(|(number, _)| *number);
        let mut owners = vec![None; keys.len()];
        let mut people = Vec::with_capacity(patients.len());
        let nobody = nobody();
        for (number, patient) in patients {
            let key = keys[number as usize];
            owners[number as usize] = Some(people.len() as u32);
            let patient = Patient { superseded_by: ledger.merged.superseded_by(key), ..patient };
            people.push(Person { key, patient, is_of_objectors: are_of_objectors[number as usize], ..nobody.clone() });
        }
        let merged: Vec<usize> =
            (0..keys.len()).filter(|&number| ledger.survivor(keys[number]) != keys[number]).collect();
        if !merged.is_empty() {
            let survivors: PersonSet = merged.iter().map(|number| ledger.survivor(keys[*number])).collect();
            let here = keys.iter().enumerate().filter(|(_, key)| survivors.contains(*key));
            let numbers: PersonMap<usize> = here.map(|(number, key)| (*key, number)).collect();
            for number in merged {
                let survivor = numbers.get(&ledger.survivor(keys[number]));
                owners[number] = survivor.and_then(|survivor| owners[*survivor]);
            }
        }
        People { people, owners }
    }

    /// Gives each person what the service's own register says of them, or of any other record of theirs; and what it says
    /// of the objections of a placeholder into which theirs was merged.
    pub fn note(&mut self, register: &Register, ledger: &Ledger) {
        let mut noted: BTreeMap<PersonKey, BTreeSet<Matter>> = BTreeMap::new();
        for (key, matters) in register.in_force() {
            noted.entry(ledger.merged.group(key)).or_default().extend(matters);
        }
        if noted.is_empty() {
            return;
        }
        let of = |record: PersonKey| noted.get(&record).into_iter().flatten();
        let is_objection = |matter: &&Matter| matches!(matter, Matter::Objection(_));
        for person in &mut self.people {
            person.noted.extend(of(ledger.merged.group(person.key)));
            person.noted.extend(of(ledger.merged.last_named(person.key)).filter(is_objection));
        }
    }

    /// Per number of the bucket, whether the person to whom the rows belong is there and `is_one` of them.
    pub fn whose(&self, is_one: impl Fn(&Person) -> bool) -> Vec<bool> {
        let flags: Vec<bool> = self.people.iter().map(is_one).collect();
        self.owners.iter().map(|owner| owner.is_some_and(|owner| flags[owner as usize])).collect()
    }

    /// Adds a person's rows to the list that `of` names, and leaves none.
    pub fn add<T>(&mut self, number: u32, rows: &mut Vec<T>, of: impl Fn(&mut Person) -> &mut Vec<T>) {
        match self.owners[number as usize] {
            Some(owner) => {
                let list = of(&mut self.people[owner as usize]);
                // Most lists are made at once, and those of millions are small.
                if list.is_empty() {
                    list.reserve_exact(rows.len());
                }
                list.append(rows);
            }
            None => rows.clear(),
        }
    }

    /// Gives each person the rows of the list that `of` names, of which there are so many that they lie in one for all.
    /// `runs` says whose they are, by numbers of the bucket.
    pub fn divide<T: Clone>(
        &mut self,
        mut runs: Runs,
        rows: Vec<T>,
        sort: impl Fn(&mut [T]),
        of: impl Fn(&mut Person) -> &mut Rows<T>,
    ) {
        runs.renumber(|number| self.owners[number as usize].expect("rows of nobody are not wanted"));
        let divided = runs.divide(rows, self.people.len(), sort);
        self.people.iter_mut().zip(divided).for_each(|(person, rows)| *of(person) = rows);
    }

    /// The people, sorted by key, each list sorted by date.
    pub fn sorted(mut self) -> Vec<Person> {
        for person in &mut self.people {
            person.registrations.sort_by_key(|row| row.start_date);
            person.episodes.sort_by_key(|row| row.admission_date);
            person.attendances.sort_by_key(|row| row.arrival_at);
            person.inpatient_now.sort_by_key(|row| row.snapshot_at);
            person.deaths.sort_by_key(|row| row.death_date);
            person.feeds.sort_unstable();
            person.objections.sort_by_key(|row| row.recorded_at);
        }
        self.people.sort_unstable_by_key(|person| person.key);
        self.people
    }
}

/// Sorts by date and then by value: of two GP events of one day the one with the greater value comes last and is the latest
/// result, however the rows were delivered and however they lie in segments. A segment has them by date, so that mostly
/// only those of one day change places.
pub fn by_date_and_value(events: &mut [GpEvent]) {
    if !events.is_sorted_by_key(|row| row.date) {
        events.sort_by_key(|row| row.date);
    }
    for of_day in events.chunk_by_mut(|a, b| a.date == b.date) {
        of_day.sort_by_key(|row| row.value_milli);
    }
}

/// A person without a row.
fn nobody() -> Person {
    Person {
        key: PersonKey::from_bytes(&[0; 32]).expect("32 bytes"),
        patient: Patient::default(),
        registrations: Vec::new(),
        gp_events: Rows::default(),
        prescriptions: Rows::default(),
        episodes: Vec::new(),
        attendances: Vec::new(),
        inpatient_now: Vec::new(),
        deaths: Vec::new(),
        feeds: Vec::new(),
        objections: Vec::new(),
        noted: BTreeSet::new(),
        is_of_objectors: false,
    }
}
