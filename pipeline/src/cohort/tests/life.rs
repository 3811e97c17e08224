//! A person in a few lines of text, for these tests and those of training.

use std::collections::{BTreeMap, BTreeSet};

use earlycall_schemas::catalogue::View;

use crate::{
    cohort::{Assessed, Circumstances, assess, one_fate::Fates},
    day::{Day, Instant},
    features::Feeds,
    history::{
        LsoaRow, PracticeRow, Reference,
        records::{
            Attendance, Code, DeathReport, Episode, FeedRow, GpEvent, Objection, Patient, Person, PersonKey,
            Prescription, Registration, ShortCode,
        },
    },
    meaning::{Medicine, embedded},
    objections::{Kind, register::Matter},
    settings::Settings,
};

/// The index date of every test.
pub const INDEX_DATE: &str = "2026-11-20";
/// LSOA of the area.
pub const HOME: &str = "E01000001";

pub fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

/// One thing a line, by its first word; `-` for nothing:
///
/// ```text
/// born   MONTH LSOA
/// sex    CODE
/// is     test | merged | confidential
/// gp     PRACTICE FROM TO TYPE
/// code   DATE SNOMED VALUE?
/// issue  DATE BNF
/// stay   PROVIDER FROM TO METHOD DESTINATION ICD10|ICD10
/// visit  DATE DESTINATION
/// dead   DATE SOURCE
/// says   OBJECTION dissent|withdrawn DATE
/// noted  OBJECTION | death | wrong
/// feed   TABLE DATE TEST|TEST
/// ```
///
/// Born in March 1950, of no area and registered nowhere, unless it says otherwise.
pub fn person(text: &str) -> Person {
    let mut person = nobody();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let cells: Vec<&str> = line.split_whitespace().map(|cell| if cell == "-" { "" } else { cell }).collect();
        match cells[0] {
            "born" => {
                person.patient.birth_month = Some(day(&format!("{}-01", cells[1])));
                person.patient.lsoa21 = Code::new(cells[2]);
            }
            "sex" => person.patient.sex = Code::new(cells[1]),
            "is" => match cells[1] {
                "test" => person.patient.is_test_patient = true,
                "confidential" => person.patient.is_confidential = true,
                "merged" => person.patient.superseded_by = PersonKey::parse(&"0b".repeat(32)),
                other => panic!("nobody is {other}"),
            },
            "gp" => person.registrations.push(Registration {
                practice_code: ShortCode::new(cells[1]),
                start_date: day(cells[2]),
                end_date: Day::parse(cells[3]),
                is_regular: cells[4] == "regular",
            }),
            "code" => {
                person.gp_events.extend([GpEvent {
                    date: day(cells[1]),
                    means: embedded().of_snomed(cells[2].parse().unwrap()),
                    value_milli: cells.get(3).map(|value| (value.parse::<f64>().unwrap() * 1000.0).round() as i64),
                }]);
            }
            "issue" => {
                person.prescriptions.extend([Prescription { date: day(cells[1]), medicine: Medicine::of(cells[2]) }])
            }
            "stay" => {
                let number = person.episodes.len();
                person.episodes.push(stay(number, &cells));
            }
            "visit" => person.attendances.push(visit(&cells)),
            "dead" => {
                person.deaths.push(DeathReport { death_date: day(cells[1]), source: Code::new(cells[2]) });
            }
            "says" => person.objections.push(Objection {
                objection: Code::new(cells[1]),
                is_dissent: cells[2] == "dissent",
                recorded_at: Instant::at_start_of(day(cells[3])),
            }),
            "noted" => {
                person.noted.insert(match cells[1] {
                    "death" => Matter::Death,
                    "wrong" => Matter::Wrong,
                    kind => Matter::Objection(Kind::from_code(kind).unwrap()),
                });
            }
            "feed" => person.feeds.push(feed(cells[1], day(cells[2]), cells[3..].first().unwrap_or(&""))),
            other => panic!("no line begins with {other}"),
        }
    }
    person.feeds.sort_unstable();
    person
}

