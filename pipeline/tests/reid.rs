//! The program `earlycall-reid` as its users start it: one folder, one line at a time, and an audit of all of it.

use std::{
    fs,
    io::Write,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use earlycall::{
    day::Day,
    history::records::PersonKey,
    reid::{clock, identities, who},
    worklist::person_ref::person_ref,
};

const TEAM_KEY: [u8; 32] = [7; 32];
const MAP: &str = "person_id,nhs_number,date_of_birth,family_name,given_name,phone,is_confidential\n";

struct Desk(tempfile::TempDir);

impl Desk {
    /// A service that knows one person, and the user who runs these tests as a coach.
    fn new() -> Desk {
        let desk = Desk(tempfile::tempdir().unwrap());
        let made = Command::new(env!("CARGO_BIN_EXE_earlycall-reid")).arg("init").arg(desk.folder()).output().unwrap();
        assert!(made.status.success(), "{made:?}");
        let login = who::name_of(who::logged_in().unwrap());
        let settings = fs::read_to_string(desk.folder().join("reid.toml")).unwrap();
        fs::write(desk.folder().join("reid.toml"), format!("{settings}{login} = \"u-17\"\n")).unwrap();
        let key = desk.folder().join("keys/coach-31.key");
        fs::write(&key, TEAM_KEY).unwrap();
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
        let today = Day::of(clock::now());
        let header = "user_id,team_id,role,may_reidentify,valid_from,valid_to";
        desk.load("user_access", &format!("{header}\nu-17,coach-31,coach,true,{today},\n"));
        desk.load(
            "identity_map",
            &format!("{MAP}{},9990000018,1950-05-03,Example,Ada,020 7946 0000,false\n", person()),
        );
        desk
    }

    fn folder(&self) -> PathBuf {
        self.0.path().join("reid")
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_earlycall-reid"));
        command.arg("--folder").arg(self.folder()).args(arguments).output().unwrap()
    }

    fn try_load(&self, table: &str, text: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_earlycall-reid"));
        command.arg("--folder").arg(self.folder()).args(["load", table, "-"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }

    fn load(&self, table: &str, text: &str) {
        let loaded = self.try_load(table, text);
        assert!(loaded.status.success(), "{loaded:?}");
    }

    fn show(&self) -> Output {
        let reference = person_ref(&TEAM_KEY, PersonKey::parse(&person()).unwrap());
        self.run(&["show", "--team", "coach-31", "--ref", &reference, "--reason", "call"])
    }
}

fn person() -> String {
    format!("{:064x}", 1)
}

fn words(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_coach_is_told_who_a_line_is_and_the_audit_verifies() {
    let desk = Desk::new();
    let shown = desk.show();
    assert_eq!(
        words(&shown.stdout),
        "name           Ada Example\ndate of birth  3 May 1950\nNHS number     999 000 0018\ntelephone      020 7946 0000\n"
    );
    let verified = words(&desk.run(&["audit", "verify"]).stdout);
    assert!(verified.starts_with("3 entries, none altered or missing; head 3:"), "{verified}");
    let head = verified.trim().rsplit(' ').next().unwrap();
    assert!(desk.run(&["audit", "verify", "--kept", head]).status.success());
    assert_eq!(desk.run(&["audit", "verify", "--kept", &head.replace("3:", "2:")]).status.code(), Some(14));
}

#[test]
fn whoever_may_show_alone_cannot_name_another_folder() {
    // A rule of sudo that ends in `show *` lets them type whatever comes after it.
    let (desk, other) = (Desk::new(), Desk::new());
    let reference = person_ref(&TEAM_KEY, PersonKey::parse(&person()).unwrap());
    let elsewhere = other.folder().display().to_string();
    let asked = ["show", "--team", "coach-31", "--ref", &reference, "--reason", "call", "--folder", &elsewhere];
    let refused = desk.run(&asked);
    assert_eq!((refused.status.code(), words(&refused.stdout)), (Some(2), String::new()));
}

#[test]
fn a_map_that_is_refused_leaves_the_one_before_and_says_nothing_of_anybody() {
    let desk = Desk::new();
    let refused = desk.try_load("identity_map", &format!("{MAP}{},9990000019,,Example,Berta,,false\n", person()));
    assert_eq!(refused.status.code(), Some(11));
    let told = words(&refused.stderr);
    assert!(told.contains("standard input, row 1, column nhs_number, rule V24: "), "{told}");
    assert!(!told.contains("9990000019") && !told.contains("Berta"), "{told}");
    assert!(words(&desk.show().stdout).contains("Ada Example"));
}

#[test]
fn each_way_to_fail_has_its_exit_code() {
    let desk = Desk::new();
    let code = |arguments: &[&str]| desk.run(arguments).status.code();
    assert_eq!(code(&["show", "--team", "coach-31", "--ref", "ABCDEFGH27", "--reason", "curious"]), Some(2));
    assert_eq!(code(&["show", "--team", "coach-32", "--ref", "ABCDEFGH27", "--reason", "call"]), Some(16));
    assert_eq!(code(&["show", "--team", "coach-31", "--ref", "ABCDEFGH27", "--reason", "call"]), Some(2));
    fs::write(desk.folder().join("reid.toml"), "[limits]\nper_day = 5").unwrap();
    assert_eq!(desk.show().status.code(), Some(10));
    fs::set_permissions(desk.folder(), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(desk.show().status.code(), Some(16));
}

/// R1: another user of the machine, such as the one that scores, cannot open the map.
#[test]
fn another_user_cannot_open_what_tells_who_people_are() {
    let desk = Desk::new();
    for name in [identities::FILE, identities::KEY, "user_access.csv", "audit/head.json"] {
        assert_eq!(fs::metadata(desk.folder().join(name)).unwrap().mode() & 0o777, 0o600, "{name}");
    }
    assert_eq!(fs::metadata(desk.folder()).unwrap().mode() & 0o777, 0o700);
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    if !is_root || !Path::new("/usr/bin/setpriv").exists() {
        eprintln!("skipped: only root, with setpriv, can become another user and try");
        return;
    }
    fs::set_permissions(desk.0.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let as_nobody = |path: &Path| {
        let drop = ["--reuid=65534", "--regid=65534", "--clear-groups", "cat"];
        Command::new("/usr/bin/setpriv").args(drop).arg(path).output().unwrap()
    };
    let open = desk.0.path().join("open");
    fs::write(&open, "anybody may").unwrap();
    fs::set_permissions(&open, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(words(&as_nobody(&open).stdout), "anybody may", "else this proves nothing");
    let refused = as_nobody(&desk.folder().join(identities::FILE));
    assert!(!refused.status.success() && refused.stdout.is_empty(), "{refused:?}");
}

#[test]
fn what_scores_refuses_to_run_where_it_can_read_who_people_are() {
    let desk = Desk::new();
    let settings = desk.0.path().join("earlycall.toml");
    fs::write(&settings, "[profile]\nkind = \"research\"\n").unwrap();
    let mut earlycall = Command::new(env!("CARGO_BIN_EXE_earlycall"));
    let said = earlycall.arg("--config").arg(&settings).arg("check").output().unwrap();
    assert_eq!(said.status.code(), Some(16), "{said:?}");
    assert!(words(&said.stderr).contains("the program that scores can read it"));
}
