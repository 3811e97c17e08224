//! What may be odd about one person's rows taken together.

use crate::quality::tally::Rule;

/// Something that is kept though odd, and counted. Single rows could not have told it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Oddity {
    /// Reported dead, and admitted or at A&E afterwards.
    DisputedDeath,
    /// Episodes of a stay are not numbered 1, 2, 3 …
    EpisodesOutOfOrder,
    /// Episodes of a stay disagree on the day of admission.
    SeveralAdmissions,
    /// Episodes of a stay disagree on the day of discharge.
    SeveralDischarges,
    /// A stay is longer than any likely one.
    LongStay,
    /// A stay has been open for long, and the person is in no bed.
    NeverClosed,
    /// More than one regular registration is open.
    SeveralRegistrations,
    /// No regular registration is open.
    Unregistered,
    /// More ordinary stays within a year than one person has.
    ManyStays,
    /// More A&E attendances within a year than one person has.
    ManyAttendances,
    /// In ordinary stays of two providers at once, on several dates.
    TwoPlacesAtOnce,
}

impl Oddity {
    /// Every oddity, in the order of its rule.
    pub const ALL: [Oddity; 11] = [
        Oddity::DisputedDeath,
        Oddity::EpisodesOutOfOrder,
        Oddity::SeveralAdmissions,
        Oddity::SeveralDischarges,
        Oddity::LongStay,
        Oddity::NeverClosed,
        Oddity::SeveralRegistrations,
        Oddity::Unregistered,
        Oddity::ManyStays,
        Oddity::ManyAttendances,
        Oddity::TwoPlacesAtOnce,
    ];

    /// Its rule.
    pub fn rule(self) -> Rule {
        match self {
            Oddity::DisputedDeath => "V11",
            Oddity::EpisodesOutOfOrder | Oddity::SeveralAdmissions | Oddity::SeveralDischarges => "V13",
            Oddity::LongStay | Oddity::NeverClosed => "V14",
            Oddity::SeveralRegistrations | Oddity::Unregistered => "V29",
            Oddity::ManyStays | Oddity::ManyAttendances | Oddity::TwoPlacesAtOnce => "V30",
        }
    }

    /// What is counted, in words.
    pub fn in_words(self) -> &'static str {
        match self {
            Oddity::DisputedDeath => "people reported dead who were in hospital or at A&E afterwards",
            Oddity::EpisodesOutOfOrder => "stays with episodes that are not numbered from 1 without a gap",
            Oddity::SeveralAdmissions => "stays with episodes of different days of admission",
            Oddity::SeveralDischarges => "stays with episodes of different days of discharge",
            Oddity::LongStay => "stays that are longer than likely",
            Oddity::NeverClosed => "stays that were never closed, of people who are in no bed",
            Oddity::SeveralRegistrations => "people with more than one open registration",
            Oddity::Unregistered => "people who are registered nowhere",
            Oddity::ManyStays => "people with more ordinary stays within a year than one person has",
            Oddity::ManyAttendances => "people with more A&E attendances within a year than one person has",
            Oddity::TwoPlacesAtOnce => "people who were in hospital at two places on the same dates",
        }
    }
}

/// How often each oddity was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Oddities([u64; Oddity::ALL.len()]);

impl Oddities {
    /// Notes that an oddity was found so many times.
    pub fn note(&mut self, oddity: Oddity, n: u64) {
        self.0[oddity as usize] += n;
    }

    /// How often it was found.
    pub fn count(&self, oddity: Oddity) -> u64 {
        self.0[oddity as usize]
    }

    /// Those that were found, in order.
    pub fn found(&self) -> impl Iterator<Item = (Oddity, u64)> {
        Oddity::ALL.into_iter().map(|oddity| (oddity, self.count(oddity))).filter(|(_, n)| *n > 0)
    }

    /// Adds others.
    pub fn add(&mut self, other: &Oddities) {
        for (sum, n) in self.0.iter_mut().zip(other.0) {
            *sum += n;
        }
    }
}
