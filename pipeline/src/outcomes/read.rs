//! One pass over everybody: who started with a service, what happened to them, and how many people each group has.

use std::collections::BTreeMap;

use super::{
    coaching,
    follow::Life,
    rows::{Appointment, ClinicAppointment, GpAppointment, Referral},
    senders::{InPart, Senders},
    span::Span,
    starts::{Service, Start},
};
use crate::{
    cohort::{
        self, Circumstances, assess,
        groups::{Places, places},
        one_fate::Fates,
        pass,
        standing::{self, Standing},
        unplanned,
    },
    day::Day,
    error::Result,
    features::Feeds,
    feedback::{Contact, log::Log},
    history::{
        Beside, Decode, History,
        records::{Person, PersonKey, ShortCode},
    },
    objections::register::Matter,
    progress::Progress,
    settings::Settings,
    train::outcome::STAYS_ARRIVE_WITHIN_DAYS,
};

/// Somebody who started with a service, or said no to it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Their groups.
    pub places: Places,
    /// Whether each service, in order, is for them by the end of the data.
    pub belongs: [bool; 2],
    /// What happened to them.
    pub life: Life,
    /// Their starts with each service, in order, each by day.
    pub starts: [Vec<Start>; 2],
}

/// How many people a service is for, by characteristic and group.
pub type Population = BTreeMap<(u8, u8), u64>;

/// Everybody, as far as outcomes are counted.
#[derive(Clone, Debug, Default)]
pub struct Everybody {
    /// Whoever has a start.
    pub seen: Vec<Seen>,
    /// For whom each service is, in order: adults of the area, and those of them who are coached for a condition.
    pub population: [Population; 2],
    senders: [Senders; 3],
}

/// The feeds of which outcomes are counted, in the order of [`Everybody`]'s senders, each with what it is called.
const FEEDS: [(&str, &str); 3] = [
    ("apc_episodes", "Hospital stays"),
    (GpAppointment::TABLE, "GP appointments"),
    (ClinicAppointment::TABLE, "Outpatient appointments"),
];

/// What is the same for everybody.
struct Reading<'a> {
    at: Circumstances<'a>,
    contacts: BTreeMap<PersonKey, Vec<&'a Contact>>,
    settings: &'a Settings,
    data_to: Day,
}

/// Reads everybody as they are known now. Of records that are no person's, were merged into others, or are of whoever
/// objects, is a child or was withdrawn as wrong nothing is counted.
///
/// # Errors
/// * [`crate::error::Kind::Storage`] when the history cannot be read.
pub fn everybody(
    history: &History,
    settings: &Settings,
    log: &Log,
    data_to: Day,
    threads: usize,
    progress: &Progress,
) -> Result<Everybody> {
    let view = history.view_in_hindsight(data_to);
    let threads = pass::threads_within(&settings.run, history, threads);
    let feeds = Feeds::new(history.newest_events(&view, threads)?.keys().map(String::as_str));
    let fates = Fates::of(history, &view, &feeds, settings, threads)?;
    let at = Circumstances::of(&history.reference, data_to, &feeds, settings, &fates);
    let reading = Reading { at, contacts: by_person(log, history), settings, data_to };
    let steps = progress.steps("buckets read");
    // Conditions decide whom coaching is for, and nothing else here asks for the GP record.
    let wants_record = |person: &Person| {
        !log.contacts().is_empty()
            && cohort::is_somebody(person, &reading.at)
            && !cohort::is_ruled_out_at_once(person, &reading.at)
    };
    let parts = history.each_bucket_beside(&view, threads, wants_record, |people, beside| {
        let part = reading.bucket(&people, beside);
        steps.one_more();
        part
    })?;
    let mut everybody = Everybody::default();
    parts.into_iter().for_each(|part| everybody.add(part));
    Ok(everybody)
}

/// Contacts of whoever stands for each person, by day; of one day the later handed in is the later.
fn by_person<'a>(log: &'a Log, history: &History) -> BTreeMap<PersonKey, Vec<&'a Contact>> {
    let mut contacts: BTreeMap<PersonKey, Vec<&Contact>> = BTreeMap::new();
    for contact in log.contacts() {
        contacts.entry(history.ledger.survivor(contact.person_id)).or_default().push(contact);
    }
    contacts.values_mut().for_each(|of_one| of_one.sort_by_key(|contact| contact.contacted_on));
    contacts
}

