//! One delivery joins the archive: taken in, settled bucket by bucket, and written as the next segments.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
};

use arrow::{array::RecordBatch, compute::concat_batches};
use earlycall_schemas::table::{TableSpec, tables};

use crate::{
    day::Day,
    error::{Error, Result},
    extract::{
        self, Accepted, Admitted, Delivery, Registry, Stood,
        delivery::DeliveryFolder,
        manifest::{Manifest, Mode},
    },
    history::{
        History, ahead,
        archive::{Archive, PEOPLE},
        arrive::{Onlooker, note_supplies},
        arriving::{arriving, arriving_schema},
        due,
        intake::{How, Intake, TakenIn},
        known_from::Arrival,
        layout::{person_tables, settled_schema},
        ledger::Ledger,
        objectors::{self, Newest},
        part::{Joined, parts},
        purge::{self, Leaving, LeftOut, Without},
        reported_dead::ReportedDead,
        roll::{NOWHERE, Place},
        segment::{Segment, folded, path_of},
        sent_lists::{self, Standing},
        versions::{self, Fresh, Terms},
        whole,
        withhold::Doorkeeper,
    },
    objections::{Kind, register::Register},
    quality::set_aside::{self, SetAside},
    settings::Settings,
    store::staged::Staged,
};

/// Bytes of memory for each row of a part. A row takes some 45 while its part is gathered; each thread gathers one part
/// and works on the rows of another supplier, and half of the memory is for whoever is on the roll.
const MEMORY_PER_ROW: u64 = 512;

/// Rows of a part, however much memory there is, unless one supplier alone sends more: those of one of its buckets are
/// still in the processor's cache.
const ROWS_OF_A_PART_MAX: u64 = 4_000_000;

/// A generation in the making.
pub struct Joining<'s, 'd> {
    /// What is settled so far.
    pub ledger: Ledger,
    archive: Archive,
    /// Where everybody lives, by the registry's numbers.
    places: Vec<Place>,
    references: BTreeMap<&'static str, RecordBatch>,
    /// When the list of each kind of objection was last checked.
    checked: BTreeMap<Kind, Day>,
    /// The settled objections before the first delivery joined; none where none has.
    objections_before: Option<Newest>,
    without: Without,
    /// Where it is written.
    pub staged: &'s Staged<'d>,
}

/// What the lists of objections have become.
pub struct Objections {
    /// How many of each kind have gone without having been taken back.
    pub vanished: BTreeMap<Kind, u64>,
    /// Whoever objects.
    pub objecting: LeftOut,
    /// What was noted here when that was asked.
    pub register: Register,
}

impl<'s, 'd> Joining<'s, 'd> {
    /// Goes on from a generation, or begins the first.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when the generation cannot be read or its successor not be made.
    pub fn onto(current: Option<History>, staged: &'s Staged<'d>) -> Result<Joining<'s, 'd>> {
        for table in person_tables().map(|table| table.name.as_str()).chain([PEOPLE, "reference"]) {
            staged.create_folder(table)?;
        }
        let mut references = BTreeMap::new();
        for table in tables().iter().filter(|table| !table.is_about_persons()) {
            let rows = match &current {
                Some(history) => whole::read(history.folder(), table)?,
                None => RecordBatch::new_empty(settled_schema(table)),
            };
            references.insert(table.name.as_str(), rows);
        }
        let (ledger, archive) = match current {
            Some(mut history) => {
                if history.ledger.brought.is_none() {
                    let profiles = history.profiles_since(Day(i32::MIN))?;
                    history.ledger.recount_brought(&profiles);
                }
                history.ledger.trust_the_past();
                (history.ledger, history.archive)
            }
            None => (Ledger::default(), Archive::empty()),
        };
        let mut places = Vec::with_capacity(archive.n_people());
        for (bucket, people) in archive.people.iter().enumerate() {
            places.extend((0..).zip(people).map(|(number, person)| match ledger.lives_in(*person, bucket) {
                true => (bucket as u8, number),
                false => NOWHERE,
            }));
        }
        let checked = ledger.objections.iter().filter_map(|(kind, list)| Some((*kind, list.checked_on?))).collect();
        Ok(Joining {
            ledger,
            archive,
            places,
            references,
            checked,
            objections_before: None,
            without: Without::default(),
            staged,
        })
    }

