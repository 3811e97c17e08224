//! Which night is made: its index date, its revision, and whether it stands already.

use super::{Request, record};
use crate::{
    day::Day,
    error::{Error, Kind, Result},
    extract::delivery,
    history::History,
    settings::Settings,
    store::{Store, nights::NightId},
};

/// Where a night goes.
pub(super) enum Place {
    /// Under this name.
    Free(NightId),
    /// There is nothing to make, for this night stands.
    Stands(NightId, String),
}

/// What is in the way of a night that would be made, and how to make one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InTheWay {
    /// The night that stands.
    night: NightId,
    /// That it does.
    what: String,
    /// The options that name a night which can be made.
    what_to_do: String,
}

impl InTheWay {
    /// Both in a sentence.
    pub fn in_words(&self) -> String {
        format!("{}; {}", self.what, self.what_to_do)
    }

    fn into_error(self) -> Error {
        Error::new(Kind::Usage, self.what).hint(self.what_to_do)
    }
}

/// The index date asked for, or the day before the newest extract that did not bring optional tables alone. A later one is
/// refused: the extracts don't cover it.
///
/// # Errors
/// * [`Kind::Extract`] when nothing was delivered, or the date is after the newest extract.
pub fn index_date(history: &History, asked: Option<Day>) -> Result<Day> {
    let newest = history.ledger.newest_extract().ok_or_else(|| {
        Error::refused("nothing was delivered", "put a delivery into the folder of `[extracts] folder`")
    })?;
    match asked {
        None => Ok(newest - 1),
        Some(day) if day <= newest => Ok(day),
        Some(day) => {
            let (day, of) = (day.in_words(), newest.in_words());
            let what = format!("the index date, {day}, is after the newest extract, of {of}");
            Err(Error::refused(
                what,
                format!("--index-date {} is the last day that the extracts cover whole", newest - 1),
            ))
        }
    }
}

/// How to name the night of the newest delivery's own day, where nobody has named one and it was taken late enough to cover
/// that day: the night of the day before does not count the beds of that evening.
pub fn of_its_evening(history: &History, index_date: Day, asked: Option<Day>) -> Option<String> {
    let covered = history.ledger.last_day_covered().filter(|day| asked.is_none() && *day > index_date)?;
    let (before, on) = (index_date.in_words(), covered.in_words());
    Some(format!(
        "no date is named, so this is the night of {before}; the newest delivery was taken late on {on} and covers it, with \
         its beds of that evening: `--index-date {covered}` names that night"
    ))
}

/// The index date that a run would have, before anything is held or read but manifests; none where that cannot be said.
pub fn date_ahead(settings: &Settings, asked: Option<Day>) -> Option<Day> {
    let newest = || {
        let arrived = delivery::arrived(settings).ok()?;
        let dating = arrived.deliveries.iter().filter(|delivery| !delivery.is_of_optional_tables());
        dating.map(|delivery| Day::of(delivery.manifest.extracted_at) - 1).max()
    };
    asked.or_else(newest)
}

/// What stands in the way of the night of an index date, for whoever does not ask for a revision. Whether it was made from
/// the same inputs is not looked at: then there is nothing to do.
///
/// # Errors
/// * [`Kind::Storage`] when the folder of nights cannot be read.
pub fn in_the_way(store: &Store, history: &History, index_date: Day, asked: Option<Day>) -> Result<Option<InTheWay>> {
    Ok(stands(&store.nights()?, history.ledger.last_day_covered(), index_date, asked.is_some()))
}

/// `nights` are those published, oldest first, and `covered` is the last day of what has arrived.
fn stands(nights: &[NightId], covered: Option<Day>, index_date: Day, is_named: bool) -> Option<InTheWay> {
    let newest = *nights.last()?;
    if newest.index_date > index_date && !is_named {
        let (of, by_default) = (newest.index_date.in_words(), index_date.in_words());
        let what = format!("the list of {of} stays in use: the extracts cover no later day whole than {by_default}");
        let what_to_do = format!(
            "`--index-date {} --revise` makes that list anew with what has arrived since; `--index-date {index_date}` makes \
             a past night, which nobody is given",
            newest.index_date
        );
        return Some(InTheWay { night: newest, what, what_to_do });
    }
    let night = *nights.iter().rfind(|night| night.index_date == index_date)?;
    let mut ways = Vec::new();
    if let Some(free) = covered.filter(|day| *day > newest.index_date) {
        ways.push(format!(
            "`--index-date {free}` makes the next night, of the day on which the newest delivery was taken"
        ));
    }
    ways.push(format!("`--index-date {index_date} --revise` makes this one anew and keeps the order of its lines"));
    if newest.index_date > index_date {
        ways.push(format!("the newest night is {newest}"));
    }
    Some(InTheWay { night, what: format!("night {night} stands already"), what_to_do: ways.join("; ") })
}