impl Reading<'_> {
    fn bucket(&self, people: &[Person], beside: &Beside) -> Result<Everybody> {
        let mut part = Everybody::default();
        let mut referrals: BTreeMap<PersonKey, Vec<Referral>> = BTreeMap::new();
        beside.rows::<Referral>(|key, rows| referrals.entry(key).or_default().append(rows))?;
        let has_start = |key: &PersonKey| referrals.contains_key(key) || self.contacts.contains_key(key);
        let mut appointments: BTreeMap<PersonKey, Vec<Appointment>> = BTreeMap::new();
        let mut note = |senders: &mut Senders, key, rows: &mut dyn Iterator<Item = (ShortCode, Appointment)>| {
            let mut kept = has_start(&key).then(|| appointments.entry(key).or_default());
            for (provider, row) in rows {
                senders.note(provider, row.on);
                kept.iter_mut().for_each(|kept| kept.push(row));
            }
        };
        let [stays, gp, clinic] = &mut part.senders;
        let of_practice = |GpAppointment(practice, row)| (practice, row);
        beside.rows::<GpAppointment>(|key, rows| note(gp, key, &mut rows.drain(..).map(of_practice)))?;
        let of_trust = |ClinicAppointment(trust, row)| (trust, row);
        beside.rows::<ClinicAppointment>(|key, rows| note(clinic, key, &mut rows.drain(..).map(of_trust)))?;
        for person in people.iter().filter(|person| cohort::is_somebody(person, &self.at)) {
            person.episodes.iter().for_each(|episode| stays.note(episode.provider, episode.admission_date));
            let referrals = referrals.remove(&person.key).unwrap_or_default();
            let appointments = appointments.remove(&person.key).unwrap_or_default();
            if let Some((places, belongs)) = self.belongs(person) {
                for (population, _) in part.population.iter_mut().zip(belongs).filter(|(_, belongs)| *belongs) {
                    (0..).zip(places).for_each(|group| *population.entry(group).or_default() += 1);
                }
            }
            part.seen.extend(self.seen(person, referrals, appointments));
        }
        Ok(part)
    }

    /// The groups of somebody for whom services may be, and which are.
    fn belongs(&self, person: &Person) -> Option<(Places, [bool; 2])> {
        let standing = assess(person, &self.at).standing;
        let is_adult = matches!(standing, Standing::NoCoachedCondition | Standing::Scored);
        is_adult.then(|| (places(person, &self.at), [true, standing == Standing::Scored]))
    }

    fn seen(&self, person: &Person, mut referrals: Vec<Referral>, appointments: Vec<Appointment>) -> Option<Seen> {
        let contacts = self.contacts.get(&person.key).map_or(&[][..], Vec::as_slice);
        let answers = coaching::answers(contacts.iter().copied(), self.data_to, &self.settings.contacts);
        if referrals.is_empty() && answers.is_empty() {
            return None;
        }
        let assessed = assess(person, &self.at);
        let is_nobody = matches!(assessed.standing, Standing::Objecting | Standing::TestPatient | Standing::Merged);
        if is_nobody || is_child(person, &self.at) || person.noted.contains(&Matter::Wrong) {
            return None;
        }
        let has_died = assessed.standing == Standing::Died;
        let death = standing::death(person, &assessed.cips);
        let has_died_some_day = death.is_none() && (has_died || person.noted.contains(&Matter::Death));
        let here = if has_died_some_day { nowhere(self.data_to) } else { here(person, death, self.data_to) };
        referrals.sort_by(|a, b| (a.on, &a.provider, &a.status).cmp(&(b.on, &b.provider, &b.status)));
        Some(Seen {
            places: places(person, &self.at),
            belongs: self.belongs(person).map_or([false; 2], |(_, belongs)| belongs),
            life: Life {
                here,
                admissions: unplanned::admissions(&assessed.cips).map(|cip| cip.admission_date).collect(),
                appointments,
            },
            starts: [
                referrals.into_iter().map(|referral| Start::of_referral(referral, has_died)).collect(),
                answers.into_iter().map(|answer| Start::of_answer(answer, has_died)).collect(),
            ],
        })
    }
}

/// Whether somebody is below the minimum age, wherever they live and whether or not they are alive. No group of the report
/// has children.
fn is_child(person: &Person, at: &Circumstances) -> bool {
    let born = person.patient.birth_month.expect("the checks refuse a patient without a month of birth");
    at.index_date.years_since(born) < at.settings.minimum_age_years
}

