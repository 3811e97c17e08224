//! One entry of a feature file: read from TOML, repeated over its list, and checked against its view.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::{
    CatalogueError, Entry, RiskGoes, Sentence, Take,
    items::{Item, ItemList},
    sentence::Piece,
    view::View,
};

/// Parts of the unit in which a rise is counted: what is usual is an average.
const RISE_SCALE: i64 = 10;

/// An entry as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    from: View,
    #[serde(default, rename = "where")]
    tests: Vec<String>,
    item: Option<String>,
    for_each: Option<ItemList>,
    take: Take,
    #[serde(default)]
    within_days: Vec<u32>,
    against_days: Option<u32>,
    from_age_years: Option<u32>,
    tell_from: Option<i64>,
    usual: Option<(f64, f64)>,
    #[serde(default = "one")]
    scale: i64,
    risk_goes: RiskGoes,
    sensitive: Option<Sensitive>,
    statement: Option<String>,
    reason: Option<String>,
    about: Option<String>,
    unit: String,
    feed: Feed,
    source: String,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(untagged)]
enum Sensitive {
    Always(bool),
    ByItem(ByItem),
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ByItem {
    ByItem,
}

#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum Feed {
    One(String),
    AnyOf(Vec<String>),
}

fn one() -> i64 {
    1
}

/// The entries of one file, in the order in which they are written.
pub(super) fn read(file: &str, text: &str) -> Result<Vec<Entry>, CatalogueError> {
    let written: BTreeMap<String, Spanned<Written>> = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
        CatalogueError { file: file.to_owned(), entry: format!("line {line}"), message: error.message().to_owned() }
    })?;
    let mut written: Vec<_> = written.into_iter().collect();
    written.sort_by_key(|(_, entry)| entry.span().start);
    let mut entries = Vec::new();
    for (name, written) in written {
        let written = written.into_inner();
        let fail = |message| CatalogueError { file: file.to_owned(), entry: name.clone(), message };
        for item in repeated_over(&name, &written).map_err(fail)? {
            entries.push(resolve(&name, &written, item).map_err(fail)?);
        }
    }
    Ok(entries)
}

/// The items for which an entry stands: all of its list, the one that it names, or none.
fn repeated_over(name: &str, written: &Written) -> Result<Vec<Option<u16>>, String> {
    let view = written.from.name();
    if let Some(list) = written.for_each {
        if written.from.items() != Some(list) {
            return Err(format!("repeats over a list that is not that of {view}"));
        }
        if !name.contains("{item}") {
            return Err("repeats over a list, so its name needs {item}".to_owned());
        }
        return Ok((0..list.items().len() as u16).map(Some).collect());
    }
    let Some(item) = &written.item else { return Ok(vec![None]) };
    let list = written.from.items().ok_or_else(|| format!("names an item, but {view} has none"))?;
    let position = list.items().iter().position(|known| known.name == *item);
    Ok(vec![Some(position.ok_or_else(|| format!("names an item that {view} doesn't have: {item}"))? as u16)])
}

fn resolve(name: &str, written: &Written, item: Option<u16>) -> Result<Entry, String> {
    let known: Option<&'static Item> = item.and_then(|n| written.from.items().map(|list| &list.items()[n as usize]));
    let fill = |text: &str| known.map_or_else(|| text.to_owned(), |item| text.replace("{item}", &item.name));
    let sensitive = match written.sensitive {
        Some(Sensitive::Always(sensitive)) => sensitive,
        Some(Sensitive::ByItem(ByItem::ByItem)) => known.is_none_or(|item| item.sensitive),
        None => true,
    };
    if written.reason.is_some() && matches!(written.sensitive, None | Some(Sensitive::Always(true))) {
        return Err("is sensitive, so it may not have a reason".to_owned());
    }
    if written.reason.is_some() != written.about.is_some() {
        return Err("needs both a reason and what it is about, or neither".to_owned());
    }
    if known.is_none() && written.about.as_ref().is_some_and(|about| about.contains("{item}")) {
        return Err("is about an item that it doesn't name".to_owned());
    }
    let about = written.about.as_deref().filter(|_| !sensitive);
    let reason = written.reason.as_deref().filter(|_| !sensitive).map(Sentence::parse).transpose();
    let entry = Entry {
        name: fill(name),
        view: written.from,
        tests: bits(written)?,
        test_names: written.tests.clone(),
        item,
        take: written.take,
        within_days: written.within_days.clone(),
        against_days: written.against_days,
        from_age_years: written.from_age_years,
        tell_from: written.tell_from.unwrap_or(1),
        usual: written.usual,
        scale: written.scale,
        risk_goes: written.risk_goes,
        sensitive,
        statement: fill(written.statement.as_deref().unwrap_or(name)),
        reason: reason.map_err(|problem| format!("its reason {problem}"))?,
        about: about.map(|text| heading(text, known)),
        unit: written.unit.clone(),
        feeds: match written.feed.clone() {
            Feed::One(feed) => vec![feed],
            Feed::AnyOf(feeds) => feeds,
        },
        source: written.source.clone(),
    };
    check(&entry)?;
    Ok(entry)
}

