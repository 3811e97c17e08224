//! A card as a page of HTML: no script, no other file; pictures with their numbers folded away below.

use super::block::{Block, Step, Table};
use super::draw;
use super::markdown::of_grid;

const STYLE: &str = include_str!("card.css");

/// What the colours of a surface mean.
const COLOURS: &str = "<p>Orange raises the log-odds, blue lowers them, the stronger the more.</p>\n";

/// The page of a card.
pub(super) fn written(title: &str, blocks: &[Block]) -> String {
    let title = escaped(&title.replace('`', ""));
    let first = blocks.iter().position(|block| matches!(block, Block::Surface(_)));
    let colours = |place: usize| if first == Some(place) { COLOURS } else { "" };
    let body: String =
        blocks.iter().enumerate().map(|(place, part)| colours(place).to_owned() + &block(part)).collect();
    format!(
        "<!doctype html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )
}

fn block(block: &Block) -> String {
    match block {
        Block::Heading(level, text) => format!("<h{level}>{}</h{level}>\n", inline(text)),
        Block::Text(text) => format!("<p>{}</p>\n", inline(text)),
        Block::List(points) => {
            let points: String = points.iter().map(|point| format!("<li>{}</li>\n", inline(point))).collect();
            format!("<ul>\n{points}</ul>\n")
        }
        Block::Table(numbers) => table(numbers),
        Block::Curve(steps) => draw::curve(steps) + &folded(&table(&of_steps(steps))),
        Block::Surface(grid) => draw::surface(grid) + &folded(&table(&of_grid(grid))),
    }
}

fn folded(numbers: &str) -> String {
    format!("<details><summary>Numbers</summary>\n{numbers}</details>\n")
}

fn of_steps(steps: &[Step]) -> Table {
    let row = |step: &Step| vec![step.words.clone(), format!("{:+.6}", step.height), format!("{:.4}", step.band)];
    let header = ["Value", "Log-odds", "±"].map(str::to_owned).to_vec();
    Table { header, numbers: 1..3, rows: steps.iter().map(row).collect() }
}

fn table(table: &Table) -> String {
    let row = |cells: &[String], tag: &str| {
        let class = |column: usize| if table.numbers.contains(&column) { " class=\"n\"" } else { "" };
        let cell = |(column, text): (usize, &String)| format!("<{tag}{}>{}</{tag}>", class(column), inline(text));
        format!("<tr>{}</tr>\n", cells.iter().enumerate().map(cell).collect::<String>())
    };
    let rows: String = table.rows.iter().map(|cells| row(cells, "td")).collect();
    format!("<table>\n{}{rows}</table>\n", row(&table.header, "th"))
}

/// A text in which names stand between backticks.
fn inline(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts
        .map(|(place, part)| if place % 2 == 1 { format!("<code>{}</code>", escaped(part)) } else { escaped(part) })
        .collect()
}

/// A text that means nothing but itself.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_set_apart_and_nothing_in_it_is_taken_for_a_tag() {
        assert_eq!(inline("risk of `a<b>` & more"), "risk of <code>a&lt;b&gt;</code> &amp; more");
    }

    #[test]
    fn the_style_asks_for_no_other_file() {
        assert!(!STYLE.contains("url(") && !STYLE.contains("@import") && !STYLE.contains('<'));
    }
}
