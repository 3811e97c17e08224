//! What each optional feed is worth: by how much it improves the order of the risks of the people who have it, beside all
//! other feeds and by itself, with intervals. A data-sharing agreement that carries nothing should be known for it.

pub mod page;

use std::collections::{BTreeMap, BTreeSet};

use earlycall_model::metrics::{Gain, auroc_gain};
use earlycall_schemas::feeds::{FeedView, feeds};
use serde::Serialize;

use crate::{
    day::Day,
    error::{Error, Kind, Result},
    history::History,
    progress::Progress,
    settings::Settings,
    small_numbers::{Told, coarse},
    supply::Supply,
    train::{
        self,
        fit::{FOLDS_OF_A_VARIANT, Fitting},
        rows::TrainingRows,
    },
};

/// A gain is believed above so many standard errors: of 700 that are none, chance alone lifts one as high. Each feed has two.
const STANDARD_ERRORS_MIN: f64 = 3.0;
/// With fewer people than this who have a feed and were admitted, or were not, nothing is said of it.
const PEOPLE_MIN: u64 = 50;

/// What the feeds in use are worth.
#[derive(Clone, Debug, Serialize)]
pub struct Worth {
    /// The past index dates.
    pub index_dates: Vec<Day>,
    /// The window is (index date, index date + horizon].
    pub horizon_days: u32,
    /// People of whom it is known what happened, once for each date.
    pub people: u64,
    /// Of these, with an unplanned admission.
    pub events: u64,
    /// All optional feeds together, over all people; absent where nobody or everybody was admitted.
    pub together: Option<Gain>,
    /// Each of them, in the order of the contract.
    pub feeds: Vec<OfFeed>,
}

/// What one feed is worth to the people who have it.
#[derive(Clone, Debug, Serialize)]
pub struct OfFeed {
    /// Its table.
    pub feed: &'static str,
    /// People of whom it says anything, each once.
    pub people: Told,
    /// Of these, with an unplanned admission after any of the dates.
    pub admitted: Told,
    /// What it adds for them to all other feeds.
    pub beside_others: Option<Gain>,
    /// What it adds for them to the feeds that every service has.
    pub by_itself: Option<Gain>,
    /// What that comes to.
    pub verdict: Verdict,
}

/// What can be said of a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It carries something that no other feed does.
    Carries,
    /// It carries something, which the others together tell as well.
    CarriesWhatOthersTell,
    /// No gain can be told from chance.
    Nothing,
    /// Beside the others those who have it are ranked worse for it, whatever it carries by itself: the model learns from it
    /// what is not so.
    Misleads,
    /// Too few people with it were admitted, or were not.
    TooFew,
}

impl Verdict {
    /// In words.
    pub fn in_words(self) -> &'static str {
        match self {
            Verdict::Carries => "carries something that no other feed does",
            Verdict::CarriesWhatOthersTell => "carries something, which the other feeds together tell as well",
            Verdict::Nothing => "no gain that can be told from chance",
            Verdict::Misleads => "the people who have it are ranked better without it",
            Verdict::TooFew => "too few people with it to say",
        }
    }

    fn of(beside_others: &Gain, by_itself: &Gain) -> Verdict {
        let is_gain = |gain: &Gain| gain.gain > STANDARD_ERRORS_MIN * gain.standard_error;
        let is_loss = |gain: &Gain| -gain.gain > STANDARD_ERRORS_MIN * gain.standard_error;
        if is_gain(beside_others) {
            Verdict::Carries
        } else if is_loss(beside_others) {
            Verdict::Misleads
        } else if is_gain(by_itself) {
            Verdict::CarriesWhatOthersTell
        } else {
            Verdict::Nothing
        }
    }
}

/// Measures every optional feed that was there on all of the past index dates.
///
/// On the people whom `train` would learn from, models learn with all feeds, without each, without all, and with each
/// alone, and every person is judged by those that did not learn from them; people are dealt alike for all models. What a
/// feed adds is the difference of two areas under the ROC curve on the same people.
///
/// # Errors
/// * [`Kind::Usage`] when a window is not over, or no optional feed was there on all dates.
/// * [`Kind::Extract`] when there were no hospital stays on one of the dates.
/// * [`Kind::Model`] when there are too few people or outcomes to learn from.
/// * [`Kind::Storage`] when the history cannot be read.
pub fn worth(
    history: &History,
    settings: &Settings,
    index_dates: &[Day],
    threads: usize,
    progress: &mut Progress,
) -> Result<Worth> {
    let supply = |date: &Day| Supply::under(history, &history.view(*date), &settings.rules, threads);
    let supplies = index_dates.iter().map(supply).collect::<Result<Vec<Supply>>>()?;
    let mut missing: Vec<String> = supplies.iter().flat_map(Supply::to_do_without).collect();
    missing.sort_unstable();
    missing.dedup();
    let present: Vec<&'static str> =
        feeds().iter().map(FeedView::table).filter(|feed| !missing.iter().any(|table| table == feed)).collect();
    if present.is_empty() {
        return Err(Error::new(Kind::Usage, "no optional feed was there on all of these index dates")
            .hint("name a feed and its legal basis in [feeds], have it delivered, or choose later dates"));
    }
    let horizon_days = settings.prediction.horizon_days.unsigned_abs();
    let dates = index_dates.iter().copied().zip(supplies.iter().map(|supply| supply.feeds(&missing)));
    let rows = TrainingRows::new(&[], horizon_days);
    let rows = train::rows_of(history, settings, dates, rows, threads, progress)?;
    let fitting = Fitting { rows: &rows, leading_days: horizon_days, horizons_days: &[horizon_days], threads };
    let mut judged = Judged { fitting, missing, present: present.clone(), known: BTreeMap::new() };
    for wanted in judged.asked() {
        progress.stage(&format!("learning with {} of {} optional feeds", wanted.len(), present.len()));
        judged.learn(wanted)?;
    }
    let (events, persons) = (judged.fitting.events(), rows.persons());
    let everybody = vec![true; events.len()];
    let measured = Measured { judged: &judged, events: &events, persons: &persons };
    Ok(Worth {
        index_dates: index_dates.to_vec(),
        horizon_days,
        people: events.len() as u64,
        events: events.iter().filter(|event| **event).count() as u64,
        together: measured.gain(&present, &[], &everybody)?,
        feeds: present.iter().map(|feed| measured.of_feed(feed, &rows)).collect::<Result<_>>()?,
    })
}

