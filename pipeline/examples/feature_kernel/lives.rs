//! Made-up lives with about as many rows as people of a night have, drawn without a model of anything.

use earlycall::{
    day::{Day, Instant},
    history::records::{
        Attendance, Code, Episode, GpEvent, Patient, Person, PersonKey, Prescription, Registration, ShortCode,
    },
    meaning::{Medicine, embedded},
};

/// Where everybody is registered.
pub const PRACTICE: &str = "F99901";
/// Where everybody lives.
pub const HOME: &str = "E01000001";

/// Days that the lives go back.
const DAYS: u64 = 5 * 365;
/// Conditions first, then results.
const CONCEPTS: [u64; 10] = [
    195967001,
    13645005,
    44054006,
    84114007,
    38341003,
    433144002,
    999791000000106,
    1011481000000105,
    72313002,
    27113001,
];
const DRUGS: [&str; 8] =
    ["0301011R0AAAPAP", "0601022B0AAABAB", "0205051R0AAANAN", "0212000B0AAABAB", "0407010H0", "0501", "0902", "1302"];
const DIAGNOSES: [&str; 8] = ["J440", "I500", "E119", "N179", "S720", "A419", "R074", "I10X"];

/// The same people for the same number.
pub fn draw(n: usize, index_date: Day) -> Vec<Person> {
    let mut random = Random(7);
    (0..n).map(|_| life(&mut random, index_date)).collect()
}

fn life(random: &mut Random, index_date: Day) -> Person {
    let key: Vec<u8> = (0..4).flat_map(|_| random.next().to_be_bytes()).collect();
    let born = index_date - (365 * (20 + random.below(70)) as i32);
    let since = index_date - (DAYS as i32 + random.below(DAYS) as i32);
    Person {
        key: PersonKey::from_bytes(&key).expect("32 bytes"),
        patient: Patient {
            birth_month: Some(born.month_start()),
            sex: ShortCode::new(random.one_of(&["1", "2"])),
            lsoa21: Code::new(HOME),
            ..Patient::default()
        },
        registrations: vec![Registration {
            practice_code: ShortCode::new(PRACTICE),
            start_date: since,
            end_date: None,
            is_regular: true,
        }],
        gp_events: random.rows(60, index_date, gp_event).into(),
        prescriptions: random.rows(80, index_date, prescription).into(),
        episodes: random.rows(3, index_date, episode),
        attendances: random.rows(4, index_date, attendance),
        inpatient_now: Vec::new(),
        deaths: Vec::new(),
        feeds: Vec::new(),
        objections: Vec::new(),
        noted: Default::default(),
        is_of_objectors: false,
    }
}

fn gp_event(random: &mut Random, date: Day) -> GpEvent {
    GpEvent {
        date,
        means: embedded().of_snomed(random.one_of(&CONCEPTS)),
        value_milli: Some(40_000 + random.below(60_000) as i64),
    }
}

fn prescription(random: &mut Random, date: Day) -> Prescription {
    let bnf = random.one_of(&DRUGS);
    Prescription { date, medicine: Medicine::of(bnf) }
}

fn episode(random: &mut Random, date: Day) -> Episode {
    let until = Some(date + random.below(10) as i32);
    Episode {
        episode_id: format!("e{}", random.next()),
        spell_id: format!("s{}", random.next()),
        provider: ShortCode::new(random.one_of(&["R1H", "RF4"])),
        admission_date: date,
        admission_method: ShortCode::new(random.one_of(&["21", "22", "11"])),
        admission_source: ShortCode::new("19"),
        patient_classification: ShortCode::new(random.one_of(&["1", "2"])),
        discharge_date: until,
        discharge_method: ShortCode::new("1"),
        discharge_destination: ShortCode::new("19"),
        episode_start: date,
        episode_end: until,
        episode_order: 1,
        episode_type: ShortCode::new("1"),
        treatment_function: ShortCode::new("300"),
        diagnoses: (0..1 + random.below(6)).map(|_| ShortCode::new(random.one_of(&DIAGNOSES))).collect(),
        is_sdec: false,
        is_well_baby: false,
    }
}

fn attendance(random: &mut Random, date: Day) -> Attendance {
    Attendance {
        provider: ShortCode::new("R1H"),
        arrival_at: Instant::at_start_of(date),
        date,
        department_type: ShortCode::new(random.one_of(&["01", "03"])),
        attendance_category: ShortCode::new("1"),
        arrival_mode: random.one_of(&[1048031000000100, 1048071000000103]),
        acuity: 0,
        discharge_destination: 0,
        discharge_status: 0,
    }
}

/// splitmix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }

    /// Fewer rows than twice `n`, by date, each made of its date.
    fn rows<T>(&mut self, n: u64, index_date: Day, row: impl Fn(&mut Random, Day) -> T) -> Vec<T> {
        let mut days: Vec<Day> = (0..self.below(2 * n)).map(|_| index_date - self.below(DAYS) as i32).collect();
        days.sort_unstable();
        days.into_iter().map(|day| row(self, day)).collect()
    }
}
