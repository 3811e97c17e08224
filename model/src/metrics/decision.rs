//! What it is worth to act on risks: the net benefit of Vickers and Elkin (2006).

/// True positives less false positives, of all rows, where a risk from the threshold on is acted on. Whoever acts from a
/// risk of 20% on takes four calls in vain for one that was needed: a false positive weighs as much as the odds of the
/// threshold.
pub(super) fn net_benefit(sorted: &[(f64, bool)], threshold: f64) -> f64 {
    let first = sorted.partition_point(|(risk, _)| *risk < threshold);
    let acted_on = &sorted[first..];
    let hits = acted_on.iter().filter(|(_, event)| *event).count();
    benefit(hits, acted_on.len() - hits, sorted.len(), threshold)
}

/// The same where everybody is acted on.
pub(super) fn net_benefit_of_all(sorted: &[(f64, bool)], threshold: f64) -> f64 {
    let hits = sorted.iter().filter(|(_, event)| *event).count();
    benefit(hits, sorted.len() - hits, sorted.len(), threshold)
}

fn benefit(hits: usize, in_vain: usize, rows: usize, threshold: f64) -> f64 {
    (hits as f64 - in_vain as f64 * threshold / (1.0 - threshold)) / rows as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn net_benefit_by_hand() {
        // From a fifth on, three of five are acted on, two of them rightly: (2 - 1 / 4) / 5.
        let rows = [(0.1, false), (0.1, true), (0.2, false), (0.4, true), (0.5, true)];
        assert!((net_benefit(&rows, 0.2) - 1.75 / 5.0).abs() < 1e-15);
        assert!((net_benefit_of_all(&rows, 0.2) - 2.5 / 5.0).abs() < 1e-15);
        assert_eq!(net_benefit(&rows, 0.6), 0.0);
    }
}
