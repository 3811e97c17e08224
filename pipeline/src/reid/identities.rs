//! Who people are: checked once when it is loaded, then kept sealed, and read one by one without being kept.

use std::{
    collections::HashSet,
    fs::{self, File},
    io::{BufReader, Read},
};

use age::x25519::Identity as Key;
use earlycall_schemas::{codes::NhsNumber, identities::identity_map};

use super::{
    place::Place,
    rows::{Row, Rows, refused},
};
use crate::{
    encryption,
    error::{Error, Kind, Result},
    history::records::PersonKey,
    settings::ProfileKind,
};

/// The sealed map in the folder of the service.
pub const FILE: &str = "identity_map.age";
/// The key that opens it.
pub const KEY: &str = "keys/identity_map.age-key";

/// Who somebody is. `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// Given name and family name, as far as they are known.
    pub name: String,
    /// Day of birth, `YYYY-MM-DD`.
    pub date_of_birth: Option<String>,
    /// Ten digits.
    pub nhs_number: String,
    /// Telephone.
    pub phone: Option<String>,
    /// Whether their practice alone may tell.
    pub is_confidential: bool,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identity(..)")
    }
}

impl Identity {
    fn of(row: &Row) -> Identity {
        let names = [row.cell("given_name"), row.cell("family_name")];
        let own = |name: &str| row.cell(name).map(str::to_owned);
        Identity {
            name: names.into_iter().flatten().collect::<Vec<_>>().join(" "),
            date_of_birth: own("date_of_birth"),
            nhs_number: row.needed("nhs_number").to_owned(),
            phone: own("phone"),
            is_confidential: row.needed("is_confidential") == "true",
        }
    }
}

/// The file as it is kept: the columns that are used, of people who are each there once; and how many there are.
///
/// # Errors
/// * [`Kind::Extract`] at the first row that is not as declared, whose NHS number is none (V24) or is of the wrong range for
///   the profile, or about whom there was a row before.
pub fn check(reader: impl Read, kind: ProfileKind) -> Result<(Vec<u8>, u64)> {
    let kept: Vec<&str> = identity_map().columns.iter().filter(|c| c.used).map(|c| c.name.as_str()).collect();
    let mut out = csv::Writer::from_writer(Vec::new());
    let in_memory = "nothing fails that is written to memory";
    out.write_record(&kept).expect(in_memory);
    let (mut people, mut numbers) = (HashSet::new(), HashSet::new());
    let n = Rows::open(identity_map(), reader)?.each(|row| {
        let number = row.needed("nhs_number");
        let known = NhsNumber::parse(number);
        let wrong = match (known.map(NhsNumber::is_for_tests), kind) {
            (None, _) => Some("is no NHS number of ten digits with a check digit that holds"),
            (Some(true), ProfileKind::Production) => {
                Some("is of the range 999, and production refuses synthetic people")
            }
            (Some(false), ProfileKind::Research) => {
                Some("is not of the range 999, and research takes synthetic people alone")
            }
            _ => None,
        };
        if let Some(what) = wrong {
            return Err(refused(what).rule("V24").column("nhs_number"));
        }
        for (is_new, column) in [
            (people.insert(row.needed("person_id").to_owned()), "person_id"),
            (numbers.insert(number.to_owned()), "nhs_number"),
        ] {
            if !is_new {
                return Err(refused("stands there twice, so somebody else would be called").column(column));
            }
        }
        out.write_record(kept.iter().map(|name| row.cell(name).unwrap_or_default())).expect(in_memory);
        Ok(())
    })?;
    if n == 0 {
        return Err(refused("has no rows"));
    }
    Ok((out.into_inner().expect(in_memory), n))
}

