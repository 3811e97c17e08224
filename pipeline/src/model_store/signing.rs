//! Who has let a model out: the signatures beside it, and the keys that make and check them.
//!
//! A key is a file of one line, 64 hexadecimal digits. `signatures.json` in the folder of a candidate holds the signature
//! of each of its files, 128 hexadecimal digits, so a model and its variants are signed together or not at all.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use data_encoding::HEXLOWER;
use earlycall_model::signature::{SigningKey, verify};

use crate::{
    error::{Error, Kind, Result},
    settings::Settings,
    store::export,
};

/// The signatures of a candidate, beside its files.
pub const FILE: &str = "signatures.json";

/// Makes a key from 32 random bytes: the secret one in a file of its own, the public one beside it with `.pub` at the end
/// of its name.
///
/// # Errors
/// * [`Kind::Usage`] when one of the files is there already.
/// * [`Kind::Storage`] when one cannot be written.
pub fn new_key(path: &Path, random: &[u8; 32]) -> Result<PathBuf> {
    let mut name = path.as_os_str().to_owned();
    name.push(".pub");
    let public = PathBuf::from(name);
    export::is_free(path)?;
    export::is_free(&public)?;
    let line = |bytes: &[u8; 32]| format!("{}\n", HEXLOWER.encode(bytes)).into_bytes();
    export::new_file(path, &line(random))?;
    export::new_file(&public, &line(&SigningKey::from_seed(random).public_key()))?;
    Ok(public)
}

/// Signs the files of a candidate, and gives back the public key that checks it.
///
/// # Errors
/// * [`Kind::Permission`] when the key is missing, is none, or can be read by others.
/// * [`Kind::Usage`] when the candidate is signed already.
/// * [`Kind::Storage`] when a file cannot be read or written.
pub fn sign(candidate: &Path, files: &[String], key: &Path) -> Result<[u8; 32]> {
    let key = SigningKey::from_seed(&secret(key)?);
    let signature = |file: &String| {
        let path = candidate.join(file);
        let text = fs::read_to_string(&path).map_err(|error| Error::storage(&path, "read", &error))?;
        Ok((file.clone(), HEXLOWER.encode(&key.sign(&text))))
    };
    let signatures = files.iter().map(signature).collect::<Result<BTreeMap<String, String>>>()?;
    let json = serde_json::to_vec_pretty(&signatures).expect("names and digits are plain text");
    export::new_file(&candidate.join(FILE), &json)?;
    Ok(key.public_key())
}

/// Whether a file of a model may be used here: in production it is signed with one of the keys that the settings name.
///
/// # Errors
/// * [`Kind::Model`] when it is not signed, or with no such key, or was altered since.
/// * [`Kind::Permission`] when a public key cannot be read.
pub fn check(settings: &Settings, folder: &Path, file: &str, text: &str) -> Result<()> {
    if settings.is_research() { Ok(()) } else { confirm(&settings.model.public_keys, folder, file, text) }
}

fn confirm(public_keys: &[PathBuf], folder: &Path, file: &str, text: &str) -> Result<()> {
    let refused = |what: &str, hint: &str| {
        Err(Error::new(Kind::Model, what).file(folder.join(file).display().to_string()).hint(hint))
    };
    let keys = public_keys.iter().map(|path| read_key(path)).collect::<Result<Vec<[u8; 32]>>>()?;
    if keys.is_empty() {
        let what = "nobody is known who may sign a model, and the production profile uses signed models only";
        return refused(what, "name the files of their public keys in [model] public_keys");
    }
    let signatures: BTreeMap<String, String> =
        fs::read(folder.join(FILE)).ok().and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or_default();
    let Some(signature) = signatures.get(file).and_then(|digits| HEXLOWER.decode(digits.as_bytes()).ok()) else {
        let hint = "production uses signed models only: `earlycall model sign NAME --key FILE`, then promote it";
        return refused("the model is not signed", hint);
    };
    match keys.iter().any(|key| verify(key, text, &signature).is_ok()) {
        true => Ok(()),
        false => refused(
            "the model is not signed with any key of [model] public_keys, or was altered since",
            "restore the folder as it was signed, or train again and have it signed",
        ),
    }
}

