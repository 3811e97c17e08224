//! One person's settled rows, typed: what every per-person function works on.
//!
//! Only the columns that features, cohort and worklists use are decoded. All rows of a [`Person`] are as known on the
//! index date of the [`crate::history::View`] that made it, and each list is sorted by date.

use std::collections::BTreeSet;
use std::fmt;
use std::hash::{Hash, Hasher};

use earlycall_schemas::{catalogue::View, codes::is_person_id};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    day::{Day, Instant},
    history::rows::Rows,
    meaning::{GpMeaning, Medicine},
    objections::register::Matter,
};

/// A short ASCII code of at most `N` bytes, kept in place: a trust, a practice, an ICD-10 or a BNF code.
///
/// Longer text cannot be a code of this kind and reads as the empty code, which matches nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code<const N: usize>([u8; N]);

impl<const N: usize> Code<N> {
    /// The code of a text.
    pub fn new(text: &str) -> Code<N> {
        let mut bytes = [0; N];
        if text.len() <= N && text.is_ascii() {
            bytes[..text.len()].copy_from_slice(text.as_bytes());
        }
        Code(bytes)
    }

    /// The text of the code.
    pub fn as_str(&self) -> &str {
        let n = self.0.iter().position(|&byte| byte == 0).unwrap_or(N);
        std::str::from_utf8(&self.0[..n]).expect("a code is ASCII")
    }

    /// Whether there is no code.
    pub fn is_empty(&self) -> bool {
        self.0[0] == 0
    }
}

impl<const N: usize> fmt::Debug for Code<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Up to eight bytes: NHS Data Dictionary codes, ODS codes, ICD-10.
pub type ShortCode = Code<8>;
/// Up to sixteen bytes: BNF codes.
pub type LongCode = Code<16>;

/// The keyed pseudonym of a person: 64 hexadecimal characters, kept as 32 bytes. Ordered as its text is.
///
/// `Debug` hides it, so that no log or panic names a person.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PersonKey([u8; 32]);

impl PersonKey {
    /// Reads 64 lower-case hexadecimal characters; anything else is `None`.
    pub fn parse(text: &str) -> Option<PersonKey> {
        let mut key = [0; 32];
        // Millions are read: without asking for memory, and many characters at a time.
        let is_key = is_person_id(text) && faster_hex::hex_decode(text.as_bytes(), &mut key).is_ok();
        is_key.then_some(PersonKey(key))
    }

    /// From 32 bytes; any other number is `None`.
    pub fn from_bytes(bytes: &[u8]) -> Option<PersonKey> {
        bytes.try_into().ok().map(PersonKey)
    }

    /// The 64 characters.
    pub fn to_text(self) -> String {
        data_encoding::HEXLOWER.encode(&self.0)
    }

    /// The bytes, for a keyed hash.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Hash for PersonKey {
    /// A key is uniformly random, so eight of its bytes are as good a hash as any: the last, as the first choose the
    /// bucket and are alike in all of its people.
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(u64::from_be_bytes(self.0[24..].try_into().expect("eight bytes")));
    }
}

impl Serialize for PersonKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_text())
    }
}

impl<'de> Deserialize<'de> for PersonKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<PersonKey, D::Error> {
        let text = String::deserialize(deserializer)?;
        PersonKey::parse(&text).ok_or_else(|| serde::de::Error::custom("not a pseudonym"))
    }
}

impl fmt::Debug for PersonKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonKey(..)")
    }
}

