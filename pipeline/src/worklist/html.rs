//! `worklist.html`: one page per team that needs nothing else, neither script nor network, to be read or printed.

use askama::Template;
use ring::digest::{SHA256, digest};

use super::{
    columns::{NO_DATA, NONE, or_no_data},
    inert::one_line,
    line::{Band, DO_NOT_CALL, Line, Page, REMOVED, TeamList},
    person_ref::LENGTH,
    read_me::risk_meaning,
};

/// The page's only style. The page allows exactly this text, by its hash.
const STYLE: &str = include_str!("../../templates/worklist.css");

/// Reasons that show without opening a line.
const TOP_REASONS: usize = 2;

/// The page of a team's list. Every value is escaped; nothing on the page runs, links or loads.
pub fn write(page: &Page, list: &TeamList) -> Vec<u8> {
    let view = View {
        policy: policy(),
        style: STYLE,
        team: one_line(&list.team_id),
        pathway: one_line(&list.pathway),
        title: page.title(),
        summary: summary(list),
        purpose: page.purpose(),
        notices: page.notices.iter().map(|notice| one_line(notice)).collect(),
        left: list.left.iter().map(|(person, why)| (in_halves(&one_line(person)), one_line(why))).collect(),
        lines: list.lines.iter().map(LineView::of).collect(),
        none: NONE,
        risk_meaning: one_line(&risk_meaning(page)),
        bands: Band::ALL
            .map(|band| BandView { mark: mark(band), word: band.in_words(), meaning: band.meaning() })
            .to_vec(),
        feeds: page.data_dates.iter().map(|(feed, date)| (one_line(feed), or_no_data(one_line(date)))).collect(),
        run: one_line(&page.run_id),
        model: one_line(&page.model),
    };
    view.render().expect("memory takes every page").into_bytes()
}

#[derive(Template)]
#[template(path = "worklist.html")]
struct View {
    policy: String,
    style: &'static str,
    team: String,
    pathway: String,
    title: String,
    summary: String,
    purpose: String,
    notices: Vec<String>,
    left: Vec<((String, String), String)>,
    lines: Vec<LineView>,
    none: &'static str,
    risk_meaning: String,
    bands: Vec<BandView>,
    feeds: Vec<(String, String)>,
    run: String,
    model: String,
}

/// One line as the page shows it: what a glance must tell, and `more` beneath.
struct LineView {
    number: u32,
    /// All that is said of somebody who was removed.
    removed: Option<&'static str>,
    /// The reference in two halves, easier to read out.
    ref_start: String,
    ref_end: String,
    age_and_sex: String,
    risk: String,
    mark: &'static str,
    band: &'static str,
    change: String,
    is_new: bool,
    top_reasons: Vec<String>,
    conditions: Vec<String>,
    checks: Vec<String>,
    more: Vec<More>,
}

struct More {
    word: &'static str,
    texts: Vec<String>,
}

#[derive(Clone)]
struct BandView {
    mark: &'static str,
    word: &'static str,
    meaning: &'static str,
}

impl LineView {
    fn of(line: &Line) -> LineView {
        let (ref_start, ref_end) = in_halves(&one_line(&line.person_ref));
        let reasons = cleaned(&line.reasons);
        LineView {
            number: line.line_no,
            ref_start,
            ref_end,
            age_and_sex: age_and_sex(line),
            risk: or_no_data(one_line(&line.risk_in_words)),
            mark: line.band.map_or("", mark),
            band: line.band.map_or(REMOVED, Band::in_words),
            removed: line.is_removed().then_some(DO_NOT_CALL),
            change: or_no_data(one_line(&line.change)),
            is_new: line.is_new,
            top_reasons: or(reasons.iter().take(TOP_REASONS).cloned().collect(), NO_DATA),
            conditions: or(cleaned(&line.conditions).iter().map(|name| without_origin(name)).collect(), NO_DATA),
            checks: checks(line),
            more: more(line, reasons),
        }
    }
}

/// A reference in two halves, easier to read out; what is no reference stays whole.
fn in_halves(reference: &str) -> (String, String) {
    let is_reference = reference.chars().count() == LENGTH;
    let half = reference.char_indices().nth(LENGTH / 2).filter(|_| is_reference).map_or(reference.len(), |(at, _)| at);
    let (start, end) = reference.split_at(half);
    (start.to_owned(), end.to_owned())
}

