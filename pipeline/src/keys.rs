//! Keys: the secret bytes behind the order of ties and the short references of persons.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use crate::{
    error::{Error, Kind, Result},
    settings::Settings,
};

/// The keys of a night.
#[derive(Clone)]
pub struct Keys {
    folder: Option<PathBuf>,
    has_trial: bool,
}

/// Shortest key in bytes.
const LENGTH_MIN: usize = 16;
/// Bytes of a key that is made here.
pub const LENGTH: usize = 32;
/// The name of the key of the order of ties.
const TIE: &str = "tie";
/// The name of the key of the arms of a trial.
const TRIAL: &str = "trial";

/// The command that makes keys in a folder of them, and leaves alone those that are there. Whatever the folder is called,
/// a shell takes it for one; names of teams are letters, digits, `-` and `_`.
pub fn how_to_make(folder: &Path, names: &[&str]) -> String {
    let folder = PathBuf::from(for_shell(&folder.display().to_string()));
    let make = |name: &str| {
        format!("(umask 077; set -C; head -c {LENGTH} /dev/urandom > {})", path_of(&folder, name).display())
    };
    match names {
        [name] => make(name),
        names => format!("for key in {}; do {}; done", names.join(" "), make("$key")),
    }
}

/// A path as a shell reads it: in quotes where it would read anything but a plain word.
fn for_shell(path: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+,:@%".contains(c);
    if path.chars().all(is_plain) { path.to_owned() } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

fn path_of(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.key"))
}

impl Keys {
    /// The keys of a service. Research without a folder of keys uses public ones, and says so.
    ///
    /// # Errors
    /// * [`Kind::Permission`] when a production service has no folder of keys.
    pub fn of(settings: &Settings) -> Result<Keys> {
        let (folder, has_trial) = (settings.keys_folder(), settings.holdout.is_some());
        match folder.is_dir() {
            true => Ok(Keys { folder: Some(folder.to_owned()), has_trial }),
            false if settings.is_research() => Ok(Keys { folder: None, has_trial }),
            false => Err(Error::new(Kind::Permission, "there is no folder of keys")
                .file(folder.display().to_string())
                .hint("`earlycall init` makes one; [keys] folder names it")),
        }
    }

    /// The keys in a folder.
    pub fn in_folder(folder: &Path) -> Keys {
        Keys { folder: Some(folder.to_owned()), has_trial: false }
    }

    /// Whether the keys are the public ones.
    pub fn are_public(&self) -> bool {
        self.folder.is_none()
    }

    /// Makes sure that there is the key of the order of ties, that of the trial if there is one, and one for each of these teams.
    ///
    /// # Errors
    /// * [`Kind::Permission`] when some are missing, all of them in one message with the command that makes them; or when one
    ///   is too short, or readable by others; or when a team has the name of another key.
    pub fn hold_for<'t>(&self, teams: impl IntoIterator<Item = &'t str>) -> Result<()> {
        let teams: Vec<&str> = teams.into_iter().collect();
        if let Some(name) = teams.iter().find(|team| [TIE, TRIAL].contains(team)) {
            return Err(Error::new(Kind::Permission, format!("a team is called `{name}`, as another key is"))
                .hint("call it otherwise in reference_teams: its references would be made under that key"));
        }
        let Some(folder) = &self.folder else { return Ok(()) };
        let of_trial = self.has_trial.then_some(TRIAL);
        let names: Vec<&str> = [TIE].into_iter().chain(of_trial).chain(teams).collect();
        let is_missing = |name: &&&str| !path_of(folder, name).exists();
        let missing: Vec<&str> = names.iter().filter(is_missing).copied().collect();
        if missing.is_empty() {
            return names.iter().try_for_each(|name| read(&path_of(folder, name)).map(drop));
        }
        let of_teams: Vec<&str> = missing.iter().filter(|name| ![TIE, TRIAL].contains(name)).copied().collect();
        let teams = match of_teams.as_slice() {
            [] => None,
            [team] => Some(format!("team {team}")),
            teams => Some(format!("{} teams ({})", teams.len(), teams.join(", "))),
        };
        let others = [(TIE, "the order of ties"), (TRIAL, "the trial")].into_iter();
        let others = others.filter(|(name, _)| missing.contains(name)).map(|(_, what)| what.to_owned());
        let what = others.chain(teams).collect::<Vec<_>>().join(", nor for ");
        Err(Error::new(Kind::Permission, format!("there is no key for {what}"))
            .file(folder.display().to_string())
            .hint(format!("make what is missing with: {}", how_to_make(folder, &missing))))
    }

    /// The key of the order of ties.
    ///
    /// # Errors
    /// * [`Kind::Permission`] when it is missing, too short, or readable by others.
    pub fn tie(&self) -> Result<Vec<u8>> {
        self.key(TIE)
    }

    /// The key of the arms of a trial.
    ///
    /// # Errors
    /// * [`Kind::Permission`] when it is missing, too short, or readable by others.
    pub fn trial(&self) -> Result<Vec<u8>> {
        self.key(TRIAL)
    }

    /// The key of a team's person references.
    ///
    /// # Errors
    /// * [`Kind::Permission`] when it is missing, too short, or readable by others.
    pub fn team(&self, team_id: &str) -> Result<Vec<u8>> {
        self.key(team_id)
    }

    fn key(&self, name: &str) -> Result<Vec<u8>> {
        match &self.folder {
            None => Ok(format!("public key of earlycall for {name}").into_bytes()),
            Some(folder) => read(&path_of(folder, name)),
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    let refused = |what: &str| Error::new(Kind::Permission, what).file(path.display().to_string());
    let meta = fs::metadata(path).map_err(|_| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let command = how_to_make(path.parent().unwrap_or(Path::new("")), &[&name]);
        refused("there is no such key").hint(format!("make it with: {command}"))
    })?;
    if meta.permissions().mode() & 0o077 != 0 {
        return Err(refused("the key can be read by others").hint("chmod 600 the file"));
    }
    let bytes = fs::read(path).map_err(|_| refused("the key cannot be read"))?;
    if bytes.len() < LENGTH_MIN {
        return Err(refused("the key is shorter than 16 bytes").hint("make another from 32 random bytes"));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tie.key");
        fs::write(&path, [7; 32]).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(read(&path).unwrap_err().kind(), Kind::Permission);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(read(&path).unwrap(), [7; 32]);
    }

    #[test]
    fn a_shell_makes_the_keys_whatever_their_folder_is_called() {
        let parent = tempfile::tempdir().unwrap();
        for name in ["keys", "my keys", "the nurse's; $(keys)"] {
            let folder = parent.path().join(name);
            fs::create_dir(&folder).unwrap();
            for names in [&["tie"][..], &["coach-01", "coach-02"]] {
                let command = how_to_make(&folder, names);
                assert!(
                    std::process::Command::new("sh").args(["-c", &command]).status().unwrap().success(),
                    "{command}"
                );
                assert!(names.iter().all(|key| read(&path_of(&folder, key)).unwrap().len() == LENGTH), "{command}");
            }
        }
        let command = how_to_make(Path::new("my keys"), &["tie"]);
        assert_eq!(command, "(umask 077; set -C; head -c 32 /dev/urandom > 'my keys'/tie.key)");
    }

    #[test]
    fn a_team_that_is_called_as_another_key_is_refused_whatever_keys_there_are() {
        for folder in [None, Some(PathBuf::from("/nowhere"))] {
            let keys = Keys { folder, has_trial: false };
            let error = keys.hold_for(["coach-31", "trial"]).unwrap_err();
            assert!(error.kind() == Kind::Permission && error.to_string().contains("called `trial`"), "{error}");
        }
    }

    #[test]
    fn all_keys_that_are_missing_are_told_at_once_with_the_command_that_makes_them() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().display().to_string();
        let keys = Keys { folder: Some(folder.path().to_owned()), has_trial: false };
        let told = |teams: &[&str]| keys.hold_for(teams.iter().copied()).map_err(|error| error.to_string());
        let made = |name: &str| {
            fs::write(path_of(folder.path(), name), [7; 32]).unwrap();
            fs::set_permissions(path_of(folder.path(), name), fs::Permissions::from_mode(0o600)).unwrap();
        };
        assert_eq!(
            told(&["coach-01", "coach-02"]).unwrap_err(),
            format!(
                "{at}: there is no key for the order of ties, nor for 2 teams (coach-01, coach-02); hint: make what is missing \
                 with: for key in tie coach-01 coach-02; do (umask 077; set -C; head -c 32 /dev/urandom > {at}/$key.key); done"
            )
        );
        made("tie");
        made("coach-01");
        assert_eq!(
            told(&["coach-01", "coach-02"]).unwrap_err(),
            format!(
                "{at}: there is no key for team coach-02; hint: make what is missing with: (umask 077; set -C; head -c 32 \
                 /dev/urandom > {at}/coach-02.key)"
            )
        );
        made("coach-02");
        assert_eq!(told(&["coach-01", "coach-02"]), Ok(()));
        fs::set_permissions(path_of(folder.path(), "coach-02"), fs::Permissions::from_mode(0o644)).unwrap();
        assert!(told(&["coach-01", "coach-02"]).unwrap_err().contains("coach-02.key: the key can be read by others"));
        let of_trial = Keys { has_trial: true, ..keys };
        let told = of_trial.hold_for(["coach-01", "coach-03"]).unwrap_err().to_string();
        assert!(told.contains("no key for the trial, nor for team coach-03; hint:"), "{told}");
        assert!(told.contains("for key in trial coach-03;"), "{told}");
        let public = Keys { folder: None, has_trial: true };
        assert!(public.hold_for(["coach-01"]).is_ok(), "public keys are there for everybody");
    }

    #[test]
    fn a_short_key_and_a_missing_one_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("coach-31.key");
        assert_eq!(read(&path).unwrap_err().kind(), Kind::Permission);
        fs::write(&path, [7; 15]).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("shorter"));
    }
}
