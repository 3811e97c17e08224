//! Which counts add up to which others.

use std::collections::BTreeMap;

use super::{
    count::{Counts, Measure, Part, Topic},
    starts::{Ending, Service},
    suppress::{Cell, Line, Shown, suppress},
};

/// Every count of a service as it may be told.
pub fn shown(counts: &Counts, service: Service) -> BTreeMap<(Part, Measure), Shown> {
    let keys: Vec<(Part, Measure)> = counts.counts.keys().copied().collect();
    let cell = |(part, measure): &(Part, Measure)| Cell { n: counts.get(*part, *measure), is_told: measure.is_told() };
    let cells: Vec<Cell> = keys.iter().map(cell).collect();
    let shown = suppress(&cells, &lines(&keys, service));
    keys.into_iter().zip(shown).collect()
}

/// The lines of the counts that are there; what is not there is 0, and a reader knows that.
fn lines(keys: &[(Part, Measure)], service: Service) -> Vec<Line> {
    let mut parts_of: BTreeMap<(Part, Measure, Way), Vec<usize>> = BTreeMap::new();
    // Of everybody's count of a measure: all programmes, or all groups of a characteristic.
    let mut divided: BTreeMap<(Measure, Option<u8>), Vec<usize>> = BTreeMap::new();
    for (at, (part, measure)) in keys.iter().enumerate() {
        for (sum, way) in sums_of(*measure, service) {
            parts_of.entry((*part, sum, way)).or_default().push(at);
        }
        match part {
            Part::Everybody => {}
            Part::Programme(_) => divided.entry((*measure, None)).or_default().push(at),
            Part::Group(nth, _) => divided.entry((*measure, Some(*nth))).or_default().push(at),
        }
    }
    let within = parts_of.into_iter().map(|((part, sum, _), parts)| ((part, sum), parts));
    let divided = divided.into_iter().map(|((measure, _), parts)| ((Part::Everybody, measure), parts));
    let line = |(key, parts)| Some(Line { total: keys.binary_search(&key).ok()?, parts });
    within.chain(divided).filter_map(line).collect()
}

/// A way in which a count is divided.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Quarters,
    Endings,
    Needs,
    Need(u8),
    Further,
    Sessions,
    Wellbeing,
    Followed(Topic),
    Reach,
    Attendance,
}

/// The counts of which a count of the same people is a part, and in which way each is divided.
fn sums_of(measure: Measure, service: Service) -> Vec<(Measure, Way)> {
    use Measure::*;
    match measure {
        InQuarter(_) => vec![(Started, Way::Quarters)],
        TakenUp => vec![(Started, Way::Endings)],
        // Whoever declined coaching is no start of it.
        Ended(Ending::Declined) if service == Service::Coaching => vec![],
        Ended(Ending::Declined) => vec![(Started, Way::Endings)],
        Ended(_) => vec![(TakenUp, Way::Endings)],
        WithNeed => vec![(Started, Way::Needs), (Needs, Way::Further)],
        WithoutNeed => vec![(Started, Way::Needs)],
        WithNeedEnded(ending) => {
            let sum = if ending.leaves_needs() { Unmet } else { NotUnmet };
            vec![(Ended(ending), Way::Needs), (sum, Way::Endings)]
        }
        WithoutNeedEnded(ending) => vec![(Ended(ending), Way::Needs), (WithoutNeed, Way::Endings)],
        Unmet => vec![(WithNeed, Way::Needs), (UnmetNeeds, Way::Further)],
        NotUnmet => vec![(WithNeed, Way::Needs)],
        Named(_) => vec![(Needs, Way::Needs)],
        NamedUnmet(need) => vec![(Named(need), Way::Needs), (Unmet, Way::Need(need)), (UnmetNeeds, Way::Needs)],
        NamedNotUnmet(need) => vec![(Named(need), Way::Needs), (NotUnmet, Way::Need(need))],
        UnmetWithout(need) => vec![(Unmet, Way::Need(need))],
        NotUnmetWithout(need) => vec![(NotUnmet, Way::Need(need))],
        FurtherNeeds => vec![(Needs, Way::Further)],
        FurtherUnmetNeeds => vec![(UnmetNeeds, Way::Further)],
        WithSessions | WithoutSessions => vec![(Started, Way::Sessions)],
        AskedTwice | NotAskedTwice => vec![(Started, Way::Wellbeing)],
        Followed(topic) | NotFollowed(topic) => vec![(TakenUp, Way::Followed(topic))],
        Reached => vec![(People, Way::Reach), (TakenUp, Way::Reach)],
        NotReached => vec![(People, Way::Reach)],
        TakenUpBesides => vec![(TakenUp, Way::Reach)],
        MissedBefore | KeptBefore => vec![(Before(Topic::Appointments), Way::Attendance)],
        MissedAfter | KeptAfter => vec![(After(Topic::Appointments), Way::Attendance)],
        Started | People | Before(_) | After(_) | Needs | UnmetNeeds => vec![],
    }
}
