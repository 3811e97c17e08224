//! A folder with a table in it, and the program to run there.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::TempDir;

/// Stays of 400 people, two to a person: age, ward (a word), admissions (sometimes missing), and whether somebody came
/// back. The old come back more often, on ward b most.
pub fn stays() -> String {
    let mut text = "stay,came_back,age_years,ward,admissions_n\n".to_owned();
    for stay in 0..800_u32 {
        let dice = |n: u32, sides: u32| (stay * 7919 + n * 104_729 + (stay * stay) % 613) % sides;
        let (age, ward, admissions) = (20 + dice(1, 70), ["a", "b", "c"][dice(2, 3) as usize], dice(3, 5));
        let chance = 5 + age / 2 + if ward == "b" { 25 } else { 0 } + 4 * admissions;
        let missing = dice(4, 9) == 0;
        let admissions = if missing { String::new() } else { admissions.to_string() };
        text += &format!("p{},{},{age},{ward},{admissions}\n", stay / 2, u8::from(dice(5, 100) < chance));
    }
    text
}

/// A folder to work in.
pub struct Desk {
    folder: TempDir,
}

impl Desk {
    pub fn new() -> Desk {
        Desk { folder: tempfile::tempdir().unwrap() }
    }

    /// A desk with a model `m` of the stays.
    pub fn with_model() -> Desk {
        let desk = Desk::new();
        desk.put("stays.csv", &stays());
        desk.must(&FIT);
        desk
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn put(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Exit code, stdout and stderr of a command that runs in the folder.
    pub fn run(&self, args: &[&str]) -> (i32, String, String) {
        run_in(self.folder.path(), args)
    }

    #[track_caller]
    pub fn must(&self, args: &[&str]) -> String {
        let (code, out, err) = self.run(args);
        assert_eq!(code, 0, "{err}");
        out
    }

    /// What a command says that fails.
    #[track_caller]
    pub fn refused(&self, args: &[&str], expected: i32) -> String {
        let (code, _, err) = self.run(&[args, &["--quiet"]].concat());
        assert_eq!(code, expected, "{err}");
        err.trim_end().trim_start_matches("earlycall: ").to_owned()
    }
}

fn run_in(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } =
        Command::new(env!("CARGO_BIN_EXE_earlycall")).current_dir(folder).args(args).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

/// Fits `m` to `stays.csv`.
pub const FIT: [&str; 12] =
    ["model", "fit", "--train", "stays.csv", "--label", "came_back", "--id", "stay", "--out", "m", "--pairs", "2"];

/// Gives the rows of `new.csv` their risks by `m`, in `risks.csv`.
pub const PREDICT: [&str; 8] = ["model", "predict", "--model", "m", "--data", "new.csv", "--out", "risks.csv"];
