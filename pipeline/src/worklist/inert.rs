//! Texts that do nothing but be read: no formula, no line break, no change of writing direction.

use std::borrow::Cow;

/// A text on one line: control characters and the invisible characters that turn the direction of writing become spaces.
///
/// Every text passes through here on its way to any format.
pub fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || turns_direction(c) { ' ' } else { c }).collect()
}

/// A text that no spreadsheet takes for a formula, now or after saving the file again as CSV.
///
/// A text that begins with `= + - @`, their full-width forms, tab or carriage return, with or without blanks before,
/// gets an apostrophe in front, unless it is a plain number.
///
/// # Example
/// ```
/// use earlycall::worklist::inert::inert;
/// assert_eq!(inert("=1+1"), "'=1+1");
/// assert_eq!(inert("-5.2"), "-5.2");
/// assert_eq!(inert("up 5 points"), "up 5 points");
/// ```
pub fn inert(text: &str) -> Cow<'_, str> {
    let starts_formula = match text.trim_start_matches(is_blank).chars().next() {
        Some(first) => "=+-@＝＋－＠".contains(first),
        None => false,
    };
    let starts_badly = starts_formula || text.starts_with(['\t', '\r', '\n']);
    if starts_badly && !is_plain_number(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || c.is_control() || turns_direction(c) || matches!(c, '\u{200b}'..='\u{200d}' | '\u{feff}')
}

fn turns_direction(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// An optional minus, digits, and at most one point between digits.
fn is_plain_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    match unsigned.split_once('.') {
        Some((whole, part)) => digits(whole) && digits(part),
        None => digits(unsigned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_starts_a_formula_gets_an_apostrophe() {
        for text in [
            "=1+1",
            "+44 20",
            "-",
            "-cmd",
            "-1+2",
            "--1",
            "-1.",
            "@SUM(A1)",
            "\t=1",
            "\rx",
            "\n",
            "＝1",
            "＋1",
            "－1",
            "＠A",
            "  =1",
            "\u{a0}=1",
            "\u{feff}=1",
            "\u{200b}@x",
            "\u{202e}=1",
            " \t -x",
        ] {
            assert_eq!(inert(text), format!("'{text}"), "{text:?}");
        }
    }

    #[test]
    fn numbers_and_sentences_stay_as_they_are() {
        for text in ["", " ", "0", "-5", "-0.25", "34 in 100", "up 5 points", "COPD (since 2019)", "a=b", "<script>"] {
            assert_eq!(inert(text), text);
        }
    }

    #[test]
    fn a_line_has_no_control_and_no_direction_characters() {
        assert_eq!(one_line("a\tb\r\nc\u{0}\u{202e}d\u{85}"), "a b  c  d ");
        assert_eq!(one_line("naïve – 日本 ☎"), "naïve – 日本 ☎");
    }
}
