//! Hospital stays as the consultant episodes that trusts send, with the delays and later corrections of real life.

use crate::day::Day;

use super::{
    chance::{Chance, Stream},
    conditions::Conditions,
    diagnoses,
    hospital_rows::EpisodeRow,
    numbers::BoroughFigures,
    person::Person,
    planned::{HospitalStay, Reason},
    rows::{Code, Known},
    world::World,
};

/// Chance that a stay first arrives without its diagnoses, which follow 5 to 45 days later.
const CODED_LATE: f64 = 0.08;
/// Chance that a longer emergency stay goes on at another trust.
const TRANSFERRED: f64 = 0.08;
/// Chance that an emergency is taken to the person's own trust.
const NEAREST: f64 = 0.85;

/// A stay as the rest of the record sees it: where it was, and how the person came in.
pub(crate) struct Placed {
    pub stay: HospitalStay,
    pub provider: &'static str,
    pub site: &'static str,
    pub method: &'static str,
    pub treatment_function: &'static str,
    /// The first diagnosis.
    pub reason: Code,
}

/// The episodes of all of a person's stays, and the stays themselves.
pub(crate) fn of_stays(
    world: &World,
    person: &Person,
    conditions: &Conditions,
    stays: Vec<HospitalStay>,
) -> (Vec<EpisodeRow>, Vec<Placed>) {
    let mut chance = Chance::of(world.params.seed, person.number, Stream::Stays);
    let (mut rows, mut placed) = (Vec::new(), Vec::new());
    for (k, stay) in stays.into_iter().enumerate() {
        let home = &world.numbers.boroughs[world.areas[person.area].borough];
        let place = place(world, home, &stay, &mut chance);
        let diagnoses = diagnoses::of_stay(world, person, conditions, &stay, &mut chance);
        let whole = Spell {
            id: format!("s{}-{k}", person.number),
            place,
            admitted: stay.admitted,
            discharged: stay.discharged,
            method: method(&stay, &mut chance),
            source: if stay.reason == Reason::Birth { "79" } else { "19" },
            ending: ending(&stay, person, &mut chance),
        };
        let (method, treatment_function) = (whole.method, treatment_function(&stay, person));
        let spells = transferred(world, whole, &stay, &mut chance);
        for spell in spells {
            let row = spell.row(&stay, treatment_function, person);
            episodes(row, &diagnoses, &mut chance, &mut rows);
        }
        let reason = diagnoses.first().cloned().unwrap_or_default();
        placed.push(Placed { stay, provider: place.0, site: place.1, method, treatment_function, reason });
    }
    (rows, placed)
}

/// A spell at one trust.
struct Spell {
    id: String,
    place: (&'static str, &'static str),
    admitted: Day,
    discharged: Day,
    method: &'static str,
    source: &'static str,
    /// Method and destination of discharge.
    ending: (&'static str, &'static str),
}

impl Spell {
    /// Its row, as if it were one episode.
    fn row(&self, stay: &HospitalStay, function: &'static str, person: &Person) -> EpisodeRow {
        let (classification, kind) = match stay.reason {
            Reason::Emergency | Reason::Elective => ("1", "1"),
            Reason::DayCase | Reason::Chemotherapy => ("2", "1"),
            Reason::Dialysis => ("3", "1"),
            Reason::Delivery => ("1", "2"),
            Reason::Birth => ("1", "3"),
        };
        EpisodeRow {
            known: Known::from(self.discharged),
            spell: self.id.clone(),
            order: 1,
            is_last: true,
            provider: self.place.0,
            site: self.place.1,
            admitted: self.admitted,
            method: self.method,
            source: self.source,
            classification,
            discharged: self.discharged,
            discharge_method: self.ending.0,
            destination: self.ending.1,
            start: self.admitted,
            end: self.discharged,
            kind,
            treatment_function: function,
            diagnoses: Vec::new(),
            is_well_baby: stay.reason == Reason::Birth,
            is_sdec: false,
            practice: person.practice_on(stay.admitted),
        }
    }
}