/// "72, Female"; what is not known is named.
fn age_and_sex(line: &Line) -> String {
    let named = |word: &str, text: String| match text.as_str() {
        NO_DATA | "Not known" => format!("{word} {}", text.to_lowercase()),
        _ => text,
    };
    let (age, sex) = (or_no_data(one_line(&line.age)), or_no_data(one_line(&line.sex)));
    format!("{}, {}", named("age", age), named("sex", sex))
}

/// What to know before calling: flags, contact needs, and what is missing or old about the data.
fn checks(line: &Line) -> Vec<String> {
    let mut checks = cleaned(&line.flags);
    let hints = cleaned(std::slice::from_ref(&line.contact_hint));
    checks.extend(hints.into_iter().filter(|hint| hint != NO_DATA && hint != NONE));
    checks.extend(cleaned(&line.badges));
    checks
}

fn more(line: &Line, mut reasons: Vec<String>) -> Vec<More> {
    let other_reasons = reasons.split_off(reasons.len().min(TOP_REASONS));
    let mut more = vec![];
    if !other_reasons.is_empty() {
        more.push(More { word: "Other reasons", texts: other_reasons });
    }
    let moved = cleaned(&line.change_facts);
    if !moved.is_empty() {
        more.push(More { word: "Behind the change", texts: moved });
    }
    let care_gaps = cleaned(&line.care_gaps);
    if !care_gaps.is_empty() {
        more.push(More { word: "Care gaps", texts: care_gaps });
    }
    more.push(More { word: "Recent care", texts: or(cleaned(&line.recent_use), NONE) });
    more.push(More { word: "Long-term conditions", texts: or(cleaned(&line.conditions), NO_DATA) });
    for (word, text) in
        [("GP practice", &line.practice), ("Borough", &line.borough), ("Contact needs", &line.contact_hint)]
    {
        more.push(More { word, texts: vec![or_no_data(one_line(text))] });
    }
    more
}

/// The texts that say something, on one line each.
fn cleaned(texts: &[String]) -> Vec<String> {
    texts.iter().map(|text| one_line(text)).filter(|text| !text.trim().is_empty()).collect()
}

fn or(texts: Vec<String>, when_empty: &str) -> Vec<String> {
    if texts.is_empty() { vec![when_empty.to_owned()] } else { texts }
}

/// "COPD" of "COPD (since 2019, GP record)": at a glance the name is enough.
fn without_origin(condition: &str) -> String {
    condition.split_once(" (since ").map_or(condition, |(name, _)| name).to_owned()
}

fn summary(list: &TeamList) -> String {
    let new = list.lines.iter().filter(|line| line.is_new).count();
    let to_call = list.lines.iter().filter(|line| !line.is_removed()).count() as u64;
    format!(
        "{} to call, {new} of them new. Your team looks after {} with a risk score. It can take on {} each week.",
        people(to_call, ""),
        people(list.n_owned, ""),
        people(u64::from(list.weekly_capacity), "new "),
    )
}

/// "1 person", "4,210 people", "25 new people".
fn people(n: u64, which: &str) -> String {
    let digits = n.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).expect("digits")).collect();
    format!("{} {which}{}", groups.join(","), if n == 1 { "person" } else { "people" })
}

/// The band as filled squares: a mark that needs no colour.
fn mark(band: Band) -> &'static str {
    match band {
        Band::VeryHigh => "■■■■",
        Band::High => "■■■□",
        Band::Rising => "■■□□",
        Band::Moderate => "■□□□",
        Band::Low => "□□□□",
    }
}

