//! Defects of `apc_episodes`.

use crate::synth::{
    calendar::month_start,
    dirt::{
        days::{far, long_ago, never, unknown},
        draft::{Draft, Value},
        kind::{Kind, Site, Sown, words},
        reference::OUT_OF_AREA,
    },
};

/// Days after the birth of a person from which nobody would call them newborn.
const GROWN_DAYS: i32 = 100;
/// Days after which nobody believes that a stay still goes on.
const NEVER_CLOSED_DAYS: i32 = 200;
/// Nights in two places at once that a transfer doesn't explain.
const TWO_PLACES_NIGHTS: i32 = 5;

pub(super) const KINDS: &[Kind] = &[
    Kind::twice("episode_id", 300),
    Kind::newer("episode_id", 100, "admission_source", "29"),
    Kind::stranger(100),
    Kind::empty("spell_id", 20),
    Kind::raw("TYPE", "admission_date", 20, "31/02/2025"),
    Kind::raw("TYPE", "episode_order", 20, "first"),
    Kind::day("V08", "admission_date", 20, unknown),
    Kind::day("V08", "discharge_date", 20, never),
    Kind::day("V09", "admission_date", 20, far),
    Kind::day("V10", "admission_date", 20, long_ago),
    Kind::cell("V12", "discharge_date", 30, |_, row| moved(row, "admission_date", -3)),
    Kind::cell("V12", "episode_start", 30, |_, row| moved(row, "admission_date", -2)),
    Kind::cell("V12", "episode_end", 30, |_, row| moved(row, "episode_start", -1)),
    Kind::cell("V12", "episode_end", 30, |_, row| moved(row, "discharge_date", 1)),
    Kind::cell("V15", "patient_classification", 100, |_, row| is_ordinary_emergency(row).then(|| words("2"))),
    Kind::cell("V16", "admission_method", 100, born_again),
    Kind::cell("V16", "treatment_function", 100, |site, _| (site.person().sex == 0).then(|| words("501"))),
    Kind::cell("V17", "discharge_method", 100, |_, row| (!says_death(row)).then(|| words("4"))),
    Kind::cell("V17", "discharge_destination", 100, |_, row| (!says_death(row)).then(|| words("79"))),
    Kind::code("V18", "diagnoses", 150, with_dot_or_padding),
    Kind::code("V18", "diagnoses", 50, str::to_lowercase),
    Kind::code("V18", "diagnoses", 50, |code| format!("{code}*")),
    // Codes of another country's modification: one fits the form once its dot is gone, the other never does.
    Kind::code("V18", "diagnoses", 30, |_| "Z91.81".to_owned()),
    Kind::code("V18", "diagnoses", 30, |_| "S72.001A".to_owned()),
    Kind::cell("V19", "procedures", 50, |_, _| Some(Value::List(vec!["K40.2".to_owned()]))),
    Kind::cell("V19", "procedures", 50, |_, _| Some(Value::List(vec!["W371".to_owned(), "&".to_owned()]))),
    Kind::text("V22", "provider_code", 20, "R1H-"),
    Kind::text("V22", "provider_code", 20, OUT_OF_AREA),
    Kind::text("CODE", "admission_method", 20, "29"),
    Kind::cell("CODE", "discharge_destination", 30, |_, row| (!says_death(row)).then(|| words("12"))),
    Kind::cell("RANGE", "episode_order", 20, |_, _| Some(Value::Whole(Some(0)))),
    // What only a person's rows together tell.
    Kind::cell("V13", "episode_order", 200, |_, row| is_whole_stay(row).then_some(Value::Whole(Some(3)))),
    Kind::rows("V14", "discharge_date", 300, never_closed),
    Kind::rows("V30", "provider_code", 3000, in_two_places),
    // Same day emergency care without its flag: no rule of a row.
    Kind::cell("", "is_sdec", 2000, |_, row| {
        (*row.cell("is_sdec") == Value::Flag(Some(true))).then_some(Value::Flag(None))
    }),
];

/// A day so many days from another one of the row.
fn moved(row: &Draft, column: &str, days: i32) -> Option<Value> {
    row.day(column).map(|day| Value::Day(Some(day + days)))
}

fn is_ordinary_emergency(row: &Draft) -> bool {
    row.text("admission_method").starts_with('2') && row.text("patient_classification") == "1"
}

fn says_death(row: &Draft) -> bool {
    row.text("discharge_method") == "4" || row.text("discharge_destination") == "79"
}

/// The method of a birth on the way to hospital, in the stay of somebody grown.
fn born_again(site: &Site, row: &Draft) -> Option<Value> {
    let is_grown = row.day("admission_date")? - month_start(site.person().born) > GROWN_DAYS;
    (is_grown && row.text("patient_classification") == "1").then(|| words("2C"))
}

fn with_dot_or_padding(code: &str) -> String {
    match code.len() {
        3 => format!("{code}X"),
        _ => format!("{}.{}", &code[..3], &code[3..]),
    }
}

fn is_whole_stay(row: &Draft) -> bool {
    *row.cell("episode_order") == Value::Whole(Some(1)) && *row.cell("is_last_episode") == Value::Flag(Some(true))
}

/// A stay of long ago that is still open.
fn never_closed(site: &Site, row: Draft) -> Vec<Sown> {
    let is_long_ago = row.day("admission_date").is_some_and(|day| site.world.params.last_day - day > NEVER_CLOSED_DAYS);
    if !is_whole_stay(&row) || says_death(&row) || !is_long_ago {
        return Vec::new();
    }
    let ended = ["discharge_date", "discharge_method", "discharge_destination", "episode_end"];
    let open = ended.into_iter().fold(row, Draft::without);
    vec![Sown::defect(open.with("episode_status", words("1")))]
}

/// The same nights in a bed of another trust as well, as somebody else's would be.
fn in_two_places(site: &Site, row: Draft) -> Vec<Sown> {
    let trusts = &site.world.trusts;
    let other = trusts.iter().find(|trust| **trust != row.text("provider_code"));
    let nights = row.day("discharge_date").zip(row.day("admission_date")).map_or(0, |(last, first)| last - first);
    let is_ordinary = is_whole_stay(&row) && row.text("patient_classification") == "1" && nights > TWO_PLACES_NIGHTS;
    let Some(other) = other.filter(|_| is_ordinary && !says_death(&row)) else { return Vec::new() };
    let elsewhere = ["episode_id", "spell_id"].into_iter().fold(row.clone(), |there, column| {
        let id = words(&format!("{}m", there.text(column)));
        there.with(column, id)
    });
    vec![Sown::sound(row), Sown::defect(elsewhere.with("provider_code", words(other)))]
}
