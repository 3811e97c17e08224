//! The folder of a re-identification service, which must be its user's alone, and out of reach of the program that scores.

use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use crate::{
    error::{Error, Kind, Result},
    reid::{identities, settings},
    settings::Settings,
    store::folder,
};

/// A folder that belongs, with all that is in it, to the user that the program runs as, and that nobody else can read.
#[derive(Clone, Debug)]
pub struct Place(PathBuf);

impl Place {
    /// Looks at the folder and everything in it.
    ///
    /// # Errors
    /// * [`Kind::Permission`] when something belongs to another user, may be read or written by others, or is a link.
    /// * [`Kind::Settings`] when there is no such folder.
    pub fn enter(folder: &Path) -> Result<Place> {
        let own =
            fs::metadata("/proc/self").map_err(|error| Error::storage(Path::new("/proc/self"), "read", &error))?;
        if !folder.is_dir() {
            return Err(Error::new(Kind::Settings, "there is no such folder")
                .file(folder.display().to_string())
                .hint("make one with `earlycall-reid init DIR`, or name it with --folder"));
        }
        is_closed(folder, own.uid())?;
        Ok(Place(folder.to_owned()))
    }

    /// A folder whose files tests have made.
    #[cfg(test)]
    pub(super) fn unlooked_at(folder: &Path) -> Place {
        Place(folder.to_owned())
    }

    /// The folder itself.
    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// A file in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

fn is_closed(path: &Path, uid: u32) -> Result<()> {
    let refused =
        |what: &str, hint: &str| Err(Error::new(Kind::Permission, what).file(path.display().to_string()).hint(hint));
    let meta = fs::symlink_metadata(path).map_err(|error| Error::storage(path, "look at it", &error))?;
    if !(meta.is_file() || meta.is_dir()) {
        return refused("is a link, or no file, and who can read it is not known", "put the file itself here");
    }
    if meta.uid() != uid {
        return refused("belongs to another user", "run this as the user that owns all of the folder, or chown it");
    }
    if meta.mode() & 0o077 != 0 {
        let hint = "chmod -R go= the folder; if others may have read it, that is a data incident";
        return refused("can be read or written by others", hint);
    }
    if meta.is_dir() {
        for name in folder::names(path)? {
            is_closed(&path.join(name), uid)?;
        }
    }
    Ok(())
}

/// Refuses to score where the program can reach a re-identification service: one of its folders is that of one, lies in it,
/// or has it directly in itself. What another user has closed to this one is not seen, and need not be.
///
/// # Errors
/// * [`Kind::Permission`] when one is within reach (R1).
pub fn refuse_within_reach(config: &Path, settings: &Settings) -> Result<()> {
    let base = match config.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let own = [
        base,
        settings.state_folder(),
        settings.output_folder(),
        settings.keys_folder(),
        settings.model_folder(),
        settings.code_lists_folder(),
        &settings.extracts.folder,
    ];
    let delivered = settings.delivery.values().map(|delivery| delivery.folder.as_path());
    let mut made = own.into_iter().chain(delivered).filter_map(|folder| fs::canonicalize(folder).ok());
    match made.find_map(|folder| near(&folder)) {
        None => Ok(()),
        Some(found) => {
            Err(Error::new(Kind::Permission, "here is who people are, and the program that scores can read it")
                .file(found.display().to_string())
                .hint("keep it in a folder of another user, apart from those of the settings"))
        }
    }
}

/// The folder of a re-identification service that this one is, lies in, or has directly in itself.
fn near(folder: &Path) -> Option<PathBuf> {
    let within = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut places = folder.ancestors().map(Path::to_owned).chain(within);
    places.find(|path| [settings::FILE, identities::FILE].iter().any(|name| path.join(name).exists()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn uid(path: &Path) -> u32 {
        fs::metadata(path).unwrap().uid()
    }

    #[track_caller]
    fn refused(place: &Path, uid: u32, expected: &str) {
        let error = is_closed(place, uid).unwrap_err();
        assert_eq!(error.kind(), Kind::Permission);
        assert!(error.to_string().contains(expected), "{error}");
    }

    #[test]
    fn a_folder_or_file_that_others_can_read_or_own_or_a_link_is_refused() {
        let parent = tempfile::tempdir().unwrap();
        let place = parent.path().join("reid");
        let chmod = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        fs::create_dir(&place).unwrap();
        chmod(&place, 0o700);
        let file = place.join("identity_map.age");
        fs::write(&file, "sealed").unwrap();
        chmod(&file, 0o600);
        is_closed(&place, uid(&place)).unwrap();
        refused(&place, uid(&place) + 1, "belongs to another user");
        for (path, mode, closed) in [(&file, 0o640, 0o600), (&file, 0o602, 0o600), (&place, 0o710, 0o700)] {
            chmod(path, mode);
            refused(&place, uid(&place), "can be read or written by others");
            chmod(path, closed);
        }
        std::os::unix::fs::symlink(&file, place.join("link")).unwrap();
        refused(&place, uid(&place), "link: is a link");
    }

    #[test]
    fn what_scores_does_not_start_beside_in_or_around_a_re_identification_folder() {
        let parent = tempfile::tempdir().unwrap();
        let (service, reid) = (parent.path().join("service"), parent.path().join("reid"));
        fs::create_dir_all(service.join("out")).unwrap();
        fs::create_dir_all(reid.join("out")).unwrap();
        let tried = |service: &Path, text: &str| {
            refuse_within_reach(&service.join("earlycall.toml"), &Settings::parse(text, service).unwrap())
        };
        fs::write(reid.join(settings::FILE), "").unwrap();
        tried(&service, "").unwrap();
        let inside = format!("[output]\nfolder = \"{}\"", reid.join("out").display());
        assert_eq!(tried(&service, &inside).unwrap_err().kind(), Kind::Permission);
        assert_eq!(tried(parent.path(), "").unwrap_err().kind(), Kind::Permission, "it lies in the service's folder");
        fs::write(service.join(identities::FILE), "").unwrap();
        assert_eq!(tried(&service, "").unwrap_err().kind(), Kind::Permission);
    }
}
