//! Is this text a code of its kind? Cheap tests for whole columns, normalisers, and types for codes worth their own.

mod clinical;
mod organisation;
mod person;
mod snomed;

pub use clinical::{is_bnf, is_icd10, normalise_icd10, normalise_opcs4};
pub use organisation::{NO_PRACTICE, is_lsoa, is_practice, is_provider, is_site};
pub use person::{NhsNumber, is_person_id};
pub(crate) use snomed::has_verhoeff_check_digit;
pub use snomed::{SnomedCode, is_dmd, is_snomed_concept};