fn place(
    world: &World,
    home: &'static BoroughFigures,
    stay: &HospitalStay,
    chance: &mut Chance,
) -> (&'static str, &'static str) {
    let nearest = chance.yes(NEAREST) || stay.reason == Reason::Dialysis;
    let there = if nearest { home } else { chance.one_of(&world.numbers.boroughs) };
    (&there.trust, &there.site)
}

fn method(stay: &HospitalStay, chance: &mut Chance) -> &'static str {
    match stay.reason {
        Reason::Emergency => ["21", "22", "23", "24", "2A", "2D"][chance.weighted(&[84.0, 6.0, 2.0, 4.0, 2.0, 2.0])],
        Reason::Elective => ["11", "12"][chance.weighted(&[70.0, 30.0])],
        Reason::DayCase => ["11", "12", "13"][chance.weighted(&[55.0, 30.0, 15.0])],
        Reason::Chemotherapy | Reason::Dialysis => "13",
        Reason::Delivery => "31",
        Reason::Birth => "82",
    }
}

fn ending(stay: &HospitalStay, person: &Person, chance: &mut Chance) -> (&'static str, &'static str) {
    if stay.died {
        return ("4", "79");
    }
    let is_old_and_long = person.age(stay.admitted) > 78.0 && stay.discharged - stay.admitted > 10;
    let own_wish = stay.reason == Reason::Emergency && chance.yes(0.02);
    (if own_wish { "2" } else { "1" }, if is_old_and_long && chance.yes(0.12) { "54" } else { "19" })
}

/// Treatment functions are numbers of the NHS Data Dictionary: 300 general medicine, 100 general surgery, and so on.
fn treatment_function(stay: &HospitalStay, person: &Person) -> &'static str {
    match stay.reason {
        Reason::Emergency if person.age(stay.admitted) < 18.0 => "420",
        Reason::Emergency if person.age(stay.admitted) >= 80.0 => "430",
        Reason::Emergency => "300",
        Reason::Elective => "110",
        Reason::DayCase => "100",
        Reason::Chemotherapy => "370",
        Reason::Dialysis => "361",
        Reason::Delivery => "501",
        Reason::Birth => "424",
    }
}

/// A few of the longer emergency stays go on at another trust.
fn transferred(world: &World, whole: Spell, stay: &HospitalStay, chance: &mut Chance) -> Vec<Spell> {
    let nights = stay.discharged - stay.admitted;
    let other = chance.one_of(&world.numbers.boroughs);
    let moves = stay.reason == Reason::Emergency && nights >= 4 && chance.yes(TRANSFERRED);
    if !moves || other.trust == whole.place.0 {
        return vec![whole];
    }
    let moved = stay.admitted + nights / 2;
    let second = Spell {
        id: format!("{}t", whole.id),
        place: (&other.trust, &other.site),
        admitted: moved,
        discharged: whole.discharged,
        method: if chance.yes(0.6) { "81" } else { "2B" },
        source: "51",
        ending: whole.ending,
    };
    vec![Spell { discharged: moved, ending: ("1", "51"), ..whole }, second]
}

/// Splits a spell into episodes, codes them, and says when each became known.
fn episodes(row: EpisodeRow, diagnoses: &[Code], chance: &mut Chance, rows: &mut Vec<EpisodeRow>) {
    let nights = row.discharged - row.admitted;
    let parts = if nights >= 2 && chance.yes(0.5) { 2 + i32::from(nights >= 6 && chance.yes(0.3)) } else { 1 };
    let received = row.discharged + 1 + (chance.wait() * 4.0).min(40.0) as i32;
    let coded = if chance.yes(CODED_LATE) { received + 5 + chance.below(41) as i32 } else { received };
    for part in 0..parts {
        let mut episode = row.clone();
        episode.order = part + 1;
        episode.is_last = part + 1 == parts;
        episode.start = row.admitted + nights * part / parts;
        episode.end = row.admitted + nights * (part + 1) / parts;
        if coded > received {
            rows.push(EpisodeRow { known: Known { from: received, until: Some(coded) }, ..episode.clone() });
        }
        episode.known = Known::from(coded);
        episode.diagnoses = diagnoses.to_vec();
        rows.push(episode);
    }
}
