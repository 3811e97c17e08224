//! Mappings held against the tables: every target is a column, has one source, and is of the kind that is asked of it.

use std::collections::BTreeMap;

use earlycall_schemas::table::{ColumnSpec, DType, TableSpec, table, tables};

use super::{Mappings, TableMapping};
use crate::{
    error::{Error, Kind, Result},
    extract::is_of_type,
    settings::mistyped,
};

/// # Errors
/// * [`Kind::Settings`] for a table or a column that does not exist, and a target that cannot be what it is asked to be.
pub fn check(mappings: &Mappings) -> Result<()> {
    for (name, mapping) in mappings {
        let key = format!("extracts.mapping.{name}");
        let Some(table) = table(name) else {
            let known: Vec<&str> = tables().iter().map(|table| table.name.as_str()).collect();
            let hint = mistyped(name, &known, "`earlycall schema` lists the tables");
            return Err(wrong(&key, "there is no such table").hint(hint));
        };
        check_one(table, mapping, &key)?;
        for (code, own) in &mapping.provider {
            let key = format!("{key}.provider.{code}");
            if !own.provider.is_empty() {
                return Err(wrong(&format!("{key}.provider"), "a provider has no providers of its own"));
            }
            check_one(table, own, &key)?;
        }
    }
    Ok(())
}

fn check_one(table: &TableSpec, mapping: &TableMapping, key: &str) -> Result<()> {
    let kinds = [
        ("columns", mapping.columns.keys().collect::<Vec<_>>()),
        ("lists", mapping.lists.keys().collect()),
        ("constants", mapping.constants.keys().collect()),
        ("codes", mapping.codes.keys().collect()),
    ];
    for (kind, targets) in kinds {
        for target in targets {
            let key = format!("{key}.{kind}.{target}");
            let spec = column(table, target, &key)?;
            match kind {
                "lists" if !spec.list => return Err(wrong(&key, "the column holds no list")),
                "codes" => check_codes(spec, &mapping.codes[target], &key)?,
                _ => {}
            }
        }
    }
    let mut targets: Vec<&str> = mapping.targets().collect();
    targets.sort_unstable();
    if let Some(twice) = targets.windows(2).find(|pair| pair[0] == pair[1]) {
        let message = format!("the column {} has two sources", twice[0]);
        return Err(wrong(key, &message).hint("leave it under one of columns, lists and constants"));
    }
    Ok(())
}

fn column<'a>(table: &'a TableSpec, target: &str, key: &str) -> Result<&'a ColumnSpec> {
    table.column(target).ok_or_else(|| {
        let known: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        let all = format!("`earlycall schema {}` lists the columns", table.name);
        wrong(key, "the table has no such column").hint(mistyped(target, &known, &all))
    })
}

/// A code that is not mapped must break the rule of its column, so the column must have a form that can be broken.
fn check_codes(spec: &ColumnSpec, codes: &BTreeMap<String, String>, key: &str) -> Result<()> {
    let has_form = match spec.dtype {
        DType::Code => !spec.one_of.is_empty(),
        DType::Bool => true,
        DType::Snomed | DType::Dmd | DType::Bnf | DType::Icd10 | DType::Opcs4 => true,
        DType::Practice | DType::Provider | DType::Site | DType::Lsoa => true,
        _ => false,
    };
    if spec.list || !has_form {
        return Err(wrong(key, "the column holds no single codes of a form that could be checked"));
    }
    match codes.values().find(|code| !code.is_empty() && !is_of_type(spec, code)) {
        None => Ok(()),
        Some(code) => {
            let known: Vec<&str> = match spec.dtype {
                DType::Bool => vec!["true", "false"],
                _ => spec.one_of.iter().map(String::as_str).collect(),
            };
            let all = format!("`earlycall schema` tells the codes of {}", spec.name);
            Err(wrong(key, &format!("`{code}` is no code of the column")).hint(mistyped(code, &known, &all)))
        }
    }
}

fn wrong(key: &str, message: &str) -> Error {
    Error::new(Kind::Settings, message).setting(key)
}
