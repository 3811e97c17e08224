//! The one keyed hash that orders ties, makes references and draws lots: HMAC-SHA256.

use ring::hmac::{HMAC_SHA256, Key, sign};

/// HMAC-SHA256 under one key of any length, for one message after another.
pub(crate) struct Keyed(Key);

impl Keyed {
    /// Takes the key in.
    pub fn new(key: &[u8]) -> Keyed {
        Keyed(Key::new(HMAC_SHA256, key))
    }

    /// HMAC-SHA256 of a message.
    pub fn hash(&self, message: &[u8]) -> [u8; 32] {
        sign(&self.0, message).as_ref().try_into().expect("SHA-256 has 32 bytes")
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
