//! What is dispensed: each medicine as three products, with the code of the formulary and an invented dm+d id.

use std::collections::BTreeMap;

use super::{concepts::with_check_digit, numbers::Parameters};

/// Ends of the formulary's codes: product, strength and form, and its equivalent.
const PRESENTATIONS: [&str; 3] = ["AAABAB", "AAACAC", "AAAEAE"];

/// Every product, by its number.
pub(crate) struct Products {
    /// Codes in the British National Formulary, all fifteen characters.
    pub bnf: Vec<String>,
    pub dmd: Vec<String>,
    /// The products of each medicine of the parameters.
    of_medicine: Vec<[u16; 3]>,
}

impl Products {
    /// The products, the same for every seed.
    pub fn new(numbers: &Parameters) -> Products {
        let mut products = Products { bnf: Vec::new(), dmd: Vec::new(), of_medicine: Vec::new() };
        let mut known: BTreeMap<String, u16> = BTreeMap::new();
        for medicine in &numbers.medicines {
            let number = |ending: &str| {
                let bnf = format!("{}{ending}", medicine.bnf9);
                *known.entry(bnf).or_insert_with_key(|bnf| {
                    products.bnf.push(bnf.clone());
                    products.dmd.push(with_check_digit(&format!("{}100000110", 30_000 + 37 * products.dmd.len())));
                    products.bnf.len() as u16 - 1
                })
            };
            products.of_medicine.push(PRESENTATIONS.map(number));
        }
        products
    }

    /// The number of a product of a medicine.
    pub fn of(&self, medicine: usize, presentation: usize) -> u16 {
        self.of_medicine[medicine][presentation]
    }
}

#[cfg(test)]
mod tests {
    use earlycall_schemas::codes::{is_bnf, is_dmd};

    use super::*;
    use crate::synth::parameters::parameters;

    #[test]
    fn every_product_has_codes_of_the_right_form() {
        let products = Products::new(parameters());
        assert!(products.bnf.len() > 150);
        assert!(products.bnf.iter().all(|code| is_bnf(code)));
        assert!(products.dmd.iter().all(|code| is_dmd(code)));
    }
}
