//! NHS numbers that come a few a night (V03): no file of them says much, and together they do.

use earlycall::history::History;

use crate::{Service, Tiny, only};

/// Ten digits in an issued range whose check digits hold: those of 401 023 2137 weigh 92, which is 4 more than 8 times 11.
const NHS_NUMBERS: [&str; 6] = ["4010232137", "4000050109", "4000060104", "4000088106", "4000000004", "4000000012"];

/// A night's GP record with numbers for the supplier's own codes.
fn night(numbers: &[&str]) -> Tiny {
    numbers.iter().enumerate().fold(only(&["gp_events"]), |tiny, (n, number)| {
        let event_id = format!("x{number}-{n}");
        tiny.copy_row("gp_events", 1, &[("event_id", &event_id), ("original_code", number)])
    })
}

/// What was said under the rule when so many deliveries had arrived before.
fn said_since(history: &History, n_deliveries: usize) -> Vec<String> {
    let warned = history.found_since(n_deliveries).unwrap().warned;
    warned.iter().filter(|found| found.rule == "V03").map(|found| found.text()).collect()
}

#[test]
fn three_nhs_numbers_a_night_are_said_in_the_first_night_and_refused_in_the_second() {
    let (service, _) = Service::with(Tiny::new());
    let history = service.deliver("second", "delta", "2026-11-21", night(&NHS_NUMBERS[..3])).unwrap();
    assert_eq!(
        said_since(&history, 1),
        [
            "gp_events of QMF, rule V03: original_code in second/gp_events.csv: 3 of its 3 distinct values of ten digits are \
             NHS numbers: too few to refuse the file, and chance seldom does that; look at it"
        ]
    );
    assert!(said_since(&history, 0) == said_since(&history, 1), "and of the first delivery nothing is said");
    let told = service.refusal("third", "delta", "2026-11-22", night(&NHS_NUMBERS[3..]));
    assert!(
        told.starts_with(
            "third/gp_events.csv, row 4, column original_code, rule V03: 6 of its 6 distinct values of ten digits are NHS \
             numbers, with those of its deliveries since 21 November 2026, which are settled; hint: Delete the file"
        ),
        "{told}"
    );
    assert!(NHS_NUMBERS.iter().all(|number| !told.contains(number)));
    // Without the numbers the night is as good as any, whatever came before.
    std::fs::remove_dir_all(service.folder.path().join("extracts/third")).unwrap();
    let history = service.deliver("fourth", "delta", "2026-11-23", night(&[])).unwrap();
    assert!(said_since(&history, 2).is_empty());
}

#[test]
fn deliveries_that_arrive_together_are_looked_at_in_their_order() {
    let service = Service::new();
    service.put("first", "full", "2026-11-20", Tiny::new());
    service.put("second", "delta", "2026-11-21", night(&NHS_NUMBERS[..3]));
    service.put("third", "delta", "2026-11-22", night(&NHS_NUMBERS[3..]));
    let told = service.settle(2).unwrap_err().to_string();
    assert!(told.contains("rule V03: 6 of its 6 distinct values of ten digits"), "{told}");
}

#[test]
fn a_month_later_what_was_sent_is_forgotten() {
    let (service, _) = Service::with(Tiny::new());
    service.deliver("second", "delta", "2026-11-21", night(&NHS_NUMBERS[..3])).unwrap();
    for (id, on) in [("a", "2026-11-28"), ("b", "2026-12-05"), ("c", "2026-12-12"), ("d", "2026-12-19")] {
        service.deliver(id, "delta", on, night(&[])).unwrap();
    }
    let history = service.deliver("third", "delta", "2026-12-20", night(&NHS_NUMBERS[3..])).unwrap();
    assert_eq!(said_since(&history, 6).len(), 1);
}

#[test]
fn one_id_that_passes_by_chance_may_come_every_night() {
    let (service, _) = Service::with(Tiny::new());
    for (id, on) in [("second", "2026-11-21"), ("third", "2026-11-22"), ("fourth", "2026-11-23")] {
        let history = service.deliver(id, "delta", on, night(&[NHS_NUMBERS[0]; 6])).unwrap();
        assert_eq!(said_since(&history, 1), [""; 0]);
    }
    let kept = service.folder.path().join("state");
    let kept = crate::files(&kept).into_iter().filter(|(path, _)| path.ends_with("ten_digits.json"));
    assert!(kept.clone().count() > 0);
    assert!(kept.into_iter().all(|(_, bytes)| !String::from_utf8(bytes).unwrap().contains(NHS_NUMBERS[0])));
}
