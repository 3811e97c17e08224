//! Intake: the accepted rows of a delivery become runs, and each part is settled as soon as its last run is there.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock},
};

use arrow::{
    array::{Array, AsArray, RecordBatch},
    datatypes::Int32Type,
};
use earlycall_schemas::table::{TableKind, TableSpec};

use crate::{
    day::Day,
    error::Result,
    extract::Accepted,
    history::{
        archive::Archive,
        known_from::Arrival,
        ledger::Ledger,
        merge::{self, Moves},
        moving::Moving,
        objectors::{Newest, arriving, together},
        order::in_order,
        part::{self, Joined, Part},
        purge::LeftOut,
        records::PersonKey,
        roll::{NOWHERE, Place, Roll},
        run::Run,
        segment::{Segment, folded},
        sent::sent,
        sent_lists::ArrivingLists,
        settle::Settling,
        standing::Arriving,
        versions::{Terms, column},
        withhold::{Doorkeeper, Withheld},
        words::Lexicon,
    },
    store::staged::Staged,
};

/// The rows of one delivery on their way in. [`Intake::take`] is called by several threads.
pub struct Intake<'a, 's, 'd> {
    /// What is settled so far, with the delivery's suppliers and, once all patients are here, its mergers.
    ledger: Ledger,
    archive: &'a Archive,
    /// Where everybody lives, by the registry's numbers.
    places: &'a [Place],
    /// The terms of all parts.
    how: How<'a>,
    parts: Vec<Waiting>,
    staged: &'s Staged<'d>,
    /// Held until all of them are here: they say who there is, and who was merged into whom.
    people: Mutex<Vec<Accepted>>,
    /// Rows of tables that are not about persons.
    references: Mutex<Vec<Accepted>>,
    sealed: OnceLock<Sealed>,
    sealing: Mutex<()>,
    /// The segment of the people who are new: its number and its buckets, once it is written.
    of_new: Mutex<Option<(u32, Vec<u8>)>>,
    doorkeeper: Doorkeeper<'a>,
    /// The settled words, and behind them those that arrive, in the order in which the threads meet them.
    words: Mutex<Lexicon>,
    /// Per table, rows that are not settled because their persons object.
    withheld: Mutex<BTreeMap<String, u64>>,
}

/// How a delivery arrives.
pub struct How<'a> {
    /// The London day of the extract.
    pub extracted_on: Day,
    /// Whether it replaces all earlier rows of its suppliers.
    pub is_full: bool,
    /// Days by which rows of a history were known after they happened, by table.
    pub lag_days: &'a BTreeMap<String, i32>,
    /// How many records one person may have (V37).
    pub records_max: usize,
    /// Threads for what is not done supplier by supplier.
    pub threads: usize,
}

/// A part that waits for its runs.
struct Waiting {
    part: Part,
    runs: Mutex<Vec<Run>>,
    joined: Mutex<Option<Joined>>,
}

/// What is known once everybody has been seen of whom the delivery may speak.
struct Sealed {
    /// The lists of objections that the delivery has.
    lists: Vec<ArrivingLists>,
    withheld: Withheld,
    ledger: Ledger,
    moves: Moves,
    roll: Roll,
}

/// What an intake leaves.
pub struct TakenIn {
    /// The ledger with the mergers of this delivery.
    pub ledger: Ledger,
    /// The lists of objections that the delivery has, by supplier.
    pub lists: Vec<ArrivingLists>,
    /// Per table, rows that are not settled because their persons object.
    pub withheld: BTreeMap<String, u64>,
    /// These persons.
    pub left_out: LeftOut,
    /// Where everybody lives now, and who is new.
    pub roll: Roll,
    /// The segment of those who are new, if anybody is: its number and its buckets.
    pub of_new: Option<(u32, Vec<u8>)>,
    /// What has become of each table about persons: its parts, in their order.
    pub tables: Vec<(&'static TableSpec, Vec<Joined>)>,
    /// The rows of all other tables.
    pub references: Vec<Accepted>,
}

impl<'a, 's, 'd> Intake<'a, 's, 'd> {
    /// Makes ready for a delivery that comes in these parts. The ledger has its suppliers.
    pub fn new(
        ledger: &Ledger,
        archive: &'a Archive,
        places: &'a [Place],
        how: How<'a>,
        doorkeeper: Doorkeeper<'a>,
        parts: Vec<Part>,
        staged: &'s Staged<'d>,
    ) -> Intake<'a, 's, 'd> {
        let waiting = |part| Waiting { part, runs: Mutex::default(), joined: Mutex::default() };
        Intake {
            ledger: ledger.clone(),
            archive,
            places,
            how,
            parts: parts.into_iter().map(waiting).collect(),
            staged,
            people: Mutex::default(),
            references: Mutex::default(),
            sealed: OnceLock::new(),
            sealing: Mutex::new(()),
            of_new: Mutex::default(),
            doorkeeper,
            // Rows are held against settled ones, so their words have the numbers of those.
            words: Mutex::new(archive.words.lexicon().clone()),
            withheld: Mutex::default(),
        }
    }

