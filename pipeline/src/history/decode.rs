//! From a settled table to typed rows, as known on an index date.

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray},
    datatypes::{Date32Type, Float64Type, Int64Type, TimestampSecondType},
};
use earlycall_schemas::table::{TableKind, TableSpec};

use crate::{
    day::{Day, Instant},
    history::{
        View,
        bucket::{KNOWN_FROM, KNOWN_TO},
        records::{
            Attendance, Code, DeathReport, Episode, GpEvent, InpatientNow, Objection, Patient, PersonKey, Prescription,
            Registration, ShortCode,
        },
    },
};

/// A settled table with typed access by column name; every accessor answers "nothing" for an empty cell.
pub struct Cells<'a> {
    rows: &'a RecordBatch,
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
    /// The cells of a settled table.
    pub fn of(rows: &'a RecordBatch) -> Cells<'a> {
        Cells { rows }
    }

    fn column(&self, name: &str) -> &'a ArrayRef {
        self.rows.column_by_name(name).expect("the column is declared as used for this table")
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

impl<'a> Text<'a> {
    /// The text, or nothing.
    pub fn get(&self, row: usize) -> &'a str {
        if self.0.is_valid(row) { self.0.value(row) } else { "" }
    }

    /// The text as a code.
    pub fn code<const N: usize>(&self, row: usize) -> Code<N> {
        Code::new(self.get(row))
    }

    /// A SNOMED CT id, or 0.
    pub fn snomed(&self, row: usize) -> u64 {
        self.get(row).parse().unwrap_or(0)
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

/// The rows of a settled table that count under a view: facts by the clock of what was known, everything else as the
/// newest delivery has it.
pub fn visible<'a>(table: &TableSpec, rows: &'a RecordBatch, view: &View) -> impl Iterator<Item = usize> + use<'a> {
    let cells = Cells::of(rows);
    let (from, to) = (cells.days(KNOWN_FROM), cells.days(KNOWN_TO));
    let is_clinical = table.kind == TableKind::Clinical;
    let known_by = view.known_by;
    (0..rows.num_rows()).filter(move |&row| match is_clinical {
        true => from.get(row).is_some_and(|day| day <= known_by) && to.get(row).is_none_or(|day| known_by < day),
        false => to.get(row).is_none(),
    })
}

/// Reads the rows of one table as a list of (person, typed row).
pub trait Decode: Sized {
    /// Name of the table.
    const TABLE: &'static str;

    /// The typed rows at the given positions; a row that has not happened by `until` is left out.
    fn decode(cells: &Cells, rows: &mut dyn Iterator<Item = usize>, view: &View) -> Vec<(PersonKey, Self)>;
}

fn person(ids: &Text, row: usize) -> PersonKey {
    PersonKey::parse(ids.get(row)).expect("the checks refuse a file whose person ids are malformed")
}

/// Declares how one table's rows are read: columns first, then the row.
macro_rules! decode {
    ($row:ty, $table:literal, |$cells:ident, $view:ident| { $($name:ident = $column:expr;)* }, |$at:ident| $make:expr) => {
        impl Decode for $row {
            const TABLE: &'static str = $table;

            fn decode($cells: &Cells, rows: &mut dyn Iterator<Item = usize>, $view: &View) -> Vec<(PersonKey, Self)> {
                let ids = $cells.text("person_id");
                $(let $name = $column;)*
                rows.filter_map(|$at| {
                    let made: Option<Self> = $make;
                    made.map(|made| (person(&ids, $at), made))
                })
                .collect()
            }
        }
    };
}

decode!(
    Patient,
    "patients",
    |cells, _view| {
        birth_month = cells.days("birth_month");
        sex = cells.text("sex");
        ethnic_category = cells.text("ethnic_category");
        lsoa21 = cells.text("lsoa21");
        lad_code = cells.text("lad_code");
        interpreter_needed = cells.flags("interpreter_needed");
        care_home_resident = cells.flags("care_home_resident");
        housebound = cells.flags("housebound");
        is_confidential = cells.flags("is_confidential");
        is_test_patient = cells.flags("is_test_patient");
    },
    |row| Some(Patient {
        birth_month: birth_month.get(row),
        sex: sex.code(row),
        ethnic_category: ethnic_category.code(row),
        lsoa21: lsoa21.code(row),
        lad_code: lad_code.code(row),
        interpreter_needed: interpreter_needed.get(row),
        care_home_resident: care_home_resident.get(row),
        housebound: housebound.get(row),
        is_confidential: is_confidential.is_set(row),
        is_test_patient: is_test_patient.is_set(row),
        // The ledger knows who was merged into whom; see `gather`.
        superseded_by: None,
    })
);

