//! NHS Primary Care Domain reference sets, found through `EARLYCALL_TEST_DATA`: they are not ours to carry.

use std::{fs, path::PathBuf};

use earlycall_schemas::codelists::import::{Format, parse, to_csv};

/// The folder of the reference sets, where somebody has it.
pub fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("EARLYCALL_TEST_DATA").map(PathBuf::from);
    let folder = folder.map(|data| data.join("reference/qof_refsets_snomed")).filter(|path| path.is_dir());
    if folder.is_none() {
        eprintln!("skipped: EARLYCALL_TEST_DATA doesn't say where reference/qof_refsets_snomed is");
    }
    folder
}

#[test]
fn the_reference_sets_of_primary_care_are_read_whole() {
    let Some(folder) = folder() else { return };
    let mut n_files = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let n_lines = bytes.iter().filter(|&&byte| byte == b'\n').count() as u64;
        let list = parse(&bytes, Format::Pcd { cluster: "ANY_COD" }).unwrap();
        assert!(list.refused.is_empty(), "{}: {:?}", path.display(), list.refused);
        assert!(list.n_rows == n_lines - 1 && list.codes.len() as u64 <= list.n_rows, "{}", path.display());
        assert_eq!(parse(to_csv(&list.codes).as_bytes(), Format::Own).unwrap().codes, list.codes);
        n_files += 1;
    }
    assert_eq!(n_files, 39);
}
