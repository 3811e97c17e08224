//! A life in a few lines, for the tests of this folder.

use std::collections::BTreeMap;

use earlycall_schemas::{catalogue::View, codelists, feeds::HAS_AMOUNT};

use crate::{
    cohort::stay::{Cip, StayKind},
    day::Day,
    features::{ConditionRecord, FeatureRow, Feeds, Stated, Subject, Told, Value, build, stated, statements},
    history::records::{Attendance, FeedRow, GpEvent, Patient, Person, PersonKey, Prescription, ShortCode},
    meaning::{Medicine, embedded},
};

pub const ALL_FEEDS: [&str; 17] = [
    "patients",
    "registrations",
    "reference_lsoa",
    "gp_events",
    "gp_prescriptions",
    "apc_episodes",
    "ed_attendances",
    "gp_appointments",
    "outpatient_appointments",
    "waiting_list_entries",
    "community_contacts",
    "home_care_visits",
    "social_prescribing_referrals",
    "virtual_ward_stays",
    "remote_monitoring",
    "telecare_events",
    "mental_health_contacts",
];

/// The index date of every test: Friday 20 November 2026.
pub fn index_date() -> Day {
    day("2026-11-20")
}

pub fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

/// A woman born in March 1942, to whom nothing has happened yet.
#[derive(Clone, Debug)]
pub struct Life {
    pub person: Person,
    pub cips: Vec<Cip>,
    pub conditions: Vec<ConditionRecord>,
    pub birth_month: Day,
    pub imd_decile: Option<i64>,
    pub registered_since: Option<Day>,
}

impl Life {
    pub fn new() -> Life {
        let patient = Patient { sex: ShortCode::new("2"), ..Patient::default() };
        let person = Person {
            key: PersonKey::parse(&"0a".repeat(32)).unwrap(),
            patient,
            registrations: vec![],
            gp_events: Default::default(),
            prescriptions: Default::default(),
            episodes: vec![],
            attendances: vec![],
            inpatient_now: vec![],
            deaths: vec![],
            feeds: vec![],
            objections: vec![],
            noted: std::collections::BTreeSet::new(),
            is_of_objectors: false,
        };
        Life {
            person,
            cips: vec![],
            conditions: vec![],
            birth_month: day("1942-03-01"),
            imd_decile: None,
            registered_since: None,
        }
    }

    /// A stay; `until` may be "" for one that is not over. The first diagnosis is the primary.
    pub fn stay(self, kind: StayKind, from: &str, until: &str, diagnoses: &str) -> Life {
        self.stay_on(kind, day(from), Day::parse(until), diagnoses)
    }

    pub fn stay_on(mut self, kind: StayKind, from: Day, until: Option<Day>, diagnoses: &str) -> Life {
        let diagnoses: Vec<ShortCode> = diagnoses.split_whitespace().map(ShortCode::new).collect();
        self.cips.push(Cip {
            admission_date: from,
            discharge_date: until,
            kind,
            first_provider: ShortCode::new("R1H"),
            primary: diagnoses.first().copied(),
            diagnoses,
            is_mental_health: false,
            died: false,
        });
        self
    }

    /// The last stay is under a mental health specialty.
    pub fn under_mental_health(mut self) -> Life {
        self.cips.last_mut().expect("a stay comes first").is_mental_health = true;
        self
    }

    pub fn attendance(self, on: &str, department: &str, category: &str) -> Life {
        self.attendance_by(on, department, category, 0, 0)
    }

    pub fn attendance_by(mut self, on: &str, department: &str, category: &str, mode: u64, status: u64) -> Life {
        self.person.attendances.push(Attendance {
            provider: ShortCode::new("R1H"),
            arrival_at: crate::day::Instant::at_start_of(day(on)),
            date: day(on),
            department_type: ShortCode::new(department),
            attendance_category: ShortCode::new(category),
            arrival_mode: mode,
            acuity: 0,
            discharge_destination: 0,
            discharge_status: status,
        });
        self
    }

    pub fn condition(mut self, id: &str, first: &str) -> Life {
        let condition = codelists::conditions().iter().find(|condition| condition.id == id).unwrap();
        self.conditions.push(ConditionRecord { condition, first: day(first), in_gp_record: true, in_hospital: false });
        self
    }

    pub fn prescription(mut self, on: &str, bnf: &str) -> Life {
        self.person.prescriptions.extend([Prescription { date: day(on), medicine: Medicine::of(bnf) }]);
        self
    }

    pub fn result(mut self, on: &str, snomed: u64, value_milli: i64) -> Life {
        self.person.gp_events.extend([GpEvent {
            date: day(on),
            means: embedded().of_snomed(snomed),
            value_milli: Some(value_milli),
        }]);
        self
    }

    /// A row of an optional table so many days ago that passes these tests.
    pub fn feed(self, view: View, days_ago: i32, tests: &[&str]) -> Life {
        self.feed_of(view, days_ago, tests, None, None)
    }

    /// The same, with an amount, of an item.
    pub fn feed_of(
        mut self,
        view: View,
        days_ago: i32,
        tests: &[&str],
        amount: Option<i64>,
        item: Option<&str>,
    ) -> Life {
        let bit = |name: &&str| view.tests().iter().find(|test| test.name == *name).unwrap().bit;
        let items = || view.items().unwrap().items();
        let has_amount = if amount.is_some() { HAS_AMOUNT } else { 0 };
        let day = index_date() - days_ago;
        self.person.feeds.push(FeedRow {
            view,
            moment: i64::from(day.0),
            day,
            end: None,
            amount,
            item: item.map(|name| items().iter().position(|item| item.name == name).unwrap() as u16),
            tests: tests.iter().map(bit).fold(has_amount, |all, bit| all | bit),
        });
        self
    }

    pub fn subject(&self) -> Subject<'_> {
        Subject {
            person: &self.person,
            cips: &self.cips,
            conditions: &self.conditions,
            birth_month: self.birth_month,
            imd_decile: self.imd_decile,
            registered_since: self.registered_since,
        }
    }

    pub fn row(&self) -> FeatureRow {
        build(&self.subject(), index_date(), &Feeds::new(ALL_FEEDS))
    }

    /// The number of a feature; panics unless it is known.
    pub fn number(&self, feature: &str) -> i64 {
        match self.row().get(feature) {
            Value::Known(number) => number,
            other => panic!("{feature} is {other:?}"),
        }
    }

    pub fn told(&self) -> Vec<Told> {
        self.told_with(&Feeds::new(ALL_FEEDS))
    }

    pub fn told_with(&self, feeds: &Feeds) -> Vec<Told> {
        let row = build(&self.subject(), index_date(), feeds);
        statements(&self.subject(), index_date(), feeds, &row)
    }

    /// By statement, what may be said of it, also where there is no sentence.
    pub fn stated(&self) -> BTreeMap<&'static str, Stated> {
        stated(&self.subject(), index_date(), &Feeds::new(ALL_FEEDS), &self.row())
    }

    /// The sentence of a statement, if there is one.
    pub fn sentence(&self, statement: &str) -> Option<String> {
        self.told().into_iter().find(|told| told.statement == statement).map(|told| told.sentence)
    }
}

/// "2026-11-20" less some days.
pub fn ago(days: i32) -> String {
    (index_date() - days).to_string()
}
