//! Who may be told: `user_access`, as it was loaded.

use std::{collections::BTreeMap, fs::File, io::Read};

use earlycall_schemas::table::{TableSpec, table};

use super::{
    place::Place,
    rows::{Rows, refused},
};
use crate::{
    day::Day,
    error::{Error, Result},
};

/// The file in the folder of the service.
pub const FILE: &str = "user_access.csv";

/// Roles that have to do with one person at a time.
const ROLES: [&str; 3] = ["coach", "clinician", "team_lead"];
/// No right lasts longer, whatever its last day says.
const DAYS_MAX: i32 = 366;

/// The rights of everybody, by user and team.
#[derive(Debug, Default)]
pub struct Access(BTreeMap<(String, String), Right>);

#[derive(Debug)]
struct Right {
    is_of_care: bool,
    may_reidentify: bool,
    first: Day,
    last: Day,
}

/// Why somebody may not be told of a team's people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// They have nothing to do with the team.
    NoRight,
    /// Not on this day.
    NotToday,
    /// Not in their role, or not at all.
    MayNotReidentify,
}

/// The table, as a delivery declares it.
pub fn user_access() -> &'static TableSpec {
    table("user_access").expect("it is declared")
}

impl Access {
    /// Reads the rights that were loaded.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when none were.
    /// * [`crate::error::Kind::Extract`] as of [`Access::parse`].
    pub fn read(place: &Place) -> Result<Access> {
        let path = place.path(FILE);
        let file = File::open(&path).map_err(|error| {
            Error::storage(&path, "open", &error).hint("`earlycall-reid load user_access FILE` makes it")
        })?;
        Access::parse(file).map_err(|error| error.file(path.display().to_string()))
    }

    /// Reads rights from CSV.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Extract`] at the first row that is not as declared, or whose user and team stood there before.
    pub fn parse(reader: impl Read) -> Result<Access> {
        let mut rights = BTreeMap::new();
        Rows::open(user_access(), reader)?.each(|row| {
            let day = |name: &str| row.cell(name).and_then(Day::parse);
            let first = day("valid_from").expect("a mandatory date is checked");
            let longest = first + (DAYS_MAX - 1);
            let right = Right {
                is_of_care: ROLES.contains(&row.needed("role")),
                may_reidentify: row.needed("may_reidentify") == "true",
                first,
                last: day("valid_to").map_or(longest, |last| last.min(longest)),
            };
            let who = (row.needed("user_id").to_owned(), row.needed("team_id").to_owned());
            match rights.insert(who, right) {
                None => Ok(()),
                Some(_) => Err(refused("the same user and team stand there twice")),
            }
        })?;
        Ok(Access(rights))
    }

    /// How many rights there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nobody has any.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Why a user may not be told of a team's people on a day; none where they may.
    pub fn denial(&self, user_id: &str, team_id: &str, on: Day) -> Option<Denial> {
        match self.0.get(&(user_id.to_owned(), team_id.to_owned())) {
            None => Some(Denial::NoRight),
            Some(right) if !(right.first..=right.last).contains(&on) => Some(Denial::NotToday),
            Some(right) if !(right.is_of_care && right.may_reidentify) => Some(Denial::MayNotReidentify),
            Some(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "user_id,team_id,role,may_reidentify,valid_from,valid_to\n";

    #[track_caller]
    fn check(row: &str, on: &str, expected: Option<Denial>) {
        let access = Access::parse(format!("{HEADER}{row}\n").as_bytes()).unwrap();
        assert_eq!(access.denial("u-17", "coach-31", Day::parse(on).unwrap()), expected, "{row} on {on}");
    }

    #[test]
    fn a_right_is_of_one_team_of_a_role_of_care_and_of_its_days_alone() {
        let right = "u-17,coach-31,coach,true,2026-01-01,2026-11-29";
        check(right, "2026-01-01", None);
        check(right, "2026-11-29", None);
        check(right, "2026-11-30", Some(Denial::NotToday));
        check(right, "2025-12-31", Some(Denial::NotToday));
        check(&right.replace("coach-31", "coach-32"), "2026-11-01", Some(Denial::NoRight));
        check(&right.replace("u-17", "u-18"), "2026-11-01", Some(Denial::NoRight));
        check(&right.replace("true", "false"), "2026-11-01", Some(Denial::MayNotReidentify));
        for (role, expected) in [
            ("clinician", None),
            ("team_lead", None),
            ("analyst", Some(Denial::MayNotReidentify)),
            ("ig_auditor", Some(Denial::MayNotReidentify)),
            ("operator", Some(Denial::MayNotReidentify)),
        ] {
            check(&right.replace(",coach,", &format!(",{role},")), "2026-11-01", expected);
        }
    }

    #[test]
    fn a_right_without_a_last_day_or_with_a_late_one_lasts_a_year() {
        for right in ["u-17,coach-31,coach,true,2026-01-01,", "u-17,coach-31,coach,true,2026-01-01,2030-01-01"] {
            check(right, "2027-01-01", None);
            check(right, "2027-01-02", Some(Denial::NotToday));
        }
    }

    #[test]
    fn a_row_that_is_not_as_declared_or_stands_there_twice_refuses_the_file() {
        let right = "u-17,coach-31,coach,true,2026-01-01,";
        for (rows, place) in [
            (right.replace(",coach,", ",nurse,"), "row 1, column role: is not one of the codes"),
            (right.replace("true", "yes"), "row 1, column may_reidentify: is neither"),
            (format!("{right}\n{right}"), "row 2: the same user and team"),
        ] {
            let error = Access::parse(format!("{HEADER}{rows}\n").as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with(place), "{error}");
        }
    }
}