fn nobody() -> Person {
    Person {
        key: PersonKey::parse(&"0a".repeat(32)).unwrap(),
        patient: Patient { birth_month: Some(day("1950-03-01")), ..Patient::default() },
        registrations: vec![],
        gp_events: Default::default(),
        prescriptions: Default::default(),
        episodes: vec![],
        attendances: vec![],
        inpatient_now: vec![],
        deaths: vec![],
        feeds: vec![],
        objections: vec![],
        noted: BTreeSet::new(),
        is_of_objectors: false,
    }
}

fn stay(number: usize, cells: &[&str]) -> Episode {
    let (admitted, discharged) = (day(cells[2]), Day::parse(cells[3]));
    Episode {
        episode_id: number.to_string(),
        spell_id: number.to_string(),
        provider: Code::new(cells[1]),
        admission_date: admitted,
        admission_method: Code::new(cells[4]),
        admission_source: Code::new("19"),
        patient_classification: Code::new("1"),
        discharge_date: discharged,
        discharge_method: Code::new(if cells[5] == "79" { "4" } else { "1" }),
        discharge_destination: Code::new(cells[5]),
        episode_start: admitted,
        episode_end: discharged,
        episode_order: 1,
        episode_type: Code::new("1"),
        treatment_function: Code::new("300"),
        diagnoses: cells[6].split('|').map(ShortCode::new).collect(),
        is_sdec: false,
        is_well_baby: false,
    }
}

/// A row of an optional table that passes some tests.
fn feed(table: &str, day: Day, tests: &str) -> FeedRow {
    let view = View::named(table).unwrap();
    let bit = |name: &str| view.tests().iter().find(|test| test.name == name).unwrap().bit;
    let tests = tests.split('|').filter(|name| !name.is_empty()).map(bit).fold(0, |all, bit| all | bit);
    FeedRow { view, moment: i64::from(day.0), day, end: None, amount: None, item: None, tests }
}

fn visit(cells: &[&str]) -> Attendance {
    Attendance {
        provider: Code::new("R1H"),
        arrival_at: Instant::at_start_of(day(cells[1])),
        date: day(cells[1]),
        department_type: Code::new("01"),
        attendance_category: Code::new("1"),
        arrival_mode: 0,
        acuity: 0,
        discharge_destination: cells[2].parse().unwrap_or(0),
        discharge_status: 0,
    }
}

/// An area of two practices and one LSOA.
pub fn reference() -> Reference {
    let home = LsoaRow { imd_decile: Some(3), lad_code: Code::new("E09000001"), neighbourhood: "Riverside".to_owned() };
    let practice = |name: &str| PracticeRow {
        name: name.to_owned(),
        pcn_code: ShortCode::new("U90000"),
        lad_code: Code::new("E09000031"),
        shares: true,
        gap: None,
        is_part_read: false,
    };
    Reference {
        practices: BTreeMap::from([
            (ShortCode::new("F99901"), practice("First Practice")),
            (ShortCode::new("F99902"), practice("Second Practice")),
        ]),
        areas: BTreeMap::from([(Code::new(HOME), home)]),
        teams: vec![],
    }
}

/// The index date with every feed there.
pub fn circumstances<T>(of: impl FnOnce(&Circumstances) -> T) -> T {
    let feeds = Feeds::new(["gp_events", "gp_prescriptions", "apc_episodes", "ed_attendances"]);
    let (reference, settings) = (reference(), Settings::default());
    of(&Circumstances::of(&reference, day(INDEX_DATE), &feeds, &settings, Fates::none()))
}

/// Assesses a person on the index date, with every feed there, and takes something of it.
pub fn assessed<T>(person: &Person, of: impl Fn(&Assessed) -> T) -> T {
    circumstances(|at| of(&assess(person, at)))
}