    /// Takes the accepted rows of one table of one supplier. Patients and objections come before all other rows about
    /// persons.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when a segment cannot be read or written.
    pub fn take(&self, accepted: Accepted) -> Result<()> {
        if !accepted.table.is_about_persons() {
            self.references.lock().expect("no thread dies holding it").push(accepted);
            return Ok(());
        }
        match accepted.table.kind {
            TableKind::State | TableKind::Permission => {
                self.people.lock().expect("no thread dies holding it").push(accepted);
                Ok(())
            }
            _ => self.arrange(accepted, self.seal()?),
        }
    }

    /// Ends the intake.
    ///
    /// # Errors
    /// As of [`Intake::take`].
    pub fn finish(self) -> Result<TakenIn> {
        let sealed = self.seal()?;
        // Tables that the delivery does not have may hold rows of somebody who moves.
        let is_waiting = |at: &usize| self.parts[*at].joined.lock().expect("no thread dies holding it").is_none();
        let waiting: Vec<usize> = (0..self.parts.len()).filter(is_waiting).collect();
        in_order(self.how.threads, waiting.len(), |next| self.settle(waiting[next], sealed))?;
        let mut references = self.references.into_inner().expect("no thread dies holding it");
        references.sort_by(|a, b| (&a.table.name, &a.provider).cmp(&(&b.table.name, &b.provider)));
        let Sealed { lists, ledger, roll, withheld: Withheld { people: left_out, .. }, .. } =
            self.sealed.into_inner().expect("sealed above");
        let mut tables: Vec<(&'static TableSpec, Vec<Joined>)> = Vec::new();
        for Waiting { part, joined, .. } in self.parts {
            if part.is_first {
                tables.push((part.table, Vec::new()));
            }
            let joined = joined.into_inner().expect("no thread dies holding it").expect("settled above");
            tables.last_mut().expect("a first part comes first").1.push(joined);
        }
        let withheld = self.withheld.into_inner().expect("no thread dies holding it");
        let of_new = self.of_new.into_inner().expect("no thread dies holding it");
        Ok(TakenIn { ledger, lists, withheld, left_out, roll, of_new, tables, references })
    }

    /// Learns who there is and who was merged into whom, once.
    fn seal(&self) -> Result<&Sealed> {
        let one = self.sealing.lock().expect("no thread dies holding it");
        if let Some(sealed) = self.sealed.get() {
            return Ok(sealed);
        }
        let mut people = std::mem::take(&mut *self.people.lock().expect("no thread dies holding it"));
        people.sort_by(|a, b| (&a.table.name, &a.provider).cmp(&(&b.table.name, &b.provider)));
        let named: Vec<(PersonKey, u32)> = people.iter().flat_map(|of| of.survivors.iter().copied()).collect();
        let ledger = self.with_mergers_of(&people, &named)?;
        let moves = Moves::between(&self.ledger.merged, &ledger.merged, &self.archive.people);
        let met = people.iter().flat_map(|accepted| accepted.rows.iter().zip(&accepted.persons));
        let met = met.flat_map(|(rows, of_rows)| persons(rows, of_rows.numbers.clone()));
        // Whoever is named as a survivor has a place of their own, believed or not: a death of theirs is accepted (V07).
        let met = met.chain(named);
        let roll = Roll::new(&self.archive.people, self.places, met, &moves, &ledger, self.how.threads);
        let objections = people.iter().filter(|of| of.table.kind == TableKind::Permission);
        let newest: Vec<(&Accepted, Newest)> = objections.map(|of| (of, arriving(&of.rows))).collect();
        let lists = newest.iter().map(|(of, newest)| ArrivingLists::of(of, newest)).collect();
        let arriving = newest.into_iter().map(|(_, newest)| newest).reduce(together).unwrap_or_default();
        let withheld =
            self.doorkeeper.withheld(arriving, self.how.is_full, self.archive, &ledger, &roll, self.how.threads);
        let sealed = self.sealed.get_or_init(|| Sealed { lists, withheld, ledger, moves, roll });
        // Whoever waits for that can go on.
        drop(one);
        let of_new = self.archive.write_people(&sealed.roll.new, self.ledger.next_delivery(), self.staged)?;
        *self.of_new.lock().expect("no thread dies holding it") = of_new;
        people.into_iter().try_for_each(|accepted| self.arrange(accepted, sealed))?;
        Ok(sealed)
    }

    /// The ledger with the mergers that the delivery tells of, and with whom of those they name somebody has sent. `named`
    /// are the survivors of all its rows, with their numbers in the registry.
    fn with_mergers_of(&self, people: &[Accepted], named: &[(PersonKey, u32)]) -> Result<Ledger> {
        let mut ledger = self.ledger.clone();
        let merged = &mut ledger.merged;
        let patients: Vec<&Accepted> = people.iter().filter(|of| of.table.kind == TableKind::State).collect();
        merge::learn(merged, patients.iter().flat_map(|patients| &patients.rows));
        let mut concerned = merged.named();
        concerned.extend(named.iter().map(|(person, _)| *person).chain(merged.only_named()));
        let sent = sent(&concerned, &patients, self.archive, &self.ledger, self.how.threads)?;
        let is_new =
            |(person, number): &&(PersonKey, u32)| *number as usize >= self.places.len() && !sent.contains(person);
        merged.note_only_named(named.iter().filter(is_new).map(|(person, _)| *person));
        merged.note_sent(&sent, self.how.records_max);
        Ok(ledger)
    }

    fn arrange(&self, accepted: Accepted, sealed: &Sealed) -> Result<()> {
        let Accepted { table, provider, .. } = &accepted;
        let table = *table;
        let had_full = self.ledger.supply(&table.name, provider).is_some_and(|supply| supply.had_full);
        let arrival = Arrival {
            extracted_on: self.how.extracted_on,
            is_history: accepted.is_history || (accepted.is_full && !had_full),
            lag_days: self.how.lag_days.get(&table.name).copied().unwrap_or(0),
        };
        let supplier = self.ledger.supplier_of(provider).expect("the delivery's suppliers are noted before");
        let is_mine =
            |waiting: &Waiting| waiting.part.table.name == table.name && waiting.part.suppliers.contains(&supplier);
        let at = self.parts.iter().position(is_mine).expect("every supplier of a table has a part");
        // Objections stay: it is by them that the others are known.
        let is_withheld = |number| table.kind != TableKind::Permission && sealed.withheld.has(number);
        let place = |number: u32| match is_withheld(number) {
            true => NOWHERE,
            false => sealed.roll.place(number),
        };
        let run = Run::new(accepted, place, supplier, &arrival, &self.words);
        if table.kind != TableKind::Permission {
            let mut withheld = self.withheld.lock().expect("no thread dies holding it");
            *withheld.entry(table.name.clone()).or_default() += run.withheld;
        }
        let is_last = {
            let mut runs = self.parts[at].runs.lock().expect("no thread dies holding it");
            runs.push(run);
            runs.len() == self.parts[at].part.suppliers.len()
        };
        if is_last { self.settle(at, sealed) } else { Ok(()) }
    }

    fn settle(&self, at: usize, sealed: &Sealed) -> Result<()> {
        let Waiting { part, runs, joined } = &self.parts[at];
        let runs = std::mem::take(&mut *runs.lock().expect("no thread dies holding it"));
        let segments = self.archive.segments(part.table);
        // A full delivery needs no keys: it replaces whatever its suppliers sent.
        let of_delta: &[Run] = if self.how.is_full || segments.is_empty() { &[] } else { &runs };
        let arriving = Arriving::in_rows(of_delta.iter().flat_map(Run::arriving));
        // A supplier whose files were refused has brought no run: its settled rows stay as they are.
        let full_suppliers = runs.iter().filter(|_| self.how.is_full).map(|run| run.supplier).collect();
        let settling = Settling {
            delivery: self.ledger.next_delivery(),
            part,
            archive: self.archive,
            roll: &sealed.roll,
            moving: Moving::of(self.archive, part, &sealed.moves)?,
            terms: Terms { extracted_on: self.how.extracted_on, full_suppliers },
            arriving,
            folded: folded(segments),
        };
        let place = self.parts[..at].iter().filter(|before| before.part.table.name == part.table.name).count();
        let number = segments.last().map_or(0, |last: &Segment| last.number) + 1 + place as u32;
        let words = self.words.lock().expect("no thread dies holding it").texts().to_vec();
        let settled = part::settle(&settling, number, runs, &words, self.staged)?;
        *joined.lock().expect("no thread dies holding it") = Some(settled);
        Ok(())
    }
}

/// Whoever is named by rows about persons, with their numbers in the registry.
fn persons(rows: &RecordBatch, numbers: Arc<[u32]>) -> impl Iterator<Item = (PersonKey, u32)> + use<> {
    let coded = column(rows, "person_id").as_dictionary::<Int32Type>();
    let mut is_named = vec![false; coded.values().len()];
    coded.keys().values().iter().for_each(|&at| is_named[at as usize] = true);
    let values = coded.values().as_string::<i32>().clone();
    let person = move |at: usize| PersonKey::parse(values.value(at)).expect("the checks refuse malformed person ids");
    (0..is_named.len()).filter(move |&at| is_named[at]).map(move |at| (person(at), numbers[at]))
}
