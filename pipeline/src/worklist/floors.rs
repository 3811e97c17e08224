//! Places of a team's list that are kept for people of a borough, a network or some practices, so that one busy site does not
//! take them all.

use std::collections::BTreeSet;

use super::owner::Placement;
use crate::settings::Floor;

/// Most floors of a service.
pub const FLOORS_MAX: usize = 16;

/// The floors of a service.
#[derive(Clone, Debug, Default)]
pub struct Floors(Vec<(String, BTreeSet<String>, f64)>);

/// For which floors somebody counts, a bit for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CountsFor(u16);

/// One floor of a team's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its position among the floors of the service.
    pub floor: usize,
    /// So many places.
    pub n: usize,
}

impl CountsFor {
    /// Whether somebody counts for a floor.
    pub fn has(self, floor: usize) -> bool {
        self.0 >> floor & 1 == 1
    }

    #[cfg(test)]
    pub(crate) fn floors(floors: &[usize]) -> CountsFor {
        CountsFor(floors.iter().map(|floor| 1 << floor).sum())
    }
}

impl Floors {
    /// The floors that a service has set; the settings are checked.
    pub fn of(set: &[Floor]) -> Floors {
        let of = |floor: &Floor| (floor.team_id.clone(), floor.codes.iter().cloned().collect(), floor.share);
        Floors(set.iter().map(of).collect())
    }

    /// For which floors somebody counts, by where they belong; not by where they were last admitted.
    pub fn counts_for(&self, person: &Placement) -> CountsFor {
        let codes = [person.practice_code.as_str(), person.pcn_code.as_str(), person.lad_code.as_str()];
        let is_theirs = |(_, of, _): &(String, BTreeSet<String>, f64)| codes.iter().any(|code| of.contains(*code));
        let bit = |(at, floor)| u16::from(is_theirs(floor)) << at;
        CountsFor(self.0.iter().enumerate().map(bit).sum())
    }

    /// The floors of a team with so many places: of each its share, rounded down, if that is any.
    pub fn of_team(&self, team_id: &str, slots: usize) -> Vec<Kept> {
        let theirs = self.0.iter().enumerate().filter(|(_, (of, _, _))| of == team_id);
        // The tiny addend keeps 0.29 × 100 at 29, where the product of floats falls just short of it.
        let kept = theirs.map(|(floor, (_, _, share))| Kept { floor, n: (share * slots as f64 + 1e-9) as usize });
        kept.filter(|kept| kept.n > 0).collect()
    }

    /// What a floor is for, as its settings name it: "F84001 or F84002".
    pub fn in_words(&self, floor: usize) -> String {
        self.0[floor].1.iter().cloned().collect::<Vec<_>>().join(" or ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{history::records::LongCode, settings::Settings};

    fn floors() -> Floors {
        let text = "[[floor]]\nteam_id = \"coach-1\"\ncodes = [\"F86001\", \"F86002\"]\nshare = 0.29\n\
                    [[floor]]\nteam_id = \"coach-2\"\ncodes = [\"E09000031\"]\nshare = 0.5\n";
        Floors::of(&Settings::parse(text, std::path::Path::new("")).unwrap().floors)
    }

    #[test]
    fn somebody_counts_by_practice_network_or_borough_and_not_by_hospital() {
        let [practice, borough, trust] = ["F86002", "E09000031", "R1H"].map(LongCode::new);
        let person = Placement { practice_code: practice, lad_code: borough, ..Placement::default() };
        assert_eq!([0, 1].map(|floor| floors().counts_for(&person).has(floor)), [true, true]);
        let elsewhere = Placement { last_provider: trust, ..Placement::default() };
        assert_eq!(floors().counts_for(&elsewhere), CountsFor::default());
    }

    #[test]
    fn a_share_of_the_places_is_rounded_down() {
        let kept =
            |team, slots| floors().of_team(team, slots).iter().map(|kept| (kept.floor, kept.n)).collect::<Vec<_>>();
        assert_eq!(kept("coach-1", 100), [(0, 29)]);
        assert_eq!(kept("coach-2", 5), [(1, 2)]);
        assert_eq!(kept("coach-2", 1), []);
        assert_eq!(kept("coach-3", 100), []);
        assert_eq!(floors().in_words(0), "F86001 or F86002");
    }
}
