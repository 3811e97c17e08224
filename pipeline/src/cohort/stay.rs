//! A hospital provider spell and a continuous inpatient spell, as the rest of the pipeline sees them.

use crate::{day::Day, history::records::ShortCode};

/// What kind of stay a spell or a continuous inpatient spell is, by its first admission. Exactly one holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StayKind {
    /// An unplanned (emergency) admission: the outcome.
    Emergency,
    /// Emergency by its method, but recorded same day emergency care.
    SameDayEmergencyCare,
    /// Planned, with at least one night intended.
    Elective,
    /// Planned, home the same day.
    DayCase,
    /// One of a series: dialysis, chemotherapy.
    RegularAttender,
    /// Pregnancy or delivery.
    Maternity,
    /// A birth or a well baby.
    Birth,
    /// Anything else: transfers whose first part is missing, unknown methods.
    Other,
}

/// A hospital provider spell: one stay at one trust, from its episodes.
///
/// Source: HES provider spell method; specification 2.1.
#[derive(Clone, Debug)]
pub struct Spell {
    /// Trust.
    pub provider: ShortCode,
    /// First day.
    pub admission_date: Day,
    /// Last day; none while in hospital.
    pub discharge_date: Option<Day>,
    /// Of the first episode.
    pub admission_method: ShortCode,
    /// Of the first episode.
    pub admission_source: ShortCode,
    /// Of the first episode.
    pub patient_classification: ShortCode,
    /// Of the last episode.
    pub discharge_method: ShortCode,
    /// Of the last episode.
    pub discharge_destination: ShortCode,
    /// What kind of stay it is.
    pub kind: StayKind,
    /// Primary diagnosis of the first episode.
    pub primary: Option<ShortCode>,
    /// Every diagnosis of every episode, once, in order of first mention.
    pub diagnoses: Vec<ShortCode>,
    /// Treatment function of the first episode.
    pub treatment_function: ShortCode,
    /// Under a mental health specialty in any episode: treatment functions 700 to 727, episode type 4.
    pub is_mental_health: bool,
}

/// A continuous inpatient spell (CIP): spells linked across providers and transfers. The unit of every admission count.
///
/// Source: specification 2.2 and 2.3.
#[derive(Clone, Debug)]
pub struct Cip {
    /// First day of the first spell.
    pub admission_date: Day,
    /// Last day of the last spell; none while in hospital.
    pub discharge_date: Option<Day>,
    /// Kind of the first spell.
    pub kind: StayKind,
    /// Trust of the first spell.
    pub first_provider: ShortCode,
    /// Primary diagnosis of the first spell.
    pub primary: Option<ShortCode>,
    /// Every diagnosis of every spell, once.
    pub diagnoses: Vec<ShortCode>,
    /// The first spell was under a mental health specialty.
    pub is_mental_health: bool,
    /// The person died in hospital.
    pub died: bool,
}

impl Cip {
    /// Nights in hospital, counted midnight to midnight, within `(after, until]`; an open stay lasts until `until`.
    ///
    /// A stay from 3 to 5 May has the nights of the 3rd and the 4th, which end on the 4th and the 5th.
    pub fn bed_days_within(&self, after: Day, until: Day) -> i32 {
        let from = self.admission_date.max(after);
        let to = self.discharge_date.unwrap_or(until).min(until);
        (to - from).max(0)
    }
}
