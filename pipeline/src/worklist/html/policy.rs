//! What the page may do, and the one piece of style that is made for it.

use ring::digest::{SHA256, digest};

/// The Content Security Policy: nothing but these styles and this script, if there is one, by their hashes. Nothing is loaded or sent.
pub(super) fn policy(styles: &[&str], script: Option<&str>) -> String {
    let styles: Vec<String> = styles.iter().map(|style| hash(style)).collect();
    format!(
        "default-src 'none'; style-src {}{}; base-uri 'none'; form-action 'none'",
        styles.join(" "),
        script.map_or(String::new(), |script| format!("; script-src {}", hash(script)))
    )
}

fn hash(text: &str) -> String {
    format!("'sha256-{}'", data_encoding::BASE64.encode(digest(&SHA256, text.as_bytes()).as_ref()))
}

/// What stands in the margins of every printed page, whatever is on it.
pub(super) fn paper_style(run: &str) -> String {
    format!(
        "@media print {{ @page {{ @bottom-left {{ content: \"Contains patient data. Run {}\"; }} \
         @bottom-right {{ content: \"Page \" counter(page) \" of \" counter(pages); }} }} }}",
        css_text(run)
    )
}

/// A text between quotes in CSS: everything but plain letters, digits and what stands in a date becomes its code.
fn css_text(text: &str) -> String {
    let escaped = |c: char| match c {
        c if c.is_ascii_alphanumeric() || matches!(c, '-' | '.') => c.to_string(),
        c => format!("\\{:x} ", u32::from(c)),
    };
    text.chars().map(escaped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_can_leave_its_quotes() {
        assert_eq!(css_text("2026-11-20.1"), "2026-11-20.1");
        assert_eq!(css_text("\"}</style>é"), "\\22 \\7d \\3c \\2f style\\3e \\e9 ");
    }
}
