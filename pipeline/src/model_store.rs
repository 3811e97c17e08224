//! Models on disk: candidates, the one that `run` uses, and whether it may be used.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use earlycall_model::{Column, artefact::Artefact, card::card_markdown};
use earlycall_schemas::catalogue::catalogue;
use serde::{Deserialize, Serialize};

use crate::{
    codelists::CodeLists,
    error::{Error, Kind, Result},
    features::model_columns,
    settings::Settings,
    store::{
        export,
        folder::{self, NewFile},
    },
};

/// The columns that this program computes, in order.
pub fn columns() -> Vec<Column> {
    model_columns().into_iter().map(|column| column.column).collect()
}

/// Who moved the pointer to a model, and why.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Promotion {
    /// The candidate.
    pub name: String,
    /// Who decided.
    pub by: String,
    /// Their reason.
    pub why: String,
}

/// Writes a candidate with its card, under its name or the first free one after it, and gives it back as it reads.
///
/// # Errors
/// * [`Kind::Storage`] when it cannot be written.
pub fn put_candidate(settings: &Settings, artefact: &Artefact) -> Result<Artefact> {
    let taken = candidates(settings)?;
    let names = std::iter::once(artefact.name.clone()).chain((2..).map(|n| format!("{}-{n}", artefact.name)));
    let name = names.into_iter().find(|name| !taken.contains(name)).expect("numbers do not run out");
    let artefact = &Artefact { name, ..artefact.clone() };
    let text = artefact.to_json();
    let read = Artefact::from_json(&text).expect("what was just written reads back");
    let files =
        [NewFile::new("model.json", text.into_bytes()), NewFile::new("card.md", card_markdown(&read).into_bytes())];
    export::new_folder(&settings.model_folder().join("candidates").join(&artefact.name), &files)?;
    Ok(read)
}

/// The names of the candidates, sorted.
///
/// # Errors
/// * [`Kind::Storage`] when the folder cannot be read.
pub fn candidates(settings: &Settings) -> Result<Vec<String>> {
    folder::names(&settings.model_folder().join("candidates"))
}

/// Makes a candidate the model that `run` uses.
///
/// # Errors
/// * [`Kind::Usage`] when nobody or nothing is named.
/// * [`Kind::Model`] when there is no such candidate, or it may not be used.
/// * [`Kind::Storage`] when the pointer cannot be moved.
pub fn promote(settings: &Settings, promotion: &Promotion) -> Result<()> {
    if promotion.by.trim().is_empty() || promotion.why.trim().is_empty() {
        return Err(Error::new(Kind::Usage, "a promotion needs somebody who answers for it, and a reason"));
    }
    let folder = settings.model_folder();
    let known = candidates(settings)?;
    if !known.contains(&promotion.name) {
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        return Err(Error::new(Kind::Model, format!("there is no candidate `{}`", promotion.name))
            .hint(format!("candidates: {known}")));
    }
    read(&folder.join("candidates").join(&promotion.name), settings, &CodeLists::of(settings)?)?;
    let record = serde_json::to_vec_pretty(promotion).expect("a promotion is plain text");
    let number = folder::names(&folder.join("promotions"))?.len() + 1;
    let file = [NewFile::new("promotion.json", record)];
    export::new_folder(&folder.join("promotions").join(format!("{number:06}")), &file)?;
    export::point(folder, "current", &format!("candidates/{}", promotion.name))
}

/// The model that `run` uses, once it has proved whole and made for this program's features, these settings and lists.
///
/// # Errors
/// * [`Kind::Model`] when there is none, or it is altered, or made for other features, code lists, outcome or
///   horizon.
pub fn current(settings: &Settings, lists: &CodeLists) -> Result<Artefact> {
    let folder = settings.model_folder().join("current");
    if !folder.exists() {
        return Err(Error::new(Kind::Model, "there is no model")
            .file(folder.display().to_string())
            .hint("make one with `earlycall train --index-date DATE`, then `earlycall model promote NAME`"));
    }
    read(&folder, settings, lists)
}

fn read(folder: &Path, settings: &Settings, lists: &CodeLists) -> Result<Artefact> {
    let path = folder.join("model.json");
    let refused = |what: String| Error::new(Kind::Model, what).file(path.display().to_string());
    let text = fs::read_to_string(&path).map_err(|error| refused(format!("cannot be read: {error}")))?;
    let artefact = Artefact::from_json(&text)
        .map_err(|error| refused(error.to_string()).hint("train again, or restore the file as it was promoted"))?;
    let train_again = "train a model with this program and these settings, and promote it";
    if artefact.catalogue_hash != catalogue().hash() || artefact.model.columns() != columns() {
        return Err(refused("the model was made for another feature catalogue".to_owned()).hint(train_again));
    }
    let others = differing(&artefact.code_list_hashes, &lists.hashes());
    if !others.is_empty() {
        return Err(refused(format!("the model was made with other code lists: {}", others.join(", "))).hint(
            "train a model with the lists of this service and promote it, or import the lists that it was made with",
        ));
    }
    if artefact.outcome != settings.prediction.outcome.code() {
        return Err(refused("the model predicts another outcome than the settings name".to_owned()).hint(train_again));
    }
    if i64::from(artefact.horizon_days) != i64::from(settings.prediction.horizon_days) {
        return Err(refused(format!(
            "the model looks {} days ahead, and the settings ask for {}",
            artefact.horizon_days, settings.prediction.horizon_days
        ))
        .hint(train_again));
    }
    if !settings.is_research() {
        return Err(
            refused("the model is not signed".to_owned()).hint("the production profile uses signed models only")
        );
    }
    Ok(artefact)
}

/// The names under which two sets of lists differ: another list, or one that only one of them has.
fn differing(one: &BTreeMap<String, String>, other: &BTreeMap<String, String>) -> Vec<String> {
    let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    names.into_iter().filter(|name| one.get(*name) != other.get(*name)).cloned().collect()
}