/// A secret key, which nobody else may read.
fn secret(path: &Path) -> Result<[u8; 32]> {
    let mode = fs::metadata(path).map(|meta| meta.permissions().mode());
    if mode.is_ok_and(|mode| mode & 0o077 != 0) {
        let refused = Error::new(Kind::Permission, "the key can be read by others").file(path.display().to_string());
        return Err(refused.hint("chmod 600 the file; if others may have read it, make a new key"));
    }
    read_key(path)
}

fn read_key(path: &Path) -> Result<[u8; 32]> {
    let refused = |what: &str| {
        Error::new(Kind::Permission, what)
            .file(path.display().to_string())
            .hint("`earlycall model keygen FILE` makes one: FILE is secret, FILE.pub is not")
    };
    let text = fs::read_to_string(path).map_err(|_| refused("the key cannot be read"))?;
    let bytes = HEXLOWER.decode(text.trim_end().as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| refused("is no key: one line of 64 hexadecimal digits"))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Desk(tempfile::TempDir);

    impl Desk {
        /// A candidate of two files, signed with the first of two keys.
        fn signed() -> Desk {
            let desk = Desk(tempfile::tempdir().unwrap());
            fs::create_dir(desk.path("variants")).unwrap();
            fs::write(desk.path("model.json"), "base -2.1").unwrap();
            fs::write(desk.path("variants/a.json"), "base -1.9").unwrap();
            new_key(&desk.path("one"), &[1; 32]).unwrap();
            new_key(&desk.path("other"), &[2; 32]).unwrap();
            let files = ["model.json", "variants/a.json"].map(str::to_owned);
            let public = sign(desk.0.path(), &files, &desk.path("one")).unwrap();
            assert_eq!(fs::read_to_string(desk.path("one.pub")).unwrap(), format!("{}\n", HEXLOWER.encode(&public)));
            desk
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        #[track_caller]
        fn check(&self, keys: &[&str], file: &str, text: &str, expected: Option<&str>) {
            let keys: Vec<PathBuf> = keys.iter().map(|key| self.path(key)).collect();
            match (confirm(&keys, self.0.path(), file, text), expected) {
                (Ok(()), None) => (),
                (Err(error), Some(expected)) => assert!(error.to_string().contains(expected), "{error}"),
                (found, expected) => panic!("{found:?}, but expected {expected:?}"),
            }
        }
    }

    #[test]
    fn a_model_is_used_as_it_was_signed_and_with_any_of_the_keys() {
        let desk = Desk::signed();
        desk.check(&["one.pub"], "model.json", "base -2.1", None);
        desk.check(&["other.pub", "one.pub"], "variants/a.json", "base -1.9", None);
        let not_with = Some("not signed with any key");
        desk.check(&["other.pub"], "model.json", "base -2.1", not_with);
        desk.check(&["one.pub"], "model.json", "base -2.2", not_with);
        desk.check(&["one.pub"], "model.json", "base -1.9", not_with);
        desk.check(&["one.pub"], "variants/b.json", "base -1.9", Some("the model is not signed; hint"));
        desk.check(&[], "model.json", "base -2.1", Some("nobody is known"));
        fs::remove_file(desk.path(FILE)).unwrap();
        desk.check(&["one.pub"], "model.json", "base -2.1", Some("the model is not signed; hint"));
    }

    #[test]
    fn nobody_signs_twice_or_with_a_key_that_others_can_read() {
        let desk = Desk::signed();
        let again = |key: &str| sign(desk.0.path(), &["model.json".to_owned()], &desk.path(key)).unwrap_err();
        assert_eq!(again("one").kind(), Kind::Usage);
        fs::set_permissions(desk.path("one"), fs::Permissions::from_mode(0o640)).unwrap();
        assert!(again("one").to_string().contains("can be read by others"));
        assert!(again("none").to_string().contains("the key cannot be read"));
        fs::write(desk.path("other"), "12ab").unwrap();
        fs::set_permissions(desk.path("other"), fs::Permissions::from_mode(0o600)).unwrap();
        assert!(again("other").to_string().contains("64 hexadecimal digits"));
    }

    #[test]
    fn a_new_key_is_secret_and_takes_nobody_s_place() {
        let desk = Desk::signed();
        assert_eq!(fs::metadata(desk.path("one")).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(new_key(&desk.path("one"), &[3; 32]).unwrap_err().kind(), Kind::Usage);
        assert_eq!(secret(&desk.path("one")).unwrap(), [1; 32]);
    }
}
