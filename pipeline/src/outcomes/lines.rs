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
        if let Some((sum, way)) = part_of(*measure, service) {
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
    Sessions,
    Wellbeing,
    Followed(Topic),
    Reach,
    Attendance,
}

/// The count of which a count of the same people is a part, and in which way it is divided.
fn part_of(measure: Measure, service: Service) -> Option<(Measure, Way)> {
    use Measure::*;
    match measure {
        InQuarter(_) => Some((Started, Way::Quarters)),
        // Whoever declined coaching is no start of it.
        Ended(Ending::Declined) if service == Service::Coaching => None,
        Ended(_) => Some((Started, Way::Endings)),
        WithNeed | WithoutNeed => Some((Started, Way::Needs)),
        Unmet | NotUnmet => Some((WithNeed, Way::Needs)),
        NamedUnmet(need) | NamedNotUnmet(need) => Some((Named(need), Way::Needs)),
        WithSessions | WithoutSessions => Some((Started, Way::Sessions)),
        AskedTwice | NotAskedTwice => Some((Started, Way::Wellbeing)),
        Followed(topic) | NotFollowed(topic) => Some((Started, Way::Followed(topic))),
        Reached | NotReached => Some((People, Way::Reach)),
        MissedBefore | KeptBefore => Some((Before(Topic::Appointments), Way::Attendance)),
        MissedAfter | KeptAfter => Some((After(Topic::Appointments), Way::Attendance)),
        Started | People | Named(_) | Before(_) | After(_) => None,
    }
}
