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

/// The index date asked for, or the day before the newest extract. A later one is refused: the extracts don't cover it.
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

/// The index date that a run would have, before anything is held or read but manifests; none where that cannot be said.
pub fn date_ahead(settings: &Settings, asked: Option<Day>) -> Option<Day> {
    let newest = || {
        let arrived = delivery::arrived(settings).ok()?;
        arrived.iter().map(|delivery| Day::of(delivery.manifest.extracted_at) - 1).max()
    };
    asked.or_else(newest)
}

/// The list in use, where a run that names no date would make an older one: somebody named a later day than the default.
///
/// # Errors
/// * [`Kind::Usage`] when there is something to make, for nobody has said of which day.
/// * [`Kind::Storage`] when the record of the list in use cannot be read.
pub(super) fn later(store: &Store, history: &History, request: &Request, index_date: Day) -> Result<Option<Place>> {
    let newest = store.nights()?.pop().filter(|newest| newest.index_date > index_date);
    let Some(newest) = newest.filter(|_| request.index_date.is_none()) else { return Ok(None) };
    let (of, by_default) = (newest.index_date.in_words(), index_date.in_words());
    let told = format!("the list of {of} stays in use: the extracts cover no later day whole than {by_default}");
    let record = record::parse(&store.read(newest, "run.json")?)?;
    let n_known = record["inputs"]["deliveries"].as_array().map_or(0, Vec::len);
    if history.ledger.deliveries.len() <= n_known && !request.revise {
        return Ok(Some(Place::Stands(newest, told)));
    }
    Err(Error::new(Kind::Usage, told).hint(format!(
        "`--index-date {} --revise` makes that list anew with what has arrived since; `--index-date {index_date}` makes a \
         past night, which nobody is given",
        newest.index_date
    )))
}

/// The next free revision of an index date, or the one that stands already, from the same inputs.
///
/// # Errors
/// * [`Kind::Usage`] when one with other inputs stands and no revision is asked for.
pub(super) fn place(store: &Store, inputs: &record::Inputs, index_date: Day, revise: bool) -> Result<Place> {
    let revisions: Vec<NightId> = store.nights()?.into_iter().filter(|night| night.index_date == index_date).collect();
    for &night in &revisions {
        if record::fingerprint_of(&store.read(night, "run.json")?)? == inputs.fingerprint() {
            return Ok(Place::Stands(night, format!("night {night} stands already, from the same inputs")));
        }
    }
    let newest = store.nights()?.pop().filter(|newest| newest.index_date > index_date);
    match revisions.last() {
        None => Ok(Place::Free(NightId { index_date, revision: 1 })),
        Some(last) if revise => Ok(Place::Free(NightId { index_date, revision: last.revision + 1 })),
        Some(last) => {
            let error = Error::new(Kind::Usage, format!("night {last} stands already, from other inputs"));
            Err(match newest {
                Some(newest) => error.hint(format!("the newest night is {newest}; --index-date names another")),
                None => error.hint("--revise publishes a revision that keeps the order of its lines"),
            })
        }
    }
}
