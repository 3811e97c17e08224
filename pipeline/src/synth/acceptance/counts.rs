//! What is counted about each person for the checks.

use std::{collections::BTreeMap, ops::Range};

use crate::{
    day::Day,
    synth::{
        calendar::{month, weekday},
        course::Course,
        hospital_rows::AttendanceRow,
        life::{Life, Story},
        prescriptions, record,
        truth::{is_here, probability},
        world::World,
    },
};

/// Somebody's true risk of an emergency admission within the last year, their age, and how many they had.
#[derive(Clone, Copy)]
pub(super) struct Risk {
    pub p: f64,
    pub age: f64,
    pub admissions: u32,
}

/// Sums over people, by name; names end in what they count.
#[derive(Default)]
pub(super) struct Counts {
    sums: BTreeMap<&'static str, f64>,
    pub risks: Vec<Risk>,
    /// People, and those with an admission within the last year: by band of age, then deprivation fifth.
    pub cells: [[(f64, f64); 5]; 5],
    /// Years, entries and issues by number of conditions, the last for three and more.
    pub by_conditions: [[f64; 3]; 4],
}

/// Prefixes of the chronic conditions of the indicator NHSOF 2.3.i, whose admissions good care could often avoid.
const CHRONIC_ACSC: [&str; 35] = [
    "B180", "B181", "E10", "E11", "E12", "E13", "E14", "D501", "D508", "D509", "D51", "D52", "F00", "F01", "F02",
    "F03", "G40", "G41", "I50", "I110", "J81", "I130", "I20", "I25", "I10", "I119", "I48", "J41", "J42", "J43", "J44",
    "J47", "J45", "J46", "I11",
];

impl Counts {
    /// Counts of a part of the population.
    pub fn of(world: &World, people: Range<u32>) -> Counts {
        let mut counts = Counts::default();
        people.for_each(|number| counts.person(world, number));
        counts
    }

    /// Joins the counts of another part.
    pub fn add(&mut self, other: Counts) {
        other.sums.into_iter().for_each(|(name, n)| self.count(name, n));
        self.risks.extend(other.risks);
        for (mine, theirs) in self.cells.iter_mut().flatten().zip(other.cells.iter().flatten()) {
            *mine = (mine.0 + theirs.0, mine.1 + theirs.1);
        }
        for (mine, theirs) in self.by_conditions.iter_mut().flatten().zip(other.by_conditions.iter().flatten()) {
            *mine += theirs;
        }
    }

    /// A sum; zero for what never happened.
    pub fn sum(&self, name: &str) -> f64 {
        self.sums.get(name).copied().unwrap_or(0.0)
    }

    fn count(&mut self, name: &'static str, n: f64) {
        *self.sums.entry(name).or_default() += n;
    }

    fn count_if(&mut self, name: &'static str, is: bool) {
        if is {
            self.count(name, 1.0);
        }
    }

    fn person(&mut self, world: &World, number: u32) {
        let story = Story::of(world, number);
        let person = &story.person;
        if person.merged_into.is_some() {
            return;
        }
        let last_day = world.params.last_day;
        let end = [Some(last_day), person.left, story.fate.died].into_iter().flatten().min().unwrap_or(last_day);
        let years = f64::from((end - world.first_day.max(person.arrived)).max(0)) / 365.25;
        self.count("years", years);
        self.count_if("deaths", story.fate.died.is_some_and(|day| day >= world.first_day));
        let moves = person.practices.iter().filter(|stay| stay.until.is_some()).count();
        self.count("leavings", moves as f64);
        self.illness(world, &story, last_day);
        self.emergencies(world, &story);
        self.last_year(world, &story);
        let ill = story.conditions.on(end).count().min(3);
        let events = record::events(world, &story, None);
        let recent = events.iter().filter(|event| event.known().from >= world.first_day).count() as f64;
        let issues = prescriptions::of(world, &story, None).len() as f64;
        let row = &mut self.by_conditions[ill];
        (row[0], row[1], row[2]) = (row[0] + years, row[1] + recent, row[2] + issues);

        let (born, area) = (person.born, person.area);
        let life = Life::of(world, story, last_day);
        let affluence = world.areas[area].affluence();
        self.attendances(&life.attendances, born, affluence, years);
        let current = |row: &&crate::synth::hospital_rows::EpisodeRow| row.known.until.is_none();
        self.count("episodes", life.episodes.iter().filter(current).count() as f64);
        self.count("spells", life.episodes.iter().filter(current).filter(|row| row.order == 1).count() as f64);
        for objection in ["type1", "national_data_opt_out"] {
            self.count_if(objection, life.objections.iter().any(|row| row.objection == objection));
        }
        self.count("records", 1.0);
    }

