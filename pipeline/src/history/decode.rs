//! From settled rows to typed ones, as known on an index date.

use std::collections::BTreeMap;

use arrow::{
    array::{
        Array, ArrayRef, AsArray, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
        UInt32Array,
    },
    datatypes::{Date32Type, Float64Type, Int64Type, TimestampSecondType, UInt32Type},
};
use earlycall_schemas::table::{TableKind, TableSpec};

use crate::{
    day::{Day, Instant},
    history::{
        View,
        closings::End,
        layout::{KNOWN_FROM, KNOWN_TO, PERSON, SUPPLIED_BY},
        records::{
            Attendance, Code, DeathReport, Episode, GpEvent, InpatientNow, LongCode, Objection, Patient, Prescription,
            Registration, ShortCode,
        },
        words::Words,
    },
    meaning::{self, DrugMeaning, GpMeaning},
};

/// Settled rows with typed access by column name; every accessor answers "nothing" for an empty cell.
pub struct Cells<'a> {
    rows: &'a RecordBatch,
    words: &'a Words,
}

/// One column of numbers of words.
pub struct Coded<'a> {
    numbers: &'a UInt32Array,
    words: &'a Words,
}
/// One column of text.
pub struct Text<'a>(&'a StringArray);
/// One column of days.
pub struct Days<'a>(&'a Date32Array);
/// One column of moments.
pub struct Instants<'a>(&'a arrow::array::TimestampSecondArray);
/// One column of whole numbers.
pub struct Ints<'a>(&'a Int64Array);
/// One column of decimal numbers.
pub struct Floats<'a>(&'a Float64Array);
/// One column of flags.
pub struct Flags<'a>(&'a BooleanArray);

impl<'a> Cells<'a> {
    /// The cells of settled rows.
    pub fn of(rows: &'a RecordBatch, words: &'a Words) -> Cells<'a> {
        Cells { rows, words }
    }

    fn column(&self, name: &str) -> &'a ArrayRef {
        self.rows.column_by_name(name).expect("the column is declared as kept for this table")
    }

    /// A column of codes.
    pub fn coded(&self, name: &str) -> Coded<'a> {
        Coded { numbers: self.column(name).as_primitive::<UInt32Type>(), words: self.words }
    }

    /// A text column.
    pub fn text(&self, name: &str) -> Text<'a> {
        Text(self.column(name).as_string())
    }

    /// A date column.
    pub fn days(&self, name: &str) -> Days<'a> {
        Days(self.column(name).as_primitive::<Date32Type>())
    }

    /// A timestamp column.
    pub fn instants(&self, name: &str) -> Instants<'a> {
        Instants(self.column(name).as_primitive::<TimestampSecondType>())
    }

    /// A column of whole numbers.
    pub fn ints(&self, name: &str) -> Ints<'a> {
        Ints(self.column(name).as_primitive::<Int64Type>())
    }

    /// A column of decimal numbers.
    pub fn floats(&self, name: &str) -> Floats<'a> {
        Floats(self.column(name).as_primitive::<Float64Type>())
    }

    /// A column of flags.
    pub fn flags(&self, name: &str) -> Flags<'a> {
        Flags(self.column(name).as_boolean())
    }
}

impl<'a> Coded<'a> {
    fn word<T: Copy + Default>(&self, row: usize, of: &[T]) -> T {
        if self.numbers.is_valid(row) { of[self.numbers.value(row) as usize] } else { T::default() }
    }

    /// The text, or nothing.
    pub fn get(&self, row: usize) -> &'a str {
        if self.numbers.is_valid(row) { &self.words.texts()[self.numbers.value(row) as usize] } else { "" }
    }

    /// A code of up to eight bytes.
    pub fn short(&self, row: usize) -> ShortCode {
        self.word(row, self.words.short())
    }

    /// A code of up to sixteen bytes.
    pub fn long(&self, row: usize) -> LongCode {
        self.word(row, self.words.long())
    }

    /// A code of up to 32 bytes.
    pub fn wide(&self, row: usize) -> Code<32> {
        self.word(row, self.words.wide())
    }

    /// A SNOMED CT id, or 0.
    pub fn snomed(&self, row: usize) -> u64 {
        self.word(row, self.words.snomed())
    }

    /// What is judged of each row's code, once per distinct code.
    pub fn judged(&self, judge: impl Fn(ShortCode) -> bool) -> Vec<bool> {
        let of_nothing = judge(ShortCode::default());
        let mut known: Vec<Option<bool>> = vec![None; self.words.texts().len()];
        let of_row = |number: Option<u32>| match number {
            None => of_nothing,
            Some(word) => {
                let word = word as usize;
                *known[word].get_or_insert_with(|| judge(self.words.short()[word]))
            }
        };
        self.numbers.iter().map(of_row).collect()
    }

    /// What the code means in the GP record.
    pub fn gp_meaning(&self, row: usize) -> Option<&'static GpMeaning> {
        self.word(row, self.words.gp_meanings())
    }

    /// What the code means as a prescription.
    pub fn drug_meaning(&self, row: usize) -> &'static DrugMeaning {
        match self.numbers.is_valid(row) {
            true => self.words.drug_meanings()[self.numbers.value(row) as usize],
            false => meaning::of_bnf(""),
        }
    }
}

