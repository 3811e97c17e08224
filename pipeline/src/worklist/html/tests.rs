//! The page as a text: what is on it, and what can never be.

use super::*;
use crate::worklist::sample;

fn page_of(page: &Page, list: &TeamList) -> String {
    String::from_utf8(write(page, list)).unwrap()
}

/// The page without its own style and script, which mention elements.
fn without_own_code(html: &str) -> String {
    html.replace(STYLE, "").replace(SCRIPT, "")
}

/// How often each element is opened, in the order of its first use.
fn elements(html: &str) -> Vec<(String, usize)> {
    let mut counts: Vec<(String, usize)> = vec![];
    for after in without_own_code(html).split('<').skip(1).filter(|after| !after.starts_with(['/', '!'])) {
        let name: String = after.chars().take_while(char::is_ascii_alphanumeric).collect();
        match counts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, n)) => *n += 1,
            None => counts.push((name, 1)),
        }
    }
    counts
}

/// The rows of the list, without its head.
fn rows_of(html: &str) -> Vec<&str> {
    let list = html.split_once("</thead>").unwrap().1.split_once("</table>").unwrap().0;
    list.split("<tr role=\"row\"").skip(1).collect()
}

/// The page of the person at a place of the list.
fn person_of(html: &str, place: usize) -> &str {
    let start = format!("<article class=\"person\" id=\"p{place}\"");
    html.split_once(&start).unwrap().1.split_once("</article>").unwrap().0
}

#[test]
fn payloads_add_no_element_to_the_page() {
    let (page, list) = sample::hostile("harmless");
    let expected = elements(&page_of(&page, &list));
    for payload in sample::HOSTILE {
        let (page, list) = sample::hostile(payload);
        let html = without_own_code(&page_of(&page, &list));
        assert_eq!(elements(&html), expected, "{payload}");
        assert_eq!(html.matches("<script").count(), 1, "{payload}");
        assert!(!html.contains("<img") && !html.contains("<svg/"), "{payload}");
    }
}

#[test]
fn nothing_links_out_loads_or_runs_but_its_own_script() {
    let html = page_of(&sample::page(), &sample::list());
    let forbidden =
        ["://", "url(", "@import", "<link", "<iframe", "<object", "src=", " style=", "onload", "innerHTML", "eval("];
    for text in forbidden {
        assert!(!html.contains(text), "{text}");
    }
    assert_eq!(html.matches("href=").count(), html.matches("href=\"#").count());
    assert!(!STYLE.contains("</") && !SCRIPT.contains("</"), "neither may end itself");
    for kept in ["Storage", "cookie", "indexedDB", "history."] {
        assert!(!SCRIPT.contains(kept), "nothing is remembered: {kept}");
    }
}

#[test]
fn the_policy_allows_the_styles_and_the_script_that_are_on_the_page() {
    use ring::digest::{SHA256, digest};
    let html = page_of(&sample::page(), &sample::list());
    let hashes_of = |element: &str| -> String {
        let (start, end) = (format!("<{element}>"), format!("</{element}>"));
        let texts = html.split(start.as_str()).skip(1).map(|rest| rest.split_once(end.as_str()).unwrap().0);
        let hash = |text: &str| data_encoding::BASE64.encode(digest(&SHA256, text.as_bytes()).as_ref());
        texts.map(|text| format!(" 'sha256-{}'", hash(text))).collect()
    };
    let policy = html.split_once("Content-Security-Policy\" content=\"").unwrap().1.split_once('"').unwrap().0;
    assert_eq!(
        policy.replace("&#39;", "'"),
        format!(
            "default-src 'none'; style-src{}; script-src{}; base-uri 'none'; form-action 'none'",
            hashes_of("style"),
            hashes_of("script")
        )
    );
}

