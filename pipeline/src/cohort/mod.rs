//! Who may be scored on the index date, and why everybody else may not: one person, one reason, and the sum is
//! everybody in the extracts.

pub mod cips;
pub mod groups;
pub mod headcount;
mod keyed;
pub mod one_fate;
pub mod pass;
pub mod registers;
pub mod spells;
pub mod standing;
pub mod stay;
#[cfg(test)]
pub(crate) mod tests;
pub mod unplanned;

use std::collections::BTreeMap;

use earlycall_schemas::pathways::ByPathway;

use crate::{
    cohort::{
        groups::Places,
        headcount::Headcount,
        keyed::Keyed,
        one_fate::{Fate, Fates},
        registers::Backing,
        standing::Standing,
        stay::{Cip, StayKind},
    },
    day::Day,
    features::{ConditionRecord, Feeds, Subject},
    history::{
        Reference,
        records::{LongCode, Person, PersonKey},
    },
    objections::register::Matter,
    pathways::{Found, flags::Flags, looked_after::LookedAfter},
    settings::{self, Settings},
    worklist::{floors::CountsFor, owner::Placement},
};

/// What the cohort of a night depends on, besides the people.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    /// The index date.
    pub index_date: Day,
    /// Organisations.
    pub reference: &'a Reference,
    /// Which tables have rows.
    pub feeds: &'a Feeds,
    /// Age and conditions.
    pub settings: &'a settings::Cohort,
    /// Which objections count.
    pub objections: &'a settings::Objections,
    /// What is true of people by other records of theirs.
    pub fates: &'a Fates,
}

impl<'a> Circumstances<'a> {
    /// An index date as organisations, feeds, a service's settings and people's other records have it.
    pub fn of(
        reference: &'a Reference,
        index_date: Day,
        feeds: &'a Feeds,
        settings: &'a Settings,
        fates: &'a Fates,
    ) -> Circumstances<'a> {
        let (settings, objections) = (&settings.cohort, &settings.objections);
        Circumstances { index_date, reference, feeds, settings, objections, fates }
    }
}

/// A person as the index date finds them.
#[derive(Clone, Debug)]
pub struct Assessed<'a> {
    /// Their rows.
    pub person: &'a Person,
    /// Where they stand.
    pub standing: Standing,
    /// Their stays.
    pub cips: Vec<Cip>,
    /// Their conditions, by everything that is known, also of a feed that has stopped: what was recorded stays true, and
    /// nobody leaves the end-of-life register because a feed did. Of nobody who is ruled out whatever they have.
    pub conditions: Vec<ConditionRecord>,
    /// Their conditions as features count them, where feeds that are missing are not to be leant on.
    counted: Option<Vec<ConditionRecord>>,
    /// First day of the month of birth.
    pub birth_month: Day,
    /// What other records of theirs tell.
    pub fate: Fate,
    /// Where they belong.
    pub placement: Placement,
    /// Deprivation of where they live.
    pub imd_decile: Option<i64>,
    /// First day at their practice.
    pub registered_since: Option<Day>,
}

impl Assessed<'_> {
    /// The person as the features see them.
    pub fn subject(&self) -> Subject<'_> {
        self.subject_with(self.counted.as_ref().unwrap_or(&self.conditions))
    }

    /// The person as the features would see them with these conditions.
    pub fn subject_with<'a>(&'a self, conditions: &'a [ConditionRecord]) -> Subject<'a> {
        Subject {
            person: self.person,
            cips: &self.cips,
            conditions,
            birth_month: self.birth_month,
            imd_decile: self.imd_decile,
            registered_since: self.registered_since,
        }
    }

    /// Their conditions, had there been only this to make registers from.
    pub fn conditions_by(&self, backing: Backing, index_date: Day) -> Vec<ConditionRecord> {
        registers::registers(self.person, &self.cips, self.birth_month, index_date, backing)
    }

    /// Whether the person is on the end-of-life register: scored, and never on a list.
    pub fn is_at_end_of_life(&self) -> bool {
        self.fate.is_at_end_of_life || self.conditions.iter().any(|record| record.condition.id == "palliative_care")
    }
}