/// One person with every row known on the index date.
#[derive(Clone, Debug)]
pub struct Person {
    /// The person.
    pub key: PersonKey,
    /// Their row in `patients`.
    pub patient: Patient,
    /// GP registrations, by start.
    pub registrations: Vec<Registration>,
    /// Entries of the GP record, by date and value.
    pub gp_events: Rows<GpEvent>,
    /// Prescription issues, by date.
    pub prescriptions: Rows<Prescription>,
    /// Hospital episodes, by admission date.
    pub episodes: Vec<Episode>,
    /// Emergency care attendances, by arrival.
    pub attendances: Vec<Attendance>,
    /// Beds held at the newest snapshot known.
    pub inpatient_now: Vec<InpatientNow>,
    /// Reports of the person's death.
    pub deaths: Vec<DeathReport>,
    /// What the optional tables say, by view and moment.
    pub feeds: Vec<FeedRow>,
    /// Objections, of all times: they always obey the newest delivery.
    pub objections: Vec<Objection>,
    /// What the service's own register says of them, whatever the night.
    pub noted: BTreeSet<Matter>,
    /// Whether they have several records and one of these objects, in a way that counted when it was settled. Nothing else
    /// is kept of any of them.
    pub is_of_objectors: bool,
}

impl Person {
    /// Whether `patients` has them. Of whoever it does not have only objections are known, and what is noted here.
    pub fn is_patient(&self) -> bool {
        self.patient.birth_month.is_some()
    }
}

/// A row of `patients`.
#[derive(Clone, Debug, Default)]
pub struct Patient {
    /// First day of the month of birth.
    pub birth_month: Option<Day>,
    /// 1 male, 2 female, 9 indeterminate, 0 or X not known.
    pub sex: ShortCode,
    /// 2001 ethnic category.
    pub ethnic_category: ShortCode,
    /// LSOA 2021 of residence.
    pub lsoa21: Code<16>,
    /// Local authority district of residence.
    pub lad_code: Code<16>,
    /// Main language: an ISO 639 code or a SNOMED CT concept.
    pub main_language: Code<32>,
    /// Needs an interpreter.
    pub interpreter_needed: Option<bool>,
    /// SNOMED CT concepts of the ways in which they need information.
    pub accessible_needs: Vec<u64>,
    /// Lives in a care home.
    pub care_home_resident: Option<bool>,
    /// Is housebound.
    pub housebound: Option<bool>,
    /// Location, practice and contact are suppressed on every output.
    pub is_confidential: bool,
    /// Not a person.
    pub is_test_patient: bool,
    /// The record into which this one was merged, by the newest delivery that says something of it; none where the record
    /// stands for itself until the other is sent.
    pub superseded_by: Option<PersonKey>,
}

impl<const N: usize> Default for Code<N> {
    fn default() -> Code<N> {
        Code([0; N])
    }
}

/// A row of `registrations`.
#[derive(Clone, Debug)]
pub struct Registration {
    /// ODS code of the practice.
    pub practice_code: ShortCode,
    /// First day.
    pub start_date: Day,
    /// Last day; an end after the index date reads as open.
    pub end_date: Option<Day>,
    /// Whether this is a regular registration.
    pub is_regular: bool,
}

/// A row of `gp_events`.
#[derive(Clone, Debug)]
pub struct GpEvent {
    /// The clinical date.
    pub date: Day,
    /// What its SNOMED CT concept means; entries that mean nothing are not read.
    pub means: Option<&'static GpMeaning>,
    /// The value in thousandths of the canonical unit of its observation.
    pub value_milli: Option<i64>,
}

/// The nearest whole number of thousandths; of two, the one farther from zero.
///
/// # Example
/// ```
/// use earlycall::history::records::thousandths;
/// assert_eq!([7.4, 0.0004, -0.0005].map(thousandths), [7_400, 0, -1]);
/// ```
pub fn thousandths(value: f64) -> i64 {
    // As `round`, which a processor of any age takes a call for.
    let exact = value * 1000.0;
    let whole = exact as i64;
    let rest = exact - whole as f64;
    whole.saturating_add(i64::from(rest >= 0.5)).saturating_sub(i64::from(rest <= -0.5))
}

/// A row of `gp_prescriptions`.
#[derive(Clone, Debug)]
pub struct Prescription {
    /// Day of issue.
    pub date: Day,
    /// Of what.
    pub medicine: &'static Medicine,
}

