//! `earlycall model fit`, `model predict` and `model show`: the model on any table.

mod card;
mod desk;
mod fit;
mod predict;
