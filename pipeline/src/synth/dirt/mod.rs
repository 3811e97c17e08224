//! Defects on purpose, each of a kind that real extracts have, and a list of where they are.
//!
//! The kinds of each table are declared in a list: the rule, the column, how often, and what is done to the row. Which
//! rows are hit depends on the seed and the row alone, so a row has the same defect in every delivery.

mod around;
mod attendances;
mod days;
mod draft;
mod episodes;
mod events;
mod kind;
mod patients;
mod prescriptions;
mod reference;
mod registrations;
mod reports;
mod snomed;
mod soiled;

use super::{
    cells::Cells,
    chance::{Chance, Stream},
    sheet::Format,
    world::World,
};

pub(crate) use draft::Draft;
pub(crate) use kind::{Kind, Site};
pub(crate) use reference::UNSHARED;
pub(crate) use soiled::Soiled;

/// The kinds of a table.
pub(crate) const KINDS: [(&str, &[Kind]); 20] = [
    ("patients", patients::KINDS),
    ("registrations", registrations::KINDS),
    ("gp_events", events::KINDS),
    ("gp_prescriptions", prescriptions::KINDS),
    ("apc_episodes", episodes::KINDS),
    ("ed_attendances", attendances::KINDS),
    ("inpatients_now", reports::BEDS),
    ("deaths", reports::DEATHS),
    ("opt_outs", reports::OBJECTIONS),
    ("reference_lsoa", reference::AREAS),
    ("gp_appointments", around::APPOINTMENTS),
    ("outpatient_appointments", around::CLINICS),
    ("waiting_list_entries", around::ENTRIES),
    ("community_contacts", around::COMMUNITY),
    ("home_care_visits", around::VISITS),
    ("social_prescribing_referrals", around::REFERRALS),
    ("virtual_ward_stays", around::WARDS),
    ("remote_monitoring", around::READINGS),
    ("telecare_events", around::TELECARE),
    ("mental_health_contacts", around::MENTAL_HEALTH),
];

/// Where a defect is; row 1 is the first under the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Planted {
    pub row: u64,
    pub column: &'static str,
    pub rule: &'static str,
}

/// A row that is sent in place of one that was hit, and the defect in it, if that is what it is sent for.
#[derive(Clone, Debug)]
pub(crate) struct Dirty {
    pub row: Draft,
    defect: Option<(&'static str, &'static str)>,
}

impl Dirty {
    /// The defect, where it breaks a rule, as the list has it.
    pub fn planted(&self, row: u64) -> Option<Planted> {
        self.defect.map(|(column, rule)| Planted { row, column, rule })
    }
}

/// A row of a population, by what doesn't change from delivery to delivery.
#[derive(Clone, Copy)]
pub(crate) struct Spot {
    pub table: &'static str,
    /// The number of the row's person.
    pub person: u32,
    /// The number of whose rows are counted, a person or a practice.
    pub group: u32,
    /// The number of the row among theirs.
    pub row: u32,
}

/// What is sent in place of a row; none where the row is sent as it is. `draft` makes the row, and is asked for few.
pub(crate) fn instead(world: &World, format: Format, spot: Spot, draft: impl FnOnce() -> Draft) -> Option<Vec<Dirty>> {
    if world.soil == 0.0 {
        return None;
    }
    let (table, kinds) =
        (0..).zip(&KINDS).find(|(_, (name, _))| *name == spot.table).map(|(n, (_, kinds))| (n, kinds))?;
    let place = world.params.seed.wrapping_add(u64::from(spot.group)).wrapping_add((table + 1) << 33);
    let mut left = Chance::of(place, spot.row, Stream::Dirt).unit() * 100_000.0 / world.soil;
    let hits = |kind: &&Kind| {
        left -= f64::from(kind.per_100_000);
        left < 0.0
    };
    let kind = kinds.iter().find(hits).filter(|kind| format != Format::Parquet || !kind.needs_text())?;
    let site = Site { world, number: spot.person };
    let mark = (!kind.rule.is_empty()).then_some((kind.column, kind.rule));
    let sown = kind.sow(&site, draft());
    let dirty = sown.into_iter().map(|sown| Dirty { row: sown.row, defect: mark.filter(|_| sown.is_defect) });
    Some(dirty.collect::<Vec<_>>()).filter(|rows| !rows.is_empty())
}

/// Writes rows in place of one, and notes what is in them. `rows` are those of the file so far.
pub(crate) fn write(
    dirty: &[Dirty],
    rows: &mut u64,
    planted: &mut Vec<Planted>,
    cells: &mut dyn Cells,
) -> std::io::Result<()> {
    for one in dirty {
        *rows += 1;
        planted.extend(one.planted(*rows));
        one.row.write(cells)?;
    }
    Ok(())
}

/// The list of defects, as CSV.
pub(crate) fn planted_csv(defects: &[(String, Planted)]) -> Vec<u8> {
    let mut text = String::from("file,row,column,rule\n");
    for (file, planted) in defects {
        text.push_str(&format!("{file},{},{},{}\n", planted.row, planted.column, planted.rule));
    }
    text.into_bytes()
}
