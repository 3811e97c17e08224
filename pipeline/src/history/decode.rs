//! From settled rows to typed ones, as known on an index date.

use std::collections::BTreeMap;

use arrow::{
    array::{Array, AsArray, RecordBatch},
    datatypes::{Date32Type, UInt32Type},
};
use earlycall_schemas::table::{TableKind, TableSpec};

use crate::{
    day::Day,
    history::{
        View,
        cells::Cells,
        closings::End,
        layout::{KNOWN_FROM, KNOWN_TO, PERSON, SUPPLIED_BY},
        records::{
            Attendance, Code, DeathReport, Episode, GpEvent, InpatientNow, Objection, Patient, Prescription,
            Registration, ShortCode, thousandths,
        },
    },
};

/// The rows that count under a view: facts by the clock of what was known, everything else as the newest delivery has it.
/// `ended` are the ends that stand apart, by row. Rows without the column that says from when they count were known before.
pub fn visible<'a>(
    table: &TableSpec,
    rows: &'a RecordBatch,
    ended: Option<&'a BTreeMap<u32, End>>,
    view: &View,
) -> impl Iterator<Item = usize> + use<'a> {
    let from = rows.column_by_name(KNOWN_FROM).map(|from| from.as_primitive::<Date32Type>().values());
    let to = rows.column_by_name(KNOWN_TO).expect("every settled table has it").as_primitive::<Date32Type>();
    let is_clinical = table.kind == TableKind::Clinical;
    let known_by = view.known_by.0;
    let n_rows = rows.num_rows();
    let mut ends = ended.into_iter().flatten().peekable();
    let has_ends = to.null_count() < n_rows;
    // As of most segments: whatever they hold was known long before, and nothing of it has ended.
    let from = from.filter(|from| is_clinical && from.iter().any(|from| *from > known_by));
    let is_everything = ended.is_none() && !has_ends && from.is_none();
    (0..n_rows).filter(move |&row| {
        if is_everything {
            return true;
        }
        let until = match ends.next_if(|(number, _)| **number == row as u32) {
            Some((_, None)) => return false,
            Some((_, Some(day))) => Some(day.0),
            None => (has_ends && to.is_valid(row)).then(|| to.value(row)),
        };
        match is_clinical {
            true => from.is_none_or(|from| from[row] <= known_by) && until.is_none_or(|day| known_by < day),
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

/// A patient, and the supplier by number.
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
        main_language = cells.coded("main_language");
        interpreter_needed = cells.flags("interpreter_needed");
        accessible_needs = cells.text("accessible_information_need");
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
            main_language: main_language.wide(row),
            interpreter_needed: interpreter_needed.get(row),
            accessible_needs: accessible_needs.list(row).filter_map(|concept| concept.parse().ok()).collect(),
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
            value_milli: value.get(row).map(thousandths),
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
        date.map(|date| Prescription { date, medicine: bnf_code.medicine(row) })
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
        acuity = cells.coded("acuity");
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
            acuity: acuity.snomed(row),
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

/// The kind of an objection, and the supplier by number.
pub struct SuppliedObjection(pub u32, pub Code<32>);

decode!(
    SuppliedObjection,
    "opt_outs",
    NAMES_SUPPLIER,
    |cells, _view| {
        supplier = cells.column(SUPPLIED_BY).as_primitive::<UInt32Type>();
        objection = cells.coded("objection");
    },
    |row| Some(SuppliedObjection(supplier.value(row), objection.wide(row)))
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
