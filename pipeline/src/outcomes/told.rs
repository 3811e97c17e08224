//! The report: of every part of the people what may be told. Rates and shares are worked out from counts as they are told.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    count::{Counts, Measure, Part, Sum, Topic, Whole},
    follow::DAYS,
    lines::shown,
    period::Period,
    rates::{Rate, rate, share},
    rows::NEEDS,
    senders::InPart,
    starts::{Ending, Service},
    suppress::Shown,
};
use crate::{cohort::groups::CHARACTERISTICS, day::Day};

/// Rates, shares and means are told of no fewer people or appointments, as their number is told.
pub const FEWEST: u64 = 20;
/// Time is told as that of so many people: as coarse as their number.
const PEOPLE_ROUNDED_TO: i64 = 5;
/// Reach is told of so many people.
const PER: f64 = 1000.0;
const DAYS_OF_A_YEAR: f64 = 365.25;

/// What became of the people of two services.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The first day of the period.
    pub from: Day,
    /// The last day of the period.
    pub until: Day,
    /// The last day of which the extracts tell everything; what happened counts as known then.
    pub data_to: Day,
    /// Who sent a feed for a part of the days before and after that count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub in_part: Vec<InPart>,
    /// Each service, or why nothing is told of it.
    pub services: Vec<OfService>,
}

/// One service.
#[derive(Clone, Debug, Serialize)]
pub struct OfService {
    /// Which.
    pub service: Service,
    /// Why nothing is told of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absent: Option<String>,
    /// The quarters of the period, in words.
    pub quarters: Vec<String>,
    /// Which appointments are counted; none where no feed of them is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appointments: Option<&'static str>,
    /// Everybody first, then each programme, then each group.
    pub parts: Vec<OfPart>,
}

/// A part of the people. What may not be told is not there, or says so.
#[derive(Clone, Debug, Serialize)]
pub struct OfPart {
    /// `everybody`, `programme`, or the characteristic.
    pub by: &'static str,
    /// Its name.
    pub name: String,
    /// Starts.
    pub started: Shown,
    /// Starts in each quarter.
    pub by_quarter: Vec<Shown>,
    /// For how many of whom it is; of no programme.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reach: Option<Reach>,
    /// How the starts ended.
    pub endings: Endings,
    /// What they need; of coaching nothing is recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needs: Option<Needs>,
    /// How often they met; of coaching nothing is recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sessions: Option<Mean>,
    /// How far wellbeing moved: satisfied, worthwhile, happy, anxious. Of coaching nothing is recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wellbeing: Option<Wellbeing>,
    /// Appointments missed; not there where no appointments are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missed: Option<BeforeAfter>,
    /// Emergency admissions, by person-year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admissions: Option<BeforeAfter>,
}

/// How many of the people for whom a service is have started with it, and were not declined.
#[derive(Clone, Debug, Serialize)]
pub struct Reach {
    /// For whom it is, by the end of the data.
    pub people: Shown,
    /// Of these, with a start in the period that was not declined.
    pub reached: Shown,
    /// Of these, without one; some of them were referred, and declined.
    pub not_reached: Shown,
    /// Reached, of each 1,000.
    pub per_1000: Option<Rate>,
}

/// How starts ended.
#[derive(Clone, Debug, Serialize)]
pub struct Endings {
    /// To the planned end, as referrals say; the log of coaching does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed: Option<Shown>,
    /// Of coaching: the programme's time is over, and nobody noted that they left it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_over_no_leaving_noted: Option<Shown>,
    /// They left.
    pub disengaged: Shown,
    /// They, or the service, said no; of coaching these are no starts.
    pub declined: Shown,
    /// They died before it was over.
    pub died: Shown,
    /// Not over.
    pub going_on: Shown,
}

/// What people need, and whether a referral for it was declined or left.
#[derive(Clone, Debug, Serialize)]
pub struct Needs {
    /// Starts that name a need.
    pub named: Shown,
    /// Of these, declined or left.
    pub unmet: Shown,
    /// Their share.
    pub unmet_share: Option<Rate>,
    /// The same by need.
    pub by_need: Vec<Need>,
}

/// One need.
#[derive(Clone, Debug, Serialize)]
pub struct Need {
    /// Its code.
    pub need: &'static str,
    /// Starts that name it.
    pub named: Shown,
    /// Of these, declined or left.
    pub unmet: Shown,
    /// Their share.
    pub unmet_share: Option<Rate>,
}

/// A mean, and of how many.
#[derive(Clone, Debug, Serialize)]
pub struct Mean {
    /// Starts of which it is known.
    pub of: Shown,
    /// The mean, to a tenth.
    pub mean: Option<f64>,
}

