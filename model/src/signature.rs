//! Signatures: that a model is the one that somebody with the key has let out. Ed25519, as RFC 8032 has it.
//!
//! What is signed is the text of a model byte by byte, its checksum included, and nothing else; so any program that knows
//! Ed25519 can make and check a signature. The checksum tells that a text was altered by mistake, the signature by whom it
//! was let out. Keys and signatures are bytes: whoever calls keeps them, and says when one has had its time.

use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

use crate::error::{Error, Result};

/// A key that signs. It is never printed.
pub struct SigningKey(Ed25519KeyPair);

impl SigningKey {
    /// The key of 32 bytes that were drawn by lot and that nobody else knows.
    pub fn from_seed(seed: &[u8; 32]) -> SigningKey {
        SigningKey(Ed25519KeyPair::from_seed_unchecked(seed).expect("32 bytes are a seed"))
    }

    /// The key that checks what this one signs; no secret.
    pub fn public_key(&self) -> [u8; 32] {
        self.0.public_key().as_ref().try_into().expect("a public key has 32 bytes")
    }

    /// The signature of a text. The same key and text give the same signature.
    pub fn sign(&self, text: &str) -> [u8; 64] {
        self.0.sign(text.as_bytes()).as_ref().try_into().expect("a signature has 64 bytes")
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey")
    }
}

/// Makes sure that a text was signed with the key that belongs to a public one, and is unaltered since.
///
/// # Errors
/// [`Error::NotSigned`] when it wasn't, or when key or signature are no key and no signature.
///
/// # Example
/// ```
/// use earlycall_model::signature::{SigningKey, verify};
/// let key = SigningKey::from_seed(&[7; 32]);
/// let signature = key.sign("a model");
/// assert!(verify(&key.public_key(), "a model", &signature).is_ok());
/// assert!(verify(&key.public_key(), "another model", &signature).is_err());
/// ```
pub fn verify(public_key: &[u8], text: &str, signature: &[u8]) -> Result<()> {
    UnparsedPublicKey::new(&ED25519, public_key).verify(text.as_bytes(), signature).map_err(|_| Error::NotSigned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes<const N: usize>(hex: &str) -> [u8; N] {
        assert_eq!(hex.len(), 2 * N);
        std::array::from_fn(|place| u8::from_str_radix(&hex[2 * place..2 * place + 2], 16).unwrap())
    }

    #[test]
    fn signatures_are_those_of_the_standard() {
        // RFC 8032, section 7.1, tests 1 and 2: a seed, its public key, a text and its signature.
        for (seed, public_key, text, signature) in [
            (
                "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
                "",
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
            ),
            (
                "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
                "\u{72}",
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
            ),
        ] {
            let key = SigningKey::from_seed(&bytes(seed));
            assert_eq!((key.public_key(), key.sign(text)), (bytes(public_key), bytes(signature)));
            assert!(verify(&key.public_key(), text, &key.sign(text)).is_ok());
        }
    }

    #[test]
    fn another_text_another_key_and_no_signature_are_refused() {
        let (key, other) = (SigningKey::from_seed(&[1; 32]), SigningKey::from_seed(&[2; 32]));
        let signature = key.sign("base -2.1");
        let refused = |key: &[u8], text, signature: &[u8]| verify(key, text, signature).unwrap_err().to_string();
        let expected = "the model is not signed with the key that was expected";
        assert_eq!(refused(&key.public_key(), "base -2.2", &signature), expected);
        assert_eq!(refused(&other.public_key(), "base -2.1", &signature), expected);
        assert_eq!(refused(&key.public_key(), "base -2.1", &signature[..63]), expected);
        assert_eq!(refused(&key.public_key(), "base -2.1", &[]), expected);
        assert_eq!(refused(&[], "base -2.1", &signature), expected);
    }

    #[test]
    fn a_key_is_never_printed() {
        assert_eq!(format!("{:?}", SigningKey::from_seed(&[9; 32])), "SigningKey");
    }
}
