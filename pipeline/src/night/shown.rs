//! What coaches are shown: the page of a night, its lists, and who left them; every file of it, and the same as data, from
//! which a revision is written.

use std::collections::{BTreeMap, BTreeSet};

use earlycall_schemas::looked_after::service;
use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Kind, Result},
    history::{both, records::PersonKey},
    keys::Keys,
    store::{Store, folder::NewFile, nights::NightId},
    worklist::{
        csv, html,
        left_to_service::LeftToService,
        line::{DO_NOT_CALL, Line, Page, REMOVED, TeamList},
        parquet,
        person_ref::person_ref,
        removed::{self, Removed},
        scores::{self, Scores},
        waiting, xlsx,
    },
};

/// Threads that write lists and scores.
const WRITERS: usize = 2;

/// The lists of a night, and what stands around them.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// What stands on every page.
    pub page: Page,
    /// The lists, team by team.
    pub lists: Vec<TeamList>,
    /// Who was on a list before and is not any more.
    pub removed: Vec<Removed>,
}

/// What was blanked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blanked {
    /// Lines: team and number.
    pub lines: Vec<(String, u32)>,
    /// Places that told of somebody who left a list, or waits for one.
    pub n_who_left: usize,
}

impl Blanked {
    /// Whether nothing was.
    pub fn is_nothing(&self) -> bool {
        *self == Blanked::default()
    }
}

impl Shown {
    /// Where it is kept as data, inside a night's folder.
    pub const FILE: &str = "lists.json";

    /// Every file that shows it, and `scores.parquet`, with paths inside the night's folder. The same lists and scores give
    /// the same bytes.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when a text is too long for a cell of Excel.
    pub fn files(&self, scores: &Scores) -> Result<Vec<NewFile>> {
        let mut data = serde_json::to_vec(self).expect("lists are plain data");
        data.push(b'\n');
        let mut files = vec![
            NewFile::new(Shown::FILE, data),
            NewFile::new("worklist.parquet", parquet::write(&self.page, &self.lists)),
            NewFile::new("removed.csv", removed::write(&self.removed)),
        ];
        // Everybody's scores take as long as all lists.
        let of_lists = || self.lists.iter().map(|list| self.files_of(list)).collect::<Result<Vec<Vec<NewFile>>>>();
        let (scores, of_lists) = both(WRITERS, || scores::write(scores), of_lists);
        files.push(NewFile::new("scores.parquet", scores));
        files.extend(of_lists?.into_iter().flatten());
        Ok(files)
    }

    fn files_of(&self, list: &TeamList) -> Result<Vec<NewFile>> {
        let file = |name: &str, bytes| NewFile::new(format!("worklists/{}/{name}", list.team_id), bytes);
        Ok(vec![
            file("worklist.html", html::write(&self.page, list)),
            file("worklist.xlsx", xlsx::write(&self.page, list)?),
            file("worklist.csv", csv::write(&self.page, list)),
            file("team.html", html::lead::team(&self.page, list)),
            file("waiting.html", html::lead::waiting(&self.page, list)),
            file("waiting.csv", waiting::csv(&list.waiting, self.page.index_date + 1)),
        ])
    }

    /// How many wait for a place on any list, whether they are shown or not.
    pub fn n_waiting(&self) -> usize {
        self.lists.iter().map(|list| list.waiting_since().count()).sum()
    }

    /// Blanks whatever tells of some people: lines, and where it is told that they left a list.
    pub fn blank(&mut self, people: &BTreeSet<PersonKey>, keys: &Keys) -> Blanked {
        let teams = self.lists.iter().map(|list| &list.team_id).chain(self.removed.iter().map(|line| &line.team_id));
        let teams: BTreeSet<String> = teams.cloned().collect();
        let refs_of = |team_id: String| {
            // The key of a team that is no more may be gone, and with it whatever could tell whose its lines were.
            let of_team =
                keys.team(&team_id).map(|key| people.iter().map(|person| person_ref(&key, *person)).collect());
            (team_id, of_team.unwrap_or_default())
        };
        let refs: BTreeMap<String, BTreeSet<String>> = teams.into_iter().map(refs_of).collect();
        let mut blanked = Blanked::default();
        for list in &mut self.lists {
            let refs = &refs[&list.team_id];
            let n_waiting = list.waiting_since().count();
            list.waiting.retain(|waiting| !refs.contains(&waiting.person_ref));
            list.waiting_unshown.retain(|person_ref, _| !refs.contains(person_ref));
            blanked.n_who_left += n_waiting - list.waiting_since().count();
            for line in list.lines.iter_mut().filter(|line| refs.contains(&line.person_ref)) {
                *line = Line::removed(line.line_no);
                blanked.lines.push((list.team_id.clone(), line.line_no));
            }
            for (person_ref, why) in list.left.iter_mut().filter(|(person_ref, _)| refs.contains(person_ref)) {
                (*person_ref, *why) = (REMOVED.to_owned(), DO_NOT_CALL.to_owned());
                blanked.n_who_left += 1;
            }
        }
        for line in self.removed.iter_mut().filter(|line| refs[&line.team_id].contains(&line.person_ref)) {
            (line.person_ref, line.reason) = (REMOVED.to_owned(), DO_NOT_CALL.to_owned());
            blanked.n_who_left += 1;
        }
        blanked
    }

