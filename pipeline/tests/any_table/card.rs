//! What `model show` prints is the model: whoever adds up what stands there finds what `model predict` says.

use std::collections::BTreeMap;

use crate::desk::{Desk, PREDICT};

/// The numbers of a card.
struct Card {
    base: f64,
    /// By column: values in words, and their height.
    curves: BTreeMap<String, Vec<(String, f64)>>,
    /// By pair: the values of the first in words, and heights; after the first line, which has those of the second.
    pairs: BTreeMap<(String, String), Vec<Vec<String>>>,
}

fn read(card: &str) -> Card {
    let base = card.lines().find_map(|line| line.strip_prefix("- Base: ")).unwrap().parse().unwrap();
    let (_, told) = card.split_once("## Curves\n").unwrap();
    let (curves, pairs) = told.split_once("## Pairs\n").unwrap();
    let sections = |text: &str| -> Vec<(String, Vec<Vec<String>>)> {
        let section = |text: &str| {
            let (name, rest) = text.split_once('\n').unwrap();
            let lines = rest.lines().filter(|line| line.starts_with('|') && !line.starts_with("| ---"));
            let cells = |line: &str| line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect();
            (name.to_owned(), lines.map(cells).collect())
        };
        text.split("### ").skip(1).map(section).collect()
    };
    let heights = |lines: Vec<Vec<String>>| lines[1..].iter().map(|l| (l[0].clone(), l[1].parse().unwrap())).collect();
    let names = |name: String| name.split_once(" and ").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    Card {
        base,
        curves: sections(curves).into_iter().map(|(name, lines)| (name, heights(lines))).collect(),
        pairs: sections(pairs).into_iter().map(|(name, lines)| (names(name), lines)).collect(),
    }
}

/// Whether a value, empty where it is missing, is among those of which the words speak.
fn speaks_of(words: &str, value: &str) -> bool {
    words.split(", ").any(|words| match value.parse::<f64>() {
        _ if value.is_empty() => words.starts_with("missing"),
        Err(_) => words == value,
        Ok(x) => match (words.split_once(" to below "), words.strip_prefix("below "), words.strip_suffix(" and above"))
        {
            (Some((from, below)), ..) => from.parse::<f64>().unwrap() <= x && x < below.parse::<f64>().unwrap(),
            (_, Some(below), _) => x < below.parse::<f64>().unwrap(),
            (_, _, Some(from)) => from.parse::<f64>().unwrap() <= x,
            _ => words == "any value",
        },
    })
}

#[track_caller]
fn place(words: &[String], value: &str) -> usize {
    let places: Vec<usize> = (0..words.len()).filter(|place| speaks_of(&words[*place], value)).collect();
    assert_eq!(places.len(), 1, "{value:?} is in one of {words:?}");
    places[0]
}

impl Card {
    fn risk(&self, row: &BTreeMap<&str, &str>) -> f64 {
        let mut log_odds = self.base;
        for (column, heights) in &self.curves {
            let words: Vec<String> = heights.iter().map(|(words, _)| words.clone()).collect();
            log_odds += heights[place(&words, row[column.as_str()])].1;
        }
        for ((first, second), lines) in &self.pairs {
            let down: Vec<String> = lines[1..].iter().map(|line| line[0].clone()).collect();
            let line = &lines[1 + place(&down, row[first.as_str()])];
            let right = 1 + place(&lines[0][1..], row[second.as_str()]);
            log_odds += line[right].parse::<f64>().unwrap();
        }
        1.0 / (1.0 + (-log_odds).exp())
    }
}

#[test]
fn predict_says_what_the_card_that_show_prints_adds_up_to() {
    let desk = Desk::with_model();
    let told = desk.must(&["model", "show", "m"]);
    assert_eq!(told, desk.read("m/card.md"));
    let card = read(&told);
    assert_eq!(card.curves.keys().collect::<Vec<_>>(), ["admissions_n", "age_years", "ward"]);
    assert_eq!(card.pairs.len(), 2);
    let mut new = "stay,ward,age_years,admissions_n\n".to_owned();
    let ages = ["19", "20", "44.5", "45", "89", "120", ""];
    for (n, age) in ages.iter().enumerate() {
        for ward in ["a", "b", "c", ""] {
            for admissions in ["0", "2", "9", ""] {
                new += &format!("{n}{ward}{admissions},{ward},{age},{admissions}\n");
            }
        }
    }
    desk.put("new.csv", &new);
    desk.must(&PREDICT);
    let risks = desk.read("risks.csv");
    assert_eq!(risks.lines().next(), Some("stay,risk"));
    assert_eq!(risks.lines().count(), 1 + 7 * 4 * 4);
    for (row, risk) in new.lines().zip(risks.lines()).skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let row = BTreeMap::from([("ward", cells[1]), ("age_years", cells[2]), ("admissions_n", cells[3])]);
        let (id, risk) = risk.split_once(',').unwrap();
        let (risk, expected) = (risk.parse::<f64>().unwrap(), card.risk(&row));
        assert_eq!(id, cells[0]);
        // Heights are printed with six decimals, those of pairs with four.
        assert!((risk - expected).abs() < 1e-4, "{row:?}: {risk}, but the card says {expected}");
    }
}

#[test]
fn the_card_says_how_it_was_learnt_and_how_good_it_is() {
    let desk = Desk::with_model();
    let card = desk.read("m/card.md");
    for told in [
        "# Model of `came_back`",
        "- Rows: 800, with the event: ",
        "- Whose row it is: `stay`",
        "| seed | 0 |",
        "| pairs | 2 |",
        "| AUROC | 0.",
        "| missing or another |",
        "█",
        "▲",
    ] {
        assert!(card.contains(told), "{told}");
    }
}
