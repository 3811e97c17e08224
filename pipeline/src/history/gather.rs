//! Every row beside its person: rows of a merged record go to the record that survived.

use crate::history::{
    ledger::Ledger,
    records::{Patient, Person, PersonKey},
};

/// The people of a bucket while their rows are being added.
pub struct People<'a> {
    people: Vec<Person>,
    ledger: &'a Ledger,
}

impl<'a> People<'a> {
    /// Everyone with a row in `patients`.
    pub fn new(patients: Vec<(PersonKey, Patient)>, ledger: &'a Ledger) -> People<'a> {
        let mut people: Vec<Person> = patients
            .into_iter()
            .map(|(key, patient)| empty(key, Patient { superseded_by: ledger.merged.get(&key).copied(), ..patient }))
            .collect();
        people.sort_by_key(|person| person.key);
        // Two suppliers may both know a person: the first by name is heard.
        people.dedup_by_key(|person| person.key);
        People { people, ledger }
    }

    /// Adds rows to the list that `of` names. Rows of nobody are dropped: their person has left the extracts.
    pub fn add<T>(&mut self, rows: Vec<(PersonKey, T)>, of: impl Fn(&mut Person) -> &mut Vec<T>) {
        let mut last: Option<(PersonKey, Option<usize>)> = None;
        for (key, row) in rows {
            // Rows come sorted by person, so one search serves a run of them.
            let at = match last {
                Some((person, at)) if person == key => at,
                _ => self.people.binary_search_by_key(&self.ledger.survivor(key), |person| person.key).ok(),
            };
            last = Some((key, at));
            if let Some(at) = at {
                of(&mut self.people[at]).push(row);
            }
        }
    }

    /// The people, sorted by key, each list sorted by date. Rows of one day keep the order of their keys.
    pub fn sorted(mut self) -> Vec<Person> {
        for person in &mut self.people {
            person.registrations.sort_by_key(|row| row.start_date);
            person.gp_events.sort_by_key(|row| row.date);
            person.prescriptions.sort_by_key(|row| row.date);
            person.episodes.sort_by_key(|row| row.admission_date);
            person.attendances.sort_by_key(|row| row.arrival_at);
            person.inpatient_now.sort_by_key(|row| row.snapshot_at);
            person.deaths.sort_by_key(|row| row.death_date);
            person.objections.sort_by_key(|row| row.recorded_at);
        }
        self.people
    }
}

fn empty(key: PersonKey, patient: Patient) -> Person {
    Person {
        key,
        patient,
        registrations: Vec::new(),
        gp_events: Vec::new(),
        prescriptions: Vec::new(),
        episodes: Vec::new(),
        attendances: Vec::new(),
        inpatient_now: Vec::new(),
        deaths: Vec::new(),
        objections: Vec::new(),
    }
}
