//! Curves and surfaces as pictures of their own. Each part of one tells its values when it is pointed at.

use super::block::{Grid, Step};
use super::html::escaped;

/// The picture of a curve: its size, and the place that is left for numbers, in dots.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 190.0;
const LEFT: f64 = 56.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 24.0;
/// How wide missing values are drawn, and how far from the others.
const MISSING: f64 = 40.0;
const GAP: f64 = 16.0;
/// Numbers below a curve are no closer than this.
const APART: f64 = 60.0;
/// How tall a number is.
const LETTER: f64 = 12.0;
/// A number that a cut lies beyond where it tells values from "never".
const NEVER: f64 = 1e9;

/// A curve: a step for each range of values, in the order of the values, as wide as it has bins; its band around it.
pub(super) fn curve(steps: &[Step]) -> String {
    let reach = |step: &Step| [step.height - step.band, step.height + step.band];
    let ends = steps.iter().flat_map(reach);
    let (low, high) = ends.fold((0.0_f64, 0.0_f64), |(low, high), y| (low.min(y), high.max(y)));
    let scale = (HEIGHT - TOP - BOTTOM) / (high - low).max(1e-9);
    let y = |height: f64| TOP + (high - height) * scale;
    let n_bins: usize = steps.iter().filter(|step| !step.is_missing).map(|step| step.n_bins).sum();
    let start = LEFT + MISSING + GAP;
    let bin_width = (WIDTH - start) / n_bins.max(1) as f64;

    let (mut bands, mut line, mut bins, mut numbers) = (String::new(), String::new(), String::new(), String::new());
    let (mut x, mut numbered) = (start, f64::NEG_INFINITY);
    for step in steps {
        let width = if step.is_missing { MISSING } else { bin_width * step.n_bins as f64 };
        let left = if step.is_missing { LEFT } else { x };
        let (top, tall) = (y(step.height + step.band), 2.0 * step.band * scale);
        bands +=
            &format!("<rect class=\"band\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{tall:.1}\"/>");
        let turn = if line.is_empty() || step.is_missing || left == start { 'M' } else { 'L' };
        line += &format!("{turn}{left:.1} {0:.1}H{1:.1}", y(step.height), left + width);
        let told = format!("{}: {:+.4} ± {:.4}", escaped(&step.words), step.height, step.band);
        bins += &format!(
            "<rect class=\"bin\" x=\"{left:.1}\" y=\"{TOP}\" width=\"{width:.1}\" height=\"{:.1}\"><title>{told}</title></rect>",
            HEIGHT - TOP - BOTTOM
        );
        if step.is_missing {
            numbers += &format!("<text x=\"{left:.1}\" y=\"{:.1}\">missing</text>", HEIGHT - 8.0);
            continue;
        }
        if let Some(from) = step.from.filter(|_| x - numbered >= APART) {
            let from = if from > NEVER { "never".to_owned() } else { from.to_string() };
            numbers += &format!("<text x=\"{x:.1}\" y=\"{:.1}\">{from}</text>", HEIGHT - 8.0);
            numbered = x;
        }
        x += width;
    }
    let axis = format!("<line class=\"axis\" x1=\"{LEFT}\" x2=\"{WIDTH}\" y1=\"{0:.1}\" y2=\"{0:.1}\"/>", y(0.0));
    // Numbers beside the axis are left out where they would touch its own.
    let ends = [high, low].into_iter().filter(|height| (y(*height) - y(0.0)).abs() >= LETTER);
    let at = |height: f64, told: String| {
        format!("<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{told}</text>", LEFT - 6.0, y(height) + 4.0)
    };
    let heights: String = ends.map(|height| at(height, format!("{height:+.2}"))).collect();
    let heights = heights + &at(0.0, "0".to_owned());
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" role=\"img\" aria-label=\"Log-odds by value\">\
         {bands}{axis}<path class=\"step\" d=\"{line}\"/>{heights}{numbers}{bins}</svg>\n"
    )
}

