//! The same inputs give the same bytes, on any number of threads; and a night is never overwritten.

use crate::{
    delivery::Delivery,
    published,
    service::{FIRST, SECOND, Service, second_delta},
    snapshot::{Snapshot, assert_same, night, shown},
};

const RUN: [&str; 3] = ["run", "--index-date", SECOND];

fn second(service: &Service) -> std::path::PathBuf {
    service.night(&format!("{SECOND}.1"))
}

#[test]
fn one_thread_and_two_give_the_same_bytes_in_every_file_but_the_timings() {
    let nights = ["1", "2"].map(|threads| {
        let service = Service::before_second_night();
        service.must(&["run", "--index-date", SECOND, "--threads", threads]);
        (Snapshot::of(&service.folder().join("state")).without("seen.json"), night(&second(&service)))
    });
    let [(state_of_one, one), (state_of_two, two)] = nights;
    assert_same(&one, &two, "the night");
    assert_same(&state_of_one, &state_of_two, "the settled history");
}

#[test]
fn the_order_of_files_and_rows_changes_nothing_that_anybody_sees() {
    let shown_after = |shuffle: fn(&mut Delivery)| {
        let mut delivery = second_delta();
        shuffle(&mut delivery);
        let service = Service::after_first_night();
        let folder = service.deliver(&delivery);
        crate::delivery::edit_manifest(&folder, |manifest| manifest["files"].as_array_mut().unwrap().reverse());
        service.must(&RUN);
        shown(&second(&service))
    };
    let as_sent = shown_after(|_| {});
    let reversed = shown_after(|delivery| delivery.tables.values_mut().for_each(|sheet| sheet.rows.reverse()));
    assert_same(&as_sent, &reversed, "rows in the opposite order");
    let halves_swapped = shown_after(|delivery| {
        for sheet in delivery.tables.values_mut() {
            let half = sheet.rows.len() / 2;
            sheet.rows.rotate_left(half);
        }
    });
    assert_same(&as_sent, &halves_swapped, "the second half first");
}

#[test]
fn run_again_there_is_nothing_to_do_and_nothing_is_written() {
    let service = Service::before_second_night();
    service.must(&RUN);
    let before = Snapshot::of(service.folder());
    for args in [&RUN[..], &["run", "--index-date", SECOND, "--revise"], &["run", "--index-date", FIRST, "--dry-run"]] {
        let said = service.earlycall(args);
        let expected = if args.contains(&"--dry-run") { 2 } else { 99 }; // the first night lacked the second delivery
        assert_eq!(said.code, expected, "{args:?}: {}", said.err);
        assert_same(&before, &Snapshot::of(service.folder()), "the whole service");
    }
}

#[test]
fn a_dry_run_publishes_nothing() {
    let service = Service::before_second_night();
    let before = Snapshot::of(&service.out());
    let said = service.must(&["run", "--index-date", SECOND, "--dry-run"]);
    assert!(said.out.contains("nothing was published"), "{}", said.out);
    assert_same(&before, &Snapshot::of(&service.out()), "everything published");
}

#[test]
fn other_inputs_need_revise_which_keeps_the_order_of_the_lines_and_appends() {
    let service = Service::before_second_night();
    service.must(&RUN);
    let older = night(&second(&service));
    service.add_settings("[worklist]\nhysteresis = 1.0");
    let said = service.earlycall(&RUN);
    assert_eq!((said.code, said.err.lines().count()), (2, 1), "{}", said.err);
    assert!(said.err.contains("from other inputs") && said.err.contains("--revise"), "{}", said.err);

    service.must(&["run", "--index-date", SECOND, "--revise"]);
    assert_eq!(service.current(), format!("nights/{SECOND}.2"));
    assert_same(&older, &night(&second(&service)), "the older revision");
    let people = |revision: u32| {
        let lists = published::worklists(&service.night(&format!("{SECOND}.{revision}"))).into_values();
        lists.map(|lines| lines.into_iter().map(|line| line["person_ref"].clone()).collect()).collect::<Vec<Vec<_>>>()
    };
    // Nobody left the area or objected in between, and the lists were full, so they are the same people.
    assert_eq!(people(1), people(2));
    assert!(people(1).iter().any(|list| list.len() == 5));
}
