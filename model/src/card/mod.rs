//! The model card: what a person must know before trusting the numbers, and then every number, drawn.
//!
//! One list of blocks, written in two ways: as Markdown, where curves are tables with bars of letters, and as a page of
//! HTML, where they are drawn. The page needs no other file and no script.

mod about;
mod block;
mod curves;
mod draw;
mod html;
mod labels;
mod markdown;
mod performance;
mod surfaces;

use self::block::Block;
use crate::artefact::Artefact;

/// The card of a model and of its variants, which do without some sources, in Markdown. The same artefacts give the same
/// text.
pub fn card_markdown(artefact: &Artefact, variants: &[Artefact]) -> String {
    markdown::written(&blocks(artefact, variants))
}

/// The same card as a page of HTML, with curves and surfaces drawn.
pub fn card_html(artefact: &Artefact, variants: &[Artefact]) -> String {
    html::written(&about::title(artefact), &blocks(artefact, variants))
}

/// What the card says, from what matters to everybody to what matters to whoever works out a score.
fn blocks(artefact: &Artefact, variants: &[Artefact]) -> Vec<Block> {
    let mut card = about::purpose(artefact);
    card.extend(about::training(artefact));
    card.extend(performance::told(artefact));
    card.extend(performance::horizons(artefact));
    card.extend(performance::variants(artefact, variants));
    card.extend(about::limits(artefact, !variants.is_empty()));
    card.extend(about::settings(artefact));
    card.extend(curves::told(artefact.lead(), &artefact.categories, "Curves"));
    card.extend(surfaces::told(artefact.lead(), &artefact.categories, "Pairs"));
    card.extend(curves::links(artefact));
    card
}
