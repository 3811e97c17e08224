//! The tables about places and users: practices, small areas, teams, and who may see what.

use std::io;

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

fn areas(world: &World, cells: &mut dyn Cells) -> io::Result<()> {
    for area in &world.areas {
        cells.text(&area.code);
        cells.text(&area.code);
        cells.whole(Some(area.imd_rank));
        cells.text(&world.numbers.boroughs[area.borough].lad_code);
        cells.end_row()?;
    }
    Ok(())
}

/// One coaching team to a borough.
fn teams(world: &World, cells: &mut dyn Cells) -> io::Result<()> {
    for borough in &world.numbers.boroughs {
        cells.text(&format!("coach-{}", borough.slug));
        cells.text("coaching");
        cells.list(&[&borough.lad_code]);
        cells.whole(Some(world.weekly_capacity()));
        cells.end_row()?;
    }
    Ok(())
}

fn users(world: &World, cells: &mut dyn Cells) -> io::Result<()> {
    for borough in &world.numbers.boroughs {
        for role in ["coach", "team_lead"] {
            cells.text(&format!("{}-{}", role.replace('_', "-"), borough.slug));
            cells.text(&format!("coach-{}", borough.slug));
            cells.text(role);
            cells.flag(Some(role == "coach"));
            cells.day(Some(world.params.last_day - 120));
            cells.day(Some(world.params.last_day + 240));
            cells.end_row()?;
        }
    }
    Ok(())
}