/// Wellbeing at the end against the beginning.
#[derive(Clone, Debug, Serialize)]
pub struct Wellbeing {
    /// Starts whose wellbeing was asked twice.
    pub asked_twice: Shown,
    /// Their mean changes, to a tenth: satisfied, worthwhile, happy, anxious.
    pub change: Option<[f64; 4]>,
}

/// What happened on the days before a start, and on as many after it.
#[derive(Clone, Debug, Serialize)]
pub struct BeforeAfter {
    /// People of whom days on both sides are known.
    pub people: Shown,
    /// Among what: person-years on each side, where it is time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person_years: Option<f64>,
    /// Before.
    pub before: Side,
    /// After.
    pub after: Side,
}

/// One side of a start.
#[derive(Clone, Debug, Serialize)]
pub struct Side {
    /// How many happened.
    pub n: Shown,
    /// Among how many appointments, where it is not time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub among: Option<Shown>,
    /// How many of these, or in a person-year.
    pub rate: Option<Rate>,
}

impl OfService {
    /// All of them together, of a service of which anything is told.
    pub fn everybody(&self) -> &OfPart {
        &self.parts[0]
    }

    /// Nothing is told of a service.
    pub fn absent(service: Service, why: String) -> OfService {
        OfService { service, absent: Some(why), quarters: vec![], appointments: None, parts: vec![] }
    }

    /// What is told of a service.
    pub fn of(
        service: Service,
        counts: &Counts,
        period: &Period,
        whole: &Whole,
        appointments: Option<&'static str>,
    ) -> OfService {
        let quarters = period.quarters();
        let telling = Telling { service, counts, shown: shown(counts, service), n_quarters: quarters.len(), whole };
        let groups = CHARACTERISTICS.iter().enumerate().flat_map(|(nth, characteristic)| {
            let group = move |(place, name): (usize, &&str)| {
                (Part::Group(nth as u8, place as u8), characteristic.name, (*name).to_owned())
            };
            characteristic.groups.iter().enumerate().map(group)
        });
        let programme = |(place, name): (u16, &String)| (Part::Programme(place), "programme", name.clone());
        let everybody = (Part::Everybody, "everybody", "everybody".to_owned());
        let parts = [everybody].into_iter().chain((0..).zip(&counts.programmes).map(programme)).chain(groups);
        let parts = parts.filter(|(part, ..)| *part == Part::Everybody || telling.has_any(*part));
        OfService {
            service,
            absent: None,
            quarters: quarters.into_iter().map(|quarter| period.in_words(quarter)).collect(),
            appointments,
            parts: parts.map(|(part, by, name)| telling.part(part, by, name)).collect(),
        }
    }
}

struct Telling<'a> {
    service: Service,
    counts: &'a Counts,
    shown: BTreeMap<(Part, Measure), Shown>,
    n_quarters: usize,
    whole: &'a Whole,
}