/// Looks at one person. Depends on that person's rows alone, and on what other records of theirs tell ([`Fates`]).
pub fn assess<'a>(person: &'a Person, at: &Circumstances) -> Assessed<'a> {
    let cips = cips::cips(&person.episodes);
    let (ruled_out, birth_month) = match standing::is_objecting(person, at.objections) {
        // Nothing else is known of them.
        true => (Some(Standing::Objecting), at.index_date),
        false => {
            let birth = person.patient.birth_month.expect("the checks refuse a patient without a month of birth");
            (ruled_out(person, &cips, birth, at), birth)
        }
    };
    let by = |backing| registers::registers(person, &cips, birth_month, at.index_date, backing);
    let known = Backing::of(true, at.feeds.has("gp_prescriptions"));
    let (conditions, counted) = match ruled_out {
        Some(_) => (Vec::new(), None),
        None => (by(known), Some(at.feeds.backing()).filter(|backing| *backing != known).map(by)),
    };
    let standing = match ruled_out {
        Some(reason) => reason,
        None if registers::is_coached(&conditions, &at.settings.conditions) => Standing::Scored,
        None => Standing::NoCoachedCondition,
    };
    let registration = standing::registration(person, at.reference);
    let area = at.reference.areas.get(&person.patient.lsoa21);
    Assessed {
        standing,
        fate: at.fates.fate(person.key),
        placement: place(person, &cips, at),
        imd_decile: area.and_then(|area| area.imd_decile),
        registered_since: registration.map(|row| row.start_date),
        person,
        cips,
        conditions,
        counted,
        birth_month,
    }
}

/// The first reason why a person who does not object is not scored, whatever their conditions.
fn ruled_out(person: &Person, cips: &[Cip], birth: Day, at: &Circumstances) -> Option<Standing> {
    // By all records, if there are several.
    let of_all = at.fates.fate(person.key).death;
    let death = standing::death(person, cips);
    let is_disputed = death.is_some_and(|day| standing::was_seen_after(person, cips, day));
    if person.patient.is_test_patient {
        Some(Standing::TestPatient)
    } else if person.patient.superseded_by.is_some() {
        Some(Standing::Merged)
    } else if is_disputed || of_all == Some(Standing::DisputedDeath) {
        Some(Standing::DisputedDeath)
    } else if death.is_some() || of_all.is_some() || person.noted.contains(&Matter::Death) {
        Some(Standing::Died)
    } else if person.noted.contains(&Matter::Wrong) {
        Some(Standing::Withdrawn)
    } else if !standing::is_in_area(person, at.reference) {
        Some(Standing::NotInArea)
    } else if at.index_date.years_since(birth) < at.settings.minimum_age_years {
        Some(Standing::UnderAge)
    } else {
        None
    }
}

/// Whether somebody is ruled out by what is found at once: without stays, and without the GP record.
pub fn is_ruled_out_at_once(person: &Person, at: &Circumstances) -> bool {
    if standing::is_objecting(person, at.objections) {
        return true;
    }
    let birth = person.patient.birth_month.expect("the checks refuse a patient without a month of birth");
    person.patient.is_test_patient
        || person.patient.superseded_by.is_some()
        || !person.deaths.is_empty()
        || person.noted.contains(&Matter::Death)
        || person.noted.contains(&Matter::Wrong)
        || at.index_date.years_since(birth) < at.settings.minimum_age_years
        || !standing::is_in_area(person, at.reference)
}

/// Whether the extracts hold a person: whoever took back their objection and has not come back, or objects in a way that
/// does not count, is nobody.
pub fn is_somebody(person: &Person, at: &Circumstances) -> bool {
    person.is_patient() || standing::is_objecting(person, at.objections)
}

/// Practice, network, provider of the last emergency admission within twelve months, and borough.
fn place(person: &Person, cips: &[Cip], at: &Circumstances) -> Placement {
    let registration = standing::registration(person, at.reference);
    let practice = registration.and_then(|row| at.reference.practices.get(&row.practice_code));
    let since = at.index_date - 365;
    let mut emergencies = cips.iter().filter(|cip| cip.kind == StayKind::Emergency && cip.admission_date > since);
    let area = at.reference.areas.get(&person.patient.lsoa21);
    let boroughs =
        [Some(person.patient.lad_code), area.map(|area| area.lad_code), practice.map(|practice| practice.lad_code)];
    let none = LongCode::default();
    Placement {
        practice_code: registration.map_or(none, |row| LongCode::new(row.practice_code.as_str())),
        pcn_code: practice.map_or(none, |practice| LongCode::new(practice.pcn_code.as_str())),
        last_provider: emergencies.next_back().map_or(none, |cip| LongCode::new(cip.first_provider.as_str())),
        lad_code: boroughs.into_iter().flatten().find(|code| !code.is_empty()).unwrap_or_default(),
    }
}