impl<'a> Text<'a> {
    /// The text, or nothing.
    pub fn get(&self, row: usize) -> &'a str {
        if self.0.is_valid(row) { self.0.value(row) } else { "" }
    }

    /// The text as a code.
    pub fn code<const N: usize>(&self, row: usize) -> Code<N> {
        Code::new(self.get(row))
    }

    /// The elements of a list, joined by `|`.
    pub fn list(&self, row: usize) -> impl Iterator<Item = &'a str> {
        self.get(row).split('|').filter(|element| !element.is_empty())
    }
}

impl Days<'_> {
    /// The day, if there is one.
    pub fn get(&self, row: usize) -> Option<Day> {
        self.0.is_valid(row).then(|| Day(self.0.value(row)))
    }
}

impl Instants<'_> {
    /// The moment, if there is one.
    pub fn get(&self, row: usize) -> Option<Instant> {
        self.0.is_valid(row).then(|| Instant(self.0.value(row)))
    }
}

impl Ints<'_> {
    /// The number, if there is one.
    pub fn get(&self, row: usize) -> Option<i64> {
        self.0.is_valid(row).then(|| self.0.value(row))
    }
}

impl Floats<'_> {
    /// The number, if there is one.
    pub fn get(&self, row: usize) -> Option<f64> {
        self.0.is_valid(row).then(|| self.0.value(row))
    }
}

impl Flags<'_> {
    /// The flag, if there is one.
    pub fn get(&self, row: usize) -> Option<bool> {
        self.0.is_valid(row).then(|| self.0.value(row))
    }

    /// The flag; an empty cell is false.
    pub fn is_set(&self, row: usize) -> bool {
        self.get(row) == Some(true)
    }
}

/// The rows of a batch that count under a view: facts by the clock of what was known, everything else as the newest
/// delivery has it. `ended` are the ends that stand apart, by row, and `first` is the number of the batch's first row.
pub fn visible<'a>(
    table: &TableSpec,
    rows: &'a RecordBatch,
    first: u32,
    ended: Option<&'a BTreeMap<u32, End>>,
    view: &View,
) -> impl Iterator<Item = usize> + use<'a> {
    let days = |name: &str| rows.column_by_name(name).expect("every settled table has it").as_primitive::<Date32Type>();
    let (from, to) = (days(KNOWN_FROM), days(KNOWN_TO));
    let is_clinical = table.kind == TableKind::Clinical;
    let known_by = view.known_by.0;
    let n_rows = rows.num_rows();
    let mut ends = ended.map(|ended| ended.range(first..first + n_rows as u32).peekable());
    let has_ends = to.null_count() < n_rows;
    (0..n_rows).filter(move |&row| {
        let apart = ends.as_mut().and_then(|ends| ends.next_if(|(number, _)| **number == first + row as u32));
        let until = match apart {
            Some((_, None)) => return false,
            Some((_, Some(day))) => Some(day.0),
            None => (has_ends && to.is_valid(row)).then(|| to.value(row)),
        };
        match is_clinical {
            true => from.value(row) <= known_by && until.is_none_or(|day| known_by < day),
            false => until.is_none(),
        }
    })
}

/// Reads the rows of one table as typed rows.
pub trait Decode: Sized {
    /// Name of the table.
    const TABLE: &'static str;
    /// Whether the row says who delivered it.
    const NAMES_SUPPLIER: bool = false;