/// Nothing but the page's own style, by its hash.
fn policy() -> String {
    let hash = data_encoding::BASE64.encode(digest(&SHA256, STYLE.as_bytes()).as_ref());
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worklist::sample;

    fn page_of(page: &Page, list: &TeamList) -> String {
        String::from_utf8(write(page, list)).unwrap()
    }

    /// How often each element is opened, in the order of its first use.
    fn elements(html: &str) -> Vec<(String, usize)> {
        let body = html.replace(STYLE, "");
        let mut counts: Vec<(String, usize)> = vec![];
        for after in body.split('<').skip(1).filter(|after| !after.starts_with(['/', '!'])) {
            let name: String = after.chars().take_while(char::is_ascii_alphanumeric).collect();
            match counts.iter_mut().find(|(known, _)| *known == name) {
                Some((_, n)) => *n += 1,
                None => counts.push((name, 1)),
            }
        }
        counts
    }

    #[test]
    fn payloads_add_no_element_to_the_page() {
        let (page, list) = sample::hostile("harmless");
        let expected = elements(&page_of(&page, &list));
        for payload in sample::HOSTILE {
            let (page, list) = sample::hostile(payload);
            let html = page_of(&page, &list);
            assert_eq!(elements(&html), expected, "{payload}");
            assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("<svg"), "{payload}");
        }
    }

    #[test]
    fn nothing_runs_links_out_or_loads() {
        let html = page_of(&sample::page(), &sample::list());
        let forbidden =
            ["<script", "://", "url(", "@import", "<link", "<iframe", "<object", "src=", " style=", "onload"];
        for text in forbidden {
            assert!(!html.contains(text), "{text}");
        }
        assert_eq!(html.matches("href=").count(), html.matches("href=\"#list\"").count());
        assert!(!STYLE.contains("</"), "the style must not end itself");
    }

    #[test]
    fn the_policy_allows_the_style_that_is_on_the_page() {
        let html = page_of(&sample::page(), &sample::list());
        let style = html.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
        let hash = data_encoding::BASE64.encode(digest(&SHA256, style.as_bytes()).as_ref());
        let policy = html.split_once("Content-Security-Policy\" content=\"").unwrap().1.split_once('"').unwrap().0;
        let policy = policy.replace("&#39;", "'");
        assert!(policy.starts_with(&format!("default-src 'none'; style-src 'sha256-{hash}';")), "{policy}");
    }

    #[test]
    fn a_table_has_a_caption_scopes_and_no_empty_cell() {
        let list = sample::list();
        let html = page_of(&sample::page(), &list);
        assert!(html.starts_with("<!doctype html>\n<html lang=\"en-GB\">"));
        assert_eq!(html.matches("<caption>").count(), 1);
        assert_eq!(html.matches("scope=\"col\"").count(), 7);
        assert_eq!(html.matches("scope=\"row\"").count(), list.lines.len());
        assert_eq!(html.matches("<details>").count(), list.lines.len());
        for empty in ["<td role=\"cell\"></td>", "<li></li>", "<dd></dd>", "<ul>\n</ul>"] {
            assert!(!html.contains(empty), "{empty}");
        }
    }

    #[test]
    fn a_line_whose_person_was_removed_keeps_its_number_and_says_not_to_call() {
        let mut list = sample::list();
        let before = page_of(&sample::page(), &list);
        let person_ref = list.lines[6].person_ref.clone();
        list.lines[6] = Line::removed(7);
        let html = page_of(&sample::page(), &list);
        let rows = |html: &str| html.split("<tr role=\"row\">").skip(2).map(str::to_owned).collect::<Vec<_>>();
        assert!(rows(&html)[6].contains(">7</td>") && rows(&html)[6].contains("Removed: do not call"));
        assert!(!rows(&html)[6].contains("<details>") && !html.contains(&person_ref[..5]));
        assert!(html.contains("24 people to call"));
        for n in (0..25).filter(|n| *n != 6) {
            assert_eq!(rows(&html)[n], rows(&before)[n], "line {}", n + 1);
        }
    }

    #[test]
    fn a_glance_tells_number_person_risk_reason_and_condition() {
        let list = sample::list();
        let html = page_of(&sample::page(), &list);
        let row = html.split("<tr role=\"row\">").nth(1 + 4).unwrap();
        let (glance, more) = row.split_once("<details>").unwrap();
        let line = &list.lines[3];
        for text in ["90 or over, Male", "64 in 100", "Very high", line.change.as_str(), line.reasons[0].as_str()] {
            assert!(glance.contains(text), "{text}");
        }
        assert!(more.contains("Practice F99904 (F99904)") && more.contains(&line.recent_use[0]));
    }

    #[test]
    fn purpose_dates_notices_run_and_model_are_on_the_page_even_of_an_empty_list() {
        let page = sample::page();
        for list in [sample::list(), TeamList { lines: vec![], n_owned: 0, ..sample::list() }] {
            let html = page_of(&page, &list);
            for text in [&page.purpose(), &page.title(), &page.run_id, &page.model] {
                assert!(html.contains(text.replace('\'', "&#39;").as_str()), "{text}");
            }
            assert!(html.contains("18 November 2026") && html.contains("For research only"));
            assert_eq!(html.contains("Nobody is on this list"), list.lines.is_empty());
            assert_eq!(html.contains("<table"), !list.lines.is_empty());
        }
    }

    #[test]
    fn people_are_counted_in_words() {
        for (n, words) in [(0, "0 people"), (1, "1 person"), (999, "999 people"), (4_210, "4,210 people")] {
            assert_eq!(people(n, ""), words);
        }
        assert_eq!(people(1_234_567, "new "), "1,234,567 new people");
    }
}
