//! Each team's files, copied to a folder that the team's group may read: the only thing that a coach can open.

use std::{
    fs,
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt, chown},
    path::Path,
};

use crate::{
    error::{Error, Kind, Result},
    settings::Settings,
    store::folder::{self, STAGED},
};

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

/// Copies the lists of a published night to the folders named in `[delivery.TEAM]`.
///
/// Folders become 0750 and files 0640, and belong to the group that the settings name. Each file is replaced by a
/// rename, so a coach opens the old list or the new one; a file that is there already is left alone.
///
/// # Errors
/// * [`Kind::Permission`] when the group is unknown or the files cannot be given to it.
/// * [`Kind::Storage`] when a file cannot be copied. The night itself is published all the same.
pub fn to_teams(night: &Path, settings: &Settings) -> Result<()> {
    for (team_id, delivery) in &settings.delivery {
        let list = night.join("worklists").join(team_id);
        let group = delivery.group.as_deref().map(group_id).transpose()?;
        let failed = |error: std::io::Error| Error::storage(&delivery.folder, "give the list to the team", &error);
        fs::DirBuilder::new().recursive(true).mode(0o750).create(&delivery.folder).map_err(failed)?;
        give(&delivery.folder, 0o750, group)?;
        for name in folder::names(&list)? {
            let bytes = fs::read(list.join(&name)).map_err(failed)?;
            if fs::read(delivery.folder.join(&name)).is_ok_and(|given| given == bytes) {
                continue;
            }
            let staged = delivery.folder.join(format!("{STAGED}{name}"));
            let _ = fs::remove_file(&staged);
            let mut file =
                fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&staged).map_err(failed)?;
            file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(failed)?;
            give(&staged, 0o640, group)?;
            fs::rename(&staged, delivery.folder.join(&name)).map_err(failed)?;
        }
    }
    Ok(())
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
    use super::*;

    fn settings(folder: &Path) -> Settings {
        let text = format!("[delivery.coach-31]\nfolder = \"{}\"", folder.display());
        Settings::parse(&text, Path::new("")).unwrap()
    }

    #[test]
    fn a_team_gets_its_files_which_its_group_may_read_and_nobody_else() {
        let place = tempfile::tempdir().unwrap();
        let list = place.path().join("night/worklists/coach-31");
        fs::create_dir_all(&list).unwrap();
        for name in ["worklist.html", "worklist.xlsx", "worklist.csv"] {
            fs::write(list.join(name), name).unwrap();
        }
        let given = place.path().join("coach-31");
        to_teams(&place.path().join("night"), &settings(&given)).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&given), 0o750);
        assert_eq!(mode(&given.join("worklist.csv")), 0o640);
        assert_eq!(fs::read(given.join("worklist.html")).unwrap(), b"worklist.html");
        assert_eq!(fs::read_dir(&given).unwrap().count(), 3);
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
