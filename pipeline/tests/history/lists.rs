//! Lists of objections in deliveries that add: whole ones that come empty, halved or not at all, and changes (OPTOUTS).

use earlycall::{history::History, night::deliveries::Beside, settings::Settings};

use crate::{Service, Tiny, day, only, support::person};

/// What a night of 20 November 2026 is told of it.
fn told(history: &History) -> Vec<String> {
    let found = Beside::of(history, &Settings::default(), day("2026-11-20"), &Default::default()).unwrap().findings;
    found.iter().filter(|finding| finding.rule == "OPTOUTS").map(|finding| finding.text()).collect()
}

/// The tiny delivery's patients, and a list of objections of these people.
fn list_of(people: std::ops::Range<u32>) -> Tiny {
    let tiny = only(&["patients", "opt_outs"]);
    people.map(|n| person(10 + n)).fold(tiny.keep_rows("opt_outs", &[1]), |tiny, id| {
        tiny.copy_row("patients", 1, &[("person_id", &id)]).copy_row("opt_outs", 1, &[("person_id", &id)])
    })
}

/// A service that got a whole list of 21 people in a full delivery and in two that add.
fn with_whole_lists() -> Service {
    let everybody = (0..20).map(|n| person(10 + n)).fold(Tiny::new(), |tiny, id| {
        tiny.copy_row("patients", 1, &[("person_id", &id)]).copy_row("opt_outs", 1, &[("person_id", &id)])
    });
    let (service, _) = Service::with(everybody);
    service.deliver("second", "delta", "2026-11-21", list_of(0..20)).unwrap();
    let history = service.deliver("third", "delta", "2026-11-22", list_of(0..20)).unwrap();
    assert_eq!(told(&history), [""; 0]);
    service
}

const SHORT: &str = "opt_outs of QMF, rule OPTOUTS: the list of local_shared_record objections of 23 November 2026 names 0 \
                     people again, and the median of the 3 whole lists before it is 21; the last whole one is of 22 \
                     November 2026";

#[test]
fn an_emptied_list_in_a_delivery_that_adds_is_told_until_a_whole_one_arrives() {
    let service = with_whole_lists();
    let emptied = || list_of(0..20).keep_rows("opt_outs", &[]);
    assert_eq!(told(&service.deliver("fourth", "delta", "2026-11-23", emptied()).unwrap()), [SHORT]);
    let nothing_of_it = only(&["gp_events"]).manifest(|manifest| manifest["supplier"] = "Another".into());
    assert_eq!(told(&service.deliver("events", "delta", "2026-11-24", nothing_of_it).unwrap()), [SHORT]);
    let history = service.deliver("fifth", "delta", "2026-11-25", list_of(0..20)).unwrap();
    assert_eq!(told(&history), [""; 0]);
    assert_eq!(history.ledger.rows_of("opt_outs"), 21, "nothing was ever taken back");
}

#[test]
fn a_halved_list_and_one_that_is_not_there_are_told() {
    let service = with_whole_lists();
    let halved = service.deliver("fourth", "delta", "2026-11-23", list_of(0..9)).unwrap();
    assert_eq!(told(&halved), [SHORT.replace("names 0", "names 10")]);
    let without = list_of(0..20).drop_table("opt_outs");
    let service = with_whole_lists();
    let without = service.deliver("fourth", "delta", "2026-11-23", without).unwrap();
    assert_eq!(
        told(&without),
        [
            "opt_outs of QMF, rule OPTOUTS: the delivery of 23 November 2026 has no list, and the 3 before it had one: what \
             arrived until 22 November 2026 stands"
        ]
    );
}

#[test]
fn a_list_that_was_checked_before_the_one_before_it_is_told() {
    let back_dated =
        (1..=21).fold(list_of(0..20), |tiny, row| tiny.set("opt_outs", row, "checked_at", "2026-11-18T00:00:00Z"));
    let service = with_whole_lists();
    let history = service.deliver("fourth", "delta", "2026-11-23", back_dated).unwrap();
    assert_eq!(
        told(&history),
        [
            "opt_outs of QMF, rule OPTOUTS: the list of local_shared_record objections of 23 November 2026 was checked at its \
             source on 18 November 2026, and one before it on 19 November 2026"
        ]
    );
}

#[test]
fn a_supplier_that_sends_changes_may_send_few_of_them() {
    let (service, _) = Service::with(Tiny::new());
    for (id, on, people) in [
        ("second", "2026-11-21", 0..40),
        ("third", "2026-11-22", 40..42),
        ("fourth", "2026-11-23", 42..90),
        ("fifth", "2026-11-24", 90..91),
    ] {
        let changes = list_of(people).set("opt_outs", 1, "person_id", &person(10));
        assert_eq!(told(&service.deliver(id, "delta", on, changes).unwrap()), [""; 0], "{id}");
    }
}
