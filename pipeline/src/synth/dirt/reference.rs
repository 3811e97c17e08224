//! Defects of reference tables.

use crate::synth::dirt::{draft::Value, kind::Kind};

/// A practice that has not agreed to share, which there is only where defects are planted.
pub(crate) const UNSHARED: &str = "F99000";

/// A trust of another area.
pub(super) const OUT_OF_AREA: &str = "RRV";

pub(super) const AREAS: &[Kind] = &[
    Kind::code("V23", "lsoa21", 500, str::to_lowercase),
    Kind::cell("RANGE", "imd_rank_2019", 500, |_, _| Some(Value::Whole(Some(32_845)))),
];