/// The key of the map.
///
/// # Errors
/// * [`Kind::Permission`] when it is missing or none.
pub fn key(place: &Place) -> Result<Key> {
    let path = place.path(KEY);
    fs::read_to_string(&path).ok().and_then(|text| encryption::parse_key(&text)).ok_or_else(|| {
        Error::new(Kind::Permission, "the key of the identity map is missing, or is none")
            .file(path.display().to_string())
            .hint("put it back from where it is kept safe; without it load the map again under a new one")
    })
}

/// Everybody whom `is_meant` holds for, out of the sealed map, which is read to its end.
///
/// # Errors
/// * [`Kind::Storage`] when there is no map, or it was cut short or altered.
/// * [`Kind::Permission`] when the key is missing or another's.
pub fn find(place: &Place, is_meant: impl Fn(PersonKey) -> bool) -> Result<Vec<Identity>> {
    let key = key(place)?;
    let path = place.path(FILE);
    let file = File::open(&path).map_err(|error| {
        Error::storage(&path, "open", &error).hint("`earlycall-reid load identity_map FILE` makes it")
    })?;
    let plain = encryption::decrypt(&key, BufReader::new(file)).map_err(|_| {
        Error::new(Kind::Permission, "is not sealed for the key of this service")
            .file(path.display().to_string())
            .hint("load the identity map again")
    })?;
    let damaged = |_| {
        Error::new(Kind::Storage, "is not what was sealed")
            .file(path.display().to_string())
            .hint("load the identity map again")
    };
    let mut found = Vec::new();
    let rows = Rows::open(identity_map(), BufReader::new(plain)).map_err(damaged)?;
    let each = rows.each(|row| {
        if is_meant(PersonKey::parse(row.needed("person_id")).expect("a cell of its type is checked")) {
            found.push(Identity::of(row));
        }
        Ok(())
    });
    each.map_err(damaged)?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "person_id,nhs_number,date_of_birth,family_name,given_name,phone,address,is_confidential";

    fn row(n: u32, number: &str) -> String {
        format!("{n:064x},{number},1950-05-03,Example,Ada,020 7946 0000,1 High Street,false")
    }

    #[track_caller]
    fn refused_with(rows: &[String], kind: ProfileKind, expected: &str) {
        let error = check(format!("{HEADER}\n{}\n", rows.join("\n")).as_bytes(), kind).unwrap_err();
        assert_eq!(crate::exit::code(error.kind()), 11);
        assert!(error.to_string().starts_with(expected), "{error}");
        assert!(!error.to_string().contains("999000001") && !error.to_string().contains("Ada"), "{error}");
    }

    #[test]
    fn what_is_used_is_kept_and_the_address_is_not() {
        let text = format!("{HEADER}\n{}\n", row(1, "9990000018"));
        let (kept, n) = check(text.as_bytes(), ProfileKind::Research).unwrap();
        assert_eq!(n, 1);
        assert!(!String::from_utf8(kept).unwrap().contains("High Street"));
    }

    #[test]
    fn a_row_that_would_tell_of_the_wrong_person_refuses_the_file_by_its_place() {
        use ProfileKind::{Production, Research};
        let good = row(1, "9990000018");
        refused_with(&[good.clone(), row(2, "9990000019")], Research, "row 2, column nhs_number, rule V24: is no NHS");
        refused_with(
            std::slice::from_ref(&good),
            Production,
            "row 1, column nhs_number, rule V24: is of the range 999",
        );
        refused_with(&[row(2, "9434765919")], Research, "row 1, column nhs_number, rule V24: is not of the range 999");
        refused_with(&[good.clone(), row(1, "9990000026")], Research, "row 2, column person_id: stands there twice");
        refused_with(&[good.clone(), row(2, "9990000018")], Research, "row 2, column nhs_number: stands there twice");
        refused_with(
            &[good.replace("1950-05-03", "3 May 1950")],
            Research,
            "row 1, column date_of_birth: is not a date",
        );
        refused_with(&[good.replace(",false", ",")], Research, "row 1, column is_confidential: is empty");
        refused_with(&[], Research, "has no rows");
    }
}
