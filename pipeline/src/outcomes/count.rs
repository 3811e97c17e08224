//! What is counted, of whom.

use std::collections::BTreeMap;

use super::{
    follow::{BothSides, both_sides, days},
    period::Period,
    read::{Everybody, Population, Seen},
    rows::NEEDS,
    span::Span,
    starts::{Ending, Service, Start},
};
use crate::day::Day;

/// Some of the people, or all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// All.
    Everybody,
    /// Starts with one organisation or team, by its place among their names.
    Programme(u16),
    /// A characteristic and a group of it, by their places in [`crate::cohort::groups::CHARACTERISTICS`].
    Group(u8, u8),
}

/// What happens before and after a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// Emergency admissions.
    Admissions,
    /// Appointments, with practices and clinics together.
    Appointments,
}

/// Something that is counted. Those that are never told are there because they are what is left of something told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// Starts: referrals, or programmes accepted.
    Started,
    /// Of these, in one of the period's quarters.
    InQuarter(u8),
    /// Never told: of these, not declined.
    TakenUp,
    /// Never told: of these, all but one of each person for whom the service is; of no programme.
    TakenUpBesides,
    /// Starts by how far they have come; of coaching also whoever declined, who are no starts.
    Ended(Ending),
    /// People for whom the service is.
    People,
    /// Of these, with a start that was not declined.
    Reached,
    /// Of these, without one.
    NotReached,
    /// Starts that name a need.
    WithNeed,
    /// Never told: starts that name none.
    WithoutNeed,
    /// Never told: starts that name a need, by how far they have come.
    WithNeedEnded(Ending),
    /// Never told: the others, by how far they have come.
    WithoutNeedEnded(Ending),
    /// Starts that name a need, and were declined or left.
    Unmet,
    /// Never told: the others that name one.
    NotUnmet,
    /// Starts that name one of the declared needs.
    Named(u8),
    /// Of these, declined or left.
    NamedUnmet(u8),
    /// Never told: the others.
    NamedNotUnmet(u8),
    /// Never told: starts declined or left that name needs, but not this one.
    UnmetWithout(u8),
    /// Never told: the others that name needs, but not this one.
    NotUnmetWithout(u8),
    /// Never told: needs of all starts, each start with as many as it names.
    Needs,
    /// Never told: of these, all but the first of each start.
    FurtherNeeds,
    /// Never told: needs of starts that were declined or left.
    UnmetNeeds,
    /// Never told: of these, all but the first of each start.
    FurtherUnmetNeeds,
    /// Starts of which the number of sessions is recorded.
    WithSessions,
    /// Never told: the others.
    WithoutSessions,
    /// Starts whose wellbeing was asked twice.
    AskedTwice,
    /// Never told: the others.
    NotAskedTwice,
    /// People of whom a day before their first start and one after it are whole.
    Followed(Topic),
    /// Never told: all other starts that were not declined.
    NotFollowed(Topic),
    /// Emergency admissions, or appointments kept and missed, on the days before.
    Before(Topic),
    /// The same after.
    After(Topic),
    /// Appointments missed before.
    MissedBefore,
    /// Appointments missed after.
    MissedAfter,
    /// Never told: kept before.
    KeptBefore,
    /// Never told: kept after.
    KeptAfter,
}

impl Measure {
    /// Whether it is told anywhere.
    pub fn is_told(self) -> bool {
        use Measure::*;
        !matches!(
            self,
            WithoutNeed
                | WithNeedEnded(_)
                | WithoutNeedEnded(_)
                | NotUnmet
                | NamedNotUnmet(_)
                | UnmetWithout(_)
                | NotUnmetWithout(_)
                | Needs
                | FurtherNeeds
                | UnmetNeeds
                | FurtherUnmetNeeds
                | TakenUp
                | TakenUpBesides
                | WithoutSessions
                | NotAskedTwice
                | NotFollowed(_)
                | KeptBefore
                | KeptAfter
        )
    }
}

/// Something that is added up and only told as a mean or as time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sum {
    /// Sessions of starts with sessions.
    Sessions,
    /// Changes of one of the four scores.
    Wellbeing(u8),
    /// Days on each side of a start.
    Days(Topic),
}