#[test]
fn a_table_has_a_caption_scopes_and_no_empty_cell() {
    let list = sample::list();
    let html = page_of(&sample::page(), &list);
    assert!(html.starts_with("<!doctype html>\n<html lang=\"en-GB\">"));
    assert_eq!(html.matches("<h1>").count(), 1);
    assert_eq!(html.matches("<caption>").count(), 1 + list.lines.len());
    assert_eq!(html.matches("role=\"columnheader\" scope=\"col\"").count(), 7);
    assert_eq!(html.matches("role=\"rowheader\" scope=\"row\"").count(), list.lines.len());
    for empty in ["<td role=\"cell\"></td>", "<td></td>", "<li></li>", "<dd></dd>", "<ul>\n</ul>", "<option></option>"]
    {
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
    let (now, then) = (rows_of(&html), rows_of(&before));
    assert!(now[6].contains(">7</td>") && now[6].contains("Removed: do not call"));
    assert!(!now[6].contains("<a ") && !html.contains("id=\"p7\"") && !html.contains(&person_ref[..5]));
    assert!(html.contains("24 people to call"));
    for n in (0..25).filter(|n| *n != 6) {
        assert_eq!(now[n], then[n], "line {}", n + 1);
    }
    assert!(person_of(&html, 6).contains("<a href=\"#p8\">Next on the list: number 8</a>"));
    assert!(!person_of(&html, 25).contains("Next on the list"));
}

#[test]
fn a_glance_tells_number_person_risk_reason_and_condition_and_leads_to_the_rest() {
    let list = sample::list();
    let html = page_of(&sample::page(), &list);
    let (row, person, line) = (rows_of(&html)[3], person_of(&html, 4), &list.lines[3]);
    for text in ["90 or over, Male", "64 in 100", "Very high", line.change.as_str(), line.reasons[0].as_str()] {
        assert!(row.contains(text) && person.contains(text), "{text}");
    }
    assert!(row.contains("href=\"#p4\"") && person.contains("href=\"#l4\""));
    assert!(person.contains("Practice F99904 (F99904)") && person.contains(&line.recent_use[0]));
    assert!(line.reasons.iter().all(|reason| person.contains(reason)));
}

#[test]
fn every_contribution_is_drawn_told_in_words_and_marked_where_nothing_was_measured() {
    let list = sample::list();
    let html = page_of(&sample::page(), &list);
    let bars: Vec<&str> = person_of(&html, 1).split("<tbody>").nth(1).unwrap().split("<tr>").skip(1).collect();
    let expected = [
        "<th scope=\"row\">Emergency admissions</th><td>3 emergency admissions in the last 12 months</td>\
         <td><span class=\"effect\">Raises a lot</span><svg aria-hidden=\"true\"><rect x=\"50%\" width=\"21.25%\"/></svg></td></tr>",
        "<th scope=\"row\">Kidney function (eGFR)</th><td class=\"under\">No data: counted as for other people without \
         it</td><td><span class=\"effect\">Raises a little</span><svg aria-hidden=\"true\"><rect x=\"50%\" width=\"2.5%\"/></svg></td></tr>",
        "<th scope=\"row\">A&#38;E attendances</th><td>None in the last 3 years</td>\
         <td><span class=\"effect\">Lowers</span><svg aria-hidden=\"true\"><rect class=\"lowers\" x=\"42.5%\" width=\"7.5%\"/></svg></td></tr>",
    ];
    for (bar, expected) in bars.iter().zip(expected) {
        assert_eq!(bar.trim_end(), expected);
    }
    assert_eq!(bars.len(), list.lines[0].contributions.len());
}

#[test]
fn filters_offer_what_is_on_the_list_and_nothing_else() {
    let list = sample::list();
    let html = page_of(&sample::page(), &list);
    let form = html.split_once("<form").unwrap().1.split_once("</form>").unwrap().0;
    assert!(form.contains(" hidden>"), "without a script there is no dead control");
    let options: Vec<&str> = form.split("<option").skip(1).map(|one| one.split_once('>').unwrap().1).collect();
    let options: Vec<&str> = options.iter().map(|one| one.split_once('<').unwrap().0).collect();
    let bands = ["Any band", "Very high", "High", "Rising", "Moderate"];
    let conditions = ["Asthma", "Atrial fibrillation", "COPD", "Chronic kidney disease", "Heart failure"];
    assert_eq!(options[..5], bands);
    assert_eq!(options[5..11], [&["Any condition"][..], &conditions[..]].concat());
    assert!(form.contains("25 people, all are shown"));
}

#[test]
fn a_list_too_long_to_call_through_has_no_pages_of_persons() {
    let lines = (1..=PAGES_MAX_LINES as u32 + 1).map(sample::line).collect();
    let html = page_of(&sample::page(), &TeamList { lines, ..sample::list() });
    assert!(!html.contains("<article") && !html.contains("href=\"#p"));
    assert_eq!(rows_of(&html).len(), PAGES_MAX_LINES + 1);
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
