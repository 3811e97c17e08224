//! The one keyed hash that orders ties and makes references: HMAC-SHA256.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// HMAC-SHA256 under one key of any length, for one message after another.
pub(super) struct Keyed(Hmac<Sha256>);

impl Keyed {
    /// Takes the key in.
    pub fn new(key: &[u8]) -> Keyed {
        Keyed(Hmac::new_from_slice(key).expect("HMAC takes a key of any length"))
    }

    /// HMAC-SHA256 of a message.
    pub fn hash(&self, message: &[u8]) -> [u8; 32] {
        let mut mac = self.0.clone();
        mac.update(message);
        mac.finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_test_case_2_of_rfc_4231() {
        let mac = Keyed::new(b"Jefe").hash(b"what do ya want for nothing?");
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(data_encoding::HEXLOWER.encode(&mac), expected);
    }
}
