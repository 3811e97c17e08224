//! The optional tables: as many rows as published, and nothing of them in any other table.

use super::*;

#[test]
fn feeds_change_no_byte_of_any_other_table() {
    let delivered = |feeds| {
        let people = generate(&SynthParams { feeds, dirt: true, ..small() });
        people.delivery_delta(day("2026-01-31"), day("2026-11-20"), Format::Csv).files
    };
    let without = delivered(Feeds::None);
    for feeds in [Feeds::Idle, Feeds::Telling] {
        let with: BTreeMap<String, Vec<u8>> = delivered(feeds).into_iter().collect();
        assert_eq!(with.len(), without.len() + 10);
        for (path, bytes) in without.iter().filter(|(path, _)| path != "manifest.json") {
            assert!(with[path] == *bytes, "{path}");
        }
    }
}