    /// Gives the rows at the given positions to `take`, with the person's number; a row that has not happened by the
    /// index date is left out.
    fn decode(cells: &Cells, rows: impl Iterator<Item = usize>, view: &View, take: impl FnMut(u32, Self));
}

/// Declares how one table's rows are read: columns first, then the row.
macro_rules! decode {
    ($row:ty, $table:literal, $($names:ident,)? |$cells:ident, $view:ident| { $($name:ident = $column:expr;)* }, |$at:ident| $make:expr) => {
        impl Decode for $row {
            const TABLE: &'static str = $table;
            $(const $names: bool = true;)?

            fn decode(
                $cells: &Cells,
                rows: impl Iterator<Item = usize>,
                $view: &View,
                mut take: impl FnMut(u32, Self),
            ) {
                let persons = $cells.column(PERSON).as_primitive::<UInt32Type>().values();
                $(let $name = $column;)*
                for $at in rows {
                    let made: Option<Self> = $make;
                    if let Some(made) = made {
                        take(persons[$at], made);
                    }
                }
            }
        }
    };
}

/// A patient, and the supplier as a word.
pub struct Supplied(pub u32, pub Patient);

decode!(
    Supplied,
    "patients",
    NAMES_SUPPLIER,
    |cells, _view| {
        supplier = cells.column(SUPPLIED_BY).as_primitive::<UInt32Type>();
        birth_month = cells.days("birth_month");
        sex = cells.coded("sex");
        ethnic_category = cells.coded("ethnic_category");
        lsoa21 = cells.coded("lsoa21");
        lad_code = cells.coded("lad_code");
        interpreter_needed = cells.flags("interpreter_needed");
        care_home_resident = cells.flags("care_home_resident");
        housebound = cells.flags("housebound");
        is_confidential = cells.flags("is_confidential");
        is_test_patient = cells.flags("is_test_patient");
    },
    |row| Some(Supplied(
        supplier.value(row),
        Patient {
            birth_month: birth_month.get(row),
            sex: sex.short(row),
            ethnic_category: ethnic_category.short(row),
            lsoa21: lsoa21.long(row),
            lad_code: lad_code.long(row),
            interpreter_needed: interpreter_needed.get(row),
            care_home_resident: care_home_resident.get(row),
            housebound: housebound.get(row),
            is_confidential: is_confidential.is_set(row),
            is_test_patient: is_test_patient.is_set(row),
            // The ledger knows who was merged into whom; see `gather`.
            superseded_by: None,
        }
    ))
);

decode!(
    Registration,
    "registrations",
    |cells, view| {
        practice_code = cells.coded("practice_code");
        start_date = cells.days("start_date");
        end_date = cells.days("end_date");
        registration_type = cells.coded("registration_type");
    },
    |row| {
        let practice: ShortCode = practice_code.short(row);
        let start = start_date.get(row).filter(|&day| day <= view.index_date && !view.is_refused_by(practice));
        start.map(|start| Registration {
            practice_code: practice,
            start_date: start,
            end_date: end_date.get(row).filter(|&day| day <= view.index_date),
            is_regular: matches!(registration_type.get(row), "regular" | ""),
        })
    }
);

decode!(
    GpEvent,
    "gp_events",
    |cells, view| {
        may_be_used = cells.coded("practice_code").judged(|practice| view.shares(practice));
        event_date = cells.days("event_date");
        snomed_code = cells.coded("snomed_code");
        value = cells.floats("value");
    },
    |row| {
        let date = event_date.get(row).filter(|&day| day <= view.index_date && may_be_used[row]);
        let means = snomed_code.gp_meaning(row);
        date.filter(|_| means.is_some()).map(|date| GpEvent {
            date,
            means,
            value_milli: value.get(row).map(|value| (value * 1000.0).round() as i64),
        })
    }
);

decode!(
    Prescription,
    "gp_prescriptions",
    |cells, view| {
        may_be_used = cells.coded("practice_code").judged(|practice| view.shares(practice));
        issue_date = cells.days("issue_date");
        bnf_code = cells.coded("bnf_code");
    },
    |row| {
        let date = issue_date.get(row).filter(|&day| day <= view.index_date && may_be_used[row]);
        date.map(|date| Prescription { date, bnf: bnf_code.long(row), means: bnf_code.drug_meaning(row) })
    }
);

