//! The code lists as small tables.

use std::fmt::Write;

use crate::{
    catalogue::ItemList,
    codelists::{bnf_sections, charlson_groups, conditions, observations},
    embedded,
};

/// Every code list that the script joins with, and the conditions that `coached` names.
pub(super) fn tables(coached: &[String]) -> String {
    let mut sql = String::new();
    sql += &conditions_table(coached);
    sql += &condition_codes();
    let groups = charlson_groups().iter().enumerate().map(|(n, group)| {
        let yields_to =
            group.yields_to.as_deref().map_or("NULL".to_owned(), |id| position(ItemList::CharlsonGroups, id));
        format!("({n}, {}, {yields_to})", group.weight)
    });
    sql += &table("charlson_group", "item, weight, yields_to", groups);
    let codes = charlson_groups()
        .iter()
        .enumerate()
        .flat_map(|(n, group)| group.icd10.iter().map(move |prefix| format!("({n}, '{prefix}')")));
    sql += &table("charlson_icd10", "item, prefix", codes);
    let sections = bnf_sections().iter().enumerate().map(|(n, section)| format!("({n}, '{}')", section.code));
    sql += &table("bnf_section", "item, prefix", sections);
    sql += &observation_tables();
    sql += &embedded_csv("frailty_code", embedded::HFRS);
    for (name, csv) in [
        ("admission_method", embedded::ADMISSION_METHOD),
        ("admission_source", embedded::ADMISSION_SOURCE),
        ("discharge_destination", embedded::DISCHARGE_DESTINATION),
        ("emergency_care_code", embedded::EMERGENCY_CARE),
    ] {
        sql += &embedded_csv(name, csv);
    }
    sql
}

fn conditions_table(coached: &[String]) -> String {
    let number = |number: Option<i32>| number.map_or("NULL".to_owned(), |number| number.to_string());
    let rows = conditions().iter().enumerate().map(|(n, condition)| {
        let not_before = condition.not_before.map_or("NULL".to_owned(), |(y, m)| format!("DATE '{y:04}-{m:02}-01'"));
        let needs_days = number(condition.needs_medicine.as_ref().map(|needed| needed.within_days));
        format!(
            "({n}, '{}', {}, {}, {not_before}, {needs_days}, {}, {})",
            condition.id,
            number(condition.min_age),
            number(condition.min_age_at_first_record),
            condition.is_disease,
            coached.contains(&condition.id),
        )
    });
    let mut sql = table(
        "condition",
        "item, id, min_age, min_age_at_first_record, not_before, needs_medicine_days, is_disease, is_coached",
        rows,
    );
    let unless = conditions().iter().enumerate().flat_map(|(n, condition)| {
        condition.unless.iter().map(move |id| format!("({n}, {})", position(ItemList::Conditions, id)))
    });
    sql += &table("condition_unless", "item, unless", unless);
    sql
}

fn condition_codes() -> String {
    let all = || conditions().iter().enumerate();
    let icd10 = all().flat_map(|(n, known)| known.icd10.iter().map(move |prefix| format!("({n}, '{prefix}')")));
    let snomed = all().flat_map(|(n, known)| {
        let shows = known.snomed.iter().map(move |code| format!("({n}, '{code}', false)"));
        shows.chain(known.snomed_resolved.iter().map(move |code| format!("({n}, '{code}', true)")))
    });
    table("condition_icd10", "item, prefix", icd10) + &table("condition_snomed", "item, snomed_code, ends_it", snomed)
}

fn observation_tables() -> String {
    let rows = observations().iter().enumerate().flat_map(|(n, known)| {
        let row =
            move |code| format!("({n}, '{}', '{code}', '{}', {:?}, {:?})", known.id, known.unit, known.min, known.max);
        known.snomed.iter().map(row)
    });
    table("observation", "item, id, snomed_code, unit, smallest, largest", rows)
        + &embedded_csv("observation_unit", embedded::OBSERVATION_UNITS)
        + &embedded_csv("observation_bounds", embedded::OBSERVATIONS)
}

fn position(list: ItemList, name: &str) -> String {
    let found = list.items().iter().position(|item| item.name == name);
    found.expect("the code lists name their own items").to_string()
}

/// A code list as it stands in its file, every cell as text.
fn embedded_csv(name: &str, text: &str) -> String {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    // Quoted, for one of them is called "group".
    let header: Vec<String> =
        reader.headers().expect("the tests read every list").iter().map(|name| format!("\"{name}\"")).collect();
    let quoted = |cell: &str| format!("'{}'", cell.replace('\'', "''"));
    let rows = reader.records().map(|row| {
        let row = row.expect("the tests read every list");
        format!("({})", row.iter().map(quoted).collect::<Vec<_>>().join(", "))
    });
    table(name, &header.join(", "), rows.collect::<Vec<_>>().into_iter())
}

fn table(name: &str, columns: &str, rows: impl Iterator<Item = String>) -> String {
    let mut sql = String::new();
    let rows = rows.collect::<Vec<_>>().join(",\n    ");
    writeln!(sql, "CREATE TEMP TABLE {name} AS SELECT * FROM (VALUES\n    {rows}\n) AS list({columns});")
        .expect("writing to a string can't fail");
    sql
}
