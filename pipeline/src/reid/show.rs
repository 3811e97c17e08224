//! Who stands behind one reference. Whatever is asked is in the audit before it is answered.

use super::{
    access::{Access, Denial},
    audit::{Asked, Audit, Outcome, What},
    identities::{self, Identity},
    place::Place,
    settings::Settings,
};
use crate::{
    day::{Day, Instant},
    error::{Error, Kind, Result},
    keys::Keys,
    worklist::person_ref::PersonRefs,
};

/// The folder of the teams' keys, which are those of the service that scores.
pub const KEYS: &str = "keys";

/// A question: of one line, by one user, for one reason.
#[derive(Clone, Debug)]
pub struct Question {
    /// The user of the system.
    pub login: String,
    /// Of which team's list.
    pub team_id: String,
    /// The reference on the line.
    pub person_ref: String,
    /// A declared reason.
    pub reason: String,
    /// When it is asked.
    pub at: Instant,
}

impl Question {
    /// Tells who the person is, to whoever may know.
    ///
    /// # Errors
    /// * [`Kind::Permission`] when the user may not, or the person's practice alone may tell.
    /// * [`Kind::Usage`] when nobody has the reference in this team, or two people have.
    /// * [`Kind::Storage`] when the audit is damaged or cannot be written, or the map is damaged: then nothing is told.
    pub fn answer(&self, place: &Place, settings: &Settings) -> Result<Identity> {
        let mut audit = Audit::open(place, settings)?;
        let user_id = settings.users.get(&self.login).map(String::as_str);
        let found = self.find(user_id, &audit, place, settings);
        let outcome = found.as_ref().map_or_else(|refusal| refusal.outcome, |_| Outcome::Granted);
        let asked = Asked {
            user_id: user_id.map(str::to_owned),
            team_id: self.team_id.clone(),
            person_ref: self.person_ref.clone(),
            reason: self.reason.clone(),
            outcome,
        };
        audit.add(self.at, &self.login, What::Show(asked))?;
        found.map_err(|refusal| refusal.error)
    }

    fn find(
        &self,
        user_id: Option<&str>,
        audit: &Audit,
        place: &Place,
        settings: &Settings,
    ) -> Result<Identity, Refusal> {
        let Some(user_id) = user_id else {
            return Err(refusal(
                Outcome::UnknownUser,
                Kind::Permission,
                "the settings do not know the user who runs this",
                "somebody who answers for the service adds them to [users] of reid.toml",
            ));
        };
        let today = Day::of(self.at);
        if let Some(denial) = Access::read(place)?.denial(user_id, &self.team_id, today) {
            return Err(denied(denial));
        }
        let n_max = settings.limits.shown_per_day_max;
        if audit.n_granted(user_id, today) >= n_max {
            return Err(refusal(
                Outcome::DayIsFull,
                Kind::Permission,
                &format!("you were told of {n_max} people today, and more is not allowed"),
                "go on tomorrow, or ask whoever answers for the service",
            ));
        }
        let refs = PersonRefs::new(&Keys::in_folder(&place.path(KEYS)).team(&self.team_id)?);
        let mut found = identities::find(place, |person| refs.of(person) == self.person_ref)?;
        match (found.pop(), found.is_empty()) {
            (Some(identity), true) if identity.is_confidential => Err(refusal(
                Outcome::Confidential,
                Kind::Permission,
                "this record is protected, and the practice alone may tell who it is",
                "ask the person's practice, with the reference",
            )),
            (Some(identity), true) => Ok(identity),
            (Some(_), false) => Err(refusal(
                Outcome::SharedReference,
                Kind::Usage,
                "two people have this reference, so neither is told",
                "do not call; ask the practice on the line",
            )),
            (None, _) => Err(refusal(
                Outcome::NoSuchReference,
                Kind::Usage,
                "nobody has this reference in this team",
                "look at the line again; references differ between teams, and new people come with the next identity map",
            )),
        }
    }
}

/// Why nothing is told, for the audit and for whoever asked.
#[derive(Debug)]
struct Refusal {
    outcome: Outcome,
    error: Error,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Refusal {
        Refusal { outcome: Outcome::Failed, error }
    }
}

