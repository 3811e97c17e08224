//! What changed on each team's list from one published night to another, and why.

use std::{collections::BTreeMap, path::Path};

use crate::{
    error::{Error, Kind, Result},
    night::shown::Shown,
    store::nights::{self, NightId},
    worklist::line::{Line, TeamList},
};

/// What changed on one team's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamDiff {
    /// The team.
    pub team_id: String,
    /// Lines on the earlier night and on the later.
    pub n_lines: [usize; 2],
    /// Who is on the later list and was not on the earlier, in order.
    pub joined: Vec<Changed>,
    /// Who was on the earlier list and is not on the later, in the order of the earlier.
    pub left: Vec<Changed>,
    /// Whose place and risk are others now, in the order of the later list.
    pub moved: Vec<Changed>,
    /// Others, whose place is another because somebody joined, left or moved.
    pub n_shifted: usize,
}

/// One person whose place on a list changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The person within the team.
    pub person_ref: String,
    /// The line on the earlier night, if they were on the list, and on the later.
    pub line_no: [Option<u32>; 2],
    /// Why, in words.
    pub why: String,
}

/// The newest revision of a date, or the night of a name: `2026-11-20` or `2026-11-20.1`.
///
/// # Errors
/// * [`Kind::Usage`] when no such night is published.
pub fn night_of(out: &Path, text: &str) -> Result<NightId> {
    let nights = nights::published(out)?;
    let is_asked = |night: &NightId| night.to_string() == text || night.index_date.to_string() == text;
    nights.into_iter().rfind(is_asked).ok_or_else(|| {
        Error::new(Kind::Usage, "no such night is published")
            .hint("name a date, as 2026-11-20, or a night, as 2026-11-20.1; `nights` in the output folder has them")
    })
}

/// The changes of every team, by team, from one night to another.
///
/// # Errors
/// * [`Kind::Storage`] when the lists of one cannot be read.
pub fn diff(out: &Path, from: NightId, to: NightId) -> Result<Vec<TeamDiff>> {
    let [before, now] =
        [from, to].map(|night| nights::read(out, night, Shown::FILE).and_then(|bytes| Shown::of(&bytes, night)));
    let (before, now) = (before?, now?);
    let mut teams: BTreeMap<&str, [Option<&TeamList>; 2]> = BTreeMap::new();
    for (nth, shown) in [&before, &now].into_iter().enumerate() {
        for list in &shown.lists {
            teams.entry(&list.team_id).or_default()[nth] = Some(list);
        }
    }
    Ok(teams.into_iter().map(|(team_id, lists)| of_team(team_id, lists)).collect())
}

fn of_team(team_id: &str, lists: [Option<&TeamList>; 2]) -> TeamDiff {
    let [before, now] = lists.map(|list| list.map_or(&[][..], |list| &list.lines));
    let by_ref = |lines| {
        let known = lines_of(lines).map(|line| (line.person_ref.as_str(), line));
        known.collect::<BTreeMap<&str, &Line>>()
    };
    let (old, new) = match lists {
        // A list for something else is another list: everybody left the one and joined the other.
        [Some(before), Some(now)] if before.pathway != now.pathway => Default::default(),
        _ => (by_ref(before), by_ref(now)),
    };
    // Told by the later night of the night before it; of a night further back it may not say.
    let why_left: BTreeMap<&str, &str> =
        lists[1].iter().flat_map(|list| &list.left).map(|(person, why)| (person.as_str(), why.as_str())).collect();
    let changed = |line: &Line, line_no, why: String| Changed { person_ref: line.person_ref.clone(), line_no, why };
    let joined = lines_of(now).filter(|line| !old.contains_key(line.person_ref.as_str()));
    let left = lines_of(before).filter(|line| !new.contains_key(line.person_ref.as_str()));
    let stayed = lines_of(now).filter_map(|line| Some((*old.get(line.person_ref.as_str())?, line)));
    let other_place: Vec<(&Line, &Line)> = stayed.filter(|(old, new)| old.line_no != new.line_no).collect();
    let (moved, shifted): (Vec<_>, Vec<_>) = other_place
        .into_iter()
        .partition(|(old, new)| old.risk_in_words != new.risk_in_words || old.is_carried_over != new.is_carried_over);
    TeamDiff {
        team_id: team_id.to_owned(),
        n_lines: [before.len(), now.len()],
        joined: joined.map(|line| changed(line, [None, Some(line.line_no)], why_here(line))).collect(),
        left: left
            .map(|line| {
                let why = why_left.get(line.person_ref.as_str()).copied();
                let why = why.unwrap_or("the later night does not say why: one between them does");
                changed(line, [Some(line.line_no), None], why.to_owned())
            })
            .collect(),
        moved: moved
            .iter()
            .map(|(old, new)| {
                let risks = format!("{} was {}", new.risk_in_words, old.risk_in_words);
                changed(new, [Some(old.line_no), Some(new.line_no)], format!("{risks}; {}", why_here(new)))
            })
            .collect(),
        n_shifted: shifted.len(),
    }
}

