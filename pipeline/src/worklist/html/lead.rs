//! The pages of a team's lead: who waits, and how the week goes.

use askama::Template;

use super::{GROUP_LINES, STYLE, policy, row::in_halves};
use crate::{
    small_numbers::Told,
    worklist::{
        compose::capitalised,
        count::people,
        inert::one_line,
        line::{Page, TeamList},
        summary::{FloorTold, Reach},
        waiting,
    },
};

/// `waiting.html`: everybody who could be called and finds no room, however many.
pub fn waiting(page: &Page, list: &TeamList) -> Vec<u8> {
    let (paper, list_day) = (policy::paper_style(&one_line(&page.run_id)), page.index_date + 1);
    let of = |(place, one): (u32, &waiting::Waiting)| WaitingRow {
        place,
        person: in_halves(&one_line(&one.person_ref)),
        risk: one_line(&one.risk_in_words),
        band: one.band.in_words(),
        since: one.since.in_words(),
        days: list_day - one.since,
    };
    let rows: Vec<WaitingRow> = (1..).zip(&list.waiting).map(of).collect();
    let view = WaitingView {
        policy: policy::policy(&[STYLE, &paper], None),
        style: STYLE,
        paper: &paper,
        team: one_line(&list.team_id),
        pathway: list.pathway_name().to_owned(),
        title: page.title(),
        purpose: page.purpose(),
        notices: list.notices(page).map(one_line).collect(),
        summary: waiting::in_words(list.waiting_since(), list_day),
        is_unshown: !list.waiting_unshown.is_empty(),
        groups: rows.chunks(GROUP_LINES).collect(),
        run: one_line(&page.run_id),
    };
    view.render().expect("memory takes every page").into_bytes()
}

#[derive(Template)]
#[template(path = "waiting.html")]
struct WaitingView<'a> {
    policy: String,
    style: &'static str,
    paper: &'a str,
    team: String,
    pathway: String,
    title: String,
    purpose: String,
    notices: Vec<String>,
    summary: String,
    is_unshown: bool,
    groups: Vec<&'a [WaitingRow]>,
    run: String,
}

struct WaitingRow {
    place: u32,
    person: (String, String),
    risk: String,
    band: &'static str,
    since: String,
    days: i32,
}

/// `team.html`: capacity, the list, who waits, what came of calls, and whom the list reaches. Small numbers of outcomes and of
/// groups are not told; what can be counted on the list itself is exact.
pub fn team(page: &Page, list: &TeamList) -> Vec<u8> {
    let paper = policy::paper_style(&one_line(&page.run_id));
    let view = TeamView {
        policy: policy::policy(&[STYLE, &paper], None),
        style: STYLE,
        paper: &paper,
        team: one_line(&list.team_id),
        pathway: list.pathway_name().to_owned(),
        title: page.title(),
        purpose: page.purpose(),
        notices: list.notices(page).map(one_line).collect(),
        week: week(page, list),
        outcomes: list.summary.outcomes.iter().map(|(words, n)| (one_line(words), Told(*n).to_string())).collect(),
        reach: list.summary.reach.iter().filter(|reach| reach.eligible > 0).map(ReachRow::of).collect(),
        run: one_line(&page.run_id),
    };
    view.render().expect("memory takes every page").into_bytes()
}

#[derive(Template)]
#[template(path = "team.html")]
struct TeamView<'a> {
    policy: String,
    style: &'static str,
    paper: &'a str,
    team: String,
    pathway: String,
    title: String,
    purpose: String,
    notices: Vec<String>,
    week: Vec<(String, String)>,
    outcomes: Vec<(String, String)>,
    reach: Vec<ReachRow>,
    run: String,
}

struct ReachRow {
    group: String,
    eligible: String,
    listed: String,
    share: String,
}

impl ReachRow {
    fn of(reach: &Reach) -> ReachRow {
        let (eligible, listed) = (Told(reach.eligible), Told(reach.listed));
        let may_be_told = !eligible.is_too_few() && !listed.is_too_few();
        // Of what is told, so that the counts cannot be worked out from it.
        let share = 100.0 * listed.rounded() as f64 / eligible.rounded().max(1) as f64;
        ReachRow {
            group: capitalised(&format!("{}: {}", one_line(&reach.characteristic), one_line(&reach.group))),
            eligible: eligible.to_string(),
            listed: listed.to_string(),
            share: if may_be_told { format!("{share:.0}") } else { "Not told".to_owned() },
        }
    }
}

