//! Four weeks of nights with coaches who call, two of them under a trial: nobody is on a list who must not be, nobody leaves
//! without a cause, and a list stays what it was but for what happened.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use earlycall::{
    day::Day,
    synth::{Format, SynthParams, generate},
};

use crate::{
    feedback::{FilledIn, add, filled_in},
    holdout::{in_arm, trial},
    published::{csv_rows, of_coaching, scores, worklists},
    service::{Service, day},
    two_nights::listed,
};

/// Friday; the first list is for the Saturday.
const START: &str = "2026-11-13";
const NIGHTS: i32 = 28;
/// The first and the last list of the trial.
const TRIAL: [&str; 2] = ["2026-11-19", "2026-12-04"];
/// Calls of a team on a weekday.
const CALLS_A_DAY: usize = 2;

/// What a simulated call comes to, by lot, and for how many days the person is on no list by it. No days: for the attempts see
/// [`Coach::call`].
const OUTCOMES: [(&str, Option<i32>); 20] = [
    ("No answer", None),
    ("No answer", None),
    ("No answer", None),
    ("No answer", None),
    ("Voicemail", None),
    ("Voicemail", None),
    ("Wrong number", None),
    ("Call back", None),
    ("Call back", None),
    ("Accepted coaching", Some(183)),
    ("Accepted coaching", Some(183)),
    ("Accepted coaching", Some(183)),
    ("Accepted social prescribing", Some(183)),
    ("Declined", Some(180)),
    ("Declined", Some(180)),
    ("Unsuitable", Some(365)),
    ("Already supported", Some(180)),
    ("In hospital", Some(14)),
    ("Moved", Some(180)),
    ("Deceased", Some(i32::MAX)),
];

/// What the coaches know, written down by rules of this test's own.
#[derive(Default)]
struct Coach {
    /// The first day on which somebody may be on a list again.
    away_until: BTreeMap<String, i64>,
    attempts: BTreeMap<String, u32>,
    /// Who accepted in which week, by team.
    accepted: Vec<(String, Day)>,
    n_calls: usize,
    reached: BTreeSet<String>,
}

impl Coach {
    /// Calls somebody; gives back what is filled in.
    fn call(&mut self, team_id: &str, person: &str, on: Day) -> &'static str {
        let lot = usize::from_str_radix(&person[..6], 16).unwrap() + on.0 as usize * 7 + self.n_calls;
        let (words, days) = OUTCOMES[lot % OUTCOMES.len()];
        self.n_calls += 1;
        let is_attempt = ["No answer", "Voicemail", "Wrong number"].contains(&words);
        let attempts = self.attempts.entry(person.to_owned()).or_default();
        *attempts = if is_attempt { *attempts + 1 } else { 0 };
        let rests = match days {
            None if *attempts == 3 => Some(28),
            days => days,
        };
        if !is_attempt {
            self.reached.insert(person.to_owned());
        }
        if let Some(days) = rests {
            *attempts = 0;
            self.away_until.insert(person.to_owned(), i64::from(on.0) + i64::from(days));
        }
        if words == "Accepted coaching" {
            self.accepted.push((team_id.to_owned(), on));
        }
        words
    }

    fn is_away(&self, person: &str, on: Day) -> bool {
        self.away_until.get(person).is_some_and(|until| *until > i64::from(on.0))
    }

    fn accepted_this_week(&self, team_id: &str, on: Day) -> usize {
        let this_week = |(team, day): &&(String, Day)| team == team_id && (on.monday()..=on).contains(day);
        self.accepted.iter().filter(this_week).count()
    }
}

