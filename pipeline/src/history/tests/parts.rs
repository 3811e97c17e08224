//! However a delivery is divided into parts, and whoever settles them, the same is known afterwards.

use std::collections::BTreeSet;

use crate::{
    history::{History, arrive::settle_deliveries, layout::person_tables},
    settings::{MemoryLimit, Settings},
    store::{Store, disk::FileSystem, stream::GrowingFolder},
    synth::{Format, SynthParams, generate},
};

/// What is known of everybody on some days, as text.
fn known(history: &History) -> Vec<String> {
    let days = [super::support::day("2026-05-20"), super::support::day("2026-11-20")];
    let of_day = |day| {
        let view = history.view(day);
        let buckets = history.each_bucket(&view, 2, |_| true, |people| people).unwrap();
        buckets.into_iter().flatten().map(|person| format!("{person:?}")).collect::<Vec<_>>()
    };
    days.into_iter().flat_map(of_day).collect()
}

#[test]
fn in_many_parts_or_in_one_a_delivery_settles_to_the_same_people() {
    let people = generate(&SynthParams { people: 2_400, years: 2, seed: 11, ..SynthParams::default() });
    let place = tempfile::tempdir().unwrap();
    let last = SynthParams::default().last_day;
    let extracts = GrowingFolder::begin(&place.path().join("extracts")).unwrap();
    people.write_delivery(&extracts, None, last - 1, Format::Parquet).unwrap();
    people.write_delivery(&extracts, Some(last - 1), last, Format::Parquet).unwrap();
    extracts.finish().unwrap();
    let settle = |name: &str, megabytes: u64| {
        let mut settings = Settings::parse("[profile]\nkind = \"research\"", place.path()).unwrap();
        settings.run.memory_limit = MemoryLimit::of_megabytes(megabytes);
        let folder = |kind: &str| place.path().join(format!("{name}-{kind}"));
        let store = Store::open(&FileSystem, &folder("out"), &folder("state")).unwrap();
        settle_deliveries(&store, &settings, 2).unwrap()
    };
    let (one, many) = (settle("one", 4000), settle("many", 0));
    let segments = |history: &History| -> Vec<usize> {
        person_tables().map(|table| history.archive.segments(table).len()).collect()
    };
    assert!(segments(&one).iter().all(|n| *n <= 2), "the full delivery is one part, the delta another");
    assert!(segments(&many).iter().any(|n| *n > 4), "each supplier is a part");
    assert_eq!(one.ledger.rows, many.ledger.rows);
    let (one, many) = (known(&one), known(&many));
    assert_eq!(one.len(), many.len());
    assert!(one.iter().zip(&many).all(|(one, many)| one == many));
    assert!(one.iter().collect::<BTreeSet<_>>().len() > 2_400);
}
