//! Who runs the program, by what the system says and not by what they type.

use std::{fs, path::Path};

use crate::error::{Error, Kind, Result};

/// What the system writes where nobody has logged in.
const NOBODY_LOGGED_IN: u32 = u32::MAX;

/// The number of the user who logged in, whoever they have become since, as `sudo` makes them; where the system keeps none,
/// of the user that the program was started by.
///
/// # Errors
/// * [`Kind::Permission`] when the system does not say.
pub fn logged_in() -> Result<u32> {
    let of = |path: &str| fs::read_to_string(path).unwrap_or_default();
    user(&of("/proc/self/loginuid"), &of("/proc/self/status")).ok_or_else(|| {
        Error::new(Kind::Permission, "the system does not say who runs this").hint("/proc must be there to be read")
    })
}

fn user(loginuid: &str, status: &str) -> Option<u32> {
    let logged_in = loginuid.trim().parse().ok().filter(|uid| *uid != NOBODY_LOGGED_IN);
    let started_by =
        || status.lines().find_map(|line| line.strip_prefix("Uid:")?.split_whitespace().next()?.parse().ok());
    logged_in.or_else(started_by)
}

/// The name of a user of this machine; the number itself where only a directory elsewhere knows the name.
pub fn name_of(uid: u32) -> String {
    name_in(&fs::read_to_string(Path::new("/etc/passwd")).unwrap_or_default(), uid)
}

fn name_in(passwd: &str, uid: u32) -> String {
    let mut rows = passwd.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let row = rows.find(|row| row.get(2).and_then(|number| number.parse().ok()) == Some(uid));
    row.map_or_else(|| uid.to_string(), |row| row[0].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_logged_in_is_who_asks_though_they_became_another_user() {
        let status = "Name:\tearlycall-reid\nUid:\t990\t990\t990\t990\nGid:\t990\t990\t990\t990\n";
        assert_eq!(user("1004\n", status), Some(1004));
        assert_eq!(user("4294967295", status), Some(990), "nobody has logged in");
        assert_eq!(user("", status), Some(990), "a system that keeps no log-ins");
        assert_eq!(user("", ""), None);
    }

    #[test]
    fn a_user_has_a_name_where_this_machine_knows_it() {
        let passwd = "root:x:0:0::/root:/bin/sh\njsmith:x:1004:1004::/home/jsmith:/bin/sh\n";
        assert_eq!(name_in(passwd, 1004), "jsmith");
        assert_eq!(name_in(passwd, 70_004), "70004");
    }
}
