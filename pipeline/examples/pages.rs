//! Writes pages to try in a browser: lists as long as a service will ever see, and one that means harm, made of a night.
//!
//! `pages --night earlycall-demo/out/current --out pages`: the lines of all teams, as often as needed, as `list.html`
//! (25 people), `long.html` (500), `longest.html` (10,000) and `hostile.html`, in which every text of a line is followed
//! by one that tries to be something else than text; the first and the last also as Excel files and CSV; and a lead's pages,
//! `waiting.html` (10,000 people) and `team.html`.

use std::{error::Error, fs, path::PathBuf};

use clap::Parser;
use earlycall::worklist::{
    csv, html,
    line::{Line, Page, TeamList},
    waiting::Waiting,
    xlsx,
};
use serde::Deserialize;

#[derive(Parser)]
struct Cli {
    /// The folder of a published night.
    #[arg(long)]
    night: PathBuf,
    /// The folder to write to.
    #[arg(long)]
    out: PathBuf,
}

/// What the night keeps of its lists as data; more of it is not needed here.
#[derive(Deserialize)]
struct Shown {
    page: Page,
    lists: Vec<TeamList>,
}

/// What somebody might put into a field to reach a reader's browser.
const HOSTILE: [&str; 6] = [
    "<script>document.title = 'harmed'</script>",
    "\"><img src=x onerror=\"document.title = 'harmed'\">",
    "</table></main></style></script><svg onload=\"document.title = 'harmed'\">",
    "=HYPERLINK(\"https://example.invalid\")",
    "a\u{202e}b\u{2066}c\u{0}d",
    "{{ 7 * 7 }}",
];

fn main() -> Result<(), Box<dyn Error>> {
    let cli = Cli::parse();
    let shown: Shown = serde_json::from_slice(&fs::read(cli.night.join("lists.json"))?)?;
    let first = shown.lists.iter().find(|list| !list.lines.is_empty()).ok_or("the night has no lines")?;
    let lines = shown.lists.iter().flat_map(|list| &list.lines).filter(|line| !line.is_removed());
    let mut lines: Vec<&Line> = lines.collect();
    lines.sort_by(|a, b| b.risk.partial_cmp(&a.risk).expect("whoever has a band has a risk"));
    let of_length = |n: usize| TeamList {
        lines: (0..n).map(|at| renumbered(lines[at * lines.len() / n], at as u32 + 1)).collect(),
        n_owned: 40 * n as u64,
        weekly_capacity: n as u32,
        ..first.clone()
    };
    let mut hostile = of_length(12);
    hostile.lines.iter_mut().zip(HOSTILE.iter().cycle()).for_each(|(line, text)| spoil(line, text));
    spoil(&mut hostile.lines[0], &"long ".repeat(2_000));
    fs::create_dir_all(&cli.out)?;
    let lists =
        [("list", of_length(25)), ("long", of_length(500)), ("longest", of_length(10_000)), ("hostile", hostile)];
    for (name, list) in &lists {
        fs::write(cli.out.join(format!("{name}.html")), html::write(&shown.page, list))?;
    }
    for (name, list) in [&lists[0], &lists[3]] {
        fs::write(cli.out.join(format!("{name}.xlsx")), xlsx::write(&shown.page, list)?)?;
        fs::write(cli.out.join(format!("{name}.csv")), csv::write(&shown.page, list))?;
    }
    let waiting = TeamList {
        waiting: (0..10_000).map(|n| waiting(&shown.page, lines[n % lines.len()], n)).collect(),
        ..of_length(25)
    };
    fs::write(cli.out.join("waiting.html"), html::lead::waiting(&shown.page, &waiting))?;
    fs::write(cli.out.join("team.html"), html::lead::team(&shown.page, &waiting))?;
    Ok(())
}

/// Somebody who has waited for some days.
fn waiting(page: &Page, line: &Line, n: usize) -> Waiting {
    let (person_ref, risk_in_words) = (renumbered(line, n as u32 + 1).person_ref, line.risk_in_words.clone());
    let band = line.band.expect("whoever has a line has a band");
    Waiting { person_ref, risk_in_words, band, since: page.index_date + 1 - (n % 90) as i32 }
}

/// The line as somebody else's: another number, and a reference that no other line of the list has.
fn renumbered(line: &Line, number: u32) -> Line {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    // An odd factor: different numbers have different letters.
    let scattered = number.wrapping_mul(12_582_917);
    let letters = (0..5).map(|place| char::from(LETTERS[(scattered >> (5 * place)) as usize % LETTERS.len()]));
    let person_ref = line.person_ref.chars().take(5).chain(letters).collect();
    Line { line_no: number, person_ref, ..line.clone() }
}

fn spoil(line: &mut Line, text: &str) {
    let one = [
        &mut line.person_ref,
        &mut line.age,
        &mut line.sex,
        &mut line.practice,
        &mut line.borough,
        &mut line.neighbourhood,
        &mut line.pcn,
        &mut line.contact_hint,
        &mut line.frailty,
        &mut line.risk_in_words,
        &mut line.change,
    ];
    let several = [
        &mut line.conditions,
        &mut line.change_facts,
        &mut line.reasons,
        &mut line.recent_use,
        &mut line.flags,
        &mut line.badges,
    ];
    one.into_iter().for_each(|cell| cell.push_str(text));
    several.into_iter().for_each(|cell| cell.push(text.to_owned()));
    line.contributions.iter_mut().for_each(|one| {
        one.about.push_str(text);
        one.words.push_str(text);
    });
}