fn week(page: &Page, list: &TeamList) -> Vec<(String, String)> {
    let lines = || list.lines.iter().filter(|line| !line.is_removed());
    let n_new = lines().filter(|line| line.is_new).count();
    let n_carried = lines().filter(|line| line.is_carried_over).count();
    let in_time = match list.summary.contacted_in_a_week {
        Some(week) => format!("{} of the {} who were on the list a week before", week.contacted, week.listed),
        None => "No data: there is no list of a week before".to_owned(),
    };
    let told = [
        ("Places for new people, each week", list.weekly_capacity.to_string()),
        ("Accepted this week", list.n_accepted_this_week.to_string()),
        ("On the list", people(lines().count() as u64, "")),
        ("New on the list", n_new.to_string()),
        ("Called before and first on the list", n_carried.to_string()),
        ("Waiting", waiting::in_words(list.waiting_since(), page.index_date + 1)),
        ("Tried or reached within seven days", in_time),
    ];
    let floor = |floor: &FloorTold| {
        let FloorTold { codes, kept, listed, without } = floor;
        let told = format!("at least {kept}: {listed} are on the list, and without this {without} would be");
        (format!("Places kept for {}", one_line(codes)), told)
    };
    let told = told.into_iter().map(|(what, told)| (what.to_owned(), told));
    let left_to = |(service, n): &(String, u64)| {
        (format!("Found by a rule, and left to: {}", one_line(service).to_lowercase()), Told(*n).to_string())
    };
    let left_to = list.summary.left_to.iter().map(left_to);
    told.chain(left_to).chain(list.summary.floors.iter().map(floor)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worklist::sample;

    fn page_of(write: fn(&Page, &TeamList) -> Vec<u8>, list: &TeamList) -> String {
        String::from_utf8(write(&sample::page(), list)).unwrap()
    }

    #[test]
    fn whoever_waits_stands_in_order_with_days() {
        let list = sample::list();
        let html = page_of(waiting, &list);
        assert_eq!(html.matches("scope=\"row\"").count(), list.waiting.len());
        let days = sample::page().index_date + 1 - list.waiting[0].since;
        assert!(html.contains(&format!("<td role=\"cell\" class=\"number\">{days}</td>")), "{days}");
        let none = page_of(waiting, &TeamList { waiting: vec![], ..list });
        assert!(none.contains("Nobody waits") && !none.contains("<table"));
    }

    #[test]
    fn of_whoever_waits_unshown_a_lead_is_told_how_many_and_how_long() {
        let (shown, day) = (sample::list(), sample::page().index_date);
        let unshown = [("UUUUU11111".to_owned(), day), ("UUUUU22222".to_owned(), day - 8)].into();
        let list = TeamList { waiting: vec![], waiting_unshown: unshown, ..shown };
        let html = page_of(waiting, &list);
        let words = "2 people wait: half of them for 9 days or more, the longest for 9 days.";
        assert!(html.contains(words) && page_of(team, &list).contains(words));
        assert!(html.contains("Who waits is not shown") && !html.contains("Nobody waits") && !html.contains("<table"));
        assert!(!html.contains("UUUUU"));
    }

    #[test]
    fn a_lead_is_told_counts_and_no_small_numbers() {
        let list = sample::list();
        let html = page_of(team, &list);
        assert!(html.contains("19 of the 25 who were on the list a week before"));
        assert!(html.contains("Found by a rule, and left to: virtual ward</th><td>10<"));
        assert!(!html.contains("left to: specialist nurse</th><td>3<"));
        assert!(html.contains("<th scope=\"row\">Accepted coaching</th><td class=\"number\">10</td>"));
        let row = |group: &str| html.split("<tr>").find(|row| row.contains(group)).unwrap().to_owned();
        assert!(row("Sex: male").contains(">20</td>") && row("Sex: male").contains(">10</td>"), "rounded to 5");
        assert!(row("Sex: male").contains(">50</td>"), "10 of 20");
        assert!(row("Sex: not known").contains("&lt;8") || row("Sex: not known").contains("&#60;8"));
        assert!(row("Sex: not known").contains("Not told"));
        assert!(list.lines.iter().all(|line| !html.contains(&line.person_ref)), "nobody's reference");
    }

    #[test]
    fn hostile_texts_add_no_element() {
        for payload in sample::HOSTILE {
            let (page, list) = sample::hostile(payload);
            for write in [waiting, team] {
                let html = String::from_utf8(write(&page, &list)).unwrap();
                assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("<svg"), "{payload}");
            }
        }
    }
}
