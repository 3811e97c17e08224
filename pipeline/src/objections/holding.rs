//! Holding the folders of a service while a command works, and letting go of them: the newest list then forgets whoever
//! was noted meanwhile, whether the command succeeded or not.

use crate::{
    error::{Error, Result},
    history::ledger::Ledger,
    night::revise::{self, Given, Revised},
    objections::held::Held,
    settings::Settings,
    store::{Store, disk::Disk},
};

/// Holds the output and the state while `work` is done. Tells what it came to, the revision without whoever was noted
/// meanwhile, if the newest list had any of them, and whether every team could be given the newest list: a team's folder
/// that cannot be written to takes nothing from what was done.
///
/// The folders are let go of before the register is: so whoever notes something and finds them held can rely on it that
/// this is still to happen. Only a command that dies leaves it to the next one.
///
/// # Errors
/// * What `work` meets.
/// * [`crate::error::Kind::Locked`] when another command holds the folders.
/// * [`crate::error::Kind::Storage`], [`crate::error::Kind::Permission`] when the revision cannot be published.
pub fn holding<'d, T>(
    settings: &Settings,
    disk: &'d dyn Disk,
    work: impl FnOnce(&Store<'d>) -> Result<T>,
) -> Result<(T, Option<Revised>, Given)> {
    let store = Store::open(disk, settings.output_folder(), settings.state_folder())?;
    let done = work(&store);
    match (done, let_go(store, settings)) {
        (Ok(done), left) => left.map(|(revised, given)| (done, revised, given)),
        (Err(error), Ok((revised, given))) => Err(told_with(error, revised, given)),
        (Err(error), Err(also)) => Err(error.also(&format!("the newest list was not brought up to date: {also}"))),
    }
}

/// What `work` met, with what else there is to tell; a list that cannot be given may be what it met.
fn told_with(error: Error, revised: Option<Revised>, given: Given) -> Error {
    let not_given = given.err().filter(|not_given| *not_given != error);
    let not_given = not_given.map(|not_given| format!("the newest list could not be given to every team: {not_given}"));
    revised.map(|revised| revised.in_words()).into_iter().chain(not_given).fold(error, |error, more| error.also(&more))
}

fn let_go(store: Store, settings: &Settings) -> Result<(Option<Revised>, Given)> {
    let held = Held::wait(settings.state_folder())?;
    let revised = bring_up_to_date(&store, &held, settings);
    drop(store);
    drop(held);
    revised
}

fn bring_up_to_date(store: &Store, held: &Held, settings: &Settings) -> Result<(Option<Revised>, Given)> {
    let mut revised = None;
    if revise::is_behind(store, held.register())? {
        let ledger = store.history()?.map(|generation| Ledger::read(&generation)).transpose()?.unwrap_or_default();
        let left_out = revise::left_out(held.register(), &settings.objections, &ledger.merged);
        revised = revise::without(&left_out, held, store, settings)?;
    }
    // A list without them may be there already, and a run have died before it was the one in use, here and at the teams.
    let given = match held.register().is_empty() {
        true => Ok(()),
        false => revise::finish_newest(store, held, settings)?,
    };
    Ok((revised, given))
}