/// Risks by the optional feeds with which they were learnt.
struct Judged<'a> {
    fitting: Fitting<'a>,
    missing: Vec<String>,
    present: Vec<&'static str>,
    known: BTreeMap<Vec<&'static str>, Vec<f64>>,
}

impl Judged<'_> {
    /// The sets of optional feeds to learn with: all, none, all but each, and each alone.
    fn asked(&self) -> Vec<Vec<&'static str>> {
        let mut asked = vec![self.present.clone(), Vec::new()];
        for feed in &self.present {
            asked.push(self.others(feed));
            asked.push(vec![feed]);
        }
        asked.sort_unstable();
        asked.dedup();
        asked
    }

    fn others(&self, feed: &str) -> Vec<&'static str> {
        self.present.iter().filter(|other| **other != feed).copied().collect()
    }

    fn learn(&mut self, wanted: Vec<&'static str>) -> Result<()> {
        let unwanted = self.present.iter().filter(|feed| !wanted.contains(feed)).map(|feed| (*feed).to_owned());
        let mut without: Vec<String> = self.missing.iter().cloned().chain(unwanted).collect();
        without.sort_unstable();
        let risks = self.fitting.judged(&without, train::backing(&without), FOLDS_OF_A_VARIANT)?;
        self.known.insert(wanted, risks);
        Ok(())
    }
}

/// Risks and what happened.
struct Measured<'a, 'r> {
    judged: &'a Judged<'r>,
    events: &'a [bool],
    persons: &'a [u64],
}

impl Measured<'_, '_> {
    /// What some feeds gain over others, on some of the people.
    fn gain(&self, with: &[&'static str], without: &[&'static str], who: &[bool]) -> Result<Option<Gain>> {
        let risks = |feeds: &[&'static str]| picked(&self.judged.known[feeds], who);
        let (events, persons) = (picked(self.events, who), picked(self.persons, who));
        auroc_gain(&risks(with), &risks(without), &events, &persons)
            .map_err(|error| Error::new(Kind::Model, error.to_string()))
    }

    /// How many different people there are among some rows, with the event or without.
    fn n_people(&self, who: &[bool], is_counted: impl Fn(bool) -> bool) -> u64 {
        let rows = who.iter().zip(self.events).zip(self.persons);
        let counted = rows.filter(|((has, event), _)| **has && is_counted(**event)).map(|(_, person)| person);
        counted.collect::<BTreeSet<&u64>>().len() as u64
    }

    fn of_feed(&self, feed: &'static str, rows: &TrainingRows) -> Result<OfFeed> {
        let who = &rows.are_told_of_by(feed)[..self.events.len()];
        let (n, n_admitted) = (self.n_people(who, |_| true), self.n_people(who, |event| event));
        let is_enough = n_admitted.min(self.n_people(who, |event| !event)) >= PEOPLE_MIN;
        let gain = |with: &[&'static str], without: &[&'static str]| match is_enough {
            true => Ok(self.gain(with, without, who)?.map(as_told)),
            false => Ok(None),
        };
        let beside_others = gain(&self.judged.present, &self.judged.others(feed))?;
        let by_itself = gain(&[feed], &[])?;
        let both = beside_others.as_ref().zip(by_itself.as_ref());
        let verdict = both.map_or(Verdict::TooFew, |(beside, alone)| Verdict::of(beside, alone));
        Ok(OfFeed { feed, people: Told(n), admitted: Told(n_admitted), beside_others, by_itself, verdict })
    }
}

fn picked<T: Copy>(values: &[T], who: &[bool]) -> Vec<T> {
    values.iter().zip(who).filter(|(_, is_one)| **is_one).map(|(value, _)| *value).collect()
}

/// A gain of a part of the people, as coarse as it may be told.
fn as_told(gain: Gain) -> Gain {
    let Gain { with, without, gain, standard_error, low, high } = gain;
    let [with, without, gain, low, high] = [with, without, gain, low, high].map(coarse);
    // Verdicts hang on it, and it tells of nobody.
    Gain { with, without, gain, standard_error, low, high }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gain(gain: f64, standard_error: f64) -> Gain {
        Gain { with: 0.7 + gain, without: 0.7, gain, standard_error, low: 0.0, high: 0.0 }
    }

    #[test]
    fn a_gain_is_believed_above_three_standard_errors() {
        let verdict = |beside, alone| Verdict::of(&gain(beside, 0.01), &gain(alone, 0.01));
        assert_eq!(verdict(0.031, 0.0), Verdict::Carries);
        assert_eq!(verdict(0.029, 0.04), Verdict::CarriesWhatOthersTell);
        assert_eq!(verdict(0.029, 0.03), Verdict::Nothing, "two of three standard errors happen by chance");
        assert_eq!(verdict(-0.029, -0.05), Verdict::Nothing);
        assert_eq!(verdict(-0.031, 0.0), Verdict::Misleads);
        assert_eq!(verdict(-0.031, 0.04), Verdict::Misleads, "tomorrow's list would be better without it");
    }
}
