//! Each team's files, copied to a folder that the team's group may read: the only thing that a coach can open.

use std::{
    fs,
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt, chown},
    path::Path,
};

use crate::{
    error::{Error, Kind, Result},
    settings::{Delivery, Settings},
    store::{
        Store,
        disk::{Disk, FileSystem},
        folder::{self, STAGED},
        given::Given,
    },
};

/// What a team is given of a night.
pub const FILES: [&str; 6] =
    ["worklist.html", "worklist.xlsx", "worklist.csv", "team.html", "waiting.html", "waiting.csv"];

/// Makes sure that every team with a folder of its own is a team and its group a group, before anything is published.
///
/// # Errors
/// * [`Kind::Settings`] when `[delivery.TEAM]` names none of the teams.
/// * [`Kind::Permission`] when a group is unknown.
pub fn check(settings: &Settings, teams: &[&str]) -> Result<()> {
    for (team_id, delivery) in &settings.delivery {
        if !teams.contains(&team_id.as_str()) {
            return Err(Error::new(Kind::Settings, "reference_teams has no such coaching team")
                .setting(format!("delivery.{team_id}"))
                .hint(format!("its teams are {}", teams.join(", "))));
        }
        delivery.group.as_deref().map(group_id).transpose()?;
    }
    Ok(())
}

/// Copies the lists of a published night to the folders named in `[delivery.TEAM]`, encrypted where it names recipients.
///
/// Folders become 0750 and files 0640, and belong to the group that the settings name. Each file is replaced by a
/// rename, so a coach opens the old list or the new one; a file that is there already is left alone. What is encrypted
/// stands there as `NAME.age` and not as `NAME` too, and the other way about. Of a team that gets no list any more the older
/// one is taken away: whoever objects since would stand on it.
///
/// # Errors
/// * [`Kind::Permission`] when the group is unknown or the files cannot be given to it.
/// * [`Kind::Storage`] when a file cannot be copied. The night itself is published all the same.
pub fn to_teams(store: &Store, night: &Path, settings: &Settings) -> Result<()> {
    // Every team that can be given its list has it, whichever other cannot.
    let given = settings.delivery.iter().map(|(team_id, delivery)| to_team(store, night, team_id, delivery));
    given.collect::<Vec<_>>().into_iter().collect()
}

fn to_team(store: &Store, night: &Path, team_id: &str, delivery: &Delivery) -> Result<()> {
    let list = night.join("worklists").join(team_id);
    let group = delivery.group.as_deref().map(group_id).transpose()?;
    let failed = |error: std::io::Error| Error::storage(&delivery.folder, "give the list to the team", &error);
    fs::DirBuilder::new().recursive(true).mode(0o750).create(&delivery.folder).map_err(failed)?;
    give(&delivery.folder, 0o750, group)?;
    // What a run that died was about to give may be plain.
    folder::sweep(&FileSystem, &delivery.folder)?;
    if !list.is_dir() {
        return take_away(&delivery.folder).map_err(failed);
    }
    let mut given = Given::read(store.state(), team_id, &delivery.recipients);
    for name in folder::names(&list)? {
        let bytes = fs::read(list.join(&name)).map_err(failed)?;
        let encrypted = format!("{name}.age");
        let (name, other) = if given.is_encrypted() { (encrypted, name) } else { (name, encrypted) };
        let is_there = fs::read(delivery.folder.join(&name)).is_ok_and(|there| given.holds(&name, &bytes, &there));
        if !is_there {
            let staged = delivery.folder.join(format!("{STAGED}{name}"));
            let mut file =
                fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&staged).map_err(failed)?;
            let bytes = given.prepare(&name, bytes);
            file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(failed)?;
            give(&staged, 0o640, group)?;
            fs::rename(&staged, delivery.folder.join(&name)).map_err(failed)?;
        }
        FileSystem.remove(&delivery.folder.join(other)).map_err(failed)?;
    }
    given.note(store)
}

/// Takes away what was given to a team.
fn take_away(folder: &Path) -> std::io::Result<()> {
    let names = FILES.iter().flat_map(|name| [(*name).to_owned(), format!("{name}.age")]);
    names.into_iter().try_for_each(|name| FileSystem.remove(&folder.join(name)))
}

fn give(path: &Path, mode: u32, group: Option<u32>) -> Result<()> {
    let refused = |error: std::io::Error| {
        Error::new(Kind::Permission, format!("cannot be given to the team: {error}")).file(path.display().to_string())
    };
    if group.is_some() {
        chown(path, None, group).map_err(refused)?;
    }
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(refused)
}

/// The number of a group of this machine.
fn group_id(name: &str) -> Result<u32> {
    let groups = fs::read_to_string("/etc/group").unwrap_or_default();
    let mut rows = groups.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let row = rows.find(|row| row.first() == Some(&name));
    row.and_then(|row| row.get(2)?.parse().ok()).ok_or_else(|| {
        Error::new(Kind::Permission, format!("there is no group `{name}` on this machine"))
            .setting("delivery")
            .hint("make it with `groupadd`, and let the service's user belong to it")
    })
}

#[cfg(test)]
mod tests {
    use std::{io::Read, path::PathBuf};

    use super::*;
    use crate::encryption::{decrypt, new_key, parse_key};

    fn settings(folder: &Path) -> Settings {
        let text = format!("[delivery.coach-31]\nfolder = \"{}\"", folder.display());
        Settings::parse(&text, Path::new("")).unwrap()
    }

    /// A service with a night, and the folder of a team.
    struct Desk(tempfile::TempDir);

    impl Desk {
        fn new() -> Desk {
            let desk = Desk(tempfile::tempdir().unwrap());
            fs::create_dir_all(desk.list()).unwrap();
            for name in ["worklist.html", "worklist.xlsx", "worklist.csv"] {
                fs::write(desk.list().join(name), name).unwrap();
            }
            desk
        }

