//! DEATHS: the list of the dead grows. One that has shrunk would put people who died back among those to call.

use earlycall_schemas::rules::Action;

use crate::{
    day::Day,
    error::Result,
    history::ledger::Ledger,
    quality::{finding::Finding, set_aside::SetAside},
    settings::Settings,
};

const RULE: &str = "DEATHS";
const TABLE: &str = "deaths";

/// How many reports of deaths are settled.
#[derive(Clone, Copy, Debug)]
pub struct ReportedDead {
    /// Those that count.
    kept: u64,
    /// With those of people who object.
    arrived: u64,
}

impl ReportedDead {
    /// As a ledger has them.
    pub fn of(ledger: &Ledger) -> ReportedDead {
        ReportedDead { kept: ledger.rows_of(TABLE), arrived: ledger.arrived_of(TABLE) }
    }

    /// Refuses a delivery of a day that has left the list shorter than it was, or tells who lets it pass.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Extract`] when more reports are gone than may be, and nobody answers for that.
    pub fn judge(self, now: ReportedDead, extracted_on: Day, settings: &Settings) -> Result<Option<SetAside>> {
        let limit = |name| settings.rules.limit(RULE, name);
        // Whoever objects leaves the first number and stays in the second, where a row sent twice may count twice.
        let kept_lost = self.kept.saturating_sub(now.kept);
        let lost = kept_lost.min(self.arrived.saturating_sub(now.arrived)) as f64;
        if lost <= limit("reports_min") || lost <= limit("fall_max") * self.kept as f64 {
            return Ok(None);
        }
        let finding = Finding {
            rule: RULE,
            action: Action::Run,
            table: TABLE.to_owned(),
            provider: None,
            message: format!("the reports of deaths fell from {} to {}", self.kept, now.kept),
        };
        settings.overrides.admit(finding, extracted_on - 1).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[track_caller]
    fn fall(then: (u64, u64), now: (u64, u64), is_refused: bool) {
        let of = |(kept, arrived)| ReportedDead { kept, arrived };
        let settings = Settings::parse("", Path::new("")).unwrap();
        let judged = of(then).judge(of(now), Day::parse("2026-11-21").unwrap(), &settings);
        assert_eq!(judged.is_err(), is_refused, "from {then:?} to {now:?}");
    }

    #[test]
    fn one_in_twenty_may_go_and_a_few_of_a_short_list() {
        fall((1000, 1000), (950, 950), false);
        fall((1000, 1000), (949, 949), true);
        fall((1000, 1000), (2000, 2000), false);
        fall((20, 20), (15, 15), false);
        fall((20, 20), (14, 14), true);
        fall((0, 0), (0, 0), false);
    }

    #[test]
    fn dead_who_objected_are_not_lost_and_rows_sent_twice_are_no_dead() {
        fall((1000, 1000), (900, 1000), false);
        fall((1000, 1300), (1000, 1100), false);
        fall((1000, 1100), (500, 600), true);
    }
}