fn refusal(outcome: Outcome, kind: Kind, what: &str, what_to_do: &str) -> Refusal {
    Refusal { outcome, error: Error::new(kind, what).hint(what_to_do) }
}

fn denied(denial: Denial) -> Refusal {
    let (outcome, what) = match denial {
        Denial::NoRight => (Outcome::NoRight, "you have no right to this team's people"),
        Denial::NotToday => (Outcome::NotToday, "your right to this team's people has ended, or has not begun"),
        Denial::MayNotReidentify => {
            (Outcome::MayNotReidentify, "your role in this team does not let you know who people are")
        }
    };
    refusal(outcome, Kind::Permission, what, "whoever keeps user_access can change that; then it is loaded again")
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;
    use crate::{
        encryption,
        history::records::PersonKey,
        reid::{access, audit},
    };

    const TEAM_KEY: [u8; 32] = [7; 32];

    /// A service with three people, of whom one is protected and one stands there twice, and four users.
    struct Desk {
        folder: tempfile::TempDir,
        settings: Settings,
    }

    impl Desk {
        fn new() -> Desk {
            let folder = tempfile::tempdir().unwrap();
            let write = |name: &str, bytes: &[u8]| {
                let path = folder.path().join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(&path, bytes).unwrap();
                fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            };
            let (key, recipient) = encryption::new_key();
            let row = |n: u8, name: &str, number: &str, is_confidential: bool| {
                format!("{n:064x},{number},1950-05-03,Example,{name},020 7946 0000,{is_confidential}\n")
            };
            let map = [
                "person_id,nhs_number,date_of_birth,family_name,given_name,phone,is_confidential\n".to_owned(),
                row(1, "Ada", "9990000018", false),
                row(2, "Berta", "9990000026", true),
                row(3, "Carl", "9990000034", false),
                row(3, "Dora", "9990000042", false),
            ];
            let recipient = encryption::parse_recipient(&recipient).unwrap();
            write(identities::KEY, key.as_bytes());
            write(identities::FILE, &encryption::encrypt(&[recipient], map.concat().as_bytes()));
            write("keys/coach-31.key", &TEAM_KEY);
            write(&format!("{}/{}", audit::FOLDER, audit::HEAD), &audit::first_head());
            let rights = "user_id,team_id,role,may_reidentify,valid_from,valid_to\n\
                          u-17,coach-31,coach,true,2026-01-01,\n\
                          u-18,coach-31,coach,true,2026-01-01,2026-06-30\n\
                          u-19,coach-31,analyst,true,2026-01-01,\n";
            write(access::FILE, rights.as_bytes());
            let text =
                "[limits]\nshown_per_day_max = 2\n[users]\njsmith = \"u-17\"\nbjones = \"u-18\"\nckhan = \"u-19\"";
            Desk { folder, settings: Settings::parse(text).unwrap() }
        }

        fn place(&self) -> Place {
            Place::unlooked_at(self.folder.path())
        }

        fn ask(&self, login: &str, team_id: &str, person_ref: &str, at: &str) -> Result<Identity> {
            let question = Question {
                login: login.to_owned(),
                team_id: team_id.to_owned(),
                person_ref: person_ref.to_owned(),
                reason: "call".to_owned(),
                at: Instant::parse(at).unwrap(),
            };
            question.answer(&self.place(), &self.settings)
        }

        fn audit(&self) -> String {
            fs::read_to_string(self.folder.path().join("audit/2026-11.jsonl")).unwrap_or_default()
        }
    }

    const NOON: &str = "2026-11-20T12:00:00Z";

    fn reference(n: u8) -> String {
        PersonRefs::new(&TEAM_KEY).of(PersonKey::parse(&format!("{n:064x}")).unwrap())
    }

    #[test]
    fn whoever_may_is_told_of_one_person_and_the_audit_says_so_without_saying_who() {
        let desk = Desk::new();
        let identity = desk.ask("jsmith", "coach-31", &reference(1), NOON).unwrap();
        assert_eq!((identity.name.as_str(), identity.nhs_number.as_str()), ("Ada Example", "9990000018"));
        let audit = desk.audit();
        for told in ["u-17", "jsmith", "coach-31", &reference(1), "\"call\"", "\"granted\"", "2026-11-20T12:00:00Z"] {
            assert!(audit.contains(told), "{told}");
        }
        for kept in ["Ada", "Example", "9990000018", "1950-05-03", "7946", &format!("{:064x}", 1)] {
            assert!(!audit.contains(kept), "{kept}");
        }
    }

    #[test]
    fn whoever_may_not_is_told_nothing_and_each_attempt_is_in_the_audit_with_its_cause() {
        let desk = Desk::new();
        for (login, team_id, n, outcome, kind) in [
            ("stranger", "coach-31", 1, "unknown_user", Kind::Permission),
            ("jsmith", "coach-32", 1, "no_right", Kind::Permission),
            ("bjones", "coach-31", 1, "not_today", Kind::Permission),
            ("ckhan", "coach-31", 1, "may_not_reidentify", Kind::Permission),
            ("jsmith", "coach-31", 9, "no_such_reference", Kind::Usage),
            ("jsmith", "coach-31", 3, "shared_reference", Kind::Usage),
            ("jsmith", "coach-31", 2, "confidential", Kind::Permission),
        ] {
            let error = desk.ask(login, team_id, &reference(n), NOON).unwrap_err();
            assert_eq!(error.kind(), kind, "{outcome}");
            let told = error.to_string();
            assert!(["Ada", "Berta", "Carl", "Dora", "999000"].iter().all(|word| !told.contains(word)), "{told}");
            let audit = desk.audit();
            assert!(
                audit.lines().last().unwrap().contains(&format!("\"outcome\":\"{outcome}\"")),
                "{outcome}: {audit}"
            );
        }
        assert_eq!(desk.audit().lines().count(), 7);
        assert!(desk.ask("jsmith", "coach-31", &reference(2), NOON).unwrap_err().to_string().contains("practice"));
    }

    #[test]
    fn nobody_is_told_of_more_people_in_a_day_than_the_settings_allow() {
        let desk = Desk::new();
        let ask = |at: &str| desk.ask("jsmith", "coach-31", &reference(1), at);
        ask("2026-11-20T00:10:00Z").unwrap();
        desk.ask("jsmith", "coach-31", &reference(9), NOON).unwrap_err(); // who is told nothing has used nothing up
        ask(NOON).unwrap();
        assert_eq!(ask("2026-11-20T23:50:00Z").unwrap_err().kind(), Kind::Permission);
        assert!(desk.audit().lines().last().unwrap().contains("day_is_full"));
        ask("2026-11-21T00:10:00Z").unwrap();
    }

    #[test]
    fn what_cannot_be_written_down_is_not_told() {
        let desk = Desk::new();
        fs::remove_dir_all(desk.folder.path().join(audit::FOLDER)).unwrap();
        assert_eq!(desk.ask("jsmith", "coach-31", &reference(1), NOON).unwrap_err().kind(), Kind::Storage);
    }

    #[test]
    fn without_the_map_its_key_or_the_team_s_nobody_is_told_and_the_attempt_is_written_down() {
        for (lost, kind) in [
            (identities::FILE, Kind::Storage),
            (identities::KEY, Kind::Permission),
            ("keys/coach-31.key", Kind::Permission),
            (access::FILE, Kind::Storage),
        ] {
            let desk = Desk::new();
            fs::remove_file(desk.folder.path().join(lost)).unwrap();
            assert_eq!(desk.ask("jsmith", "coach-31", &reference(1), NOON).unwrap_err().kind(), kind, "{lost}");
            assert!(desk.audit().contains("\"failed\""), "{lost}");
        }
        let desk = Desk::new();
        let path = desk.folder.path().join(identities::FILE);
        let sealed = fs::read(&path).unwrap();
        fs::write(&path, &sealed[..sealed.len() - 1]).unwrap();
        assert_eq!(desk.ask("jsmith", "coach-31", &reference(1), NOON).unwrap_err().kind(), Kind::Storage);
    }
}
