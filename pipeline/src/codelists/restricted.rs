//! Concepts of the GP record that the law keeps out of secondary use (V38).

use std::{collections::BTreeSet, fs};

use earlycall_schemas::codelists::{
    import::{Format, parse},
    restricted_concepts,
};

use crate::{
    codelists::import::line_of,
    error::{Error, Kind, Result},
    settings::Settings,
    sha256::sha256,
};

/// The concepts that come with the program, and those that a service adds. There is no way to have fewer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestrictedCodes(BTreeSet<u64>);

impl Default for RestrictedCodes {
    fn default() -> RestrictedCodes {
        RestrictedCodes(restricted_concepts().clone())
    }
}

impl RestrictedCodes {
    /// The concepts of a service: those of `[extracts] restricted_codes` among them.
    ///
    /// # Errors
    /// * [`Kind::Settings`] when the file cannot be read, is not in our own format, or a row of it names no concept: a
    ///   mistyped one would keep nothing out.
    pub fn of(settings: &Settings) -> Result<RestrictedCodes> {
        let RestrictedCodes(mut concepts) = RestrictedCodes::default();
        let Some(path) = &settings.extracts.restricted_codes else { return Ok(RestrictedCodes(concepts)) };
        let refused = |message: String| {
            Error::new(Kind::Settings, message)
                .file(path.display().to_string())
                .setting("extracts.restricted_codes")
                .hint("send a CSV file with the header `code` or `code,note` and one SNOMED CT concept a line")
        };
        let bytes = fs::read(path).map_err(|error| refused(format!("cannot be read: {error}")))?;
        let list = parse(&bytes, Format::Own).map_err(|error| refused(error.to_string()))?;
        if let Some(one) = list.refused.first() {
            let message = format!("names no SNOMED CT concept: it {}", one.dialect.in_words());
            return Err(refused(message).line(line_of(one.row)));
        }
        concepts.extend(list.codes.iter().map(|code| code.id()));
        Ok(RestrictedCodes(concepts))
    }

    /// Whether a concept is kept out.
    pub fn contains(&self, concept: u64) -> bool {
        self.0.contains(&concept)
    }

    /// SHA-256 of the concepts, in hexadecimal.
    pub fn sha256(&self) -> String {
        let lines: String = self.0.iter().map(|concept| format!("{concept}\n")).collect();
        sha256(lines.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// The concepts of a service whose file holds this.
    fn with(file: &str) -> Result<RestrictedCodes> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("ours.csv"), file).unwrap();
        let settings = Settings::parse("[extracts]\nrestricted_codes = \"ours.csv\"", folder.path()).unwrap();
        RestrictedCodes::of(&settings)
    }

    #[test]
    fn what_a_service_adds_is_added_and_nothing_can_be_taken_away() {
        let plain = RestrictedCodes::of(&Settings::parse("", Path::new("")).unwrap()).unwrap();
        assert!(plain.contains(52_637_005) && !plain.contains(13_645_005));
        let ours = with("code,note\n13645005,an example\n").unwrap();
        assert!(ours.contains(52_637_005) && ours.contains(13_645_005));
        assert_ne!(ours.sha256(), plain.sha256());
    }

    #[test]
    fn a_file_that_keeps_nothing_out_is_refused_and_nothing_of_it_told() {
        for (file, words) in [
            ("code\n", "has a header and no rows"),
            ("concept\n13645005\n", "the header is neither"),
            ("code\n13645005\n13645004\n", "line 3, setting extracts.restricted_codes: names no SNOMED CT concept"),
        ] {
            let error = with(file).unwrap_err();
            let told = error.to_string();
            assert!(error.kind() == Kind::Settings && told.contains(words), "{told}");
            assert!(told.contains("extracts.restricted_codes") && !told.contains("13645004"), "{told}");
        }
        let settings = Settings::parse("[extracts]\nrestricted_codes = \"none.csv\"", Path::new("/nowhere")).unwrap();
        assert!(RestrictedCodes::of(&settings).unwrap_err().to_string().contains("cannot be read"));
    }
}