/// A row of `apc_episodes`.
#[derive(Clone, Debug)]
pub struct Episode {
    /// Unique within the provider.
    pub episode_id: String,
    /// The same on each episode of one spell.
    pub spell_id: String,
    /// Trust.
    pub provider: ShortCode,
    /// First day of the spell.
    pub admission_date: Day,
    /// How the person came in.
    pub admission_method: ShortCode,
    /// Where they came from.
    pub admission_source: ShortCode,
    /// 1 ordinary, 2 day case, 3 and 4 regular attender, 5 mother and baby.
    pub patient_classification: ShortCode,
    /// Last day of the spell; none while in hospital.
    pub discharge_date: Option<Day>,
    /// 4 = died, 8 = not finished.
    pub discharge_method: ShortCode,
    /// Where they went.
    pub discharge_destination: ShortCode,
    /// First day of the episode.
    pub episode_start: Day,
    /// Last day of the episode.
    pub episode_end: Option<Day>,
    /// 1, 2, … within the spell.
    pub episode_order: i32,
    /// 1 general, 2 and 5 delivery, 3 and 6 birth, 4 psychiatric.
    pub episode_type: ShortCode,
    /// Treatment function.
    pub treatment_function: ShortCode,
    /// ICD-10 codes without dots, primary first.
    pub diagnoses: Vec<ShortCode>,
    /// Same day emergency care recorded as an admission.
    pub is_sdec: bool,
    /// A well baby: never a stay of its own.
    pub is_well_baby: bool,
}

/// A row of `ed_attendances`.
#[derive(Clone, Debug)]
pub struct Attendance {
    /// Trust.
    pub provider: ShortCode,
    /// Arrival.
    pub arrival_at: Instant,
    /// London day of the arrival.
    pub date: Day,
    /// 01 to 04 A&E types, 05 same day emergency care.
    pub department_type: ShortCode,
    /// 1 to 3 unplanned, 4 planned follow-up.
    pub attendance_category: ShortCode,
    /// SNOMED CT arrival mode.
    pub arrival_mode: u64,
    /// SNOMED CT acuity: how urgent it looked at the door.
    pub acuity: u64,
    /// SNOMED CT discharge destination.
    pub discharge_destination: u64,
    /// SNOMED CT discharge status.
    pub discharge_status: u64,
}

/// A row of `inpatients_now`.
#[derive(Clone, Debug)]
pub struct InpatientNow {
    /// Trust.
    pub provider: ShortCode,
    /// Site, or empty.
    pub site_code: Code<16>,
    /// Day of admission.
    pub admitted_on: Day,
    /// When the beds were counted.
    pub snapshot_at: Instant,
}

/// A row of `deaths`.
#[derive(Clone, Debug)]
pub struct DeathReport {
    /// Day of death.
    pub death_date: Day,
    /// ons, pds_formal, pds_informal, gp, apc, ed.
    pub source: Code<16>,
}

/// A row of an optional table, as its `feeds/TABLE.toml` says. Ordered by view and moment, and totally.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FeedRow {
    /// Which of them.
    pub view: View,
    /// The moment at which it happened, in seconds, or the number of its day: comparable within a view.
    pub moment: i64,
    /// The London day.
    pub day: Day,
    /// The day on which it ended; one after the index date reads as open.
    pub end: Option<Day>,
    /// How much, where the row says so.
    pub amount: Option<i64>,
    /// What it is an instance of: a position in the view's list of items.
    pub item: Option<u16>,
    /// The tests that it passes, as bits.
    pub tests: u64,
}

/// A row of `opt_outs`.
#[derive(Clone, Debug)]
pub struct Objection {
    /// type1, national_data_opt_out, programme, local_shared_record.
    pub objection: Code<32>,
    /// Dissent, as against withdrawn.
    pub is_dissent: bool,
    /// When it was recorded.
    pub recorded_at: Instant,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn thousandths_are_those_that_rounding_gives(decimal in any::<f64>(), result in -5_000_000.0..5_000_000.0_f64) {
            for decimal in [decimal, result, (result * 1000.0).trunc() / 2000.0] {
                prop_assert_eq!(thousandths(decimal), (decimal * 1000.0).round() as i64);
            }
        }
    }
}
