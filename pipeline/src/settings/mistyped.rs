//! Names that somebody mistyped, and what they may have meant.

/// The known name most like a mistyped one, if any is like it.
pub fn nearest<'a>(typed: &str, known: &[&'a str]) -> Option<&'a str> {
    let best = known.iter().copied().max_by(|a, b| likeness(typed, a).total_cmp(&likeness(typed, b)))?;
    (likeness(typed, best) > ALIKE).then_some(best)
}

/// The known names that are like a mistyped one: the most like first, at most `n`.
pub fn nearest_few<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>, n: usize) -> Vec<&'a str> {
    let mut alike: Vec<&str> = known.into_iter().filter(|name| likeness(typed, name) > ALIKE).collect();
    alike.sort_by(|a, b| likeness(typed, b).total_cmp(&likeness(typed, a)).then_with(|| a.cmp(b)));
    alike.truncate(n);
    alike
}

/// Names that are more alike than this may be meant for each other.
const ALIKE: f64 = 0.7;

fn likeness(one: &str, other: &str) -> f64 {
    strsim::jaro_winkler(one, other)
}

/// A hint about a name that is none: the one most like it, if any is, and where all of them are told.
pub fn mistyped(typed: &str, known: &[&str], all: &str) -> String {
    match nearest(typed, known) {
        Some(near) => format!("did you mean `{near}`? {all}"),
        None => all.to_owned(),
    }
}