    /// Takes people out of what leads are told of those who are left to services.
    pub fn leave_less(&mut self, left_to: &[&LeftToService]) {
        for list in &mut self.lists {
            let is_of_list = |to: &&&LeftToService| {
                to.team_id.as_deref() == Some(list.team_id.as_str()) && *to.pathway == *list.pathway
            };
            for service in left_to.iter().filter(is_of_list).filter_map(|to| service(&to.service)) {
                let told = list.summary.left_to.iter_mut().filter(|(words, _)| *words == service.words);
                told.for_each(|(_, n)| *n = n.saturating_sub(1));
            }
            list.summary.left_to.retain(|(_, n)| *n > 0);
        }
    }

    /// What a published night shows.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when the file is missing or damaged.
    pub fn read(store: &Store, night: NightId) -> Result<Shown> {
        Shown::of(&store.read(night, Shown::FILE)?, night)
    }

    /// What the bytes of a night's file show.
    ///
    /// # Errors
    /// * [`Kind::Storage`] when they are damaged.
    pub fn of(bytes: &[u8], night: NightId) -> Result<Shown> {
        serde_json::from_slice(bytes).map_err(|_| {
            Error::new(Kind::Storage, "is damaged, or was not written by this program")
                .file(format!("nights/{night}/{}", Shown::FILE))
                .hint("`earlycall run --revise` makes the lists anew")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worklist::sample;

    #[test]
    fn the_lists_read_back_from_their_data() {
        let mut shown = Shown { page: sample::page(), lists: vec![sample::list()], removed: Vec::new() };
        // As a night's lines have them; more digits than a list tells need not survive to the last bit.
        for line in &mut shown.lists[0].lines {
            line.risk = line.risk.map(|risk| (100.0 * risk).round() / 100.0);
        }
        let files = shown.files(&Scores::default()).unwrap();
        let crate::store::folder::Content::Bytes(bytes) = &files[0].content else { panic!("bytes") };
        assert_eq!(serde_json::from_slice::<Shown>(bytes).unwrap(), shown);
    }

    #[test]
    fn a_team_is_given_the_files_that_are_declared() {
        let shown = Shown { page: sample::page(), lists: vec![sample::list()], removed: Vec::new() };
        let folder = format!("worklists/{}/", shown.lists[0].team_id);
        let files = shown.files(&Scores::default()).unwrap();
        let of_team: Vec<&str> = files.iter().filter_map(|file| file.path.strip_prefix(&folder)).collect();
        assert_eq!(of_team, crate::store::deliver::FILES);
    }

    #[test]
    fn whoever_is_taken_out_is_left_to_a_service_no_longer_and_a_service_with_nobody_is_not_told() {
        let mut shown = Shown { page: sample::page(), lists: vec![sample::list()], removed: Vec::new() };
        let left_to = [("Virtual ward".to_owned(), 2), ("Specialist nurse".to_owned(), 1)];
        shown.lists[0].summary.left_to = left_to.to_vec();
        let other_list = "coaching:virtual_ward:coach-99";
        let of_list = ["coaching:virtual_ward:coach-31", "coaching:specialist_nurse:coach-31"];
        let gone: Vec<LeftToService> =
            of_list.into_iter().chain([other_list]).filter_map(LeftToService::parse).collect();
        shown.leave_less(&gone.iter().collect::<Vec<_>>());
        assert_eq!(shown.lists[0].summary.left_to, [("Virtual ward".to_owned(), 1)]);
    }

    #[test]
    fn a_line_and_whatever_tells_that_its_person_left_are_blanked_and_all_else_stays() {
        let settings =
            crate::settings::Settings::parse("[profile]\nkind = \"research\"", std::path::Path::new("/nowhere"))
                .unwrap();
        let keys = Keys::of(&settings).unwrap();
        let person = PersonKey::parse(&"0f".repeat(32)).unwrap();
        let person_ref = person_ref(&keys.team("coach-31").unwrap(), person);
        let (team_id, reason) = ("coach-31".to_owned(), "has died".to_owned());
        let mut list = sample::list();
        list.lines[6].person_ref.clone_from(&person_ref);
        list.left.push((person_ref.clone(), reason.clone()));
        list.waiting_unshown.insert(person_ref.clone(), sample::page().index_date);
        let removed = vec![Removed { team_id, line_no_before: 3, person_ref: person_ref.clone(), reason }];
        let before = list.clone();
        let mut shown = Shown { page: sample::page(), lists: vec![list], removed };
        let blanked = shown.blank(&[person].into(), &keys);
        assert_eq!((blanked.lines, blanked.n_who_left), (vec![("coach-31".to_owned(), 7)], 3));
        assert!(!serde_json::to_string(&shown).unwrap().contains(&person_ref));
        let after = &shown.lists[0];
        assert_eq!(after.lines[6], Line::removed(7));
        assert_eq!((&after.lines[..6], &after.lines[7..]), (&before.lines[..6], &before.lines[7..]));
        assert_eq!(after.left[0], before.left[0]);
        assert!(shown.blank(&[person].into(), &keys).is_nothing());
    }
}