decode!(
    Episode,
    "apc_episodes",
    |cells, view| {
        episode_id = cells.text("episode_id");
        spell_id = cells.text("spell_id");
        provider = cells.coded("provider_code");
        admission_date = cells.days("admission_date");
        admission_method = cells.coded("admission_method");
        admission_source = cells.coded("admission_source");
        patient_classification = cells.coded("patient_classification");
        discharge_date = cells.days("discharge_date");
        discharge_method = cells.coded("discharge_method");
        discharge_destination = cells.coded("discharge_destination");
        episode_start = cells.days("episode_start");
        episode_end = cells.days("episode_end");
        episode_order = cells.ints("episode_order");
        episode_type = cells.coded("episode_type");
        treatment_function = cells.coded("treatment_function");
        diagnoses = cells.text("diagnoses");
        is_sdec = cells.flags("is_sdec");
        is_well_baby = cells.flags("is_well_baby");
    },
    |row| {
        let has_happened = |day: &Day| *day <= view.index_date;
        let admitted = admission_date.get(row).filter(has_happened);
        let discharged = discharge_date.get(row).filter(has_happened);
        admitted.map(|admitted| Episode {
            episode_id: episode_id.get(row).to_owned(),
            spell_id: spell_id.get(row).to_owned(),
            provider: provider.short(row),
            admission_date: admitted,
            admission_method: admission_method.short(row),
            admission_source: admission_source.short(row),
            patient_classification: patient_classification.short(row),
            discharge_date: discharged,
            discharge_method: if discharged.is_some() { discharge_method.short(row) } else { ShortCode::default() },
            discharge_destination: if discharged.is_some() {
                discharge_destination.short(row)
            } else {
                ShortCode::default()
            },
            episode_start: episode_start.get(row).unwrap_or(admitted),
            episode_end: episode_end.get(row).filter(has_happened),
            episode_order: episode_order.get(row).and_then(|order| i32::try_from(order).ok()).unwrap_or(1),
            episode_type: episode_type.short(row),
            treatment_function: treatment_function.short(row),
            diagnoses: diagnoses.list(row).map(ShortCode::new).collect(),
            is_sdec: is_sdec.is_set(row),
            is_well_baby: is_well_baby.is_set(row),
        })
    }
);

decode!(
    Attendance,
    "ed_attendances",
    |cells, view| {
        provider = cells.coded("provider_code");
        arrival_at = cells.instants("arrival_at");
        department_type = cells.coded("department_type");
        attendance_category = cells.coded("attendance_category");
        arrival_mode = cells.coded("arrival_mode");
        discharge_destination = cells.coded("discharge_destination");
        discharge_status = cells.coded("discharge_status");
    },
    |row| {
        let arrival = arrival_at.get(row).filter(|&at| Day::of(at) <= view.index_date);
        arrival.map(|arrival_at| Attendance {
            provider: provider.short(row),
            arrival_at,
            date: Day::of(arrival_at),
            department_type: department_type.short(row),
            attendance_category: attendance_category.short(row),
            arrival_mode: arrival_mode.snomed(row),
            discharge_destination: discharge_destination.snomed(row),
            discharge_status: discharge_status.snomed(row),
        })
    }
);

decode!(
    InpatientNow,
    "inpatients_now",
    |cells, view| {
        provider = cells.coded("provider_code");
        site_code = cells.coded("site_code");
        admitted_at = cells.instants("admitted_at");
        snapshot_at = cells.instants("snapshot_at");
    },
    |row| {
        let snapshot = snapshot_at.get(row).filter(|&at| Day::of(at) <= view.index_date);
        snapshot.zip(admitted_at.get(row)).map(|(snapshot_at, admitted_at)| InpatientNow {
            provider: provider.short(row),
            site_code: site_code.long(row),
            admitted_on: Day::of(admitted_at),
            snapshot_at,
        })
    }
);

decode!(
    DeathReport,
    "deaths",
    |cells, view| {
        death_date = cells.days("death_date");
        source = cells.coded("source");
    },
    |row| {
        let date = death_date.get(row).filter(|&day| day <= view.index_date);
        date.map(|death_date| DeathReport { death_date, source: source.long(row) })
    }
);

decode!(
    Objection,
    "opt_outs",
    |cells, _view| {
        objection = cells.coded("objection");
        status = cells.coded("status");
        recorded_at = cells.instants("recorded_at");
    },
    |row| recorded_at.get(row).map(|recorded_at| Objection {
        objection: objection.wide(row),
        is_dissent: status.get(row) != "withdrawn",
        recorded_at,
    })
);
