//! `earlycall codelists`: from a published file into the folder of a service.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use earlycall::codelists::CodeLists;
use tempfile::TempDir;

/// A service that holds nothing but its settings.
pub struct Service {
    folder: TempDir,
}

impl Service {
    pub fn new() -> Service {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("earlycall.toml"), "[profile]\nkind = \"research\"\n").unwrap();
        Service { folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn lists(&self) -> CodeLists {
        CodeLists::read(&self.path("codelists")).unwrap()
    }

    pub fn run(&self, args: &[&str]) -> (i32, String, String) {
        let settings = self.path("earlycall.toml");
        let mut command = Command::new(env!("CARGO_BIN_EXE_earlycall"));
        let Output { status, stdout, stderr } = command.arg("--config").arg(settings).args(args).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (status.code().unwrap(), text(stdout), text(stderr))
    }

    /// Imports a file with words of where it came from.
    pub fn import(&self, file: &Path, name: &str, format: &[&str]) -> (i32, String, String) {
        let file = file.to_str().unwrap();
        let args = ["codelists", "import", file, "--as", name, "--origin", "a test", "--licence", "none"];
        self.run(&[&args[..], &["--released", "2026-05-01"], format].concat())
    }

    /// Imports a text.
    pub fn import_text(&self, file: &str, text: &str, name: &str, format: &[&str]) -> (i32, String, String) {
        fs::write(self.path(file), text).unwrap();
        self.import(&self.path(file), name, format)
    }
}

pub const OWN: [&str; 2] = ["--format", "own"];

#[test]
fn a_list_is_kept_with_its_hash_origin_date_and_licence_and_what_was_left_out() {
    let service = Service::new();
    let text = "code,term\n195967001,a\nH33..,a Read code\nJ45.0,b\n195967001,c\nZ91.81,d\n";
    let (code, out, err) = service.import_text("list.csv", text, "AST_COD", &["--format", "opencodelists"]);
    assert_eq!((code, err.as_str()), (0, ""));
    let expected = "\
imported AST_COD: 1 concepts from 5 rows, released 2026-05-01
left out: 1 row that looks like ICD-10: line 4
  what to do: a list for the GP record is in SNOMED CT; ICD-10 of stays needs no import
left out: 1 row that looks like ICD-10-CM: line 6
  what to do: the NHS codes stays in ICD-10, and the GP record in SNOMED CT: find the list for the UK
left out: 1 row that looks like Read or CTV3: line 3
  what to do: map the list to SNOMED CT with the NHS data migration tables, or find its SNOMED CT version
models that were trained with another AST_COD are refused from now on: train again
";
    assert_eq!(out, expected);
    let origin = &service.lists().get("AST_COD").unwrap().origin.clone();
    assert_eq!(
        (origin.origin.as_str(), origin.licence.as_str(), origin.released.as_str()),
        ("a test", "none", "2026-05-01")
    );
    assert_eq!((origin.format.as_str(), origin.file.as_str()), ("opencodelists", "list.csv"));
    assert_eq!((origin.n_rows, origin.n_codes, origin.refused.len()), (5, 1, 3));
    assert_eq!(origin.refused[0].why, "looks like Read or CTV3");
    assert_eq!(fs::read_to_string(service.path("codelists/AST_COD/codes.csv")).unwrap(), "code\n195967001\n");
    let (_, listed, _) = service.run(&["codelists", "list"]);
    assert!(
        listed
            .contains("AST_COD        asthma                           1 concepts, released 2026-05-01, from a test\n")
    );
    assert!(listed.contains("ASTRES_COD     asthma, ended                not imported\n"), "{listed}");
}

#[test]
fn what_is_no_list_is_refused_and_leaves_the_older_one() {
    let service = Service::new();
    assert_eq!(service.import_text("good.csv", "code\n195967001\n", "AST_COD", &OWN).0, 0);
    let before = service.lists();
    for (file, text, name, format, words) in [
        ("list.csv", "code\n195967001\n", "AST_CODE", &OWN[..], "did you mean `AST_COD`?"),
        ("list.csv", "code\n195967002\n", "AST_COD", &OWN, "list.csv, line 2: no row names a SNOMED CT concept"),
        (
            "list.csv",
            "id\n195967001\n",
            "AST_COD",
            &["--format", "opencodelists"],
            "list.csv, line 1, column code: the header has no such column",
        ),
        ("refset_Delta_1.txt", "id\n", "AST_COD", &["--format", "rf2", "--refset", "999002271000000101"], "a snapshot"),
    ] {
        let (code, out, err) = service.import_text(file, text, name, format);
        assert_eq!((code, out.as_str(), err.lines().count()), (10, "", 1), "{err}");
        assert!(err.contains(words), "{err}");
    }
    for (format, words) in [
        (&["--format", "rf2"][..], "--refset"),
        (&["--format", "rf2", "--refset", "12345"], "a mistyped digit"),
        (&["--format", "own", "--refset", "999002271000000101"], "belongs to --format rf2"),
    ] {
        let (code, _, err) = service.import(&service.path("good.csv"), "AST_COD", format);
        assert!(code == 2 && err.contains(words), "{code} {err}");
    }
    assert_eq!(service.lists(), before);
}

#[test]
fn a_newer_list_takes_the_place_of_an_older_one_and_the_same_again_is_the_same() {
    let service = Service::new();
    let imports = || fs::read_dir(service.path("codelists/.imports")).unwrap().count();
    for (text, n_imports) in [("code\n195967001\n", 1), ("code\n195967001\n", 1), ("code\n162660004\n", 2)] {
        assert_eq!(service.import_text("list.csv", text, "AST_COD", &OWN).0, 0);
        assert_eq!(imports(), n_imports);
        assert_eq!(fs::read_to_string(service.path("codelists/AST_COD/codes.csv")).unwrap(), text);
    }
}

#[test]
fn a_list_that_was_changed_by_hand_is_refused_until_it_is_imported_again() {
    let service = Service::new();
    let import = || service.import_text("list.csv", "code\n195967001\n", "AST_COD", &OWN).0;
    assert_eq!(import(), 0);
    let before = service.lists();
    fs::write(service.path("codelists/AST_COD/codes.csv"), "code\n195967001\n13645005\n").unwrap();
    let (code, _, err) = service.run(&["codelists", "list"]);
    assert!(code == 10 && err.contains("codes.csv: was changed since it was imported"), "{err}");
    assert_eq!(import(), 0);
    assert_eq!(service.lists(), before);
}

#[test]
fn a_reference_set_of_primary_care_is_imported() {
    let Some(folder) = crate::refsets::folder() else { return };
    let service = Service::new();
    let file = folder.join("nhsd-primary-care-domain-refsets-ast_cod.csv");
    let (code, out, err) = service.import(&file, "AST_COD", &["--format", "pcd"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.starts_with("imported AST_COD: 141 concepts from 141 rows"), "{out}");
    assert_eq!(service.lists().get("AST_COD").unwrap().codes.len(), 141);
}
