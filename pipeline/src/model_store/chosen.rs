//! The model for what is there tonight: the one that knows every feed, or the variant that was trained without those that
//! are missing or may not be read.

use std::path::Path;

use earlycall_model::{Column, artefact::Artefact, boosted::BoostedModel, horizons::HorizonsModel};
use earlycall_schemas::variants::{Variant, variants};

use super::{columns, columns_without, current, read_variant, variant_file, without_both};
use crate::{
    codelists::CodeLists,
    error::{Error, Kind, Result},
    features::{Value, cells, columns::places_without, columns::scales},
    quality::finding::listed,
    settings::{LegalBases, Settings},
    supply::Supply,
};

/// A model in use.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// The model, with what must be known about it.
    pub artefact: Artefact,
    /// Which variant it is; none for the one that knows all feeds it could be trained with.
    pub variant: Option<&'static Variant>,
    /// What it does without though it is asked for, in words that follow "without".
    pub without: Option<String>,
    /// Per column of the features: whether the model reads it.
    reads: Vec<bool>,
}

impl Chosen {
    /// Chooses the model for the feeds that are there: of those that do without all that are missing, or optional without
    /// a legal basis, the one that does without least.
    ///
    /// # Errors
    /// * [`Kind::Model`] when there is no model, it is altered or made for something else, or none was trained without
    ///   these feeds.
    pub fn for_supply(settings: &Settings, lists: &CodeLists, supply: &Supply) -> Result<Chosen> {
        let (main, to_do_without) = (current(settings, lists)?, supply.to_do_without());
        if covers(&main.without, &to_do_without) {
            return Ok(Chosen::of(main, None, settings));
        }
        let folder = settings.model_folder().join("current");
        let is_there = |variant: &&Variant| folder.join(variant_file(variant)).exists();
        let without = |variant: &Variant| without_both(&main.without, variant);
        let fitting = variants().iter().filter(|variant| covers(&without(variant), &to_do_without));
        match fitting.filter(is_there).min_by_key(|variant| without(variant).len()) {
            Some(variant) => Ok(Chosen::of(read_variant(&folder, &main, variant, settings)?, Some(variant), settings)),
            None => Err(none_fits(&folder, &main.without, &to_do_without)),
        }
    }

    fn of(artefact: Artefact, variant: Option<&'static Variant>, settings: &Settings) -> Chosen {
        let without = without_in_words(variant, &artefact.without, &settings.feeds);
        let mut reads = vec![false; columns().len()];
        places_without(&artefact.without).into_iter().for_each(|place| reads[place] = true);
        debug_assert_eq!(artefact.model.columns(), columns_without(&artefact.without));
        Chosen { artefact, variant, without, reads }
    }

    /// The model itself.
    pub fn model(&self) -> &HorizonsModel {
        &self.artefact.model
    }

    /// The model of the leading horizon, by which people are ranked and of which reasons are told.
    pub fn lead(&self) -> &BoostedModel {
        self.artefact.lead()
    }

    /// The other horizons that it knows, ascending.
    pub fn further_days(&self) -> Vec<u32> {
        let mut days = self.model().horizons_days();
        days.remove(self.model().lead_at());
        days
    }

    /// The columns that it reads, in order.
    pub fn columns(&self) -> &[Column] {
        self.artefact.model.columns()
    }

    /// The numbers that it reads of one person's features: NaN for missing, infinity for never.
    pub fn numbers(&self, values: &[Value]) -> impl Iterator<Item = f64> {
        let read = cells(values).zip(scales()).zip(&self.reads).filter(|(_, is_read)| **is_read);
        read.map(|((cell, &scale), _)| cell.number(scale))
    }

    /// What every line of a night says whose model does without something that is asked for.
    pub fn badge(&self) -> Option<String> {
        self.without.as_ref().map(|words| format!("Scored without {words}"))
    }
}

/// What a model does without though a service asks for it, in words that follow "without"; none where that is nothing.
/// `without` is all that it does without: of optional tables those count that have a legal basis.
pub fn without_in_words(variant: Option<&Variant>, without: &[String], bases: &LegalBases) -> Option<String> {
    let declared = variant.and_then(|variant| variant.words.as_deref());
    let optional = bases.tables().filter(|table| without.contains(&table.name));
    let words: Vec<&str> = declared.into_iter().chain(optional.filter_map(|table| table.words.as_deref())).collect();
    (!words.is_empty()).then(|| listed(&words))
}

fn covers(without: &[String], missing: &[String]) -> bool {
    missing.iter().all(|table| without.contains(table))
}

/// What the model does without anyway is not what keeps the night from being scored.
fn none_fits(folder: &Path, without: &[String], to_do_without: &[String]) -> Error {
    let needed: Vec<&str> = to_do_without.iter().filter(|table| !without.contains(table)).map(String::as_str).collect();
    Error::new(Kind::Model, format!("no model was trained to do without {}", needed.join(" and ")))
        .file(folder.display().to_string())
        .rule("V33")
        .hint(
            "have what is missing sent, or name the legal basis of an optional table in [feeds]; or train and promote a \
             model, for `earlycall train` learns one for such nights; the last night's worklists stand",
        )
}
