//! `outcomes.html`: what is told, with pictures, on one page that needs nothing else.

use askama::Template;

use super::{
    follow::DAYS,
    pictures::{bars, on_strip, reach_of},
    rates::Rate,
    starts::Service,
    suppress::Shown,
    told::{BeforeAfter, Endings, FEWEST, OfPart, OfService, Report},
};

/// The page of a report. Every value is escaped; nothing on the page runs, links or loads.
pub fn write(report: &Report) -> Vec<u8> {
    Page { report }.render().expect("a template of plain fields renders").into_bytes()
}

#[derive(Template)]
#[template(path = "outcomes.html")]
struct Page<'a> {
    report: &'a Report,
}

/// What stands on the page for what may not be told.
const TOO_FEW: &str = "too few to tell";

/// What a service's page calls it, its starts, and whom it is for.
struct Words {
    name: &'static str,
    starts: &'static str,
    started: &'static str,
    people: &'static str,
    programme: &'static str,
    to_the_end: &'static str,
}

fn words(service: Service) -> Words {
    match service {
        Service::SocialPrescribing => Words {
            name: "Social prescribing",
            starts: "Referrals",
            started: "had a referral that was not declined",
            people: "adults of the area",
            programme: "link worker's organisation",
            to_the_end: "Completed",
        },
        Service::Coaching => Words {
            name: "Coaching",
            starts: "Acceptances",
            started: "accepted",
            people: "adults of the area who are coached for a condition",
            programme: "team",
            to_the_end: "Time over, no leaving noted",
        },
    }
}

impl OfService {
    /// The groups, and everybody before them.
    fn groups(&self) -> impl Iterator<Item = &OfPart> {
        self.parts.iter().filter(|part| part.by != "programme")
    }

    fn reach_most(&self) -> f64 {
        reach_of(self.parts.iter().filter_map(|part| part.reach.as_ref()?.per_1000.as_ref()))
    }

    fn missed_most(&self) -> f64 {
        most_of(self.parts.iter().filter_map(|part| part.missed.as_ref()))
    }

    fn admissions_most(&self) -> f64 {
        most_of(self.parts.iter().filter_map(|part| part.admissions.as_ref()))
    }
}

impl Endings {
    /// As many as are over and were not left, as far as the service's records say.
    fn to_the_end(&self) -> Shown {
        self.completed.or(self.time_over_no_leaving_noted).expect("every service has one of them")
    }
}

fn most_of<'a>(figures: impl Iterator<Item = &'a BeforeAfter>) -> f64 {
    let rates: Vec<&Rate> = figures.flat_map(|one| [&one.before.rate, &one.after.rate]).flatten().collect();
    reach_of(rates.into_iter())
}

impl OfPart {
    /// As the head of its row.
    fn heading(&self) -> String {
        match self.by {
            "everybody" => "All".to_owned(),
            "programme" => self.name.clone(),
            by => format!("{by}: {}", self.name),
        }
    }
}

/// A figure with its interval, to so many decimals.
fn figure(rate: &Option<Rate>, decimals: usize) -> String {
    rate.as_ref().map_or(TOO_FEW.to_owned(), |Rate { value, low, high }| {
        format!("{value:.decimals$} ({low:.decimals$} to {high:.decimals$})")
    })
}

/// A share with its interval, in percent.
fn percent(share: &Option<Rate>) -> String {
    share.as_ref().map_or(TOO_FEW.to_owned(), |Rate { value, low, high }| {
        format!("{:.1}% ({:.1}% to {:.1}%)", 100.0 * value, 100.0 * low, 100.0 * high)
    })
}

/// A mean to a tenth.
fn mean(mean: &Option<f64>) -> String {
    mean.map_or(TOO_FEW.to_owned(), |mean| format!("{mean:.1}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_stands_with_its_interval_or_says_that_it_may_not_be_told() {
        let rate = Some(Rate { value: 0.75, low: 0.5, high: 1.125 });
        assert_eq!((figure(&rate, 2), figure(&None, 2)), ("0.75 (0.50 to 1.12)".into(), TOO_FEW.into()));
        assert_eq!(percent(&Some(Rate { value: 0.1, low: 0.05, high: 0.2 })), "10.0% (5.0% to 20.0%)");
        assert_eq!((mean(&Some(4.0)), mean(&None)), ("4.0".into(), TOO_FEW.into()));
    }
}