/// Everything that is counted of a service.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// Names of the programmes, sorted.
    pub programmes: Vec<String>,
    /// Counts; what is not there is 0.
    pub counts: BTreeMap<(Part, Measure), u64>,
    /// Sums; what is not there is 0.
    pub sums: BTreeMap<(Part, Sum), i64>,
}

/// The days of which each topic tells everything; none where its feeds are not there.
pub type Whole = BTreeMap<Topic, Span>;

impl Counts {
    /// Counts the starts of a period with a service.
    pub fn of(everybody: &Everybody, service: Service, period: &Period, whole: &Whole) -> Counts {
        let starts = |one: &'_ Seen| -> Vec<Start> {
            let of_period = one.starts[service as usize].iter().filter(|start| period.place(start.on).is_some());
            of_period.cloned().collect()
        };
        let people: Vec<(&Seen, Vec<Start>)> = everybody.seen.iter().map(|one| (one, starts(one))).collect();
        let mut programmes: Vec<String> =
            people.iter().flat_map(|(_, starts)| starts).map(|start| start.programme.clone()).collect();
        programmes.sort_unstable();
        programmes.dedup();
        let mut counts = Counts { programmes, ..Counts::default() };
        for (one, starts) in people.iter().filter(|(_, starts)| !starts.is_empty()) {
            counts.person(one, starts, service, period, whole);
        }
        counts.taken_up_besides();
        counts.population(&everybody.population[service as usize]);
        counts
    }

    fn person(&mut self, one: &Seen, starts: &[Start], service: Service, period: &Period, whole: &Whole) {
        let groups = || (0..).zip(one.places).map(|(nth, place)| Part::Group(nth, place));
        for start in starts {
            let parts: Vec<Part> = [Part::Everybody, self.programme(start)].into_iter().chain(groups()).collect();
            self.add(&parts, Measure::Ended(start.ending), 1);
            if start.counts_for(service) {
                let quarter = period.place(start.on).expect("only starts of the period are counted");
                self.start(&parts, start, quarter);
            }
        }
        if one.belongs[service as usize] && starts.iter().any(Start::is_taken_up) {
            let parts: Vec<Part> = [Part::Everybody].into_iter().chain(groups()).collect();
            self.add(&parts, Measure::Reached, 1);
        }
        // Once, from their first: the days after one start would be those before the next.
        if let Some(first) = starts.iter().find(|start| start.is_taken_up()) {
            let parts: Vec<Part> = [Part::Everybody, self.programme(first)].into_iter().chain(groups()).collect();
            whole.iter().for_each(|(topic, span)| self.followed(&parts, one, first.on, *topic, *span));
        }
    }

    fn start(&mut self, parts: &[Part], start: &Start, quarter: u8) {
        use Measure::*;
        self.add(parts, Started, 1);
        self.add(parts, InQuarter(quarter), 1);
        self.needs(parts, start);
        self.add(parts, if start.sessions.is_some() { WithSessions } else { WithoutSessions }, 1);
        start.sessions.iter().for_each(|n| self.sum(parts, Sum::Sessions, i64::from(*n)));
        self.add(parts, if start.wellbeing.is_some() { AskedTwice } else { NotAskedTwice }, 1);
        for (nth, change) in (0..).zip(start.wellbeing.into_iter().flatten()) {
            self.sum(parts, Sum::Wellbeing(nth), i64::from(change));
        }
        if start.is_taken_up() {
            self.add(parts, TakenUp, 1);
            for topic in [Topic::Admissions, Topic::Appointments] {
                self.add(parts, NotFollowed(topic), 1);
            }
        }
    }

    fn needs(&mut self, parts: &[Part], start: &Start) {
        use Measure::*;
        if start.needs.is_empty() {
            self.add(parts, WithoutNeed, 1);
            self.add(parts, WithoutNeedEnded(start.ending), 1);
            return;
        }
        let is_unmet = start.ending.leaves_needs();
        let n = start.needs.len() as u64;
        self.add(parts, WithNeed, 1);
        self.add(parts, WithNeedEnded(start.ending), 1);
        self.add(parts, if is_unmet { Unmet } else { NotUnmet }, 1);
        self.add(parts, Needs, n);
        self.add(parts, FurtherNeeds, n - 1);
        if is_unmet {
            self.add(parts, UnmetNeeds, n);
            self.add(parts, FurtherUnmetNeeds, n - 1);
        }
        for need in 0..NEEDS.len() as u8 {
            let is_named = start.needs.contains(&need);
            self.add(parts, Named(need), u64::from(is_named));
            let measure = match (is_named, is_unmet) {
                (true, true) => NamedUnmet(need),
                (true, false) => NamedNotUnmet(need),
                (false, true) => UnmetWithout(need),
                (false, false) => NotUnmetWithout(need),
            };
            self.add(parts, measure, 1);
        }
    }

    fn followed(&mut self, parts: &[Part], one: &Seen, start: Day, topic: Topic, span: Span) {
        use Measure::*;
        let n_days = days(start, span.and(one.life.here));
        if n_days == 0 {
            return;
        }
        self.add(parts, Followed(topic), 1);
        parts.iter().for_each(|part| *self.counts.entry((*part, NotFollowed(topic))).or_default() -= 1);
        self.sum(parts, Sum::Days(topic), i64::from(n_days));
        let sides = |events: &mut dyn Iterator<Item = Day>| both_sides(start, n_days, events);
        let appointments =
            |is_missed| one.life.appointments.iter().filter(move |one| one.is_missed == is_missed).map(|one| one.on);
        match topic {
            Topic::Admissions => {
                let BothSides { before, after } = sides(&mut one.life.admissions.iter().copied());
                self.add(parts, Before(topic), before);
                self.add(parts, After(topic), after);
            }
            Topic::Appointments => {
                let (missed, kept) = (sides(&mut appointments(true)), sides(&mut appointments(false)));
                self.add(parts, Before(topic), missed.before + kept.before);
                self.add(parts, After(topic), missed.after + kept.after);
                self.add(parts, MissedBefore, missed.before);
                self.add(parts, MissedAfter, missed.after);
                self.add(parts, KeptBefore, kept.before);
                self.add(parts, KeptAfter, kept.after);
            }
        }
    }

    fn taken_up_besides(&mut self) {
        let of_people = |part: &Part| !matches!(part, Part::Programme(_));
        let taken_up = self.counts.keys().filter(|(part, measure)| *measure == Measure::TakenUp && of_people(part));
        let parts: Vec<Part> = taken_up.map(|(part, _)| *part).collect();
        for part in parts {
            let n = self.get(part, Measure::TakenUp) - self.get(part, Measure::Reached);
            self.add(&[part], Measure::TakenUpBesides, n);
        }
    }

    /// Everybody has one group of each characteristic, so those of the first are all.
    fn population(&mut self, population: &Population) {
        for (&(nth, place), &n) in population {
            self.add(&[Part::Group(nth, place)], Measure::People, n);
            if nth == 0 {
                self.add(&[Part::Everybody], Measure::People, n);
            }
        }
        let parts: Vec<Part> =
            self.counts.keys().filter(|(_, m)| *m == Measure::People).map(|(part, _)| *part).collect();
        for part in parts {
            self.add(&[part], Measure::NotReached, self.get(part, Measure::People) - self.get(part, Measure::Reached));
        }
    }

    fn programme(&self, start: &Start) -> Part {
        let place = self.programmes.binary_search(&start.programme).expect("every programme of a start is named");
        Part::Programme(u16::try_from(place).expect("there are fewer programmes than starts"))
    }

    fn add(&mut self, parts: &[Part], measure: Measure, n: u64) {
        for part in parts.iter().filter(|_| n > 0) {
            *self.counts.entry((*part, measure)).or_default() += n;
        }
    }

    fn sum(&mut self, parts: &[Part], sum: Sum, n: i64) {
        parts.iter().for_each(|part| *self.sums.entry((*part, sum)).or_default() += n);
    }

    /// A count.
    pub fn get(&self, part: Part, measure: Measure) -> u64 {
        self.counts.get(&(part, measure)).copied().unwrap_or(0)
    }
}
