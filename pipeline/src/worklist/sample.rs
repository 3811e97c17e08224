//! Invented lists for the tests of the formats: 25 plausible lines, and hostile ones.

use super::{
    change::risk_in_words,
    contributions::Contribution,
    history::Past,
    line::{Band, Line, Page, TeamList},
    summary::{Contacted, FloorTold, Reach, Summary},
    waiting::Waiting,
};
use crate::day::Day;

/// Texts that try to become a formula, an element, an attribute, a line break or something else than themselves.
pub const HOSTILE: [&str; 12] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'><svg/onload=alert(1)>",
    "</td></table></style><h1>x",
    "{{ 7 * 7 }}{% include %}",
    "=1+1",
    "@SUM(A1:A9)",
    "+44 20 7946 0000",
    "  =HYPERLINK(\"x\")",
    "＝1+1",
    "\t\r\n=cmd",
    "a\u{202e}b\u{0}c",
];

/// The night of Friday 20 November 2026.
pub fn page() -> Page {
    let dated = |feed: &str, date: &str| (feed.to_owned(), date.to_owned());
    Page {
        run_id: "2026-11-20.1".into(),
        index_date: Day::parse("2026-11-20").unwrap(),
        horizon_days: 180,
        outcome_in_words: "an unplanned hospital admission".into(),
        average_risk: 0.07,
        data_dates: vec![
            dated("GP records", "19 November 2026"),
            dated("Prescriptions", "No data"),
            dated("Hospital stays", "18 November 2026"),
            dated("A&E", "20 November 2026"),
            dated("Beds in use", "20 November 2026, 23:00"),
        ],
        notices: vec![
            "For research only: nobody may be called from this list.".into(),
            "There were no prescriptions tonight, so nobody's medicines count.".into(),
        ],
        model: "logistic-2026-08".into(),
    }
}

/// A list of 25 people.
pub fn list() -> TeamList {
    TeamList {
        team_id: "coach-31".into(),
        pathway: "coaching".into(),
        weekly_capacity: 25,
        n_accepted_this_week: 2,
        n_owned: 4210,
        lines: (1..=25).map(line).collect(),
        left: vec![("QQQQQ77777".into(), "has died".into())],
        waiting: (26..=40).map(waiting).collect(),
        waiting_unshown: Default::default(),
        stopped: vec![],
        summary: summary(),
    }
}

/// The n-th person by risk, who waits.
pub fn waiting(n: u32) -> Waiting {
    let risk = 0.72 - 0.021 * f64::from(n.min(33));
    Waiting {
        person_ref: super::person_ref::person_ref(b"sample", key(n)),
        risk_in_words: risk_in_words(risk),
        band: Band::Moderate,
        since: Day::parse("2026-11-21").unwrap() - (n * 7 % 60) as i32,
    }
}

fn summary() -> Summary {
    let reach =
        |group: &str, eligible, listed| Reach { characteristic: "sex".into(), group: group.into(), eligible, listed };
    Summary {
        left_to: vec![("Virtual ward".into(), 12), ("Specialist nurse".into(), 3)],
        contacted_in_a_week: Some(Contacted { listed: 25, contacted: 19 }),
        floors: vec![FloorTold { codes: "E09000031".into(), kept: 5, listed: 6, without: 2 }],
        outcomes: vec![("Accepted coaching".into(), 9), ("No answer".into(), 31), ("Declined".into(), 4)],
        reach: vec![reach("male", 19, 9), reach("female", 18, 16), reach("not known", 3, 0)],
    }
}

