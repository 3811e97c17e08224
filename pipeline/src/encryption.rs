//! Files that only whoever has a key can read, in the format of age (age-encryption.org/v1) with X25519 keys.
//!
//! Every encryption of the same bytes is another file, so nothing that is encrypted is promised to be the same again.

use std::{
    io::{self, Read, Write},
    iter,
};

use age::{
    Decryptor, Encryptor,
    secrecy::ExposeSecret,
    x25519::{Identity, Recipient},
};

/// A new key: the text of the file that holds it, and its recipient, for whom others encrypt.
pub fn new_key() -> (String, String) {
    let identity = Identity::generate();
    let recipient = identity.to_public().to_string();
    (format!("# recipient: {recipient}\n{}\n", identity.to_string().expose_secret()), recipient)
}

/// The key in the text of such a file; anything else is `None`.
///
/// # Example
/// ```
/// use earlycall::encryption::{new_key, parse_key};
/// let (file, _) = new_key();
/// assert!(parse_key(&file).is_some());
/// assert!(parse_key("AGE-SECRET-KEY-1").is_none());
/// ```
pub fn parse_key(file: &str) -> Option<Identity> {
    let mut lines = file.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let key = lines.next()?.parse().ok()?;
    lines.next().is_none().then_some(key)
}

/// A recipient, as `age-keygen` prints it; anything else is `None`.
///
/// # Example
/// ```
/// use earlycall::encryption::{new_key, parse_recipient};
/// let (file, recipient) = new_key();
/// assert!(parse_recipient(&recipient).is_some());
/// assert!(parse_recipient(&file).is_none()); // a secret key is no recipient
/// ```
pub fn parse_recipient(text: &str) -> Option<Recipient> {
    text.parse().ok()
}

/// The bytes, readable by whoever has the key of any of the recipients, of whom there is at least one.
pub fn encrypt(recipients: &[Recipient], bytes: &[u8]) -> Vec<u8> {
    let recipients = recipients.iter().map(|recipient| recipient as &dyn age::Recipient);
    let encryptor = Encryptor::with_recipients(recipients).expect("there is a recipient");
    let in_memory = "nothing fails that is written to memory";
    let mut out = Vec::new();
    let mut writer = encryptor.wrap_output(&mut out).expect(in_memory);
    writer.write_all(bytes).expect(in_memory);
    writer.finish().expect(in_memory);
    out
}

/// What was encrypted for a key, piece by piece: each is as it was written, and a file that was cut short or altered ends
/// in an error, so nothing counts before the end was read.
///
/// # Errors
/// It is not encrypted, or not for this key.
pub fn decrypt<'r>(key: &Identity, sealed: impl Read + 'r) -> io::Result<impl Read + 'r> {
    let decryptor = Decryptor::new(sealed).map_err(io::Error::other)?;
    decryptor.decrypt(iter::once(key as &dyn age::Identity)).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(key: &str, sealed: &[u8]) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        decrypt(&parse_key(key).unwrap(), sealed)?.read_to_end(&mut out)?;
        Ok(out)
    }

    #[test]
    fn each_recipient_reads_what_was_encrypted_and_nobody_else() {
        let [(one, first), (other, second), (stranger, _)] = [new_key(), new_key(), new_key()];
        let recipients = [first, second].map(|text| parse_recipient(&text).unwrap());
        let bytes: Vec<u8> = (0..200_000_u32).map(|n| (n % 251) as u8).collect();
        let sealed = encrypt(&recipients, &bytes);
        assert!(sealed.starts_with(b"age-encryption.org/v1\n"));
        assert!([one, other].iter().all(|key| read(key, &sealed).unwrap() == bytes));
        assert!(read(&stranger, &sealed).is_err());
    }

    #[test]
    fn what_was_cut_short_or_altered_is_an_error_and_never_less() {
        let (key, recipient) = new_key();
        let sealed = encrypt(&[parse_recipient(&recipient).unwrap()], &[7; 70_000]);
        for at in [0, 30, sealed.len() / 2, sealed.len() - 1] {
            assert!(read(&key, &sealed[..at]).is_err(), "cut at {at}");
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert!(read(&key, &altered).is_err(), "altered at {at}");
        }
    }
}
