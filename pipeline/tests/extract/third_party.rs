//! Extracts that nobody made for this program, found through `EARLYCALL_TEST_DATA`.

use std::path::PathBuf;

use earlycall::extract::{Registry, delivery, inspect};

/// The folder of a third-party data set; says so plainly when there is none.
fn data(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("EARLYCALL_TEST_DATA").map(|data| PathBuf::from(data).join(name));
    if folder.is_none() {
        eprintln!("skipped: EARLYCALL_TEST_DATA doesn't say where {name} is");
    }
    folder
}

#[test]
fn the_medicare_samples_are_admitted_whole() {
    for name in ["desynpuf_1", "desynpuf_2"] {
        let Some(folder) = data(name) else { return };
        let found = delivery::find(&folder).unwrap();
        let sent: u64 = found[0].manifest.files.iter().map(|file| file.row_count).sum();
        assert!(sent > 60_000, "{name}");
        let inspection = inspect(&found[0], &mut Registry::default(), 2, 0, &|_, _| Ok(()));
        let delivery = inspection.admit(&crate::research()).unwrap();
        for admitted in &delivery.tables {
            assert_eq!(admitted.rejections, [], "{name}: {}", admitted.table.name);
            assert!(admitted.tally.repaired.is_empty() && admitted.tally.warned.is_empty(), "{}", admitted.table.name);
        }
        assert_eq!(delivery.tables.iter().map(|admitted| admitted.tally.accepted).sum::<u64>(), sent, "{name}");
    }
}
