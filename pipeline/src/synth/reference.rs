//! The tables about places and users: practices, small areas, teams, and who may see what.

use std::io;

use earlycall_schemas::{codelists::borough_name, pathways::PathwayId};

use super::{
    cells::{Cell, Cells, Columns},
    dirt::UNSHARED,
    world::World,
};

/// A table that every delivery brings whole.
pub(crate) struct ReferenceTable {
    pub name: &'static str,
    pub columns: Columns,
}

/// The reference tables, in the order in which they are delivered.
pub(crate) const TABLES: [ReferenceTable; 4] = [
    ReferenceTable {
        name: "reference_practices",
        columns: &[
            ("practice_code", Cell::Text),
            ("practice_name", Cell::Text),
            ("pcn_code", Cell::Text),
            ("lad_code", Cell::Text),
            ("sharing_agreement", Cell::Flag),
        ],
    },
    ReferenceTable {
        name: "reference_lsoa",
        columns: &[
            ("lsoa21", Cell::Text),
            ("lsoa11", Cell::Text),
            ("imd_rank_2019", Cell::Whole),
            ("lad_code", Cell::Text),
            ("neighbourhood", Cell::Text),
        ],
    },
    ReferenceTable {
        name: "reference_teams",
        columns: &[
            ("team_id", Cell::Text),
            ("pathway", Cell::Text),
            ("scope", Cell::List),
            ("weekly_capacity", Cell::Whole),
        ],
    },
    ReferenceTable {
        name: "user_access",
        columns: &[
            ("user_id", Cell::Text),
            ("team_id", Cell::Text),
            ("role", Cell::Text),
            ("may_reidentify", Cell::Flag),
            ("valid_from", Cell::Day),
            ("valid_to", Cell::Day),
        ],
    },
];

/// Writes the rows of a reference table.
pub(crate) fn write(world: &World, table: &ReferenceTable, cells: &mut dyn Cells) -> io::Result<()> {
    match table.name {
        "reference_practices" => practices(world, cells),
        "reference_lsoa" => areas(world, cells),
        "reference_teams" => teams(world, cells),
        _ => users(world, cells),
    }
}

fn practices(world: &World, cells: &mut dyn Cells) -> io::Result<()> {
    for practice in &world.practices {
        cells.text(&practice.code);
        cells.text(&practice.name);
        cells.text(&practice.pcn);
        cells.text(&world.numbers.boroughs[practice.borough].lad_code);
        cells.flag(Some(true));
        cells.end_row()?;
    }
    if world.soil > 0.0 {
        cells.text(UNSHARED);
        cells.text("Synthetic Practice that does not share");
        cells.text(&world.practices[0].pcn);
        cells.text(&world.numbers.boroughs[world.practices[0].borough].lad_code);
        cells.flag(Some(false));
        cells.end_row()?;
    }
    Ok(())
}

/// Each borough has four neighbourhood teams.
fn areas(world: &World, cells: &mut dyn Cells) -> io::Result<()> {
    for (number, area) in world.areas.iter().enumerate() {
        let lad_code = &world.numbers.boroughs[area.borough].lad_code;
        let borough = borough_name(lad_code).expect("every borough of the population has a name");
        cells.text(&area.code);
        cells.text(&area.code);
        cells.whole(Some(area.imd_rank));
        cells.text(lad_code);
        cells.text(&format!("{borough} {}", ["North", "East", "South", "West"][number % 4]));
        cells.end_row()?;
    }
    Ok(())
}

/// A team of a pathway, and the codes that it covers.
struct Team<'a> {
    id: String,
    pathway: PathwayId,
    scope: Vec<&'a str>,
}

/// For coaching and for social prescribing a team to a borough, for virtual wards one to a trust and its boroughs.
fn all_teams(world: &World) -> Vec<Team<'_>> {
    let boroughs = &world.numbers.boroughs;
    let to_a_borough = |prefix: &'static str, pathway| {
        let id = move |slug: &str| format!("{prefix}-{slug}");
        boroughs.iter().map(move |borough| Team { id: id(&borough.slug), pathway, scope: vec![&borough.lad_code] })
    };
    let to_a_trust = world.trusts.iter().map(|&trust| {
        let of_trust = boroughs.iter().filter(|borough| borough.trust == trust);
        let scope = [trust].into_iter().chain(of_trust.map(|borough| borough.lad_code.as_str())).collect();
        Team { id: format!("ward-{}", trust.to_lowercase()), pathway: PathwayId::VirtualWard, scope }
    });
    let coaching = to_a_borough("coach", PathwayId::Coaching);
    let social = to_a_borough("social", PathwayId::SocialPrescribing);
    coaching.chain(social).chain(to_a_trust).collect()
}

fn teams(world: &World, cells: &mut dyn Cells) -> io::Result<()> {
    for team in all_teams(world) {
        cells.text(&team.id);
        cells.text(team.pathway.code());
        cells.list(&team.scope);
        cells.whole(Some(world.weekly_capacity()));
        cells.end_row()?;
    }
    Ok(())
}

fn users(world: &World, cells: &mut dyn Cells) -> io::Result<()> {
    for team in all_teams(world) {
        for role in ["coach", "team_lead"] {
            let whose = team.id.strip_prefix("coach-").unwrap_or(&team.id);
            cells.text(&format!("{}-{whose}", role.replace('_', "-")));
            cells.text(&team.id);
            cells.text(role);
            cells.flag(Some(role == "coach"));
            cells.day(Some(world.params.last_day - 120));
            cells.day(Some(world.params.last_day + 240));
            cells.end_row()?;
        }
    }
    Ok(())
}