impl Telling<'_> {
    fn has_any(&self, part: Part) -> bool {
        self.shown.range((part, Measure::Started)..).next().is_some_and(|((of, _), _)| *of == part)
    }

    fn part(&self, part: Part, by: &'static str, name: String) -> OfPart {
        let get = |measure| self.get(part, measure);
        let ended = |ending| get(Measure::Ended(ending));
        let has_records = self.service == Service::SocialPrescribing;
        let is_whole = |topic: Topic| self.whole.contains_key(&topic);
        OfPart {
            by,
            name,
            started: get(Measure::Started),
            by_quarter: (0..self.n_quarters).map(|nth| get(Measure::InQuarter(nth as u8))).collect(),
            reach: (!matches!(part, Part::Programme(_))).then(|| self.reach(part)),
            endings: Endings {
                completed: has_records.then(|| ended(Ending::Completed)),
                time_over_no_leaving_noted: (!has_records).then(|| ended(Ending::TimeOver)),
                disengaged: ended(Ending::Disengaged),
                declined: ended(Ending::Declined),
                died: ended(Ending::Died),
                going_on: ended(Ending::GoingOn),
            },
            needs: has_records.then(|| self.needs(part)),
            sessions: has_records.then(|| self.sessions(part)),
            wellbeing: has_records.then(|| self.wellbeing(part)),
            missed: is_whole(Topic::Appointments).then(|| self.missed(part)),
            admissions: is_whole(Topic::Admissions).then(|| self.admissions(part)),
        }
    }

    fn get(&self, part: Part, measure: Measure) -> Shown {
        self.shown.get(&(part, measure)).copied().unwrap_or(Shown::Number(0))
    }

    fn sum(&self, part: Part, sum: Sum) -> i64 {
        self.counts.sums.get(&(part, sum)).copied().unwrap_or(0)
    }

    fn reach(&self, part: Part) -> Reach {
        let [people, reached, not_reached] =
            [Measure::People, Measure::Reached, Measure::NotReached].map(|measure| self.get(part, measure));
        let per_1000 =
            enough(people).zip(reached.number()).map(|(people, n)| coarse(rate(n, people as f64 / PER), 10.0));
        Reach { people, reached, not_reached, per_1000 }
    }

    fn needs(&self, part: Part) -> Needs {
        let pair = |named, unmet| {
            let (named, unmet) = (self.get(part, named), self.get(part, unmet));
            (named, unmet, share_of(unmet, named))
        };
        let need = |(place, need): (u8, &'static String)| {
            let (named, unmet, unmet_share) = pair(Measure::Named(place), Measure::NamedUnmet(place));
            Need { need, named, unmet, unmet_share }
        };
        let (named, unmet, unmet_share) = pair(Measure::WithNeed, Measure::Unmet);
        Needs { named, unmet, unmet_share, by_need: (0..).zip(NEEDS.iter()).map(need).collect() }
    }

    fn sessions(&self, part: Part) -> Mean {
        let of = self.get(part, Measure::WithSessions);
        let n = self.counts.get(part, Measure::WithSessions);
        Mean { of, mean: enough(of).map(|_| mean(self.sum(part, Sum::Sessions), n)) }
    }

    fn wellbeing(&self, part: Part) -> Wellbeing {
        let asked_twice = self.get(part, Measure::AskedTwice);
        let n = self.counts.get(part, Measure::AskedTwice);
        let change = |_| std::array::from_fn(|nth| mean(self.sum(part, Sum::Wellbeing(nth as u8)), n));
        Wellbeing { asked_twice, change: enough(asked_twice).map(change) }
    }

    fn admissions(&self, part: Part) -> BeforeAfter {
        let people = self.get(part, Measure::Followed(Topic::Admissions));
        let years = enough(people).map(|_| person_years(self.sum(part, Sum::Days(Topic::Admissions))));
        let years = years.filter(|years| *years > 0.0);
        let side = |measure| {
            let n = self.get(part, measure);
            Side { n, among: None, rate: n.number().zip(years).map(|(n, years)| coarse(rate(n, years), 1000.0)) }
        };
        BeforeAfter {
            people,
            person_years: years.map(|years| (years * 10.0).round() / 10.0),
            before: side(Measure::Before(Topic::Admissions)),
            after: side(Measure::After(Topic::Admissions)),
        }
    }

    fn missed(&self, part: Part) -> BeforeAfter {
        let people = self.get(part, Measure::Followed(Topic::Appointments));
        let side = |all, missed| {
            let (all, n) = (self.get(part, all), self.get(part, missed));
            Side { n, among: Some(all), rate: enough(people).and_then(|_| share_of(n, all)) }
        };
        BeforeAfter {
            people,
            person_years: None,
            before: side(Measure::Before(Topic::Appointments), Measure::MissedBefore),
            after: side(Measure::After(Topic::Appointments), Measure::MissedAfter),
        }
    }
}

/// A number that is told, if there are enough for a rate.
fn enough(of: Shown) -> Option<u64> {
    of.number().filter(|n| *n >= FEWEST)
}

fn share_of(part: Shown, whole: Shown) -> Option<Rate> {
    let whole = enough(whole)?;
    // Each is rounded by itself.
    Some(coarse(share(part.number()?.min(whole), whole), 1000.0))
}

/// The mean of exact numbers, to a tenth: with a sum and a number of starts that are both rounded it would say nothing.
fn mean(sum: i64, n: u64) -> f64 {
    (10.0 * sum as f64 / n as f64).round() / 10.0
}

/// Days on one side as years, as coarse as the days of five people.
fn person_years(days: i64) -> f64 {
    let of_five = PEOPLE_ROUNDED_TO * i64::from(DAYS);
    let rounded = (days + of_five / 2) / of_five * of_five;
    rounded as f64 / DAYS_OF_A_YEAR
}

fn coarse(rate: Rate, parts: f64) -> Rate {
    let round = |figure: f64| (figure * parts).round() / parts;
    Rate { value: round(rate.value), low: round(rate.low), high: round(rate.high) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_as_coarse_as_that_of_five_people() {
        // 24 people for all 180 days are told as 25.
        assert_eq!(person_years(24 * 180), 25.0 * 180.0 / 365.25);
        assert_eq!(person_years(22 * 180), 20.0 * 180.0 / 365.25);
    }

    #[test]
    fn a_share_of_few_is_not_told() {
        let number = Shown::Number;
        assert_eq!(share_of(number(10), number(15)), None);
        assert_eq!(share_of(Shown::Few, number(100)), None);
        assert_eq!(share_of(number(10), Shown::NotTold), None);
        assert_eq!(share_of(number(10), number(100)).unwrap().value, 0.1);
        assert_eq!(share_of(number(25), number(20)).unwrap().value, 1.0, "both are rounded");
    }
}
