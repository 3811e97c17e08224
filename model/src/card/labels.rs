//! Bins in words: "missing", "below 45", "45 to below 60", or the name of a category.

use crate::artefact::Categories;
use crate::boosted::{Bins, StepCurve};

/// The bins of one column in words.
pub(super) struct Labels<'a> {
    bins: &'a Bins,
    names: Option<&'a [String]>,
}

impl<'a> Labels<'a> {
    pub(super) fn of(curve: &'a StepCurve, categories: &'a Categories) -> Labels<'a> {
        Labels { bins: &curve.bins, names: categories.get(&curve.column.name).map(Vec::as_slice) }
    }

    /// Some bins that have something in common, in ascending order.
    pub(super) fn of_bins(&self, bins: &[usize]) -> String {
        // Numbers that are neighbours are told as one range.
        let neighbours = |a: &usize, b: &usize| matches!(self.bins, Bins::Cuts(_)) && *a > 0 && *b == *a + 1;
        let ranges = bins.chunk_by(neighbours).map(|range| self.of_range(range[0], range[range.len() - 1]));
        ranges.collect::<Vec<String>>().join(", ")
    }

    fn of_range(&self, first: usize, last: usize) -> String {
        if first == 0 {
            return if matches!(self.bins, Bins::Cuts(_)) { "missing" } else { "missing or another" }.to_owned();
        }
        match self.bins {
            Bins::Levels(levels) => match self.names {
                Some(names) => plain(&names[first - 1]),
                None => levels[first - 1].to_string(),
            },
            Bins::Cuts(cuts) => match (first.checked_sub(2).map(|cut| cuts[cut]), cuts.get(last - 1)) {
                (None, None) => "any value".to_owned(),
                (None, Some(below)) => format!("below {below}"),
                (Some(from), None) => format!("{from} and above"),
                (Some(from), Some(below)) => format!("{from} to below {below}"),
            },
        }
    }
}

/// A text from outside that means nothing but itself in a card.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || c == '`' { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_told_by_its_ends_and_a_level_by_its_name() {
        let names = ["a|b".to_owned(), "c".to_owned()];
        let cuts = Labels { bins: &Bins::Cuts(vec![0.5, 2.0]), names: None };
        let told = |bins: &[usize]| cuts.of_bins(bins);
        assert_eq!(
            [told(&[0]), told(&[1]), told(&[2]), told(&[3])],
            ["missing", "below 0.5", "0.5 to below 2", "2 and above"]
        );
        assert_eq!(
            [told(&[2, 3]), told(&[1, 2, 3]), told(&[0, 1, 3])],
            ["0.5 and above", "any value", "missing, below 0.5, 2 and above"]
        );
        let levels = Labels { bins: &Bins::Levels(vec![1.0, 7.0]), names: Some(&names) };
        assert_eq!([levels.of_bins(&[0]), levels.of_bins(&[1, 2])], ["missing or another", "a|b, c"]);
        let numbers = Labels { bins: &Bins::Levels(vec![1.0, 7.0]), names: None };
        assert_eq!(numbers.of_bins(&[2]), "7");
    }
}
