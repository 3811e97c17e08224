//! Models on disk: candidates with their variants, the one that `run` uses, and whether it may be used.

pub mod age;
mod chosen;
pub mod signing;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use earlycall_model::{
    Column,
    artefact::Artefact,
    card::{card_html, card_markdown},
};
use earlycall_schemas::{
    catalogue::catalogue,
    variants::{Variant, variants},
};
use serde::{Deserialize, Serialize};

pub use self::chosen::{Chosen, without_in_words};
use crate::{
    codelists::CodeLists,
    error::{Error, Kind, Result},
    features::{columns::places_without, model_columns},
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

/// Those of them that are left without some tables.
pub fn columns_without(missing: &[String]) -> Vec<Column> {
    let columns = columns();
    places_without(missing).into_iter().map(|place| columns[place].clone()).collect()
}

/// A model with its variants: learnt together, promoted together.
#[derive(Clone, Debug)]
pub struct Family {
    /// The model for nights on which nothing is missing.
    pub main: Artefact,
    /// Those that do without some feeds.
    pub variants: Vec<(&'static Variant, Artefact)>,
}

/// What a variant does without beside a model that does without some feeds itself; sorted.
pub fn without_both(main: &[String], variant: &Variant) -> Vec<String> {
    main.iter().chain(&variant.without).cloned().collect::<BTreeSet<String>>().into_iter().collect()
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

/// Writes a candidate with its variants and their card, under its name or the first free one after it, and gives them
/// back as they read.
///
/// # Errors
/// * [`Kind::Storage`] when it cannot be written.
pub fn put_candidate(settings: &Settings, family: &Family) -> Result<Family> {
    let taken = candidates(settings)?;
    let names = std::iter::once(family.main.name.clone()).chain((2..).map(|n| format!("{}-{n}", family.main.name)));
    let name = names.into_iter().find(|name| !taken.contains(name)).expect("numbers do not run out");
    let named = |name: String, artefact: &Artefact| {
        let text = Artefact { name, ..artefact.clone() }.to_json();
        let read = Artefact::from_json(&text).expect("what was just written reads back");
        (text, read)
    };
    let (text, main) = named(name.clone(), &family.main);
    let mut files = vec![NewFile::new("model.json", text.into_bytes())];
    let mut written = Vec::new();
    for (variant, artefact) in &family.variants {
        let (text, read) = named(name_of(&name, variant), artefact);
        files.push(NewFile::new(variant_file(variant), text.into_bytes()));
        written.push((*variant, read));
    }
    let told: Vec<Artefact> = written.iter().map(|(_, artefact)| artefact.clone()).collect();
    files.push(NewFile::new("card.md", card_markdown(&main, &told).into_bytes()));
    files.push(NewFile::new("card.html", card_html(&main, &told).into_bytes()));
    export::new_folder(&settings.model_folder().join("candidates").join(&name), &files)?;
    Ok(Family { main, variants: written })
}

fn name_of(main: &str, variant: &Variant) -> String {
    format!("{main}-{}", variant.id)
}

/// Where a variant stands in the folder of its model.
fn variant_file(variant: &Variant) -> String {
    format!("variants/{}.json", variant.id)
}

/// The names of the candidates, sorted.
///
/// # Errors
/// * [`Kind::Storage`] when the folder cannot be read.
pub fn candidates(settings: &Settings) -> Result<Vec<String>> {
    folder::names(&settings.model_folder().join("candidates"))
}

/// The folder of a candidate.
fn candidate(settings: &Settings, name: &str) -> Result<PathBuf> {
    let known = candidates(settings)?;
    if known.iter().any(|known| known == name) {
        return Ok(settings.model_folder().join("candidates").join(name));
    }
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    Err(Error::new(Kind::Model, format!("there is no candidate `{name}`")).hint(format!("candidates: {known}")))
}

/// Signs a candidate and its variants with a key, and gives back the public key that checks it.
///
/// # Errors
/// * [`Kind::Model`] when there is no such candidate.
/// * As of [`signing::sign`].
pub fn sign(settings: &Settings, name: &str, key: &Path) -> Result<[u8; 32]> {
    let candidate = candidate(settings, name)?;
    let variants = variants().iter().map(variant_file).filter(|file| candidate.join(file).exists());
    let files: Vec<String> = std::iter::once("model.json".to_owned()).chain(variants).collect();
    signing::sign(&candidate, &files, key)
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
    let candidate = candidate(settings, &promotion.name)?;
    let main = read(&candidate, settings, &CodeLists::of(settings)?)?;
    for variant in variants().iter().filter(|variant| candidate.join(variant_file(variant)).exists()) {
        read_variant(&candidate, &main, variant, settings)?;
    }
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
    let artefact = unsealed(folder, "model.json", settings)?;
    let train_again = "train a model with this program and these settings, and promote it";
    if artefact.catalogue_hash != catalogue().hash() || artefact.model.columns() != columns_without(&artefact.without) {
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
    let (looks, asked) = (artefact.horizon_days().unwrap_or(0), settings.prediction.horizon_days);
    if i64::from(looks) != i64::from(asked) {
        let what = format!("the model looks {looks} days ahead, and the settings ask for {asked}");
        return Err(refused(what).hint(train_again));
    }
    Ok(artefact)
}

/// A variant, once it has proved whole and learnt together with its model.
fn read_variant(folder: &Path, main: &Artefact, variant: &Variant, settings: &Settings) -> Result<Artefact> {
    let path = folder.join(variant_file(variant));
    let artefact = unsealed(folder, &variant_file(variant), settings)?;
    let (without, name) = (without_both(&main.without, variant), name_of(&main.name, variant));
    let horizons = |artefact: &Artefact| (artefact.horizon_days(), artefact.model.horizons_days());
    let of_main = (&name, &main.outcome, horizons(main), &main.training, &main.catalogue_hash);
    let of_it = (&artefact.name, &artefact.outcome, horizons(&artefact), &artefact.training, &artefact.catalogue_hash);
    let is_whole = artefact.without == without && artefact.model.columns() == columns_without(&without);
    if of_it != of_main || artefact.code_list_hashes != main.code_list_hashes || !is_whole {
        return Err(Error::new(Kind::Model, "the variant was not learnt together with the model beside it")
            .file(path.display().to_string())
            .hint("train again, or restore the folder as it was promoted"));
    }
    Ok(artefact)
}

/// The artefact of a file in the folder of a model, whole, unaltered, and let out by somebody who may.
fn unsealed(folder: &Path, file: &str, settings: &Settings) -> Result<Artefact> {
    let path = folder.join(file);
    let refused = |what: String| Error::new(Kind::Model, what).file(path.display().to_string());
    let text = fs::read_to_string(&path).map_err(|error| refused(format!("cannot be read: {error}")))?;
    signing::check(settings, folder, file, &text)?;
    Artefact::from_json(&text)
        .map_err(|error| refused(error.to_string()).hint("train again, or restore the file as it was promoted"))
}

/// The names under which two sets of lists differ: another list, or one that only one of them has.
fn differing(one: &BTreeMap<String, String>, other: &BTreeMap<String, String>) -> Vec<String> {
    let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    names.into_iter().filter(|name| one.get(*name) != other.get(*name)).cloned().collect()
}