/// From when until when the extracts tell of somebody: while they are registered, or all their life where they never were;
/// to the day of their death, on which an admission may be their last.
fn here(person: &Person, death: Option<Day>, data_to: Day) -> Span {
    let born = person.patient.birth_month.expect("the checks refuse a patient without a month of birth");
    let first = standing::registrations(person).map(|row| row.start_date).min().unwrap_or(born);
    let is_open = standing::registrations(person).any(|row| row.end_date.is_none());
    let ended = standing::registrations(person).filter_map(|row| row.end_date).max().filter(|_| !is_open);
    // A registration that ends on the day of death ends by it.
    let left = ended.filter(|ended| death != Some(*ended)).map(|ended| ended - 1);
    let last = [left, death].into_iter().flatten().fold(data_to, Day::min);
    Span { first, last }
}

/// Somebody has died and nobody says when: no day of theirs is known to be whole.
fn nowhere(data_to: Day) -> Span {
    Span { first: data_to + 1, last: data_to }
}

impl Everybody {
    fn add(&mut self, part: Everybody) {
        self.seen.extend(part.seen);
        for (population, more) in self.population.iter_mut().zip(part.population) {
            more.into_iter().for_each(|(group, n)| *population.entry(group).or_default() += n);
        }
        self.senders.iter_mut().zip(part.senders).for_each(|(senders, more)| senders.add(more));
    }

    /// From when until when each of three feeds is whole: hospital stays, GP appointments and outpatient appointments. None
    /// where nothing of it has arrived.
    pub fn spans(&self, data_to: Day, settings: &Settings) -> [Option<Span>; 3] {
        let late = |feed: &str| match feed {
            "apc_episodes" => STAYS_ARRIVE_WITHIN_DAYS,
            feed => settings.extracts.lag_days.get(feed).copied().unwrap_or(0),
        };
        std::array::from_fn(|nth| self.senders[nth].months().span(data_to, late(FEEDS[nth].0)))
    }

    /// Who sent one of these feeds for a part of the days from one to another of which it tells everything.
    pub fn in_part(&self, days: Span, spans: [Option<Span>; 3], rows_min: f64) -> Vec<InPart> {
        let of_feed = self.senders.iter().zip(FEEDS).zip(spans);
        of_feed
            .filter_map(|((senders, (_, words)), span)| Some(senders.in_part(words, span?.and(days), rows_min)))
            .flatten()
            .collect()
    }

    /// Whether anybody has a start with a service.
    pub fn has_any(&self, service: Service) -> bool {
        self.seen.iter().any(|one| !one.starts[service as usize].is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cohort::tests::life::{circumstances, day, person};

    #[track_caller]
    fn check(lines: &str, death: Option<&str>, expected: (&str, &str)) {
        let found = here(&person(lines), death.map(day), day("2026-11-20"));
        assert_eq!((found.first, found.last), (day(expected.0), day(expected.1)));
    }

    #[test]
    fn a_child_is_one_wherever_they_live_and_whatever_became_of_them() {
        // On 20 November 2026.
        let is_child = |lines: &str| circumstances(|at| is_child(&person(lines), at));
        assert_eq!([is_child("born 2008-12 -"), is_child("born 2008-11 -")], [true, false]);
        assert!(is_child("born 2019-03 -\n gp F99901 2019-03-01 2026-05-01 regular"));
        assert!(is_child("born 2019-03 -\n dead 2026-10-01 pds"));
    }

    #[test]
    fn somebody_is_here_while_registered_and_alive() {
        check("born 1950-03 -", None, ("1950-03-01", "2026-11-20"));
        check("gp F99901 2010-01-01 - regular", None, ("2010-01-01", "2026-11-20"));
        check("gp F99901 2010-01-01 2026-05-01 regular", None, ("2010-01-01", "2026-04-30"));
        let moved = "gp F99901 2010-01-01 2020-05-01 regular\n gp F99902 2020-05-01 - regular";
        check(moved, None, ("2010-01-01", "2026-11-20"));
        check(moved, Some("2026-10-01"), ("2010-01-01", "2026-10-01"));
        let until_death = "gp F99901 2010-01-01 2026-10-01 regular";
        check(until_death, Some("2026-10-01"), ("2010-01-01", "2026-10-01"));
        check(until_death, Some("2026-11-01"), ("2010-01-01", "2026-09-30"));
    }
}