/// What a statement is about, with the item's label in its gap, and a capital letter in front.
fn heading(about: &str, item: Option<&Item>) -> String {
    let label = item.map_or("", |item| item.label.as_str());
    let bare = label.strip_prefix("an ").or(label.strip_prefix("a ")).unwrap_or(label);
    let text = about.replace("{item}", bare);
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn bits(written: &Written) -> Result<u64, String> {
    let view = written.from;
    written.tests.iter().try_fold(0, |mask, name| {
        let test = view.tests().iter().find(|test| test.name == *name);
        Ok(mask | test.ok_or_else(|| format!("asks for a test that {} doesn't have: {name}", view.name()))?.bit)
    })
}

/// What the fields of an entry owe to each other.
fn check(entry: &Entry) -> Result<(), String> {
    let windows = &entry.within_days;
    if !windows.is_sorted_by(|a, b| a < b) || windows.first() == Some(&0) {
        return Err("needs its windows above 0 days, each longer than the one before".to_owned());
    }
    match entry.take {
        Take::Count | Take::Sum | Take::Nights if windows.is_empty() => {
            return Err("adds something up, so it needs a window".to_owned());
        }
        Take::Count | Take::Sum | Take::Nights => {}
        _ if windows.len() > 1 => {
            return Err("takes something that doesn't add up, so it has one window at most".to_owned());
        }
        Take::DaysSinceFirst | Take::Value if !windows.is_empty() => {
            return Err("takes something that has no window".to_owned());
        }
        _ => {}
    }
    if matches!(entry.take, Take::Rise | Take::Shift | Take::Slope) && windows.is_empty() {
        return Err("holds a window against something, so it needs one".to_owned());
    }
    let looks_further = entry.against_days.is_some_and(|days| windows.last().is_some_and(|window| days > *window));
    if looks_further != entry.take.looks_back() || entry.against_days.is_some() != entry.take.looks_back() {
        return Err(
            "holds its window against days before it, so it needs `against_days` beyond it, or has no use for them"
                .to_owned(),
        );
    }
    if entry.take == Take::Rise && entry.scale != RISE_SCALE {
        return Err("is a rise, which is counted in tenths, so its scale is 10".to_owned());
    }
    if entry.scale < 1 {
        return Err("needs a scale of 1 or more".to_owned());
    }
    if entry.take == Take::Distinct && entry.view.items().is_none() {
        return Err(format!("counts kinds, but {} has none", entry.view.name()));
    }
    entry.reason.as_ref().map_or(Ok(()), |reason| check_reason(entry, reason))
}

fn check_reason(entry: &Entry, reason: &Sentence) -> Result<(), String> {
    let counts = matches!(entry.take, Take::Count | Take::Nights | Take::Distinct);
    let measures = matches!(entry.take, Take::Latest);
    let moves = matches!(entry.take, Take::Rise | Take::Shift | Take::Slope);
    let rules = [
        (reason.has(|piece| matches!(piece, Piece::Number { .. })) && !counts, "tells a number that it doesn't count"),
        (reason.has(|piece| *piece == Piece::Value) && !measures, "tells a value that it doesn't measure"),
        (
            reason.has(|piece| matches!(piece, Piece::Change | Piece::Way { .. })) && !moves,
            "tells a change that it doesn't take",
        ),
        (entry.take == Take::Rise && entry.tell_from < 1, "tells of a fall, of which there may be no last day"),
        (reason.has(|piece| *piece == Piece::Window) && entry.within_days.is_empty(), "tells a window that it lacks"),
        (reason.has(|piece| *piece == Piece::Item) && entry.item.is_none(), "tells an item that it doesn't name"),
        (reason.has(|piece| *piece == Piece::Items) && entry.view.items().is_none(), "lists items that its view lacks"),
        (
            reason.has(|piece| *piece == Piece::LastMainCondition) && !entry.view.has_main_condition(),
            "tells a main condition that its view lacks",
        ),
        (reason.has(|piece| *piece == Piece::Age) && entry.view != View::Person, "tells an age outside of person"),
    ];
    match rules.into_iter().find(|(broken, _)| *broken) {
        Some((_, problem)) => Err(format!("its reason {problem}")),
        None => Ok(()),
    }
}