    fn illness(&mut self, world: &World, story: &Story, day: Day) {
        if !is_here(&story.person, &story.fate, day) {
            return;
        }
        let age = story.person.age(day);
        let several = story.conditions.on(day).count() >= 2;
        let affluence = world.areas[story.person.area].affluence();
        self.count("here", 1.0);
        self.count_if("here with several conditions", several);
        self.count_if("here, 80 and over", age >= 80.0);
        self.count_if("here, 80 and over, with several conditions", age >= 80.0 && several);
        self.count_if("here, 65 and over", age >= 65.0);
        if (40.0..80.0).contains(&age) {
            let most = affluence < 0.2;
            self.count_if("most deprived", most);
            self.count_if("most deprived, with several conditions", most && several);
            self.count_if("least deprived", affluence >= 0.8);
            self.count_if("least deprived, with several conditions", affluence >= 0.8 && several);
        }
    }

    fn emergencies(&mut self, world: &World, story: &Story) {
        let emergencies: Vec<_> =
            story.fate.emergencies.iter().filter(|stay| stay.admitted >= world.first_day).collect();
        for (i, stay) in emergencies.iter().enumerate() {
            let nights = f64::from(stay.discharged - stay.admitted);
            let old = story.person.age(stay.admitted) >= 85.0;
            self.count("emergencies", 1.0);
            self.count_if("emergencies of a day", nights == 0.0);
            self.count("nights", nights);
            self.count_if("emergencies, 85 and over, with a night", old && nights > 0.0);
            self.count("nights, 85 and over", if old { nights } else { 0.0 });
            if !stay.died {
                self.count("discharges", 1.0);
                let next = emergencies.get(i + 1);
                self.count_if("readmissions", next.is_some_and(|next| next.admitted - stay.discharged < 30));
            }
        }
        for placed in story.stays.iter().filter(|placed| placed.stay.reason == crate::synth::planned::Reason::Emergency)
        {
            let (reason, age) = (&placed.reason, story.person.age(placed.stay.admitted));
            self.count_if("chronic ACSC", CHRONIC_ACSC.iter().any(|prefix| reason.starts_with(prefix)));
            if reason.starts_with('J') {
                let month = month(placed.stay.admitted);
                self.count("respiratory", 1.0);
                self.count_if("respiratory, winter", [11, 0, 1].contains(&month));
                self.count_if("respiratory, spring", [2, 3, 4].contains(&month));
                self.count_if("respiratory, 65 and over", age >= 65.0);
                self.count_if("respiratory, 1 to 4", (1.0..5.0).contains(&age));
            }
        }
    }

    fn last_year(&mut self, world: &World, story: &Story) {
        let (person, before) = (&story.person, world.params.last_day - 365);
        let stays = person.left.is_none_or(|left| left > world.params.last_day);
        let course = Course::new(world, person, &story.conditions);
        let Some(p) = probability(person, &story.fate, &course, before, 365).filter(|_| stays) else { return };
        let admissions = story.fate.emergencies.iter().filter(|stay| stay.admitted > before).count() as u32;
        let age = person.age(before);
        self.count_if("admitted or dead within the year", admissions > 0 || story.fate.died.is_some());
        self.risks.push(Risk { p, age, admissions });
        let band = world.numbers.admitted.iter().position(|(oldest, _)| age < oldest + 1.0).unwrap_or(4);
        let cell = &mut self.cells[band][world.areas[person.area].fifth()];
        *cell = (cell.0 + 1.0, cell.1 + f64::from(u8::from(admissions > 0)));
    }

    fn attendances(&mut self, rows: &[AttendanceRow], born: Day, affluence: f64, years: f64) {
        self.count("years, most deprived tenth", if affluence < 0.1 { years } else { 0.0 });
        self.count("years, least deprived tenth", if affluence >= 0.9 { years } else { 0.0 });
        let unplanned: Vec<&AttendanceRow> =
            rows.iter().filter(|row| row.department != "05" && row.category != "4").collect();
        for row in &unplanned {
            let day = Day(row.arrival.0.div_euclid(86_400) as i32);
            self.count("attendances", 1.0);
            self.count_if("attendances, most deprived tenth", affluence < 0.1);
            self.count_if("attendances, least deprived tenth", affluence >= 0.9);
            self.count_if("attendances on a Monday", weekday(day) == 0);
            if row.department == "01" {
                self.count("major attendances", 1.0);
                self.count_if("major attendances, admitted", row.destination == "306706006");
            }
            if day - born >= 18 * 365 {
                self.count("attendances of adults", 1.0);
                self.count_if("attendances of adults, by ambulance", row.arrival_mode == "1048031000000100");
            }
        }
        let soon = unplanned.windows(2).filter(|two| two[1].arrival.0 - two[0].arrival.0 <= 7 * 86_400);
        self.count("attendances, back within a week", soon.count() as f64);
    }
}