/// Lines of people who were not removed since.
fn lines_of(lines: &[Line]) -> impl Iterator<Item = &Line> {
    lines.iter().filter(|line| !line.is_removed())
}

/// What a line says of its own place.
fn why_here(line: &Line) -> String {
    let called = line.is_carried_over.then_some(line.contact.as_str());
    let facts = line.change_facts.iter().map(String::as_str);
    [line.change.as_str()].into_iter().chain(called).chain(facts).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worklist::sample;

    fn list(lines: &[(u32, u32)]) -> TeamList {
        let line = |&(line_no, n): &(u32, u32)| Line { line_no, is_carried_over: false, ..sample::line(n) };
        TeamList { lines: lines.iter().map(line).collect(), left: vec![], ..sample::list() }
    }

    fn refs(changed: &[Changed]) -> Vec<&str> {
        changed.iter().map(|one| one.person_ref.as_str()).collect()
    }

    #[test]
    fn who_joined_who_left_and_whose_risk_moved_them_are_told_and_the_others_counted() {
        let before = list(&[(1, 1), (2, 2), (3, 3), (4, 4)]);
        let mut now = list(&[(1, 5), (2, 1), (3, 4), (4, 3)]);
        now.lines[3].risk_in_words = "9 in 100".into();
        now.left = vec![(before.lines[1].person_ref.clone(), "has died".into())];
        let diff = of_team("coach-31", [Some(&before), Some(&now)]);
        assert_eq!(refs(&diff.joined), [now.lines[0].person_ref.as_str()]);
        assert_eq!(
            (refs(&diff.left), diff.left[0].why.as_str()),
            (vec![before.lines[1].person_ref.as_str()], "has died")
        );
        assert_eq!(diff.moved[0].line_no, [Some(3), Some(4)]);
        assert!(diff.moved[0].why.starts_with("9 in 100 was 66 in 100; "), "{}", diff.moved[0].why);
        assert_eq!(
            (diff.moved.len(), diff.n_shifted),
            (1, 2),
            "the first and the fourth went where they are because others did"
        );
    }

    #[test]
    fn a_night_beside_itself_has_no_changes_and_a_removed_line_is_nobody_s() {
        let before = list(&[(1, 1), (2, 2)]);
        let same = of_team("coach-31", [Some(&before), Some(&before)]);
        assert_eq!((same.joined.len(), same.left.len(), same.moved.len(), same.n_shifted), (0, 0, 0, 0));
        let mut now = before.clone();
        now.lines[1] = Line::removed(2);
        let diff = of_team("coach-31", [Some(&before), Some(&now)]);
        assert_eq!(refs(&diff.left), [before.lines[1].person_ref.as_str()]);
    }

    #[test]
    fn of_a_team_that_offers_something_else_everybody_left_and_joined() {
        let before = list(&[(1, 1), (2, 2)]);
        let now = TeamList { pathway: "virtual_ward".into(), ..list(&[(1, 2)]) };
        let diff = of_team("coach-31", [Some(&before), Some(&now)]);
        assert_eq!((diff.joined.len(), diff.left.len(), diff.moved.len(), diff.n_shifted), (1, 2, 0, 0));
    }

    #[test]
    fn a_team_of_one_night_alone_has_an_empty_list_on_the_other() {
        let now = list(&[(1, 1)]);
        let diff = of_team("coach-31", [None, Some(&now)]);
        assert_eq!((diff.n_lines, diff.joined.len()), ([0, 1], 1));
    }
}
