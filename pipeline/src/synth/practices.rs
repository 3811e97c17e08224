//! The tables of the GP record: practice by practice, each in memory by itself, written in the order of recording.

use std::fmt::Write as _;

use crate::error::Result;

use super::{
    cells::{Cells, Columns},
    concepts::{EPISODICITY, UNITS},
    dirt::{self, Draft, Planted, Spot},
    gp_rows::{Event, EventLine, Issue, IssueLine},
    life::Story,
    parallel,
    people::Layout,
    person::{Person, person_id},
    place::Place,
    prescriptions, record,
    rows::Window,
    sheet::{Format, Sheet, TableFile},
    world::World,
};

/// A practice's whole record, in the order of recording.
struct Record {
    practice: usize,
    /// Everybody who was ever with the practice, by number.
    people: Vec<u32>,
    person_ids: Vec<String>,
    events: Vec<Event>,
    issues: Vec<Issue>,
}

/// Writes the files; with each, the defects that were put into it.
pub(crate) fn write(
    world: &World,
    threads: usize,
    window: Window,
    layout: Layout,
    (place, format): (&dyn Place, Format),
) -> Result<Vec<(TableFile, Vec<Planted>)>> {
    let people = people_of_practices(world, threads);
    let both = |records: &[Record], stem: &dyn Fn(&str) -> String, provider: Option<String>| {
        let events = Sheet {
            table: EventLine::TABLE,
            columns: EventLine::COLUMNS,
            stem: stem(EventLine::TABLE),
            provider: provider.clone(),
        };
        let issues =
            Sheet { table: IssueLine::TABLE, columns: IssueLine::COLUMNS, stem: stem(IssueLine::TABLE), provider };
        Ok([
            filled(&events, (place, format), &mut |pen| records.iter().try_for_each(|r| r.events(world, window, pen)))?,
            filled(&issues, (place, format), &mut |pen| records.iter().try_for_each(|r| r.issues(world, window, pen)))?,
        ])
    };
    let files: Result<Vec<_>> = match layout {
        Layout::OneFile => {
            let records = parallel::each(people.len(), threads, |n| Record::of(world, n, people[n].clone()));
            Ok(vec![both(&records, &str::to_owned, None)?])
        }
        Layout::ByProvider => parallel::each(people.len(), threads, |n| {
            let code = world.practices[n].code.clone();
            let record = Record::of(world, n, people[n].clone());
            both(&[record], &|table| format!("{table}/{code}"), Some(code.clone()))
        })
        .into_iter()
        .collect(),
    };
    Ok(files?.into_iter().flatten().collect())
}

/// The people who were ever with each practice, by number.
fn people_of_practices(world: &World, threads: usize) -> Vec<Vec<u32>> {
    let mut people = vec![Vec::new(); world.practices.len()];
    let parts = parallel::parts(world.records, threads, |numbers| {
        let mut pairs: Vec<(usize, u32)> = Vec::new();
        for number in numbers {
            let person = Person::new(world, number);
            pairs.extend(person.practices.iter().map(|stay| (stay.practice, number)));
        }
        pairs
    });
    for (practice, number) in parts.into_iter().flatten() {
        let list: &mut Vec<u32> = &mut people[practice];
        // Somebody may come back to a practice.
        if list.last() != Some(&number) {
            list.push(number);
        }
    }
    people
}

/// A sheet under way: where its next row goes, and what was done to it so far.
struct Pen<'a> {
    cells: &'a mut dyn Cells,
    format: Format,
    rows: u64,
    planted: Vec<Planted>,
}

impl Pen<'_> {
    /// Writes a row, or what is sent in its place.
    fn write(
        &mut self,
        world: &World,
        spot: Spot,
        columns: Columns,
        line: &dyn Fn(&mut dyn Cells) -> std::io::Result<()>,
    ) -> std::io::Result<()> {
        match dirt::instead(world, self.format, spot, || Draft::of(columns, line)) {
            Some(dirty) => dirt::write(&dirty, &mut self.rows, &mut self.planted, self.cells),
            None => {
                self.rows += 1;
                line(self.cells)
            }
        }
    }
}

fn filled(
    sheet: &Sheet,
    (place, format): (&dyn Place, Format),
    fill: &mut dyn FnMut(&mut Pen) -> std::io::Result<()>,
) -> Result<(TableFile, Vec<Planted>)> {
    let mut planted = Vec::new();
    let file = sheet.write(place, format, &mut |cells| {
        let mut pen = Pen { cells, format, rows: 0, planted: Vec::new() };
        fill(&mut pen)?;
        planted = pen.planted;
        Ok(pen.rows)
    })?;
    Ok((file, planted))
}

impl Record {
    fn of(world: &World, practice: usize, people: Vec<u32>) -> Record {
        let (mut events, mut issues) = (Vec::new(), Vec::new());
        for &number in &people {
            let story = Story::of(world, number);
            events.extend(record::events(world, &story, Some(practice)));
            issues.extend(prescriptions::of(world, &story, Some(practice)));
        }
        // Stable, so rows of one moment stay in the order of persons.
        events.sort_by_key(|event| event.at.0);
        issues.sort_by_key(|issue| issue.date);
        let person_ids = people.iter().map(|&number| person_id(number)).collect();
        Record { practice, people, person_ids, events, issues }
    }

    fn events(&self, world: &World, window: Window, pen: &mut Pen) -> std::io::Result<()> {
        let practice = &world.practices[self.practice].code;
        let mut id = String::new();
        for (n, event) in self.events.iter().enumerate().filter(|(_, event)| window.brings(event.known())) {
            name(&mut id, practice, n);
            let line = EventLine {
                id: &id,
                person_id: self.person_id(event.person),
                practice,
                date: event.date,
                recorded_at: event.at,
                snomed: &world.concepts.codes[usize::from(event.concept)],
                value: (event.unit > 0).then(|| f64::from(event.tenths) / 10.0),
                unit: UNITS[usize::from(event.unit)],
                episodicity: EPISODICITY[usize::from(event.episodicity)],
            };
            let spot = self.spot(EventLine::TABLE, event.person, n);
            pen.write(world, spot, EventLine::COLUMNS, &|cells| line.write(cells))?;
        }
        Ok(())
    }

    fn issues(&self, world: &World, window: Window, pen: &mut Pen) -> std::io::Result<()> {
        let practice = &world.practices[self.practice].code;
        let mut id = String::new();
        for (n, issue) in self.issues.iter().enumerate().filter(|(_, issue)| window.brings(issue.known())) {
            name(&mut id, practice, n);
            let product = usize::from(issue.product);
            let line = IssueLine {
                id: &id,
                person_id: self.person_id(issue.person),
                practice,
                date: issue.date,
                dmd: &world.products.dmd[product],
                bnf: &world.products.bnf[product],
                issue_type: if issue.is_repeat { "repeat" } else { "acute" },
            };
            let spot = self.spot(IssueLine::TABLE, issue.person, n);
            pen.write(world, spot, IssueLine::COLUMNS, &|cells| line.write(cells))?;
        }
        Ok(())
    }

    fn spot(&self, table: &'static str, person: u32, row: usize) -> Spot {
        Spot { table, person, group: self.practice as u32, row: row as u32 }
    }

    fn person_id(&self, number: u32) -> &str {
        let at = self.people.binary_search(&number).expect("a practice's rows are about its people");
        &self.person_ids[at]
    }
}

/// A row's key: the practice, and a number that runs in the order of recording.
fn name(id: &mut String, practice: &str, number: usize) {
    id.clear();
    write!(id, "{practice}-{}", number + 1).expect("writing to memory cannot fail");
}
