//! Where a person stands on the index date: scored, or the one reason why not.

use serde::Serialize;

use crate::{
    cohort::stay::Cip,
    day::Day,
    history::{
        Reference, is_no_practice,
        records::{InpatientNow, Person, Registration},
    },
    objections::{Kind, Newest, keep_newest, register::Matter},
    settings,
};

/// The one reason why a person is or is not scored. The first that holds, in this order, which is also that of [`Ord`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// They object, in a way that counts under the settings. First, for nothing else is known of them: their rows are not
    /// kept.
    Objecting,
    /// Not a person.
    TestPatient,
    /// Their record went into another one, which stands for them.
    Merged,
    /// Reported dead, but seen in hospital or A&E afterwards: somebody must find out before anybody calls.
    DisputedDeath,
    /// Dead, by any source.
    Died,
    /// Withdrawn by hand: a line that showed them was wrong.
    Withdrawn,
    /// Neither registered with a practice of the area nor resident in it.
    NotInArea,
    /// Younger than the cohort's minimum age.
    UnderAge,
    /// No long-term condition that one is coached for.
    NoCoachedCondition,
    /// Belongs to the cohort.
    Scored,
}

impl Standing {
    /// Every standing, in the order in which they are asked.
    pub const ALL: [Standing; 10] = [
        Standing::Objecting,
        Standing::TestPatient,
        Standing::Merged,
        Standing::DisputedDeath,
        Standing::Died,
        Standing::Withdrawn,
        Standing::NotInArea,
        Standing::UnderAge,
        Standing::NoCoachedCondition,
        Standing::Scored,
    ];

    /// The word in files.
    pub fn code(self) -> &'static str {
        match self {
            Standing::TestPatient => "test_patient",
            Standing::Merged => "merged",
            Standing::Objecting => "objecting",
            Standing::DisputedDeath => "disputed_death",
            Standing::Died => "died",
            Standing::Withdrawn => "withdrawn",
            Standing::NotInArea => "not_in_area",
            Standing::UnderAge => "under_age",
            Standing::NoCoachedCondition => "no_coached_condition",
            Standing::Scored => "scored",
        }
    }

    /// The reason in words, for whoever wonders where somebody went.
    pub fn in_words(self) -> &'static str {
        match self {
            Standing::TestPatient => "test record",
            Standing::Merged => "merged into another record",
            Standing::Objecting => "objects to the use of their data",
            Standing::DisputedDeath => "reported dead but seen since: to be checked before any call",
            Standing::Died => "has died",
            Standing::Withdrawn => "removed: do not call",
            Standing::NotInArea => "no longer registered or resident in the area",
            Standing::UnderAge => "below the minimum age",
            Standing::NoCoachedCondition => "no long-term condition that one is coached for",
            Standing::Scored => "scored",
        }
    }
}

/// Whether a person objects: for any kind that counts, the newest entry is a dissent. Of two entries of one moment, the
/// dissent counts. What stands in the service's own register counts until it is taken back there. Whoever has several
/// records objects by any of them.
pub fn is_objecting(person: &Person, settings: &settings::Objections) -> bool {
    let mut newest: Newest<&str> = Newest::new();
    for entry in &person.objections {
        keep_newest(&mut newest, entry.objection.as_str(), (entry.recorded_at, entry.is_dissent));
    }
    let counts = |kind: &str| Kind::from_code(kind).is_some_and(|kind| settings.removes(kind));
    person.is_of_objectors
        || newest.iter().any(|(kind, (_, is_dissent))| *is_dissent && counts(kind))
        || person.noted.iter().any(|matter| matches!(matter, Matter::Objection(kind) if settings.removes(*kind)))
}

/// SNOMED CT discharge destination of an A&E attendance: mortuary.
const DIED_IN_EMERGENCY_CARE: u64 = 305_398_007;

/// The earliest day on which any source says that the person died.
pub fn death(person: &Person, cips: &[Cip]) -> Option<Day> {
    let reported = person.deaths.iter().map(|report| report.death_date);
    let in_hospital = cips.iter().filter(|cip| cip.died).filter_map(|cip| cip.discharge_date);
    let in_emergency_care =
        person.attendances.iter().filter(|visit| visit.discharge_destination == DIED_IN_EMERGENCY_CARE);
    reported.chain(in_hospital).chain(in_emergency_care.map(|visit| visit.date)).min()
}

/// Whether the person was admitted or came to A&E after the day on which they are said to have died.
pub fn was_seen_after(person: &Person, cips: &[Cip], death: Day) -> bool {
    cips.iter().any(|cip| cip.admission_date > death) || person.attendances.iter().any(|visit| visit.date > death)
}

/// The registration that counts (V29), if it is with a practice of the area.
pub fn registration<'a>(person: &'a Person, reference: &Reference) -> Option<&'a Registration> {
    newest_registration(person).filter(|row| reference.practices.contains_key(&row.practice_code))
}

/// Registered with a practice of the area, or resident in one of its LSOAs and registered nowhere.
pub fn is_in_area(person: &Person, reference: &Reference) -> bool {
    match newest_registration(person) {
        Some(row) => reference.practices.contains_key(&row.practice_code),
        None => reference.areas.contains_key(&person.patient.lsoa21),
    }
}

/// Of the open registrations, wherever they are, the one that started last; of two of one day, the one with the smaller
/// practice code (V29).
fn newest_registration(person: &Person) -> Option<&Registration> {
    newest_of(&person.registrations)
}

/// The same, of one person's rows.
pub fn newest_of<'a>(rows: impl IntoIterator<Item = &'a Registration>) -> Option<&'a Registration> {
    let open = rows.into_iter().filter(|row| is_registration(row) && row.end_date.is_none());
    open.max_by_key(|row| (row.start_date, std::cmp::Reverse(row.practice_code)))
}

/// The registration that ended last; of two of one day, the one that started last, and then the one with the smaller
/// practice code.
pub fn last_ended(person: &Person) -> Option<&Registration> {
    let ended = registrations(person).filter(|row| row.end_date.is_some());
    ended.max_by_key(|row| (row.end_date, row.start_date, std::cmp::Reverse(row.practice_code)))
}

/// How many regular registrations are open; one as a rule (V29).
pub fn n_open_registrations(person: &Person) -> usize {
    registrations(person).filter(|row| row.end_date.is_none()).count()
}

/// The bed that a person held when beds were last counted, if that was on the index date. Nothing else says that somebody
/// is in hospital now: stays are told of weeks later, and some are never closed (V14).
pub fn bed_now(person: &Person, index_date: Day) -> Option<&InpatientNow> {
    person.inpatient_now.iter().rfind(|bed| Day::of(bed.snapshot_at) >= index_date)
}

/// Regular registrations, open or ended; those that only say "no practice" are none.
pub fn registrations(person: &Person) -> impl Iterator<Item = &Registration> {
    person.registrations.iter().filter(|row| is_registration(row))
}

fn is_registration(row: &Registration) -> bool {
    row.is_regular && !is_no_practice(row.practice_code.as_str())
}
