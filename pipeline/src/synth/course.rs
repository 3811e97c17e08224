//! The real risk: how likely a person is to be admitted, or to die outside hospital, on each day of their life.

use crate::day::Day;

use super::{
    calendar::{month, weekday},
    conditions::Conditions,
    person::Person,
    rates::MOST_ADMISSION_RATIO,
    world::World,
};

/// Share of emergency admissions for respiratory reasons (emergency_admission_diagnosis_class.csv).
const RESPIRATORY_SHARE: f64 = 0.138;
/// By how much an emergency admission raises the rate of the next one (specification 5), and how it fades.
const AFTERMATH: f64 = 0.6;
const AFTERMATH_DAYS: f64 = 130.0;
/// The first days at home are the worst. Own design: without it, fewer than half of the published readmissions happen.
const RELAPSE: f64 = 7.0;
const RELAPSE_DAYS: f64 = 20.0;
/// The same for deaths outside hospital after a stay.
const DECLINE: f64 = 3.0;
const DECLINE_DAYS: f64 = 60.0;
/// Monday first; fewer people are admitted at weekends.
const WEEKDAYS: [f64; 7] = [1.08, 1.04, 1.02, 1.02, 1.04, 0.91, 0.89];
/// Highest month (January, both parts) times highest weekday.
const CALENDAR_MOST: f64 = 1.25;

/// What is left of a stay: when it ended, for the rates afterwards.
pub(crate) type LastDischarge = Option<Day>;

/// A person's daily rates.
pub(crate) struct Course<'a> {
    world: &'a World,
    person: &'a Person,
    fifth: usize,
    /// From each day on: products of the ratios of the conditions so far, for admission and for death.
    ratios: Vec<(Day, f64, f64)>,
    calendar: [f64; 12],
}

impl<'a> Course<'a> {
    /// The course of a person with their conditions.
    pub fn new(world: &'a World, person: &'a Person, conditions: &Conditions) -> Course<'a> {
        let mut onsets: Vec<(Day, usize)> =
            conditions.0.iter().enumerate().filter_map(|(i, since)| since.map(|day| (day, i))).collect();
        onsets.sort_unstable();
        let (mut admission, mut death) = (1.0, 1.0);
        let ratios = onsets.iter().map(|&(day, i)| {
            admission *= world.numbers.conditions[i].admission_ratio;
            death *= world.numbers.conditions[i].mortality_ratio;
            (day, admission.min(MOST_ADMISSION_RATIO), death)
        });
        Course {
            fifth: world.areas[person.area].fifth(),
            ratios: ratios.collect(),
            calendar: std::array::from_fn(|i| {
                let season = &world.numbers.seasons[i];
                RESPIRATORY_SHARE * season.respiratory + (1.0 - RESPIRATORY_SHARE) * season.other
            }),
            world,
            person,
        }
    }

    /// Rate of emergency admissions on a day at home, per day.
    pub fn admission(&self, day: Day, last: LastDischarge) -> f64 {
        let base = self.world.rates.admission(self.person.age(day), self.fifth);
        base * self.ratio(day).0
            * self.person.frailty
            * aftermath(day, last)
            * self.calendar[month(day)]
            * WEEKDAYS[weekday(day)]
    }

    /// Rate of deaths outside hospital on a day, per day.
    pub fn death(&self, day: Day, last: LastDischarge) -> f64 {
        let base = self.world.rates.death(self.person.age(day), self.person.sex);
        base * self.ratio(day).1 * last.map_or(1.0, |then| 1.0 + DECLINE * fading(day - then, DECLINE_DAYS))
    }

    /// A rate that admissions and deaths together never exceed up to a day.
    pub fn bound(&self, until: Day) -> f64 {
        let oldest = self.person.age(until) as usize;
        let youngest = (oldest as i32 - self.world.params.years as i32 - 3).max(0) as usize;
        let ages = youngest..=oldest;
        let rates = &self.world.rates;
        let admission = ages.clone().map(|age| rates.admission(age as f64, self.fifth)).fold(0.0, f64::max);
        let death = ages.map(|age| rates.death(age as f64, self.person.sex)).fold(0.0, f64::max);
        let (a, d) = self.ratio(until + 400);
        admission * a * self.person.frailty * (1.0 + AFTERMATH + RELAPSE) * CALENDAR_MOST + death * d * (1.0 + DECLINE)
    }

    /// How much the conditions of a day multiply mortality.
    pub fn mortality_ratio(&self, day: Day) -> f64 {
        self.ratio(day).1
    }

    /// Probability of at least one emergency admission, before death, in the `days` after a day; for somebody in a bed,
    /// from the day after they leave it. Conditions that begin within the window count from their day.
    pub fn probability(&self, after: Day, days: i32, last: LastDischarge) -> f64 {
        let (mut alive_at_home, mut admitted) = (1.0, 0.0);
        let from = last.map_or(after + 1, |discharge| (after + 1).max(discharge + 1));
        for n in from.0..=after.0 + days {
            let (h, d) = (self.admission(Day(n), last), self.death(Day(n), last));
            if h + d > 0.0 {
                let gone = alive_at_home * (1.0 - (-(h + d)).exp());
                admitted += gone * h / (h + d);
                alive_at_home -= gone;
            }
        }
        admitted
    }

    fn ratio(&self, day: Day) -> (f64, f64) {
        let so_far = self.ratios.iter().rev().find(|(since, _, _)| *since <= day);
        so_far.map_or((1.0, 1.0), |&(_, admission, death)| (admission, death))
    }
}

fn fading(days: i32, scale: f64) -> f64 {
    (-f64::from(days.max(0)) / scale).exp()
}

fn aftermath(day: Day, last: LastDischarge) -> f64 {
    last.map_or(1.0, |then| {
        1.0 + AFTERMATH * fading(day - then, AFTERMATH_DAYS) + RELAPSE * fading(day - then, RELAPSE_DAYS)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_falls_back_after_a_discharge() {
        let home = Day(1000);
        assert_eq!(aftermath(home, None), 1.0);
        assert_eq!(aftermath(home, Some(home)), 1.0 + AFTERMATH + RELAPSE);
        assert!(aftermath(home + 20, Some(home)) > aftermath(home + 60, Some(home)));
        assert!((aftermath(home + 2000, Some(home)) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn no_month_and_weekday_exceed_the_bound() {
        let most = super::super::parameters::parameters().seasons.iter();
        let most = most.map(|s| RESPIRATORY_SHARE * s.respiratory + (1.0 - RESPIRATORY_SHARE) * s.other);
        let month = most.fold(0.0, f64::max);
        assert!(month * WEEKDAYS.into_iter().fold(0.0, f64::max) <= CALENDAR_MOST);
    }
}