/// How large a cell of a surface is drawn, and the place that is left for words.
const CELL: f64 = 22.0;
const WORDS: f64 = 190.0;
const WORDS_BELOW: f64 = 120.0;

/// A surface: a cell for each pair of ranges, the stronger the colour the further from 0.
pub(super) fn surface(grid: &Grid) -> String {
    let most = grid.most().max(1e-9);
    let (mut cells, mut down) = (String::new(), String::new());
    for (row, (words, heights)) in grid.rows().enumerate() {
        let y = row as f64 * CELL;
        down += &format!(
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            WORDS - 6.0,
            y + 15.0,
            escaped(&shortened(words))
        );
        for (column, height) in heights.iter().enumerate() {
            let class = if *height < 0.0 { "down" } else { "up" };
            cells += &format!(
                "<rect class=\"cell {class}\" x=\"{:.1}\" y=\"{y:.1}\" width=\"{CELL}\" height=\"{CELL}\" fill-opacity=\"{:.2}\">\
                 <title>{}, {}: {height:+.4}</title></rect>",
                WORDS + column as f64 * CELL,
                height.abs() / most,
                escaped(words),
                escaped(&grid.words[1][column]),
            );
        }
    }
    let tall = grid.words[0].len() as f64 * CELL;
    let right = |(column, words): (usize, &String)| {
        let x = WORDS + column as f64 * CELL + 14.0;
        let y = tall + 8.0;
        let words = escaped(&shortened(words));
        format!("<text x=\"{x:.1}\" y=\"{y:.1}\" transform=\"rotate(60 {x:.1} {y:.1})\">{words}</text>")
    };
    let right: String = grid.words[1].iter().enumerate().map(right).collect();
    let (width, height) = (WORDS + grid.words[1].len() as f64 * CELL + 90.0, tall + WORDS_BELOW);
    let label = escaped(&format!("{} downwards, {} to the right", grid.names[0], grid.names[1]));
    format!(
        "<svg viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"{label}\">\
         {cells}{down}{right}</svg>\n"
    )
}

/// Words that fit beside a picture.
fn shortened(words: &str) -> String {
    const MOST: usize = 24;
    if words.chars().count() <= MOST {
        words.to_owned()
    } else {
        words.chars().take(MOST - 1).collect::<String>() + "…"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(words: &str, from: Option<f64>, height: f64) -> Step {
        Step { words: words.to_owned(), from, n_bins: 1, is_missing: words == "missing", height, band: 0.25 }
    }

    #[test]
    fn a_curve_is_drawn_from_value_to_value_and_missing_values_stand_apart() {
        let steps = [step("missing", None, 0.0), step("below 2", None, -0.75), step("2 and above", Some(2.0), 1.25)];
        let drawn = curve(&steps);
        // From -1 to 1.5 in 156 dots: 0 is 93.6 below the top. Values start 56 + 40 + 16 from the left; a bin has 304.
        assert!(drawn.contains("d=\"M56.0 103.6H96.0M112.0 150.4H416.0L416.0 25.6H720.0\""), "{drawn}");
        assert!(drawn.contains("<title>2 and above: +1.2500 ± 0.2500</title>"), "{drawn}");
        assert!(drawn.contains(">2</text>") && drawn.contains(">+1.50</text>") && drawn.contains(">-1.00</text>"));
    }

    #[test]
    fn a_cell_is_the_stronger_the_further_it_is_from_nothing() {
        let words = [vec!["a".to_owned(), "b<c".to_owned()], vec!["x".to_owned()]];
        let drawn = surface(&Grid { names: ["one", "two"].map(str::to_owned), words, heights: vec![0.5, -0.25] });
        assert!(
            drawn.contains("up\" x=\"190.0\" y=\"0.0\" width=\"22\" height=\"22\" fill-opacity=\"1.00\""),
            "{drawn}"
        );
        assert!(drawn.contains("fill-opacity=\"0.50\"><title>b&lt;c, x: -0.2500</title>"), "{drawn}");
    }
}
