//! Outcomes over time: whom social prescribing and coaching reached, how it ended, and what happened before and after.

mod coaching;
mod count;
mod follow;
mod lines;
pub mod page;
mod period;
mod pictures;
mod rates;
mod read;
mod rows;
mod senders;
mod span;
mod starts;
mod suppress;
#[cfg(test)]
mod tests;
mod told;

use self::{
    count::{Counts, Topic, Whole},
    period::Period,
    read::Everybody,
    span::Span,
};
pub use self::{
    starts::Service,
    told::{OfService, Report},
};
use crate::{
    day::Day,
    error::{Error, Result},
    feedback::log::Log,
    history::History,
    progress::Progress,
    settings::Settings,
};

/// Why nothing is told of social prescribing.
const NO_REFERRAL: &str = "no referral has arrived: [feeds.social_prescribing_referrals] names no legal basis, the table was \
                           never delivered, or a full delivery has emptied it";
/// Why nothing is told of coaching.
const NO_ANSWER: &str =
    "nobody has accepted or declined coaching: no such contact was handed in with `earlycall feedback add`";

/// Tells of the starts from a day to another, as they are known now.
///
/// # Errors
/// * [`crate::error::Kind::Usage`] when the period is none, or ends after the data.
/// * [`crate::error::Kind::Extract`] when nothing was delivered, or neither service has anybody.
/// * [`crate::error::Kind::Storage`] when the history cannot be read.
pub fn outcomes(
    history: &History,
    settings: &Settings,
    log: &Log,
    (from, until): (Option<Day>, Option<Day>),
    threads: usize,
    progress: &Progress,
) -> Result<Report> {
    let data_to = last_whole_day(history)?;
    let period = Period::of(from, until, data_to)?;
    let everybody = read::everybody(history, settings, log, data_to, threads, progress)?;
    if !Service::ALL.into_iter().any(|service| everybody.has_any(service)) {
        return Err(Error::refused(
            format!("{NO_REFERRAL}; and {NO_ANSWER}"),
            "deliver referrals, or hand in what coaches found, and ask again",
        ));
    }
    let spans = everybody.spans(data_to, settings);
    let services = Service::ALL.map(|service| of_service(&everybody, service, &period, spans)).into();
    let counted = Span { first: period.from - follow::DAYS, last: period.until + follow::DAYS };
    let in_part = everybody.in_part(counted, spans, settings.rules.limit("V33", "rows_min"));
    Ok(Report { from: period.from, until: period.until, data_to, in_part, services })
}

fn of_service(everybody: &Everybody, service: Service, period: &Period, spans: [Option<Span>; 3]) -> OfService {
    if !everybody.has_any(service) {
        let why = match service {
            Service::SocialPrescribing => NO_REFERRAL,
            Service::Coaching => NO_ANSWER,
        };
        return OfService::absent(service, why.to_owned());
    }
    let (whole, appointments) = whole(spans);
    let counts = Counts::of(everybody, service, period, &whole);
    OfService::of(service, &counts, period, &whole, appointments)
}

/// The days of which each topic tells everything, and which appointments are among them. Of two feeds that are both there
/// days count of which both tell everything.
fn whole([stays, gp, clinics]: [Option<Span>; 3]) -> (Whole, Option<&'static str>) {
    let (appointments, told) = match (gp, clinics) {
        (Some(gp), Some(clinics)) => (Some(gp.and(clinics)), Some("GP and outpatient appointments")),
        (Some(gp), None) => (Some(gp), Some("GP appointments alone, for no outpatient appointments have arrived")),
        (None, Some(clinics)) => {
            (Some(clinics), Some("outpatient appointments alone, for no GP appointments have arrived"))
        }
        (None, None) => (None, None),
    };
    let topics = [(Topic::Admissions, stays), (Topic::Appointments, appointments)];
    (topics.into_iter().filter_map(|(topic, span)| Some((topic, span?))).collect(), told)
}

/// The last day that the extracts cover whole.
fn last_whole_day(history: &History) -> Result<Day> {
    let newest = history.ledger.newest_extract();
    newest
        .map(|day| day - 1)
        .ok_or_else(|| Error::refused("nothing was delivered", "put a delivery into the folder of `[extracts] folder`"))
}
