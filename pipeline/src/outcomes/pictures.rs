//! Pictures of what is told, and of nothing else: what is left out of the tables is left out of them.

use super::{rates::Rate, suppress::Shown};

/// Size of a picture of bars, in units of the drawing.
pub const BARS: (f64, f64) = (640.0, 120.0);
/// Width of a strip on which intervals lie.
pub const STRIP: f64 = 200.0;
/// Share of a bar's place that stays empty.
const BETWEEN: f64 = 0.25;

/// Numbers one after another.
pub struct Bars {
    /// The largest number.
    pub most: u64,
    /// One for each number.
    pub bars: Vec<Bar>,
}

/// One of them.
pub struct Bar {
    /// The left edge.
    pub x: f64,
    /// The upper edge.
    pub y: f64,
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
    /// The middle, for what is written above it.
    pub middle: f64,
    /// The number as it is told.
    pub told: Shown,
}

/// Bars as high as the numbers; what is not a number has a place and no height.
pub fn bars(numbers: &[Shown]) -> Bars {
    let (width, height) = BARS;
    let most = numbers.iter().filter_map(|told| told.number()).max().unwrap_or(0);
    let place = width / numbers.len().max(1) as f64;
    let bar = |(nth, told): (usize, &Shown)| {
        let tall = height * told.number().unwrap_or(0) as f64 / most.max(1) as f64;
        let x = place * (nth as f64 + BETWEEN / 2.0);
        Bar {
            x: tenth(x),
            y: tenth(height - tall),
            width: tenth(place * (1.0 - BETWEEN)),
            height: tenth(tall),
            middle: tenth(x + place * (1.0 - BETWEEN) / 2.0),
            told: *told,
        }
    };
    Bars { most, bars: numbers.iter().enumerate().map(bar).collect() }
}

/// Where an interval lies on a strip from nothing to `most`.
pub struct OnStrip {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// The figure.
    pub value: f64,
}

/// An interval on a strip.
pub fn on_strip(rate: &Rate, most: f64) -> OnStrip {
    let place = |figure: f64| if most > 0.0 { tenth(STRIP * figure.clamp(0.0, most) / most) } else { 0.0 };
    OnStrip { low: place(rate.low), high: place(rate.high), value: place(rate.value) }
}

/// To what a strip reaches on which all of these figures find their place: a little beyond the largest, so that one wide
/// interval does not press all others together.
pub fn reach_of<'a>(rates: impl Iterator<Item = &'a Rate>) -> f64 {
    1.5 * rates.map(|rate| rate.value).fold(0.0, f64::max)
}

fn tenth(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_number_is_as_high_as_the_picture_and_what_is_not_told_has_no_height() {
        let bars = bars(&[Shown::Number(20), Shown::Few, Shown::Number(40), Shown::NotTold]);
        assert_eq!(bars.most, 40);
        let edges: Vec<_> = bars.bars.iter().map(|bar| (bar.x, bar.y, bar.width, bar.height)).collect();
        let expected = [
            (20.0, 60.0, 120.0, 60.0),
            (180.0, 120.0, 120.0, 0.0),
            (340.0, 0.0, 120.0, 120.0),
            (500.0, 120.0, 120.0, 0.0),
        ];
        assert_eq!(edges, expected);
    }

    #[test]
    fn an_interval_never_leaves_its_strip() {
        let rate = Rate { value: 1.0, low: 0.5, high: 9.0 };
        let most = reach_of([rate].iter());
        let OnStrip { low, high, value } = on_strip(&rate, most);
        assert_eq!((most, low, high, value), (1.5, 66.7, 200.0, 133.3));
        assert_eq!(on_strip(&rate, 0.0).high, 0.0);
    }
}
