//! The model for what is there tonight: the one that knows every feed, or the variant that was trained without those that
//! are missing.

use std::path::Path;

use earlycall_model::{Column, artefact::Artefact, boosted::BoostedModel, horizons::HorizonsModel};
use earlycall_schemas::variants::{Variant, variants};

use super::{columns, columns_without, current, read_variant, variant_file, without_both};
use crate::{
    codelists::CodeLists,
    error::{Error, Kind, Result},
    features::{Value, cells, columns::places_without, columns::scales},
    settings::Settings,
    supply::Supply,
};

/// A model in use.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// The model, with what must be known about it.
    pub artefact: Artefact,
    /// Which variant it is; none for the one that knows all feeds it could be trained with.
    pub variant: Option<&'static Variant>,
    /// Per column of the features: whether the model reads it.
    reads: Vec<bool>,
}

impl Chosen {
    /// Chooses the model for the feeds that are there: of those that do without all that are missing, the one that does
    /// without least.
    ///
    /// # Errors
    /// * [`Kind::Model`] when there is no model, it is altered or made for something else, or none was trained without
    ///   the feeds that are missing.
    pub fn for_supply(settings: &Settings, lists: &CodeLists, supply: &Supply) -> Result<Chosen> {
        let (main, missing) = (current(settings, lists)?, supply.missing());
        if covers(&main.without, &missing) {
            return Ok(Chosen::of(main, None));
        }
        let folder = settings.model_folder().join("current");
        let is_there = |variant: &&Variant| folder.join(variant_file(variant)).exists();
        let mut fitting = variants().iter().filter(|variant| covers(&without_both(&main.without, variant), &missing));
        match fitting.find(is_there) {
            Some(variant) => Ok(Chosen::of(read_variant(&folder, &main, variant, settings)?, Some(variant))),
            None => Err(none_fits(&folder, &missing)),
        }
    }

    fn of(artefact: Artefact, variant: Option<&'static Variant>) -> Chosen {
        let mut reads = vec![false; columns().len()];
        places_without(&artefact.without).into_iter().for_each(|place| reads[place] = true);
        debug_assert_eq!(artefact.model.columns(), columns_without(&artefact.without));
        Chosen { artefact, variant, reads }
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

    /// What every line of a night says that a variant has scored.
    pub fn badge(&self) -> Option<String> {
        self.variant.map(|variant| format!("Scored without {}", variant.words))
    }
}

fn covers(without: &[String], missing: &[String]) -> bool {
    missing.iter().all(|table| without.contains(table))
}

fn none_fits(folder: &Path, missing: &[String]) -> Error {
    Error::new(Kind::Model, format!("no model was trained to do without {}", missing.join(" and ")))
        .file(folder.display().to_string())
        .rule("V33")
        .hint(
            "have what is missing sent; or train and promote a model, for `earlycall train` learns one for such nights; \
             the last night's worklists stand",
        )
}