        fn list(&self) -> PathBuf {
            self.0.path().join("night/worklists/coach-31")
        }

        fn given(&self) -> PathBuf {
            self.0.path().join("coach-31")
        }

        fn deliver(&self, recipients: &[&str]) {
            let mut settings = settings(&self.given());
            settings.delivery.get_mut("coach-31").unwrap().recipients =
                recipients.iter().map(|text| (*text).to_owned()).collect();
            let (out, state) = (self.0.path().join("out"), self.0.path().join("state"));
            let store = Store::open(&FileSystem, &out, &state).unwrap();
            to_teams(&store, &self.0.path().join("night"), &settings).unwrap();
        }

        /// The names in the team's folder.
        fn names(&self) -> Vec<String> {
            folder::names(&self.given()).unwrap()
        }

        fn read(&self, name: &str) -> Vec<u8> {
            fs::read(self.given().join(name)).unwrap()
        }
    }

    const PLAIN: [&str; 3] = ["worklist.csv", "worklist.html", "worklist.xlsx"];
    const SEALED: [&str; 3] = ["worklist.csv.age", "worklist.html.age", "worklist.xlsx.age"];

    fn opened(key: &str, sealed: &[u8]) -> Vec<u8> {
        let mut plain = Vec::new();
        decrypt(&parse_key(key).unwrap(), sealed).unwrap().read_to_end(&mut plain).unwrap();
        plain
    }

    #[test]
    fn a_team_gets_its_files_which_its_group_may_read_and_nobody_else() {
        let desk = Desk::new();
        desk.deliver(&[]);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&desk.given()), 0o750);
        assert_eq!(mode(&desk.given().join("worklist.csv")), 0o640);
        assert_eq!(desk.read("worklist.html"), b"worklist.html");
        assert_eq!(desk.names(), PLAIN);
    }

    #[test]
    fn where_a_recipient_is_set_nothing_stands_there_that_another_can_read() {
        let desk = Desk::new();
        desk.deliver(&[]);
        let (key, recipient) = new_key();
        desk.deliver(&[&recipient]);
        assert_eq!(desk.names(), SEALED, "the plain ones of before are gone");
        assert!(!desk.read("worklist.csv.age").windows(12).any(|bytes| bytes == b"worklist.csv"));
        assert_eq!(opened(&key, &desk.read("worklist.csv.age")), b"worklist.csv");
        desk.deliver(&[]);
        assert_eq!(desk.names(), PLAIN, "no sealed list of before is taken for today's");
    }

    #[test]
    fn a_sealed_file_is_left_alone_until_its_list_or_its_recipients_change_or_somebody_touched_it() {
        let desk = Desk::new();
        let [(key, recipient), (other_key, other)] = [new_key(), new_key()];
        desk.deliver(&[&recipient]);
        let first = desk.read("worklist.csv.age");
        desk.deliver(&[&recipient]);
        assert_eq!(desk.read("worklist.csv.age"), first);
        fs::write(desk.list().join("worklist.csv"), "revised").unwrap();
        desk.deliver(&[&recipient]);
        assert_eq!(opened(&key, &desk.read("worklist.csv.age")), b"revised");
        desk.deliver(&[&recipient, &other]);
        assert_eq!(opened(&other_key, &desk.read("worklist.csv.age")), b"revised");
        fs::write(desk.given().join("worklist.csv.age"), &first).unwrap();
        desk.deliver(&[&recipient, &other]);
        assert_eq!(opened(&key, &desk.read("worklist.csv.age")), b"revised", "an older file put back is replaced");
    }

    #[test]
    fn of_a_team_that_gets_no_list_any_more_the_older_one_is_taken_away_and_nothing_else() {
        let desk = Desk::new();
        desk.deliver(&[]);
        fs::write(desk.given().join("notes.txt"), "its own").unwrap();
        fs::write(desk.given().join("worklist.html.age"), "older").unwrap();
        fs::remove_dir_all(desk.list()).unwrap();
        desk.deliver(&[]);
        assert_eq!(desk.names(), ["notes.txt"]);
    }

    #[test]
    fn one_team_s_folder_that_cannot_be_made_keeps_no_other_team_from_its_list() {
        let desk = Desk::new();
        let text = format!(
            "[delivery.a]\nfolder = \"/proc/nowhere\"\n[delivery.coach-31]\nfolder = \"{}\"",
            desk.given().display()
        );
        let settings = Settings::parse(&text, Path::new("")).unwrap();
        let (out, state) = (desk.0.path().join("out"), desk.0.path().join("state"));
        let store = Store::open(&FileSystem, &out, &state).unwrap();
        assert!(to_teams(&store, &desk.0.path().join("night"), &settings).is_err());
        assert_eq!(desk.names(), ["worklist.csv", "worklist.html", "worklist.xlsx"]);
    }

    #[test]
    fn an_unknown_team_is_told_before_anything_is_published() {
        let error = check(&settings(Path::new("x")), &["coach-01", "coach-02"]).unwrap_err();
        assert_eq!(error.kind(), Kind::Settings);
        assert!(error.to_string().contains("coach-01, coach-02"), "{error}");
        assert!(check(&settings(Path::new("x")), &["coach-31"]).is_ok());
    }

    #[test]
    fn an_unknown_group_is_told_before_anything_is_published() {
        let text = "[delivery.coach-31]\nfolder = \"x\"\ngroup = \"no such group here\"";
        let error = check(&Settings::parse(text, Path::new("")).unwrap(), &["coach-31"]).unwrap_err();
        assert_eq!(error.kind(), Kind::Permission);
    }
}
