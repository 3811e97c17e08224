//! Keys: the secret bytes behind the order of ties and the short references of persons.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use crate::{
    error::{Error, Kind, Result},
    settings::Settings,
};

/// The keys of a night.
#[derive(Clone)]
pub struct Keys {
    folder: Option<std::path::PathBuf>,
}

/// Shortest key in bytes.
const LENGTH_MIN: usize = 16;

impl Keys {
    /// The keys of a service. Research without a folder of keys uses public ones, and says so.
    ///
    /// # Errors
    /// * [`Kind::Permission`] when a production service has no folder of keys.
    pub fn of(settings: &Settings) -> Result<Keys> {
        let folder = settings.keys_folder();
        match folder.is_dir() {
            true => Ok(Keys { folder: Some(folder.to_owned()) }),
            false if settings.is_research() => Ok(Keys { folder: None }),
            false => Err(Error::new(Kind::Permission, "there is no folder of keys")
                .file(folder.display().to_string())
                .hint("`earlycall init` makes one; [keys] folder names it")),
        }
    }

    /// Whether the keys are the public ones.
    pub fn are_public(&self) -> bool {
        self.folder.is_none()
    }

    /// The key of the order of ties.
    ///
    /// # Errors
    /// * [`Kind::Permission`] when it is missing, too short, or readable by others.
    pub fn tie(&self) -> Result<Vec<u8>> {
        self.key("tie")
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
            Some(folder) => read(&folder.join(format!("{name}.key"))),
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    let refused = |what: &str| Error::new(Kind::Permission, what).file(path.display().to_string());
    let meta = fs::metadata(path).map_err(|_| {
        refused("there is no such key").hint("make it with: (umask 077; head -c 32 /dev/urandom > FILE)")
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
    fn a_short_key_and_a_missing_one_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("coach-31.key");
        assert_eq!(read(&path).unwrap_err().kind(), Kind::Permission);
        fs::write(&path, [7; 15]).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("shorter"));
    }
}