/// The n-th line of the list.
pub fn line(n: u32) -> Line {
    let pick = |from: &[&str]| from[n as usize % from.len()].to_owned();
    let some = |from: &[&str], every: u32| if n.is_multiple_of(every) { vec![pick(from)] } else { vec![] };
    let risk = 0.72 - 0.021 * f64::from(n);
    let band = match n {
        1..=6 => Band::VeryHigh,
        7..=15 => Band::High,
        16..=22 => Band::Rising,
        _ => Band::Moderate,
    };
    Line {
        line_no: n,
        person_ref: super::person_ref::person_ref(b"sample", key(n)),
        age: if n == 4 { "90 or over".into() } else { (41 + n * 7 % 48).to_string() },
        sex: pick(&["Female", "Male", "Female", "Not known", "Male"]),
        practice: if n == 9 { "Withheld".into() } else { format!("Practice F999{n:02} (F999{n:02})") },
        borough: pick(&["Newham", "Hackney", "Tower Hamlets", "Waltham Forest", "No data"]),
        neighbourhood: pick(&["Riverside", "No data", "Marshes and Fields"]),
        pcn: if n == 9 { "Withheld".into() } else { format!("U9{n:04}") },
        contact_hint: pick(&["No data", "None recorded", "Speaks Bengali; interpreter needed", "No data"]),
        conditions: conditions(n),
        risk: Some(risk),
        risk_in_words: risk_in_words(risk),
        band: Some(band),
        change: pick(&["no change", "up 1 point", "down 2 points", "new on this list, up 5 points", "no change"]),
        change_facts: some(&["1 A&E attendance in the last 12 months, on 18 November 2026"], 5),
        history: (0..5)
            .map(|night| Past { on: page().index_date - (4 - night), in_100: n + 10 + night as u32 })
            .collect(),
        is_new: n % 5 == 3,
        contact: pick(&["No call on record", "Tried once, on 19 November 2026: no answer"]),
        is_carried_over: n < 4,
        why_listed: vec!["Risk among the highest, unplanned care on 2 November 2026".into()],
        reasons: reasons(n),
        frailty: pick(&["High", "Intermediate", "Low", "Not scored below 75 years"]),
        recent_use: recent_use(n),
        care_gaps: some(&["No kidney blood test (eGFR) on record since 14 August 2025"], 4),
        looked_after: vec![pick(&[
            "Nobody else on record",
            "Community nurses, last on 12 November 2026",
            "Home care, last visit on 19 November 2026",
        ])],
        other_pathways: some(&["Virtual ward review: in A&E on 18 November 2026, COPD (on the list of ward-r1h)"], 8),
        flags: some(&["In hospital now (R1H, since 17 November 2026)", "Care home", "Dementia"], 6),
        badges: some(&["Hospital record only", "No GP record since 3 August 2026"], 7),
        contributions: contributions(n),
    }
}

fn contributions(n: u32) -> Vec<Contribution> {
    let bar = |about: &str, words: &str, is_missing, twentieths| Contribution {
        about: about.into(),
        words: words.into(),
        is_missing,
        twentieths,
    };
    vec![
        bar("Emergency admissions", "3 emergency admissions in the last 12 months", false, 18 - (n % 7) as i32),
        bar("Kidney function (eGFR)", "No data: counted as for other people without it", true, 2),
        bar("A&E attendances", "None in the last 3 years", false, -6),
        bar("Other facts", "Not shown here: what is too small to draw, or not told on lists", false, 1),
    ]
}

fn key(n: u32) -> crate::history::records::PersonKey {
    crate::history::records::PersonKey::parse(&format!("{n:064x}")).unwrap()
}

fn conditions(n: u32) -> Vec<String> {
    let all = [
        "COPD (since 2016, GP record and hospital)",
        "Heart failure (since 2021, hospital)",
        "Type 2 diabetes (since 2009, GP record)",
        "Atrial fibrillation (since 2018, GP record)",
        "Chronic kidney disease (since 2020, GP record)",
        "Asthma (since 1998, GP record)",
    ];
    (0..=n % 4).map(|i| all[((n + i * 5) % 6) as usize].to_owned()).collect()
}

fn reasons(n: u32) -> Vec<String> {
    let all = [
        "3 emergency admissions in the last 12 months, the last on 3 May 2026 for COPD",
        "5 A&E visits in the last 6 months, the last on 11 November 2026",
        "Left hospital 9 days ago, after 12 nights",
        "Takes medicines from 14 groups, the last given on 2 November 2026",
        "Heart failure, first recorded on 14 February 2021",
        "Kidney function (eGFR) 38 on 1 October 2026",
    ];
    (0..=(n + 2) % 4).map(|i| all[((n + i) % 6) as usize].to_owned()).collect()
}

fn recent_use(n: u32) -> Vec<String> {
    vec![
        format!("Last emergency admission: 3 May 2026, {} nights, for COPD.", 1 + n % 9),
        format!("{} emergency admissions in 6 months, {} in 12 months.", n % 3, n % 3 + 1),
        "Last A&E visit: 11 November 2026, came by ambulance.".into(),
    ]
}

/// A night and a list with the payload in every text that a page shows.
pub fn hostile(payload: &str) -> (Page, TeamList) {
    let text = || payload.to_owned();
    let texts = || vec![text(), text()];
    let page = Page {
        run_id: text(),
        outcome_in_words: text(),
        data_dates: vec![(text(), text())],
        notices: texts(),
        model: text(),
        ..page()
    };
    let line = Line {
        person_ref: text(),
        age: text(),
        sex: text(),
        practice: text(),
        borough: text(),
        neighbourhood: text(),
        pcn: text(),
        contact_hint: text(),
        conditions: texts(),
        risk_in_words: text(),
        change: text(),
        change_facts: texts(),
        reasons: vec![text(); 4],
        frailty: text(),
        recent_use: texts(),
        care_gaps: texts(),
        looked_after: texts(),
        flags: texts(),
        badges: texts(),
        contributions: vec![Contribution { about: text(), words: text(), is_missing: true, twentieths: 7 }],
        ..line(1)
    };
    (page, TeamList { team_id: text(), pathway: text(), lines: vec![line], ..list() })
}