/// Someone who is scored, in the few bytes that are kept of everybody.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// The person.
    pub key: PersonKey,
    /// Probability at the leading horizon, 0 to 1.
    pub risk: f64,
    /// Probabilities at the further horizons of the model, ascending.
    pub further: Box<[f64]>,
    /// Of each pathway the team that owns them, by its position in [`crate::worklist::owner::Owners::team_ids`]; none if no
    /// team covers them.
    pub owners: ByPathway<Option<u16>>,
    /// Scored, but never on a list.
    pub is_at_end_of_life: bool,
    /// What is to be checked before a call, or keeps them off a list.
    pub flags: Flags,
    /// Who looks after them already.
    pub looked_after: LookedAfter,
    /// The rules of pathways that find them, but for their risk.
    pub found: Found,
    /// Whose places they count for.
    pub counts_for: CountsFor,
    /// The groups for whom lists must be as open as for everybody.
    pub groups: Places,
}

/// Some people, divided: who is scored, and where each of the others stands.
pub type Part = (Vec<Member>, Vec<(PersonKey, Standing)>);

/// Everybody on their way into a [`Cohort`], in any order.
#[derive(Debug, Default)]
pub struct Gathered {
    members: Keyed<Member>,
    others: Keyed<(PersonKey, Standing)>,
}

impl Gathered {
    /// Nobody yet, with room for so many people on either side: of that, only what is used is ever touched.
    pub fn with_room_for(n_people: usize) -> Gathered {
        Gathered { members: Keyed::with_room_for(n_people), others: Keyed::with_room_for(n_people) }
    }

    /// Adds some people. Nobody is in two parts.
    pub fn add(&mut self, (members, others): Part) {
        self.members.add(members, |member| member.key);
        self.others.add(others, |(key, _)| *key);
    }
}

/// Everybody, divided.
#[derive(Clone, Debug, Default)]
pub struct Cohort {
    members: Vec<Member>,
    others: Vec<(PersonKey, Standing)>,
    headcount: Headcount,
}

impl Cohort {
    /// Everybody who was gathered, by key, with how many people each practice has, where they were counted.
    pub fn of(gathered: Gathered, headcount: Headcount) -> Cohort {
        let Gathered { members, others } = gathered;
        Cohort { members: members.sorted(|member| member.key), others: others.sorted(|(key, _)| *key), headcount }
    }

    /// How many people each practice has, where they were counted.
    pub fn headcount(&self) -> &Headcount {
        &self.headcount
    }

    /// Who is scored, by key.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// Somebody, if they are scored.
    pub fn member(&self, person: PersonKey) -> Option<&Member> {
        let at = self.members.binary_search_by_key(&person, |member| member.key).ok()?;
        Some(&self.members[at])
    }

    /// Why somebody is not scored; none for who is, and for who is not in the extracts.
    pub fn why_not(&self, person: PersonKey) -> Option<Standing> {
        let at = self.others.binary_search_by_key(&person, |(key, _)| *key).ok()?;
        Some(self.others[at].1)
    }

    /// How many people have each standing; every standing is there, and the sum is everybody.
    pub fn counts(&self) -> BTreeMap<&'static str, u64> {
        let mut counts = [0; Standing::ALL.len()];
        for (_, standing) in &self.others {
            counts[*standing as usize] += 1;
        }
        counts[Standing::Scored as usize] = self.members.len() as u64;
        Standing::ALL.iter().map(|standing| (standing.code(), counts[*standing as usize])).collect()
    }

    /// Everybody in the extracts.
    pub fn n_people(&self) -> u64 {
        (self.members.len() + self.others.len()) as u64
    }
}

/// Looks at some people one after another: hands over whoever is to be scored, and gives back where the others stand.
pub fn divide(people: &[Person], at: &Circumstances, scored: impl FnMut(&Assessed)) -> Vec<(PersonKey, Standing)> {
    divide_noting(people, at, |_| (), scored)
}

/// The same, and hands over everybody first, whether scored or not.
pub fn divide_noting(
    people: &[Person],
    at: &Circumstances,
    mut note: impl FnMut(&Assessed),
    mut scored: impl FnMut(&Assessed),
) -> Vec<(PersonKey, Standing)> {
    let mut others = Vec::new();
    for person in people {
        let assessed = assess(person, at);
        note(&assessed);
        match assessed.standing {
            Standing::Scored => scored(&assessed),
            other => others.push((person.key, other)),
        }
    }
    others
}