    /// Joins a delivery.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Extract`] when a file of it is refused, or it makes people alive who were reported dead.
    /// * [`crate::error::Kind::Storage`] when the next segments cannot be written.
    pub fn join(
        &mut self,
        folder: &DeliveryFolder,
        registry: &mut Registry,
        settings: &Settings,
        threads: usize,
        onlooker: &dyn Onlooker,
    ) -> Result<Delivery> {
        let manifest = &folder.manifest;
        let how = How {
            extracted_on: Day::of(manifest.extracted_at),
            is_full: manifest.delivery == Mode::Full,
            lag_days: &settings.extracts.lag_days,
            records_max: settings.rules.limit("V37", "records_max") as usize,
            threads,
        };
        let extracted_on = how.extracted_on;
        // What is said of a table as a whole names no file.
        let in_delivery = |error: Error| error.also(&format!("in delivery {}", folder.name()));
        let reported_dead = ReportedDead::of(&self.ledger);
        if how.is_full {
            // They are counted anew.
            manifest.files.iter().for_each(|file| _ = self.ledger.withheld.remove(&file.table));
        }
        self.ledger.note_suppliers(&manifest.files.iter().map(|file| manifest.provider_of(file)).collect());
        let rows_max = ROWS_OF_A_PART_MAX.min(settings.run.memory_limit_bytes() / MEMORY_PER_ROW);
        let parts = parts(manifest, &self.ledger, rows_max);
        let settled = objectors::settled(&self.archive, &self.ledger, threads)?;
        let register = Register::beside(self.staged.path())?;
        let is_first = self.ledger.deliveries.is_empty();
        if self.objections_before.is_none() {
            self.without.settled = self.purged_before(&settled, &register, settings);
            self.objections_before = Some(settled.clone());
        }
        let standing = Standing::of(&self.archive, &self.ledger, threads)?;
        let doorkeeper = Doorkeeper { settled, register, settings: &settings.objections };
        let intake = Intake::new(&self.ledger, &self.archive, &self.places, how, doorkeeper, parts, self.staged);
        let of_feeds: Mutex<Vec<SetAside>> = Mutex::default();
        let mut inspection =
            extract::inspect(folder, registry, threads, onlooker.traces_wanted(), &|admitted, accepted| {
                if extract::is_optional(&admitted.table.name) {
                    due::refuse_late(&self.ledger, folder, &admitted.table.name, &admitted.provider)?;
                }
                admitted.stood = self.stood(manifest, admitted);
                let passed = extract::judge_feed(admitted, extracted_on, settings);
                let passed = passed.map_err(in_delivery)?;
                of_feeds.lock().expect("no thread dies holding it").extend(passed);
                onlooker.accepted(&accepted);
                intake.take(accepted)
            });
        if self.ledger.newest_extract().is_none() && !folder.is_of_optional_tables() {
            ahead::tell_of_first(&mut inspection, folder, settings);
        }
        inspection.delivery.founded_on_nothing = self.ledger.founded_on_nothing(&inspection.delivery.tables);
        onlooker.inspected(&inspection);
        let mut delivery = inspection.admit(settings)?;
        let TakenIn { ledger, lists, withheld, left_out, roll, of_new, tables, references } = intake.finish()?;
        // Behind another delivery, rows that were settled may be written anew beside those that arrive.
        self.without.arrived = if is_first { left_out } else { LeftOut::default() };
        withheld.iter().for_each(|(table, n)| self.ledger.withhold(table, *n));
        self.ledger.merged = ledger.merged;
        self.places = roll.places;
        self.archive.add_people(roll.new, of_new, self.staged)?;
        for (table, joined) in tables {
            self.apply(table, joined)?;
        }
        for accepted in &references {
            self.settle_reference(accepted, extracted_on);
        }
        self.ledger.note_gaps(&delivery);
        self.ledger.note_part_read(&delivery, settings);
        note_supplies(&mut self.ledger, &delivery);
        self.ledger.note_left_out(&delivery.manifest);
        let has_past = |admitted: &Admitted| admitted.is_full || admitted.is_history;
        let feeds =
            delivery.tables.iter().filter_map(|admitted| Some((admitted.profile.as_ref()?, has_past(admitted))));
        self.ledger.note_brought(feeds);
        self.checked.extend(sent_lists::checked(&lists));
        delivery.lists = lists.into_iter().map(|list| list.beside(&standing, &self.ledger)).collect();
        let of_deaths = reported_dead.judge(ReportedDead::of(&self.ledger), extracted_on, settings);
        let of_deaths = of_deaths.map_err(in_delivery)?;
        let of_feeds = of_feeds.into_inner().expect("no thread died holding it");
        delivery.set_aside = set_aside::in_order(delivery.set_aside.into_iter().chain(of_feeds).chain(of_deaths));
        Ok(delivery)
    }

    /// Notes in the ledger what the lists of objections have become, and purges the rows of whoever objects. `leaving` are
    /// those whom published nights may know since earlier purges.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when a segment cannot be read or written.
    pub fn settle_objections(
        &mut self,
        mut leaving: Leaving,
        settings: &Settings,
        threads: usize,
    ) -> Result<Objections> {
        let register = Register::beside(self.staged.path())?;
        let newest = objectors::settled(&self.archive, &self.ledger, threads)?;
        self.ledger.objections = objectors::lists(&newest, &self.checked);
        let before = self.objections_before.take().unwrap_or_default();
        let vanished = objectors::vanished(&before, &newest, &self.ledger);
        let objecting = LeftOut::of(&newest, &register, &self.ledger, &settings.objections);
        let purged = purge::purge(&mut self.archive, &objecting, &self.without, self.staged, threads)?;
        for (table, n) in &purged.counting {
            *self.ledger.rows.get_mut(*table).expect("the table has had rows") -= n;
            self.ledger.withhold(table, *n);
        }
        self.ledger.left_out = objecting.fingerprint().map(str::to_owned);
        self.ledger.objecting = objecting.groups.clone();
        leaving.add(&purged);
        leaving.write(self.staged)?;
        Ok(Objections { vanished, objecting, register })
    }

