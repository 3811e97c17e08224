//! `worth.html`: what the feeds are worth, with pictures, on one page that needs nothing else.

use askama::Template;
use earlycall_model::metrics::Gain;

use super::Worth;

/// Width of a strip, and the gains at its ends.
const STRIP: f64 = 240.0;
const STRIP_TO: f64 = 0.1;

/// The page. Every value is escaped; nothing on the page runs, links or loads.
pub fn write(worth: &Worth) -> Vec<u8> {
    Page { worth }.render().expect("a template of plain fields renders").into_bytes()
}

#[derive(Template)]
#[template(path = "worth.html")]
struct Page<'a> {
    worth: &'a Worth,
}

impl Page<'_> {
    fn dates(&self) -> String {
        self.worth.index_dates.iter().map(|date| date.in_words()).collect::<Vec<String>>().join(", ")
    }
}

/// A gain with its interval, signed.
fn told(gain: &Option<Gain>) -> String {
    gain.as_ref()
        .map_or("not told".to_owned(), |gain| format!("{:+.3} ({:+.3} to {:+.3})", gain.gain, gain.low, gain.high))
}

/// Two areas: without and with.
fn areas(gain: &Option<Gain>) -> String {
    gain.as_ref().map_or("not told".to_owned(), |gain| format!("{:.3} to {:.3}", gain.without, gain.with))
}

/// Where an interval of a gain lies on a strip with nothing in its middle: its ends, and its value.
fn on_strip(gain: &Gain) -> (f64, f64, f64) {
    // To a tenth of the drawing's unit, so that the page has short numbers.
    let tenths = |place: f64| (place * 10.0).round() / 10.0;
    let place = |gain: f64| tenths(STRIP * (gain.clamp(-STRIP_TO, STRIP_TO) + STRIP_TO) / (2.0 * STRIP_TO));
    (place(gain.low), place(gain.high), place(gain.gain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_in_the_middle_of_a_strip_and_no_interval_leaves_it() {
        let gain = Gain { with: 0.75, without: 0.7, gain: 0.05, standard_error: 0.03, low: -0.01, high: 0.11 };
        assert_eq!(on_strip(&gain), (108.0, 240.0, 180.0));
        assert_eq!(told(&Some(gain)), "+0.050 (-0.010 to +0.110)");
        assert_eq!((told(&None).as_str(), areas(&Some(gain)).as_str()), ("not told", "0.700 to 0.750"));
    }
}
