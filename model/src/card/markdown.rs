//! A card as Markdown: curves as tables with a bar for each height, surfaces as letters and a table.

use super::block::{Block, Grid, Step, Table};

/// Letters of the longest bar to either side.
const BAR: usize = 12;

/// Lines of text; writing to a string cannot fail.
macro_rules! say {
    ($card:expr, $($text:tt)*) => {
        std::fmt::Write::write_fmt($card, format_args!("{}\n", format_args!($($text)*))).expect("a string takes any text")
    };
}

/// What the letters of a surface mean.
const LETTERS: &str = "▲ raises the log-odds by more than half of the largest height, △ by more than a tenth, ▽ and ▼ lower \
                       them by as much.";

/// The text of a card; ends with one line break.
pub(super) fn written(blocks: &[Block]) -> String {
    let mut card = String::new();
    let first = blocks.iter().position(|block| matches!(block, Block::Surface(_)));
    for (place, block) in blocks.iter().enumerate() {
        if first == Some(place) {
            say!(&mut card, "{LETTERS}\n");
        }
        match block {
            Block::Heading(level, text) => say!(&mut card, "{} {}\n", "#".repeat(*level), cell(text)),
            Block::Text(text) => say!(&mut card, "{text}\n"),
            Block::List(points) => {
                points.iter().for_each(|point| say!(&mut card, "- {point}"));
                say!(&mut card, "");
            }
            Block::Table(table) => write_table(&mut card, table),
            Block::Curve(steps) => write_table(&mut card, &of_steps(steps)),
            Block::Surface(grid) => write_surface(&mut card, grid),
        }
    }
    card.truncate(card.trim_end().len());
    card + "\n"
}

fn write_table(card: &mut String, table: &Table) {
    let row = |cells: &[String]| format!("| {} |", cells.iter().map(|text| cell(text)).collect::<Vec<_>>().join(" | "));
    let line = |column: usize| if table.numbers.contains(&column) { "---:" } else { "---" }.to_owned();
    say!(card, "{}", row(&table.header));
    say!(card, "| {} |", (0..table.header.len()).map(line).collect::<Vec<_>>().join(" | "));
    table.rows.iter().for_each(|cells| say!(card, "{}", row(cells)));
    say!(card, "");
}

fn of_steps(steps: &[Step]) -> Table {
    let most = steps.iter().fold(0.0, |most: f64, step| most.max(step.height.abs()));
    let row = |step: &Step| {
        let bar = format!("`{}`", bar(step.height / most));
        vec![step.words.clone(), format!("{:+.6}", step.height), format!("{:.4}", step.band), bar]
    };
    let header = ["Value", "Log-odds", "±", ""].map(str::to_owned).to_vec();
    Table { header, numbers: 1..3, rows: steps.iter().map(row).collect() }
}

fn write_surface(card: &mut String, grid: &Grid) {
    let most = grid.most();
    say!(card, "```text");
    for (words, heights) in grid.rows() {
        let letters: Vec<&str> = heights.iter().map(|height| letter(height / most)).collect();
        say!(card, "{}  {words}", letters.join(" "));
    }
    say!(card, "```\n");
    write_table(card, &of_grid(grid));
}

/// The heights of a surface, with the values of its columns in words.
pub(super) fn of_grid(grid: &Grid) -> Table {
    let row = |(words, heights): (&String, &[f64])| {
        [words.clone()].into_iter().chain(heights.iter().map(|height| format!("{height:+.4}"))).collect()
    };
    let header: Vec<String> = [String::new()].into_iter().chain(grid.words[1].iter().cloned()).collect();
    Table { numbers: 1..header.len(), header, rows: grid.rows().map(row).collect() }
}

/// A text that may stand in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// A bar to the left or right of the middle, for a share from -1 to 1 of the longest.
fn bar(share: f64) -> String {
    let filled = "█".repeat((share.abs() * BAR as f64).round() as usize);
    if share < 0.0 { format!("{filled:>BAR$}│{:BAR$}", "") } else { format!("{:BAR$}│{filled:<BAR$}", "") }
}

fn letter(share: f64) -> &'static str {
    match share {
        share if share > 0.5 => "▲",
        share if share > 0.1 => "△",
        share if share < -0.5 => "▼",
        share if share < -0.1 => "▽",
        _ => "·",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_stands_on_the_side_of_its_sign() {
        assert_eq!(bar(0.5), "            │██████      ");
        assert_eq!(bar(-1.0), "████████████│            ");
        assert_eq!(bar(0.0), "            │            ");
    }

    #[test]
    fn a_line_between_words_does_not_end_a_cell() {
        let table = Table { header: vec!["Ward".to_owned()], numbers: 0..0, rows: vec![vec!["a|b".to_owned()]] };
        assert_eq!(written(&[Block::Table(table)]), "| Ward |\n| --- |\n| a\\|b |\n");
    }
}