    /// Whose rows the purge of the generation before has taken out; nobody, where it is not certain that it was them.
    fn purged_before(&self, settled: &Newest, register: &Register, settings: &Settings) -> LeftOut {
        let left_out = LeftOut::of(settled, register, &self.ledger, &settings.objections);
        let were_they = self.ledger.left_out.as_deref() == left_out.fingerprint();
        if were_they { left_out } else { LeftOut::default() }
    }

    /// What a provider's newest full delivery brought of a table. Nothing is expected of a table of which the delivery has
    /// no row from anybody: that is a missing feed, which a model does without that was trained so.
    fn stood(&self, manifest: &Manifest, admitted: &Admitted) -> Stood {
        let table = &admitted.table.name;
        let supply = self.ledger.supply(table, &admitted.provider).filter(|_| manifest.rows_of(table) > 0);
        supply.map_or(Stood::default(), |supply| Stood { rows: supply.full_rows, is_of_a_year: supply.is_of_a_year })
    }

    /// Writes everything but the segments, which are written already.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when the disk does not take it.
    pub fn write(&mut self) -> Result<()> {
        for (table, rows) in self.references.iter().filter(|(_, rows)| rows.num_rows() > 0) {
            let spec = earlycall_schemas::table::table(table).expect("declared");
            self.staged.put(&whole::path_of(spec), &whole::to_parquet(rows))?;
        }
        self.archive.write(self.staged)?;
        let of = |segments: &Vec<Segment>| {
            segments.iter().map(|segment| (segment.number, segment.buckets().collect())).collect::<Vec<_>>()
        };
        self.ledger.segments =
            self.archive.segments.iter().map(|(table, segments)| ((*table).to_owned(), of(segments))).collect();
        self.ledger.segments.insert(PEOPLE.to_owned(), of(&self.archive.people_segments));
        self.staged.put("history.json", &self.ledger.to_bytes())
    }

    fn settle_reference(&mut self, accepted: &Accepted, extracted_on: Day) {
        let Accepted { table, provider, rows, keys, is_full, .. } = accepted;
        let supplier = self.ledger.supplier_of(provider).expect("noted before");
        let arrival = Arrival { extracted_on, is_history: false, lag_days: 0 };
        // Codes of tables that are read whole are text.
        let no_words = Mutex::default();
        // What is no history counts from the extract, and not some days after an event.
        let arriving: Vec<RecordBatch> =
            rows.iter().zip(keys).map(|of| arriving(table, of, supplier, &arrival, &no_words).0).collect();
        let arriving = concat_batches(&arriving_schema(table), &arriving).expect("all are of one table");
        let terms = Terms { extracted_on, full_suppliers: is_full.then_some(supplier).into_iter().collect() };
        let rows = versions::settle(table, &self.references[table.name.as_str()], &Fresh::of(table, &arriving), &terms);
        self.ledger.rows.insert(table.name.clone(), rows.num_rows() as u64);
        self.references.insert(&table.name, rows);
    }

    fn apply(&mut self, table: &'static TableSpec, joined: Vec<Joined>) -> Result<()> {
        let folded = folded(self.archive.segments(table));
        let segments = self.archive.segments.get_mut(table.name.as_str()).expect("every table has a list");
        // Several deliveries may make one generation: a segment of this one is not needed under any other name.
        let is_gone = |segment: &&Segment| folded.contains(&segment.number);
        let is_new = |segment: &&Segment| segment.path().starts_with(self.staged.path());
        for segment in segments.iter().filter(is_gone).filter(is_new) {
            self.staged.discard(&path_of(&table.name, segment.number))?;
        }
        segments.retain(|segment| !is_gone(&segment));
        let rows = self.ledger.rows.entry(table.name.clone()).or_default();
        for Joined { segment, ends, growth } in joined {
            *rows = rows.checked_add_signed(growth).expect("no more rows end than there are");
            for (bucket, (segment, row, end)) in ends {
                self.archive.closings.add(table, segment, bucket, row, end);
            }
            if let Some((number, path, buckets)) = segment {
                let words = &mut self.archive.words;
                segments.push(Segment::open(path, number, settled_schema(table), &buckets, words)?);
            }
        }
        let left: BTreeSet<u32> = segments.iter().map(|segment| segment.number).collect();
        self.archive.closings.forget(table, |segment| left.contains(&segment));
        Ok(())
    }
}
