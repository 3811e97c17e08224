//! The command line of `earlycall-reid`, a program of its own.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use clap::{Parser, Subcommand};
use earlycall_schemas::identities::{identities_markdown, reasons};

use super::usage;
use crate::{
    encryption,
    error::{Error, Result},
    reid::{
        audit::{self, Audit, Head},
        clock, identities,
        load::{Table, load},
        place::Place,
        settings::{self, Settings},
        show::{KEYS, Question},
        who,
    },
    store::{export, folder::NewFile},
    worklist::person_ref,
};

/// Tells who stands behind one reference of a team's worklist, to somebody who may know, and writes down that it did.
#[derive(Debug, Parser)]
#[command(name = "earlycall-reid", version, max_term_width = 100)]
pub struct ReidCli {
    /// The folder of the service, which belongs to the user that runs this and to nobody else.
    #[arg(long, default_value = ".", value_name = "DIR")]
    folder: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make the folder of a new service: settings, the key of the identity map, the reference of the tables.
    Init {
        /// A folder that is not there yet.
        dir: PathBuf,
    },
    /// Take in a table, in the place of what was there; a row that is wrong refuses it whole.
    Load {
        /// Which one.
        table: Table,
        /// The CSV file; `-` reads it from standard input, so that no plain copy need be on a disk.
        file: PathBuf,
    },
    /// Tell who stands behind one reference. Each attempt is in the audit before it is answered.
    Show {
        /// The team whose list has the line.
        #[arg(long, value_name = "TEAM")]
        team: String,
        /// The reference on the line, ten letters and digits.
        #[arg(long = "ref", value_name = "REF")]
        person_ref: String,
        #[arg(long, value_name = "REASON", help = format!("Why: {}", reason_codes()))]
        reason: String,
    },
    /// Look at the audit.
    #[command(subcommand)]
    Audit(AuditCommand),
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Look for an altered byte, a missing line and a lost end, and print the head, for somebody else to keep.
    Verify {
        /// A head that was kept, as this command prints it: the audit must go on from there.
        #[arg(long, value_name = "ENTRIES:SHA256")]
        kept: Option<String>,
    },
}

impl ReidCli {
    /// Does what was asked.
    ///
    /// # Errors
    /// Whatever the command meets; the kind decides the exit code.
    pub fn run(&self) -> Result<()> {
        if let Command::Init { dir } = &self.command {
            return init(dir);
        }
        let place = Place::enter(&self.folder)?;
        let settings = Settings::load(&place)?;
        match &self.command {
            Command::Init { .. } => unreachable!("it is done above"),
            Command::Load { table, file } => take_in(&place, &settings, *table, file),
            Command::Show { team, person_ref, reason } => {
                let question = Question {
                    login: who::name_of(who::logged_in()?),
                    team_id: name(team)?,
                    person_ref: reference(person_ref)?,
                    reason: reason_of(reason)?,
                    at: clock::now(),
                };
                tell(&question.answer(&place, &settings)?);
                Ok(())
            }
            Command::Audit(AuditCommand::Verify { kept }) => {
                let Head { entries, sha256 } = Audit::verify(&place, kept.as_deref().map(head).transpose()?)?;
                tell!("{entries} entries, none altered or missing; head {entries}:{sha256}");
                Ok(())
            }
        }
    }
}

fn init(dir: &Path) -> Result<()> {
    let (key, _) = encryption::new_key();
    let files = [
        NewFile::new(settings::FILE, settings::TEMPLATE.as_bytes().to_vec()),
        NewFile::new("reference.md", identities_markdown().into_bytes()),
        NewFile::new(identities::KEY, key.into_bytes()),
        NewFile::new(format!("{}/{}", audit::FOLDER, audit::HEAD), audit::first_head()),
    ];
    export::new_folder(dir, &files)?;
    let dir = super::shown(dir);
    tell!("made {dir}");
    tell!(
        "next: name its users in {dir}/{}, copy the teams' keys of the service that scores to {dir}/{KEYS}, then",
        settings::FILE
    );
    tell!("  earlycall-reid --folder {dir} load user_access FILE");
    tell!("  earlycall-reid --folder {dir} load identity_map FILE");
    Ok(())
}

fn take_in(place: &Place, settings: &Settings, table: Table, file: &Path) -> Result<()> {
    if file == Path::new("-") {
        let n_rows = load(place, settings, table, std::io::stdin().lock(), "standard input")?;
        tell!("loaded: {n_rows} rows");
        return Ok(());
    }
    let source = File::open(file).map_err(|error| Error::storage(file, "open", &error))?;
    let n_rows = load(place, settings, table, source, &file.display().to_string())?;
    tell!("loaded: {n_rows} rows");
    if table == Table::IdentityMap {
        tell!("it is kept sealed; delete {}", file.display());
    }
    Ok(())
}

fn tell(identity: &identities::Identity) {
    let known = |text: Option<&str>| text.filter(|text| !text.is_empty()).unwrap_or("No data").to_owned();
    tell!("name           {}", known(Some(&identity.name)));
    tell!(
        "date of birth  {}",
        known(identity.date_of_birth.as_deref().and_then(crate::day::Day::parse).map(|day| day.in_words()).as_deref())
    );
    let number = &identity.nhs_number;
    tell!("NHS number     {} {} {}", &number[..3], &number[3..6], &number[6..]);
    tell!("telephone      {}", known(identity.phone.as_deref()));
}

/// A name of a team: what may be a name of a file, and no note about anybody. What was typed is never repeated.
fn name(text: &str) -> Result<String> {
    let is_name =
        (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    if is_name { Ok(text.to_owned()) } else { Err(usage("--team is up to 64 letters, digits, `-` and `_`")) }
}

fn reference(text: &str) -> Result<String> {
    let text = text.to_ascii_uppercase();
    let is_one = text.len() == person_ref::LENGTH && text.bytes().all(|b| matches!(b, b'A'..=b'Z' | b'2'..=b'7'));
    if is_one {
        Ok(text)
    } else {
        Err(usage("--ref is ten of the letters A to Z and the digits 2 to 7, as on the line"))
    }
}

fn reason_of(text: &str) -> Result<String> {
    match reasons().iter().find(|reason| reason.code == text) {
        Some(reason) => Ok(reason.code.clone()),
        None => Err(usage(&format!("--reason is none that is declared; there are: {}", reason_codes()))),
    }
}

fn reason_codes() -> String {
    reasons().iter().map(|reason| reason.code.as_str()).collect::<Vec<_>>().join(", ")
}

fn head(text: &str) -> Result<Head> {
    let parts = text.split_once(':').and_then(|(entries, sha256)| Some((entries.parse().ok()?, sha256)));
    let (entries, sha256) = parts.ok_or_else(|| usage("--kept is a number, a colon and 64 hexadecimal digits"))?;
    Ok(Head { entries, sha256: sha256.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_read_or_refused_and_never_repeated() {
        assert_eq!(reference("abcdefgh27").unwrap(), "ABCDEFGH27");
        assert_eq!(reason_of("clinical_review").unwrap(), "clinical_review");
        let refused =
            [name("Ada Smith"), reference("Ada Smith"), reference("ABCDEFGH20"), reason_of("Ada Smith"), name("")];
        for answer in refused {
            let error = answer.unwrap_err();
            assert_eq!(error.kind(), crate::error::Kind::Usage);
            assert!(!error.to_string().contains("Ada Smith"), "{error}");
        }
        assert_eq!(head("2:ab").unwrap(), Head { entries: 2, sha256: "ab".to_owned() });
        assert!(head("ab").is_err());
    }
}