decode!(
    Registration,
    "registrations",
    |cells, view| {
        practice_code = cells.text("practice_code");
        start_date = cells.days("start_date");
        end_date = cells.days("end_date");
        registration_type = cells.text("registration_type");
    },
    |row| {
        let practice: ShortCode = practice_code.code(row);
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
        practice_code = cells.text("practice_code");
        event_date = cells.days("event_date");
        snomed_code = cells.text("snomed_code");
        value = cells.floats("value");
    },
    |row| {
        let date = event_date.get(row).filter(|&day| day <= view.index_date && view.shares(practice_code.code(row)));
        date.map(|date| GpEvent {
            date,
            snomed: snomed_code.snomed(row),
            value_milli: value.get(row).map(|value| (value * 1000.0).round() as i64),
        })
    }
);

decode!(
    Prescription,
    "gp_prescriptions",
    |cells, view| {
        practice_code = cells.text("practice_code");
        issue_date = cells.days("issue_date");
        bnf_code = cells.text("bnf_code");
    },
    |row| {
        let date = issue_date.get(row).filter(|&day| day <= view.index_date && view.shares(practice_code.code(row)));
        date.map(|date| Prescription { date, bnf: bnf_code.code(row) })
    }
);

decode!(
    Episode,
    "apc_episodes",
    |cells, view| {
        episode_id = cells.text("episode_id");
        spell_id = cells.text("spell_id");
        provider = cells.text("provider_code");
        admission_date = cells.days("admission_date");
        admission_method = cells.text("admission_method");
        admission_source = cells.text("admission_source");
        patient_classification = cells.text("patient_classification");
        discharge_date = cells.days("discharge_date");
        discharge_method = cells.text("discharge_method");
        discharge_destination = cells.text("discharge_destination");
        episode_start = cells.days("episode_start");
        episode_end = cells.days("episode_end");
        episode_order = cells.ints("episode_order");
        episode_type = cells.text("episode_type");
        treatment_function = cells.text("treatment_function");
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
            provider: provider.code(row),
            admission_date: admitted,
            admission_method: admission_method.code(row),
            admission_source: admission_source.code(row),
            patient_classification: patient_classification.code(row),
            discharge_date: discharged,
            discharge_method: if discharged.is_some() { discharge_method.code(row) } else { ShortCode::default() },
            discharge_destination: if discharged.is_some() {
                discharge_destination.code(row)
            } else {
                ShortCode::default()
            },
            episode_start: episode_start.get(row).unwrap_or(admitted),
            episode_end: episode_end.get(row).filter(has_happened),
            episode_order: episode_order.get(row).and_then(|order| i32::try_from(order).ok()).unwrap_or(1),
            episode_type: episode_type.code(row),
            treatment_function: treatment_function.code(row),
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
        provider = cells.text("provider_code");
        arrival_at = cells.instants("arrival_at");
        department_type = cells.text("department_type");
        attendance_category = cells.text("attendance_category");
        arrival_mode = cells.text("arrival_mode");
        discharge_destination = cells.text("discharge_destination");
        discharge_status = cells.text("discharge_status");
    },
    |row| {
        let arrival = arrival_at.get(row).filter(|&at| Day::of(at) <= view.index_date);
        arrival.map(|arrival_at| Attendance {
            provider: provider.code(row),
            arrival_at,
            date: Day::of(arrival_at),
            department_type: department_type.code(row),
            attendance_category: attendance_category.code(row),
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
        provider = cells.text("provider_code");
        site_code = cells.text("site_code");
        admitted_at = cells.instants("admitted_at");
        snapshot_at = cells.instants("snapshot_at");
    },
    |row| {
        let snapshot = snapshot_at.get(row).filter(|&at| Day::of(at) <= view.index_date);
        snapshot.zip(admitted_at.get(row)).map(|(snapshot_at, admitted_at)| InpatientNow {
            provider: provider.code(row),
            site_code: site_code.code(row),
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
        source = cells.text("source");
    },
    |row| {
        let date = death_date.get(row).filter(|&day| day <= view.index_date);
        date.map(|death_date| DeathReport { death_date, source: source.code(row) })
    }
);

decode!(
    Objection,
    "opt_outs",
    |cells, _view| {
        objection = cells.text("objection");
        status = cells.text("status");
        recorded_at = cells.instants("recorded_at");
    },
    |row| recorded_at.get(row).map(|recorded_at| Objection {
        objection: objection.code(row),
        is_dissent: status.get(row) != "withdrawn",
        recorded_at,
    })
);
