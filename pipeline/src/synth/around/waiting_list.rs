//! `waiting_list_entries`: waits that end in a planned stay, waits that end otherwise, and waits that go on.

use std::io;

use crate::day::Day;

use super::{Scene, days, versions};
use crate::synth::{
    cells::{Cell, Cells, Columns},
    chance::{Chance, Stream},
    planned::{self, Reason},
    rows::{Known, Row},
    world::World,
};

/// Waits that end without treatment, for each that ends with it.
const IN_VAIN: f64 = 0.3;
/// Share of days on which operations are planned that are working days.
const WORKING: f64 = 0.7;
/// How far ahead operations are planned.
const AHEAD_DAYS: i32 = 730;
/// Share of referrals and median days of the wait, by priority.
const PRIORITIES: [(&str, f64, f64); 3] =
    [("routine", 78.0, 98.0), ("urgent", 14.0, 35.0), ("two_week_wait", 8.0, 20.0)];

/// A row of `waiting_list_entries`.
pub(crate) struct EntryRow {
    pub known: Known,
    pub n: usize,
    pub provider: &'static str,
    pub referred: Day,
    pub function: &'static str,
    pub priority: &'static str,
    pub surgical: &'static str,
    pub decided: Option<Day>,
    pub removed: Option<(Day, &'static str)>,
}

/// When admission was decided, and when and why the entry left the list.
type State = (Option<Day>, Option<(Day, &'static str)>);

/// A wait as it is drawn, whether or not its end is seen.
struct Wait {
    provider: &'static str,
    function: &'static str,
    priority: &'static str,
    surgical: &'static str,
    referred: Day,
    ends: Day,
    reason: &'static str,
}

/// The entries of a person.
pub(super) fn of(scene: &Scene) -> Vec<EntryRow> {
    let mut chance = scene.chance(Stream::WaitingList);
    let home = scene.borough().trust.as_str();
    let mut waits = Vec::new();
    for placed in &scene.story.stays {
        if matches!(placed.stay.reason, Reason::Elective | Reason::DayCase) {
            let place = (placed.provider, placed.treatment_function);
            waits.push(Wait::until(scene, placed.stay.admitted, place, "treated", &mut chance));
        }
    }
    let until = scene.here.until;
    let yearly = planned::operations_a_year(&scene.story.person, &scene.story.conditions, until) * WORKING;
    for day in days(&mut chance, scene.here.from, until + AHEAD_DAYS, IN_VAIN * yearly) {
        let reason = ["person_declined", "not_needed", "other"][chance.weighted(&[35.0, 40.0, 25.0])];
        waits.push(Wait::until(scene, day, (home, "100"), reason, &mut chance));
    }
    for day in days(&mut chance, until + 1, until + AHEAD_DAYS, yearly) {
        waits.push(Wait::until(scene, day, (home, "100"), "treated", &mut chance));
    }
    let begun = waits.into_iter().filter(|wait| wait.referred <= until);
    begun.enumerate().flat_map(|(n, wait)| wait.rows(scene, n)).collect()
}

impl Wait {
    /// A wait that would end on a day.
    fn until(
        scene: &Scene,
        ends: Day,
        (provider, function): (&'static str, &'static str),
        reason: &'static str,
        chance: &mut Chance,
    ) -> Wait {
        let (priority, _, median) = PRIORITIES[chance.weighted(&PRIORITIES.map(|(_, share, _)| share))];
        let length = (median * (0.7 * chance.normal()).exp()).clamp(3.0, 900.0) as i32;
        let surgical = if priority == "routine" { ["P3", "P4"][chance.below(2)] } else { "P2" };
        let referred = (ends - length).max(scene.story.person.born);
        Wait { provider, function, priority, surgical, referred, ends, reason }
    }

    /// The entry as it was referred, as admission was decided, and as it left the list.
    fn rows(&self, scene: &Scene, n: usize) -> Vec<EntryRow> {
        let until = scene.here.until;
        let decided = self.referred + (self.ends - self.referred) * 2 / 5;
        let gone = scene.here.is_gone.then(|| (until + 1, if scene.here.has_died { "died" } else { "other" }));
        let removed = if self.ends <= until { Some((self.ends, self.reason)) } else { gone };
        let mut steps = vec![(self.referred, (None, None))];
        if decided <= until {
            steps.push((decided, (Some(decided), None)));
        }
        let decision = (decided <= until).then_some(decided);
        steps.extend(removed.map(|end| (end.0, (decision, Some(end)))));
        let row = |(known, (decided, removed)): (Known, State)| EntryRow {
            known,
            n,
            provider: self.provider,
            referred: self.referred,
            function: self.function,
            priority: self.priority,
            surgical: if decided.is_some() { self.surgical } else { "" },
            decided,
            removed,
        };
        versions(steps).into_iter().map(row).collect()
    }
}

impl Row for EntryRow {
    const TABLE: &'static str = "waiting_list_entries";
    const COLUMNS: Columns = &[
        ("entry_id", Cell::Id),
        ("person_id", Cell::Person),
        ("provider_code", Cell::Text),
        ("referral_date", Cell::Day),
        ("treatment_function", Cell::Text),
        ("priority", Cell::Text),
        ("surgical_priority", Cell::Text),
        ("decided_to_admit_on", Cell::Day),
        ("removed_on", Cell::Day),
        ("removal_reason", Cell::Text),
    ];

    fn known(&self) -> Known {
        self.known
    }

    fn write(&self, _: &World, person: u32, cells: &mut dyn Cells) -> io::Result<()> {
        cells.text(&format!("w{person}-{}", self.n));
        cells.person(person);
        cells.text(self.provider);
        cells.day(Some(self.referred));
        cells.text(self.function);
        cells.text(self.priority);
        cells.text(self.surgical);
        cells.day(self.decided);
        cells.day(self.removed.map(|(day, _)| day));
        cells.text(self.removed.map_or("", |(_, reason)| reason));
        cells.end_row()
    }
}