/// The list in use, where a run that names no date would make an older one: somebody named a later day than the default.
///
/// # Errors
/// * [`Kind::Usage`] when there is something to make, for nobody has said of which day.
/// * [`Kind::Storage`] when the record of the list in use cannot be read.
pub(super) fn later(store: &Store, history: &History, request: &Request, index_date: Day) -> Result<Option<Place>> {
    let in_the_way = in_the_way(store, history, index_date, request.index_date)?;
    let Some(newest) = in_the_way.filter(|one| one.night.index_date > index_date) else { return Ok(None) };
    let record = record::parse(&store.read(newest.night, "run.json")?)?;
    let n_known = record["inputs"]["deliveries"].as_array().map_or(0, Vec::len);
    if history.ledger.deliveries.len() <= n_known && !request.revise {
        return Ok(Some(Place::Stands(newest.night, newest.what)));
    }
    Err(newest.into_error())
}

/// The next free revision of an index date, or the one that stands already, from the same inputs.
///
/// # Errors
/// * [`Kind::Usage`] when one with other inputs stands and no revision is asked for.
pub(super) fn place(
    store: &Store,
    history: &History,
    inputs: &record::Inputs,
    index_date: Day,
    revise: bool,
) -> Result<Place> {
    let nights = store.nights()?;
    let revisions = || nights.iter().copied().filter(|night| night.index_date == index_date);
    for night in revisions() {
        if record::fingerprint_of(&store.read(night, "run.json")?)? == inputs.fingerprint() {
            return Ok(Place::Stands(night, format!("night {night} stands already, from the same inputs")));
        }
    }
    if let Some(mut other) = stands(&nights, history.ledger.last_day_covered(), index_date, true).filter(|_| !revise) {
        other.what.push_str(", from other inputs");
        return Err(other.into_error());
    }
    let revision = revisions().next_back().map_or(1, |last| last.revision + 1);
    Ok(Place::Free(NightId { index_date, revision }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(of_month: i32) -> Day {
        Day::parse("2026-11-01").unwrap() + (of_month - 1)
    }

    /// What is told where nights of these days of November 2026 stand.
    fn told(nights: &[i32], covered: i32, index_date: i32, is_named: bool) -> Option<String> {
        let nights: Vec<NightId> =
            nights.iter().map(|of_month| NightId { index_date: day(*of_month), revision: 1 }).collect();
        stands(&nights, Some(day(covered)), day(index_date), is_named).map(|one| one.in_words())
    }

    const ANEW: &str = "`--index-date 2026-11-19 --revise` makes this one anew and keeps the order of its lines";

    #[test]
    fn a_night_that_is_free_has_nothing_in_its_way() {
        assert_eq!(told(&[], 20, 19, false), None);
        assert_eq!(told(&[18], 20, 19, false), None);
        assert_eq!(told(&[18, 20], 20, 19, true), None, "a past one that somebody names");
    }

    #[test]
    fn where_nights_are_named_by_the_day_of_the_delivery_its_date_is_the_free_one() {
        let free = "`--index-date 2026-11-20` makes the next night, of the day on which the newest delivery was taken";
        let expected = format!("night 2026-11-19.1 stands already; {free}; {ANEW}");
        assert_eq!(told(&[18, 19], 20, 19, false), Some(expected.clone()));
        assert_eq!(told(&[18, 19], 20, 19, true), Some(expected));
    }

    #[test]
    fn where_nothing_later_is_covered_the_night_can_be_made_anew() {
        assert_eq!(told(&[19], 19, 19, false), Some(format!("night 2026-11-19.1 stands already; {ANEW}")));
        let past = told(&[19, 20], 20, 19, true).unwrap();
        assert_eq!(past, format!("night 2026-11-19.1 stands already; {ANEW}; the newest night is 2026-11-20.1"));
    }

    #[test]
    fn a_later_list_stays_in_use_where_no_date_is_named() {
        let told = told(&[19, 20], 20, 19, false).unwrap();
        let expected = "the list of 20 November 2026 stays in use: the extracts cover no later day whole than 19 November \
                        2026; `--index-date 2026-11-20 --revise` makes that list anew";
        assert!(told.starts_with(expected), "{told}");
    }
}