#[test]
fn four_weeks_of_nights_with_coaches_who_call() {
    let (start, end) = (day(START), day(START) + NIGHTS);
    let population = generate(&SynthParams { people: 2_000, years: 3, last_day: end, ..SynthParams::default() });
    let service = Service::empty();
    service.add_settings(&trial(TRIAL[0], TRIAL[1]));
    service.deliver_files(population.delivery_full(start, Format::Csv));
    service.must(&["train", "--index-date", &(start - 365).to_string()]);
    let mut coach = Coach::default();
    let (mut before, mut called_of): (Option<BTreeMap<String, Vec<String>>>, BTreeSet<String>) = Default::default();
    let (mut kept, mut could_stay, mut listed_after) = (0, 0, 0);
    for index_date in (0..NIGHTS).map(|n| start + n) {
        if index_date > start {
            service.deliver_files(population.delivery_delta(index_date - 1, index_date, Format::Csv));
        }
        service.must(&["run", "--index-date", &index_date.to_string()]);
        let (night, list_day) = (service.out().join("current").canonicalize().unwrap(), index_date + 1);
        let (lists, lines) = (of_coaching(listed(&service, &night)), of_coaching(worklists(&night)));
        let scored = scores(&night);
        let all: Vec<&String> = lists.values().flatten().collect();
        let held_out = in_arm(&service, "usual_care");
        let listed_though: Vec<&&String> = all.iter().filter(|person| held_out.contains(**person)).collect();
        assert!(list_day > day(TRIAL[1]) || listed_though.is_empty(), "{list_day}: somebody in usual care");
        listed_after += listed_though.len();
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "{list_day}: nobody is on two lists");
        for (team_id, list) in &lists {
            assert!(
                list.iter().all(|person| !coach.is_away(person, list_day)),
                "{list_day}, {team_id}: somebody is away"
            );
            let carried = lines[team_id].iter().filter(|line| line["is_carried_over"] == "true").count();
            let most = 5_usize.saturating_sub(coach.accepted_this_week(team_id, list_day)) + carried;
            assert!(list.len() <= most, "{list_day}, {team_id}: {} of {most}", list.len());
            assert!(lines[team_id][..carried].iter().all(|line| line["is_carried_over"] == "true"), "they stand first");
        }
        if let Some(before) = &before {
            let removed: BTreeMap<(String, u32), String> = csv_rows(&night.join("removed.csv"))
                .into_iter()
                .map(|line| {
                    ((line["team_id"].clone(), line["line_no_before"].parse().unwrap()), line["reason"].clone())
                })
                .collect();
            for (team_id, old) in before {
                for (line_no, person) in (1..).zip(old) {
                    let stays = lists[team_id].contains(person);
                    let has_died = coach.away_until.get(person).is_some_and(|until| *until > 1_000_000);
                    let cause = removed.get(&(team_id.clone(), line_no));
                    assert_eq!(cause.is_some(), !stays && !has_died, "{list_day}, {team_id}, line {line_no}");
                    let is_eligible = scored.get(person).is_some_and(|score| score.team_id.as_ref() == Some(team_id));
                    // Whoever was held out comes in by risk on the first list after the trial: that night is not a normal one.
                    let is_normal = list_day != day(TRIAL[1]) + 1;
                    if is_normal && is_eligible && !called_of.contains(person) {
                        could_stay += 1;
                        kept += usize::from(stays);
                    }
                }
            }
        }
        called_of.clear();
        let is_weekday = (list_day - list_day.monday()) < 5;
        for (team_id, list) in lists.iter().filter(|_| is_weekday) {
            let called = list.iter().take(CALLS_A_DAY).map(|person| coach.call(team_id, person, list_day));
            let typed: Vec<[(&str, &str); 1]> = called.map(|words| [("Outcome", words)]).collect();
            let calls: Vec<FilledIn> = (1..).zip(typed.iter().map(|typed| &typed[..])).collect();
            called_of.extend(list.iter().take(CALLS_A_DAY).cloned());
            if !calls.is_empty() {
                let said = add(&service, &filled_in(&night, team_id, &calls));
                assert_eq!(said.code, 0, "{}", said.err);
            }
        }
        before = Some(lists);
    }
    println!(
        "{NIGHTS} nights: {} calls, {} people reached, {} accepted; {kept} of {could_stay} lines kept that could be",
        coach.n_calls,
        coach.reached.len(),
        coach.accepted.len()
    );
    assert!(in_arm(&service, "usual_care").len() > 10 && listed_after > 0, "{listed_after} lines after the trial");
    assert!(coach.n_calls > 250 && !coach.accepted.is_empty());
    assert!(kept as f64 >= 0.95 * could_stay as f64, "{kept} of {could_stay}");
    let log = fs::read_to_string(service.folder().join("state/contacts.jsonl")).unwrap();
    assert_eq!(log.lines().count(), coach.n_calls + 1, "every call is in the log, and its seal");
}
